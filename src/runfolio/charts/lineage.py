"""A lineage as a drawing: data, runs and versions in layers, from left to right.

It is one SVG whose colours are those of the page round it, where that defines them, so that it is
light or dark with it; by itself it is light.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final

from runfolio.charts.curves import label_text
from runfolio.charts.figures import moment
from runfolio.charts.lettering import width_of
from runfolio.charts.lineage_layout import FOLDED, Layout, Placed, layout
from runfolio.charts.theme import CODE_FONT, FONT, LIGHT
from runfolio.query.artifact_graph import DATA, RUN, VERSION, Node
from runfolio.query.artifact_lineage import ArtifactLineage, Facts

__all__ = ["LineageDrawing", "lineage_drawing", "lineage_title"]

_HEIGHT: Final = 36
_PITCH: Final = 48
_GAP: Final = 44
_LEAST: Final = 92
_MOST: Final = 188
_PAD: Final = 10
_ROUND: Final = 6
"""So much further in the words of a run stand, whose ends are round."""

_GLYPH: Final = 16
_TITLE: Final = 12
_ABOUT: Final = 11
_BOLD: Final = 1.12
"""How much wider bold letters are."""

_LONG: Final = 400


@dataclass(frozen=True, slots=True)
class LineageDrawing:
    """A drawing and its words.

    Attributes
    ----------
    svg : str
    width, height : int
        In pixels.
    words : str
        How much of it is drawn.
    """

    svg: str
    width: int
    height: int
    words: str


def lineage_drawing(lineage: ArtifactLineage) -> LineageDrawing:
    """Return the drawing; what is too much for it is counted."""
    found = layout(lineage)
    boxes = [_box(one, lineage) for one in found.nodes]
    widths = [0.0] * found.layers
    for box in boxes:
        widths[box.placed.layer] = max(widths[box.placed.layer], box.width)
    lefts = [_PAD + sum(widths[:layer]) + _GAP * layer for layer in range(found.layers)]
    width = round(lefts[-1] + widths[-1] + _PAD)
    height = round(found.rows * _PITCH + _PAD)
    if any(_goes_back(places) for _, places in found.routes):
        height += _PITCH // 2
    parts = [*_ways(found, lefts, widths), *(_drawn(b, lefts, widths, lineage) for b in boxes)]
    n = len(lineage.steps)
    words = f"{n:,} node{'s' * (n != 1)}"
    if found.folded:
        words = f"{n - found.folded:,} of {words} drawn, {found.folded:,} folded"
    label = escape(f"Lineage of {lineage_title(lineage)}: {words}")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{label}" '
        f'style="font-family:var(--jp-ui-font-family,{escape(FONT)});font-size:{_TITLE}px">'
        f"<title>{label}</title>{''.join(parts)}</svg>"
    )
    return LineageDrawing(svg, width, height, words)


@dataclass(frozen=True, slots=True)
class _Box:
    placed: Placed
    facts: Facts
    title: str
    about: str
    width: float


def _ink(token: str, light: str) -> str:
    return f"var(--rf-{token},{light})"


_TEXT: Final = _ink("text", LIGHT.text)
_QUIET: Final = _ink("secondary", LIGHT.secondary)
_GROUND: Final = _ink("ground", LIGHT.ground)
_ACCENT: Final = _ink("accent", LIGHT.accent)
_OLD: Final = _ink("interrupted", LIGHT.warning)


def lineage_title(lineage: ArtifactLineage) -> str:
    """Return what was asked for: ``digits:v2``, ``digits (3 versions)``, a run's name."""
    title = label_text(lineage.facts(lineage.start[0]).title, 40)
    n = len(lineage.start)
    return title if n == 1 else f"{title.rpartition(':')[0] or title} ({n:,} versions)"


def _box(placed: Placed, lineage: ArtifactLineage) -> _Box:
    node = placed.node
    if node.kind == FOLDED:
        old = sum(one in lineage.stale for one in placed.stands_for)
        title = node.id.partition("\n")[0]
        facts, about = Facts(title), f"{old:,} of them old" if old else ""
    else:
        facts = lineage.facts(node)
        title, about = facts.title, _about(facts, is_old=node in lineage.stale)
    glyph = _GLYPH if facts.status is not None else 0
    round_ends = 2 * _ROUND if node.kind == RUN else 0
    room = _MOST - 2 * _PAD - glyph - round_ends
    title, about = _fitted(title, room, _TITLE * _BOLD), _fitted(about, room + glyph, _ABOUT)
    width = max(width_of(title, _TITLE * _BOLD) + glyph, width_of(about, _ABOUT)) + 2 * _PAD
    width += round_ends
    return _Box(placed, facts, title, about, min(max(width, _LEAST), _MOST))


def _about(facts: Facts, *, is_old: bool) -> str:
    if facts.fault:
        return facts.fault
    words = ["old"] if is_old else []
    words += [", ".join(facts.aliases)] if facts.aliases else []
    return " · ".join(word for word in [*words, facts.about] if word)


def _fitted(text: str, room: float, size: float) -> str:
    text = label_text(text, 60)
    while text and width_of(text, size) > room:
        text = f"{text[:-2].rstrip()}…"
    return text


