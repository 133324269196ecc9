"""XGBoost and LightGBM log each iteration, their parameters, and what the trees are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm
import pytest
import xgboost
from tests.integrations.conftest import Digits, Only, charts_of

import runfolio
from runfolio.errors import MissingDependency, NoActiveRun, UsageError
from runfolio.format.manifest import read_record
from runfolio.integrations.lightgbm import RunfolioCallback as OfLightGBM
from runfolio.integrations.xgboost import RunfolioCallback as OfXGBoost
from runfolio.store.store import Store

X_PARAMETERS = {"objective": "multi:softprob", "num_class": 10, "max_depth": 3, "eta": 0.3}
L_PARAMETERS = {
    "objective": "multiclass", "num_class": 10, "verbose": -1, "num_leaves": 7, "num_threads": 2,
}  # fmt: skip


def train_xgboost(digits: Digits, callback: Any, rounds: int = 4, **more: Any) -> Any:
    x, x_test, y, y_test = digits
    seen, unseen = xgboost.DMatrix(x, y), xgboost.DMatrix(x_test, y_test)
    return xgboost.train(
        X_PARAMETERS, seen, rounds, evals=[(seen, "train"), (unseen, "val")], verbose_eval=False,
        callbacks=[callback], **more,
    )  # fmt: skip


def train_lightgbm(digits: Digits, *callbacks: Any, rounds: int = 4, **more: Any) -> Any:
    x, x_test, y, y_test = digits
    seen = lightgbm.Dataset(x, y)
    unseen = seen.create_valid(x_test, y_test)
    return lightgbm.train(
        L_PARAMETERS | more, seen, rounds, valid_sets=[unseen], valid_names=["val"],
        callbacks=list(callbacks),
    )  # fmt: skip


def is_kept(store: Path, content: bytes) -> bool:
    files = [path for path in store.rglob("*") if path.is_file()]
    return any(path.read_bytes().strip() == content.strip() for path in files)


def test_xgboost_logs_its_iterations_into_the_open_run(
    digits: Digits, only: Only, store_path: Path
) -> None:
    with runfolio.init(config={"max_depth": "mine"}) as run:
        booster = train_xgboost(digits, OfXGBoost(log_model=True))
        run.log({"after": 1})
    record = only()
    assert record.metrics["val/mlogloss"].n == 4
    assert record.metrics["val/mlogloss"].goal == "minimize"
    assert record.metrics["val/mlogloss"].last == pytest.approx(
        float(booster.eval(xgboost.DMatrix(digits[1], digits[3]), "x").rpartition(":")[2]), abs=1e-5
    )
    assert (record.config["learning_rate"], record.config["max_depth"]) == (0.3, "mine")
    assert record.config_source["learning_rate"] == "xgboost"
    assert charts_of(record) == {"importances"}
    assert record.metrics["after"].last_step == 4
    assert is_kept(store_path, bytes(booster.save_raw("ubj")))


def test_xgboost_opens_a_run_where_there_is_none_and_ends_it(digits: Digits, only: Only) -> None:
    train_xgboost(digits, OfXGBoost())
    assert runfolio.run is None
    assert only().status == "finished"


def test_xgboost_tells_where_it_stopped_early(digits: Digits, only: Only) -> None:
    booster = train_xgboost(digits, OfXGBoost(), rounds=200, early_stopping_rounds=2)
    record = only()
    assert record.summary["best_iteration"] == booster.best_iteration
    assert record.summary["best_score"] == pytest.approx(booster.best_score)
    assert record.metrics["val/mlogloss"].n == booster.num_boosted_rounds()


def test_a_callback_used_twice_logs_both_trainings(digits: Digits, store_path: Path) -> None:
    callback, other = OfXGBoost(), OfLightGBM()
    for _ in range(2):
        train_xgboost(digits, callback, rounds=2)
        train_lightgbm(digits, other, rounds=2)
    assert len(Store(store_path).records()) == 4
    with runfolio.init() as run:
        for _ in range(2):
            train_xgboost(digits, callback, rounds=2)
            train_lightgbm(digits, other, rounds=3)
    metrics = read_record(run.path).metrics
    assert (metrics["train/mlogloss"].n, metrics["val/multi_logloss"].n) == (4, 6)


def test_cross_validation_logs_mean_and_spread(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    with runfolio.init():
        xgboost.cv(X_PARAMETERS, xgboost.DMatrix(x, y), 3, nfold=3, callbacks=[OfXGBoost()])
        data = lightgbm.Dataset(x, y)
        lightgbm.cv(L_PARAMETERS, data, 3, nfold=3, callbacks=[OfLightGBM()])
    metrics = only().metrics
    names = {"test/mlogloss", "test/mlogloss_std", "valid/multi_logloss", "valid/multi_logloss_std"}
    assert {name: metrics[name].n for name in names} == dict.fromkeys(names, 3)
    assert 0 < metrics["test/mlogloss_std"].last < metrics["test/mlogloss"].last


@pytest.mark.filterwarnings("ignore:The argument 'eval_set'")  # its successor is very new
def test_the_classes_in_scikit_learns_manner_take_them_too(digits: Digits, only: Only) -> None:
    x, x_test, y, y_test = digits
    with runfolio.init():
        xgboost.XGBClassifier(n_estimators=2, callbacks=[OfXGBoost()]).fit(
            x, y, eval_set=[(x_test, y_test)], verbose=False
        )
        model = lightgbm.LGBMClassifier(n_estimators=2, num_leaves=7, verbose=-1)
        model.fit(x, y, eval_set=[(x_test, y_test)], callbacks=[OfLightGBM()])
        runfolio.sklearn.log_evaluation(model, x_test, y_test)
    record = only()
    assert record.metrics["validation_0/mlogloss"].n == 2
    assert record.metrics["valid_0/multi_logloss"].n == 2
    assert "test/roc" in charts_of(record)


def test_lightgbm_logs_its_iterations_and_parameters(
    digits: Digits, only: Only, store_path: Path
) -> None:
    with runfolio.init():
        booster = train_lightgbm(
            digits, OfLightGBM(log_model=True), metric=["multi_error", "auc_mu"]
        )
    record = only()
    assert record.metrics["val/auc_mu"].goal == "maximize"
    assert record.metrics["val/multi_error"].last == booster.best_score["val"]["multi_error"]
    assert record.config["num_leaves"] == 7
    assert charts_of(record) == {"importances"}
    assert is_kept(store_path, booster.model_to_string().encode())


@pytest.mark.parametrize("is_open", [True, False])
def test_lightgbm_stopped_early_is_told_when_the_run_ends(
    is_open: bool, digits: Digits, only: Only
) -> None:
    if is_open:
        runfolio.init()
    stop = lightgbm.early_stopping(1, verbose=False)
    booster = train_lightgbm(digits, OfLightGBM(), stop, rounds=500, learning_rate=0.9)
    runfolio.finish()
    record = only()
    assert record.summary["best_iteration"] == booster.best_iteration < 500
    assert charts_of(record) == {"importances"}
    assert record.status == "finished"


def test_without_data_to_evaluate_on_the_parameters_are_still_there(
    digits: Digits, only: Only
) -> None:
    x, _, y, _ = digits
    with runfolio.init():
        xgboost.train(X_PARAMETERS, xgboost.DMatrix(x, y), 2, callbacks=[OfXGBoost()])
        lightgbm.train(L_PARAMETERS, lightgbm.Dataset(x, y), 2, callbacks=[OfLightGBM()])
    assert only().config["num_leaves"] == 7


def test_a_linear_model_and_a_loss_that_turns_nan_are_logged(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits

    def broken(predicted: Any, data: Any) -> tuple[str, float]:
        return "broken", float("nan")

    seen = xgboost.DMatrix(x, y)
    with runfolio.init():
        xgboost.train(
            {"booster": "gblinear", "objective": "reg:squarederror"}, seen, 2,
            evals=[(seen, "train")], custom_metric=broken, verbose_eval=False,
            callbacks=[OfXGBoost()],
        )  # fmt: skip
    assert only().metrics["train/broken"].nonfinite == 2


@pytest.mark.parametrize("make", [OfXGBoost, OfLightGBM])
def test_something_else_than_a_run_is_refused_at_once(make: Any) -> None:
    with pytest.raises(UsageError, match=r"run is a str; expected what runfolio\.init"):
        make("my run")


def test_a_run_that_was_given_and_has_ended_is_no_place_to_log_to(digits: Digits) -> None:
    with runfolio.init() as run:
        pass
    with pytest.raises(NoActiveRun):
        train_xgboost(digits, OfXGBoost(run))


def test_an_older_lightgbm_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lightgbm.__version__", "4.1.0")
    with pytest.raises(MissingDependency, match=r"lightgbm 4\.5 or newer, and 4\.1\.0"):
        OfLightGBM()


def test_callbacks_by_wandbs_names_log_the_same(digits: Digits, only: Only) -> None:
    import runfolio as wandb

    wandb.init()
    train_xgboost(
        digits, wandb.integration.xgboost.WandbCallback(log_model=False, define_metric=True)
    )
    booster = train_lightgbm(digits, wandb.lightgbm.wandb_callback(log_params=False))
    wandb.lightgbm.log_summary(booster, feature_importance=True)
    wandb.finish()
    record = only()
    assert (record.metrics["val/mlogloss"].n, record.metrics["val/multi_logloss"].n) == (4, 4)
    assert (record.config["max_depth"], "num_leaves" in record.config) == (3, False)
    assert charts_of(record) == {"importances"}


class Raises(xgboost.callback.TrainingCallback):
    """Ends a training before its third iteration as it is told to."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def before_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        if epoch == 2:
            raise self.error
        return False


