"""What a saved notebook keeps of a chart: compiled Vega, one small PNG; nothing from a network."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.charts.card import Card, compare_card, run_card
from runfolio.charts.plain import plain_card
from runfolio.charts.sheet import sheet
from runfolio.charts.theme import LIGHT
from runfolio.errors import CorruptRecord
from runfolio.model.run import RunRecord
from runfolio.model.series import Series
from runfolio.query.alerts import Alert
from runfolio.query.curves import curves
from runfolio.query.summary import direction
from runfolio.record.guard import guard
from runfolio.record.media.engine import engine

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "BUDGET_BYTES",
    "VEGA_MIME",
    "bundle",
    "card_bundle",
    "card_png",
    "drawn_bundle",
    "drawn_png",
    "refuse_unsafe",
    "size_bytes",
]

VEGA_MIME: Final = "application/vnd.vega.v5+json"
"""What JupyterLab 4 draws by itself, offline; Altair's own newest type it shows as text."""

BUDGET_BYTES: Final = 300_000
"""All that one run may add to a saved notebook."""

_VEGA_SHARE: Final = 0.6
# Fewer rows, then no raw lines behind the smoothed ones: what dense noise costs is its picture.
_ATTEMPTS: Final = (
    (9000, True),
    (5000, True),
    (2500, True),
    (5000, False),
    (2000, False),
    (400, False),
)
_COLOURS: Final = 32
_LEVELS: Final = (
    (1.0,),
    (1.0, 0.5),
    (1.0, 0.6, 0.3),
    (1.0, 0.7, 0.45, 0.2),
    (1.0, 0.8, 0.6, 0.38, 0.18),
)


def card_bundle(
    shown: Sequence[tuple[RunRecord, Mapping[str, Series]]],
    records: Sequence[RunRecord] = (),
    *,
    x: str = "step",
    alerts: Sequence[Alert] = (),
    stale: Sequence[str] = (),
    since: str = "",
    versions: str = "",
    hidden: bool = False,
) -> dict[str, Any]:
    """Return the card of one run, or of several laid over each other, as a mime bundle.

    Parameters
    ----------
    shown : sequence of (RunRecord, mapping of key to Series)
    records : sequence of RunRecord
        Other runs, whose declared goals say which way a metric is better.
    x : str
        What the curves run over: ``step``, ``relative`` (seconds) or ``time``.
    alerts : sequence of Alert
        Those of the one run.
    stale : sequence of str
        Why the notebook of the one run would not give its result again.
    since : str
        What changed in the one run since the best.
    versions : str
        The versions of artifacts that the one run used and made.
    hidden : bool
        Whether metrics that were defined as hidden are drawn, too.

    Returns
    -------
    dict
        `VEGA_MIME`, ``image/png`` and ``text/plain``; together at most `BUDGET_BYTES`. Without the
        picture where it could not be drawn in time.

    Raises
    ------
    MissingDependency
        altair, vl-convert-python or Pillow is not installed.
    """
    known = [*records, *(record for record, _ in shown if record not in records)]
    engine.begin()  # while this process loads what it needs itself
    made: dict[str, Any] = {}
    for rows, raw in _ATTEMPTS:
        panels = curves(shown, direction=lambda key: direction(key, known), rows=rows, x=x, raw=raw,
                        hidden=hidden)  # fmt: skip
        if len(shown) == 1:
            card = run_card(shown[0][0], panels, alerts, stale, since, versions)
        else:
            card = compare_card([record for record, _ in shown], panels)
        vega = sheet(card)
        if (rows, raw) != _ATTEMPTS[-1] and _json_bytes(vega) > _VEGA_SHARE * BUDGET_BYTES:
            continue
        made = _bundled(card, vega)
        if size_bytes(made) <= BUDGET_BYTES:
            break
    return made


def bundle(card: Card) -> dict[str, Any]:
    """Return a card as `VEGA_MIME`, ``image/png`` and ``text/plain``, the forms a notebook keeps.

    Raises
    ------
    MissingDependency
        altair, vl-convert-python or Pillow is not installed.
    """
    return _bundled(card, sheet(card))


