"""``metrics.toml``: what it says, and what is said of its faults."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.format.metrics_toml import MetricsToml, as_alias, read_metrics_toml
from runfolio.model.run import MetricSummary


def read(tmp_path: Path, text: str) -> MetricsToml:
    path = tmp_path / "metrics.toml"
    path.write_text(text, encoding="utf-8")
    return read_metrics_toml(path)


def test_a_file_names_goal_unit_axis_and_rule(tmp_path: Path) -> None:
    found = read(tmp_path, """
        ["val/loss"]
        goal = "min"
        unit = "nats"
        step = "epoch"
        summary = "best"
        hidden = true
    """)  # fmt: skip
    said = found.vocabulary.definitions.of("val/loss")
    assert said is not None
    assert (said.goal, said.unit, said.step_metric, said.rule, said.hidden) == (
        "minimize", "nats", "epoch", "best", True,
    )  # fmt: skip
    assert found.faults == ()


def test_no_file_says_nothing(tmp_path: Path) -> None:
    found = read_metrics_toml(tmp_path / "metrics.toml")
    assert found.vocabulary.is_empty
    assert found.faults == ()


def test_an_alias_is_read_by_its_name_alone_or_as_a_pattern(tmp_path: Path) -> None:
    words = read(tmp_path, """
        "train/loss" = { aliases = ["training_loss"] }
        "val/*" = { aliases = ["validation/*", "eval_*"] }
    """).vocabulary  # fmt: skip
    keys = ["training_loss", "validation/acc", "eval_f1", "lr"]
    assert words.renamed(keys) == {
        "training_loss": "train/loss", "validation/acc": "val/acc", "eval_f1": "val/f1",
    }  # fmt: skip


def test_a_run_that_logged_both_names_keeps_them_apart(tmp_path: Path) -> None:
    words = read(tmp_path, '"a" = { aliases = ["b", "c"] }').vocabulary
    assert words.renamed(["a", "b"]) == {}
    assert words.renamed(["c", "b"]) == {"b": "a"}


def test_what_a_run_said_of_a_metric_itself_stays(tmp_path: Path) -> None:
    words = read(tmp_path, '"x" = { goal = "min", unit = "s", aliases = ["y"] }').vocabulary
    found = words.metrics({"y": MetricSummary(1, 2.0, goal="maximize")})
    assert found == {"x": MetricSummary(1, 2.0, goal="maximize", unit="s")}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[val.acc]\ngoal = 'max'", 'Write ["val/acc"]'),
        ("[metrics.'val/acc']\ngoal = 'max'", 'Write ["val/acc"]'),
        ("'a' = { gaol = 'max' }", 'Did you mean "goal"?'),
        ("'a' = { goal = 'up' }", "expected minimize or maximize"),
        ("'a' = { goal = 3 }", "goal is 3"),
        ("'a' = { unit = 3 }", "unit is 3"),
        ("'a' = { summary = 'top' }", "expected one or more of last"),
        ("'a' = { aliases = 'b' }", "a list of names"),
        ("'a' = { aliases = ['b', 3] }", "a list of names"),
        ("'a/*' = { aliases = ['b'] }", "expected as many"),
        ("'a**' = {}", "one * at most"),
        ("'a' = { aliases = ['b'] }\n'b' = {}", "is a metric of this file"),
        ("'a' = { aliases = ['c'] }\n'b' = { aliases = ['c'] }", 'belongs to ["a"]'),
        ("a = 3", "stands outside of a table"),
        ("a = {", "cannot be read"),
    ],
)
def test_a_fault_is_named_and_the_rest_of_the_file_holds(
    tmp_path: Path, text: str, named: str
) -> None:
    found = read(tmp_path, f"'good' = {{ unit = 'm' }}\n{text}")
    assert [fault for fault in found.faults if named in fault], found.faults
    is_toml = not text.endswith("{")
    assert (found.vocabulary.definitions.of("good") is not None) is is_toml


@pytest.mark.parametrize("make", ["fifo", "folder", "bytes", "large"])
def test_what_is_no_text_file_is_named_and_never_waited_for(tmp_path: Path, make: str) -> None:
    path = tmp_path / "metrics.toml"
    if make == "fifo":
        os.mkfifo(path)
    elif make == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"\xff\xfe\x00" if make == "bytes" else b"#" * (2 << 20))
    found = read_metrics_toml(path)
    assert found.vocabulary.is_empty
    assert "cannot be read" in found.faults[0]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    assert read(tmp_path, "'a' = {}").vocabulary.names == ("a",)
    assert read(tmp_path, "'a' = {}\n'b' = {}").vocabulary.names == ("a", "b")


names = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1)


@given(names, st.lists(names, min_size=1))
def test_the_line_that_is_suggested_says_what_it_is_to_say(name: str, aliases: list[str]) -> None:
    assert tomllib.loads(as_alias(name, *aliases)) == {name: {"aliases": aliases}}
