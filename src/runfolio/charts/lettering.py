"""Lines of text set beside each other, each part where the one before it ends.

How wide a word becomes only the page knows that shows it, with a font of its own. So the parts of
a line are Vega marks that begin at the measured bounds of their neighbour. What the words are
stays in the data: a mark only names the field ``t0``, ``t1`` … of its line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from runfolio.charts.theme import CODE_FONT, FONT, LIGHT, Theme

__all__ = ["Lettering", "Part", "width_of"]

_Encode = dict[str, Any]

# Widths of a letter in a wide interface font, in parts of the font's size: enough to decide where
# a line must break; what is drawn is measured by the page.
_NARROW: Final = frozenset("fijlrtI.,:;'|!()[]/ ·")
_WIDE: Final = frozenset("mwMW@%—")


def width_of(text: str, size: float = 11.5) -> float:
    """Return about how wide a text becomes, rather too much than too little, in pixels."""
    units = sum(
        0.36 if c in _NARROW else 0.95 if c in _WIDE else 0.66 if c.isupper() else 0.6 for c in text
    )
    return units * size + sum(size * 0.4 for c in text if ord(c) > 0x2E80)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a line.

    Attributes
    ----------
    text : str
        What it says; empty for a drawn `shape`.
    gap : float
        Pixels between it and its neighbour, before the one nearer to where the line begins.
    limit : float or str
        Pixels, or a Vega expression of pixels, beyond which it is cut.
    pill : bool
        Whether a hairline surrounds it.
    swatch : str
        Colour of a short stroke to the left of it; `dashed` says how that is drawn.
    shape : str
        Path of a small sign, within -1 … 1; drawn in `colour` in place of a text.
    room : str
        Vega expression of the right end; a part that begins too near to it is left out.
    at : str
        Vega expression of where it begins, in place of its neighbour's end.
    """

    text: str = ""
    colour: str = LIGHT.text
    size: float = 11.5
    weight: Literal[400, 600] = 400
    code: bool = False
    gap: float = 6
    limit: float | str = 0
    pill: bool = False
    swatch: str = ""
    dashed: bool = False
    shape: str = ""
    filled: bool = False
    room: str = ""
    at: str = ""


class Lettering:
    """The texts of a card: marks and the data they show.

    Attributes
    ----------
    marks : list of dict
        Vega marks, in the order in which they are drawn.
    data : list of dict
        Vega data sources.
    """

    def __init__(self, theme: Theme = LIGHT) -> None:
        self.theme = theme
        self.marks: list[dict[str, Any]] = []
        self.data: list[dict[str, Any]] = []
        self._lines = 0

    def line(
        self,
        parts: Sequence[Part],
        x: float | str,
        y: float | str,
        *,
        align: Literal["left", "right"] = "left",
    ) -> str:
        """Set parts on one line; return the name of the last mark.

        Parameters
        ----------
        parts : sequence of Part
            From `x` on: leftwards where `align` is ``"right"``, so the rightmost comes first.
        x, y : float or str
            Pixels, or a Vega expression of them; `y` is the base line.
        """
        name = f"line{self._lines}"
        self._lines += 1
        row = {f"t{place}": part.text for place, part in enumerate(parts)}
        self.data.append({"name": name, "values": [row]})
        before = name
        for place, part in enumerate(parts):
            own = f"{name}_{place}"
            encode = _place(part, place, x, y, align)
            if part.shape:
                encode |= {"shape": {"value": part.shape}, "size": {"value": part.size}}
                encode |= _ink(part)
                mark = {"type": "symbol", "from": {"data": before}}
            else:
                encode |= self._letters(part, place, "left" if part.at else align)
                mark = {"type": "text", "from": {"data": before}}
            self.marks.append(mark | {"name": own, "encode": {"update": encode}})
            self._beside(part, own, encode)
            before = own
        return before

    def _letters(self, part: Part, place: int, align: str) -> _Encode:
        encode: _Encode = {
            "text": {"field": "datum." * place + f"t{place}"},
            "align": {"value": align},
            "baseline": {"value": "alphabetic"},
            "fill": {"value": part.colour},
            "font": {"value": CODE_FONT if part.code else FONT},
            "fontSize": {"value": part.size},
            "fontWeight": {"value": part.weight},
        }
        if part.limit:
            encode["limit"] = _value(part.limit)
        if part.room and place:
            begins = f"datum.bounds.x2 + {part.gap}"
            encode["opacity"] = {"signal": f"{begins} + 70 > {part.room} ? 0 : 1"}
            # Unseen it must not widen the card.
            encode["x"] = {"signal": f"min({begins}, {part.room} - 70)"}
        return encode

    def _beside(self, part: Part, own: str, encode: Mapping[str, Any]) -> None:
        """Draw what belongs to a part: the hairline round it, or its line's colour."""
        y = encode["y"]
        shown = {"opacity": {"field": "opacity"}} if "opacity" in encode else {}
        if part.pill:
            self.marks.append(_mark("rect", own, shown | {
                "x": {"field": "bounds.x1", "offset": -8}, "x2": {"field": "bounds.x2", "offset": 8},
                "y": y | {"offset": -13}, "y2": y | {"offset": 6}, "cornerRadius": {"value": 9.5},
                "stroke": {"value": self.theme.hairline}, "strokeWidth": {"value": 1},
                "fill": {"value": "transparent"},
            }))  # fmt: skip
        if part.swatch:
            dash = {"strokeDash": {"value": [5, 3]}} if part.dashed else {}
            self.marks.append(_mark("rule", own, shown | dash | {
                "x": {"field": "bounds.x1", "offset": -17}, "x2": {"field": "bounds.x1", "offset": -5},
                "y": y | {"offset": -4}, "stroke": {"value": part.swatch},
                "strokeWidth": {"value": 2.5}, "strokeCap": {"value": "round"},
            }))  # fmt: skip


def _place(
    part: Part, place: int, x: float | str, y: float | str, align: Literal["left", "right"]
) -> _Encode:
    if part.at:
        return {"x": _value(part.at), "y": _value(y)}
    gap = part.gap + (18 if part.swatch and align == "left" else 0)
    if place:
        side, way = ("x2", gap) if align == "left" else ("x1", -gap)
        at: _Encode = {"field": f"bounds.{side}", "offset": way}
    else:
        at = _value(x)
        if part.swatch and align == "left":
            at["offset"] = 18
    height = _value(y)
    if part.shape:
        height["offset"] = -4.2
    return {"x": at, "y": height}


def _ink(part: Part) -> _Encode:
    ink = {"value": part.colour}
    if part.filled:
        return {"fill": ink}
    return {
        "stroke": ink,
        "strokeWidth": {"value": 1.8},
        "strokeCap": {"value": "round"},
        "strokeJoin": {"value": "round"},
        "fill": {"value": "transparent"},
    }


def _value(value: float | str) -> _Encode:
    return {"signal": value} if isinstance(value, str) else {"value": value}


def _mark(kind: str, beside: str, encode: _Encode) -> dict[str, Any]:
    return {
        "type": kind,
        "from": {"data": beside},
        "interactive": False,
        "encode": {"update": encode},
    }
