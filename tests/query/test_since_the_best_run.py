"""What changed since the best run of the project, and how a line says it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from runfolio.charts.since import since_words
from runfolio.model.run import RunRecord
from runfolio.query.since_best import since_best


def words(record, others) -> str:
    return since_words(since_best(record, others))


def test_a_worse_run_is_told_beside_the_best(record) -> None:
    best = record("wise-fox", metrics={"val/acc": 0.97}, config={"lr": 0.1}, git={"sha": "a" * 40})
    other = record("tiny", metrics={"val/acc": 0.5}, config={"lr": 0.3})
    mine = record("mine", metrics={"val/acc": 0.9}, config={"lr": 0.2}, git={"sha": "b" * 40})
    assert words(mine, [other, best]) == (
        "since best (wise-fox, val/acc 0.970): lr 0.1 → 0.2 · code aaaaaaa → bbbbbbb"
    )


def test_the_best_run_is_told_beside_the_one_before(record) -> None:
    before = record("wise-fox", metrics={"val/loss": 0.3}, config={"lr": 0.1})
    mine = record("mine", metrics={"val/loss": 0.2}, config={"lr": 0.2})
    assert words(mine, [before, mine]) == (
        "best of 2 (before it wise-fox, val/loss 0.300): lr 0.1 → 0.2"
    )


def test_other_random_numbers_are_told_where_nothing_else_changed(record, tmp_path: Path) -> None:
    def drawn(number: int, lr: float) -> RunRecord:
        folder = tmp_path / str(number)
        folder.mkdir()
        text = f'{{"set": {{}}, "states": {{"numpy": "rng/{number}.json"}}}}'
        (folder / "seeds.json").write_text(text)
        made = record(f"fox-{number}", metrics={"val/acc": 0.9 - number}, config={"lr": lr})
        return replace(made, path=folder)

    best, same, other = drawn(0, 0.1), drawn(1, 0.1), drawn(2, 0.2)
    assert words(same, [best]).endswith("the same but for the random numbers it began with (numpy)")
    assert words(other, [best]).endswith(": lr 0.1 → 0.2")


def test_the_same_settings_are_said_to_be_the_same(record) -> None:
    best = record("wise-fox", metrics={"val/acc": 0.97}, config={"lr": 0.1})
    mine = record("mine", metrics={"val/acc": 0.9}, config={"lr": 0.1})
    assert words(mine, [best]).endswith("the same in all that was recorded")


def test_many_settings_are_counted(record) -> None:
    best = record("a", metrics={"val/acc": 0.97}, config={f"s{n}": 0 for n in range(9)})
    mine = record("b", metrics={"val/acc": 0.9}, config={f"s{n}": 1 for n in range(9)})
    assert words(mine, [best]).endswith("s3 0 → 1 · 5 more settings")


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"val/acc": 0.9}, {}),
        ({"val/acc": 0.9}, {"val/acc": float("nan")}),
        ({"some/number": 1.0}, {"some/number": 2.0}),
        ({}, {"val/acc": 0.9}),
    ],
)
def test_nothing_is_said_where_nothing_compares(record, mine, theirs) -> None:
    assert words(record("a", metrics=mine), [record("b", metrics=theirs)]) == ""


def test_runs_of_another_project_are_no_rivals(record) -> None:
    other = record("b", metrics={"val/acc": 0.9}, project="other")
    assert words(record("a", metrics={"val/acc": 0.8}, project="mine"), [other]) == ""


def test_names_of_runs_are_shown_on_one_line(record) -> None:
    best = record("a\nb\x1b[31m", metrics={"val/acc": 0.97}, config={"k\n": "v\x00"})
    shown = words(record("c", metrics={"val/acc": 0.9}), [best])
    assert shown.isprintable()
