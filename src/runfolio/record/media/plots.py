"""``wandb.plot``: the charts W&B draws of a table or of predictions, as figures of Vega-Lite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from runfolio._optional import require
from runfolio.errors import UsageError
from runfolio.record.guard import warn_once
from runfolio.record.media.figures import Chart
from runfolio.record.media.table import Table

__all__ = [
    "bar",
    "confusion_matrix",
    "histogram",
    "line",
    "line_series",
    "plot_table",
    "pr_curve",
    "roc_curve",
    "scatter",
]

_MOST_POINTS: Final = 1000
"""Of a curve so many points are drawn at most; its ends are among them."""


class Plot(Chart):
    """A chart together with the table it is drawn from."""

    def __init__(self, table: Table, mark: Any, encoding: dict[str, Any], title: str, **more: Any) -> None:  # fmt: skip
        self.table = table
        names = [str(name) for name in table.columns]
        rows = [dict(zip(names, map(_plain, row), strict=True)) for row in table.data]
        super().__init__({
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "title": title, "width": 320, "height": 240, "data": {"values": rows},
            "mark": mark, "encoding": encoding,
        } | more)  # fmt: skip


def line(table: Any, x: str, y: str, stroke: str | None = None, title: str | None = "", **_: Any) -> Plot:  # fmt: skip
    """Draw one column over another, a line for each value of `stroke`.

    Parameters
    ----------
    table : Table
        Or a frame.
    x, y, stroke : str
        Columns.
    title : str, optional
    """
    shown = _table(table, x, y, *([stroke] if stroke else []))
    colour = {"color": _field(stroke, "nominal")} if stroke else {}
    encoding = {"x": _field(x, "quantitative"), "y": _field(y, "quantitative")} | colour
    return Plot(shown, {"type": "line", "tooltip": True}, encoding, title or "")


def scatter(table: Any, x: str, y: str, title: str | None = "", **_: Any) -> Plot:
    """Draw a point for each row; see `line`."""
    encoding = {"x": _field(x, "quantitative"), "y": _field(y, "quantitative")}
    mark = {"type": "point", "filled": True, "tooltip": True}
    return Plot(_table(table, x, y), mark, encoding, title or "")


def bar(table: Any, label: str, value: str, title: str | None = "", **_: Any) -> Plot:
    """Draw a bar for each row: its name from one column, its length from another."""
    encoding = {
        "y": _field(label, "nominal") | {"sort": None},
        "x": _field(value, "quantitative"),
    }
    return Plot(
        _table(table, label, value), {"type": "bar", "tooltip": True}, encoding, title or ""
    )


def histogram(table: Any, value: str, title: str | None = "", **_: Any) -> Plot:
    """Draw how the values of a column are spread."""
    encoding = {
        "x": _field(value, "quantitative") | {"bin": {"maxbins": 30}},
        "y": {"aggregate": "count", "type": "quantitative"},
    }
    return Plot(_table(table, value), {"type": "bar", "tooltip": True}, encoding, title or "")


def line_series(
    xs: Any,
    ys: Iterable[Any],
    keys: Sequence[Any] | None = None,
    title: str | None = "",
    xname: str = "x",
    **_: Any,
) -> Plot:
    """Draw several series over one axis.

    Parameters
    ----------
    xs : sequence
        One for all series, or one for each of them.
    ys : sequence of sequence
    keys : sequence of str, optional
        Names of the series.

    Raises
    ------
    UsageError
        There are not as many names, or axes, as series.
    """
    series = [list(one) for one in ys]
    given = list(xs)
    own = bool(given) and hasattr(given[0], "__iter__") and not isinstance(given[0], str)
    axes = [list(one) for one in given] if own else [given] * len(series)
    names = [f"line_{at}" for at in range(len(series))] if keys is None else list(keys)
    if not len(series) == len(axes) == len(names):
        raise UsageError(
            f"line_series: {len(series)} series, {len(axes)} axes and {len(names)} names; expected as "
            "many of each."
        )
    table = Table(columns=[xname, "value", "series"])
    for axis, values, name in zip(axes, series, names, strict=True):
        for x, y in zip(axis, values, strict=False):
            table.add_data(_plain(x), _plain(y), str(name))
    return line(table, xname, "value", "series", title)


def confusion_matrix(
    probs: Any = None,
    y_true: Any = None,
    preds: Any = None,
    class_names: Sequence[Any] | None = None,
    title: str | None = "Confusion Matrix",
    **_: Any,
) -> Plot:
    """Draw how often each class was taken for each.

    Parameters
    ----------
    probs : array, optional
        One row a sample, one column a class; either these or `preds`.
    y_true : sequence
        The true classes: their numbers, or names out of `class_names`.
    preds : sequence, optional
        The classes that were predicted.
    class_names : sequence of str, optional

    Raises
    ------
    UsageError
        Neither or both of `probs` and `preds`, or not as many as true classes.
    """
    if (probs is None) == (preds is None) or y_true is None:
        raise UsageError("confusion_matrix: expected y_true, and either preds or probs.")
    truth = _array(y_true).ravel().tolist()
    guess = _array(preds).ravel().tolist() if probs is None else _array(probs).argmax(-1).tolist()
    if len(truth) != len(guess):
        raise UsageError(
            f"confusion_matrix: {len(truth)} true classes and {len(guess)} predictions."
        )
    seen = sorted({*truth, *guess}, key=lambda one: (str(type(one)), one))
    names = [str(one) for one in seen] if class_names is None else [str(n) for n in class_names]
    by_number = class_names is not None and all(type(one) in (int, float, bool) for one in seen)

    def name(one: Any) -> str:
        return names[int(one)] if by_number and 0 <= int(one) < len(names) else str(one)

    counts = dict.fromkeys(((actual, other) for actual in names for other in names), 0)
    for pair in zip(map(name, truth), map(name, guess), strict=True):
        counts[pair] = counts.get(pair, 0) + 1
    table = Table(columns=["Actual", "Predicted", "nPredictions"],
                  data=[[*pair, count] for pair, count in counts.items()])  # fmt: skip
    encoding = {
        "x": _field("Predicted", "nominal") | {"sort": None},
        "y": _field("Actual", "nominal") | {"sort": None},
        "color": _field("nPredictions", "quantitative"),
    }
    return Plot(table, {"type": "rect", "tooltip": True}, encoding, title or "")


def roc_curve(
    y_true: Any,
    y_probas: Any,
    labels: Sequence[Any] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    title: str | None = "ROC Curve",
    **_: Any,
) -> Plot:
    """Draw the true over the false positive rate, a line for each class against all others.

    Parameters
    ----------
    y_true : sequence
        The true classes.
    y_probas : array
        One row a sample, one column a class, in the order of the sorted classes.
    labels : sequence of str, optional
        What the classes are called.
    classes_to_plot : sequence, optional
        Only these.
    """
    table = Table(columns=["class", "fpr", "tpr"])
    for name, hits, total in _one_against_all(y_true, y_probas, labels, classes_to_plot):
        right, wrong = hits.cumsum(), (1 - hits).cumsum()
        rates = zip(wrong / max(1, total - right[-1]), right / max(1, right[-1]), strict=True)
        for fpr, tpr in _thinned([(0.0, 0.0), *rates]):
            table.add_data(name, float(fpr), float(tpr))
    return line(table, "fpr", "tpr", "class", title)


def pr_curve(
    y_true: Any,
    y_probas: Any,
    labels: Sequence[Any] | None = None,
    classes_to_plot: Sequence[Any] | None = None,
    interp_size: int = 21,  # noqa: ARG001 - W&B's: every point is drawn here
    title: str | None = "Precision-Recall Curve",
    **_: Any,
) -> Plot:
    """Draw precision over recall, a line for each class against all others; see `roc_curve`."""
    table = Table(columns=["class", "recall", "precision"])
    for name, hits, _total in _one_against_all(y_true, y_probas, labels, classes_to_plot):
        right = hits.cumsum()
        taken = _array(range(1, len(hits) + 1))
        pairs = zip(right / max(1, right[-1]), right / taken, strict=True)
        for recall, precision in _thinned(list(pairs)):
            table.add_data(name, float(recall), float(precision))
    return line(table, "recall", "precision", "class", title)


def plot_table(vega_spec_name: str, data_table: Any, *_: Any, **__: Any) -> Table:
    """Return the table, which is logged in place of a chart that only W&B's server has."""
    warn_once(
        "plot_table",
        f"plot_table({vega_spec_name!r}): the chart lies on a server; its table is logged. An altair "
        "chart can be logged as it is.",
    )
    return _whole(data_table)


