"""The artifacts of a store as a list tells them, each read again only when it has changed."""

from __future__ import annotations

import threading
from pathlib import Path

from runfolio.store.artifacts import Artifacts, Told
from runfolio.store.version_shelf import Dates, artifact_dates, is_settled

__all__ = ["ArtifactList"]


class ArtifactList:
    """What a list tells of the artifacts of a store; any thread may ask.

    Parameters
    ----------
    store : Path

    Attributes
    ----------
    of : Artifacts
        What looks at them one by one.
    """

    def __init__(self, store: Path) -> None:
        self.of = Artifacts(store)
        self._kept: dict[str, tuple[Dates, Told]] = {}
        self._lock = threading.Lock()

    def told(self) -> list[Told]:
        """Return all artifacts by name, as they lie there now.

        A version that is edited by hand in its place changes no date of a folder: it is told as
        it was until something else is said of the artifact. Its card reads it.
        """
        with self._lock:
            dates = artifact_dates(self.of.store)
            names = [name for name in self.of.names() if name in dates]
            told = {name: self._told(name, dates[name]) for name in names}
            self._kept = {
                name: (dates[name], one)
                for name, one in told.items()
                # What could not be read may be whole by now.
                if is_settled(dates[name]) and not one.problems
            }
            return [one for one in told.values() if one.versions or one.problems]

    def _told(self, name: str, changed: Dates) -> Told:
        kept = self._kept.get(name)
        if kept is not None and kept[0] == changed:
            return kept[1]
        return self.of.told_of(name)
