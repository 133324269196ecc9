"""What of a version takes longer to tell: its lineage, its tables, and what differs from another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from runfolio.server.artifacts import run_head

if TYPE_CHECKING:
    from runfolio.server.stores import OpenStore
    from runfolio.verbs.diff_sections import Block, Line, Section
    from runfolio.verbs.lineage import Listed
    from runfolio.verbs.sheet import Sheet

__all__ = ["PARTS", "difference_of"]

_USERS: Final = 50
_PROFILE_S: Final = 15.0
_COMPARE_S: Final = 30.0
_VALUE: Final = 120
_WORDS: Final = 400


def _lineage(store: OpenStore, wanted: str) -> dict[str, Any]:
    """Return where a version came from and what came of it: drawn, and as a list."""
    from runfolio.charts.lineage import lineage_drawing
    from runfolio.query.artifact_lineage import artifact_lineage
    from runfolio.verbs.lineage import listed

    store.check()
    found = artifact_lineage(store.store, wanted)
    drawing, nodes, users = lineage_drawing(found), listed(found), found.users
    return {
        "svg": drawing.svg, "words": drawing.words, "n": len(found.steps),
        "nodes": [_node(one) for one in nodes],
        "users": [run_head(store, user.id) for user in users[:_USERS]], "n_users": len(users),
    }  # fmt: skip


def _node(one: Listed) -> dict[str, Any]:
    facts = one.facts
    about = " · ".join(_line(word, 40) for word in (facts.about, *facts.aliases) if word)
    status = facts.status
    return {
        "kind": one.node.kind, "id": "" if facts.fault else one.node.id,
        "title": _line(facts.title, 140), "about": about, "fault": _line(facts.fault, 80),
        "status": status.value if status else "", "glyph": status.glyph if status else "",
        "old": one.old, "is_asked": one.is_asked, "came_from": list(one.came_from), "more": one.more,
    }  # fmt: skip


def _profile(store: OpenStore, wanted: str) -> dict[str, Any]:
    """Return the tables of a version: columns and first rows."""
    from runfolio.query.data_versions import data_version
    from runfolio.verbs.data_versions import data_faults, data_notes, data_sheets

    store.check()
    found = data_version(store.store, wanted, seconds=_PROFILE_S)
    faults = [_line(one, 200) for one in (*data_faults(found), *data_notes(found))]
    return {"tables": [_sheet(one) for one in data_sheets(found)], "faults": faults}


PARTS: Final[Mapping[str, Callable[[OpenStore, str], dict[str, Any]]]] = {
    "lineage": _lineage,
    "profile": _profile,
}
"""What is asked of a version beside itself → what tells it, given ``digits:v2``."""


def difference_of(store: OpenStore, was: str, now: str) -> dict[str, Any]:
    """Return what differs between two versions: files, and the columns and rows of tables."""
    from runfolio.query.data_version_diff import data_version_diff
    from runfolio.verbs.data_version_words import data_sections

    store.check()
    found = data_version_diff(store.store, was, now, seconds=_COMPARE_S)
    remarks = [_line(f"not compared: {why}", 200) for why in found.not_compared[:_USERS]]
    return {"sections": [_section(one) for one in data_sections(found)], "remarks": remarks}


def _sheet(sheet: Sheet) -> dict[str, Any]:
    columns = [
        {"title": column.title, "right": column.right, "cells": [cell.text for cell in column.cells]}
        for column in sheet.columns if column.forms != "terminal"
    ]  # fmt: skip
    return {"title": sheet.title, "footer": sheet.footer, "columns": columns}


def _section(section: Section) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [_block(block) for block in section.blocks]
    return {
        "title": section.title, "summary": _line(section.summary, 200), "more": section.more,
        "notes": [_line(f"not compared: {one}", 300) for one in section.notes],
        "lines": [_compared(one) for one in section.lines], "blocks": blocks,
    }  # fmt: skip


def _block(block: Block) -> dict[str, Any]:
    return {
        "title": _line(block.title, 160), "notes": [_line(one, _WORDS) for one in block.notes],
        "lines": [_compared(one) for one in block.lines], "more": block.more,
    }  # fmt: skip


def _compared(line: Line) -> dict[str, Any]:
    return {
        "name": _line(line.name, _VALUE), "was": _line(line.was, _VALUE), "now": _line(line.now, _VALUE),
        "mark": line.mark, "about": _line(line.about, _WORDS),
    }  # fmt: skip


def _line(text: str, width: int) -> str:
    from runfolio.verbs.terminal import one_line

    return one_line(text, width)