def _one_against_all(
    y_true: Any, y_probas: Any, labels: Sequence[Any] | None, chosen: Sequence[Any] | None
) -> Iterable[tuple[str, Any, int]]:
    """Yield each class, and which samples are of it, the surest first."""
    numpy = require("numpy", feature="a curve of predictions", install="numpy")
    truth, sure = _array(y_true).ravel(), _array(y_probas)
    if sure.ndim == 1:
        sure = numpy.stack([1 - sure, sure], axis=1)
    classes = numpy.unique(truth)
    for at, one in enumerate(classes[: sure.shape[1]]):
        if chosen is not None and one not in chosen:
            continue
        name = str(labels[at]) if labels is not None and at < len(labels) else str(one)
        order = numpy.argsort(-sure[:, at], kind="stable")
        yield name, (truth[order] == one).astype(int), len(truth)


def _thinned(points: list[Any]) -> list[Any]:
    every = -(-len(points) // _MOST_POINTS)
    return points if every == 1 else [*points[:-1:every], points[-1]]


def _table(table: Any, *columns: str) -> Table:
    """Return the columns of a table as one of their own."""
    whole = _whole(table)
    held = [whole.get_column(name) for name in columns]
    return Table(columns=list(columns), data=list(zip(*held, strict=True)))


def _whole(table: Any) -> Table:
    return table if isinstance(table, Table) else Table(data=table)


def _field(name: str, kind: str) -> dict[str, Any]:
    # A dot or a bracket in a name would mean a part of a value.
    escaped = "".join(f"\\{c}" if c in "\\.[]" else c for c in name)
    return {"field": escaped, "type": kind, "title": name}


def _array(values: Any) -> Any:
    numpy = require("numpy", feature="a chart of predictions", install="numpy")
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    return numpy.asarray(values if not isinstance(values, (range, list, tuple)) else list(values))


def _plain(value: Any) -> Any:
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
