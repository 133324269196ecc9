"""Widgets that take the place of static HTML in a notebook's page.

What a cell keeps of a table, a comparison or a browser is static HTML, which every front end shows,
saved or not. A page that is there takes the place of that HTML with the widget, by its mark: the
notebook never holds the view of a widget, which without its kernel would be an error message.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from runfolio.verbs.live import can_live

if TYPE_CHECKING:
    from runfolio.widgets.asked import AskedWidget

__all__ = ["has_page", "page_mark"]

_ALIVE: Final = 12
"""Widgets of a kernel that answer their pages; the one shown longest ago becomes static again."""

_shown: list[AskedWidget] = []


def has_page() -> bool:
    """Return whether a page may be there that takes the place of static HTML.

    Whatever only executes a notebook tells it no session name, and gets no widget.
    """
    return bool(os.environ.get("JPY_SESSION_NAME")) and can_live()


def page_mark(widget: AskedWidget) -> str:
    """Return the mark of the widget that is to take the place of static HTML."""
    if widget in _shown:
        _shown.remove(widget)
    _shown.append(widget)
    while len(_shown) > _ALIVE:
        _shown.pop(0).end()
    return widget.mark
