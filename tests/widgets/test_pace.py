"""How fast a run goes, and how far it has to."""

from __future__ import annotations

import pytest

from runfolio.widgets.card import Pace, total_steps


def test_the_pace_is_that_of_the_last_ten_seconds() -> None:
    pace = Pace()
    for second in range(31):
        pace.reach(
            step=second * (10 if second < 15 else 2) + (120 if second >= 15 else 0), now_s=second
        )

    assert pace.rate == pytest.approx(2.0)
    assert pace.step == 180


def test_there_is_no_pace_until_time_has_passed() -> None:
    pace = Pace()
    pace.reach(5, 0.0)
    pace.reach(5, 9.0)

    assert pace.rate is None


@pytest.mark.parametrize(
    ("config", "epoch", "step", "total"),
    [
        ({"max_steps": 1000}, None, 10, 1000),
        ({"train": {"num_train_steps": 50.0}}, None, 10, 50),
        ({"steps": 5}, None, 10, None),  # it was meant otherwise
        ({"epochs": 4}, 2.0, 300, 600),
        ({"epochs": 4}, None, 300, None),
        ({"epochs": True, "steps": "many"}, 2.0, 300, None),
        ({}, None, None, None),
    ],
)
def test_the_length_of_a_run_is_what_its_settings_say(
    config: dict[str, object], epoch: float | None, step: float | None, total: float | None
) -> None:
    assert total_steps(config, epoch, step) == total
