"""One value per metric, live and in the manifest; what is set by hand goes first."""

from __future__ import annotations

import math

import numpy as np
import pytest

from runfolio.format.manifest import read_record
from runfolio.model.run import MetricSummary
from runfolio.record.api import init


def test_the_summary_is_the_last_value_of_each_metric() -> None:
    run = init()
    for value in (3.0, 1.0, 2.0):
        run.log({"loss": value})
    assert run.summary["loss"] == run.summary.loss == 2.0
    run.finish()
    assert read_record(run.path).metrics["loss"] == MetricSummary(
        n=3, last=2.0, min=1.0, max=3.0, last_step=2, min_step=1, max_step=0, mean=2.0
    )


def test_a_value_set_by_hand_goes_before_the_metric() -> None:
    run = init()
    run.log({"acc": 0.5})
    run.summary["acc"] = np.float32(0.75)
    run.summary.update({"note": "best", "list": [1, 2]})
    assert run.summary["acc"] == 0.75
    run.finish()
    assert read_record(run.path).summary == {"acc": 0.75, "note": "best", "list": [1, 2]}
    assert read_record(run.path).metrics["acc"].last == 0.5


def test_a_late_point_is_not_the_last_one() -> None:
    run = init()
    for step in (1, 5, 3):
        run.log({"a": float(step)}, step=step)
    run.finish()
    assert read_record(run.path).metrics["a"].last == 5.0


def test_extremes_are_over_finite_points() -> None:
    run = init()
    for value in (float("inf"), 2.0, float("nan"), -1.0, float("-inf")):
        run.log({"a": value})
    run.finish()
    found = read_record(run.path).metrics["a"]
    assert (found.n, found.min, found.max, found.last) == (5, -1.0, 2.0, -math.inf)


def test_a_metric_that_was_never_finite_has_no_extremes() -> None:
    run = init()
    run.log({"a": float("nan")})
    run.finish()
    found = read_record(run.path).metrics["a"]
    assert math.isnan(found.last or 0)
    assert (found.min, found.max) == (None, None)


def test_batches_are_summed_up_as_single_points_are() -> None:
    values = np.random.default_rng(7).normal(size=6000).tolist()
    run = init()
    for value in values:
        run.log({"a": value})
    run.finish()
    found = read_record(run.path).metrics["a"]
    assert (found.min, found.max, found.last) == (min(values), max(values), values[-1])
    assert found.min_step == values.index(min(values))


def test_a_summary_survives_a_resume() -> None:
    run = init(id="r")
    run.log({"a": 1.0, "only": 3.0})
    run.finish()
    run = init(id="r", resume="allow")
    run.log({"a": -2.0})
    run.finish()
    record = read_record(run.path)
    assert record.metrics["only"].last == 3.0
    assert (record.metrics["a"].n, record.metrics["a"].min, record.metrics["a"].max) == (2, -2, 1)
    assert record.counts["points"] == 3


def test_an_unknown_metric_is_said_to_be_unknown() -> None:
    run = init()
    with pytest.raises(AttributeError, match="no value 'loss' yet"):
        _ = run.summary.loss
    with pytest.raises(KeyError):
        _ = run.summary["loss"]


def test_more_than_a_thousand_metrics_lie_beside_the_manifest() -> None:
    run = init()
    run.log({f"m{n}": n for n in range(1500)})
    run.finish()
    assert len(read_record(run.path).metrics) == 1500
    assert (run.path / "summary.json").is_file()
