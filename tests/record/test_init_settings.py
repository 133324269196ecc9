"""``init(settings=…)``: W&B's settings that mean something here, and those that do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import runfolio
from runfolio.errors import RunfolioWarning, UsageError
from runfolio.record.api import init


def test_settings_with_a_meaning_are_taken_and_the_others_change_nothing(store: Path) -> None:
    chosen = runfolio.Settings(
        run_name="first", run_group="g", run_tags=["a"], start_method="thread", _disable_stats=True
    )
    with init(settings=chosen) as run:
        assert (run.name, run.group, run.tags) == ("first", "g", ("a",))


def test_a_keyword_goes_before_the_settings_which_may_be_a_dictionary(store: Path) -> None:
    with init(name="mine", settings={"run_name": "theirs", "run_id": "x7"}) as run:
        assert (run.name, run.id) == ("mine", "x7")


def test_silent_settings_say_nothing(store, monkeypatch, capsys) -> None:
    monkeypatch.setenv("RUNFOLIO_SILENT", "false")
    init(settings=runfolio.Settings(silent=True)).finish()
    assert capsys.readouterr().err == ""


def test_settings_that_are_no_settings_are_refused(store: Path) -> None:
    with pytest.raises(UsageError, match="settings is str; expected"):
        init(settings="offline")


def test_an_unknown_keyword_warns_with_the_nearest_one(store: Path) -> None:
    with pytest.warns(RunfolioWarning, match='"project"'):
        init(projekt="x").finish()


@pytest.mark.parametrize("keyword", ["monitor_gym"])
def test_it_is_said_that_what_others_write_is_not_recorded(store: Path, keyword: str) -> None:
    with pytest.warns(RunfolioWarning, match=rf"init\({keyword}=…\): what a .* is not recorded"):
        init(**{keyword: True}).finish()


def test_what_is_not_asked_for_is_not_missed(store: Path) -> None:
    init(sync_tensorboard=False, monitor_gym=None, save_code=True).finish()


def test_a_warning_out_of_a_thread_of_ours_shows_no_line_of_the_library(store: Path) -> None:
    """It used to point into ``threading.py``, where nobody has anything to mend."""
    with pytest.warns(RunfolioWarning, match="clipped") as caught, init() as run:
        run.log({"x": runfolio.Image(np.full((4, 4), 300.0))})

    assert [Path(one.filename).name for one in caught if "threading" in one.filename] == []


def test_a_second_init_adds_one_tag_given_as_text(store: Path) -> None:
    with init(tags=["a"]):
        assert init(tags="later").tags == ("a", "later")
