"""What a saved notebook keeps of a chart: compiled Vega, one small PNG; nothing from a network."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.charts.card import Card, compare_card, run_card, to_chart
from runfolio.charts.curves import Rows
from runfolio.charts.theme import ADAPTIVE, LIGHT, Theme
from runfolio.errors import CorruptRecord
from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.curves import curves
from runfolio.query.summary import direction, figure, headline

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["VEGA_MIME", "bundle", "card_bundle", "refuse_unsafe"]

VEGA_MIME: Final = "application/vnd.vega.v5+json"
"""What JupyterLab 4 draws by itself, offline; Altair's own newest type it shows as text."""

BUDGET_BYTES: Final = 300_000
"""All that one run may add to a saved notebook."""

_VEGA_LITE: Final = "5.21"
_ROWS: Final = (4000, 2500, 1500, 800, 400)
_COLOURS: Final = 64
_LEVELS: Final = (1.0, 0.75, 0.5, 0.35, 0.18)
_FEW: Final = (1.0, 0.6, 0.3)


def card_bundle(
    shown: Sequence[tuple[RunRecord, Mapping[str, Series]]],
    records: Sequence[RunRecord] = (),
    *,
    theme: Theme = LIGHT,
) -> dict[str, Any]:
    """Return the card of one run, or of several laid over each other, as a mime bundle.

    Parameters
    ----------
    shown : sequence of (RunRecord, mapping of key to Series)
    records : sequence of RunRecord
        Other runs, whose declared goals say which way a metric is better.

    Returns
    -------
    dict
        `VEGA_MIME` and ``image/png``; together at most `BUDGET_BYTES`.
    """
    made: dict[str, Any] = {}
    for rows in _ROWS:
        made = bundle(_card(shown, records, rows), theme=theme)
        if size_bytes(made) <= BUDGET_BYTES:
            break
    return made


def _card(
    shown: Sequence[tuple[RunRecord, Mapping[str, Series]]],
    records: Sequence[RunRecord],
    rows: int,
) -> Card:
    panels = curves(shown, direction=lambda key: direction(key, records), rows=rows)
    if len(shown) != 1:
        return compare_card([record for record, _ in shown], panels)
    record = shown[0][0]
    return run_card(record, panels, headline=headline(record), figure_of=figure)


def bundle(card: Card, *, theme: Theme = LIGHT) -> dict[str, Any]:
    """Return a card as `VEGA_MIME` and ``image/png``, the forms a notebook keeps.

    Raises
    ------
    MissingDependency
        vl-convert-python or Pillow is not installed.
    """
    convert = require("vl_convert", feature="charts", install="vl-convert-python")
    rows = Rows()
    spec = to_chart(card, theme, rows=rows).to_dict(validate=False)
    spec.pop("$schema", None)
    spec["datasets"] = rows.datasets
    vega = convert.vegalite_to_vega(spec, vl_version=_VEGA_LITE)
    refuse_unsafe(vega)
    svg = convert.vega_to_svg(vega, allowed_base_urls=[])
    image, size = _framed(convert.svg_to_png(svg, scale=2), theme)
    _add_frame(vega, svg, size, theme)
    vega = _adaptive(vega) if theme is LIGHT else vega
    # The page knows whether it is dark, and only drawn as SVG does a chart ask it.
    vega["usermeta"] = {"embedOptions": {"renderer": "svg"}}
    return {VEGA_MIME: vega, "image/png": base64.b64encode(image).decode("ascii")}


def size_bytes(made: Mapping[str, Any]) -> int:
    """Return how much a bundle adds to a notebook file."""
    return sum(
        len(data) if isinstance(data, str) else len(json.dumps(data, separators=(",", ":")))
        for data in made.values()
    )


