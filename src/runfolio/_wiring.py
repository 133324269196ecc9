"""Where the public names are found, and where the layers are tied together.

Writers know no reader: what they tell (a run has finished) reaches the journal through ports
that are bound here, at the top.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any, Final

from runfolio.errors import NoActiveRun
from runfolio.record import api, frameworks, naming
from runfolio.record.api import (
    alert,
    attach,
    define_metric,
    finish,
    init,
    log,
    log_artifact,
    login,
    save,
    use_artifact,
    use_data,
)
from runfolio.record.config import Nested, plain_keys
from runfolio.record.guard import guard
from runfolio.record.run import Run
from runfolio.record.session import current, session

__all__ = ["alert", "attach", "define_metric", "finish", "init", "log", "log_artifact", "login",
           "lookup", "save", "use_artifact", "use_data"]  # fmt: skip

# Public name → module that defines it, and its name there.
_HOMES: Final = {
    "AlertLevel": ("runfolio.record.alerts", "AlertLevel"),
    "Run": ("runfolio.record.run", "Run"),
    "Settings": ("runfolio.record.keywords", "Settings"),
    "Artifact": ("runfolio.record.artifacts.artifact", "Artifact"),
    "Audio": ("runfolio.record.media.audio", "Audio"),
    "Classes": ("runfolio.record.media.overlays", "Classes"),
    "Histogram": ("runfolio.record.media.histogram", "Histogram"),
    "Html": ("runfolio.record.media.html", "Html"),
    "Image": ("runfolio.record.media.image", "Image"),
    "Keep": ("runfolio.record.artifacts.policies", "Keep"),
    "Molecule": ("runfolio.record.media.files", "Molecule"),
    "Object3D": ("runfolio.record.media.files", "Object3D"),
    "Plotly": ("runfolio.record.media.figures", "Plotly"),
    "Table": ("runfolio.record.media.table", "Table"),
    "Video": ("runfolio.record.media.video", "Video"),
    "autolog": ("runfolio.integrations.autolog.switch", "autolog"),
    "load": ("runfolio.query.runs", "load"),
    "load_artifact": ("runfolio.store.loaded_artifact", "load_artifact"),
    "load_ipython_extension": ("runfolio.magics.load", "load_ipython_extension"),
    "unload_ipython_extension": ("runfolio.magics.load", "unload_ipython_extension"),
    "run_command": ("runfolio.verbs.run_command", "run_command"),
    "runs": ("runfolio.verbs.runs", "runs"),
    "show": ("runfolio.verbs.show", "show"),
    "diff": ("runfolio.verbs.diff", "diff"),
    "compare": ("runfolio.verbs.compare", "compare"),
    "lineage": ("runfolio.verbs.lineage", "lineage"),
    "media": ("runfolio.verbs.media", "media"),
    "live": ("runfolio.verbs.live_views", "live"),
    "status": ("runfolio.verbs.status", "status"),
    "note": ("runfolio.verbs.edit", "note"),
    "tag": ("runfolio.verbs.edit", "tag"),
    "rename": ("runfolio.verbs.edit", "rename"),
    "rm": ("runfolio.verbs.trash", "rm"),
    "restore_seeds": ("runfolio.verbs.restore_seeds", "restore_seeds"),
    "seed": ("runfolio.record.seeding", "seed"),
    "restore_run": ("runfolio.verbs.trash", "restore_run"),
    "journal": ("runfolio.verbs.journal", "journal"),
    "report": ("runfolio.verbs.report", "report"),
    "artifacts": ("runfolio.verbs.artifacts", "artifacts"),
    "promote": ("runfolio.verbs.promote", "promote"),
    "check": ("runfolio.verbs.check", "check"),
    "doctor": ("runfolio.verbs.doctor", "doctor"),
    "du": ("runfolio.verbs.du", "du"),
    "gc": ("runfolio.verbs.gc", "gc"),
    "upgrade": ("runfolio.verbs.upgrade", "upgrade"),
    "ui": ("runfolio.server.ui", "ui"),
}


def lookup(name: str) -> Any:
    """Return what a public name stands for."""
    if name == "run":
        return current()
    if name in ("config", "summary"):
        return OfRun(name)
    if name in api.__all__:
        return getattr(api, name)
    module, attribute = _HOMES.get(name, ("runfolio.errors", name))
    if module.startswith(("runfolio.verbs.", "runfolio.server.")):
        from runfolio.verbs.quiet import import_rich

        import_rich()
    return getattr(importlib.import_module(module), attribute)


def of_wandb(name: str) -> Any:
    """Return what scripts written for W&B call so, beside the public names.

    Raises
    ------
    AttributeError
        There is no such name.
    """
    if name.startswith("_"):  # Python itself looks for many of these
        raise AttributeError(f"module 'runfolio' has no attribute {name!r}")
    return importlib.import_module("runfolio.record.wandb.names").lookup(name)


class OfRun(MutableMapping[str, Any]):
    """``runfolio.config`` and ``runfolio.summary``: those of the run that is open.

    Raises
    ------
    NoActiveRun
        At any use while no run is open.
    """

    _what: str

    def __init__(self, what: str) -> None:
        object.__setattr__(self, "_what", what)

    def _target(self) -> Any:
        run = current()
        if run is None:
            raise NoActiveRun(
                f"runfolio.{self._what}: no run is open. Start one with runfolio.init()."
            )
        return getattr(run, self._what)

    def __getitem__(self, key: str) -> Any:
        return self._target()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._target()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._target()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._target())

    def __len__(self) -> int:
        return len(self._target())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._target(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._target(), name, value)

    def update(self, *given: Any, **more: Any) -> None:
        """Take in what the run's own takes: a namespace, a data class, ``allow_val_change``."""
        self._target().update(*given, **more)

    def __reduce__(self) -> Any:
        # A checkpoint or a worker gets the values: elsewhere no run is open.
        run = current()
        return (type(self), (self._what,)) if run is None else (Nested, (dict(self),))

    def __repr__(self) -> str:
        run = current()
        return f"<runfolio.{self._what}: no run is open>" if run is None else repr(self._target())


