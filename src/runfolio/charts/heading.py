"""The words round the charts of a card: who the run is above them, facts and warnings below."""

from __future__ import annotations

from typing import Final

from runfolio.charts.card import Card
from runfolio.charts.lettering import Lettering, Part, width_of
from runfolio.charts.theme import LIGHT

__all__ = ["MARGIN", "NARROWEST", "WIDTH", "footer", "header", "is_dashed", "series_colour"]

WIDTH: Final = 728
"""Of a card where there is room, in pixels."""

NARROWEST: Final = 340
"""Of a card in a narrow window."""

MARGIN: Final = 12
"""Round what a card holds."""

_HEADER: Final = 40
_LINE: Final = 20
_FOOT: Final = 28
_RIGHT: Final = f"card - {MARGIN}"

_SIGNS: Final[dict[str, tuple[str, float, bool]]] = {
    "running": ("circle", 72, True),
    "finished": ("M-0.9,0.05L-0.25,0.7L0.95,-0.65", 42, False),
    "failed": ("M-0.7,-0.7L0.7,0.7M0.7,-0.7L-0.7,0.7", 48, False),
    "interrupted": ("M-0.4,-0.8L-0.4,0.8M0.4,-0.8L0.4,0.8", 48, False),
    "stopped": ("square", 62, True),
    "pruned": ("M-0.8,-0.8L0.5,0.5M0.8,-0.8L-0.5,0.5M-0.9,0.65L-0.75,0.8M0.9,0.65L0.75,0.8", 46, False),
    "crashed": ("M0,-0.9L1,0.85L-1,0.85Z", 72, False),
    "silent": ("circle", 56, False),
}  # fmt: skip
_BETWEEN: Final = " · "
_ALERTS: Final = {"error": LIGHT.status["failed"], "warn": LIGHT.warning}


def header(card: Card, words: Lettering) -> str:
    """Write who the run is; return how high the header is, as a Vega expression."""
    parts = []
    x = MARGIN
    if card.status is not None:
        path, size, filled = _SIGNS[card.status.value]
        parts.append(
            Part(shape=path, size=size, filled=filled, colour=LIGHT.status[card.status.value])
        )
        x += 6
    parts.append(Part(text=card.title, size=14, weight=600, gap=8, limit="card * 0.42"))
    if card.ident:
        parts.append(Part(text=card.ident, size=11, code=True, gap=10, colour=LIGHT.secondary))
    parts += [
        Part(text=tag, size=11, gap=20 if place else 18, pill=True, limit=110,
             colour=LIGHT.secondary, room="card - (wide ? 200 : 55)")
        for place, tag in enumerate(card.tags)
    ]  # fmt: skip
    words.line(parts, x, 25)
    right = [Part(text=card.took, size=12.5, weight=600)] if card.took else []
    right += [Part(text=card.when, size=12, colour=LIGHT.secondary, gap=8)] if card.when else []
    low = 0
    if right:
        words.line(right, _RIGHT, "wide ? 25 : 46", align="right")
        low = _LINE
    more = 0
    if card.reason:
        colour = LIGHT.status[card.status.value] if card.status else LIGHT.secondary
        words.line([Part(text=card.reason, size=12, colour=colour, limit=f"card - {2 * MARGIN}")],
                   MARGIN, f"wide ? 45 : {45 + low}")  # fmt: skip
        more += _LINE
    if card.alert:
        colour = _ALERTS.get(card.alert_level, LIGHT.secondary)
        at = 45 + more
        sign, size, filled = _SIGNS["crashed"]
        words.line([Part(shape=sign, size=size - 14, filled=filled, colour=colour),
                    Part(text=card.alert, size=12, colour=colour, gap=8, limit=f"card - {2 * MARGIN + 20}")],
                   MARGIN + 6, f"wide ? {at} : {at + low}")  # fmt: skip
        more += _LINE
    for place, row in enumerate(_runs(card)):
        words.line(row, MARGIN, 44 + 18 * place)
        more += 18
    return f"{_HEADER + more} + (wide ? 0 : {low})"


def _runs(card: Card) -> list[list[Part]]:
    rows: list[list[Part]] = [[]] if card.legend else []
    used = 0.0
    for name, number in card.legend:
        wide = 36 + min(width_of(name), 180)
        if rows[-1] and used + wide > (NARROWEST if len(card.legend) < 3 else WIDTH) - 2 * MARGIN:
            rows.append([])
            used = 0.0
        used += wide
        rows[-1].append(Part(text=name, colour=LIGHT.secondary, limit=180, gap=16,
                             swatch=series_colour(number), dashed=is_dashed(number)))  # fmt: skip
    return rows


def footer(card: Card, words: Lettering) -> str | None:
    """Write the foot; return how high it is, as a Vega expression."""
    quiet = LIGHT.secondary
    both = bool(card.facts and card.warnings)
    lines = 0
    said = " · ".join(card.warnings)
    # Side by side each gets its share of the line.
    share = width_of(said) / max(width_of(said) + width_of(card.facts), 1)
    share = min(max(share, 0.3), 0.66)
    if card.facts:
        limit = f"wide ? card * {0.96 - share:.3f} : card - 24" if both else f"card - {2 * MARGIN}"
        words.line([Part(text=card.facts, colour=quiet, limit=limit)], MARGIN, "foot + 19")
        lines += 1
    if card.warnings:
        path, size, filled = _SIGNS["crashed"]
        text = Part(text=said, colour=LIGHT.warning,
                    limit=f"wide ? card * {share if both else 0.96:.3f} - 24 : card - 48")  # fmt: skip
        sign = Part(shape=path, size=size - 14, filled=filled, colour=LIGHT.warning, gap=8)
        words.line([text, sign], _RIGHT, f"foot + (wide || {str(not both).lower()} ? 19 : 39)",
                   align="right")  # fmt: skip
        lines = max(lines, 1)
    narrow = _LINE if both else 0
    for sentence in (
        *_in_lines(card.since),
        *_in_lines(card.versions),
        *filter(None, (card.more,)),
    ):
        at = 19 + _LINE * lines
        words.line([Part(text=sentence, colour=quiet, limit=f"card - {2 * MARGIN}")],
                   MARGIN, f"foot + {at} + (wide ? 0 : {narrow})")  # fmt: skip
        lines += 1
    return f"{_FOOT + _LINE * (lines - 1)} + (wide ? 0 : {narrow})" if lines else None


def _in_lines(sentence: str) -> list[str]:
    """Return a sentence of several things on one line, or on two; what does not fit is cut there."""
    room = WIDTH - 2 * MARGIN
    words = sentence.split(_BETWEEN)
    first = words[0]
    for place, word in enumerate(words[1:], start=1):
        if width_of(_BETWEEN.join((first, word))) > room:
            return [first, _BETWEEN.join(words[place:])]
        first = _BETWEEN.join((first, word))
    return [first] if first else []


def series_colour(number: int | None) -> str:
    """Return the colour of a line by its number; grey without one."""
    return LIGHT.secondary if number is None else LIGHT.series[number % len(LIGHT.series)]


def is_dashed(number: int | None) -> bool:
    """Return whether a line of this number repeats a colour, and is dashed to be told apart."""
    return number is not None and number >= len(LIGHT.series)