def refuse_unsafe(spec: Any) -> None:
    """Refuse a Vega spec that would fetch something or follow a link.

    Raises
    ------
    CorruptRecord
        It holds a ``url``, a ``href`` or an image mark outside its data.
    """
    for path, key, value in _entries(spec, ""):
        if key in ("url", "href") or (key == "type" and value == "image"):
            raise CorruptRecord(f"The chart is not shown: its spec holds {key!r} at {path}.")


def _entries(node: Any, path: str) -> Iterable[tuple[str, str, Any]]:
    """Yield every key of a spec; inline rows are values and never read as part of it."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield path, key, value
            if key != "values":
                yield from _entries(value, f"{path}/{key}")
    elif isinstance(node, list):
        for place, item in enumerate(node):
            yield from _entries(item, f"{path}/{place}")


def _adaptive(node: Any) -> Any:
    """Return a spec whose colours follow the page; rows and names out of a run stay as they are."""
    if isinstance(node, dict):
        return {k: v if k in ("values", "domain") else _adaptive(v) for k, v in node.items()}
    if isinstance(node, list):
        return [_adaptive(item) for item in node]
    return ADAPTIVE.get(node, node) if isinstance(node, str) else node


def _framed(png: bytes, theme: Theme) -> tuple[bytes, tuple[int, int]]:
    """Return the picture with its hairline frame and few colours, and its size at scale 1."""
    image_module = require("PIL.Image", feature="charts", install="pillow")
    draw_module = require("PIL.ImageDraw", feature="charts", install="pillow")
    picture: Image = image_module.open(io.BytesIO(png)).convert("RGB")
    width, height = picture.size
    draw_module.Draw(picture).rounded_rectangle(
        (1, 1, width - 2, height - 2), radius=12, outline=theme.hairline, width=2
    )
    few = picture.quantize(palette=_palette(theme), dither=image_module.Dither.NONE)
    packed = io.BytesIO()
    few.save(packed, format="PNG", optimize=True)
    return packed.getvalue(), (width // 2, height // 2)


def _palette(theme: Theme) -> Image:
    """Return the colours a card is drawn with, and how they fade into the ground."""
    image_module = require("PIL.Image", feature="charts", install="pillow")
    ground = _rgb(theme.ground)
    colours = [ground, _rgb(theme.hairline)]
    inks = [theme.text, theme.secondary, *dict.fromkeys(theme.status.values()), *theme.series]
    for ink in dict.fromkeys(inks):
        levels = _LEVELS if ink in (theme.text, theme.secondary, *theme.series[:3]) else _FEW
        colours += [_mixed(_rgb(ink), ground, level) for level in levels]
    palette: Image = image_module.new("P", (1, 1))
    palette.putpalette([part for colour in colours[:_COLOURS] for part in colour])
    return palette


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(
    ink: tuple[int, int, int], ground: tuple[int, int, int], level: float
) -> tuple[int, int, int]:
    red, green, blue = (round(g + (i - g) * level) for i, g in zip(ink, ground, strict=True))
    return red, green, blue


_ORIGIN = re.compile(r'transform="translate\((-?[0-9.]+),(-?[0-9.]+)\)"')


def _add_frame(vega: dict[str, Any], svg: str, size: tuple[int, int], theme: Theme) -> None:
    """Put the same hairline round the drawn chart; the layout leaves a lone rectangle alone.

    Where the chart's origin comes to lie depends on its labels, which only drawing tells: the
    picture's first translation.
    """
    found = _ORIGIN.search(svg)
    left, top = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    place = {"x": 1 - left, "y": 1 - top, "width": size[0] - 2, "height": size[1] - 2}
    encode: dict[str, Any] = {name: {"value": value} for name, value in place.items()}
    encode |= {"stroke": {"value": theme.hairline}, "cornerRadius": {"value": 6}}
    frame = {
        "type": "rect",
        "interactive": False,
        "encode": {"enter": encode | {"fill": {"value": theme.ground}}},
    }
    vega["marks"].insert(0, frame)
    # The frame is the ground; what lies outside its round corners is the page's.
    vega["background"] = "transparent"
    vega["padding"] = 1