def card_png(card: Card, *, scale: float) -> bytes | None:
    """Return a card as a PNG; ``None``, and a warning once, where it cannot be drawn in time.

    Parameters
    ----------
    scale : float
        Dots for each pixel: 2 for a screen, 3 for paper.
    """
    return drawn_png(sheet(card), _inks(card), scale=scale)


def _bundled(card: Card, vega: dict[str, Any]) -> dict[str, Any]:
    return drawn_bundle(vega, _inks(card)) | {"text/plain": plain_card(card)}


def drawn_bundle(vega: dict[str, Any], inks: Sequence[str], *, scale: float = 2) -> dict[str, Any]:
    """Return a Vega spec as `VEGA_MIME` and, where it can be drawn in time, ``image/png``.

    Parameters
    ----------
    inks : sequence of str
        The colours it is drawn with, beside those of words; those that matter most first.

    scale : float
        Dots for each pixel.

    Raises
    ------
    CorruptRecord
        It would fetch something or follow a link.
    """
    refuse_unsafe(vega)
    picture = _picture(vega, inks, scale)
    coded = {"image/png": base64.b64encode(picture).decode("ascii")} if picture else {}
    return {VEGA_MIME: vega, **coded}


def drawn_png(vega: dict[str, Any], inks: Sequence[str], *, scale: float) -> bytes | None:
    """Return a Vega spec as a PNG; ``None``, and a warning once, where it takes too long."""
    refuse_unsafe(vega)
    return _picture(vega, inks, scale)


def _picture(vega: dict[str, Any], inks: Sequence[str], scale: float = 2) -> bytes | None:
    png = b""
    with guard("drawing the picture of a card"):
        png = engine.drawn(vega, scale=scale)
    return _packed(png, inks) if png else None


def size_bytes(made: Mapping[str, Any]) -> int:
    """Return how much a bundle adds to a notebook file."""
    return sum(
        len(data.encode()) if isinstance(data, str) else _json_bytes(data) for data in made.values()
    )


def _json_bytes(data: Any) -> int:
    return len(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode())


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


def _packed(png: bytes, inks: Sequence[str]) -> bytes:
    """Return a picture in few colours: a fifth of its size, and no difference to the eye."""
    image_module = require("PIL.Image", feature="charts", install="pillow")
    picture: Image = image_module.open(io.BytesIO(png)).convert("RGB")
    palette: Image = image_module.new("P", (1, 1))
    palette.putpalette([part for colour in _palette(inks) for part in colour])
    few = picture.quantize(palette=palette, dither=image_module.Dither.NONE)
    packed = io.BytesIO()
    few.save(packed, format="PNG", optimize=True)
    return packed.getvalue()


def _inks(card: Card) -> list[str]:
    """Return the colours a card is drawn with, beside those of its words."""
    numbers = {line.colour for panel in card.panels.panels for line in panel.lines}
    numbers |= {number for _, number in card.legend}
    inks = [
        LIGHT.series[number % len(LIGHT.series)]
        for number in sorted(n for n in numbers if n is not None)
    ]
    inks += [LIGHT.status[card.status.value]] if card.status else []
    has_infinite = any(line.infinite for panel in card.panels.panels for line in panel.lines)
    inks += [LIGHT.warning] if card.warnings or has_infinite or card.alert_level == "warn" else []
    inks += [LIGHT.status["failed"]] if card.alert_level == "error" else []
    return list(dict.fromkeys(inks))


def _palette(inks: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return at most 32 colours: the inks, and how their edges fade into the ground.

    Chosen, not counted from the picture: a count would drop the one small mark that matters.
    """
    ground = _rgb(LIGHT.ground)
    found = [ground, _rgb(LIGHT.hairline)]
    for ink in (LIGHT.text, LIGHT.secondary):
        found += [_mixed(_rgb(ink), ground, level) for level in _LEVELS[3]]
    room = (_COLOURS - len(found)) // max(1, len(inks))
    levels = _LEVELS[min(max(room, 1), len(_LEVELS)) - 1]
    found += [_mixed(_rgb(ink), ground, level) for ink in inks for level in levels]
    return found[:_COLOURS]


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(
    ink: tuple[int, int, int], ground: tuple[int, int, int], level: float
) -> tuple[int, int, int]:
    red, green, blue = (round(g + (i - g) * level) for i, g in zip(ink, ground, strict=True))
    return red, green, blue
