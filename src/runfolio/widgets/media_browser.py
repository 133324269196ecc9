"""The media browser: a widget whose page asks for the pictures, tables and lines it shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import traitlets

from runfolio.charts.curves import label_text
from runfolio.errors import MissingDependency, RunfolioError
from runfolio.query.gallery import KINDS, Gallery, Strip
from runfolio.widgets.answering import Answering
from runfolio.widgets.base import STATIC, PageWidget
from runfolio.widgets.media_cells import (
    bin_at,
    filed,
    heat,
    overlaid,
    picture,
    picture_path,
    picture_token,
    told,
)
from runfolio.widgets.media_requests import MediaWanted, media_wanted
from runfolio.widgets.media_text import PrintedLogs, table_page
from runfolio.widgets.protocol import Up
from runfolio.widgets.table_rows import run_head

__all__ = ["MediaBrowserWidget"]

_READ_S: Final = 0.6
_ANSWER_S: Final = 0.08
_ANSWER_BYTES: Final = 1_500_000
_HEADS: Final = 200
_STEPS: Final = 50_000
_LARGE_PX: Final = 1600

Answer = tuple[dict[str, Any], list[bytes]]


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
        self._gallery: Gallery | None = None
        self._keys: dict[str, list[str]] = {}
        self._logs = PrintedLogs()
        self._at = 0
        self._answering = Answering("runfolio-media")
        self._verbs: Mapping[str, Callable[[MediaWanted, str], Answer]] = {
            "facts": self._facts, "keys": self._more_keys, "steps": self._steps,
            "cells": self._cells, "bins": self._bins, "page": self._page, "file": self._file,
            "lines": self._lines, "find": self._find, "hits": self._hits,
        }  # fmt: skip

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
        self._gallery = None
        self.close()

    # What pages say ----------------------------------------------------------------------------

    def heard(self, message: Up) -> None:
        """Take in what a page asks for; a thread of the widget's own answers it."""
        verb, page, number = message.get("verb", ""), message.get("page", ""), message.get("id", 0)
        if message["kind"] != "ask" or verb not in self._verbs:
            return
        want = media_wanted(message.get("what", {}))
        kind = (page, verb) if verb in _LATEST else (page, verb, number)
        self._answering.ask(kind, lambda: self._answer(verb, page, number, want))

    def _answer(self, verb: str, page: str, number: int, want: MediaWanted) -> None:
        answer: dict[str, Any] = {"kind": "told", "verb": verb, "page": page, "id": number}
        buffers: list[bytes] = []
        try:
            # The page may know runs as they were before the kernel's half was made anew.
            if verb != "facts" and want.at != self._at:
                found: dict[str, Any] = {"gone": True}
            else:
                found, buffers = self._verbs[verb](want, page)
            answer |= {"at": self._at, **found}
        except (RunfolioError, MissingDependency, OSError) as error:
            words = label_text(str(error), 400)
            answer["error"] = {"message": words, "position": None}
        self.send(answer, buffers)

    @property
    def gallery(self) -> Gallery:
        """The runs, as they were when the page last asked for them."""
        if self._gallery is None:
            self._gallery = self._open()
        return self._gallery

    def _facts(self, _: MediaWanted, __: str) -> Answer:
        """Read the runs anew, and tell what the first of them have."""
        self._gallery = gallery = self._open()
        self._at += 1
        self._keys = {kind: [] for kind in KINDS}
        gallery.read(_READ_S)
        return {
            "at": self._at, "n": len(gallery), "keys": self._known(),
            "runs": [run_head(record) for record in gallery.records[:_HEADS]],
            "read": gallery.n_read,
        }, []  # fmt: skip

    def _known(self) -> dict[str, list[list[Any]]]:
        """Return the keys of each kind by their numbers, with how many of the read runs have it."""
        for kind, known in self.gallery.keys.items():
            listed = self._keys[kind]
            listed += list(known)[len(listed) :]
        return {
            kind: [[label_text(key, 200), self.gallery.keys[kind][key]] for key in listed]
            for kind, listed in self._keys.items()
            if listed
        }

    def _more_keys(self, _: MediaWanted, __: str) -> Answer:
        return {"keys": self._known(), "read": self.gallery.n_read}, []

    def _named(self, want: MediaWanted) -> list[tuple[int, str]]:
        listed = self._keys.get(want.kind, [])
        return [(n, listed[n]) for n in want.keys if n < len(listed)]

    def _strip(self, want: MediaWanted) -> Strip | None:
        named = self._named(want)
        if not named or want.run is None or want.run >= len(self.gallery):
            return None
        return self.gallery.run(want.run).strips.get((want.kind, named[0][1]))

    def _steps(self, want: MediaWanted, _: str) -> Answer:
        """Tell at which steps there is something; of very many some, evenly."""
        run = want.run if want.run is not None and want.run < len(self.gallery) else None
        found = self.gallery.steps(want.kind, [key for _, key in self._named(want)], run)
        n = len(found)
        if n > _STEPS:
            found = found[np.linspace(0, n - 1, _STEPS).round().astype(int)]
        return {"n": n}, [found.tobytes()]

    # Cells -------------------------------------------------------------------------------------

    def _cells(self, want: MediaWanted, _: str) -> Answer:
        """Tell what stands in each cell; of its pictures as many as are quickly had."""
        gallery = self.gallery
        end = time.monotonic() + _ANSWER_S
        cells: list[dict[str, Any]] = []
        buffers: list[bytes] = []
        later = False
        if want.run is None:
            places = [(p, p, want.step) for p in range(want.first, min(want.end, len(gallery)))]
        else:
            inside = want.run < len(gallery)
            places = [(n, want.run, s) for n, s in enumerate(want.steps) if inside]
        for number, key in self._named(want):
            for column, place, step in places:
                cell = self._cell(want, number, key, place, step)
                cell |= {"k": number, "c": column}
                is_full = time.monotonic() > end or sum(map(len, buffers)) > _ANSWER_BYTES
                if "token" in cell and cell["token"] not in want.held and is_full and buffers:
                    cell["later"] = later = True
                elif "token" in cell and cell["token"] not in want.held:
                    self._fill(cell, want, place, buffers)
                cells.append({name: v for name, v in cell.items() if not name.startswith("_")})
        heads = (
            [run_head(r) for r in gallery.records[want.first : want.end]]
            if want.run is None
            else []
        )
        return {
            "cells": cells, "first": want.first, "runs": heads, "later": later,
            "known": sum(map(len, gallery.keys.values())), "read": gallery.n_read,
        }, buffers  # fmt: skip

    def _cell(
        self, want: MediaWanted, number: int, key: str, place: int, step: float | None
    ) -> dict[str, Any]:
        media = self.gallery.run(place)
        strip = media.strips.get((want.kind, key))
        if strip is None:
            return {"none": label_text(media.problem, 200)}
        if want.run is None:
            at = strip.at(step)
            if at is None:
                return {"none": "", "from": strip.steps[0]}
            found, items = at
        else:
            found, items = step or 0.0, strip.exactly(step or 0.0)
        if not items:
            return {"none": ""}
        item = items[min(want.item.get(number, 0), len(items) - 1)]
        cell = told(item) | {"step": found, "n": len(items), "item": items.index(item)}
        folder = media.record.path
        if want.kind == "histograms" and want.run is None:
            cell |= {"_strip": strip, "token": f"h{place} {len(strip.steps)} {number}"}
        elif want.kind in ("images", "histograms"):
            path = picture_path(item)
            cell["over"] = overlaid(item)
            if path is not None:
                cell |= {
                    "_item": item,
                    "token": picture_token(folder, item, want.px, over=want.over),
                }
        return cell

    def _fill(
        self, cell: dict[str, Any], want: MediaWanted, place: int, buffers: list[bytes]
    ) -> None:
        """Add the picture of a cell, or why there is none."""
        try:
            if "_strip" in cell:
                found = heat(cell["_strip"])
                if found is None:
                    cell["why"] = "Counts and edges of these histograms do not go together."
                    return
                cell |= {"heat": found[0], "buffer": len(buffers)}
                buffers.append(found[1])
                return
            made = picture(self.gallery.records[place].path, cell["_item"], want.px, over=want.over)
        except (RunfolioError, MissingDependency, OSError) as error:
            cell["why"] = label_text(str(error), 300)
            return
        cell |= {"buffer": len(buffers), "mime": made.type, "w": made.width, "h": made.height}
        buffers.append(made.data)

    def _bins(self, want: MediaWanted, _: str) -> Answer:
        """Tell exactly how many values are where somebody points."""
        strip = self._strip(want)
        at = strip.at(want.step) if strip is not None else None
        if at is None:
            return {"bin": None}, []
        return {"step": at[0], "bin": bin_at(at[1], want.x)}, []

    def _item_of(self, want: MediaWanted) -> Any:
        strip = self._strip(want)
        at = strip.at(want.step) if strip is not None else None
        if at is None or want.run is None:
            raise RunfolioError("There is nothing by this step.")
        items = at[1]
        item = items[min(next(iter(want.item.values()), 0), len(items) - 1)]
        return self.gallery.records[want.run].path, item

    def _page(self, want: MediaWanted, _: str) -> Answer:
        """Give rows of a table, as text."""
        folder, item = self._item_of(want)
        return table_page(folder, item, want.first, want.end), []

    def _file(self, want: MediaWanted, _: str) -> Answer:
        """Give a file whole: a sound, a film, a page, or a picture as large as it can be seen."""
        folder, item = self._item_of(want)
        is_picture = want.kind == "images"
        made = (
            picture(folder, item, _LARGE_PX, over=want.over) if is_picture else filed(folder, item)
        )
        return {"mime": made.type, "w": made.width, "h": made.height}, [made.data]

    # Output ------------------------------------------------------------------------------------

    def _folder(self, want: MediaWanted) -> Any:
        if want.run is None or want.run >= len(self.gallery):
            raise RunfolioError("There is no such run.")
        return self.gallery.records[want.run].path

    def _lines(self, want: MediaWanted, _: str) -> Answer:
        return self._logs.lines(self._folder(want), want.first, want.end), []

    def _find(self, want: MediaWanted, page: str) -> Answer:
        stale = lambda: self._answering.is_stale((page, "find"))  # noqa: E731
        found = self._logs.of(self._folder(want)).find(want.text, stale)
        lines = np.array(found.lines, np.float64).tobytes()
        return {"n": found.n, "whole": found.whole, "text": want.text}, [lines]

    def _hits(self, want: MediaWanted, page: str) -> Answer:
        """Tell how many lines of each of some runs hold a text; as many as are quickly read."""
        found: list[list[int]] = []
        end = time.monotonic() + 1
        for place in range(want.first, min(want.end, len(self.gallery))):
            stale = self._answering.is_stale((page, "hits"))
            if stale or (found and time.monotonic() > end):
                break
            log = self._logs.of(self.gallery.records[place].path)
            found.append([place, log.find(want.text).n])
        return {"hits": found, "text": want.text}, []


_LATEST: Final = frozenset(("facts", "steps", "bins", "lines", "find", "hits"))
