"""``run.alert``: recorded, shown once in a while, never an end to the training."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

import runfolio
from runfolio.errors import NoActiveRun, UsageError
from runfolio.format.events import read_events
from runfolio.record.alerts import AlertLevel, Alerts
from runfolio.record.api import init
from runfolio.testing import FixedClock


def alerts_of(folder: Path) -> list[dict]:
    return [event for event in read_events(folder) if event["kind"] == "alert"]


def test_an_alert_is_an_event_with_its_level(store: Path) -> None:
    with init() as run:
        run.alert("Loss is NaN", text="at step 3", level=AlertLevel.ERROR)
        run.alert("Hm", level="WARN")
        run.alert("Plain")
    found = [(a["title"], a["text"], a["level"]) for a in alerts_of(run.path)]
    assert found == [
        ("Loss is NaN", "at step 3", "error"),
        ("Hm", "", "warn"),
        ("Plain", "", "info"),
    ]


def test_the_module_function_alerts_in_the_open_run(store: Path) -> None:
    with pytest.raises(NoActiveRun, match="alert: no run is open"):
        runfolio.alert("x")
    with init() as run:
        runfolio.alert("x", wait_duration=timedelta(minutes=5))
    assert len(alerts_of(run.path)) == 1


def test_a_person_sees_the_alert_without_control_characters(store, monkeypatch, capsys) -> None:
    monkeypatch.setenv("RUNFOLIO_SILENT", "false")
    with init() as run:
        run.alert("Bell\a", "and \x1b[31mred", level="error")
    shown = capsys.readouterr().err
    assert "runfolio: ⚑ error: Bell\\x07: and \\x1b[31mred" in shown


def test_a_title_that_repeats_itself_is_held_back_and_counted() -> None:
    clock, events, told = FixedClock(), [], []
    alerts = Alerts(clock, lambda kind, **fields: events.append(fields), told.append)
    for _ in range(4):
        alerts.add("x", "", None, 30)
    clock.advance(31)
    assert alerts.add("x", "again", None, 30)
    assert [event.get("held") for event in events] == [None, 3]
    assert told == ["x", "x: again"]


@pytest.mark.parametrize(
    ("given", "said"), [({"level": "loud"}, "level"), ({"wait_duration": "1"}, "wait")]
)
def test_a_level_or_a_wait_that_does_not_exist_is_refused(
    store: Path, given: dict, said: str
) -> None:
    with init() as run, pytest.raises(UsageError, match=said):
        run.alert("x", **given)


def test_a_disabled_run_takes_alerts_and_definitions_in_silence(store, monkeypatch, capsys) -> None:
    monkeypatch.setenv("RUNFOLIO_SILENT", "false")
    with init(mode="disabled") as run:
        run.alert("x")
        run.define_metric("loss", summary="min")
    assert capsys.readouterr().err == ""
