"""What changed since the best run, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from runfolio.charts.curves import label_text
from runfolio.charts.figures import figure, run_name, setting
from runfolio.query.compare import Change
from runfolio.query.fields import ABSENT
from runfolio.query.since_best import SinceBest

__all__ = ["changes_words", "since_words"]

_SETTINGS: Final = 4
_NAME: Final = 32
_VALUE: Final = 20


def since_words(since: SinceBest | None) -> str:
    """Return the line; empty where there is no best run to compare with.

    Examples: ``vs best wise-fox, val/acc 0.974: dropout 0.3 → 0.5, code 13e8c94 → 90ab12f``,
    ``best of 12 by val/acc, before it wise-fox 0.974: lr 0.1 → 0.2``.
    """
    if since is None:
        return ""
    name = label_text(run_name(since.best), _NAME)
    key, value = label_text(since.key, _NAME), figure(since.value)
    changed = ", ".join(changes_words(since)) or "the same in all that was recorded"
    if since.is_better:
        return f"best of {since.n:,} by {key}, before it {name} {value}: {changed}"
    return f"vs best {name}, {key} {value}: {changed}"


def changes_words(since: SinceBest) -> list[str]:
    """Return each thing that changed in a few words, settings first."""
    words = [_change(one) for one in since.config[:_SETTINGS]]
    more = len(since.config) - _SETTINGS
    words += [f"{more} more settings"] if more > 0 else []
    words += [f"code {since.code}"] if since.code else []
    words += list(_counted(since.environment, "environment"))
    words += [f"data {label_text(one.name, _NAME)}" for one in since.data[:2]]
    words += [f"seed of {_change(one)}" for one in since.seeds[:1]]
    return words


def _change(one: Change) -> str:
    was, now = ("–" if v is ABSENT else label_text(setting(v), _VALUE) for v in (one.was, one.now))
    return f"{label_text(one.name, _NAME)} {was} → {now}"


def _counted(changes: Sequence[Change], what: str) -> Iterable[str]:
    told = [one for one in changes if one.name != "packages"]
    if len(told) == 1:
        yield _change(told[0])
    elif told:
        yield f"{what} in {len(told)} things"
