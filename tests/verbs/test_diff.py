"""``diff`` of two runs in a terminal, in a notebook, as Markdown and for machines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import runfolio
from runfolio.errors import RunNotFound, UsageError
from runfolio.verbs.diff import PARTS
from runfolio.verbs.table import dispatch

Make = Callable[..., Path]
EVIL = "\x1b[31m<img src=x onerror=alert(1)>](javascript:1)"


@pytest.fixture
def two(make_run: Make) -> tuple[Path, Path]:
    return (
        make_run("wise-fox", config={"lr": 0.1, "opt": {"name": "adam"}, "seed": 1}, points=3),
        make_run("calm-owl", config={"lr": 0.2, "opt": {"name": "sgd"}, "seed": 1}, points=5),
    )


def test_a_terminal_shows_what_changed_and_says_what_did_not(two: tuple[Path, Path]) -> None:
    shown = str(runfolio.diff("wise-fox", "calm-owl"))
    assert re.search(r"lr\s+0\.1 → 0\.2", shown)
    assert re.search(r"opt\.name\s+adam → sgd", shown)
    assert "seed" not in shown.partition("cells")[0]
    assert re.search(r"val/acc\s+0\.667 → 0\.800\s+▲", shown)
    assert "the same settings" not in shown
    assert "not compared" in shown.partition("environment")[2]


def test_the_second_run_is_the_last_one_unless_it_is_named(two: tuple[Path, Path]) -> None:
    assert runfolio.diff("wise-fox").diff.now.name == "calm-owl"


def test_only_the_parts_that_were_asked_for_are_told(two: tuple[Path, Path]) -> None:
    shown = str(runfolio.diff("wise-fox", only=["config"]))
    assert "lr" in shown
    assert "val/acc" not in shown
    with pytest.raises(UsageError, match='Did you mean "config"'):
        runfolio.diff("wise-fox", only=["konfig"])


def test_machines_get_every_part(two: tuple[Path, Path]) -> None:
    found = json.loads(runfolio.diff("wise-fox").to_json())
    assert set(PARTS) < set(found)
    assert {"name": "lr", "was": 0.1, "now": 0.2} in found["config"]
    assert found["was"] == two[0].name


def test_the_same_run_and_no_run_are_mistakes(two: tuple[Path, Path]) -> None:
    with pytest.raises(UsageError, match="Both mean the run"):
        runfolio.diff("calm-owl", "@last")
    with pytest.raises(RunNotFound):
        runfolio.diff("nobody")


def test_text_of_runs_is_text_in_every_form(make_run: Make) -> None:
    make_run(EVIL, config={EVIL: EVIL})
    make_run("plain", config={EVIL: "x"})
    view = runfolio.diff("@last", runfolio.runs()[1])
    assert "\x1b" not in str(view) + view.to_markdown() + view.to_html()
    assert "<img" not in view.to_html() + view.to_markdown()
    assert not re.search(r"(?<!\\)\]\(javascript", view.to_markdown())


def test_the_command_prints_markdown_for_a_message(two: tuple[Path, Path]) -> None:
    shown = str(dispatch(["diff", "wise-fox", "calm-owl", "--markdown", "--only", "config"]))
    assert shown.startswith("### wise-fox")
    assert "- lr: 0.1 → **0.2**" in shown


def test_damaged_records_are_named_and_the_rest_is_compared(two: tuple[Path, Path]) -> None:
    (two[0] / "environment").mkdir()
    (two[0] / "environment" / "environment.json").write_text("{")
    view = runfolio.diff("wise-fox")
    assert "environment.json" in view.diff.why("environment")[0]
    assert "lr" in str(view)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_terminal_is_not_overrun(make_run: Make, width: int) -> None:
    long = {f"{'model.encoder.' * 6}{n}": "x" * 300 for n in range(3)}
    make_run("wise-fox", config={"lr": 0.1})
    make_run("calm-owl", config={"lr": 1e-4} | long)
    lines = runfolio.diff("wise-fox", "calm-owl").text(width).plain.splitlines()
    assert max(map(len, lines)) <= width
    told = [line.split()[0] for line in lines if line.startswith("  m")]
    assert len(set(told)) == 3


def test_metrics_say_where_their_curves_part_in_every_form(two: tuple[Path, Path]) -> None:
    view = runfolio.diff("wise-fox", only=["metrics"])
    said = "3 points, steps 0 to 2 → 5 points, steps 0 to 4"
    assert said in str(view)
    assert said in view.to_html()
    assert said in view.to_markdown()
    assert "equal at all 3 common steps" in str(view)


def test_parts_that_were_not_asked_for_are_not_read(two: tuple[Path, Path]) -> None:
    (two[0] / "metrics.parquet").write_bytes(b"x")
    assert runfolio.diff("wise-fox", only=["config"]).diff.not_compared == ()
    assert runfolio.diff("wise-fox", only=["metrics"]).diff.not_compared != ()
