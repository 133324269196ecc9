"""``media``: what runs logged beside numbers, side by side."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from runfolio.errors import UsageError
from runfolio.model.media import MediaItem
from runfolio.model.run import RunRecord
from runfolio.query.gallery import KINDS, Gallery
from runfolio.query.printed import PrintedLog
from runfolio.query.run_names import run_name
from runfolio.record.guard import guard
from runfolio.verbs.chosen import chosen
from runfolio.verbs.lookup import label, short_path, the_store
from runfolio.verbs.media_grid import grid_html
from runfolio.verbs.media_words import media_facts, media_words, step_words
from runfolio.verbs.pages import has_page, page_mark
from runfolio.verbs.terminal import clean, columns_of, one_line
from runfolio.verbs.view import STYLES, View, join_lines

if TYPE_CHECKING:
    from runfolio.widgets.media_browser import MediaBrowserWidget

__all__ = ["MediaView", "media"]

_SECONDARY: Final = STYLES["secondary"]
_RUNS: Final = 100
"""Runs that are told in words, unless machines ask."""

_KEPT_RUNS: Final = 20
"""Runs that a notebook keeps in words."""

_DRAWN: Final = 6
"""Runs that a notebook keeps as pictures."""

_KEYS: Final = 40
_HITS: Final = 20
_HITS_TOLD: Final = 1000
_LINE: Final = 200


class MediaView(View):
    """The media of runs side by side; in a notebook with a page a widget that asks for them.

    Parameters
    ----------
    records : sequence of RunRecord
    query : str
        What selected them; empty where they were named.
    again : callable
        Gives the runs as they are by now.
    keys : sequence of str
        Patterns of the keys that are looked at; all without one.
    step : float, optional
        At which step they are looked at; the last of each key without it.
    search : str, optional
        A text to be found in what the runs printed.
    """

    def __init__(
        self,
        records: Sequence[RunRecord],
        query: str = "",
        *,
        again: Callable[[], Sequence[RunRecord]] | None = None,
        keys: Sequence[str] = (),
        step: float | None = None,
        search: str | None = None,
    ) -> None:
        self.records = records
        self._query = query
        self._again = again
        self._patterns = tuple(keys)
        self._step = step
        self._search = search
        self._widget: MediaBrowserWidget | None = None
        self.exit_code = 0 if records else 1

    @functools.cached_property
    def gallery(self) -> Gallery:
        """The media of the runs, each read when it is looked at."""
        return self._gallery(self.records)

    def _gallery(self, records: Sequence[RunRecord]) -> Gallery:
        return Gallery(records, self._wants if self._patterns else None)

    def _wants(self, key: str) -> bool:
        return any(fnmatchcase(key, pattern) for pattern in self._patterns)

    def items(self, place: int) -> Mapping[str, Sequence[MediaItem]]:
        """Return what the run at a place logged last, at or before the step, by key."""
        strips = self.gallery.run(place).strips
        order = sorted(strips, key=lambda kind_key: KINDS.index(kind_key[0]))
        found = {key: strips[kind, key].at(self._step) for kind, key in order}
        return {key: at[1] for key, at in found.items() if at is not None}

    def hits(self, place: int, most: int) -> tuple[int, list[tuple[int, str]]]:
        """Return how many lines that the run at a place printed hold the text, and the first."""
        log = PrintedLog(self.records[place].path)
        try:
            log.look()
            found = log.find(self._search or "")
            return found.n, [(n + 1, log.read(n, n + 1)[0]) for n in found.lines[:most]]
        except OSError:  # a file that nobody may read is as one that was not kept
            return 0, []

    def _empty(self) -> str:
        if self._query:
            return f"No run matches this query: {one_line(self._query, 120)}"
        return f"No runs yet in {short_path(the_store().path)}. Start one: runfolio.init() in a script, %%track NAME in a cell."

    def text(self, width: int | None = None) -> Text:
        """Return for each run a line a key: what was logged, where, and how often."""
        del width
        return self._told(_RUNS)

    def _told(self, runs: int) -> Text:
        if not self.records:
            return Text(self._empty(), _SECONDARY)
        lines: list[Text] = []
        for place, record in enumerate(self.records[:runs]):
            lines += [label(record, 60), *self._lines(place)]
        more = len(self.records) - runs
        lines += [Text(f"and {more:,} more runs", _SECONDARY)] if more > 0 else []
        return join_lines(lines)

    def _lines(self, place: int) -> list[Text]:
        media, found = self.gallery.run(place), self.items(place)
        shown = list(found.items())[:_KEYS]
        names = [one_line(key, 40) for key, _ in shown]
        wide = max(map(columns_of, names), default=0)
        steps = {key: len(strip.steps) for (_, key), strip in media.strips.items()}
        lines = [
            Text.assemble(
                "  ", name, " " * (wide - columns_of(name) + 2), media_words(items),
                (f" · {step_words(items)}", _SECONDARY),
                (f" · {steps[key]:,} steps" if steps[key] > 1 else "", _SECONDARY),
            )
            for name, (key, items) in zip(names, shown, strict=True)
        ]  # fmt: skip
        if len(found) > _KEYS:
            lines.append(Text(f"  and {len(found) - _KEYS:,} more keys", _SECONDARY))
        if not found and not self._search:
            lines.append(Text(f"  {self._none(place)}", _SECONDARY))
        return [*lines, *self._found_lines(place)]

    def _none(self, place: int) -> str:
        media = self.gallery.run(place)
        if media.problem:
            return clean(media.problem)
        if media.strips:
            return f"nothing by step {self._step:g}"
        return "no such key" if self._patterns else "no media were logged"

    def _found_lines(self, place: int) -> list[Text]:
        if not self._search:
            return []
        n, hits = self.hits(place, _HITS)
        words = f"  {n:,} line{'s' * (n != 1)} hold{'s' * (n == 1)} {one_line(self._search, 60)!r}"
        lines = [Text(words, _SECONDARY)]
        lines += [
            Text.assemble((f"  {number:>7,}  ", _SECONDARY), one_line(line, _LINE))
            for number, line in hits
        ]
        return [*lines, *([Text(f"  and {n - _HITS:,} more", _SECONDARY)] if n > _HITS else [])]

    def data(self) -> Any:
        """Return for each run what it has under each key, and the printed lines that were found."""
        found = []
        for place, record in enumerate(self.records):
            strips = self.gallery.run(place).strips
            facts: dict[str, Any] = {
                "id": record.id,
                "name": record.name,
                "status": record.status.value,
            }
            facts["media"] = media_facts(self.items(place))
            for (_, key), strip in strips.items():
                if key in facts["media"]:
                    facts["media"][key] |= {"steps": list(strip.steps)}
            if self._search:
                n, hits = self.hits(place, _HITS_TOLD)
                facts["output"] = {
                    "n": n, "lines": [{"line": number, "text": line} for number, line in hits],
                }  # fmt: skip
            found.append(facts)
        return found

    def to_html(self) -> str:
        """Return the first runs and keys side by side as static HTML of at most 300 kB."""
        return self._html("")

    def _html(self, mark: str) -> str:
        drawn = self.records[:_DRAWN]
        return grid_html(
            [(one_line(run_name(record), 40), record) for record in drawn],
            [self.items(place) for place in range(len(drawn))],
            total=len(self.records),
            query=one_line(self._query, 80),
            mark=mark,
            empty="" if drawn else self._empty(),
            hits={place: self.hits(place, _HITS)[1] for place in range(len(drawn))}
            if self._search
            else None,
        )

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the first of them as HTML, and all in words; a page puts the widget there."""
        del include, exclude
        bundle: dict[str, Any] = {"text/plain": clean(self._told(_KEPT_RUNS).plain)}
        with guard("drawing the media"):
            mark = page_mark(self.widget) if self.records and has_page() else ""
            bundle["text/html"] = self._html(mark)
        return bundle, {}

    @property
    def widget(self) -> MediaBrowserWidget:
        """The browser as a widget, the one that a notebook shows of it; made when it is asked for."""
        if self._widget is None or self._widget.over:
            from runfolio.widgets.media_browser import MediaBrowserWidget

            self._widget = MediaBrowserWidget(
                self._opened, {"step": self._step, "text": self._search or ""}
            )
        return self._widget

    def _opened(self) -> Gallery:
        return self._gallery(self._again() if self._again is not None else self.records)


