"""Checking media: each file is what its name says, and every event's file is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from runfolio.format.events import read_events
from runfolio.format.finding import Finding
from runfolio.model.media import media_path

__all__ = ["check_media"]

_NAMED: Final = re.compile(r"(?P<hash>[0-9a-f]{32})(?:\.[A-Za-z0-9.]+)?\Z")
_CHUNK: Final = 1 << 20


def check_media(folder: Path) -> Iterator[Finding]:
    """Yield the media of a run that are damaged or missing, and those that no event knows."""
    there: set[str] = set()
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        there.add(name)
        match = _NAMED.match(path.name)
        if match is None:
            yield Finding(name, None, "its name is no hash of its content", "note")
        elif _hash(path) != match["hash"]:
            yield Finding(name, None, "its content is not that of its name")
    told: set[str] = set()
    for name, size in _told(read_events(folder)):
        if name not in told and name not in there:
            yield Finding(name, None, "an event tells of it, and it is missing")
        elif name in there and size is not None and (folder / name).stat().st_size != size:
            yield Finding(name, None, f"an event says {size:,} bytes")
        told.add(name)
    for name in sorted(there - told):
        yield Finding(name, None, "no event tells of it; its writer was killed before", "note")


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


def _told(events: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, int | None]]:
    """Yield every path that media events name, and the size they give it."""
    for event in events:
        if event.get("kind") == "media":
            yield from _paths(event.get("items"))


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
