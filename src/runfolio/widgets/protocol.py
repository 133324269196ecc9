"""What kernel and page say to each other; mirrored by ``js/src/bridge/protocol.ts``.

Points are numbered per series by the order in which they were logged. A message says from which
one on it holds them, so the page sees what comes twice, out of order or not at all, and asks
again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["TARGET", "VERSION", "CardInfo", "Meter", "PanelInfo", "SeriesInfo", "Up", "Uses", "VersionInfo", "points", "understood"]  # fmt: skip

VERSION: Final = 1

TARGET: Final = "runfolio"
"""Name of the comm that a page opens for what it says while a cell runs."""

_KINDS: Final = ("ready", "want", "got", "do", "ask", "placed")


class SeriesInfo(TypedDict):
    """One series of a card.

    ``colour`` is its place among the colours, -1 for grey; ``along`` the number of the series over
    whose values it runs, ``None`` for steps, and ``over`` what that one is called.
    """

    id: int
    key: str
    label: str
    colour: int
    goal: str | None
    along: int | None
    over: str


class PanelInfo(TypedDict):
    """Series that share a chart."""

    id: str
    title: str
    series: list[int]


class Meter(TypedDict):
    """One reading of the machine: ``CPU``, ``83 %``, and what stands behind it in grey."""

    label: str
    value: str
    rest: str


class VersionInfo(TypedDict):
    """A version of an artifact, ``digits:v2``, and why it is old; empty where it is not."""

    name: str
    old: str


class Uses(TypedDict):
    """What a run ``used`` or ``made``; ``more`` are counted only."""

    what: str
    versions: list[VersionInfo]
    more: int


class CardInfo(TypedDict):
    """All that a card shows but its points."""

    version: Literal[1]
    run: str
    ident: str
    name: str
    status: str
    sign: str
    tags: list[str]
    started_ms: float
    now_ms: float
    elapsed_s: float
    step: float | None
    total: float | None
    rate: float | None
    series: list[SeriesInfo]
    panels: list[PanelInfo]
    more: list[str]
    system: list[Meter]
    facts: str
    since: str
    uses: list[Uses]
    warnings: list[str]
    alert: str
    reason: str
    note: str
    can: list[str]
    empty: str


class Up(TypedDict, total=False):
    """What a page says.

    ``ready``: it wants everything; ``want``: the points from these on, by series; ``got``: said now
    and then, the `at` of the last message of points; ``do``: a button was pressed;
    ``ask``: a part of a table, in the words of `runfolio.widgets.requests`; ``placed``: what came
    of a journal entry.
    """

    kind: Literal["ready", "want", "got", "do", "ask", "placed"]
    at: int
    id: int
    verb: str
    text: str
    page: str
    what: Mapping[str, Any]
    # JSON has no numbers as names.
    from_: Mapping[str, int]


def points(
    at: int, parts: Sequence[tuple[int, int, Sequence[NDArray[np.float64]]]]
) -> tuple[dict[str, Any], list[bytes]]:
    """Return a message of points and its buffers: all steps, all times, all values.

    Parameters
    ----------
    at : int
        Points sent so far, those of this message included.
    parts : sequence of (series, from, columns)
        ``columns`` are step, time in milliseconds, value; each of shape (n,), float64.
    """
    import numpy as np

    told = [{"s": series, "from": begin, "n": len(columns[0])} for series, begin, columns in parts]
    buffers = [
        np.concatenate([columns[place] for _, _, columns in parts]).tobytes() for place in range(3)
    ]
    return {"kind": "points", "at": at, "parts": told}, buffers


def understood(message: Any) -> Up | None:
    """Return what a page said, or ``None`` for what is no message of ours."""
    kind = message.get("kind") if isinstance(message, Mapping) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        return None
    up: Up = {"kind": kind}  # type: ignore[typeddict-item]
    for name in ("at", "id"):
        if type(message.get(name)) is int:
            up[name] = message[name]
    for name in ("verb", "text", "page"):
        if isinstance(message.get(name), str):
            up[name] = message[name]  # type: ignore[literal-required]
    if isinstance(message.get("what"), Mapping):
        up["what"] = message["what"]
    wanted = message.get("from")
    if isinstance(wanted, Mapping):
        up["from_"] = {
            key: n
            for key, n in wanted.items()
            if isinstance(key, str) and type(n) is int and n >= 0
        }
    return up