def _number(step: Any) -> float:
    return float(step) if isinstance(step, (int, float)) else math.nan


def media(
    *runs: Any,
    key: str | Sequence[str] | None = None,
    step: float | None = None,
    search: str | None = None,
) -> MediaView:
    """Show what runs logged beside numbers side by side: images, tables, sounds, output.

    Parameters
    ----------
    *runs : str, run or runs
        Which runs, or a query that selects them; the last one without any.
    key : str or sequence of str, optional
        Names or patterns (``val/*``) of what is looked at; everything without it.
    step : float, optional
        Show of each key what was logged last at or before this step; the last of all without it.
    search : str, optional
        Show the printed lines that hold this text, too.

    Raises
    ------
    RunNotFound
        One of the runs is meant by nothing.
    UsageError
        The step is no number.

    Examples
    --------
    >>> runfolio.media("tag:sweep", key="val/*")  # doctest: +SKIP
    """
    if step is not None and not math.isfinite(_number(step)):
        raise UsageError(f"step is {step!r}; expected a number, or nothing for the last step.")
    store = the_store()
    which = runs or ("@last",)
    records, query = chosen(which, store)
    patterns = [key] if isinstance(key, str) else list(key or ())
    return MediaView(
        records,
        query,
        again=lambda: chosen(which, store)[0],
        keys=patterns,
        step=step,
        search=search,
    )
