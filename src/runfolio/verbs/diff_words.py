"""A difference in words that its terminal, Markdown and HTML forms share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from runfolio.query.diff import RunDiff
from runfolio.query.diff_cells import CellChange, CellsDiff
from runfolio.replay.file_changes import FileChange
from runfolio.replay.trees import CodeDiff
from runfolio.verbs import diff_facts
from runfolio.verbs.diff_sections import MAX_LINES, Block, Section, lines_of, plural

__all__ = ["sections"]

_NOTHING: Final = "nothing differs in what was compared"


def sections(diff: RunDiff, code: CodeDiff, parts: Sequence[str]) -> list[Section]:
    """Return the parts that are asked for, in their order."""
    made: dict[str, Callable[[], Section]] = {
        "config": lambda: _config(diff),
        "cells": lambda: _cells(diff.cells),
        "code": lambda: _code(code),
        "environment": lambda: diff_facts.environment(diff),
        "data": lambda: diff_facts.data(diff),
        "seeds": lambda: diff_facts.seeds(diff),
        "metrics": lambda: diff_facts.metrics(diff),
        "files": lambda: diff_facts.files(diff),
    }
    return [_noted(made[part](), diff.why(part)) for part in parts]


def _noted(section: Section, why: Sequence[str]) -> Section:
    if not why:
        return section
    # What was not compared is not said to be the same.
    summary = _NOTHING if section.is_same else section.summary
    return replace(section, summary=summary, notes=(*section.notes, *why))


def _config(diff: RunDiff) -> Section:
    lines = lines_of(diff.config[:MAX_LINES])
    if not lines:
        return Section("config", "the same settings")
    return Section("config", "", tuple(lines), more=len(diff.config) - len(lines))


def _cells(cells: CellsDiff) -> Section:
    if not (cells.n_was or cells.n_now):
        return Section("cells", "neither run has cells")
    words = [f"{cells.n_same:,} of {max(cells.n_was, cells.n_now):,} cells the same"]
    if cells.repeated:
        words.append(
            f"{plural(cells.repeated, 'earlier execution')} of the same cells not compared"
        )
    if cells.left_out:
        words.append(f"{plural(cells.left_out, 'cell')} not looked at")
    if cells.is_same:
        return Section("cells", f"the same cells, {cells.n_now:,} of them")
    kept = cells.changes[:MAX_LINES]
    return Section("cells", " · ".join(words), blocks=tuple(_cell(one) for one in kept),
                   more=len(cells.changes) - len(kept))  # fmt: skip


def _cell(change: CellChange, of: str = "") -> Block:
    place = f"{of}[{change.now if change.now is not None else change.was}]"
    if change.kind == "same":
        return Block(f"{place} moved from place {change.was}", first=change.first)
    moved = f", moved from place {change.was}" if change.moved else ""
    return Block(f"{place} {change.kind}{moved}", change.text, first=change.first)


def _code(code: CodeDiff) -> Section:
    where = code.now if code.was == code.now else f"{code.was} → {code.now}"
    notes = (code.note,) if code.note else ()
    if not code.changes:
        same = "the same code" if not code.note else _NOTHING
        return Section("code", " · ".join(filter(None, (same, where))), notes=notes)
    n = len(code.changes) + code.left_out
    blocks = [block for change in code.changes for block in _file(change)]
    return Section("code", f"{plural(n, 'file')} · {where}", blocks=tuple(blocks),
                   more=code.left_out, notes=notes)  # fmt: skip


def _file(change: FileChange) -> Iterator[Block]:
    was = f" from {change.was_path}" if change.was_path else ""
    kind = "uncommitted part changed" if change.kind == "patch" else change.kind
    cells = change.cells
    if cells is None:
        yield Block(f"{change.path} {kind}{was}", change.text, tuple(filter(None, (change.note,))))
        return
    note = f"{cells.n_same:,} of {max(cells.n_was, cells.n_now):,} cells the same"
    yield Block(f"{change.path} {kind}{was}", None, (note,))
    yield from (_cell(one, f"{change.path} ") for one in cells.changes[:MAX_LINES])
