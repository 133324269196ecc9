"""Somebody's own Altair chart, made ready to be fed: its data is taken out, the page brings it.

What a page draws are the points that its pixels show. Their smallest and largest values are
exact, but a mean or a count of them would be false: so a chart that lets Vega compute is refused.
"""

from __future__ import annotations

import base64
import copy
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from runfolio._optional import require
from runfolio.charts.export import VEGA_MIME, refuse_unsafe
from runfolio.charts.theme import FONT, LIGHT, adaptive, config, inks, signals
from runfolio.errors import UsageError
from runfolio.model.series import Series
from runfolio.query.decimation import extremes
from runfolio.record.guard import guard
from runfolio.record.media.engine import engine

__all__ = ["COLUMNS", "StreamedChart", "still", "streamed"]

COLUMNS: Final = ("run_id", "name", "key", "step", "time", "value")
"""What a frame of points has, as `Runs.history` gives it."""

_MARKS: Final = ("line", "point", "circle", "square", "area", "rule")
_COMPUTES: Final = ("aggregate", "bin", "timeUnit", "stack", "impute")
_VEGA_LITE: Final = "5.21"
_SCHEMA: Final = "https://vega.github.io/schema/vega/v5.json"
_DATA: Final = "source"
_ADVICE: Final = (
    "Chart the frame of runs(…).history(…) as it is, x over step or time, y over value; compute "
    "means and counts in Python before."
)


@dataclass(frozen=True, slots=True)
class StreamedChart:
    """A chart without its data.

    Attributes
    ----------
    spec : mapping
        Compiled Vega: what the horizontal axis spans are its signals ``x0`` and ``x1``.
    dataset, x, y : str
        What is filled, and the fields that change from point to point.
    series : tuple of (str, str)
        Id of a run, and metric: the lines.
    can_smooth : bool
        Whether lines are all it draws: a smoothed point would be a point that nobody logged.
    """

    spec: Mapping[str, Any]
    dataset: str
    x: str
    y: str
    series: tuple[tuple[str, str], ...]
    can_smooth: bool = False

    @property
    def page_spec(self) -> dict[str, Any]:
        """The specification for a page that says itself whether it is dark."""
        return _coloured(self.spec, [{"name": "dark", "value": False}, *inks()])


def streamed(chart: Any) -> StreamedChart:
    """Return an Altair chart made ready to be fed with points as they come.

    Parameters
    ----------
    chart : altair.Chart or altair.LayerChart
        Of line, point, area and rule marks, over one frame of points.

    Raises
    ------
    UsageError
        It is another kind of chart, over other data, or has something computed from the points.
    MissingDependency
        altair or vl-convert-python is not installed.
    """
    require("altair", feature="live charts", install="altair")
    engine.begin()
    if not hasattr(chart, "to_dict") or not hasattr(chart, "data"):
        raise UsageError(
            f"live: {type(chart).__name__} is neither a metric's name nor an Altair chart."
        )
    frame = _frame(chart)
    lite = _without_data(chart, frame)
    views = list(_views(lite))
    for view in views:
        _check(view)
        _unstack(view)
    x, y = _axis(views, "x"), _axis(views, "y")
    if x not in ("step", "time") or y != "value":
        raise UsageError(f"live: the chart runs over {x!r} and {y!r}; expected x over step or time and "
                         f"y over value. {_ADVICE}")  # fmt: skip
    lite |= {"data": {"name": _DATA}, "config": _config() | dict(lite.get("config", {}))}
    vega = engine.compiled(lite, version=_VEGA_LITE)
    _lean(vega, x)
    refuse_unsafe(vega)
    pairs = frame[["run_id", "key"]].drop_duplicates().astype(str)
    lines = all(_is_line(view) for view in views)
    return StreamedChart(vega, _DATA, x, y, tuple(pairs.itertuples(index=False, name=None)), lines)


