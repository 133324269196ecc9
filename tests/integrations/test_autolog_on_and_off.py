"""On and off: every function is the library's own again, and while it is not nobody sees a difference."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils.discovery import all_estimators
from sklearn.utils.validation import has_fit_parameter
from tensorboardX import SummaryWriter
from tests.integrations.conftest import Digits, Only

import runfolio
from runfolio.format.manifest import read_record
from runfolio.integrations import patches

FITS = ("fit", "fit_predict", "fit_transform")


def forest() -> RandomForestClassifier:
    return RandomForestClassifier(10, random_state=0)


def fits_of(record: Any) -> int:
    return record.metrics["fit/seconds"].n if "fit/seconds" in record.metrics else 0


def held() -> dict[Any, Any]:
    """Return every function that is wrapped, wherever it is held."""
    kinds = {base for _, kind in all_estimators() for base in kind.__mro__}
    found: dict[Any, Any] = {
        (kind, name): vars(kind)[name] for kind in kinds for name in FITS if name in vars(kind)
    }
    for module in list(sys.modules.values()):
        for name in ("train", "cv", "cross_validate", "cross_val_score"):
            if callable(names := vars(module).get(name)):
                found[module.__name__, name] = names
    return found | {("writer", name): value for name, value in vars(SummaryWriter).items()}


def test_off_puts_back_every_function_exactly() -> None:
    import lightgbm
    import xgboost

    before = held()
    runfolio.autolog()
    with runfolio.init():
        wrapped = {key for key, value in held().items() if before.get(key) is not value}
        assert len(wrapped) > 150
        assert {("xgboost.sklearn", "train"), ("lightgbm.engine", "cv")} < wrapped
        assert (__name__, "cross_val_score") in wrapped
        assert (LogisticRegression, "fit") in wrapped
        runfolio.autolog(on=False)
        after = held()
    assert {key for key in before if after[key] is not before[key]} == set()
    assert after.keys() == before.keys()
    assert xgboost.train is before["xgboost", "train"]
    assert lightgbm.cv is before["lightgbm", "cv"]


def test_what_others_have_wrapped_meanwhile_stays_and_passes_through(
    digits: Digits, only: Only, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, _, y, _ = digits
    seen = []
    runfolio.autolog("sklearn")
    inner = DummyClassifier.fit

    def others(self: Any, *given: Any, **more: Any) -> Any:
        seen.append(1)
        return inner(self, *given, **more)

    monkeypatch.setattr(DummyClassifier, "fit", others)
    runfolio.autolog(on=False)
    assert DummyClassifier.fit is others
    with runfolio.init():
        DummyClassifier().fit(x, y)
        assert only().metrics == {}
        runfolio.autolog("sklearn")
        DummyClassifier().fit(x, y)
    assert seen == [1, 1]
    assert fits_of(only()) == 1
    runfolio.autolog(on=False)
    monkeypatch.setattr(DummyClassifier, "fit", vars(inner)["__wrapped__"])


def test_wrapped_methods_are_called_read_and_pickled_as_before(
    digits: Digits, store_path: Path
) -> None:
    x, _, y, _ = digits
    models = [forest().fit(x, y), GridSearchCV(forest(), {"max_depth": [1]}), KMeans(3)]
    signature, doc = (
        inspect.signature(RandomForestClassifier.fit),
        RandomForestClassifier.fit.__doc__,
    )
    before = [pickle.dumps(model) for model in models]
    runfolio.autolog()
    assert [pickle.dumps(model) for model in models] == before
    assert inspect.signature(RandomForestClassifier.fit) == signature
    assert RandomForestClassifier.fit.__doc__ == doc
    fit = pickle.loads(pickle.dumps(RandomForestClassifier.fit))
    assert fit is RandomForestClassifier.fit
    assert cloudpickle.loads(cloudpickle.dumps(cross_val_score)) is cross_val_score
    assert has_fit_parameter(forest(), "sample_weight")
    again = cloudpickle.loads(cloudpickle.dumps(clone(models[1])))
    assert repr(again) == repr(models[1])
    with runfolio.init():
        assert (again.fit(x[:100], y[:100]).predict(x) >= 0).all()


def test_a_block_ends_what_it_began_and_no_more() -> None:
    original = vars(KMeans)["fit"]
    with runfolio.autolog("sklearn") as outer:
        assert outer.on == ("sklearn",)
        assert str(outer) == "Trainings log by themselves: scikit-learn."
        with runfolio.autolog("xgboost", "sklearn") as inner:
            assert inner.on == ("sklearn", "xgboost")
        assert outer.on == ("sklearn",)
        with runfolio.autolog(on=False):
            assert vars(KMeans)["fit"] is original
        assert vars(KMeans)["fit"] is not original
    assert vars(KMeans)["fit"] is original
    assert str(outer) == "Nothing logs by itself."


def test_switching_on_twice_wraps_once(digits: Digits, only: Only) -> None:
    x, _, y, _ = digits
    runfolio.autolog("sklearn")
    once = vars(DummyClassifier)["fit"]
    runfolio.autolog("sklearn")
    assert vars(DummyClassifier)["fit"] is once
    with runfolio.init():
        DummyClassifier().fit(x, y)
    assert fits_of(only()) == 1


LATER = """
import sys, runfolio
heavy = {"sklearn", "xgboost", "lightgbm", "numpy", "pandas", "keras", "torch"}
print(runfolio.autolog(), sorted(heavy & set(sys.modules)), len(sys.meta_path))
run = runfolio.init()
from sklearn.dummy import DummyClassifier
DummyClassifier().fit([[0], [1]], [0, 1])
from sklearn.naive_bayes import GaussianNB
GaussianNB().fit([[0], [1]], [0, 1])
import xgboost
xgboost.XGBClassifier(n_estimators=3).fit([[0], [1]], [0, 1], eval_set=[([[0], [1]], [0, 1])], verbose=False)
runfolio.autolog(on=False)
print(len(sys.meta_path), hasattr(xgboost.train, "__wrapped__") and "runfolio" in str(xgboost.train.__code__))
DummyClassifier().fit([[0], [1]], [0, 1])
run.finish(quiet=True)
"""


def test_libraries_imported_later_are_seen_and_none_is_imported_for_it(only: Only) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error::runfolio.errors.RunfolioWarning", "-c", LATER],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    first, second = done.stdout.splitlines()
    assert first.startswith("Trainings log by themselves once imported: scikit-learn, XGBoost")
    assert "[]" in first
    assert second.endswith("False")
    record = only()
    assert fits_of(record) == 2
    assert record.metrics["validation_0/logloss"].n == 3


# SummaryWriter -------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboardX")
def test_summary_writers_are_mirrored_into_each_run_until_it_is_off(store_path: Path) -> None:
    runfolio.autolog("tensorboard")
    with SummaryWriter("logs") as writer:
        with runfolio.init() as first:
            writer.add_scalar("loss", 1, 0)
        with runfolio.init() as second:
            writer.add_scalar("loss", 2, 0)
            runfolio.autolog(on=False)
            writer.add_scalar("loss", 3, 1)
        with runfolio.init() as third:
            writer.add_scalar("loss", 4, 0)
    assert [read_record(run.path).metrics.get("loss") is None for run in (first, second, third)] == [
        False, False, True,
    ]  # fmt: skip
    assert read_record(second.path).metrics["loss"].last == 2


def test_a_mirror_that_was_asked_for_stays_when_it_is_off() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with runfolio.init(sync_tensorboard=True) as run, SummaryWriter("logs") as writer:
            runfolio.autolog()
            writer.add_scalar("loss", 1, 0)
            runfolio.autolog(on=False)
            writer.add_scalar("loss", 2, 1)
    assert read_record(run.path).metrics["loss"].n == 2


def test_modules_that_load_others_when_asked_are_left_alone() -> None:
    class Lazy:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} was asked for")

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "lazy", Lazy())  # type: ignore[arg-type]
        assert any(names is globals() for names in patches._namespaces())
