"""The runs table in a notebook's page.

What a cell keeps of a table is static HTML, which every front end shows, saved or not. A page that
is there takes the place of that HTML with the widget, by its mark: the notebook never holds the
view of a widget, which without its kernel would be an error message.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from runfolio.verbs.live import can_live

if TYPE_CHECKING:
    from runfolio.verbs.runs import RunsView
    from runfolio.widgets.runs_table import RunsTableWidget

__all__ = ["Placed", "has_page", "page_mark", "table_widget"]

_ALIVE: Final = 12
"""Widgets of a kernel that answer their pages; the one shown longest ago becomes static again."""


class Placed(Protocol):
    """A widget that takes the place of static HTML."""

    @property
    def mark(self) -> str:
        """What a page finds the place by."""

    def end(self) -> None:
        """Take the widget out of the page."""


_shown: list[Placed] = []


def has_page() -> bool:
    """Return whether a page may be there that takes the place of static HTML.

    Whatever only executes a notebook tells it no session name, and gets no widget.
    """
    return bool(os.environ.get("JPY_SESSION_NAME")) and can_live()


def page_mark(widget: Placed) -> str:
    """Return the mark of the widget that is to take the place of static HTML."""
    if widget in _shown:
        _shown.remove(widget)
    _shown.append(widget)
    while len(_shown) > _ALIVE:
        _shown.pop(0).end()
    return widget.mark


def table_widget(
    runs: RunsView, columns: Sequence[str] | None = None, *, every: bool = False
) -> RunsTableWidget:
    """Return the widget of a table, with what it takes to edit tags in it."""
    from runfolio.verbs.edit import tag
    from runfolio.widgets.runs_table import RunsTableWidget

    return RunsTableWidget(
        runs, columns=columns, every=every, tag=lambda run, changes: tag(run, *changes),
        grid=runs.grid,
    )  # fmt: skip
