"""``define_metric``: which figure stands for a metric, which way is better, what its x axis is."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from runfolio.errors import UsageError
from runfolio.format.manifest import read_record
from runfolio.record.api import init


def log_all(run, key: str, values: list[float]) -> None:
    for value in values:
        run.log({key: value})


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("min", 1.0), ("max", 5.0), ("mean", 3.0), ("last", 2.0), ("copy", 2.0), ("none", None)],
)
def test_the_summary_shows_the_figure_that_was_asked_for(
    store: Path, rule: str, expected: float | None
) -> None:
    with init() as run:
        run.define_metric("loss", summary=rule)
        log_all(run, "loss", [5.0, 1.0, 4.0, 2.0])
        assert run.summary["loss"] == expected
    assert read_record(run.path).metrics["loss"].figure == expected


@pytest.mark.parametrize(("goal", "expected"), [("minimize", 1.0), ("max", 5.0), (None, 2.0)])
def test_best_goes_by_the_goal(store: Path, goal: str | None, expected: float) -> None:
    with init() as run:
        run.define_metric("x", summary="best", goal=goal)
        log_all(run, "x", [5.0, 1.0, 2.0])
    assert read_record(run.path).metrics["x"].figure == expected


def test_of_several_rules_the_first_stands_for_the_metric_and_each_can_be_asked_for(store) -> None:
    with init() as run:
        run.define_metric("loss", summary="max, mean")
        log_all(run, "loss", [5.0, 1.0])
        assert run.summary["loss"] == 5.0
        assert (run.summary["loss.mean"], run.summary["loss.min"]) == (3.0, 1.0)


def test_a_pattern_holds_for_every_metric_it_matches_and_an_exact_name_goes_before(store) -> None:
    with init() as run:
        run.define_metric("val/*", step_metric="epoch", summary="max")
        run.define_metric("val/loss", summary="min")
        run.log({"val/acc": 0.5, "val/loss": 1.0, "train/acc": 0.1, "epoch": 3})
    found = read_record(run.path).metrics
    assert [found[k].rule for k in ("val/acc", "val/loss", "train/acc")] == ["max", "min", None]
    assert [found[k].step_metric for k in ("val/acc", "val/loss")] == ["epoch", "epoch"]


@pytest.mark.parametrize("name", ["a[0]", "what?", "a.b(c)+", "[!x]*"])
def test_only_the_star_is_special_in_a_name(store: Path, name: str) -> None:
    with init() as run:
        run.define_metric(name, summary="min")
        log_all(run, name.replace("*", "tail"), [1.0, 2.0])
        log_all(run, "y", [1.0, 2.0])
    found = read_record(run.path).metrics
    assert found[name.replace("*", "tail")].figure == 1.0
    assert found["y"].figure == 2.0


def test_what_is_defined_late_holds_for_points_logged_before(store: Path) -> None:
    with init() as run:
        log_all(run, "loss", [2.0, 1.0, 3.0])
        run.define_metric("loss", summary="min", hidden=True)
        assert run.summary["loss"] == 1.0
    assert read_record(run.path).metrics["loss"].hidden


def test_definitions_add_up_unless_they_overwrite(store: Path) -> None:
    with init() as run:
        run.define_metric("loss", summary="min")
        assert run.define_metric("loss", goal="minimize").rule == "min"
        assert run.define_metric("loss", goal="maximize", overwrite=True).rule is None


def test_a_resumed_run_goes_on_with_what_was_defined_and_with_the_mean(store: Path) -> None:
    with init(id="r") as run:
        run.define_metric("a*", summary="mean", goal="minimize")
        log_all(run, "a", [1.0, math.nan, 2.0])
    with init(id="r", resume="must") as run:
        log_all(run, "a", [6.0])
        run.log({"ab": 4.0})
        assert (run.summary["a"], run.summary["ab"]) == (3.0, 4.0)
    assert read_record(run.path).metrics["a"].goal == "minimize"
    assert read_record(run.path).metrics["a"].nonfinite == 1


def test_the_mean_of_a_killed_run_is_that_of_all_its_points(store: Path, script) -> None:
    script("""
        import os
        from runfolio.record.api import init
        run = init(id="k")
        for n in range(7):
            run.log({"a": float(n), "b": float("inf")})
        run.life.writer.flush()
        os._exit(1)
    """)
    found = read_record(store / "k").metrics
    assert (found["a"].mean, found["b"].mean, found["b"].nonfinite) == (3.0, None, 7)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "the name is ''"),
        ({"name": 3}, "the name is 3"),
        ({"name": "a", "summary": "mini"}, 'Did you mean "min"?'),
        ({"name": "a", "goal": "up"}, "expected minimize or maximize"),
        ({"name": "a", "step_metric": "e*"}, "expected the name of one metric"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_the_call(store: Path, given: dict, said: str) -> None:
    with init() as run, pytest.raises(UsageError, match="define_metric") as caught:
        run.define_metric(**given)
    assert said in str(caught.value)


def test_a_definition_with_nothing_logged_is_kept_in_the_manifest(store: Path) -> None:
    with init() as run:
        run.define_metric("val/*", step_metric=run.define_metric("epoch"))
    body = json.loads((run.path / "run.json").read_text())
    assert {"name": "val/*", "step_metric": "epoch"} in body["defined"]


def test_a_value_set_by_hand_goes_before_the_rule_and_outlives_a_resume(store: Path) -> None:
    with init(id="r") as run:
        run.define_metric("acc", summary="max")
        log_all(run, "acc", [0.5, 0.9])
        run.summary["acc"] = 0.7
        run.summary["note"] = "kept"
    with init(id="r", resume="must") as run:
        assert (run.summary["acc"], run.summary["note"]) == (0.7, "kept")
    assert read_record(run.path).summary == {"acc": 0.7, "note": "kept"}


def test_a_run_killed_before_its_manifest_knew_a_metric_still_tells_how_to_read_it(store, script):
    script("""
        import os
        from runfolio.record.api import init
        run = init(id="k")
        run.define_metric("val/*", summary="max", step_metric="epoch", goal="maximize")
        run.life.refresh()
        run.log({"val/acc": 0.9}); run.log({"val/acc": 0.7})
        run.life.writer.flush()
        os._exit(1)
    """)
    found = read_record(store / "k").metrics["val/acc"]
    assert (found.figure, found.step_metric, found.goal) == (0.9, "epoch", "maximize")
