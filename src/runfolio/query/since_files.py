"""What changed between two runs in cells, packages and files, from little of what they hold.

A card and a journal entry say it, and a run ends no later for it: a file that is long is left
alone. :func:`runfolio.query.diff.run_diff` compares everything.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runfolio.errors import CorruptRecord
from runfolio.format.cells import executed_cells
from runfolio.format.disk import read_small
from runfolio.format.layout import RunPaths
from runfolio.model.context import CellExecution
from runfolio.model.run import RunRecord
from runfolio.query.compare import Change, changes
from runfolio.query.diff_cells import cells_of, edited_cells
from runfolio.query.diff_environment import imported
from runfolio.query.diff_records import document, listed
from runfolio.query.diff_seeds import seeds_diff
from runfolio.query.patches import patched_files

__all__ = ["FilesSince", "files_since"]

_MAX_EVENTS: Final = 256 << 10
_MAX_PATCH: Final = 256 << 10
_MAX_CELLS: Final = 240
# Cells that are neither equal nor of one id are edits of each other where they are alike: so
# many pairs are looked at, some microseconds each.
_MAX_PAIRS: Final = 100
_MAX_PARSED: Final = 6_000
_NOTEBOOK: Final = ".ipynb"
_PATCH: Final = "uncommitted.patch"


@dataclass(frozen=True, slots=True)
class FilesSince:
    """What changed beside settings, seeds and data.

    Attributes
    ----------
    cells : mapping of str to int
        How many were ``edited``, ``added``, ``removed``; cells that only assign other literals
        count as the same, for those are settings.
    packages : tuple of Change
        Packages that both runs imported, in other versions.
    states : tuple of str
        Generators that began in other states, as they do wherever no seed was set.
    files : tuple of str
        Files with another uncommitted part, and local modules with another content. Of two
        commits only git could tell which files differ.
    is_whole : bool
        Whether cells were compared, or there are none.
    """

    cells: Mapping[str, int] = field(default_factory=dict)
    packages: tuple[Change, ...] = ()
    states: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    is_whole: bool = True


def files_since(was: RunRecord, now: RunRecord) -> FilesSince:
    """Return what changed from one run to another; nothing of what cannot be read."""
    before, after = _cells(was), _cells(now)
    whole = before is not None and after is not None and bool(before) == bool(after)
    cells = _edited(before, after) if before and after else {}
    return FilesSince(
        cells, _packages(was, now), tuple(_states(was, now)), tuple(_files(was, now)), whole
    )


def _packages(was: RunRecord, now: RunRecord) -> tuple[Change, ...]:
    """Return the packages that both runs imported, in other versions."""
    before, after = imported(was), imported(now)
    both = before.keys() & after.keys()
    return tuple(one for one in changes(before, after) if one.name in both)


def _states(was: RunRecord, now: RunRecord) -> Iterator[str]:
    for one in seeds_diff(was, now)[0].states:
        yield one.name if one.name != "environment" else "settings of determinism"


def _edited(was: Sequence[CellExecution], now: Sequence[CellExecution]) -> Mapping[str, int]:
    found = edited_cells(was, now, max_pairs=_MAX_PAIRS, max_parsed=_MAX_PARSED)
    return {kind: found[kind] for kind in ("edited", "added", "removed") if found[kind]}


def _cells(record: RunRecord) -> list[CellExecution] | None:
    """Return the cells behind a run; ``None`` where there are too many for a line."""
    try:
        stats = [path.stat() for _, path in RunPaths(record.path).parts("events", "jsonl")]
        size = sum(about.st_size for about in stats)
        if not stats:
            return []
        if size > _MAX_EVENTS:
            return None
        changed_ns = max(about.st_mtime_ns for about in stats)
        cells = cells_of(record, _executed(record.path, size, changed_ns))
    except OSError:
        return None
    return cells if len(cells) <= _MAX_CELLS else None


@functools.lru_cache(maxsize=16)
def _executed(path: Path, size: int, changed_ns: int) -> tuple[CellExecution, ...]:
    del size, changed_ns  # part of the key only: a live card asks again and again
    return tuple(executed_cells(path))


def _files(was: RunRecord, now: RunRecord) -> Iterator[str]:
    yield from _names(_modules(was), _modules(now))
    if not was.git.get("sha") or was.git.get("sha") != now.git.get("sha"):
        return
    try:
        patches = _patch(was), _patch(now)
    except CorruptRecord:  # too long to be read here
        yield _PATCH
        return
    before, after = (
        {path: text for path, text in patched_files(one).items() if not path.endswith(_NOTEBOOK)}
        for one in patches
    )
    yield from (name for name in {**before, **after} if before.get(name) != after.get(name))


def _names(was: Mapping[str, object], now: Mapping[str, object]) -> Iterator[str]:
    """Yield the local modules that both runs imported, with another content."""
    return (name for name, digest in now.items() if was.get(name, digest) != digest)


def _modules(record: RunRecord) -> dict[str, object]:
    found = document(record, "code", "modules.json").body.get("modules")
    return {
        f"{one.get('root')}/{one.get('path')}".removeprefix("project/"): one.get("hash")
        for one in listed(found)
    }


def _patch(record: RunRecord) -> bytes:
    try:
        return read_small(RunPaths(record.path).code / _PATCH, _MAX_PATCH)
    except OSError:
        return b""
