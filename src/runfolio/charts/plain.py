"""A card in plain text: a few lines with small curves made of blocks."""

from __future__ import annotations

from typing import Final

import numpy as np

from runfolio.charts.card import Card
from runfolio.charts.curves import label_text, names_of
from runfolio.charts.figures import by_rule, figure
from runfolio.query.panel import Line

__all__ = ["plain_card"]

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_WIDTH: Final = 24


def plain_card(card: Card) -> str:
    """Return a card as lines of text, for whoever shows neither charts nor pictures."""
    glyph = f"{card.status.glyph} " if card.status else ""
    head = "  ".join(word for word in (card.title, card.ident, *card.tags) if word)
    lines = [f"{glyph}{head}"]
    about = " · ".join(word for word in (card.when, card.took, card.facts) if word)
    lines += [
        f"  {words}" for words in (about, card.reason, card.alert, card.since, card.empty) if words
    ]
    overlaid = card.panels.overlaid
    rows = [
        (label_text(f"{panel.title} {name}" if overlaid else line.key, 40), line)
        for panel in card.panels.panels
        for name, line in zip(names_of(panel), panel.lines, strict=True)
        if line.colour is not None
    ]
    wide = max((len(name) for name, _ in rows), default=0)
    told = [by_rule(line.rule, line.figure) for _, line in rows]
    figures = [f"{rule} {value}".lstrip() for value, rule in told]
    room = max(map(len, figures), default=0)
    for (name, line), value in zip(rows, figures, strict=True):
        best = f"  best {figure(line.best.y)} at {figure(line.best.x)}" if line.best else ""
        lines.append(
            f"  {name:<{wide}}  {value:>{room}}  {_sparkline(line):<{_WIDTH}}{best}".rstrip()
        )
    lines += [f"  {words}" for words in (card.more, " · ".join(card.warnings)) if words]
    return "\n".join(lines)


def _sparkline(line: Line) -> str:
    """Return the course of a line in one row of blocks; what is not finite is a space."""
    values = line.smooth_y if len(line.smooth_y) else line.y
    if not len(values):
        return ""
    parts = np.array_split(values, min(len(values), _WIDTH))
    means = [float(part[~np.isnan(part)].mean()) if not np.isnan(part).all() else None
             for part in parts]  # fmt: skip
    finite = [mean for mean in means if mean is not None]
    low, way = min(finite, default=0.0), max(finite, default=0.0) - min(finite, default=0.0)
    return "".join(
        " " if mean is None else _BLOCKS[round((mean - low) / way * 7) if way else 3]
        for mean in means
    )
