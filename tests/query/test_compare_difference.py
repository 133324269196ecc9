"""What differs between two runs."""

from __future__ import annotations

import math

from tests.query.conftest import Maker

from runfolio.query.compare import Change, Delta, difference
from runfolio.query.fields import ABSENT


def test_only_settings_that_differ_are_named_with_dots(record: Maker) -> None:
    a = record(config={"lr": 1, "model": {"width": 64, "depth": 2}, "old": None})
    b = record(config={"lr": 1.0, "model": {"width": 128, "depth": 2}, "amp": True})

    assert difference(a, b).config == (
        Change("model.width", 64, 128),
        Change("old", None, ABSENT),
        Change("amp", ABSENT, True),
    )


def test_a_switch_is_no_number_and_nan_is_itself(record: Maker) -> None:
    a = record(config={"x": True, "y": math.nan})
    b = record(config={"x": 1, "y": float("nan")})
    assert difference(a, b).config == (Change("x", True, 1),)


def test_code_is_told_by_short_revisions(record: Maker) -> None:
    one = record(git={"sha": "13e8c94aaa", "dirty": False})
    two = record(git={"sha": "90ab12fbbb", "dirty": True})

    assert difference(one, one).code == ""
    assert difference(one, two).code == "13e8c94 → 90ab12f + changes"
    assert "uncommitted" in difference(two, two).code
    assert difference(record(), two).code == "not recorded → 90ab12f + changes"
    assert difference(record(), record()).code == ""


def test_environment_data_and_seeds_are_compared_by_name(record: Maker) -> None:
    a = record(software={"python": "3.11", "packages": {"torch": "2.4"}}, seeds={"numpy": 1},
               data=({"name": "digits", "hash": "a"},))  # fmt: skip
    b = record(software={"python": "3.11", "packages": {"torch": "2.5"}}, seeds={"numpy": 2},
               data=({"name": "digits", "hash": "b"},))  # fmt: skip

    found = difference(a, b)

    assert found.environment == (Change("torch", "2.4", "2.5"),)
    assert found.data == (Change("digits", "a", "b"),)
    assert found.seeds == (Change("numpy", 1, 2),)


def test_metrics_carry_their_difference_and_whether_it_is_better(record: Maker) -> None:
    a = record(metrics={"acc": 0.5, "loss": 2.0, "depth": 1.0, "gone": 1.0, "nan": 1.0})
    b = record(metrics={"acc": 0.75, "loss": 3.0, "depth": 2.0, "nan": math.inf})

    assert difference(a, b).metrics == (
        Delta("acc", 0.5, 0.75, 0.25, better=True),
        Delta("loss", 2.0, 3.0, 1.0, better=False),
        Delta("depth", 1.0, 2.0, 1.0, better=None),
        Delta("gone", 1.0, None, None, better=None),
        Delta("nan", 1.0, math.inf, None, better=None),
    )
