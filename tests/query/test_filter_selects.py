"""What each part of the query language selects."""

from __future__ import annotations

import math

import pytest
from tests.query.conftest import NOW, Maker, make_record

from runfolio.model.run import MetricSummary, RunRecord, Status
from runfolio.query.filter import parse


@pytest.fixture(scope="module")
def five() -> list[RunRecord]:
    return [
        make_record(0, "base-lr", tags=("baseline", "v2"), config={"lr": 1e-3, "opt": "adam"},
                    metrics={"val/acc": 0.9, "loss": 0.3}, duration_s=30.0, git={"branch": "main"}),
        make_record(1, "base-wide", tags=("v2",), config={"lr": 1e-2, "model": {"width": 64}},
                    metrics={"val/acc": 0.95}, duration_s=400.0, project="digits"),
        make_record(2, "deep net", config={"lr": 1e-2, "opt": "sgd", "layers": [64, 32]},
                    metrics={"val/acc": math.nan}, status=Status.FAILED),
        make_record(30, "old", config={"lr": None, "amp": True}, notes="see the board"),
        make_record(60, "Or", config={"lr": "auto", "a.b": 1}, status=Status.RUNNING,
                    metrics={"loss": MetricSummary(n=3, last=0.5, min=0.1, max=2.0)}),
    ]  # fmt: skip


def chosen(five: list[RunRecord], query: str) -> list[str]:
    return [record.name for record in parse(query).select(five, now=NOW)]


