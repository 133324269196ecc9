"""The chart of one live panel: a Vega specification without data, which the page fills.

Written as Vega, not compiled from Altair: a card must not wait for that while a training runs. Its
axes span the signals ``x0`` … ``x1`` and ``y0`` … ``y1``, its colours are signals that follow
``dark``. Names of metrics and runs are in no specification: the page writes them.
"""

from __future__ import annotations

from typing import Any, Final

from runfolio.charts.theme import FONT, LIGHT, adaptive, inks

__all__ = ["LAYERS", "live_specs"]

LAYERS: Final = ("raw", "line", "dots", "last", "best")
"""Data sets of a panel, from the ground up.

A row holds ``s`` (series), ``c`` (its colour, -1 for grey), ``d`` (1 if dashed), and ``x``, ``y`` of
a point. The first two hold a row for each line: its ``trace`` draws the line, as wide and as high as
the plot. With an item for each point, Vega would need most of the time that a draw has.
"""

_HEIGHT: Final = 132
_WIDTH: Final = 330
_SYMBOLS: Final = {"dots": ("circle", 14), "last": ("circle", 34), "best": ("diamond", 52)}
# Prefixes end at a thousand quadrillions; what spans more than a number can hold has no ticks.
_LABEL: Final = (
    "!isFinite(datum.value) ? '' "
    ": datum.value && (abs(datum.value) >= 1e15 || abs(datum.value) < 1e-4) "
    "? format(datum.value, '.3~e') "
    ": format(datum.value, abs(datum.value) >= 1e5 ? '~s' : '.12~g')"
)
_LOG_LABEL: Final = (
    "datum.value >= 0.001 && datum.value < 1e5 ? format(datum.value, '~g') "
    ": format(datum.value, '~e')"
)

_Spec = dict[str, Any]


def live_specs() -> dict[str, _Spec]:
    """Return the Vega specifications of a panel by its axes.

    Returns
    -------
    dict
        ``number`` or ``time``, a slash, ``linear`` or ``log`` → specification.
    """
    return {
        f"{x}/{y}": _spec(is_time=x == "time", is_log=y == "log")
        for x in ("number", "time")
        for y in ("linear", "log")
    }


def _spec(*, is_time: bool, is_log: bool) -> _Spec:
    drawn: _Spec = adaptive(
        {
            "data": [{"name": name} for name in LAYERS],
            "scales": _scales(is_time=is_time, is_log=is_log),
            "axes": [
                _axis("x", "bottom", "" if is_time else _LABEL),
                _axis("y", "left", _LOG_LABEL if is_log else _LABEL),
            ],
            "marks": [
                _lines(
                    "raw",
                    {
                        "strokeOpacity": {"value": 0.35},
                        "strokeWidth": {"value": 1},
                        "strokeJoin": {"value": "bevel"},
                    },
                ),
                _lines(
                    "line",
                    {
                        "strokeWidth": {"value": 1.8},
                        "strokeCap": {"value": "round"},
                        "strokeJoin": {"value": "round"},
                    },
                ),
                *(_symbols(name) for name in _SYMBOLS),
            ],
        }
    )
    return drawn | {
        "padding": 0,
        "autosize": {"type": "pad", "resize": True},
        "width": _WIDTH,
        "height": _HEIGHT,
        "signals": [
            {"name": "dark", "value": False},
            *inks(),
            *({"name": f"x{end}", "value": end} for end in (0, 1)),
            # Before it holds anything, too, a logarithmic axis must not reach zero.
            *({"name": f"y{end}", "value": end + is_log} for end in (0, 1)),
        ],
    }


def _scales(*, is_time: bool, is_log: bool) -> list[_Spec]:
    def across(axis: str, kind: str, extent: list[Any]) -> _Spec:
        ends = [{"signal": f"{axis}0"}, {"signal": f"{axis}1"}]
        return {"name": axis, "type": kind, "domain": ends, "range": extent, "nice": False,
                "zero": False}  # fmt: skip

    y = across("y", "log" if is_log else "linear", [{"signal": "height"}, 0])
    x = across("x", "time" if is_time else "linear", [0, {"signal": "width"}])
    if is_time:
        del x["zero"]
    if is_log:
        del y["zero"]
    return [
        x,
        y,
        {
            "name": "colour",
            "type": "ordinal",
            "domain": [*range(len(LIGHT.series)), -1],
            "range": [*LIGHT.series, LIGHT.secondary],
        },
    ]


def _axis(scale: str, orient: str, label: str) -> _Spec:
    found: _Spec = {
        "scale": scale,
        "orient": orient,
        "grid": True,
        "domain": False,
        "ticks": False,
        "tickCount": 5,
        "gridColor": LIGHT.hairline,
        "gridWidth": 1,
        "labelColor": LIGHT.secondary,
        "labelFont": FONT,
        "labelFontSize": 11,
        "labelPadding": 6 if scale == "x" else 5,
        "labelOverlap": True,
        "aria": False,
    }
    if scale == "x":
        found["labelFlush"] = 8
    if label:
        found["encode"] = {"labels": {"update": {"text": {"signal": label}}}}
    return found


def _lines(data: str, look: _Spec) -> _Spec:
    return {
        "type": "shape",
        "interactive": False,
        "aria": False,
        "clip": True,
        "from": {"data": data},
        "encode": {
            "enter": {
                "stroke": {"scale": "colour", "field": "c"},
                # Any dash, [1, 0] too, has the canvas cut the line in pieces: ten times slower.
                "strokeDash": {"signal": "datum.d ? [5, 3] : null"},
                **look,
            },
            "update": {
                "width": {"signal": "width"},
                "height": {"signal": "height"},
                "shape": {"field": "trace"},
            },
        },
    }


def _symbols(data: str) -> _Spec:
    shape, size = _SYMBOLS[data]
    return {
        "type": "symbol",
        "interactive": False,
        "aria": False,
        "from": {"data": data},
        "encode": {
            "update": {
                "x": {"scale": "x", "field": "x"},
                "y": {"scale": "y", "field": "y"},
                "fill": {"scale": "colour", "field": "c"},
                "shape": {"value": shape},
                "size": {"value": size},
            }
        },
    }
