"""The live card of a run: one widget for all its charts, fed from the run directory."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import numpy as np
import traitlets

from runfolio.charts.live import live_specs
from runfolio.charts.since import since_words
from runfolio.errors import RunfolioError
from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord, Status
from runfolio.query.since_best import since_best
from runfolio.query.summary import direction, is_hidden
from runfolio.store.follow import Follower, News
from runfolio.store.reader import RunReader
from runfolio.store.recent import recent_runs
from runfolio.widgets.axes import Axes
from runfolio.widgets.base import STATIC, PageWidget
from runfolio.widgets.card import Pace, card_info
from runfolio.widgets.feed import feed
from runfolio.widgets.journal_cell import JournalCell
from runfolio.widgets.media import LatestMedia
from runfolio.widgets.meters import meters
from runfolio.widgets.panels import Panels
from runfolio.widgets.protocol import Up, Uses
from runfolio.widgets.streaming import Streaming

__all__ = ["Action", "LiveCard"]

Action = Callable[[str], None]
"""What a button does, given what was typed; raises `RunfolioError` where that cannot be."""

_CARD_S: Final = 0.5
_TICK_S: Final = 1.0
_MEDIA_S: Final = 1.5
_REMARKS_S: Final = 10.0
_GONE: Final = "The run directory is gone."


def _no_uses(_: RunRecord) -> Sequence[Uses]:
    return ()


def _no_remarks(_: RunRecord, __: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    return ()


class LiveCard(PageWidget):
    """Shows a run as it goes on; when it is over the card stays as it is until it is closed.

    Parameters
    ----------
    path : Path
        The run directory.
    fresh : callable, optional
        Called before each look: has what is still in memory written down.
    actions : mapping of str to callable
        Verb → what its button does: ``stop``, ``note``, ``tag``.
    remarks : callable, optional
        What is to be said of the run's notebook, given its record and events.
    uses : callable, optional
        Which versions of artifacts it used and made.
    ended : callable, optional
        Called once, in the thread of the feed, when the run is over and all of it was shown.
    metrics : sequence of str
        Patterns (``fnmatch``) of the metrics that are drawn; all without any.

    Attributes
    ----------
    journal : JournalCell
        The run's journal cell in the pages of this card; stays empty unless it is told.
    """

    _esm = STATIC / "live.js"
    card = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    specs = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        path: Path,
        *,
        fresh: Callable[[], None] | None = None,
        actions: Mapping[str, Action] | None = None,
        remarks: Callable[[RunRecord, Sequence[Mapping[str, Any]]], Sequence[str]] = _no_remarks,
        uses: Callable[[RunRecord], Sequence[Uses]] = _no_uses,
        ended: Callable[[], None] = lambda: None,
        metrics: Sequence[str] = (),
    ) -> None:
        super().__init__(specs=live_specs())
        self._fresh = fresh
        self._actions = dict(actions or {})
        self._remarks = remarks
        self._remarked: Sequence[str] = ()
        self._uses = uses
        self._used: Sequence[Uses] = ()
        self._since = ""
        self._remarked_s = float("-inf")
        self._when_over = ended
        self._metrics = tuple(metrics)
        self._reader = RunReader(path)
        self._record = read_record(path)
        self._follower = Follower(path)
        self._machine = Follower(path, "system")
        self._readings: dict[str, float] = {}
        self._axes = Axes(self._reader.events)
        self._panels = Panels(self._direction, self._axes.of)
        self._points = Streaming(self.send)
        self.journal = JournalCell(self.send)
        self._media = LatestMedia(self._reader)
        self._pace = Pace()
        self._epoch: float | None = None
        self._told_s = self._ticked_s = self._looked_s = float("-inf")
        self._media_wanted = False
        self._ended = self._said_over = self._gone = False
        self.over = False

    def __repr__(self) -> str:
        # What is saved, and shown where no widget can live.
        record: RunRecord | None = self.__dict__.get("_record")
        if record is None:
            return super().__repr__()
        return f'{record.status.glyph} The card of a run: "%track show {record.short_id}" shows it.'

    def begin(self) -> None:
        """Take in what is there, and follow what comes."""
        feed.add(self)

    def end(self) -> None:
        """Follow no longer, and take the widget out of the page."""
        feed.remove(self)
        # What executes notebooks keeps the last state of widgets, closed or not: half a megabyte.
        self.set_trait("_esm", "export default {}")
        self.specs = {}
        self.set_trait("card", None)
        self.close()

    def _direction(self, key: str) -> str | None:
        return direction(key, (self._record,))

    # One turn of the feed ----------------------------------------------------------------------

    def turn(self) -> None:
        """Tell the pages what is new; called by the thread of the feed, some times a second."""
        now = time.monotonic()
        if not self.over:
            self._look(now)
        if now - self._told_s >= _CARD_S:
            self._told_s = now
            self._tell_card()
        self._points.send()
        self._send_media(now)
        self.journal.turn(now)
        if now - self._ticked_s >= _TICK_S:
            self._ticked_s = now
            self.send({"kind": "tick", "now_ms": time.time() * 1000})
        if self.over and not self._said_over:
            self._said_over = True
            self._tell_card()
            self._when_over()

    def _look(self, now: float) -> None:
        if self._fresh is not None:
            self._fresh()
        # What ended before this look has nothing new after it.
        self.over = self._ended
        try:
            news, restarted = self._follower.news()
            # It is shown in the card's words.
            machine = self._machine.news()[0] if now - self._told_s >= _CARD_S else []
        except FileNotFoundError:
            self.over = self._gone = True
            return
        if restarted:
            self._points.forget()
            self._panels = Panels(self._direction, self._axes.of)
        self._axes.see(new.key for new in news)
        for new in news:
            self._take(new, now)
        for new in machine:
            self._readings[new.key] = float(new.value[-1])

    def _take(self, new: News, now: float) -> None:
        if not self._is_asked_for(new.key) and new.key not in self._axes.names:
            return
        finite = new.value[np.isfinite(new.value)]
        number = self._panels.place(new.key, float(np.abs(finite).max()) if len(finite) else 0.0)
        if number is None:
            return
        self._points.add(number, new.step, new.time_ms, new.value)
        self._pace.reach(float(new.step.max()), now)
        if new.key == "epoch" and len(finite):
            self._epoch = float(finite[-1])

    def _is_asked_for(self, key: str) -> bool:
        return not self._metrics or any(fnmatchcase(key, one) for one in self._metrics)

    def _tell_card(self) -> None:
        with contextlib.suppress(RunfolioError, OSError):
            # Who looks twice a second must not count each time what was logged meanwhile.
            self._record = read_record(self._reader.path, counted=False)
        record = self._record
        self._ended = record.status.ended
        # Said, perhaps, after its first points came.
        unseen = {key for key in self._axes.names if not self._is_asked_for(key)}
        self._panels.hide({key for key in record.metrics if is_hidden(record, key)} | unseen)
        if time.monotonic() - self._remarked_s >= _REMARKS_S:
            self._axes.look()
            self._remarked = self._remarks(record, self._reader.events())
            self._since = since_words(since_best(record, recent_runs(record.path.parent)))
            self._used = self._uses(record)
            self._remarked_s = time.monotonic()
        info = card_info(
            record, self._panels, self._pace, epoch=self._epoch, left_out=self._points.left_out, system=meters(self._readings),
            warnings=[*self._remarked, *([_GONE] if self._gone else ())], since=self._since,
            uses=self._used, can=list(self._actions),
        )  # fmt: skip
        if self._gone and not record.status.ended:
            # Nothing says any more how it goes.
            info |= {"status": Status.SILENT.value, "sign": Status.SILENT.glyph, "can": []}
        self.card = dict(info)

    def _send_media(self, now: float) -> None:
        if now - self._looked_s < _MEDIA_S and not self._media_wanted:
            return
        self._looked_s = now
        found = self._media.again() if self._media_wanted else self._media.look()
        self._media_wanted = False
        if found is not None:
            self.send(*found)

    # What pages say ----------------------------------------------------------------------------

    def heard(self, message: Up) -> None:
        """Answer a page; in whatever thread the kernel hears it."""
        if message["kind"] == "do":
            self._do(message)
            return
        self.journal.heard(message)
        if message["kind"] != "placed":
            self._points.heard(message)
            self._media_wanted |= message["kind"] == "ready"

    def _do(self, message: Up) -> None:
        verb, error = message.get("verb", ""), None
        action = self._actions.get(verb)
        try:
            if action is None:
                error = f"This card cannot {verb[:40]!r}."
            else:
                action(message.get("text", ""))
        except (RunfolioError, OSError) as failed:
            error = str(failed)
        self._told_s = float("-inf")
        self.send({"kind": "answer", "id": message.get("id", 0), "error": error})
