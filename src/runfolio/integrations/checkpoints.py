"""Lightning's checkpoints as versions of an artifact; which of them stay, its ModelCheckpoint says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio.record.artifacts.artifact import Artifact

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["Checkpoints"]

_TOLD: Final = ("monitor", "mode", "save_top_k", "save_weights_only")


class Checkpoints:
    """The checkpoints that are kept in a run.

    Parameters
    ----------
    drops : bool
        Whether a version goes when the ModelCheckpoint removes its file.
    """

    def __init__(self, *, drops: bool) -> None:
        self._drops = drops
        self._kept: dict[str, dict[str, tuple[int, Artifact]]] = {}
        self._made: dict[str, dict[str, Artifact]] = {}

    def empty(self) -> Checkpoints:
        """Return one that does the same and holds nothing yet, for another process."""
        return Checkpoints(drops=self._drops)

    def take(self, run: Run, callback: Any) -> None:
        """Keep what a ModelCheckpoint has saved since the last time.

        Parameters
        ----------
        run : Run
        callback : ModelCheckpoint
        """
        of = f"{run.id} {callback.state_key}"
        kept = self._kept.setdefault(of, {})
        best, last = str(callback.best_model_path), str(callback.last_model_path)
        scores = {str(path): score for path, score in callback.best_k_models.items()}
        scores.setdefault(best, callback.best_model_score)
        scores.setdefault(last, None)
        found = {path: Path(path) for path in scores if path and Path(path).exists()}
        for path in sorted(found, key=lambda path: found[path].stat().st_mtime_ns):
            changed = found[path].stat().st_mtime_ns
            if path not in kept or kept[path][0] != changed:
                names = [name for name, one in (("best", best), ("last", last)) if one == path]
                # The last one is most often the same once more, and says nothing different.
                told = {} if names == ["last"] else _told(callback, found[path], scores[path])
                kept[path] = changed, _logged(run, found[path], names, told)
        for path in kept.keys() - found.keys():
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
        artifact.add_file(str(path), name="model.ckpt")
    run.log_artifact(artifact, aliases=aliases)
    return artifact


def _told(callback: Any, path: Path, score: Any) -> dict[str, Any]:
    value = float(score) if score is not None else None
    settings = {name: getattr(callback, name) for name in _TOLD if hasattr(callback, name)}
    return {"original_filename": path.name, "score": value, **settings}
