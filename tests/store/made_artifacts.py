"""Artifacts of a store, made as a run makes them: contents once, a version, files in the run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import BlobStore
from runfolio.model.artifact import ArtifactVersion, Entry

__all__ = ["make_version"]


def make_version(
    store: Path,
    name: str,
    contents: dict[str, bytes],
    *,
    run: Path | None = None,
    type: str = "model",  # noqa: A002 - as W&B has it
    **more: Any,
) -> ArtifactVersion:
    """Keep contents as a version of an artifact; in the folder of a run, too, where one is given."""
    source = store.parent / "source"
    source.mkdir(parents=True, exist_ok=True)
    blobs, entries = BlobStore(store), []
    for path, content in contents.items():
        (source / "file").write_bytes(content)
        kept = blobs.add(source / "file")
        entries.append(Entry(path, kept.blake3, kept.size))
    run_id = run.name if run is not None else ""
    version, _ = ArtifactVersions(store, name).make(entries, type=type, run_id=run_id, **more)
    if run is not None:
        for entry in entries:
            target = run / "artifacts" / name / f"v{version.number}" / entry.path
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(blobs.path_of(entry.blake3), target)
    return version
