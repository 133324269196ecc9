"""The media browser: a widget whose page asks for the pictures, tables and lines it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import traitlets

from runfolio.charts.curves import label_text
from runfolio.errors import MissingDependency, RunfolioError
from runfolio.query.gallery import Gallery
from runfolio.widgets.answering import Answering
from runfolio.widgets.base import STATIC, PageWidget
from runfolio.widgets.media_answers import Answer, IsStale, MediaAnswers
from runfolio.widgets.media_requests import MediaWanted, media_wanted
from runfolio.widgets.media_text import PrintedLogs
from runfolio.widgets.protocol import Up

__all__ = ["MediaBrowserWidget"]

_KEPT: Final = 4

_VERBS: Final[Mapping[str, Callable[[MediaAnswers, MediaWanted, IsStale], Answer]]] = {
    "keys": MediaAnswers.named_keys, "steps": MediaAnswers.steps, "cells": MediaAnswers.cells,
    "bins": MediaAnswers.bins, "page": MediaAnswers.page, "file": MediaAnswers.file,
    "lines": MediaAnswers.lines, "find": MediaAnswers.find, "hits": MediaAnswers.hits,
}  # fmt: skip
_LATEST: Final = frozenset(("facts", "steps", "bins", "lines", "find", "hits"))


class MediaBrowserWidget(PageWidget):
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
    start = traitlets.Dict().tag(sync=True)

    def __init__(
        self, open_gallery: Callable[[], Gallery], start: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(start=dict(start or {}))
        self.over = False
        self._open = open_gallery
        self._states: dict[int, MediaAnswers] = {}
        self._logs = PrintedLogs()
        self._at = 0
        self._answering = Answering("runfolio-media")

    def __repr__(self) -> str:
        # What is saved where somebody displays the widget itself.
        return "Media of runs, which need their kernel; runfolio.media() shows them again."

    @property
    def mark(self) -> str:
        """What a page finds the place by that this widget takes."""
        return str(self._id)

    def end(self) -> None:
        """Take the widget out of the page, and let go of what it read."""
        self.over = True
        self.set_trait("_esm", "export default {}")
        self._states.clear()
        self.close()

    # What pages say ----------------------------------------------------------------------------

    def heard(self, message: Up) -> None:
        """Take in what a page asks for; a thread of the widget's own answers it."""
        verb, page, number = message.get("verb", ""), message.get("page", ""), message.get("id", 0)
        if message["kind"] != "ask" or (verb not in _VERBS and verb != "facts"):
            return
        want = media_wanted(message.get("what", {}))
        kind = (page, verb) if verb in _LATEST else (page, verb, number)
        self._answering.ask(kind, lambda: self._answer(verb, page, number, want))

    def _answer(self, verb: str, page: str, number: int, want: MediaWanted) -> None:
        answer: dict[str, Any] = {"kind": "told", "verb": verb, "page": page, "id": number}
        buffers: list[bytes] = []
        try:
            if verb == "facts":
                answer |= self._anew()
            elif want.at not in self._states:
                # The page knows runs as they were before the kernel's half was made anew.
                answer["gone"] = True
            else:
                state = self._states[want.at]
                found, buffers = _VERBS[verb](
                    state, want, lambda: self._answering.is_stale((page, verb))
                )
                answer |= found
        except (RunfolioError, MissingDependency, OSError) as error:
            answer["error"] = {"message": label_text(str(error), 400), "position": None}
        except Exception as error:
            # A page that got no answer would ask nothing more.
            words = f"This could not be answered: {label_text(str(error), 300)}"
            self.send(answer | {"error": {"message": words, "position": None}}, [])
            raise
        self.send(answer, buffers)

    def _anew(self) -> dict[str, Any]:
        """Read the runs anew; the states that other pages of this widget show are kept."""
        self._at += 1
        state = self._states[self._at] = MediaAnswers(self._open(), self._logs)
        while len(self._states) > _KEPT:
            del self._states[next(iter(self._states))]
        return {"at": self._at, **state.facts()}