def still(
    chart: StreamedChart,
    found: Mapping[str, Mapping[str, Series]],
    names: Mapping[str, str],
    columns: int = 800,
) -> dict[str, Any]:
    """Return the chart with its points inside, as a notebook keeps it.

    Parameters
    ----------
    found : mapping of str to mapping of str to Series
        Id of a run → metric → its points.
    names : mapping of str to str
        Id of a run → what it is called.
    columns : int
        Of each the smallest and the largest value is kept.

    Returns
    -------
    dict
        `VEGA_MIME`, ``image/png`` (where it could be drawn in time) and ``text/plain``.
    """
    import numpy as np

    rows: list[dict[str, Any]] = []
    low, high = math.inf, -math.inf
    for run, key in chart.series:
        series = found.get(run, {}).get(key)
        if series is None or not len(series):
            continue
        x = np.asarray(series.step if chart.x == "step" else series.time_ms, dtype=np.float64)
        order = np.argsort(x, kind="stable")
        x, y = x[order], np.where(np.isfinite(series.value), series.value, np.nan)[order]
        low, high = min(low, float(x[0])), max(high, float(x[-1]))
        fixed = {"run_id": run, "name": names.get(run, run), "key": key}
        for place in extremes(x, y, columns).tolist():
            value = None if math.isnan(y[place]) else float(y[place])
            rows.append(fixed | {chart.x: float(x[place]), chart.y: value, "g": value is not None})
    spec = _coloured(chart.spec, signals()) | {"$schema": _SCHEMA}
    for source in spec["data"]:
        if source["name"] == chart.dataset:
            source["values"] = rows
    for signal in spec["signals"]:
        if signal["name"] in ("x0", "x1") and low <= high:
            signal["value"] = low if signal["name"] == "x0" else high
    spec["usermeta"] = {"embedOptions": {"actions": False}}
    image = b""
    with guard("drawing the picture of a chart"):
        image = engine.drawn(spec, scale=2)
    n = len(chart.series)
    return {
        VEGA_MIME: spec,
        **({"image/png": base64.b64encode(image).decode("ascii")} if image else {}),
        "text/plain": f"A chart of {n} line{'s' * (n != 1)}.",
    }


