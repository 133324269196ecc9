"""A store written by hand: runs whose manifests tell of artifacts, and versions with real contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import blake3

from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import BlobStore
from runfolio.format.codec import dumps, with_crc
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.store.store import Store
from runfolio.testing import FixedClock

__all__ = ["ArtifactStore", "hash_of"]

START = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)


def hash_of(content: bytes) -> str:
    """Return the hash that data of this content has in a run."""
    return f"blake3:{blake3.blake3(content).hexdigest()}"


class ArtifactStore:
    """Writes runs and versions, each a minute after the one before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.blobs = BlobStore(path)
        self._minute = 0
        path.mkdir(parents=True)
        (path / ".runfolio").touch()

    @property
    def store(self) -> Store:
        """The store as a reader sees it now."""
        return Store(self.path)

    def now(self) -> datetime:
        """Return the next minute."""
        self._minute += 1
        return START + timedelta(minutes=self._minute)

    def version(
        self,
        name: str,
        files: Mapping[str, bytes],
        *,
        run: str = "",
        type: str = "dataset",  # noqa: A002 - as W&B has it
        **more: Any,
    ) -> ArtifactVersion:
        """Make a version of these files."""
        clock = FixedClock(round(self.now().timestamp() * 1000))
        entries = []
        for path, content in files.items():
            source = self.path.parent / "to-be-kept"
            source.write_bytes(content)
            kept = self.blobs.add(source)
            entries.append(Entry(path, kept.blake3, kept.size))
        versions = ArtifactVersions(self.path, name, clock=clock)
        return versions.make(entries, type=type, run_id=run, **more)[0]

    def run(
        self,
        run_id: str,
        *,
        made: Sequence[Sequence[Any]] = (),
        used: Sequence[Sequence[Any]] = (),
        data: Sequence[Mapping[str, Any]] = (),
        events: Sequence[Mapping[str, Any]] = (),
        **more: Any,
    ) -> str:
        """Write a finished run and return its id."""
        began = self.now()
        folder = self.path / run_id
        folder.mkdir()
        body = {
            "format": 1, "id": run_id, "name": run_id, "project": "demo", "status": "finished",
            "created_at": began.isoformat().replace("+00:00", "Z"),
            "ended_at": (began + timedelta(seconds=30)).isoformat().replace("+00:00", "Z"),
            "artifacts": {"made": [list(one) for one in made], "used": [list(one) for one in used]},
            "data": [dict(one) for one in data],
        }  # fmt: skip
        (folder / "run.json").write_bytes(with_crc(body | more))
        if events:
            (folder / "events.jsonl").write_bytes(b"".join(dumps(one) + b"\n" for one in events))
        return run_id
