"""What runs are called in a legend, where no id stands beside a name."""

from __future__ import annotations

from tests.query.conftest import Maker

from runfolio.charts.card import compare_card
from runfolio.charts.tile import marked
from runfolio.query.panel import Panels
from runfolio.query.run_names import run_names

IDS = ("20261126T145455-00000a", "20261126T145455-00000b", "20261126T145455-00000c")


def test_runs_of_one_name_all_end_with_their_id(record: Maker) -> None:
    runs = [record(name=name, id=run) for name, run in zip(("a", "b", "a"), IDS, strict=True)]
    assert run_names(runs) == ["a 00000a", "b", "a 00000c"]


def test_runs_without_a_name_that_began_together_end_with_their_id(record: Maker) -> None:
    runs = [record(name=name, id=run) for name, run in zip(("", IDS[1], "b"), IDS, strict=True)]
    assert run_names(runs) == ["20261126T145455 00000a", "20261126T145455 00000b", "b"]


def test_names_that_are_cut_to_the_same_are_told_apart(record: Maker) -> None:
    runs = [record(name=f"{'long ' * 9}{n}", id=run) for n, run in enumerate(IDS)]
    assert run_names(runs, 20) == [f"long long long long… 00000{end}" for end in "abc"]


def test_a_name_that_ends_like_another_with_its_id_is_told_apart(record: Maker) -> None:
    names = ("a", "a", "a 00000a")
    runs = [record(name=name, id=run) for name, run in zip(names, IDS, strict=True)]
    assert len(set(run_names(runs))) == 3


def test_every_legend_calls_a_run_the_same(record: Maker) -> None:
    runs = [record(name="a", id=run) for run in IDS]
    expected = ["a 00000a", "a 00000b", "a 00000c"]
    assert [name for name, _ in compare_card(runs, Panels(())).legend] == expected
    assert [one.name for one in marked(runs)] == expected
