"""``wandb.plot``: what it draws holds the figures that scikit-learn and a pencil come to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import altair as alt
import numpy as np
import pytest
import vl_convert
from sklearn.metrics import auc, confusion_matrix, roc_curve
from tests.record.media.conftest import file_of

from runfolio.errors import UsageError
from runfolio.model.media import MediaItem
from runfolio.record.media import plots
from runfolio.record.media.table import Table
from runfolio.record.run import Run

Log = Callable[[object], MediaItem]
TABLE = Table(columns=["epoch", "loss.train", "name"], data=[[0, 3.0, "a"], [1, 1.5, "b"]])
RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 3, 200)
SURE = RNG.dirichlet([1, 1, 1], 200)


def points(plot: plots.Plot, of: str | None = None) -> list[list[Any]]:
    """Return the rows that are drawn, of one class where it is named, their x and y."""
    return [row[:2] for row in plot.table.data if of in (None, row[2])]


@pytest.mark.parametrize(
    "plot",
    [
        plots.line(TABLE, "epoch", "loss.train", title="Loss"),
        plots.line(TABLE, "epoch", "loss.train", stroke="name"),
        plots.scatter(TABLE, "epoch", "loss.train"),
        plots.bar(TABLE, "name", "loss.train"),
        plots.histogram(TABLE, "loss.train"),
        plots.line_series([0, 1], [[1, 2], [3, 4]], keys=["a", "b"], xname="epoch"),
        plots.confusion_matrix(y_true=[0, 1, 1], preds=[0, 1, 0], class_names=["cat", "dog"]),
        plots.roc_curve(TRUTH, SURE),
        plots.pr_curve(TRUTH, SURE),
    ],
)  # fmt: skip
def test_every_plot_is_kept_as_a_chart_that_altair_reads_and_vega_draws(
    run: Run, logged: Log, plot: plots.Plot
) -> None:
    item = logged(plot)
    chart = json.loads(file_of(run, item))
    alt.Chart.from_dict(chart, validate=True)
    assert (item.type, item.extra["source"]) == ("figure", "altair")
    assert chart["data"]["values"]
    assert 'aria-roledescription="' in vl_convert.vegalite_to_svg(chart)


def test_a_dot_in_a_name_is_part_of_the_name(run: Run, logged: Log) -> None:
    chart = json.loads(file_of(run, logged(plots.scatter(TABLE, "epoch", "loss.train"))))
    assert chart["encoding"]["y"] == {
        "field": "loss\\.train", "type": "quantitative", "title": "loss.train",
    }  # fmt: skip
    assert chart["data"]["values"][1] == {"epoch": 1, "loss.train": 1.5}


@pytest.mark.parametrize("by", ["preds", "probs"])
def test_a_confusion_matrix_counts_as_scikit_learn_does(by: str) -> None:
    guess = SURE.argmax(1)
    given = {"preds": guess} if by == "preds" else {"probs": SURE}
    plot = plots.confusion_matrix(y_true=TRUTH, class_names=list("xyz"), **given)
    counts = np.array([row[2] for row in plot.table.data]).reshape(3, 3)
    assert (counts == confusion_matrix(TRUTH, guess)).all()
    assert [row[:2] for row in plot.table.data[:2]] == [["x", "x"], ["x", "y"]]


def test_classes_may_be_given_by_their_names() -> None:
    plot = plots.confusion_matrix(y_true=["dog", "cat"], preds=["dog", "dog"])
    assert [row for row in plot.table.data if row[2]] == [["cat", "dog", 1], ["dog", "dog", 1]]


def test_the_area_under_a_curve_is_what_scikit_learn_finds() -> None:
    plot = plots.roc_curve(TRUTH, SURE, labels=["a", "b", "c"])
    for number, name in enumerate("abc"):
        fpr, tpr, _ = roc_curve(number == TRUTH, SURE[:, number])
        drawn = np.array(points(plot, name))
        assert auc(drawn[:, 0], drawn[:, 1]) == pytest.approx(auc(fpr, tpr))


def test_one_column_of_probabilities_is_that_of_the_second_class() -> None:
    plot = plots.pr_curve([0, 1, 1], [0.1, 0.9, 0.8], classes_to_plot=[1])
    assert points(plot) == [[0.5, 1.0], [1.0, 1.0], [1.0, 2 / 3]]


def test_of_a_long_curve_a_thousand_points_and_both_ends_are_drawn() -> None:
    many = np.random.default_rng(1).random(50_000)
    drawn = points(plots.roc_curve(many > 0.5, many), "True")
    assert len(drawn) <= 1002
    assert (drawn[0], drawn[-1]) == ([0.0, 0.0], [1.0, 1.0])


def test_a_curve_of_one_class_alone_divides_by_nothing() -> None:
    assert points(plots.roc_curve([1, 1], [[0.5], [0.4]]))[-1] == [0.0, 1.0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: plots.line(TABLE, "epoch", "los"),
        lambda: plots.confusion_matrix(y_true=[0]),
        lambda: plots.confusion_matrix(y_true=[0], preds=[0, 1]),
        lambda: plots.line_series([0, 1], [[1, 2]], keys=["a", "b"]),
    ],
)
def test_what_cannot_be_drawn_is_named(call: Callable[[], object]) -> None:
    with pytest.raises(UsageError, match=r"no column 'los'|expected|1 true classes and 2"):
        call()
