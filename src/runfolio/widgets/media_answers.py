"""What a page of a media browser is told of one state of its runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from runfolio.charts.curves import label_text
from runfolio.errors import MissingDependency, RunfolioError
from runfolio.query.gallery import KINDS, Gallery, Strip
from runfolio.widgets.answering import Answer
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
from runfolio.widgets.media_requests import MediaWanted
from runfolio.widgets.media_text import PrintedLogs, table_page
from runfolio.widgets.table_rows import run_head

__all__ = ["IsStale", "MediaAnswers"]

_READ_S: Final = 0.6
_ANSWER_S: Final = 0.08
_ANSWER_BYTES: Final = 1_500_000
_HEADS: Final = 200
_STEPS: Final = 50_000
_LARGE_PX: Final = 1600

IsStale = Callable[[], bool]
"""Says whether something newer is wanted by now."""


class MediaAnswers:
    """Answers what a page asks about runs.

    Each answer is what the page is told, and its buffers. Keys have numbers, in the order in which
    they became known: a key is text from anybody.

    Parameters
    ----------
    gallery : Gallery
    logs : PrintedLogs
        What runs printed.
    """

    def __init__(self, gallery: Gallery, logs: PrintedLogs) -> None:
        self.gallery = gallery
        self._logs = logs
        self._keys: dict[str, list[str]] = {kind: [] for kind in KINDS}

    def facts(self) -> dict[str, Any]:
        """Tell how many runs there are, and what the first of them have."""
        self.gallery.read(_READ_S)
        return {
            "n": len(self.gallery), "keys": self.known(), "read": self.gallery.n_read,
            "runs": [run_head(record) for record in self.gallery.records[:_HEADS]],
        }  # fmt: skip

    def known(self) -> dict[str, list[list[Any]]]:
        """Return the keys of each kind by their numbers, with how many of the read runs have it."""
        for kind, known in self.gallery.keys.items():
            listed = self._keys[kind]
            listed += list(known)[len(listed) :]
        return {
            kind: [[label_text(key, 200), self.gallery.keys[kind][key]] for key in listed]
            for kind, listed in self._keys.items()
            if listed
        }

    def named_keys(self, _: MediaWanted, __: IsStale) -> Answer:
        """Tell the keys that are known by now."""
        return {"keys": self.known(), "read": self.gallery.n_read}, []

    def _named(self, want: MediaWanted) -> list[tuple[int, str]]:
        listed = self._keys.get(want.kind, [])
        return [(n, listed[n]) for n in want.keys if n < len(listed)]

    def _strip(self, want: MediaWanted) -> Strip | None:
        named = self._named(want)
        if not named or want.run is None or want.run >= len(self.gallery):
            return None
        return self.gallery.run(want.run).strips.get((want.kind, named[0][1]))

    def steps(self, want: MediaWanted, _: IsStale) -> Answer:
        """Tell at which steps there is something; of very many some, evenly."""
        run = want.run if want.run is not None and want.run < len(self.gallery) else None
        found = self.gallery.steps(want.kind, [key for _, key in self._named(want)], run)
        n = len(found)
        if n > _STEPS:
            found = found[np.linspace(0, n - 1, _STEPS).round().astype(int)]
        return {"n": n}, [found.tobytes()]

    # Cells -------------------------------------------------------------------------------------

    def cells(self, want: MediaWanted, _: IsStale) -> Answer:
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

    def bins(self, want: MediaWanted, _: IsStale) -> Answer:
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

    def page(self, want: MediaWanted, _: IsStale) -> Answer:
        """Give rows of a table, as text."""
        folder, item = self._item_of(want)
        return table_page(folder, item, want.first, want.end), []

    def file(self, want: MediaWanted, _: IsStale) -> Answer:
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

    def lines(self, want: MediaWanted, _: IsStale) -> Answer:
        """Give some of the lines that a run printed."""
        return self._logs.lines(self._folder(want), want.first, want.end), []

    def find(self, want: MediaWanted, is_stale: IsStale) -> Answer:
        """Tell which lines of a run hold a text."""
        found = self._logs.of(self._folder(want)).find(want.text, is_stale)
        lines = np.array(found.lines, np.float64).tobytes()
        return {"n": found.n, "whole": found.whole, "text": want.text}, [lines]

    def hits(self, want: MediaWanted, is_stale: IsStale) -> Answer:
        """Tell how many lines of each of some runs hold a text; as many as are quickly read."""
        found: list[list[int]] = []
        end = time.monotonic() + 1
        for place in range(want.first, min(want.end, len(self.gallery))):
            if is_stale() or (found and time.monotonic() > end):
                break
            log = self._logs.of(self.gallery.records[place].path)
            found.append([place, log.find(want.text, is_stale).n])
        return {"hits": found, "text": want.text}, []
