"""The chart of one live panel: a specification without data, which the page fills as points arrive.

Its axes span the signals ``x0`` … ``x1`` and ``y0`` … ``y1``, its colours are signals that follow
``dark``. Names of metrics and runs are in no specification: the page writes them.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.charts.export import refuse_unsafe
from runfolio.charts.theme import LIGHT, adaptive, config, inks

if TYPE_CHECKING:
    import altair as alt

__all__ = ["LAYERS", "lean", "live_specs"]

LAYERS: Final = ("raw", "line", "dots", "last", "best")
"""Data sets of a panel, from the ground up: rows of ``s`` (series), ``c`` (colour), ``x``, ``y``."""

_VEGA_LITE: Final = "6.1"
_HEIGHT: Final = 132
_DASHES: Final = ([1, 0], [5, 3])
_LABEL: Final = (
    "datum.value && (abs(datum.value) >= 1e5 || abs(datum.value) < 1e-4) "
    "? format(datum.value, abs(datum.value) >= 1e5 ? '~s' : '.3~e') : format(datum.value, '.12~g')"
)
_LOG_LABEL: Final = (
    "datum.value >= 0.001 && datum.value < 1e5 ? format(datum.value, '~g') "
    ": format(datum.value, '~e')"
)


@functools.cache
def live_specs() -> dict[str, dict[str, Any]]:
    """Return compiled Vega specifications of a panel by its axes.

    Returns
    -------
    dict
        ``number`` or ``time``, a slash, ``linear`` or ``log`` → specification.

    Raises
    ------
    MissingDependency
        altair or vl-convert-python is not installed.
    """
    return {
        f"{x}/{y}": _compiled(_chart(is_time=x == "time", is_log=y == "log"))
        for x in ("number", "time")
        for y in ("linear", "log")
    }


def _chart(*, is_time: bool, is_log: bool) -> alt.LayerChart:
    import altair as alt

    x_axis = alt.Axis(tickCount=5) if is_time else alt.Axis(tickCount=5, labelExpr=_LABEL)
    x = alt.X("x:T" if is_time else "x:Q", axis=x_axis, scale=alt.Scale(nice=False, zero=False))
    y = alt.Y("y:Q", axis=alt.Axis(tickCount=5, labelExpr=_LOG_LABEL if is_log else _LABEL),
              scale=alt.Scale(type="log" if is_log else "linear", nice=False, zero=False))  # fmt: skip
    colour = alt.Color("c:O", legend=None, scale=alt.Scale(
        domain=[*range(len(LIGHT.series)), -1], range=[*LIGHT.series, LIGHT.secondary]))  # fmt: skip
    dash = alt.StrokeDash("d:O", legend=None, scale=alt.Scale(domain=[0, 1], range=list(_DASHES)))
    channels: dict[str, Any] = {"x": x, "y": y, "color": colour}

    def over(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name=name))

    raw, line, dots, last, best = (over(name) for name in LAYERS)
    layers: list[Any] = [
        raw.mark_line(opacity=0.35, strokeWidth=1, strokeJoin="round").encode(**channels, detail="s:O"),
        line.mark_line(strokeWidth=1.8, strokeJoin="round", strokeCap="round")
            .encode(**channels, strokeDash=dash, detail="s:O"),
        *(
            chart.mark_point(shape=shape, size=size, filled=True, opacity=1).encode(**channels)
            for chart, shape, size in
            ((dots, "circle", 14), (last, "circle", 34), (best, "diamond", 52))
        ),
    ]  # fmt: skip
    chart: alt.LayerChart = alt.layer(*layers, width=330, height=_HEIGHT)
    return chart


def lean(vega: dict[str, Any]) -> None:
    """Take out of a compiled specification what costs a frame its time and shows nothing.

    Numbers come as numbers, in order, and each row says in its field ``g`` whether it is a point;
    what is below the pointer the page finds by itself.
    """
    names = {}
    for source in vega["data"]:
        for step in source.get("transform", ()):
            if step["type"] == "filter":
                step["expr"] = "datum.g"
        kept = [step for step in source.get("transform", ()) if not _parses_a_number(step)]
        if "transform" in source:
            source["transform"] = kept
        if not kept and "source" in source:
            names[source["name"]] = source["source"]
    vega["data"] = [source for source in vega["data"] if source["name"] not in names]
    for mark in vega["marks"]:
        _lean_mark(mark, names)
    for axis in vega.get("axes", ()):
        axis["aria"] = False


def _parses_a_number(step: dict[str, Any]) -> bool:
    return step["type"] == "formula" and step["expr"].startswith(("toNumber(", "toDate("))


def _lean_mark(mark: dict[str, Any], names: dict[str, str]) -> None:
    mark |= {"interactive": False, "aria": False}
    mark.pop("sort", None)
    over = mark.get("from", {})
    for where in (over, over.get("facet", {})):
        if where.get("data") in names:
            where["data"] = names[where["data"]]
    update = mark.get("encode", {}).get("update", {})
    update.pop("description", None)
    update.pop("ariaRoleDescription", None)
    if "defined" in update:
        update["defined"] = {"field": "g"}
    for inner in mark.get("marks", ()):
        _lean_mark(inner, names)


def _compiled(chart: alt.LayerChart) -> dict[str, Any]:
    convert = require("vl_convert", feature="charts", install="vl-convert-python")
    lite = chart.to_dict(validate=False)
    lite["config"] = config(LIGHT)
    lite.pop("$schema", None)
    vega: dict[str, Any] = convert.vegalite_to_vega(lite, vl_version=_VEGA_LITE)
    for scale in vega["scales"]:
        if scale["name"] in ("x", "y"):
            ends = (f"{scale['name']}0", f"{scale['name']}1")
            scale["domain"] = [{"signal": end} for end in ends]
    lean(vega)
    refuse_unsafe(vega)
    spec = {key: vega[key] for key in ("data", "marks", "scales", "axes") if key in vega}
    return adaptive(spec) | {
        "padding": 0,
        "autosize": {"type": "pad", "resize": True},
        "width": 330,
        "height": _HEIGHT,
        "config": adaptive(vega.get("config", {})),
        "signals": [
            {"name": "dark", "value": False},
            *inks(),
            *({"name": f"{axis}{end}", "value": end} for axis in "xy" for end in (0, 1)),
        ],
    }