def _coloured(spec: Mapping[str, Any], more: list[dict[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = adaptive(copy.deepcopy(dict(spec)))
    return made | {"signals": [*more, *made["signals"]]}


def _config() -> dict[str, Any]:
    """Return how a chart looks whose own words say nothing of it."""
    words = {"labelColor": LIGHT.secondary, "titleColor": LIGHT.text, "titleFont": FONT, "labelFont": FONT,
             "titleFontSize": 11.5}  # fmt: skip
    base = config(LIGHT)
    return base | {
        "axis": {key: value for key, value in base["axis"].items() if key != "title"}
        | {"titleColor": LIGHT.secondary, "titleFont": FONT, "titleFontWeight": 400},
        "legend": words | {"orient": "top"},
        "title": {"color": LIGHT.text, "font": FONT},
        "range": {"category": list(LIGHT.series)},
    }


def _frame(chart: Any) -> Any:
    """Return the one frame that a chart draws."""
    pd = require("pandas", feature="live charts", install="pandas")
    parts = [chart, *getattr(chart, "layer", ())]
    found = [part.data for part in parts if isinstance(getattr(part, "data", None), pd.DataFrame)]
    others = [
        part for part in parts if type(getattr(part, "data", None)).__name__ in ("str", "UrlData")
    ]
    if (
        not found
        or others
        or any(one is not found[0] and not one.equals(found[0]) for one in found)
    ):
        raise UsageError(f"live: the chart is not over one frame of points. {_ADVICE}")
    missing = [column for column in COLUMNS if column not in found[0].columns]
    if missing:
        raise UsageError(f"live: the chart's frame has no column {missing[0]!r}; expected "
                         f"{', '.join(COLUMNS)}. {_ADVICE}")  # fmt: skip
    return found[0]


def _without_data(chart: Any, frame: Any) -> dict[str, Any]:
    """Return a chart as Vega-Lite, its rows left out before anybody writes them as text."""
    none = frame.head(0)  # its columns still tell what kind of thing each field is
    bare = chart.copy(deep=False)
    bare.data = none
    if hasattr(bare, "layer"):
        bare.layer = [layer.copy(deep=False) for layer in bare.layer]
        for layer in bare.layer:
            layer.data = none
    lite: dict[str, Any] = bare.to_dict(validate=False)
    for gone in ("$schema", "datasets", "usermeta"):
        lite.pop(gone, None)
    for view in lite.get("layer", ()):
        view.pop("data", None)
    return lite


def _views(lite: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the single views of a layered chart."""
    for kind in ("hconcat", "vconcat", "concat", "facet", "repeat", "spec"):
        if kind in lite:
            raise UsageError(f"live: a chart of several views ({kind}) cannot be fed. Give each of "
                             "them to live by itself.")  # fmt: skip
    if "layer" in lite:
        for layer in lite["layer"]:
            yield from _views(layer)
    else:
        yield lite


def _check(view: Mapping[str, Any]) -> None:
    mark = view.get("mark")
    kind = mark.get("type") if isinstance(mark, Mapping) else mark
    if kind not in _MARKS:
        raise UsageError(f"live: a mark of kind {kind!r} cannot be fed; expected one of "
                         f"{', '.join(_MARKS)}.")  # fmt: skip
    if view.get("transform"):
        raise UsageError(f"live: the chart transforms its data, which would see only the points that "
                         f"the pixels show. {_ADVICE}")  # fmt: skip
    for name, channel in view.get("encoding", {}).items():
        if not isinstance(channel, Mapping):
            continue
        for how in _COMPUTES:
            if channel.get(how) not in (None, False):
                raise UsageError(f"live: {name} is computed from the points ({how}), which would see "
                                 f"only those that the pixels show. {_ADVICE}")  # fmt: skip
        field = channel.get("field")
        if isinstance(field, str) and field not in COLUMNS:
            raise UsageError(f"live: {name} shows {field!r}; expected one of {', '.join(COLUMNS)}.")


def _is_line(view: Mapping[str, Any]) -> bool:
    mark = view["mark"]
    return mark == "line" or (
        isinstance(mark, Mapping) and mark.get("type") == "line" and not mark.get("point")
    )


def _unstack(view: Mapping[str, Any]) -> None:
    """Let areas lie over each other: to pile them up Vega would have to see all points."""
    channel = view.get("encoding", {}).get("y")
    if isinstance(channel, dict) and "field" in channel:
        channel["stack"] = None


def _axis(views: list[Mapping[str, Any]], name: str) -> str:
    fields = {
        channel["field"]
        for view in views
        if isinstance(channel := view.get("encoding", {}).get(name), Mapping) and "field" in channel
    }
    if len(fields) != 1:
        told = " and ".join(map(repr, sorted(fields))) or "nothing"
        raise UsageError(f"live: {name} runs over {told}; expected one column. {_ADVICE}")
    return str(fields.pop())


def _lean(vega: dict[str, Any], x: str) -> None:
    """Take out what costs a frame its time and shows nothing, and let the page say what `x` spans.

    Numbers come as numbers, in order, and each row says in its field ``g`` whether it is a point.
    """
    names = _lean_data(vega)
    for scale in vega.get("scales", ()):
        domain = scale.get("domain")
        if not isinstance(domain, Mapping):
            continue
        for one in domain.get("fields", [domain]):
            if isinstance(one, dict) and one.get("data") in names:
                one["data"] = names[one["data"]]
        if x in _fields_of(domain):
            scale |= {"domain": [{"signal": "x0"}, {"signal": "x1"}], "nice": False}
    for mark in vega["marks"]:
        _lean_mark(mark, names)
    ends = [{"name": "x0", "value": 0}, {"name": "x1", "value": 1}]
    vega["signals"] = [*vega.get("signals", ()), *ends]
    vega |= {"autosize": {"type": "pad", "resize": True}, "padding": 4}


def _lean_data(vega: dict[str, Any]) -> dict[str, str]:
    """Take out data sets that only parse another one; return by whose name each is had now."""
    names: dict[str, str] = {}
    for source in vega["data"]:
        source.pop("format", None)
        kept = [step for step in source.get("transform", ()) if not _only_parses(step)]
        for step in kept:
            if step["type"] == "filter":
                step["expr"] = "datum.g"
        if "transform" in source:
            source["transform"] = kept
        if not kept and "source" in source:
            names[source["name"]] = names.get(source["source"], source["source"])
    vega["data"] = [source for source in vega["data"] if source["name"] not in names]
    for source in vega["data"]:
        if source.get("source") in names:
            source["source"] = names[source["source"]]
    return names


def _only_parses(step: Mapping[str, Any]) -> bool:
    return step["type"] == "formula" and bool(re.match(r"to(Number|Date)\(", str(step["expr"])))


def _fields_of(domain: Mapping[str, Any]) -> list[Any]:
    found = domain.get("fields", [domain.get("field")])
    return [one.get("field") if isinstance(one, Mapping) else one for one in found]


def _lean_mark(mark: dict[str, Any], names: Mapping[str, str]) -> None:
    mark |= {"interactive": False, "aria": False}
    mark.pop("sort", None)
    over = mark.get("from", {})
    for where in (over, over.get("facet", {})):
        if where.get("data") in names:
            where["data"] = names[where["data"]]
    update = mark.get("encode", {}).get("update", {})
    for told in ("description", "ariaRoleDescription", "tooltip"):
        update.pop(told, None)
    if "defined" in update:
        update["defined"] = {"field": "g"}
    for inner in mark.get("marks", ()):
        _lean_mark(inner, names)
