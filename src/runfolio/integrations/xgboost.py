"""XGBoost: each iteration's metrics, the parameters, and what the trees are made of."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.integrations.booster_parameters import parameters_of
from runfolio.integrations.importances import importances
from runfolio.integrations.target import Target
from runfolio.record.guard import guard
from runfolio.record.run import Run

if TYPE_CHECKING:
    _Base = object
else:
    _Base = require(
        "xgboost.callback", feature="runfolio.integrations.xgboost", install="runfolio[xgboost]",
        at_least="2.1",
    ).TrainingCallback  # fmt: skip

__all__ = ["RunfolioCallback"]

_MAXIMIZED: Final = frozenset({"auc", "aucpr", "map", "ndcg", "pre"})
_MINIMIZED: Final = frozenset(
    {"error", "logloss", "mae", "mape", "merror", "mlogloss", "mphe", "rmse", "rmsle"}
)


class RunfolioCallback(_Base):
    """Logs a training: ``xgboost.train(…, callbacks=[RunfolioCallback()])``.

    Metrics are called ``DATA/METRIC``: ``val/mlogloss``. Each iteration is a step. The parameters
    are recorded as settings, ``best_iteration`` and ``best_score`` in the summary, the importance
    of the features as a chart. With `xgboost.cv` the mean of the folds, and ``…_std``.

    Parameters
    ----------
    run : Run, optional
        Else the open one, or one of its own that ends with the training.
    log_model : bool
        Keep the trained model in the run.
    log_feature_importance : bool
    importance_type : str
        ``gain``, ``weight``, ``cover``, ``total_gain`` or ``total_cover``.

    Raises
    ------
    UsageError
        `run` is no run.
    """

    def __init__(
        self,
        run: Run | None = None,
        *,
        log_model: bool = False,
        log_feature_importance: bool = True,
        importance_type: str = "gain",
    ) -> None:
        super().__init__()
        self._target = Target(run)
        self._log_model = log_model
        self._measure = importance_type if log_feature_importance else ""
        self._defined: set[str] = set()
        self._history: Mapping[str, Any] = {}
        self._logged = -1

    def before_training(self, model: Any) -> Any:
        """Join the run and record the parameters."""
        self._target.begin("xgboost")
        self._defined.clear()
        self._history, self._logged = {}, 0
        with guard("recording the parameters of XGBoost"):
            self._target.note(parameters_of(_booster(model)), "xgboost")
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
        """Log the metrics of an iteration; the training goes on."""
        del model, epoch
        self._history = evals_log
        if not self._target.is_second:
            self._log_new()
        return False

    def after_training(self, model: Any) -> Any:
        """Log what is known of the whole, and leave the run."""
        if self._logged < 0 or self._target.is_second:
            return model
        self._log_new()  # an older XGBoost asks nobody after the callback that stops
        self._logged = -1
        run, booster = self._target.join(), _booster(model)
        with guard("logging a model of XGBoost"):
            attributes = booster.attributes()
            for name, number in (("best_iteration", int), ("best_score", float)):
                if name in attributes and booster is model:
                    run.summary[name] = number(float(attributes[name]))
            if self._measure:
                with contextlib.suppress(ValueError):  # a linear model has no such measure
                    scores = booster.get_score(importance_type=self._measure)
                    chart = importances(scores, f"importance ({self._measure})")
                    self._target.complete({"importances": chart} if chart is not None else {})
            if self._log_model:
                _keep(run, booster)
        self._target.leave()
        return model

    def _log_new(self) -> None:
        """Log the iterations since the last one that was logged."""
        with guard("logging an iteration of XGBoost"):
            series = [
                (f"{data}/{metric}", metric, values)
                for data, metrics in self._history.items()
                for metric, values in metrics.items()
            ]
            for at in range(self._logged, max((len(values) for *_, values in series), default=0)):
                row = dict[str, float]()
                for key, metric, values in series:
                    self._define(key, metric)
                    if isinstance(values[at], tuple):
                        row[key], row[f"{key}_std"] = map(float, values[at])
                    else:
                        row[key] = float(values[at])
                self._target.join().log(row)
                self._logged = at + 1

    def _define(self, key: str, metric: str) -> None:
        name = metric.partition("@")[0]
        if key not in self._defined and name in _MAXIMIZED | _MINIMIZED:
            goal = "maximize" if name in _MAXIMIZED else "minimize"
            self._target.join().define_metric(key, goal=goal)
        self._defined.add(key)


def _booster(model: Any) -> Any:
    """Return the model, or of a cross validation that of the first fold."""
    folds = getattr(model, "cvfolds", None)
    return folds[0].bst if folds else model


def _keep(run: Run, booster: Any) -> None:
    with tempfile.TemporaryDirectory(prefix="runfolio-") as folder:
        path = Path(folder, "model.ubj")
        booster.save_model(path)
        run.log_model(path, name="xgboost-model")
