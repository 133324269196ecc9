"""A table that a run logged, as an artifact: W&B makes ``run-<id>-<key>`` of each, here it is made when asked for."""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import BlobStore
from runfolio.format.events import read_events
from runfolio.format.layout import is_run_id
from runfolio.model.artifact import Entry
from runfolio.model.media import MediaItem, media_items, media_path
from runfolio.record.artifacts.contained_media import note_name, rows_name
from runfolio.record.artifacts.whole import assure

__all__ = ["make_of_logged"]

TYPE: Final = "run_table"
_PREFIX: Final = "run-"
_OTHER: Final = re.compile(r"[^A-Za-z0-9_.-]+")


def make_of_logged(store: Path, name: str) -> None:
    """Make the tables that a run logged under a key versions of ``run-<id>-<key>``, if that is meant.

    Those that are versions already are passed over: the run may have gone on since.
    """
    if not name.startswith(_PREFIX):
        return
    versions, blobs = ArtifactVersions(store, name), BlobStore(store)
    last = None
    if numbers := versions.numbers():
        try:
            last = versions.read(numbers[-1])
        except (CorruptRecord, OSError):
            return  # another one may be asked for
        if last.type != TYPE:
            return
    found = _meant(store, name)
    if found is None:
        return
    run_id, items = found
    for item in items:
        if last is not None and item.step <= last.metadata.get("step", -math.inf):
            continue
        entries = list(_entries(store / run_id, item, blobs))
        made, new = versions.make(entries, type=TYPE, run_id=run_id, metadata={"step": item.step})
        if new:
            assure(versions, made, blobs, new=True, run_id=run_id)


def _meant(store: Path, name: str) -> tuple[str, list[MediaItem]] | None:
    rest = name.removeprefix(_PREFIX)
    for at in (match.start() for match in re.finditer("-", rest)):
        run_id, key = rest[:at], rest[at + 1 :]
        if is_run_id(run_id) and (store / run_id).is_dir() and not (store / run_id).is_symlink():
            items = [
                item
                for event in read_events(store / run_id, ("media",))
                for item in media_items(event)
                if item.type == "table" and item.path and key in _names(item.key)
            ]
            if items:
                return run_id, items
    return None


def _names(key: str) -> tuple[str, str]:
    """Return what an artifact is called after a key: W&B leaves out what a name cannot have."""
    return _OTHER.sub("", key), _OTHER.sub("_", key)


def _entries(folder: Path, item: MediaItem, blobs: BlobStore) -> Iterator[Entry]:
    path, name = str(item.path), _names(item.key)[0]
    for inner in dict.fromkeys([path, *_media_in(folder / path, item)]):
        kept = blobs.add(folder / inner)
        yield Entry(rows_name(name, inner) if inner == path else inner, kept.blake3, kept.size)
    with tempfile.TemporaryDirectory(prefix="runfolio-") as made:
        note = Path(made, "note.json")
        note.write_text(json.dumps({"path": rows_name(name, path), **item.extra}), "utf-8")
        kept = blobs.add(note)
    yield Entry(note_name(name, "table"), kept.blake3, kept.size)


def _media_in(file: Path, item: MediaItem) -> Iterator[str]:
    """Yield the files that the cells of a table stand for, as far as they are there."""
    columns = item.extra.get("columns")
    said: list[Any] = columns if isinstance(columns, list) else []
    names = {
        one["name"]: at for at, one in enumerate(said)
        if isinstance(one, dict) and one.get("type") in ("image", "audio", "video", "html", "figure", "file")
    }  # fmt: skip
    for cell in _cells(file, names) if names else ():
        inner = media_path(cell)
        if inner is not None and (file.parents[2] / inner).is_file():
            yield inner


def _cells(file: Path, names: Mapping[str, int]) -> Iterator[Any]:
    """Yield the cells of some columns, which are given with their places."""
    if file.suffix == ".json":
        for row in json.loads(file.read_bytes())["data"]:
            yield from (row[at] for at in names.values())
        return
    import pyarrow.parquet as pq

    for column in pq.read_table(file, columns=list(names), memory_map=False).columns:
        yield from column.to_pylist()
