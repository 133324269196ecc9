"""Colours and manner of every chart: hairline grid, no frame, colour only where it means something.

The series colours stay apart for people with deuteranopia, protanopia and tritanopia (smallest
CAM02-UCS distance of any pair 13.8 on light, 14.7 on dark) and have 3 : 1 contrast on their ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["CODE_FONT", "DARK", "FONT", "LIGHT", "Theme", "adaptive", "config", "inks", "signals"]

FONT: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, 'Liberation Sans', sans-serif"
)
CODE_FONT: Final = "Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"

DARK_PAGE: Final = "#111111"
"""What lies around a card in a dark notebook."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One ground with the colours that go with it.

    Attributes
    ----------
    series : tuple of str
        In order; after the eighth the same again with dashes.
    status : mapping of str to str
        Status → colour.
    """

    ground: str
    text: str
    secondary: str
    hairline: str
    accent: str
    better: str
    warning: str
    series: tuple[str, ...]
    status: Mapping[str, str]


LIGHT: Final = Theme(
    ground="#ffffff",
    text="#1f2328",
    secondary="#5f6872",
    hairline="#dfe3e8",
    accent="#3858d8",
    better="#2c7a4b",
    warning="#8a5a00",
    series=(
        "#3858d8", "#8e2c1b", "#478e65", "#97467d", "#009fdf", "#470192", "#ab9406", "#1c3041",
    ),
    status={
        "running": "#3858d8", "finished": "#2c7a4b", "failed": "#b42318",
        "interrupted": "#8a5a00", "stopped": "#5f6872", "pruned": "#5f6872",
        "crashed": "#6b4c9a", "silent": "#5f6872",
    },
)  # fmt: skip

DARK: Final = Theme(
    ground="#15181b",
    text="#e3e6ea",
    secondary="#8f99a3",
    hairline="#2b3036",
    accent="#88b2ff",
    better="#56c48a",
    warning="#e3b04b",
    series=(
        "#88b2ff", "#e95009", "#149c6f", "#ed9ab2", "#a3f5fd", "#9463ee", "#f7d960", "#506e89",
    ),
    status={
        "running": "#88b2ff", "finished": "#56c48a", "failed": "#ff7b72",
        "interrupted": "#e3b04b", "stopped": "#8f99a3", "pruned": "#8f99a3",
        "crashed": "#b79cf0", "silent": "#8f99a3",
    },
)  # fmt: skip


def adaptive(node: Any) -> Any:
    """Return a Vega spec whose light colours are signals, which :func:`signals` defines.

    Rows and the values of a scale stay as they are: they may come out of a run.
    """
    if isinstance(node, list):
        return [adaptive(item) for item in node]
    if not isinstance(node, dict):
        return {"signal": _SIGNALS[node]} if isinstance(node, str) and node in _SIGNALS else node
    if len(node) == 1 and isinstance(node.get("value"), str) and node["value"] in _SIGNALS:
        return {"signal": _SIGNALS[node["value"]]}
    return {k: v if k in ("values", "domain") else adaptive(v) for k, v in node.items()}


def signals() -> list[dict[str, Any]]:
    """Return the Vega signals that make a chart light or dark.

    JupyterLab in its dark theme hands every chart a dark background by way of its configuration;
    a chart that sets none itself can tell by it.
    """
    dark = "isString(background) && luminance(background) < 0.4"
    found: list[dict[str, Any]] = [
        {"name": "background", "update": f"{dark} ? '{DARK_PAGE}' : '{LIGHT.ground}'"},
        {"name": "dark", "update": "luminance(background) < 0.4"},
    ]
    return found + inks()


def inks() -> list[dict[str, Any]]:
    """Return the signals of the colours, each light or dark as the signal ``dark`` says."""
    return [
        {"name": name, "update": f"dark ? '{_DARK_OF[light]}' : '{light}'"}
        for light, name in _SIGNALS.items()
    ]


def _pairs() -> dict[str, str]:
    pairs = list(zip(LIGHT.series, DARK.series, strict=True))
    pairs += [(colour, DARK.status[status]) for status, colour in LIGHT.status.items()]
    pairs += [
        (getattr(LIGHT, name), getattr(DARK, name))
        for name in ("ground", "text", "secondary", "hairline", "accent", "better", "warning")
    ]
    return dict(pairs)


_DARK_OF: Final[Mapping[str, str]] = _pairs()
_SIGNALS: Final[Mapping[str, str]] = {light: f"ink{place}" for place, light in enumerate(_DARK_OF)}


def config(theme: Theme) -> dict[str, Any]:
    """Return the Vega-Lite configuration of a theme."""
    axis = {
        "domain": False,
        "ticks": False,
        "gridColor": theme.hairline,
        "gridWidth": 1,
        "labelColor": theme.secondary,
        "labelFont": FONT,
        "labelFontSize": 11,
        "labelPadding": 5,
        "labelOverlap": True,
        "title": None,
    }
    return {
        "background": None,
        "font": FONT,
        "view": {"stroke": None, "fill": None},
        "axis": axis,
        "axisX": {"labelFlush": 8, "labelPadding": 6},
        "point": {"strokeWidth": 0},
    }
