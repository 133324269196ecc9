"""What the page of a media browser asks for; nonsense becomes something harmless."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runfolio.widgets.values import listed, text, whole

__all__ = ["MAX_CELLS", "MediaWanted", "media_wanted"]

MAX_CELLS: Final = 400
"""Cells of one answer."""

_MAX_KEYS: Final = 200
_MAX_HELD: Final = 2000
_LENGTH: Final = 2000
_SIZES: Final = (48, 1600)


@dataclass(frozen=True, slots=True)
class MediaWanted:
    """A part of what there is.

    Attributes
    ----------
    at : int
        The state of the runs it belongs to, as numbered by the answer to ``facts``.
    kind : str
        Of which kind; see `runfolio.query.gallery.KINDS`.
    keys : tuple of int
        By their numbers, in the order in which they stand below each other.
    run : int or None
        The place of one run whose steps stand beside each other; ``None`` where runs do.
    first, end : int
        Columns from the first to before the end; of a table rows, of the output lines.
    step : float or None
        At which step, or shortly before; ``None`` for the last of each.
    steps : tuple of float
        Steps that stand beside each other.
    item : mapping of int to int
        Of several things that were logged at once under a key, which one is meant.
    px : int
        How large a picture is shown.
    over : bool
        Whether masks and boxes are drawn over pictures.
    held : frozenset of str
        Pictures that the page has.
    """

    at: int = 0
    kind: str = ""
    keys: tuple[int, ...] = ()
    run: int | None = None
    first: int = 0
    end: int = 0
    step: float | None = None
    steps: tuple[float, ...] = ()
    item: Mapping[int, int] = field(default_factory=dict)
    px: int = 160
    over: bool = False
    held: frozenset[str] = frozenset()
    text: str = ""
    x: float = 0.0


def media_wanted(what: Mapping[str, Any]) -> MediaWanted:
    """Return what a page asks for."""
    first, end = whole(what.get("first")), whole(what.get("end"))
    run = what.get("run")
    px = whole(what.get("px")) or 160
    return MediaWanted(
        at=whole(what.get("at")),
        kind=text(what.get("kind")),
        keys=tuple(n for n in listed(what.get("keys"), _MAX_KEYS) if type(n) is int and n >= 0),
        run=run if type(run) is int and run >= 0 else None,
        first=first,
        end=min(end, first + MAX_CELLS),
        step=_number(what.get("step")),
        steps=tuple(
            n for v in listed(what.get("steps"), MAX_CELLS) if (n := _number(v)) is not None
        ),
        item=_items(what.get("item")),
        px=min(max(px, _SIZES[0]), _SIZES[1]),
        over=what.get("over") is True,
        held=frozenset(t for t in listed(what.get("held"), _MAX_HELD) if isinstance(t, str)),
        text=text(what.get("text"))[:_LENGTH],
        x=_number(what.get("x")) or 0.0,
    )


def _number(given: Any) -> float | None:
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        return None
    return float(given) if abs(given) < 2**63 and math.isfinite(given) else None


def _items(given: Any) -> dict[int, int]:
    """Return which of several things is meant, by the number of the key."""
    pairs = given.items() if isinstance(given, Mapping) else ()
    return {
        int(key): n
        for key, n in pairs
        if isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 10
        and type(n) is int and n >= 0
    }  # fmt: skip
