"""The words of a live card: what the manifest tells, and how fast it goes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

from runfolio.charts.card import Card, run_card
from runfolio.charts.curves import label_text
from runfolio.format.codec import flatten
from runfolio.model.run import RunRecord, Status
from runfolio.query.panel import Panels as NoPanels
from runfolio.widgets.panels import Panels
from runfolio.widgets.protocol import CardInfo, Meter, Uses

__all__ = ["Pace", "card_info", "total_steps"]

_WINDOW_S: Final = 10.0
_NOTES: Final = 2000
# What programs call the number of steps they are going to do, without marks between the words.
_TOTALS: Final = frozenset(
    ("steps", "maxsteps", "totalsteps", "numsteps", "nsteps", "trainsteps", "numtrainsteps",
     "maxiters", "maxiterations", "iterations", "numiterations", "niterations", "niter", "numiters")
)  # fmt: skip
_EPOCHS: Final = frozenset(("epochs", "numepochs", "nepochs", "maxepochs", "numtrainepochs"))


class Pace:
    """How many steps a run makes a second, over the last ten seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()
        self.step: float | None = None

    def reach(self, step: float, now_s: float) -> None:
        """Note how far the run has come."""
        self.step = step if self.step is None else max(self.step, step)
        self._seen.append((now_s, self.step))
        while now_s - self._seen[0][0] > _WINDOW_S and len(self._seen) > 2:
            self._seen.popleft()

    @property
    def rate(self) -> float | None:
        """Steps per second; ``None`` until that can be said."""
        if len(self._seen) < 2:
            return None
        (began, first), (now, last) = self._seen[0], self._seen[-1]
        return (last - first) / (now - began) if now - began > 0.3 and last > first else None


def total_steps(config: Mapping[str, Any], epoch: float | None, step: float | None) -> float | None:
    """Return how many steps a run is going to make, where its settings say so.

    Parameters
    ----------
    epoch : float or None
        What it last logged as ``epoch``: with the number of epochs that tells the length, too.
    step : float or None
        Where it is by now: a total that is behind it is none.
    """
    names = {
        key.rpartition(".")[2].replace("_", "").lower(): value
        for key, value in flatten(config).items()
        if type(value) in (int, float)
    }
    for name in _TOTALS & names.keys():
        if step is None or names[name] >= step:
            return float(names[name])
    if not epoch or not step or epoch < 1:
        return None
    for name in _EPOCHS & names.keys():
        if names[name] >= epoch:
            return float(round(step / epoch * names[name]))
    return None


def card_info(
    record: RunRecord,
    panels: Panels,
    pace: Pace,
    *,
    epoch: float | None = None,
    left_out: int = 0,
    system: Sequence[Meter] = (),
    warnings: Sequence[str] = (),
    since: str = "",
    uses: Sequence[Uses] = (),
    can: Sequence[str] = (),
) -> CardInfo:
    """Return what a card shows of a run by now, but its points.

    Every text of it is text for the page, however it looks: the page sets it as such.
    """
    words: Card = run_card(record, NoPanels(()), (), tuple(warnings))
    now = time.time()
    started = record.created_at.timestamp() if record.created_at is not None else now
    running = record.status is Status.RUNNING
    elapsed = now - started if running or record.duration_s is None else record.duration_s
    return {
        "version": 1,
        "run": record.id,
        "ident": words.ident,
        "name": words.title,
        "status": record.status.value,
        "sign": record.status.glyph,
        "tags": list(words.tags),
        "started_ms": 1000 * started,
        "now_ms": 1000 * now,
        "elapsed_s": max(elapsed, 0.0),
        "step": pace.step,
        "total": total_steps(record.config, epoch, pace.step) if running else None,
        "rate": pace.rate,
        "series": panels.series,
        "panels": panels.panels,
        "more": [
            f"{n:,} more {what}, not drawn here; the card that stays has them"
            for n, what in ((panels.more, "metrics"), (left_out, "points"))
            if n
        ],
        "system": list(system),
        "facts": words.facts,
        "since": since,
        "uses": list(uses),
        "warnings": [text for text in words.warnings if not (running and "replayable" in text)],
        "alert": words.alert,
        "reason": words.reason,
        "note": _lines(record.notes[:_NOTES]),
        "can": list(can) if running else [],
        "empty": words.empty,
    }


def _lines(text: str) -> str:
    """Return notes line by line: a mark that turns the direction of writing is seen, not obeyed."""
    return "\n".join(label_text(line, _NOTES) for line in text.splitlines())
