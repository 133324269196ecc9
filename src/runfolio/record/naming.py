"""The names of a run's metrics: what the project says of them, and whether a new one is an old one.

A metric that is called ``train/loss`` in twelve runs and ``training_loss`` in the thirteenth
compares with nothing. So the first time a run logs a name, it is held beside those that the
project knows; one that looks like another of them is told once, on the terminal.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.capture.loading import loading
from runfolio.format.metrics_toml import MetricsToml, as_alias, read_metrics_toml
from runfolio.model.likeness import likeness
from runfolio.model.metric import Definitions
from runfolio.record.greeting import hint
from runfolio.record.guard import guard, warn_once
from runfolio.record.patience import within

if TYPE_CHECKING:
    from runfolio.model.ports import Lookup
    from runfolio.record.life import Life

__all__ = ["Naming", "bind", "defined_at_start", "project_file"]

_MOST_TOLD: Final = 3
_MOST_NAMES: Final = 2000
"""A run with more metrics than that makes its names up; nobody reads what they look like."""

# For a run that is over before its names were looked at; earlier runs are at hand by then.
_AT_THE_END_S: Final = 0.5


class _NothingKnown:
    """What is looked up while nobody has bound anything."""

    def metric_names(self, run: Path, project: str) -> Mapping[str, int]:  # noqa: ARG002
        return {}


_lookup: Lookup = _NothingKnown()


def bind(lookup: Lookup) -> None:
    """Have earlier runs looked up there; for the façade."""
    global _lookup
    _lookup = lookup


def defined_at_start(before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what holds for a run's metrics before it says anything itself.

    Parameters
    ----------
    before : mapping
        The manifest of its earlier segments, whose own word goes before the project's.
    """
    said = before.get("defined")
    by_project = project_file().vocabulary.definitions.as_json()
    return Definitions([*by_project, *(said if isinstance(said, list) else ())]).as_json()


def project_file() -> MetricsToml:
    """Return the project's ``metrics.toml``; what is wrong with it is told once."""
    try:
        found = read_metrics_toml(settings.metrics_file())
    except OSError:  # the current folder is gone
        return MetricsToml(Path())
    for fault in found.faults:
        warn_once(fault, f"{fault} The rest of the file holds.")
    return found


class Naming:
    """Looks at the names that a run logs, beside the training.

    Parameters
    ----------
    life : Life
    """

    def __init__(self, life: Life) -> None:
        self._life = life
        self._seen = 0
        self._told = 0
        self._known: Mapping[str, int] | None = None
        self._looking = threading.Lock()

    def look_soon(self) -> None:
        """Look at names that were not there the last time, in a thread of its own."""
        life = self._life
        fresh = self._seen < len(life.writer.encoder.tallies) <= _MOST_NAMES
        if not fresh or life.document.joined or life.ended or self._looking.locked():
            return
        thread = threading.Thread(target=self._look, name="runfolio-names", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # none may start at the end of the interpreter: then at the end
            return

    def look_at_the_end(self) -> None:
        """Look at names that nobody has had the time to look at, once all points are written."""
        fresh = self._seen < len(self._life.writer.encoder.tallies) <= _MOST_NAMES
        if fresh and not self._life.document.joined:
            within(_AT_THE_END_S, self._look)

    def _look(self) -> None:
        with self._looking, guard("comparing the names of the metrics"):
            names = list(self._life.writer.encoder.tallies)
            fresh, self._seen = names[self._seen :], len(names)
            if self._known is None:
                with loading():
                    project = str(self._life.label("project") or "")
                    self._known = _lookup.metric_names(self._life.folder, project)
            self._tell(fresh, names)

    def _tell(self, fresh: list[str], names: list[str]) -> None:
        """Say which of the new names look like others that are known."""
        words, known = project_file().vocabulary, self._known or {}
        homes = {likeness(name): (name, "this run logs, too") for name in reversed(names)}
        homes |= {
            likeness(name): (name, f"{n} earlier runs log" if n > 1 else "an earlier run logs")
            for name, n in sorted(known.items(), key=lambda item: item[1])
        }
        homes |= {
            likeness(name): (name, f"{settings.metrics_file().name} names")
            for name in words.names
            if "*" not in name
        }
        for name in fresh:
            home, whose = homes[likeness(name)]
            is_meant = name in known or name in words.names or words.name_of(name) != name
            if home != name and not is_meant:
                self._say(name, home, whose)

    def _say(self, name: str, home: str, whose: str) -> None:
        if self._life.quiet or self._told > _MOST_TOLD:
            return
        self._told += 1
        if self._told > _MOST_TOLD:
            hint("More names of metrics look like others: `runfolio doctor` lists them.")
            return
        hint(
            f'The metric "{name}" may be "{home}", which {whose}. If it is, log it by that name, or '
            f"put into {settings.metrics_file().name}: {as_alias(home, name)}"
        )
