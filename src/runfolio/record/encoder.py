"""From logged rows to bytes, and what is counted on the way; the writer thread's own work."""

from __future__ import annotations

import contextlib
import itertools
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from runfolio.format.codec import MAX_BYTES, nonfinite_name
from runfolio.format.tally import Tally
from runfolio.model.metric import Definition
from runfolio.model.run import MetricSummary
from runfolio.record.steps import Asked, Steps
from runfolio.record.values import clean, key_text

__all__ = ["Encoder", "Row"]

Row = tuple[float | Asked | None, int, dict[str, Any]]
"""The step that was asked for, time in ns UTC, and plain numbers by name."""

_LINE: Final = orjson.OPT_APPEND_NEWLINE
# From here on a float no longer holds every whole number.
_EXACT: Final = 2**53
# A longer line is parted: readers stop at twice that.
_LONGEST: Final = MAX_BYTES // 2


class Encoder:
    """Turns rows into live lines and keeps the run's tallies.

    Parameters
    ----------
    start : mapping of str to MetricSummary
        Summaries of the segments before this one.
    event : callable
        Takes an event: ``event(kind, **fields)``.
    defined : callable
        Returns what `define_metric` said of a metric, or ``None``.
    largest_step : float
        The largest step that other writers of the run have logged.

    Attributes
    ----------
    unwritable : int
        Values of rows that have no form in a live line; they count as refused.
    """

    def __init__(
        self,
        start: Mapping[str, MetricSummary],
        event: Callable[..., object],
        defined: Callable[[str], Definition | None] = lambda _: None,
        largest_step: float = -1,
    ) -> None:
        self._start = start
        self._event = event
        self._defined = defined
        self.tallies: dict[str, Tally] = {}
        self.unwritable = 0
        self.steps = Steps(max([largest_step, *(s.last_step or 0 for s in start.values() if s.n)]))

    def encode(self, rows: Sequence[Row]) -> bytes:
        """Return the rows as lines, and count them."""
        before = self.steps.mark()
        try:
            at = self._steps_of(rows)
            lines = self._lines(at, rows)
            self._count_rows(at, rows)
        except MemoryError:
            self.steps.go_back(before)  # the rows come again
            raise
        self.steps.has_taken(at)
        return lines

    def _count_rows(self, at: list[float], rows: Sequence[Row]) -> None:
        shapes: dict[tuple[str, ...], tuple[list[float], list[dict[str, Any]]]] = {}
        names: list[str] = []
        steps: list[float] = []
        found: list[dict[str, Any]] = []
        for step, (_, _, values) in zip(at, rows, strict=True):
            # Most rows have the keys of the row before: no need to look their shape up.
            if [*values] != names:
                names = [*values]
                steps, found = shapes.setdefault(tuple(names), ([], []))
            steps.append(step)
            found.append(values)
        if len(shapes) == 1:
            rising = _rising(steps)
            for key in names:
                self._count(key, steps, [row[key] for row in found], rising=rising)
        elif shapes:
            self._count_shapes(shapes, at, rows)

    def _count_shapes(
        self,
        shapes: dict[tuple[str, ...], tuple[list[float], list[dict[str, Any]]]],
        at: list[float],
        rows: Sequence[Row],
    ) -> None:
        times = Counter(itertools.chain.from_iterable(shapes))
        scattered = [key for key, n in times.items() if n > 1]
        if scattered:
            for key in times:  # in the order in which they came
                self._tally(key)
        for keys, (steps, found) in shapes.items():
            rising = _rising(steps)
            for key in keys:
                if times[key] <= 1:
                    self._count(key, steps, [row[key] for row in found], rising=rising)
        # What comes in rows of several shapes is late or not in the order of all its rows.
        for key in scattered:
            mine = [
                (step, row[2][key]) for step, row in zip(at, rows, strict=True) if key in row[2]
            ]
            steps = [step for step, _ in mine]
            self._count(key, steps, [value for _, value in mine], rising=_rising(steps))

    def _steps_of(self, rows: Sequence[Row]) -> list[float]:
        steps, at = self.steps, list[float]()
        following, is_open = steps.following, steps.is_open
        for asked, time_ns, _ in rows:
            if not is_open and (asked is None or asked == following):
                at.append(following)
                following += 1
                continue
            steps.following = following
            step = steps.take(asked)
            following, is_open = steps.following, steps.is_open
            at.append(step)
            if isinstance(asked, Asked):
                for key, text in asked.texts.items():
                    self._event("text", key=key, step=step, value=text)
                for job in asked.media:
                    job.queue(step, time_ns)
        steps.following = following
        return at

    def _lines(self, at: list[float], rows: Sequence[Row]) -> bytes:
        dumps, lines = orjson.dumps, bytearray()
        line: dict[str, Any] = {"step": 0, "time": 0, "values": None}  # one for all rows
        with contextlib.suppress(orjson.JSONEncodeError, TypeError):
            for step, (_, time_ns, values) in zip(at, rows, strict=True):
                # Added at once: thousands of small results alive together cost more than
                # the encoding itself.
                line["step"] = step
                line["time"] = time_ns // 1_000_000
                line["values"] = values
                lines += dumps(line, None, _LINE)
            # None never gets here: a null is a number that JSON has no form for.
            if b"null" not in lines and not _has_long_line(lines):
                return bytes(lines)
        return b"".join(
            self._careful_line(step, time_ns, values)
            for step, (_, time_ns, values) in zip(at, rows, strict=True)
        )

    def _careful_line(self, step: float, time_ns: int, values: dict[str, Any]) -> bytes:
        line = self._one_line(step, time_ns, values)
        if len(line) <= _LONGEST or (len(values) == 1 and len(line) <= MAX_BYTES):
            return line
        return self._in_pieces(step, time_ns, values)

    def _in_pieces(self, step: float, time_ns: int, values: dict[str, Any]) -> bytes:
        """Return a row that is too long for a line as several of the same step."""
        items = list(values.items())
        values.clear()
        if len(items) == 1:  # its name alone is too long
            self.unwritable += 1
            return b""
        lines = b""
        for some in (dict(items[: len(items) // 2]), dict(items[len(items) // 2 :])):
            lines += self._careful_line(step, time_ns, some)
            values |= some
        return lines

    def _one_line(self, step: float, time_ns: int, values: dict[str, Any]) -> bytes:
        try:
            return self._with_nonfinite(step, time_ns, values)
        except (orjson.JSONEncodeError, TypeError):
            pass
        exact: dict[str, Any] = {}
        try:
            exact = self._exact(step, values)
            return self._with_nonfinite(step, time_ns, exact)
        except Exception:  # noqa: BLE001 - one row that cannot be written must not take others along
            self.unwritable += len(values)
            exact = {}
            return b""
        finally:
            values.clear()
            values.update(exact)

    def _tally(self, key: str) -> Tally:
        tally = self.tallies.get(key)
        if tally is None:
            tally = self.tallies[key] = Tally(self._start.get(key))
            tally.definition = self._defined(key) or tally.definition
        return tally

    def redefine(self) -> None:
        """Let what was defined since hold for the metrics that were logged before."""
        for key in [*self._start, *self.tallies]:
            said = self._defined(key)
            if said is not None:
                self._tally(key).definition = said

    def _count(self, key: str, steps: list[float], column: Sequence[Any], *, rising: bool) -> None:
        tally = self._tally(key)
        tally.extend(steps, column, rising=rising)
        if tally.max is not None and (tally.max > _EXACT or (tally.min or 0) < -_EXACT):
            self._note_large(key, steps, column)

    def _note_large(self, key: str, steps: list[float], column: Iterable[Any]) -> None:
        for step, value in zip(steps, column, strict=True):
            if type(value) is int and abs(value) > _EXACT:
                self._event("text", key=key, step=step, value=str(value), exact=True)

    def _exact(self, step: float, values: dict[str, Any]) -> dict[str, Any]:
        """Return a row that can be written: text keys, integers of at most 64 bits."""
        row: dict[str, Any] = {}
        for key, value in values.items():
            name = clean(key_text(key))
            if type(value) is int and not -(2**63) <= value < 2**64:
                self._event("text", key=name, step=step, value=str(value), exact=True)
                try:
                    row[name] = float(value)
                except OverflowError:
                    row[name] = float("inf") if value > 0 else float("-inf")
            else:
                row[name] = value
        return row

    def _with_nonfinite(self, step: float, time_ns: int, values: Mapping[str, Any]) -> bytes:
        strange = {
            key: name
            for key, value in values.items()
            if type(value) is float and (name := nonfinite_name(value)) is not None
        }
        row: dict[str, Any] = {
            "step": step,
            "time": time_ns // 1_000_000,
            "values": values,
        }
        if strange:
            row["nonfinite"] = strange
        return orjson.dumps(row, option=_LINE)

    def counts(self) -> dict[str, int]:
        """Return points, and how many were late, at a step already taken, or not finite."""
        tallies = self.tallies.values()
        return {
            "points": sum(tally.n for tally in tallies)
            + sum(s.n for key, s in self._start.items() if key not in self.tallies),
            "late": sum(tally.late for tally in tallies),
            "duplicate": sum(tally.duplicate for tally in tallies),
            "nonfinite": sum(tally.nonfinite for tally in tallies),
        }

    def summaries(self) -> dict[str, MetricSummary]:
        """Return the summary of every metric, earlier segments included."""
        return {
            **self._start,
            **{key: tally.summary() for key, tally in self.tallies.copy().items()},
        }


def _has_long_line(lines: bytearray) -> bool:
    return len(lines) > _LONGEST and max(map(len, lines.splitlines())) >= _LONGEST


def _rising(steps: list[float]) -> bool:
    return all(map(operator.lt, steps, itertools.islice(steps, 1, None)))
