"""The names of W&B's module that are not runfolio's own: found here, under ``wandb.NAME``."""

from __future__ import annotations

import secrets
import string
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import IO, Any, Final

from runfolio import errors
from runfolio.errors import RunfolioError
from runfolio.record import frameworks
from runfolio.record.needed_run import needed_run
from runfolio.record.session import current
from runfolio.record.wandb import integrations
from runfolio.record.wandb.absent import NotThere, idle, refusing, told

__all__ = ["NAMES", "lookup"]

_OF_RUN: Final = (
    "link_artifact", "link_model", "log_model", "mark_preempting", "restore", "unwatch",
    "upsert_artifact", "use_model", "watch",
)  # fmt: skip
"""Functions that are methods of the open run."""

_IDLE: Final = ("ensure_configured", "require", "teardown")

_REFUSED: Final = {
    "agent": "sweeps are not there yet; call the function yourself, once for each of the settings: "
    "runfolio.init(config=…) inside it.",
    "controller": "sweeps are not there yet.",
    "sweep": "sweeps are not there yet; loop over the settings, and give each run its own by "
    "runfolio.init(config=…, group=…).",
}

_MODULES: Final = {
    "gym": "what a recorder of gym writes is not recorded; log a runfolio.Video.",
}


def lookup(name: str) -> Any:
    """Return what W&B calls so.

    Raises
    ------
    AttributeError
        W&B has no such name, or nothing in a run could stand for it.
    """
    if name in _OF_RUN:
        return _of_run(name)
    if name in _IDLE:
        return idle
    if name in _REFUSED:
        return refusing(f"wandb.{name}()", _REFUSED[name])
    if name in _MODULES:
        return NotThere(name, _MODULES[name])
    if name in integrations.NAMES or name == "integration":
        return integrations.integration(name)
    if name in _MADE:
        return _MADE[name]()
    raise AttributeError(f"module 'runfolio' has no attribute {name!r}")


def _of_run(name: str) -> Callable[..., Any]:
    def function(*given: Any, **more: Any) -> Any:
        return getattr(needed_run(name), name)(*given, **more)

    function.__name__ = name
    function.__doc__ = f"Call `Run.{name}` of the open run."
    return function


def _plot() -> Any:
    from runfolio.record.media import plots

    return plots


def _tensorboard() -> Any:
    from runfolio.record.wandb import tensorboard

    return tensorboard


def _api() -> Any:
    from runfolio.record.wandb.public import Api

    return Api


def _facade() -> Any:
    return sys.modules["runfolio"]


def _run_class() -> Any:
    from runfolio.record.run import Run

    return SimpleNamespace(Run=Run)


def _sdk() -> Any:
    # What the callbacks of Lightning and Transformers import from inside of W&B's package.
    lib = SimpleNamespace(
        RunDisabled=type("RunDisabled", (), {}),
        config_util=SimpleNamespace(ConfigError=errors.UsageError),
    )
    return SimpleNamespace(
        wandb_run=_run_class(), data_types=_facade(), wandb_sdk=_run_class(), lib=lib
    )


def _utilities() -> Any:
    return SimpleNamespace(
        generate_id=generate_id,
        make_artifact_name_safe=lambda name: "".join(c if c.isalnum() or c in "-_." else "_" for c in name),
    )  # fmt: skip


def generate_id(length: int = 8) -> str:
    """Return an id for a run: lower-case letters and digits, by chance."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(length))


def _setup(*_: Any, **__: Any) -> Any:
    return SimpleNamespace(settings=SimpleNamespace(mode="offline"))


def _finish(*_: Any, **__: Any) -> None:
    run = current()
    if run is not None:
        run.finish()


def _said(file: Callable[[], IO[str]]) -> Callable[..., None]:
    def function(text: Any = "", *_: Any, **__: Any) -> None:
        print(f"runfolio: {text}", file=file())

    return function


def _errors() -> Any:
    return errors


_MADE: Final[dict[str, Callable[[], Any]]] = {
    "Api": _api,
    "ArtifactTTL": lambda: SimpleNamespace(INHERIT=None),
    "Error": lambda: RunfolioError,
    "CommError": lambda: RunfolioError,
    "data_types": _facade,
    "errors": _errors,
    "generate_id": lambda: generate_id,
    "join": lambda: _finish,
    "plot": _plot,
    "plot_table": lambda: _plot().plot_table,
    "plots": lambda: NotThere("plots", "this old module draws nothing; wandb.plot has its charts."),
    "apis": lambda: SimpleNamespace(public=SimpleNamespace(Api=_api())),
    "sdk": _sdk,
    "setup": lambda: _setup,
    "sklearn": lambda: frameworks.of("sklearn"),
    "tensorboard": _tensorboard,
    "termerror": lambda: _said(lambda: sys.stderr),
    "termlog": lambda: _said(lambda: sys.stderr),
    "termwarn": lambda: _said(lambda: sys.stderr),
    "util": _utilities,
    "visualize": lambda: told("visualize()", "wandb.plot has the charts; log the table itself."),
    "wandb_run": _run_class,
    "wandb_sdk": _sdk,
}

NAMES: Final = frozenset(
    {*_OF_RUN, *_IDLE, *_REFUSED, *_MODULES, *integrations.NAMES, "integration", *_MADE}
)
"""All of them."""
