"""What changed since the best run, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from runfolio.charts.curves import label_text
from runfolio.charts.figures import changed, figure
from runfolio.query.compare import Change
from runfolio.query.run_names import run_name
from runfolio.query.since_best import SinceBest

__all__ = ["best_words", "changes_words", "since_parts", "since_words"]

_SETTINGS: Final = 4
_PACKAGES: Final = 2
_NAME: Final = 32
_SAME: Final = {
    True: "the same in all that was recorded",
    False: "the same settings, seeds and data; the cells were not compared",
}
_VALUE: Final = 20


def since_words(since: SinceBest | None) -> str:
    """Return the line; empty where there is no best run to compare with.

    Examples: ``since best (wise-fox, val/acc 0.974): dropout 0.3 → 0.5 · 2 cells edited``,
    ``best of 12 (before it wise-fox, val/acc 0.974): lr 0.1 → 0.2``.
    """
    return "" if since is None else " ".join(since_parts(since))


def since_parts(since: SinceBest) -> tuple[str, str]:
    """Return the line in two: ``since best`` or ``best of 12``, and the rest of it."""
    changed = " · ".join(changes_words(since)) or _same(since)
    best = f"{label_text(run_name(since.best), _NAME)}, {_figure(since)}"
    if since.is_better:
        return f"best of {since.n:,}", f"(before it {best}): {changed}"
    return "since best", f"({best}): {changed}"


def _same(since: SinceBest) -> str:
    """Return in what the two are the same, where nothing else is known to have changed."""
    if since.files.states:
        return (
            f"the same but for the random numbers it began with ({', '.join(since.files.states)})"
        )
    return _SAME[since.files.is_whole]


def best_words(since: SinceBest) -> str:
    """Return what the best run is, where its name was said: ``the best before, val/acc 0.974``."""
    return f"the best before, {_figure(since)}"


def changes_words(since: SinceBest) -> list[str]:
    """Return each thing that changed in a few words, settings first."""
    return [
        *map(_change, since.config[:_SETTINGS]),
        *_more(since.config, _SETTINGS, "setting"),
        *(f"seed of {_change(one)}" for one in since.seeds[:1]),
        *_cells(since),
        *map(_change, since.files.packages[:_PACKAGES]),
        *_more(since.files.packages, _PACKAGES, "package"),
        *_environment(since.environment),
        *_code(since),
        *(f"data {label_text(one.name, _NAME)}" for one in since.data[:2]),
    ]


def _figure(since: SinceBest) -> str:
    return f"{label_text(since.key, _NAME)} {figure(since.value)}"


def _change(one: Change) -> str:
    was, now = (label_text(words, _VALUE) or "–" for words in changed(one.was, one.now))
    return f"{label_text(one.name, _NAME)} {was} → {now}"


def _more(changes: Sequence[Change], shown: int, what: str) -> Iterator[str]:
    left = len(changes) - shown
    if left > 0:
        yield f"{left:,} more {what}{'s' * (left != 1)}"


def _cells(since: SinceBest) -> Iterator[str]:
    kinds = {"edited": "edited", "added": "new", "removed": "gone"}
    found = [(since.files.cells[kind], word) for kind, word in kinds.items()
             if kind in since.files.cells]  # fmt: skip
    words = [
        f"{n:,} {word}" if place else f"{n:,} cell{'s' * (n != 1)} {word}"
        for place, (n, word) in enumerate(found)
    ]
    if words:
        yield ", ".join(words)


def _environment(changes: Iterable[Change]) -> Iterator[str]:
    told = [one for one in changes if one.name != "packages"]
    if len(told) <= _PACKAGES:
        yield from map(_change, told)
    else:
        yield f"environment in {len(told)} things"


def _code(since: SinceBest) -> Iterator[str]:
    """Yield the two commits where there are two, and how many files are known to differ."""
    n = len(since.files.files)
    if since.code and " → " in since.code:
        yield f"code {since.code}"
    if n:
        yield f"{n:,} file{'s' * (n != 1)} changed"
