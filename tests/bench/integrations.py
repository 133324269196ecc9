"""What an integration costs: the same training with it and without, in turns, in one process.

Each round trains once without a run's callback, or without autolog, and once with it; the figure is the median over the
rounds of how much more CPU time the whole process took, its writing threads included. The run is
open in both, so that only the integration differs.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib.util
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from typing import Any, Final
from unittest import mock

from report import publish, table

import runfolio


def network(torch: Any, wide: int, deep: int) -> Any:
    layers = []
    for _ in range(deep):
        layers += [torch.nn.Linear(wide, wide), torch.nn.ReLU()]
    return torch.nn.Sequential(torch.nn.Linear(64, wide), *layers, torch.nn.Linear(wide, 10))


def torch_steps(options: argparse.Namespace, run: Any, kind: str | None) -> float:
    """Train a network of torch, watched or not, and return the CPU seconds a step took."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = network(torch, options.wide, options.deep)
    optimizer = torch.optim.Adam(model.parameters())
    data, wanted = torch.randn(options.batch, 64), torch.randint(0, 10, (options.batch,))
    if kind is not None:
        run.watch(model, log=kind)
    began = time.process_time()
    for _ in range(options.steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(data), wanted)
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.detach()})
    took = time.process_time() - began
    run.unwatch()
    return took / options.steps


def digits() -> Any:
    from sklearn.datasets import load_digits

    return load_digits(return_X_y=True)


def xgboost_rounds(options: argparse.Namespace, run: Any, *, with_it: bool) -> float:
    import xgboost

    from runfolio.integrations.xgboost import RunfolioCallback

    x, y = digits()
    data = xgboost.DMatrix(x, y, nthread=1)
    more = [RunfolioCallback(run, log_feature_importance=False)] if with_it else []
    began = time.process_time()
    xgboost.train(
        {"objective": "multi:softprob", "num_class": 10, "nthread": 1}, data, options.boosted,
        evals=[(data, "train")], verbose_eval=False, callbacks=more,
    )  # fmt: skip
    return (time.process_time() - began) / options.boosted


def lightgbm_rounds(options: argparse.Namespace, run: Any, *, with_it: bool) -> float:
    import lightgbm

    from runfolio.integrations.lightgbm import RunfolioCallback

    x, y = digits()
    data = lightgbm.Dataset(x, y)
    more = [RunfolioCallback(run, log_feature_importance=False)] if with_it else []
    began = time.process_time()
    lightgbm.train(
        {"objective": "multiclass", "num_class": 10, "verbose": -1, "num_threads": 1}, data,
        options.boosted, valid_sets=[data], valid_names=["train"], callbacks=more,
    )  # fmt: skip
    return (time.process_time() - began) / options.boosted


def fits(options: argparse.Namespace, estimator: Any, *, with_it: bool) -> float:
    """Fit an estimator, each fit a whole one, and return the CPU seconds a fit took."""
    from sklearn.base import clone

    x, y = digits()
    models = [clone(estimator) for _ in range(options.fits)]
    run = runfolio.init(reinit="create_new")
    with run, run.as_current(), runfolio.autolog("sklearn", on=with_it):
        began = time.process_time()
        for model in models:
            model.fit(x, y)
        took = time.process_time() - began
    return took / options.fits


