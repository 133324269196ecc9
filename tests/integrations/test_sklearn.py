"""``log_evaluation`` tells of a fitted model what scikit-learn itself finds, in figures and charts."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    log_loss,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from tests.integrations.conftest import Digits, Only, charts_of, media_of

import runfolio
from runfolio.charts.evaluation import evaluation_charts
from runfolio.errors import MissingDependency, NoActiveRun, RunfolioWarning, UsageError
from runfolio.format.manifest import read_record
from runfolio.integrations.sklearn import log_evaluation
from runfolio.model.run import RunRecord
from runfolio.query.evaluation import evaluate_classes, evaluate_values

ALL = {"confusion", "roc", "precision_recall", "calibration", "importances"}


def cancer() -> list[pd.DataFrame]:
    data = load_breast_cancer(as_frame=True)
    return train_test_split(data.data, data.target, random_state=0)


def test_figures_and_charts_of_a_classifier_are_in_the_run(digits: Digits, only: Only) -> None:
    x, x_test, y, y_test = digits
    forest = RandomForestClassifier(30, random_state=0).fit(x, y)
    with runfolio.init():
        found = runfolio.sklearn.log_evaluation(forest, x_test, y_test)
    record = only()
    assert charts_of(record) == {f"test/{name}" for name in ALL}
    assert record.metrics["test/accuracy"].last == accuracy_score(y_test, forest.predict(x_test))
    assert record.metrics["test/roc_auc"].last == pytest.approx(
        roc_auc_score(y_test, forest.predict_proba(x_test), multi_class="ovr")
    )
    assert record.metrics["test/log_loss"].goal == "minimize"
    assert found.confusion.counts == tuple(
        map(tuple, confusion_matrix(y_test, forest.predict(x_test)).tolist())
    )


def test_of_two_classes_the_curves_are_those_of_the_second(only: Only) -> None:
    x, x_test, y, y_test = cancer()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y)
    scores = model.predict_proba(x_test)
    with runfolio.init():
        found = log_evaluation(model, x_test, y_test, labels=["malignant", "benign"], prefix="")
    assert [curve.label for curve in found.roc] == ["benign"]
    assert found.metrics["roc_auc"] == pytest.approx(roc_auc_score(y_test, scores[:, 1]))
    assert found.metrics["average_precision"] == pytest.approx(
        average_precision_score(y_test, scores[:, 1])
    )
    assert found.metrics["log_loss"] == pytest.approx(log_loss(y_test, scores))
    assert (found.measure, found.shares[0].name in x.columns) == ("coefficient", True)
    assert only().metrics["accuracy"].n == 1


def test_calibration_is_how_often_what_was_foretold_came_true() -> None:
    rng = np.random.default_rng(0)
    foretold = rng.uniform(size=20_000)
    true = (rng.uniform(size=20_000) < foretold).astype(int)
    (good,) = evaluate_classes(
        true, foretold > 0.5, foretold, classes=[0, 1], labels=None
    ).calibration
    (bad,) = evaluate_classes(
        true, foretold > 0.5, foretold**3, classes=[0, 1], labels=None
    ).calibration
    assert good.error < 0.02
    assert bad.error > 0.1
    assert sum(good.counts) == 20_000
    assert np.allclose(good.predicted, good.observed, atol=0.05)
    assert brier_score_loss(true, foretold) < brier_score_loss(true, foretold**3)


def test_figures_and_charts_of_a_regression_are_in_the_run(only: Only) -> None:
    data = load_diabetes(as_frame=True)
    x, x_test, y, y_test = train_test_split(data.data, data.target, random_state=0)
    model = RandomForestRegressor(20, random_state=0).fit(x, y)
    with runfolio.init():
        found = log_evaluation(model, x_test, y_test.to_frame())
    record = only()
    assert charts_of(record) == {"test/residuals", "test/importances"}
    predicted = model.predict(x_test)
    assert record.metrics["test/rmse"].last == pytest.approx(
        root_mean_squared_error(y_test, predicted)
    )
    assert record.metrics["test/r2"].last == pytest.approx(r2_score(y_test, predicted))
    assert found.shares[0].name in {"bmi", "s5"}


@pytest.mark.parametrize(
    ("model", "charts"),
    [
        (LinearSVC(), {"confusion", "roc", "precision_recall", "importances"}),
        (SVC(decision_function_shape="ovo"), {"confusion"}),
        (GridSearchCV(LogisticRegression(max_iter=50), {"C": [0.1, 1]}, cv=2), ALL),
    ],
)
def test_what_a_model_does_not_tell_is_left_out(model, charts, digits: Digits, only: Only) -> None:
    x, x_test, y, y_test = digits
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are not given the time to converge
        model.fit(x[:400], y[:400])
    with runfolio.init():
        log_evaluation(model, x_test, y_test)
    assert charts_of(only()) == {f"test/{name}" for name in charts}


def test_a_class_the_data_lack_has_no_curve_and_one_the_model_lacks_is_counted(
    digits: Digits,
) -> None:
    x, x_test, y, y_test = digits
    model = RandomForestClassifier(10, random_state=0).fit(x[y != 9], y[y != 9])
    with runfolio.init():
        found = log_evaluation(model, x_test[y_test != 3], y_test[y_test != 3])
    assert found.confusion.labels == tuple("0123456789")
    assert "3" not in {curve.label for curve in found.roc}
    assert any(remark.startswith("3:") for remark in found.remarks)


def test_classes_may_be_words_and_hostile_ones_stay_words(only: Only) -> None:
    names = np.array(["<script>alert(1)</script>", "\x1b[31mred\n", "datum['x']"])
    x, y = np.eye(3).repeat(20, 0), names.repeat(20)
    with runfolio.init():
        found = log_evaluation(LogisticRegression().fit(x, y), x, y)
    assert found.metrics["accuracy"] == 1.0
    assert charts_of(only()) == {f"test/{name}" for name in ALL}
    document = evaluation_charts(found)["confusion"].to_dict()
    assert "\x1b" not in str(document)
    assert "\n" not in str(document)


def test_large_data_are_drawn_in_part_and_the_chart_says_so() -> None:
    rng = np.random.default_rng(1)
    true = rng.normal(size=50_000)
    found = evaluate_values(true, true + rng.normal(size=50_000))
    assert found.metrics["rmse"] == pytest.approx(1, abs=0.02)
    document = evaluation_charts(found)["residuals"].to_dict()
    assert "2,000 of 50,000 points" in document["title"]["subtitle"]
    scores = rng.uniform(size=50_000)
    (roc,) = evaluate_classes(
        scores > rng.uniform(size=50_000), scores > 0.5, scores, classes=[False, True], labels=None
    ).roc
    assert len(roc.x) <= 301
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0, 0, 1, 1)


def test_predictions_that_are_not_finite_are_left_out_and_told() -> None:
    found = evaluate_values([1.0, 2.0, 3.0], [1.0, np.nan, np.inf])
    assert found.remarks == ("2 values that are not finite left out",)
    assert found.metrics["rmse"] == 0
    with pytest.raises(UsageError, match="none of the predictions is finite"):
        evaluate_values([1.0], [np.nan])


@pytest.mark.parametrize(
    ("model", "y", "told"),
    [
        (KMeans(2, n_init=1), [0, 1], "classifier or regressor, not KMeans"),
        (Ridge(), [], "no rows"),
        (Ridge(), [1.0, np.nan], "1 missing values"),
        (Ridge(), [[1, 2], [3, 4]], r"shape \(2, 2\)"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_at_the_call(model, y, told: str) -> None:
    x = np.arange(4.0).reshape(2, 2)
    with runfolio.init() as run:
        with pytest.raises(UsageError, match=told):
            log_evaluation(model.fit(x, [0, 1]), x[: len(y)], y)
        run.log({"loss": 1})


def test_a_model_that_is_not_fitted_says_so_in_scikit_learns_words() -> None:
    with runfolio.init(), pytest.raises(NotFittedError):
        log_evaluation(Ridge(), [[1.0]], [1.0])


def test_labels_for_too_few_classes_are_refused(digits: Digits) -> None:
    x, x_test, y, y_test = digits
    with runfolio.init(), pytest.raises(UsageError, match="2 names for 10 classes"):
        log_evaluation(RandomForestClassifier(2).fit(x, y), x_test, y_test, labels=["a", "b"])


def test_without_a_run_it_says_how_to_open_one() -> None:
    with pytest.raises(NoActiveRun, match=r"runfolio\.init"):
        log_evaluation(Ridge(), [[1.0]], [1.0])


def test_an_older_version_is_named_with_the_lowest_that_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sklearn.__version__", "1.3.2")
    told = r"1\.4 or newer, and 1\.3\.2 is installed.*--upgrade 'runfolio\[sklearn\]'"
    with runfolio.init(), pytest.raises(MissingDependency, match=told):
        log_evaluation(Ridge(), [[1.0]], [1.0])


def test_what_wandb_draws_singly_is_drawn_as_our_chart(digits: Digits, only: Only) -> None:
    import runfolio as wandb

    x, x_test, y, y_test = digits
    forest = RandomForestClassifier(5, random_state=0).fit(x, y)
    ridge = Ridge().fit(x, y)
    names = [f"digit {number}" for number in range(10)]
    with wandb.init():
        probabilities = forest.predict_proba(x_test)
        wandb.sklearn.plot_confusion_matrix(y_test, forest.predict(x_test), names)
        wandb.sklearn.plot_roc(y_test, probabilities, names)
        wandb.sklearn.plot_precision_recall(y_test, probabilities, labels=names, plot_micro=False)
        wandb.sklearn.plot_feature_importances(forest)
        wandb.sklearn.plot_calibration_curve(forest, x_test, y_test, "Forest")
        wandb.sklearn.plot_residuals(ridge, x_test, y_test)
        wandb.sklearn.plot_summary_metrics(forest, x, y, x_test, y_test)
    record = only()
    assert charts_of(record) == {
        "confusion_matrix", "roc", "precision_recall", "feature_importances", "calibration_curve",
        "residuals",
    }  # fmt: skip
    assert record.metrics["summary_metrics/accuracy"].last == forest.score(x_test, y_test)
    assert "digit 7" in text_of_chart(record, "roc")


def text_of_chart(record: RunRecord, key: str) -> str:
    (item,) = [item for item in media_of(record) if item.key == key]
    return (record.path / item.path).read_text("utf-8")


def test_what_wandb_draws_of_a_whole_model_is_all_of_it(digits: Digits, store_path: Path) -> None:
    import runfolio as wandb

    x, x_test, y, y_test = digits
    drawn = []
    for model, plot in (
        (RandomForestClassifier(5, random_state=0), wandb.sklearn.plot_classifier),
        (Ridge(), wandb.sklearn.plot_regressor),
    ):
        model.fit(x, y)
        with wandb.init() as run:
            plot(model, x, x_test, y, y_test)
        drawn.append(charts_of(read_record(run.path)))
    assert drawn[0] >= {"confusion_matrix", "roc", "calibration_curve", "feature_importances"}
    assert drawn[1] == {"residuals", "feature_importances"}


def test_classes_that_are_not_among_the_true_ones_are_no_fault(only: Only) -> None:
    import runfolio as wandb

    with wandb.init():
        wandb.sklearn.plot_roc(
            [0, 2, 0, 2], [[0.9, 0, 0.1], [0, 0.1, 0.9], [0.2, 0, 0.8], [0, 0, 1]]
        )
        wandb.sklearn.plot_precision_recall([0, 1, 1], [0.2, 0.8, 0.4])
    assert charts_of(only()) == {"roc", "precision_recall"}


def test_what_cannot_be_drawn_ends_no_program(monkeypatch: pytest.MonkeyPatch, only: Only) -> None:
    import runfolio as wandb

    monkeypatch.setenv("RUNFOLIO_STRICT", "0")
    with wandb.init(), pytest.warns(RunfolioWarning, match=r"sklearn\.plot_roc\(\) failed"):
        wandb.sklearn.plot_roc([[0, 1]], None)
    with pytest.raises(NoActiveRun, match="plot_residuals: no run is open"):
        wandb.sklearn.plot_residuals(1, 2, 3)
    assert charts_of(only()) == set()


def test_what_wandb_has_beside_it_says_once_that_it_draws_nothing() -> None:
    runfolio.init()
    with pytest.warns(RunfolioWarning, match=r"sklearn\.plot_elbow_curve\(\): .*log_evaluation"):
        assert runfolio.sklearn.plot_elbow_curve([0], [1]) is None
    assert runfolio.sklearn.plot_elbow_curve(1, 2, 3) is None
