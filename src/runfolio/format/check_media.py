"""Checking media: each file is what its name says, and what events and tables name is there."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.format.events import read_events
from runfolio.format.finding import Finding
from runfolio.model.media import FOLDERS, media_path

__all__ = ["check_media"]

_NAMED: Final = re.compile(r"(?P<hash>[0-9a-f]{32})(?:\.[A-Za-z0-9.]+)?\Z")
_CHUNK: Final = 1 << 20


def check_media(folder: Path) -> Iterator[Finding]:
    """Yield the media of a run that are damaged or missing, and those that nothing names."""
    there: set[str] = set()
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        there.add(name)
        match = _NAMED.match(path.name)
        if match is None:
            yield Finding(name, None, "its name is no hash of its content", "note")
        elif _hash(path) != match["hash"]:
            yield Finding(name, None, "its content is not that of its name")
    told = yield from _events(folder, there)
    try:
        cells = {
            table: _named_in(folder / table)
            for table, kind in told.items()
            if kind == "table" and table in there
        }
    except (CorruptRecord, ImportError):
        return  # what it names is not known; a damaged one is named above
    for table, (_, surely) in cells.items():
        for name in sorted(surely - there - told.keys()):
            yield Finding(name, None, f"{table} names it, and it is missing")
    for name in sorted(there.difference(told, *(named for named, _ in cells.values()))):
        yield Finding(name, None, "nothing names it; its writer was killed before", "note")


def _events(folder: Path, there: set[str]) -> Generator[Finding, None, dict[str, object]]:
    """Yield what events name and is not so; return all they name with the types of the events."""
    told: dict[str, object] = {}
    for name, size, kind in _told(read_events(folder)):
        if name not in told and name not in there:
            yield Finding(name, None, "an event tells of it, and it is missing")
        elif name in there and size is not None and (folder / name).stat().st_size != size:
            yield Finding(name, None, f"an event says {size:,} bytes")
        told[name] = kind
    return told


def _files(folder: Path) -> Iterator[Path]:
    for media in [folder / "media", *sorted(folder.glob("rank*/media"))]:
        if media.parent.is_symlink() or media.is_symlink():
            continue
        for path in sorted(media.glob("*/*")):
            hidden = path.name.startswith(".")
            if (
                not hidden
                and not path.is_symlink()
                and not path.parent.is_symlink()
                and path.is_file()
            ):
                yield path


def _hash(path: Path) -> str:
    import blake3

    digest = blake3.blake3()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest(length=16)


def _told(events: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, int | None, object]]:
    """Yield every path that media events name, the size they give it, and the type of the event."""
    for event in events:
        if event.get("kind") == "media":
            for path, size in _paths(event.get("items")):
                yield path, size, event.get("type")


def _paths(found: object) -> Iterator[tuple[str, int | None]]:
    if isinstance(found, list):
        for item in found:
            yield from _paths(item)
    elif isinstance(found, dict):
        path, size = media_path(found.get("path")), found.get("bytes")
        if path is not None:
            yield path, size if type(size) is int else None
        preview = media_path(found.get("preview"))
        if preview is not None:
            yield preview, None
        for value in found.values():
            if isinstance(value, (dict, list)):
                yield from _paths(value)


def _named_in(table: Path) -> tuple[set[str], set[str]]:
    """Return all media that cells of a table may name, and those that its media columns do name.

    Raises
    ------
    CorruptRecord
        It cannot be read.
    """
    named: set[str] = set()
    surely: set[str] = set()
    for kind, cells in _texts(table):
        found = {path for cell in cells if (path := media_path(cell)) is not None}
        named |= found
        surely |= found if kind in FOLDERS else set()
    return named, surely


def _texts(table: Path) -> Iterator[tuple[object, Iterable[object]]]:
    """Yield the columns that may hold paths: their type, and their cells, equal ones once."""
    if table.suffix == ".json":
        found = loads(table.read_bytes(), table.name)
        head = found if isinstance(found, dict) else {}
        columns, rows = head.get("columns"), head.get("data")
        if isinstance(columns, list) and isinstance(rows, list):
            for place, column in enumerate(columns):
                kind = column.get("type") if isinstance(column, dict) else None
                yield (
                    kind,
                    [row[place] for row in rows if isinstance(row, list) and place < len(row)],
                )
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(table) as file:
            for field in file.schema_arrow:
                if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
                    column = file.read([field.name])[field.name]
                    yield _kind(field), column.unique().to_pylist()
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise CorruptRecord(f"The table cannot be read: {error}.") from error


def _kind(field: Any) -> object:
    said = (field.metadata or {}).get(b"runfolio", b"")
    about = loads(said, "what a column says of itself") if said else None
    return about.get("type") if isinstance(about, dict) else None
