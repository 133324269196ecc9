"""Tables, images and the like in an artifact: a note of each under its name, its files beside it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from runfolio._optional import require
from runfolio.format.disk import Disk
from runfolio.model.media import FOLDERS
from runfolio.record.artifacts.objects import load
from runfolio.record.media.medium import Medium

if TYPE_CHECKING:
    from runfolio.record.artifacts.described import Described

__all__ = ["medium_files", "note_name", "of_medium", "rows_name"]


def note_name(name: str, kind: str) -> str:
    """Return what the note of a medium is called: ``predictions.table.json``, as W&B has it."""
    return f"{name}.{kind}.json"


def rows_name(name: str, path: str) -> str:
    """Return what the file of a table's rows is called: by its name, so that versions can be compared."""
    return f"{name}.table.parquet" if path.endswith(".parquet") else path


def of_medium(medium: Medium, folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Write a medium into a folder, and yield what its files are called in the artifact, the note last."""
    from runfolio.record.media.shelf import Shelf

    shelf = Shelf(folder, Disk(), lambda _: False)
    item = medium.take(shelf).write(shelf)
    own = str(item.get("path", ""))
    if medium.type == "table":
        item["path"] = rows_name(name, own)
    for path in sorted((folder / "media").rglob("*")):
        if path.is_file():
            inner = path.relative_to(folder).as_posix()
            yield str(item["path"]) if inner == own else inner, path
    note = folder / "note.json"
    note.write_text(json.dumps(item, ensure_ascii=False), "utf-8", errors="surrogatepass")
    yield note_name(name, medium.type), note


def medium_files(artifact: Described, name: str) -> Any:
    """Return the table or image that was added under a name, ``None`` where none was."""
    held = {entry.path for entry in artifact.held()}
    for kind in FOLDERS:
        for note in (name, note_name(name, kind)):
            if note in held and note.endswith(note_name("", kind)):
                return _medium(artifact, kind, load(artifact, note))
    return None


def _medium(artifact: Described, kind: str, item: Mapping[str, Any]) -> Any:
    path = item.get("path")
    if not isinstance(path, str):
        return dict(item)
    if kind == "table":
        return _table(artifact, path, item)
    (file,) = _fetched(artifact, [path]).values()
    return _picture(file, item.get("caption")) if kind == "image" else file


def _table(artifact: Described, path: str, item: Mapping[str, Any]) -> Any:
    from runfolio.record.artifacts.using import fetch
    from runfolio.record.media.table import Table

    entries = [entry for entry in artifact.held() if entry.path == path]
    with tempfile.TemporaryDirectory(prefix="runfolio-") as folder:
        fetch(artifact, entries, Path(folder))
        file = Path(folder, *PurePosixPath(path).parts)
        if path.endswith(".json"):
            body = json.loads(file.read_bytes())
            said = body["columns"]
            table = Table([one["name"] for one in said], body["data"])
        else:
            read = require("pyarrow.parquet", feature="A table", install="pyarrow").read_table
            found = read(file, memory_map=False)
            said = [_said_of(field.metadata) for field in found.schema]
            table = Table(dataframe=found)
    columns = item.get("columns")
    kinds = (
        [str(one.get("type")) for one in columns if isinstance(one, dict)]
        if isinstance(columns, list)
        else []
    )
    media = {at: kind for at, kind in enumerate(kinds) if kind in FOLDERS and kind != "histogram"}
    if media:
        captions = {at: said[at].get("captions", {}) for at in media}
        _put_media_into(artifact, table.data, media, captions)
    return table


def _said_of(metadata: Mapping[bytes, bytes] | None) -> dict[str, Any]:
    """Return what the file of a table says of a column."""
    said = json.loads((metadata or {}).get(b"runfolio", b"{}"))
    return said if isinstance(said, dict) else {}


def _put_media_into(
    artifact: Described,
    rows: list[list[Any]],
    media: Mapping[int, str],
    captions: Mapping[int, Mapping[str, str]],
) -> None:
    """Put the images, sounds and so on of some columns where their paths stand."""
    files = _fetched(artifact, [row[at] for row in rows for at in media if row[at] is not None])
    for n, row in enumerate(rows):
        for at, kind in media.items():
            file = files.get(row[at])
            if file is not None:
                row[at] = _picture(file, captions[at].get(str(n))) if kind == "image" else file


def _picture(file: str, caption: Any = None) -> Any:
    from runfolio.record.media.image import Image

    return Image(file, caption=caption)


def _fetched(artifact: Described, paths: list[str]) -> dict[str, str]:
    """Return where files of an artifact lie, copied to where a download puts them."""
    from runfolio.record.artifacts.using import fetch, root_of

    wanted = set(paths)
    entries = [entry for entry in artifact.held() if entry.path in wanted]
    folder = root_of(artifact, None)
    fetch(artifact, entries, folder)
    return {entry.path: str(folder.joinpath(*PurePosixPath(entry.path).parts)) for entry in entries}