def test_an_empty_query_selects_all_in_the_given_order(five: list[RunRecord]) -> None:
    assert chosen(five, "  ") == [record.name for record in five]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("lr<1e-2", ["base-lr"]),
        ("lr<=1e-2", ["base-lr", "base-wide", "deep net"]),
        ("lr = 0.01", ["base-wide", "deep net"]),
        ("lr==1e-2", ["base-wide", "deep net"]),
        ("lr!=0.01", ["base-lr", "old", "Or"]),
        ("lr:auto", ["Or"]),
        ("lr:none", ["old"]),
        ("lr:missing", []),
        ("opt:missing", ["base-wide", "old", "Or"]),
        ("opt:A*", ["base-lr"]),
        ("opt=A*", []),
        ("opt!=adam", ["deep net"]),
        ("amp:true", ["old"]),
        ("amp:1", []),
        ("layers:64", ["deep net"]),
        ("model.width>=64", ["base-wide"]),
        ("config.model.width:64", ["base-wide"]),
        (r"a\.b:1", ["Or"]),
        ("a.b:1", ["Or"]),
    ],
)
def test_settings_are_compared_by_their_own_type(
    five: list[RunRecord], query: str, names: list[str]
) -> None:
    assert chosen(five, query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("val/acc>0.9", ["base-wide"]),
        ("metrics.val/acc>=0.9", ["base-lr", "base-wide"]),
        ("val/acc:nan", ["deep net"]),
        ("val/acc!=0.9", ["base-wide", "deep net"]),
        ("loss<0.4", ["base-lr"]),
        ("loss.min<0.2", ["Or"]),
        ("loss.n:3", ["Or"]),
    ],
)
def test_metrics_are_compared_by_their_figure(
    five: list[RunRecord], query: str, names: list[str]
) -> None:
    assert chosen(five, query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status:failed", ["deep net"]),
        ("status!=finished", ["deep net", "Or"]),
        ("status:f*", ["base-lr", "base-wide", "deep net", "old"]),
        ("tag:baseline", ["base-lr"]),
        ("tag:v*", ["base-lr", "base-wide"]),
        ("tag!=baseline", ["base-wide", "deep net", "old", "Or"]),
        ("tag:missing", ["deep net", "old", "Or"]),
        ("project:digits", ["base-wide"]),
        ("branch:main", ["base-lr"]),
        ("git.branch:MAIN", ["base-lr"]),
        ("notes:*board*", ["old"]),
        ("id:00001e", ["old"]),
        ("id:2026*-00001e", ["old"]),
        ("took<60", ["base-lr"]),
        ("duration_s>5min", ["base-wide"]),
        ("took>1h30min", []),
    ],
)
def test_every_run_has_fields(five: list[RunRecord], query: str, names: list[str]) -> None:
    assert chosen(five, query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("created>7d", ["base-lr", "base-wide", "deep net", "old", "Or"]),
        ("created>1d", ["base-lr", "base-wide", "deep net"]),
        ("started:2h", ["base-wide", "deep net"]),
        ("created:today", ["base-lr", "base-wide", "deep net"]),
        ("created:yesterday", ["old"]),
        ("created:2026-11-21", ["old"]),
        ("created<2026-11-21", ["Or"]),
        ("created<=2026-11-21", ["old", "Or"]),
        ("created>2026-11-21", ["base-lr", "base-wide", "deep net"]),
        ("created>=2026-11-22T17:00Z", ["base-lr", "base-wide"]),
        ("created:2026-11", ["base-lr", "base-wide", "deep net", "old", "Or"]),
        ("created:2025", []),
        ("created:2026-11-22T17", ["base-wide"]),
        ("created:2026-12", []),
    ],
)
def test_times_are_stretches(five: list[RunRecord], query: str, names: list[str]) -> None:
    assert chosen(five, query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("base", ["base-lr", "base-wide"]),
        ("BASE*", ["base-lr", "base-wide"]),
        ("?ase-lr", ["base-lr"]),
        ("00003c", ["Or"]),
        ('"deep net"', ["deep net"]),
        ("'or'", ["Or"]),
        ("name:old", ["old"]),
        ('name:"deep n*"', ["deep net"]),
        ("0", []),
    ],
)
def test_a_bare_word_is_part_of_a_name_or_id(
    five: list[RunRecord], query: str, names: list[str]
) -> None:
    assert chosen(five, query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("base lr<1e-2", ["base-lr"]),
        ("base and lr<1e-2", ["base-lr"]),
        ("lr<1e-2 or status:failed", ["base-lr", "deep net"]),
        ("tag:v2 lr<1e-2 or old", ["base-lr", "old"]),
        ("tag:v2 (lr<1e-2 or old)", ["base-lr"]),
        ("not base", ["deep net", "old", "Or"]),
        ("not not base", ["base-lr", "base-wide"]),
        ("not(base or old) AND lr:auto", ["Or"]),
    ],
)
def test_terms_combine(five: list[RunRecord], query: str, names: list[str]) -> None:
    assert chosen(five, query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sort:val/acc", ["base-lr", "base-wide", "deep net", "old", "Or"]),
        ("sort:-val/acc", ["base-wide", "base-lr", "deep net", "old", "Or"]),
        ("sort:-val/acc limit:1", ["base-wide"]),
        ("sort:lr", ["base-lr", "base-wide", "deep net", "Or", "old"]),
        ("sort:-lr sort:name", ["Or", "base-wide", "deep net", "base-lr", "old"]),
        ("sort:created lr<1", ["deep net", "base-wide", "base-lr"]),
    ],
)
def test_sorting_puts_runs_without_the_value_last(
    five: list[RunRecord], query: str, names: list[str]
) -> None:
    assert chosen(five, query) == names


def test_a_name_that_is_two_things_is_noted(record: Maker) -> None:
    both = [record(config={"group": "x", "loss": "mse"}, metrics={"loss": 1.0})]

    notes = parse("group:missing loss:mse sort:config.loss").answer(both).notes

    assert notes == [
        '"group" could also mean config.group: write that.',
        '"loss" could also mean metrics.loss: write that.',
    ]


def test_no_run_at_all_is_no_mistake() -> None:
    assert parse("nothing.of:this sort:kind").select([]) == []


def test_a_revision_of_the_wrong_type_is_no_revision(record: Maker) -> None:
    runs = [record(git={"sha": ["x"], "branch": 7, "dirty": "yes"})]
    for query in ("sha:x", "branch:7", "dirty:true", "sha<x", "commit:missing dirty:true"):
        assert parse(query + " sort:sha").select(runs) == []


@pytest.mark.parametrize("odd", [10**400, [[1]], {"x": 1}, "1e400", -0.0, float("inf")])
def test_a_setting_of_any_type_is_compared_without_a_crash(record: Maker, odd: object) -> None:
    runs = [record(config={"x": odd}), record(config={"x": 1})]
    for op in ("=", "!=", "<", ">=", ":"):
        parse(f"x{op}1 sort:x").select(runs)
        parse(f"x{op}text").select(runs)
