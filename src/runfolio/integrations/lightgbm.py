"""LightGBM: each iteration's metrics, the parameters, and what the trees are made of."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runfolio._optional import require
from runfolio.integrations.importances import importances
from runfolio.integrations.target import Target
from runfolio.record.guard import guard
from runfolio.record.run import Run

__all__ = ["RunfolioCallback"]


class RunfolioCallback:
    """Logs a training: ``lightgbm.train(…, callbacks=[RunfolioCallback()])``.

    Metrics are called ``DATA/METRIC``: ``valid/auc``. Each iteration is a step. The parameters are
    recorded as settings. What is known of the whole (``best_iteration``, the importance of the
    features as a chart) is logged after the last iteration; after an early stop, of which LightGBM
    tells no callback, when the run ends, or when `summarize` is called. With `lightgbm.cv` the mean
    of the folds, and ``…_std``.

    Parameters
    ----------
    run : Run, optional
        Else the open one, or one of its own that ends with the training.
    log_params, log_feature_importance : bool
    importance_type : str
        ``gain`` or ``split``.
    log_model : bool
        Keep the trained model in the run.

    Raises
    ------
    MissingDependency
        LightGBM is not installed, or is too old.
    UsageError
        `run` is no run.
    """

    order = 25
    """Before those that may end the training."""

    before_iteration = False

    def __init__(
        self,
        run: Run | None = None,
        *,
        log_params: bool = True,
        log_feature_importance: bool = True,
        importance_type: str = "gain",
        log_model: bool = False,
    ) -> None:
        require(
            "lightgbm", feature="runfolio.integrations.lightgbm", install="runfolio[lightgbm]",
            at_least="4.5",
        )  # fmt: skip
        self._target = Target(run)
        self._log_params = log_params
        self._log_model = log_model
        self._measure = importance_type if log_feature_importance else ""
        self._open: Any = None

    def __call__(self, env: Any) -> None:
        """Log one iteration."""
        if self._open is not env.model:
            self._begin(env)
        run = self._target.join()
        with guard("logging an iteration of LightGBM"):
            row = dict[str, float]()
            for key, value, spread, is_higher_better in _results(env.evaluation_result_list or ()):
                row[key] = value
                if spread is not None:
                    row[f"{key}_std"] = spread
                if env.iteration == env.begin_iteration:
                    run.define_metric(key, goal="maximize" if is_higher_better else "minimize")
            if row:
                run.log(row)
        if env.iteration + 1 >= env.end_iteration:
            self.summarize()

    def summarize(self, model: Any = None) -> None:
        """Log what is known of the whole training, and leave the run. Later calls do nothing.

        Parameters
        ----------
        model : lightgbm.Booster, optional
            Else that of the last iteration.
        """
        self._tell(model)
        self._target.leave()

    def _at_the_end_of_the_run(self) -> None:
        self._tell(None)
        self._target.forget()

    def _tell(self, model: Any) -> None:
        booster, self._open = model if model is not None else self._open, None
        if booster is None:
            return
        run = self._target.join()
        with guard("logging a model of LightGBM"):
            best = getattr(booster, "best_iteration", 0)
            if isinstance(best, int) and best > 0:
                run.summary["best_iteration"] = best
            # A cross validation has a list of models, and no features of its own.
            if self._measure and not hasattr(booster, "boosters"):
                values = booster.feature_importance(importance_type=self._measure).tolist()
                scores = dict(zip(booster.feature_name(), values, strict=True))
                chart = importances(scores, f"importance ({self._measure})")
                self._target.complete({"importances": chart})
            if self._log_model and not hasattr(booster, "boosters"):
                _keep(run, booster)

    def _begin(self, env: Any) -> None:
        if self._open is not None:  # a training that was stopped early left it open
            self.summarize()
        run = self._target.join()
        self._open = env.model
        run.life.before_end.append(self._at_the_end_of_the_run)
        if self._log_params:
            with guard("recording the parameters of LightGBM"):
                self._target.note(dict(env.params), "lightgbm")


def _results(results: Any) -> Iterator[tuple[str, float, float | None, bool]]:
    """Yield name, value, spread over folds, and whether higher is better."""
    for data, metric, value, is_higher_better, *spread in results:
        called = f"{data}/{metric}"
        if data == "cv_agg":  # of older versions, which say "valid auc"
            called = metric.replace(" ", "/", 1)
        deviation = float(spread[0]) if spread and spread[0] is not None else None
        yield called, float(value), deviation, bool(is_higher_better)


def _keep(run: Run, booster: Any) -> None:
    with tempfile.TemporaryDirectory(prefix="runfolio-") as folder:
        path = Path(folder, "model.txt")
        booster.save_model(path)
        run.log_model(path, name="lightgbm-model")
