"""XGBoost and LightGBM log by themselves, by the callback, and never beside one of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm
import pytest
import xgboost
from lightgbm import train as train_by_name
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tests.integrations.conftest import Digits, Only, charts_of

import runfolio
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.integrations.lightgbm import RunfolioCallback as OfLightGBM
from runfolio.integrations.xgboost import RunfolioCallback as OfXGBoost
from runfolio.store.store import Store

X_PARAMETERS = {"objective": "multi:softprob", "num_class": 10, "max_depth": 3}
L_PARAMETERS = {
    "objective": "multiclass", "num_class": 10, "verbose": -1, "num_leaves": 7, "num_threads": 2,
}  # fmt: skip


def boost(digits: Digits, rounds: int = 4, **more: Any) -> Any:
    x, x_test, y, y_test = digits
    data = [(xgboost.DMatrix(x, y), "train"), (xgboost.DMatrix(x_test, y_test), "val")]
    return xgboost.train(
        X_PARAMETERS, data[0][0], rounds, evals=data, verbose_eval=False, **more
    )  # fmt: skip


def boost_light(
    digits: Digits, rounds: int = 4, *, by: Callable[..., Any] | None = None, **more: Any
) -> Any:
    x, x_test, y, y_test = digits
    seen = lightgbm.Dataset(x, y)
    return (by or lightgbm.train)(
        L_PARAMETERS, seen, rounds, valid_sets=[seen.create_valid(x_test, y_test)],
        valid_names=["val"], **more,
    )  # fmt: skip


def test_a_training_of_xgboost_is_in_the_open_run(digits: Digits, only: Only) -> None:
    runfolio.autolog("xgboost")
    with runfolio.init() as run:
        boost(digits)
        run.log({"after": 1})
    record = only()
    assert (record.metrics["val/mlogloss"].n, record.metrics["after"].last_step) == (4, 4)
    assert (record.config["max_depth"], record.config["num_boost_round"]) == (3, 4)
    assert record.config_source["num_boost_round"] == "xgboost"
    assert charts_of(record) == {"importances"}


def test_a_training_of_lightgbm_is_in_the_open_run_also_by_a_name_imported_before(
    digits: Digits, only: Only
) -> None:
    runfolio.autolog("lightgbm")
    with runfolio.init():
        boost_light(digits)
        # Looked up at the call, as a program does.
        boost_light(digits, by=train_by_name)
    record = only()
    assert record.metrics["val/multi_logloss"].n == 8
    assert record.config["num_iterations"] == 4
    assert charts_of(record) == {"importances"}


def test_beside_a_callback_of_ours_nothing_is_said_twice(digits: Digits, only: Only) -> None:
    runfolio.autolog()
    with runfolio.init():
        boost(digits, callbacks=[OfXGBoost(log_feature_importance=False)])
        boost_light(digits, callbacks=[OfLightGBM(log_feature_importance=False)])
    record = only()
    assert record.metrics["val/mlogloss"].n == record.metrics["val/multi_logloss"].n == 4
    assert charts_of(record) == set()


def test_a_callback_of_ours_with_a_run_of_its_own_is_told_nothing(
    digits: Digits, store_path: Any
) -> None:
    runfolio.autolog()
    boost(digits, callbacks=[OfXGBoost()])
    boost_light(digits, callbacks=[OfLightGBM()])
    assert len(Store(store_path).records()) == 2


@pytest.mark.filterwarnings("ignore:The argument 'eval_set'")  # its successor is very new
def test_beside_a_callback_by_wandbs_name_nothing_is_said_twice(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    from runfolio.record.wandb.integrations import integration

    runfolio.autolog()
    with runfolio.init():
        boost(digits, callbacks=[integration("xgboost").WandbCallback()])
        boost_light(digits, callbacks=[integration("lightgbm").wandb_callback()])
        callback = OfXGBoost()
        xgboost.XGBClassifier(n_estimators=2, callbacks=[callback]).fit(
            x, y, eval_set=[(x, y)], verbose=False
        )
    metrics = only().metrics
    assert metrics["val/mlogloss"].n == metrics["val/multi_logloss"].n == 4
    assert metrics["validation_0/mlogloss"].n == 2


@pytest.mark.filterwarnings("ignore:The argument 'eval_set'")
def test_the_classes_in_scikit_learns_manner_are_logged_by_their_own_library(
    digits: Digits, only: Only
) -> None:
    x, x_test, y, y_test = digits
    runfolio.autolog()
    with runfolio.init():
        booster = xgboost.XGBClassifier(n_estimators=3, max_depth=2)
        booster.fit(x, y, eval_set=[(x_test, y_test)], verbose=False)
        assert booster.callbacks is None
        light = lightgbm.LGBMClassifier(n_estimators=2, num_leaves=7, verbose=-1)
        light.fit(x, y, eval_set=[(x_test, y_test)])
    record = only()
    assert record.metrics["validation_0/mlogloss"].n == 3
    assert record.metrics["valid_0/multi_logloss"].n == 2
    assert record.config["num_boost_round"] == 3
    assert "fit/seconds" not in record.metrics


@pytest.mark.parametrize("library", ["sklearn", None])
def test_within_a_fit_of_scikit_learn_boosters_are_part_of_it(
    library: str | None, digits: Digits, only: Only
) -> None:
    x, _, y, _ = digits
    runfolio.autolog(*([library] if library else []))
    booster = xgboost.XGBClassifier(n_estimators=2, max_depth=2)
    with runfolio.init():
        GridSearchCV(booster, {"max_depth": [1, 2]}, cv=2).fit(x[:200], y[:200])
        make_pipeline(StandardScaler(), booster).fit(x, y)
    record = only()
    assert record.metrics["fit/seconds"].n == 2
    assert set(record.metrics) == {
        "fit/seconds", "train/score", "train/accuracy", "cv/best_score",
    }  # fmt: skip


def test_of_an_early_stop_each_iteration_is_there_and_which_was_the_best(
    digits: Digits, store_path: Any
) -> None:
    runfolio.autolog()
    with runfolio.init() as first:
        booster = boost(digits, 300, callbacks=[xgboost.callback.EarlyStopping(rounds=2)])
    with runfolio.init() as second:
        light = boost_light(digits, 500, callbacks=[lightgbm.early_stopping(1, verbose=False)])
        assert second.summary["best_iteration"] == light.best_iteration < 500
    steps = read_series(first.path)["val/mlogloss"].step
    assert len(steps) == booster.num_boosted_rounds() < 300
    assert read_record(first.path).summary["best_iteration"] == booster.best_iteration


def test_cross_validation_logs_the_mean_of_the_folds(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    runfolio.autolog()
    with runfolio.init():
        xgboost.cv(X_PARAMETERS, xgboost.DMatrix(x, y), 3, nfold=2)
        lightgbm.cv(L_PARAMETERS, lightgbm.Dataset(x, y), 3, nfold=2)
    metrics = only().metrics
    assert metrics["test/mlogloss"].n == metrics["test/mlogloss_std"].n == 3
    assert metrics["valid/multi_logloss"].n == 3


def test_a_list_of_callbacks_stays_as_the_program_made_it(digits: Digits, only: Only) -> None:
    seen: list[int] = []

    class Counting(xgboost.callback.TrainingCallback):  # type: ignore[misc]
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            seen.append(epoch)
            return False

    mine: list[Any] = [Counting()]
    runfolio.autolog()
    with runfolio.init():
        boost(digits, callbacks=mine)
        assert len(mine) == 1
        boost(digits, callbacks=tuple(mine))
        boost(digits, callbacks=(one for one in mine))  # left alone
    assert seen == [0, 1, 2, 3] * 3
    assert only().metrics["val/mlogloss"].n == 8


def test_an_error_in_a_training_passes_through_and_off_ends_at_the_next(
    digits: Digits, only: Only
) -> None:
    def fail(env: Any) -> None:
        if env.iteration == 2:
            raise RuntimeError("mine")

    runfolio.autolog()
    with runfolio.init():
        with pytest.raises(RuntimeError, match="mine"):
            boost_light(digits, callbacks=[fail])
        boost_light(digits)
        held = lightgbm.train
        runfolio.autolog(on=False)
        boost_light(digits, by=held)
    assert only().metrics["val/multi_logloss"].n == 2 + 4


def test_off_in_the_middle_of_a_training_lets_it_log_to_its_end(digits: Digits, only: Only) -> None:
    def switch(env: Any) -> None:
        runfolio.autolog(on=False)

    runfolio.autolog()
    with runfolio.init():
        boost_light(digits, callbacks=[switch])
        boost_light(digits)
    assert only().metrics["val/multi_logloss"].n == 4