def fitted() -> dict[str, Any]:
    """Return what is fitted: a moment's work, an ordinary model, one of many nested fits."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB

    return {
        "autolog, fit of GaussianNB": GaussianNB(),
        "autolog, fit of LogisticRegression": LogisticRegression(max_iter=2000),
        "autolog, fit of a forest of 100": RandomForestClassifier(100, random_state=0),
    }


def booster_by_itself(options: argparse.Namespace, *, with_it: bool) -> float:
    import xgboost

    x, y = digits()
    data = xgboost.DMatrix(x, y, nthread=1)
    with runfolio.autolog("xgboost", on=with_it):
        began = time.process_time()
        xgboost.train(
            {"objective": "multi:softprob", "num_class": 10, "nthread": 1}, data,
            options.boosted, evals=[(data, "train")], verbose_eval=False,
        )  # fmt: skip
        return (time.process_time() - began) / options.boosted


def lightning_steps(options: argparse.Namespace, run: Any, *, with_it: bool) -> float:
    """Train by Lightning, which logs every tenth step, and return the CPU seconds a step took."""
    import lightning.pytorch as pl
    import torch

    from runfolio.integrations.lightning import RunfolioLogger

    class Module(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = network(torch, options.wide, options.deep)

        def training_step(self, batch: Any) -> Any:
            loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
            self.log("loss", loss)
            return loss

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters())

    torch.manual_seed(0)
    torch.set_num_threads(1)
    rows = options.batch * options.steps
    data = torch.utils.data.TensorDataset(torch.randn(rows, 64), torch.randint(0, 10, (rows,)))
    trainer = pl.Trainer(
        max_epochs=1, logger=RunfolioLogger(run) if with_it else False, accelerator="cpu",
        log_every_n_steps=10, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False,
    )  # fmt: skip
    module, batches = Module(), torch.utils.data.DataLoader(data, options.batch)
    began = time.process_time()
    trainer.fit(module, batches)
    return (time.process_time() - began) / options.steps


def transformers_steps(options: argparse.Namespace, run: Any, *, with_it: bool) -> float:
    """Train by Transformers' Trainer, which logs every tenth step."""
    import torch
    import transformers

    from runfolio.integrations.transformers import RunfolioCallback

    transformers.set_seed(0)
    torch.set_num_threads(1)
    steps = max(options.steps // 4, 1)  # each takes several times as long as the others'
    config = transformers.BertConfig(
        vocab_size=17, hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=128, num_labels=10,
    )  # fmt: skip
    x, y = digits()
    rows = [
        {"input_ids": row, "labels": int(n)}
        for row, n in zip(x.astype(int).tolist(), y, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        arguments = transformers.TrainingArguments(
            folder, max_steps=steps, logging_steps=10, save_strategy="no", use_cpu=True,
            report_to="none", disable_tqdm=True, per_device_train_batch_size=16,
        )  # fmt: skip
        trainer = transformers.Trainer(
            transformers.BertForSequenceClassification(config), arguments, train_dataset=rows,
            callbacks=[RunfolioCallback(run)] if with_it else [],
        )  # fmt: skip
        trainer.remove_callback(transformers.PrinterCallback)
        began = time.process_time()
        trainer.train()
        return (time.process_time() - began) / steps


def accelerate_steps(options: argparse.Namespace, run: Any, *, with_it: bool) -> float:
    """Train a loop of Accelerate's, which logs every step."""
    import torch
    from accelerate import Accelerator

    from runfolio.integrations.accelerate import RunfolioTracker

    torch.manual_seed(0)
    torch.set_num_threads(1)
    one = Accelerator(log_with=RunfolioTracker(run=run) if with_it else None, cpu=True)
    one.init_trackers("bench")
    model = network(torch, options.wide, options.deep)
    model, optimizer = one.prepare(model, torch.optim.Adam(model.parameters()))
    data, wanted = torch.randn(options.batch, 64), torch.randint(0, 10, (options.batch,))
    began = time.process_time()
    for step in range(options.steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(data), wanted)
        one.backward(loss)
        optimizer.step()
        one.log({"loss": loss.detach()}, step=step)
    return (time.process_time() - began) / options.steps


def descent(alpha: float, report: Callable[[float, int], None]) -> float:
    """Learn the digits in a few epochs, each of which is reported: what a small trial does."""
    from sklearn.linear_model import SGDClassifier

    x, y = digits()
    model = SGDClassifier(alpha=alpha, random_state=0)
    for epoch in range(5):
        model.partial_fit(x[:1400], y[:1400], classes=range(10))
        report(model.score(x[1400:], y[1400:]), epoch)
    return float(model.score(x[1400:], y[1400:]))


def study_trials(options: argparse.Namespace, *, with_it: bool) -> float:
    """Optimize a study of Optuna's, and return the CPU seconds a trial took."""
    import optuna

    from runfolio.integrations.optuna import RunfolioCallback

    def objective(trial: Any) -> float:
        return descent(trial.suggest_float("alpha", 1e-5, 1e-1, log=True), trial.report)

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    callback = RunfolioCallback()
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    with runfolio.init(reinit="create_new") as run, run.as_current():
        began = time.process_time()
        study.optimize(
            callback.track(objective) if with_it else objective, options.trials,
            callbacks=[callback] if with_it else [],
        )  # fmt: skip
        took = time.process_time() - began
    return took / options.trials


def hydra_jobs(options: argparse.Namespace, *, with_it: bool) -> float:
    """Sweep over jobs of Hydra's in this process, and return the CPU seconds a job took."""
    import hydra
    from hydra.core.config_store import ConfigStore

    tracked = {"runfolio": {"_target_": "runfolio.integrations.hydra.RunfolioCallback"}}
    callbacks = tracked if with_it else {}
    ConfigStore.instance().store("bench", {"alpha": 1e-4, "hydra": {"callbacks": callbacks}})

    @hydra.main(version_base=None, config_name="bench")
    def job(config: Any) -> float:
        return descent(config.alpha, lambda value, epoch: None)

    alphas = ",".join(f"{1e-5 * (1 + n):g}" for n in range(options.trials))
    with tempfile.TemporaryDirectory() as folder, runfolio.init(reinit="create_new") as run:
        arguments = ["bench", "-m", f"alpha={alphas}", f"hydra.sweep.dir={folder}",
                     "hydra/job_logging=disabled", "hydra/hydra_logging=disabled"]  # fmt: skip
        with run.as_current(), mock.patch("sys.argv", arguments):
            began = time.process_time()
            job()
            took = time.process_time() - began
    return took / options.trials


_TRAININGS: Final = {
    "xgboost": xgboost_rounds,
    "lightgbm": lightgbm_rounds,
    "lightning": lightning_steps,
    "transformers": transformers_steps,
    "accelerate": accelerate_steps,
}

_SWEEPS: Final = (
    ("optuna, a trial", "optuna", study_trials),
    ("hydra, a job of a multirun", "hydra", hydra_jobs),
)


def compared(
    rounds: int, without: Callable[[], float], with_it: Callable[[], float]
) -> dict[str, float]:
    """Return milliseconds a step without and with, and the median of the ratios of each round."""
    without()
    with_it()
    pairs = []
    for turn in range(rounds):
        if turn % 2:
            second = with_it()
            pairs.append((without(), second))
        else:
            pairs.append((without(), with_it()))
    return {
        "without_ms": 1000 * statistics.median(a for a, _ in pairs),
        "with_ms": 1000 * statistics.median(b for _, b in pairs),
        "ratio": statistics.median(b / a for a, b in pairs),
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    warnings.simplefilter("ignore")
    found: dict[str, Any] = {}
    with runfolio.init() as run:
        for name, function in _TRAININGS.items():
            if importlib.util.find_spec(name) is not None:
                found[name] = compared(
                    options.rounds,
                    functools.partial(function, options, run, with_it=False),
                    functools.partial(function, options, run, with_it=True),
                )
        for name, of, function in _SWEEPS:
            if importlib.util.find_spec(of) is not None:
                found[name] = compared(
                    options.rounds,
                    functools.partial(function, options, with_it=False),
                    functools.partial(function, options, with_it=True),
                )
        with contextlib.suppress(ImportError):
            found["autolog, xgboost"] = compared(
                options.rounds,
                functools.partial(booster_by_itself, options, with_it=False),
                functools.partial(booster_by_itself, options, with_it=True),
            )
        with contextlib.suppress(ImportError):
            for name, estimator in fitted().items():
                found[name] = compared(
                    options.rounds,
                    functools.partial(fits, options, estimator, with_it=False),
                    functools.partial(fits, options, estimator, with_it=True),
                )
        if importlib.util.find_spec("torch") is not None:
            for kind in ("gradients", "all"):
                found[f"torch, watch {kind}"] = compared(
                    options.rounds,
                    functools.partial(torch_steps, options, run, None),
                    functools.partial(torch_steps, options, run, kind),
                )
    return {"trainings": found}


def as_lines(found: dict[str, Any]) -> list[str]:
    rows = {
        name: (f"{one['without_ms']:.3f}", f"{one['with_ms']:.3f}", f"{one['ratio']:.3f}")
        for name, one in found["trainings"].items()
    }
    return table("training | CPU ms a step without | with | ratio", rows)


if __name__ == "__main__":
    publish("integrations", __doc__, measure, as_lines, rounds=7, steps=400, boosted=30, fits=5, trials=10,
            batch=128, wide=256, deep=4)  # fmt: skip