class Names:
    """Looks up what the metrics of earlier runs are called; loaded for the first that is new."""

    def metric_names(self, run: Path, project: str) -> Mapping[str, int]:
        """Return each metric of the project's earlier runs, and how many of them logged it."""
        found: Mapping[str, int] = importlib.import_module("runfolio.store.recent").metric_names(
            run.parent, project, but=run
        )
        return found


naming.bind(Names())
frameworks.bind(lambda library: importlib.import_module(f"runfolio.integrations.{library}"))


class Journal:
    """Writes the journal entry when a run is complete; loaded only then."""

    def __init__(self, finished: Callable[[], Callable[[Path], None]]) -> None:
        self._load = finished

    def finished(self, path: Path) -> None:
        """Hear that a run directory is complete."""
        self._load()(path)


def _journal() -> Callable[[Path], None]:
    function: Callable[[Path], None] = importlib.import_module("runfolio.logbook.page").finished
    return function


session.observers.append(Journal(_journal))


def _replaced_config() -> dict[str, Any]:
    """Take ``wandb.config = {…}`` back: W&B's first examples set their settings like that."""
    names = vars(sys.modules["runfolio"])
    if isinstance(names.get("config", OfRun), (OfRun, type)):
        return {}
    found = dict[str, Any]()
    with guard("taking the settings that stand in place of runfolio.config"):
        found |= plain_keys(names.pop("config"))
    return found


def _take_config_set_before(given: dict[str, Any], owner: str) -> None:
    del owner
    config = _replaced_config()
    if config and given.get("config") is None:
        given["config"] = config


def _take_config_set_since(run: Run) -> None:
    def look() -> None:
        run.life.config.take(_replaced_config(), "update")

    run.life.before_end.append(look)


session.opening.append(_take_config_set_before)
session.opened.append(_take_config_set_since)


def _attach_notebook(given: dict[str, Any], owner: str) -> None:
    """Capture a notebook that never loaded the extension: its ``init`` records the same."""
    del given, owner
    if "IPython" in sys.modules:
        importlib.import_module("runfolio.magics.load").attach_if_notebook()


session.opening.append(_attach_notebook)

if "RUNFOLIO_OPENED" in os.environ:  # this process works for one that wants to know
    importlib.import_module("runfolio.capture.opened_calls").listen_for_parent()
