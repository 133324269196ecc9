"""The local modules that processes which joined a run imported: each has a table of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.format.disk import read_small
from runfolio.format.layout import PartName
from runfolio.model.context import NotCaptured

__all__ = ["JoinedModules", "joined_parts", "table_of"]

_MAX_TABLE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class JoinedModules:
    """What one process kept of its modules: ``modules.s2.json``.

    Attributes
    ----------
    is_program : bool
        Whether it is the very process that was started, not one that this one started.
    whole : bool
        Whether it looked once more as it ended.
    roots, modules : sequence of mapping
        As in ``code/modules.json``.
    left_out : sequence of NotCaptured
    """

    is_program: bool
    whole: bool
    roots: Sequence[Mapping[str, Any]]
    modules: Sequence[Mapping[str, Any]]
    left_out: Sequence[NotCaptured]


def joined_parts(folder: Path) -> list[JoinedModules]:
    """Return what each process kept, the program's own first; what cannot be read is left out."""
    names = (PartName.parse(path.name) for path in folder.glob("modules.*json"))
    tables = sorted(
        (name.segment, name.rank, name.filename)
        for name in names
        if name is not None and (name.kind, name.ext) == ("modules", "json")
    )
    parts = [part for *_, name in tables for part in _read(folder / name)]
    return sorted(parts, key=lambda part: not part.is_program)


def table_of(parts: Sequence[JoinedModules]) -> dict[str, Any]:
    """Return one table of all: each content of a file once."""
    roots: dict[Any, Mapping[str, Any]] = {}
    modules: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for part in parts:
        for root in part.roots:
            roots.setdefault(str(root.get("name")), root)
        for entry in part.modules:
            key = tuple(str(entry.get(name)) for name in ("root", "path", "hash"))
            modules.setdefault(key, entry)
    return {"roots": list(roots.values()), "modules": list(modules.values())}


def _read(path: Path) -> Iterator[JoinedModules]:
    try:
        body = loads(read_small(path, _MAX_TABLE), path.name)
    except (OSError, CorruptRecord):
        return
    if isinstance(body, dict):
        missing = [
            NotCaptured(str(one.get("what")), str(one.get("why")))
            for one in _objects(body.get("not_captured"))
        ]
        yield JoinedModules(
            body.get("program") is True, body.get("whole") is True,
            _objects(body.get("roots")), _objects(body.get("modules")), missing,
        )  # fmt: skip


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