def fail_xgboost(digits: Digits, callback: Any, error: BaseException) -> None:
    x, _, y, _ = digits
    seen = xgboost.DMatrix(x, y)
    xgboost.train(
        X_PARAMETERS, seen, 4, evals=[(seen, "train")], verbose_eval=False,
        callbacks=[callback, Raises(error)],
    )  # fmt: skip


@pytest.mark.parametrize("ends", ["the same callback", "another callback", "init"])
def test_a_training_that_raises_leaves_no_run_open_for_what_follows(
    ends: str, digits: Digits, store_path: Path
) -> None:
    callback = OfXGBoost()
    with pytest.raises(ZeroDivisionError) as caught:
        fail_xgboost(digits, callback, ZeroDivisionError("by nothing"))
    left = runfolio.run
    del caught
    if ends == "init":
        runfolio.init().finish()
    else:
        train_xgboost(digits, callback if ends == "the same callback" else OfXGBoost(), rounds=2)
    assert runfolio.run is None
    records = {record.id: record for record in Store(store_path).records()}
    failed = records.pop(left.id)
    assert (failed.status, failed.metrics["train/mlogloss"].n) == ("failed", 2)
    assert [record.status for record in records.values()] == ["finished"]


def test_the_error_is_told_where_somebody_still_has_it(digits: Digits, only: Only) -> None:
    try:
        fail_xgboost(digits, OfXGBoost(), ZeroDivisionError("by nothing"))
    except ZeroDivisionError:
        runfolio.init(mode="disabled").finish()
    record = only()
    assert (record.status, record.note) == ("failed", "ZeroDivisionError: by nothing")


