"""The one run that is meant by an id, a piece of it, a name, ``@last`` or ``@best:METRIC``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from runfolio.errors import RunNotFound, UsageError, did_you_mean
from runfolio.format.manifest import created_order
from runfolio.model.run import RunRecord
from runfolio.query.fields import printable
from runfolio.query.matching import MIN_FRAGMENT
from runfolio.query.summary import MAXIMIZE, MINIMIZE, best, direction

__all__ = ["find"]

_WAYS: Final = {"@best": None, "@min": MINIMIZE, "@max": MAXIMIZE}
_SHOWN: Final = 4


def find(records: Iterable[RunRecord], text: str) -> RunRecord:
    """Return the run that is meant.

    Parameters
    ----------
    text : str
        Tried in this order: ``@last``, ``@best:METRIC`` (``@min:``, ``@max:`` say the way
        themselves); a whole id, or the last six characters of it that tables show; a name, of
        several runs the newest; a piece of an id, three characters or more, that only one has.

    Raises
    ------
    RunNotFound
        None is meant, or more than one; the message names the nearest.
    UsageError
        ``@best`` of a metric whose better direction is not known, or an unknown ``@`` word.
    """
    records = list(records)
    if text.startswith("@"):
        return _by_rule(records, text)
    for found in (
        [r for r in records if r.id == text],
        [r for r in records if r.short_id == text and r.short_id != r.name],
        _newest([r for r in records if r.name == text]),
        [r for r in records if text.lower() in r.id.lower()] if len(text) >= MIN_FRAGMENT else [],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise _ambiguous(text, found)
    raise _nothing(text, records)


def _newest(records: Sequence[RunRecord]) -> list[RunRecord]:
    return [max(records, key=created_order)] if records else []


def _by_rule(records: list[RunRecord], text: str) -> RunRecord:
    if text == "@last":
        if not records:
            raise RunNotFound(
                "There is no run yet, so there is no last one. Start one: runfolio.init() in a script, "
                "%%track NAME in a cell."
            )
        return max(records, key=created_order)
    word, _, metric = text.partition(":")
    if word in _WAYS and not metric:
        raise UsageError(f'"{word}" needs a metric, as in {word}:val/acc.')
    if word not in _WAYS:
        known = ["@last", *(f"{way}:METRIC" for way in _WAYS)]
        raise UsageError(
            f'"{printable(text)}" means no run; write {", ".join(known)}.'
            + did_you_mean(word, ["@last", *_WAYS])
        )
    if not any(metric in record.metrics for record in records):
        known = list(dict.fromkeys(key for record in records for key in record.metrics))[:5000]
        raise RunNotFound(
            f'No run has the metric "{printable(metric)}".'
            + did_you_mean(printable(metric), map(printable, known))
        )
    way = _WAYS[word] or direction(metric, records)
    if way is None:
        name = printable(metric)
        raise UsageError(
            f'Whether less or more of "{name}" is better is not known; write @min:{name} or '
            f"@max:{name}."
        )
    found = best(records, metric, way)
    if found is None:
        raise RunNotFound(f'No run has a finite value of "{printable(metric)}".')
    return found


def _ambiguous(text: str, found: Sequence[RunRecord]) -> RunNotFound:
    newest = sorted(found, key=created_order, reverse=True)
    shown = ", ".join(f"{printable(r.name, 40)} ({r.id})" for r in newest[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return RunNotFound(
        f'"{printable(text)}" means {len(found)} runs: {shown}{more}. Write more of the id.'
    )


def _nothing(text: str, records: Sequence[RunRecord]) -> RunNotFound:
    if not records:
        return RunNotFound(f'No run is named "{printable(text)}": there is no run yet.')
    known = dict.fromkeys(printable(n) for r in records for n in (r.name, r.short_id, r.id))
    near = did_you_mean(printable(text), list(known)[:15_000])
    return RunNotFound(
        f'No run is named "{printable(text)}".'
        f"{near or ' Write an id, a unique piece of one, a name or @last.'}"
    )