def _ways(found: Layout, lefts: list[float], widths: list[float]) -> list[str]:
    """Return the edges: behind the nodes, old ones last."""
    drawn = []
    for edge, places in sorted(found.routes, key=lambda route: bool(route[0].stale)):
        colour, dash = (_OLD, ' stroke-dasharray="4 3"') if edge.stale else (_QUIET, "")
        tip = f"{edge.how}; {edge.stale}" if edge.stale else edge.how
        points = [
            (lefts[layer], lefts[layer] + widths[layer], _middle(row)) for layer, row in places
        ]
        _, x, y = points[0]
        path = [f"M{x:.1f} {y:.1f}"]
        if _goes_back(places):
            path = [_back(points)]
        else:
            for (_, right, y0), (left, beyond, y1) in pairwise(points):
                half = (left - right) / 2
                path.append(
                    f"C{right + half:.1f} {y0:.1f} {left - half:.1f} {y1:.1f} {left:.1f} {y1:.1f}"
                )
                if (left, beyond, y1) != points[-1]:
                    path.append(f"L{beyond:.1f} {y1:.1f}")
        drawn.append(
            f'<path d="{"".join(path)}" fill="none" stroke="{colour}" stroke-opacity=".75" '
            f'stroke-width="1.2"{dash}><title>{escape(label_text(tip, _LONG))}</title></path>'
        )
    return drawn


def _goes_back(places: Sequence[tuple[int, float]]) -> bool:
    return places[-1][0] <= places[0][0]


def _back(points: Sequence[tuple[float, float, float]]) -> str:
    """Return the way of an edge that closes a cycle: below the nodes."""
    (left, right, y), *_, (first, beyond, end) = points
    x, to = (left + right) / 2, (first + beyond) / 2
    y, end = y + _HEIGHT / 2, end + _HEIGHT / 2
    below = max(y, end) + _PITCH * 0.6
    return f"M{x:.1f} {y:.1f}C{x:.1f} {below:.1f} {to:.1f} {below:.1f} {to:.1f} {end:.1f}"


def _middle(row: float) -> float:
    return _PAD / 2 + row * _PITCH + _PITCH / 2


def _drawn(box: _Box, lefts: list[float], widths: list[float], lineage: ArtifactLineage) -> str:
    node, facts = box.placed.node, box.facts
    x, width = lefts[box.placed.layer], widths[box.placed.layer]
    middle = _middle(box.placed.row)
    asked, old = node in lineage.start, lineage.stale.get(node)
    stroke = _ACCENT if asked else _OLD if old else _QUIET
    radius, inset = (_HEIGHT / 2, _PAD + _ROUND) if node.kind == RUN else (4, _PAD)
    dash = ' stroke-dasharray="3 3"' if node.kind in (DATA, FOLDED) or facts.fault else ""
    rect = (
        f'<rect x="{x:.1f}" y="{middle - _HEIGHT / 2:.1f}" width="{width:.1f}" height="{_HEIGHT}" '
        f'rx="{radius:g}" fill="{_GROUND}" stroke="{stroke}" stroke-opacity="{1 if asked else 0.75}" stroke-width="{1.8 if asked else 1}"{dash}/>'
    )
    return (
        f"<g{_named(node)}><title>{escape(_tip(box, lineage))}</title>{rect}"
        f"{_words(box, x + inset, middle, lineage)}</g>"
    )


def _named(node: Node) -> str:
    """Return which node a group is: a page that can show it makes a link of it."""
    if node.kind not in (RUN, VERSION) or not node.id.isprintable():
        return ""
    return f' data-kind="{node.kind}" data-id="{escape(node.id)}"'


def _words(box: _Box, x: float, middle: float, lineage: ArtifactLineage) -> str:
    facts, parts = box.facts, []
    y = middle - 3 if box.about else middle + 4
    left = x
    if facts.status is not None:
        colour = _ink(facts.status.value, LIGHT.status[facts.status.value])
        # U+FE0E asks for the plain form: some fonts make a coloured picture of the warning sign.
        parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}">{facts.status.glyph}\ufe0e</text>'
        )
        left += _GLYPH
    weight = 400 if box.placed.node.kind == FOLDED else 600
    parts.append(_text(box.title, left, y, _TEXT, f"font-weight:{weight}"))
    if box.about:
        is_old = box.placed.node in lineage.stale or box.about.endswith("old")
        colour = _OLD if is_old or facts.fault else _QUIET
        font = f";font-family:var(--jp-code-font-family,{CODE_FONT})" if _is_id(box) else ""
        parts.append(_text(box.about, left, middle + 12, colour, f"font-size:{_ABOUT}px{font}"))
    return "".join(parts)


def _is_id(box: _Box) -> bool:
    return box.placed.node.kind == RUN and box.about == box.facts.about


def _text(text: str, x: float, y: float, colour: str, style: str) -> str:
    # Letters of a right-to-left script turn nothing around them.
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" '
        f'style="{escape(style)};unicode-bidi:isolate;direction:ltr">{escape(text)}</text>'
    )


def _tip(box: _Box, lineage: ArtifactLineage) -> str:
    """Return all that is known of a node, for whoever points at it."""
    facts, old = box.facts, lineage.stale.get(box.placed.node)
    words = [facts.title, facts.about, *facts.aliases, facts.fault]
    words += [facts.status.value] if facts.status is not None else []
    words += [moment(facts.when)] if facts.when is not None else []
    words += [f"{'old' if old.direct else 'came of what is old'}: {old.why}"] if old else []
    return label_text(" · ".join(word for word in words if word), _LONG)