def test_an_open_run_is_left_to_its_owner_when_a_training_raises(digits: Digits) -> None:
    with runfolio.init() as run:
        with pytest.raises(KeyboardInterrupt):
            fail_xgboost(digits, OfXGBoost(), KeyboardInterrupt())
        train_xgboost(digits, OfXGBoost(), rounds=2)
        assert run.status == "running"
    assert read_record(run.path).metrics["train/mlogloss"].n == 4


def test_a_training_within_a_training_goes_into_the_run_of_the_outer_one(
    digits: Digits, only: Only
) -> None:
    class Trains(Raises):
        def before_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            if not epoch:
                train_xgboost(digits, OfXGBoost(log_feature_importance=False), rounds=1)
            return False

    x, _, y, _ = digits
    seen = xgboost.DMatrix(x, y)
    xgboost.train(
        X_PARAMETERS, seen, 2, evals=[(seen, "outer")], verbose_eval=False,
        callbacks=[OfXGBoost(), Trains(ValueError())],
    )  # fmt: skip
    record = only()
    assert (record.metrics["outer/mlogloss"].n, record.metrics["val/mlogloss"].n) == (2, 1)


@pytest.mark.parametrize("is_the_same", [True, False])
def test_a_training_with_two_callbacks_is_logged_once(
    is_the_same: bool, digits: Digits, only: Only
) -> None:
    x, _, y, _ = digits
    one = OfXGBoost()
    seen = xgboost.DMatrix(x, y)
    xgboost.train(
        X_PARAMETERS, seen, 3, evals=[(seen, "train")], verbose_eval=False,
        callbacks=[one, one if is_the_same else OfXGBoost()],
    )  # fmt: skip
    assert only().metrics["train/mlogloss"].n == 3
