"""Checkpoints of a training as versions of an artifact; those stay whose files stay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio.record.artifacts.artifact import Artifact

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["Checkpoints"]


class Checkpoints:
    """The checkpoints that are kept in a run.

    Parameters
    ----------
    drops : bool
        Whether a version goes when the library removes its file.
    """

    def __init__(self, *, drops: bool) -> None:
        self._drops = drops
        self._kept: dict[str, dict[Path, tuple[int, Artifact]]] = {}
        self._made: dict[str, dict[str, Artifact]] = {}

    def empty(self) -> Checkpoints:
        """Return one that does the same and holds nothing yet, for another process."""
        return Checkpoints(drops=self._drops)

    def take(
        self, run: Run, of: str, saved: Mapping[Path, tuple[list[str], dict[str, Any]]]
    ) -> None:
        """Keep what was saved since the last time, and let go what is there no longer.

        Parameters
        ----------
        run : Run
        of : str
            Who saves them.
        saved : mapping of Path to (aliases, metadata)
            Files and folders that are there.
        """
        of = f"{run.id} {of}"
        kept = self._kept.setdefault(of, {})
        times = {path: path.stat().st_mtime_ns for path in saved if path.exists()}
        for path in sorted(times, key=lambda path: times[path]):
            if path not in kept or kept[path][0] != times[path]:
                kept[path] = times[path], _logged(run, path, *saved[path])
        for path in kept.keys() - times.keys():
            del kept[path]
        self._drop(self._made.setdefault(of, {}), [one for _, one in kept.values()])

    def _drop(self, made: dict[str, Artifact], kept: list[Artifact]) -> None:
        stay = {artifact.version: artifact for artifact in kept}
        for version in made.keys() - stay.keys() if self._drops else ():
            made[version].delete(delete_aliases=True)
        made.clear()
        made.update(stay)


def _logged(run: Run, path: Path, aliases: list[str], metadata: dict[str, Any]) -> Artifact:
    artifact = Artifact(f"model-{run.id}", type="model", metadata=metadata)
    if path.is_dir():
        artifact.add_dir(str(path))
    else:
        artifact.add_file(str(path), name=f"model{path.suffix or '.ckpt'}")
    run.log_artifact(artifact, aliases=aliases)
    return artifact
