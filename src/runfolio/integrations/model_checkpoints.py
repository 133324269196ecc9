"""What a ModelCheckpoint of Lightning keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["saved_by"]


def saved_by(callback: Any) -> dict[Path, tuple[list[str], dict[str, Any]]]:
    """Return the checkpoints that a ModelCheckpoint keeps, with aliases and metadata.

    Parameters
    ----------
    callback : ModelCheckpoint
    """
    best, last = str(callback.best_model_path), str(callback.last_model_path)
    scores = {best: callback.best_model_score, **callback.best_k_models, last: None}
    found = {}
    for path in filter(None, map(str, scores)):
        names = [name for name, one in (("best", best), ("last", last)) if one == path]
        told = {
            "original_filename": Path(path).name,
            "monitor": callback.monitor,
            "mode": callback.mode,
        }
        told["score"] = float(scores[path]) if scores[path] is not None else None
        # The last one is most often the same once more, and says nothing different.
        found[Path(path)] = names, {} if names == ["last"] else told
    return found
