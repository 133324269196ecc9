"""The media browser: a widget whose page asks for the pictures, tables and lines it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import traitlets

from runfolio.query.gallery import Gallery
from runfolio.widgets.answering import Answer
from runfolio.widgets.asked import AskedWidget
from runfolio.widgets.base import STATIC
from runfolio.widgets.media_answers import IsStale, MediaAnswers
from runfolio.widgets.media_requests import MediaWanted, media_wanted
from runfolio.widgets.media_text import PrintedLogs

__all__ = ["MediaBrowserWidget"]

_KEPT: Final = 4

_VERBS: Final[Mapping[str, Callable[[MediaAnswers, MediaWanted, IsStale], Answer]]] = {
    "keys": MediaAnswers.named_keys, "steps": MediaAnswers.steps, "cells": MediaAnswers.cells,
    "bins": MediaAnswers.bins, "page": MediaAnswers.page, "file": MediaAnswers.file,
    "lines": MediaAnswers.lines, "find": MediaAnswers.find, "hits": MediaAnswers.hits,
}  # fmt: skip


class MediaBrowserWidget(AskedWidget):
    """Shows what runs logged beside numbers; pictures travel to the page when it shows them.

    Parameters
    ----------
    open_gallery : callable
        Gives the runs; called anew when the page is refreshed.
    start : mapping
        What the page shows first: ``step``, ``text`` (to be found in the output).

    Attributes
    ----------
    start : dict
    """

    _esm = STATIC / "media_browser.js"
    _latest = frozenset(("facts", "steps", "bins", "lines", "find", "hits"))
    start = traitlets.Dict().tag(sync=True)

    def __init__(
        self, open_gallery: Callable[[], Gallery], start: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__("runfolio-media", start=dict(start or {}))
        self._open = open_gallery
        self._states: dict[int, MediaAnswers] = {}
        self._logs = PrintedLogs()
        self._at = 0
        self._verbs = {"facts": self._anew} | {verb: partial(self._of, verb) for verb in _VERBS}

    def __repr__(self) -> str:
        # What is saved where somebody displays the widget itself.
        return "Media of runs, which need their kernel; runfolio.media() shows them again."

    def end(self) -> None:
        """Take the widget out of the page, and let go of what it read."""
        super().end()
        self._states.clear()

    # What pages say ----------------------------------------------------------------------------

    def _understood(self, what: Mapping[str, Any]) -> MediaWanted:
        return media_wanted(what)

    def _of(self, verb: str, want: MediaWanted, page: str) -> Answer:
        """Answer what is asked of runs as they were read before."""
        state = self._states.get(want.at)
        if state is None:
            # The page knows runs as they were before the kernel's half was made anew.
            return {"gone": True}, []
        return _VERBS[verb](state, want, lambda: self._answering.is_stale((page, verb)))

    def _anew(self, _: MediaWanted, __: str) -> Answer:
        """Read the runs anew; the states that other pages of this widget show are kept."""
        self._at += 1
        state = self._states[self._at] = MediaAnswers(self._open(), self._logs)
        while len(self._states) > _KEPT:
            del self._states[next(iter(self._states))]
        return {"at": self._at, **state.facts()}, []
