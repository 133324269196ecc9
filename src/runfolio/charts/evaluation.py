"""How good a model is, as Altair charts: each stands by itself and is logged with the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from runfolio.charts.curves import label_text
from runfolio.charts.figures import figure
from runfolio.charts.theme import LIGHT, config
from runfolio.query.evaluation import (
    Calibration,
    Confusion,
    Curve,
    Evaluation,
    Residuals,
    Share,
)

__all__ = ["evaluation_charts", "over", "shares_chart", "whole"]

_SIDE: Final = 260
_WIDTH: Final = 320
_ROW: Final = 18
_FEATURES: Final = 20
_CLASSES: Final = 50
"""Of a confusion matrix, beyond which its cells are smaller than a dot."""
_WRITTEN: Final = 12
"""Classes up to which the counts are written into the cells."""


def evaluation_charts(found: Evaluation) -> dict[str, Any]:
    """Return name → Altair chart of all that an evaluation holds.

    Names are ``confusion``, ``roc``, ``precision_recall``, ``calibration``, ``residuals`` and
    ``importances``.
    """
    charts: dict[str, Any] = {}
    if found.confusion is not None and len(found.confusion.labels) <= _CLASSES:
        charts["confusion"] = _confusion(found.confusion)
    if found.roc:
        charts["roc"] = _rates(found.roc, "ROC", "false positive rate", "true positive rate",
                               "area", _part(found, found.roc), diagonal=True)  # fmt: skip
    if found.precision_recall:
        charts["precision_recall"] = _rates(found.precision_recall, "Precision over recall",
                                            "recall", "precision", "average precision",
                                            _part(found, found.precision_recall))  # fmt: skip
    if found.calibration:
        charts["calibration"] = _calibration(found.calibration, _part(found, found.calibration))
    if found.residuals is not None:
        charts["residuals"] = _residuals(found.residuals)
    if found.shares:
        charts["importances"] = shares_chart(found.shares, found.measure)
    return charts


def _part(found: Evaluation, curves: Sequence[Any]) -> str:
    n = len(found.confusion.labels) if found.confusion is not None else 0
    return f"{len(curves)} of {n} classes" if 2 < n != len(curves) else "class"


def _confusion(found: Confusion) -> Any:
    import altair as alt

    names = _distinct(found.labels)
    rows = []
    for true, counts in zip(names, found.counts, strict=True):
        total = sum(counts)
        for predicted, n in zip(names, counts, strict=True):
            share = n / total if total else 0.0
            rows.append(
                {"t": true, "p": predicted, "n": n, "s": round(share, 4), "v": f"{share:.1%}"}
            )
    side = max(min(24 * len(names), 360), min(80 * len(names), 240))
    is_short = len(names) <= 3 or max(map(len, names)) <= 2
    order = alt.Axis(labelAngle=0 if is_short else -45, labelLimit=90, labelFlush=False)
    x = alt.X("p:N", sort=names, title="predicted", axis=order)
    y = alt.Y("t:N", sort=names, title="true", axis=alt.Axis(labelLimit=90))
    tips = [alt.Tooltip("t:N", title="true"), alt.Tooltip("p:N", title="predicted"),
            alt.Tooltip("n:Q", title="count"), alt.Tooltip("v:N", title="of the true class")]  # fmt: skip
    shade = alt.Color(
        "s:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[LIGHT.ground, LIGHT.accent])
    )
    layers = [
        over(rows).mark_rect(stroke=LIGHT.hairline).encode(x=x, y=y, color=shade, tooltip=tips)
    ]
    if len(names) <= _WRITTEN:
        some = [row for row in rows if row["n"]]
        ink = alt.condition("datum.s > 0.5", alt.value(LIGHT.ground), alt.value(LIGHT.text))
        layers.append(over(some).mark_text(fontSize=11).encode(x=x, y=y, text="n:Q", color=ink))
    return whole(layers, "Confusion", "share of each true class", side, side)


def _rates(
    curves: Sequence[Curve], title: str, x: str, y: str, area: str, part: str, *,
    diagonal: bool = False,
) -> Any:  # fmt: skip
    import altair as alt

    names = [
        f"{name}  {figure(curve.area)}"
        for name, curve in zip(_distinct([c.label for c in curves]), curves, strict=True)
    ]
    rows = [
        {"k": name, "x": round(a, 5), "y": round(b, 5), "i": at}
        for name, curve in zip(names, curves, strict=True)
        for at, (a, b) in enumerate(zip(curve.x, curve.y, strict=True))
    ]
    tips = [alt.Tooltip("k:N", title=f"class, {area}"), alt.Tooltip("x:Q", title=x, format=".3f"),
            alt.Tooltip("y:Q", title=y, format=".3f")]  # fmt: skip
    lines = over(rows).mark_line(strokeWidth=1.8).encode(
        x=_unit("x", x), y=_unit("y", y), order="i:Q", color=_colours(names), tooltip=tips
    )  # fmt: skip
    layers = [_diagonal(), lines] if diagonal else [lines]
    return whole(layers, title, f"{part}, {area}", _SIDE, _SIDE)


def _calibration(curves: Sequence[Calibration], part: str) -> Any:
    import altair as alt

    names = [
        f"{name}  {figure(curve.error)}"
        for name, curve in zip(_distinct([c.label for c in curves]), curves, strict=True)
    ]
    rows = [
        {"k": name, "x": round(a, 5), "y": round(b, 5), "n": n}
        for name, curve in zip(names, curves, strict=True)
        for a, b, n in zip(curve.predicted, curve.observed, curve.counts, strict=True)
    ]
    tips = [alt.Tooltip("k:N", title="class, error"), alt.Tooltip("x:Q", title="foretold", format=".3f"),
            alt.Tooltip("y:Q", title="came true", format=".3f"), alt.Tooltip("n:Q", title="cases")]  # fmt: skip
    x, y = _unit("x", "foretold probability"), _unit("y", "share that came true")
    shared = {"x": x, "y": y, "color": _colours(names), "tooltip": tips}
    lines = over(rows).mark_line(strokeWidth=1.8).encode(**shared)
    dots = over(rows).mark_point(size=30, filled=True, opacity=1).encode(**shared)
    return whole([_diagonal(), lines, dots], "Calibration", f"{part}, expected error", _SIDE, _SIDE)


def _residuals(found: Residuals) -> Any:
    import altair as alt

    rows = [{"x": a, "y": b} for a, b in zip(found.predicted, found.residual, strict=True)]
    x = alt.X("x:Q", title="predicted", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    y = alt.Y("y:Q", title="true − predicted", axis=alt.Axis(tickCount=5))
    tips = [alt.Tooltip("x:Q", title="predicted", format=".4~g"),
            alt.Tooltip("y:Q", title="true − predicted", format=".4~g")]  # fmt: skip
    rule = over([{"y": 0}]).mark_rule(color=LIGHT.secondary).encode(y="y:Q")
    opacity = 0.7 if len(rows) <= 500 else 0.35
    dots = over(rows).mark_point(size=22, filled=True, opacity=opacity, color=LIGHT.accent)
    part = f"{len(rows):,} of {found.n:,} points" if len(rows) < found.n else f"{found.n:,} points"
    words = f"{part}, deviation {figure(found.deviation)}"
    return whole([rule, dots.encode(x=x, y=y, tooltip=tips)], "Residuals", words, _WIDTH, 200)


def shares_chart(shares: Sequence[Share], measure: str, of: str = "feature") -> Any:
    """Return the most important features of a model, a bar each.

    Parameters
    ----------
    shares : sequence of Share
        The largest first.
    measure : str
        What they are, for the axis.
    of : str
        What has them.
    """
    import altair as alt

    shown = shares[:_FEATURES]
    names = _distinct([share.name for share in shown], 40)
    rows = [
        {"k": name, "x": share.value, "v": figure(share.value)}
        for name, share in zip(names, shown, strict=True)
    ]
    y = alt.Y("k:N", sort=names, title=None, axis=alt.Axis(labelLimit=160, grid=False))
    x = alt.X("x:Q", title=measure, axis=alt.Axis(tickCount=4))
    tips = [alt.Tooltip("k:N", title=of), alt.Tooltip("v:N", title=measure)]
    bars = (
        over(rows)
        .mark_bar(color=LIGHT.accent, opacity=0.75, size=10)
        .encode(x=x, y=y, tooltip=tips)
    )
    more = len(shares) - len(shown)
    many = f"{of}s" if len(shares) != 1 else of
    words = f"{len(shares)} {many}" if not more else f"{len(shown)} of {len(shares)} {many}"
    return whole([bars], f"{of.capitalize()} importance", words, _WIDTH, _ROW * len(shown))


def over(rows: list[dict[str, Any]]) -> Any:
    """Return a chart without marks over rows of data."""
    import altair as alt

    return alt.Chart(alt.InlineData(values=rows))


def _unit(field: str, title: str) -> Any:
    """Return the channel of something between 0 and 1."""
    import altair as alt

    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(tickCount=5)
    channel = alt.X if field == "x" else alt.Y
    return channel(f"{field}:Q", title=title, scale=scale, axis=axis)


def _diagonal() -> Any:
    ends = [{"x": 0, "y": 0}, {"x": 1, "y": 1}]
    return over(ends).mark_line(color=LIGHT.secondary, strokeDash=[4, 3], strokeWidth=1).encode(
        x="x:Q", y="y:Q"
    )  # fmt: skip


def _colours(names: Sequence[str]) -> Any:
    import altair as alt

    scale = alt.Scale(domain=list(names), range=list(LIGHT.series[: len(names)]))
    legend = alt.Legend(orient="bottom", columns=2, labelLimit=180)
    return alt.Color("k:N", title=None, scale=scale, legend=legend)


def _distinct(names: Sequence[str], limit: int = 24) -> list[str]:
    """Return names as a chart writes them, no two alike: they are what marks are told apart by."""
    found: list[str] = []
    for name in names:
        shown = label_text(name, limit)
        twin = 2
        while shown in found:
            shown = f"{label_text(name, limit - 4)} ({twin})"
            twin += 1
        found.append(shown)
    return found


def whole(layers: Sequence[Any], title: str, caption: str, width: int, height: int) -> Any:
    """Return layers as one chart in our manner, on a ground of its own: it is kept as a picture, too."""
    import altair as alt

    words = alt.TitleParams(
        title, subtitle=caption, anchor="start", fontSize=13, fontWeight=600, color=LIGHT.text,
        subtitleFontSize=11, subtitleColor=LIGHT.secondary, offset=8,
    )  # fmt: skip
    chart = alt.layer(*layers).properties(width=width, height=height, title=words)
    manner = config(LIGHT)
    # Here the axes say what they are: there is no heading around the chart.
    manner["axis"] |= {
        "titleColor": LIGHT.secondary,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
    }
    manner["axis"].pop("title")
    chart.config = alt.Config.from_dict(manner | {"background": LIGHT.ground})
    return chart
