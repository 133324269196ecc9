"""Fits and trainings log by themselves while `autolog` is on, and leave nothing behind."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import DBSCAN, KMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from tests.integrations.conftest import Digits, Only, media_of

import runfolio
from runfolio.errors import MissingDependency, RunfolioWarning, UsageError
from runfolio.format.series import read_series


def forest(**more: Any) -> RandomForestClassifier:
    return RandomForestClassifier(10, random_state=0, **more)


def fit_dummies(many: int) -> None:
    for _ in range(many):
        DummyClassifier().fit([[0], [1]], [0, 1])


def fits_of(record: Any) -> int:
    return record.metrics["fit/seconds"].n if "fit/seconds" in record.metrics else 0


# What is recorded ----------------------------------------------------------------------------


def test_a_fit_is_in_the_open_run(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    runfolio.autolog("sklearn")
    with runfolio.init(config={"max_depth": "mine"}):
        model = forest(max_depth=3).fit(x, y)
    record = only()
    assert record.metrics["train/accuracy"].last == model.score(x, y)
    assert record.metrics["train/accuracy"].goal == "maximize"
    assert fits_of(record) == 1
    assert record.config["model_class"] == "RandomForestClassifier"
    assert (record.config["n_estimators"], record.config["max_depth"]) == (10, "mine")
    assert (record.config["n_samples"], record.config["n_features"]) == x.shape
    assert record.config_source["n_estimators"] == "sklearn"


def test_what_has_no_accuracy_is_told_by_what_it_has(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    runfolio.autolog("sklearn")
    with runfolio.init():
        line = LinearRegression().fit(x, y)
        means = KMeans(3, n_init=1, random_state=0).fit(x)
        DBSCAN().fit_predict(x)
    record = only()
    assert record.metrics["train/r2"].last == pytest.approx(line.score(x, y))
    assert record.metrics["train/score"].last == pytest.approx(means.score(x))
    assert (fits_of(record), record.metrics["train/score"].n) == (3, 1)


def test_of_many_rows_some_are_scored_the_same_each_time(only: Only) -> None:
    numbers = np.random.default_rng(0)
    x, y = numbers.normal(size=(5000, 2)), numbers.integers(0, 2, 5000)
    runfolio.autolog("sklearn")
    with runfolio.init() as run:
        for _ in range(2):
            LogisticRegression().fit(x, y)
    first, second = read_series(run.path)["train/accuracy"].value
    assert first == second
    assert (first * 2000) % 1 == pytest.approx(0, abs=1e-6)


def test_what_is_drawn_after_a_fit_is_what_would_be_without(only: Only) -> None:
    drawn = []
    for on in (True, False):
        with runfolio.autolog("sklearn", on=on), runfolio.init(mode=None if on else "disabled"):
            np.random.seed(0)  # noqa: NPY002
            DummyClassifier(strategy="uniform").fit([[0], [1]] * 9, [0, 1] * 9)
            drawn.append(np.random.rand())  # noqa: NPY002
    assert drawn[0] == drawn[1]
    assert "train/accuracy" in only().metrics


def test_searches_that_are_experimental_are_fits_too(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    runfolio.autolog("sklearn")
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV

    with runfolio.init():
        HalvingGridSearchCV(forest(), {"max_depth": [1, 2]}, cv=2, random_state=0).fit(x, y)
    assert only().config["model_class"] == "HalvingGridSearchCV"
    assert fits_of(only()) == 1


def test_the_settings_of_a_second_fit_stand_below_its_number(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    runfolio.autolog("sklearn")
    with runfolio.init():
        forest(max_depth=2).fit(x, y)
        DummyClassifier(strategy="uniform").fit(x, y)
    config = only().config
    assert (config["model_class"], config["max_depth"]) == ("RandomForestClassifier", 2)
    assert config["fit2"]["model_class"] == "DummyClassifier"
    assert config["fit2"]["strategy"] == "uniform"


def test_of_very_many_fits_the_figures_are_kept_and_the_rest_is_told(only: Only) -> None:
    runfolio.autolog("sklearn")
    with runfolio.init(), pytest.warns(RunfolioWarning, match="first 20 fits") as told:
        fit_dummies(23)
    record = only()
    assert len(told) == 1
    assert (fits_of(record), "fit20" in record.config, "fit21" in record.config) == (
        23,
        True,
        False,
    )


def test_steps_that_cannot_predict_are_no_fits_of_their_own(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    runfolio.autolog("sklearn")
    with runfolio.init():
        StandardScaler().fit(x)
        StandardScaler().fit_transform(x)
        SelectFromModel(forest()).fit(x, y)
    assert only().metrics == {}
    assert only().config == {}


# One record for what is one call -------------------------------------------------------------


def test_a_pipeline_is_one_fit(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    runfolio.autolog("sklearn")
    with runfolio.init():
        make_pipeline(StandardScaler(), forest()).fit(x, y)
        make_pipeline(StandardScaler(), KMeans(3, n_init=1)).fit_predict(x)
    config = only().config
    assert fits_of(only()) == 2
    assert (config["model_class"], config["randomforestclassifier"]) == (
        "Pipeline", "RandomForestClassifier",
    )  # fmt: skip
    assert config["randomforestclassifier__n_estimators"] == 10
    assert "steps" not in config


@pytest.mark.parametrize("backend", ["loky", "threading", "sequential"])
def test_a_search_is_one_fit_whoever_carries_it_out(
    backend: str, digits: Digits, only: Only
) -> None:
    x, _, y, _ = digits
    runfolio.autolog()
    search = GridSearchCV(forest(), {"max_depth": [1, None]}, n_jobs=2, cv=3)
    with runfolio.init(), joblib.parallel_config(backend):
        search.fit(x[:200], y[:200])
    record = only()
    assert fits_of(record) == 1
    assert record.config["model_class"] == "GridSearchCV"
    assert record.config["param_grid"] == {"max_depth": [1, None]}
    assert record.summary["best/max_depth"] is None
    assert record.metrics["cv/best_score"].last == pytest.approx(search.best_score_)
    (table,) = [item for item in media_of(record) if item.key == "cv/results"]
    assert table.extra["rows"] == 2


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_a_cross_validation_is_one_record(backend: str, digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    runfolio.autolog("sklearn")
    with runfolio.init(), joblib.parallel_config(backend):
        scores = cross_val_score(forest(), x[:200], y[:200], cv=3, n_jobs=2)
    record = only()
    assert set(record.metrics) == {"cv/score", "cv/score_std"}
    assert record.metrics["cv/score"].last == pytest.approx(scores.mean())
    assert record.config["model_class"] == "RandomForestClassifier"
    assert record.config["n_samples"] == 200


def test_a_cross_validation_of_several_metrics_tells_each(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    runfolio.autolog("sklearn")
    with runfolio.init():
        found = cross_validate(
            forest(),
            x[:200],
            y[:200],
            cv=3,
            scoring=["accuracy", "f1_macro"],
            return_train_score=True,
        )
    metrics = only().metrics
    assert metrics["cv/f1_macro"].last == pytest.approx(found["test_f1_macro"].mean())
    assert metrics["cv/train_accuracy"].last == pytest.approx(found["train_accuracy"].mean())
    assert metrics["cv/fit_seconds"].last == pytest.approx(found["fit_time"].sum())


def test_fits_in_threads_are_all_there(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    runfolio.autolog("sklearn")
    with runfolio.init():
        threads = [threading.Thread(target=lambda: forest().fit(x, y)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert fits_of(only()) == 6
    assert {f"fit{n}" for n in range(2, 7)} < set(only().config)


def _fit_in_a_process(x: Any, y: Any) -> float:
    return float(forest().fit(x, y).score(x, y))


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_fits_in_other_processes_go_on_and_are_not_logged(
    how: str, digits: Digits, only: Only
) -> None:
    x, _, y, _ = digits
    runfolio.autolog("sklearn")
    with runfolio.init(), get_context(how).Pool(1) as pool:
        assert pool.apply(_fit_in_a_process, (x, y)) > 0.9
    assert only().metrics == {}


def test_an_estimator_of_ones_own_is_told_by_what_it_is_made_of(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits

    class Mine(BaseEstimator):
        def fit(self, x: Any, y: Any) -> Any:
            self.inner_ = DummyClassifier().fit(x, y)
            return self

    runfolio.autolog("sklearn")
    with runfolio.init():
        Mine().fit(x, y)
    assert (fits_of(only()), only().config["model_class"]) == (1, "DummyClassifier")


# No run, and mistakes ------------------------------------------------------------------------


def test_without_a_run_nothing_happens_and_it_is_told_once(
    digits: Digits, store_path: Path
) -> None:
    x, _, y, _ = digits
    runfolio.autolog()
    with pytest.warns(RunfolioWarning, match="no run is open") as told:
        forest().fit(x, y)
    assert len(told) == 1
    assert told[0].filename == __file__
    forest().fit(x, y)
    with runfolio.init(mode="disabled"):
        forest().fit(x, y)
    forest().fit(x, y)
    assert not store_path.exists() or not any(store_path.glob("*/run.json"))


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt()])
def test_what_ends_a_fit_passes_through_and_the_next_is_logged(
    error: BaseException, digits: Digits, only: Only
) -> None:
    x, _, y, _ = digits

    def fail(_: Any) -> Any:
        raise error

    runfolio.autolog("sklearn")
    with runfolio.init():
        with pytest.raises(type(error)) as raised:
            make_pipeline(FunctionTransformer(fail), forest()).fit(x, y)
        assert raised.value is error
        forest().fit(x, y)
    record = only()
    assert fits_of(record) == 1
    assert (record.config["model_class"], record.config["fit2"]["n_estimators"]) == ("Pipeline", 10)


def test_a_wrong_call_is_told_by_the_library_itself(digits: Digits) -> None:
    import xgboost

    runfolio.autolog()
    with runfolio.init():
        with pytest.raises(TypeError, match="dtrain"):
            xgboost.train({})
        with pytest.raises(TypeError):
            forest().fit()
        with pytest.raises(NotFittedError):
            forest().predict(digits[0])


class Scored(DummyClassifier):
    """Counts how often it is scored."""

    scored = 0

    def score(self, *given: Any, **more: Any) -> float:
        Scored.scored += 1
        return float(super().score(*given, **more))


def test_a_run_that_records_nothing_costs_no_score(store_path: Path) -> None:
    runfolio.autolog("sklearn")
    for mode, expected in (("disabled", 0), ("on", 1)):
        with runfolio.init(mode=mode):
            Scored().fit([[0], [1]], [0, 1])
        assert Scored.scored == expected


class Broken(DummyClassifier):
    """Does not say what it was made with."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        if deep:
            raise RuntimeError("no parameters")
        return super().get_params(deep=False)


def test_an_error_of_ours_warns_once_and_the_fit_goes_on(
    monkeypatch: pytest.MonkeyPatch, only: Only
) -> None:
    monkeypatch.delenv("RUNFOLIO_STRICT", raising=False)
    runfolio.autolog("sklearn")
    with runfolio.init():
        with pytest.warns(RunfolioWarning, match="no parameters"):
            Broken().fit([[0], [1]], [1, 1])
        assert Broken().fit([[0], [1]], [1, 1]).predict([[3]]) == [1]
    assert only().metrics == {}


def test_mistakes_say_what_was_expected() -> None:
    with pytest.raises(UsageError, match=r"no library 'sklaern'\. Did you mean \"sklearn\"\?"):
        runfolio.autolog("sklaern")
    with pytest.raises(MissingDependency, match=r"pip install 'runfolio\[keras\]'"):
        _without(["keras"], lambda: runfolio.autolog("keras"))
    assert runfolio.autolog(on=False).on == ()


def _without(names: list[str], then: Callable[[], Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        find = __import__("importlib.util").util.find_spec
        patch.setattr(
            "importlib.util.find_spec", lambda name: None if name in names else find(name)
        )
        for name in names:
            patch.delitem(sys.modules, name, raising=False)
        then()
