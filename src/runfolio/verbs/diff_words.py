"""A difference in words that its terminal, Markdown and HTML forms share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.charts.figures import difference as signed
from runfolio.charts.figures import figure, setting
from runfolio.query.compare import Change, Delta
from runfolio.query.diff import RunDiff
from runfolio.query.diff_cells import CellChange
from runfolio.query.diff_text import TextDiff
from runfolio.query.fields import ABSENT
from runfolio.query.summary import unit_of
from runfolio.replay.trees import CodeDiff, FileChange

__all__ = ["MAX_LINES", "Block", "Line", "Section", "sections"]

MAX_LINES: Final = 200
"""Rows of one table; further ones are counted."""

_SAME: Final = {
    "config": "the same settings",
    "cells": "the same cells",
    "code": "the same code",
    "environment": "the same environment",
    "data": "the same data",
    "seeds": "the same seeds",
    "metrics": "no metrics",
    "files": "the same saved files",
}
_HASH: Final = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in both runs; empty where a run lacks it.

    Attributes
    ----------
    mark : str
        ``▲`` or ``▼`` with how much, of a metric that got better or worse.
    better : bool or None
    """

    name: str
    was: str
    now: str
    mark: str = ""
    better: bool | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A cell or a file with its lines."""

    title: str
    text: TextDiff | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a difference.

    Attributes
    ----------
    title : str
    summary : str
        One sentence; all there is where both runs are the same in it.
    lines : tuple of Line
    blocks : tuple of Block
    more : int
        Lines that found no place.
    """

    title: str
    summary: str = ""
    lines: tuple[Line, ...] = ()
    blocks: tuple[Block, ...] = ()
    more: int = 0

    @property
    def is_same(self) -> bool:
        """Whether nothing differs in it."""
        return not (self.lines or self.blocks)


def sections(diff: RunDiff, code: CodeDiff, parts: Sequence[str]) -> list[Section]:
    """Return the parts that are asked for, in their order."""
    made = {
        "config": lambda: _table("config", diff.config),
        "cells": lambda: _cells(diff),
        "code": lambda: _code(code),
        "environment": lambda: _table("environment", diff.environment, _packages(diff)),
        "data": lambda: _table("data", diff.data),
        "seeds": lambda: _table("seeds", diff.seeds),
        "metrics": lambda: _metrics(diff),
        "files": lambda: _table("files", diff.files),
    }
    return [made[part]() for part in parts]


def _packages(diff: RunDiff) -> str:
    return f"{diff.n_packages:,} packages the same" if diff.n_packages else ""


def _table(part: str, changes: Sequence[Change], also: str = "") -> Section:
    if not changes:
        same = _SAME[part] + (f", {also}" if also else "")
        return Section(part, same)
    lines = tuple(Line(c.name, _value(part, c.was), _value(part, c.now)) for c in changes)
    return Section(part, also, lines[:MAX_LINES], more=max(len(lines) - MAX_LINES, 0))


def _value(part: str, value: Any) -> str:
    if value is ABSENT:
        return ""
    if part in ("data", "files") and isinstance(value, str):
        kind, colon, digest = value.rpartition(":")
        return f"{kind}{colon}{digest[:_HASH]}"
    return setting(value)


def _metrics(diff: RunDiff) -> Section:
    lines = tuple(_delta(delta, diff) for delta in diff.metrics if delta.delta != 0)
    n_same = len(diff.metrics) - len(lines)
    words = f"{n_same} the same" if n_same else ""
    if not lines:
        return Section("metrics", "the same figures" if diff.metrics else _SAME["metrics"])
    return Section("metrics", words, lines[:MAX_LINES], more=max(len(lines) - MAX_LINES, 0))


def _delta(delta: Delta, diff: RunDiff) -> Line:
    unit = unit_of(delta.key, (diff.now, diff.was))
    name = f"{delta.key} ({unit})" if unit else delta.key
    was, now = ("" if v is None else figure(v) for v in (delta.was, delta.now))
    if delta.delta is None or delta.now is None:
        return Line(name, was, now)
    mark = {True: "▲ ", False: "▼ ", None: ""}[delta.better]
    return Line(name, was, now, mark + signed(delta.delta, delta.now), delta.better)


def _cells(diff: RunDiff) -> Section:
    cells = diff.cells
    if not (cells.n_was or cells.n_now):
        return Section("cells", "neither run has cells")
    words = [f"{cells.n_same} of {max(cells.n_was, cells.n_now)} cells the same"]
    if cells.repeated:
        words.append(f"{cells.repeated} earlier executions of the same cells not compared")
    if cells.left_out:
        words.append(f"{cells.left_out} cells not looked at")
    if cells.is_same:
        return Section("cells", _SAME["cells"] + f", {cells.n_now} of them")
    return Section("cells", " · ".join(words), blocks=tuple(map(_cell, cells.changes)))


def _cell(change: CellChange) -> Block:
    place = f"[{change.now if change.now is not None else change.was}]"
    if change.kind == "same":
        return Block(f"{place} moved from place {change.was}: {change.first}", None)
    moved = f", moved from place {change.was}" if change.moved else ""
    return Block(f"{place} {change.kind}{moved}: {change.first}", change.text)


def _code(code: CodeDiff) -> Section:
    where = code.now if code.was == code.now else f"{code.was} → {code.now}"
    words = [word for word in (where, code.note) if word]
    if not code.changes:
        same = _SAME["code"] if not code.note else "nothing differs in what was compared"
        return Section("code", " · ".join([same, *words]))
    n = len(code.changes) + code.left_out
    words.insert(0, f"{n} file{'s' * (n != 1)}")
    return Section("code", " · ".join(words), blocks=tuple(map(_file, code.changes)),
                   more=code.left_out)  # fmt: skip


def _file(change: FileChange) -> Block:
    was = f" from {change.was_path}" if change.was_path else ""
    kind = "uncommitted part changed" if change.kind == "patch" else change.kind
    return Block(f"{change.path} {kind}{was}", change.text, change.note)
