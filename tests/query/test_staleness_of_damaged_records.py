"""Warnings on results of records that somebody damaged, or that no version ever wrote."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from runfolio.format.cells import cells_from, cells_notebook
from runfolio.format.notebooks import noted_notebook
from runfolio.model.notebook import SavedCell, SavedNotebook
from runfolio.query.staleness import Staleness, staleness

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
KEYS = (
    "kind", "hash", "text_hash", "order", "cell_id", "started_at", "duration_s", "status", "run",
    "error", "steps", "bound", "rebound", "changed", "deleted", "read", "values", "source",
    "outputs", "cells", "saved_at", "unknown",
)  # fmt: skip
NAMES = st.lists(st.sampled_from("xyz"), max_size=3)
EVENTS = st.lists(
    st.fixed_dictionaries({"kind": st.sampled_from(["cell", "notebook", "modules"])})
    | st.fixed_dictionaries(
        {"kind": st.just("cell"), "hash": st.sampled_from("ab"), "order": st.integers(0, 4),
         "read": NAMES, "bound": NAMES, "changed": NAMES, "source": st.sampled_from(["x=1", "("])}
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(EVENTS, st.lists(st.dictionaries(st.sampled_from(KEYS), ODD, max_size=5), max_size=6))
def test_no_record_makes_the_warnings_fail(
    events: list[dict[str, Any]], changes: list[dict[str, Any]]
) -> None:
    for event, change in zip(events, changes, strict=False):
        event.update(change)
    cells = cells_from(events)
    saved = SavedNotebook((SavedCell("a", "h", "t", ("x", "*")), SavedCell(None, "", "")), 2**60)

    for notebook in (saved, noted_notebook(events) or SavedNotebook()):
        found = staleness(cells, notebook, "run", 0)
        assert isinstance(found, Staleness)
        assert all(isinstance(line, str) for line in found.lines)
    assert cells_notebook(cells)
