"""``lineage``: trees in a terminal, a drawing in a notebook, nodes and edges for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.artifact_store import ArtifactStore, hash_of

import runfolio
from runfolio.cli.main import main
from runfolio.query.artifact_lineage import artifact_lineage
from runfolio.verbs.lineage import LineageView


@pytest.fixture
def made(store_path: Path) -> ArtifactStore:
    """Return the store of this process, with a data set, a run that uses it, and a newer version."""
    made = ArtifactStore(store_path)
    made.run("prepare", made=[("digits", 0, "dataset")])
    made.version("digits", {"d.csv": b"1"}, run="prepare")
    made.run("train", used=[("digits", 0, "dataset")], made=[("net", 0, "model")])
    made.version("digits", {"d.csv": b"2"})
    return made


def test_a_terminal_shows_two_trees_and_what_is_old(made: ArtifactStore) -> None:
    assert str(runfolio.lineage("digits:v0")).splitlines() == [
        "digits:v0  dataset",
        "came from",
        "  ✓ prepare  repare",
        "led to",
        "  ✓ train  train  old: digits:v1 is newer than v0",
        "    net:v0  model  not in this store  old: digits:v1 is newer than v0",
        "1 run used what is old by now",
    ]


def test_nothing_before_and_behind_is_told_in_words(made: ArtifactStore) -> None:
    made.run("alone")

    assert str(runfolio.lineage("alone")).splitlines() == [
        "✓ alone  alone", "came from", "  nothing that is known", "led to", "  nothing yet",
    ]  # fmt: skip


def test_lines_keep_to_the_width_of_the_terminal(made: ArtifactStore) -> None:
    text = runfolio.lineage("digits:v0").text(40).plain

    assert max(map(len, text.splitlines())) == 40


def test_of_many_runs_the_newest_are_told_and_the_rest_is_counted(made: ArtifactStore) -> None:
    for n in range(20):
        made.run(f"r{n:02}", used=[("digits", 1, "dataset")])

    lines = str(runfolio.lineage("digits:v1")).splitlines()

    assert lines[4:7] == ["  ✓ r19  r19", "  ✓ r18  r18", "  ✓ r17  r17"]
    assert lines[-1] == "  and 12 more"


def test_a_page_shows_a_drawing_and_a_list_for_narrow_ones(made: ArtifactStore) -> None:
    page = runfolio.lineage("digits").to_html() or ""

    assert "digits (2 versions)" in page
    assert page.count("<svg") == 1
    assert 'aria-label="Lineage as a list"' in page
    assert "old: digits:v1 is newer than v0" in page
    assert "<script" not in page


def test_machines_get_nodes_edges_and_what_is_old(made: ArtifactStore) -> None:
    told = json.loads(runfolio.lineage("digits:v0").to_json())

    assert told["users"] == ["train"]
    assert [(e["from"]["id"], e["to"]["id"], e["how"]) for e in told["edges"]] == [
        ("prepare", "digits:v0", "made"), ("digits:v0", "train", "used"),
        ("train", "net:v0", "made"),
    ]  # fmt: skip
    old = {node["id"]: node["old"] for node in told["nodes"] if node["old"]}
    assert old["train"] == {"why": "digits:v1 is newer than v0", "direct": True}


def test_a_run_tells_in_one_line_what_it_used_and_what_of_it_is_old(made: ArtifactStore) -> None:
    lines = str(runfolio.show("train")).splitlines()

    assert "  used    digits:v0 (old: digits:v1 is newer than v0)" in lines


def test_hostile_names_act_on_no_terminal_and_no_page(made: ArtifactStore) -> None:
    name = "<img src=x onerror=alert(1)>\x1b]0;x\x07\u202e"
    made.run("odd", name=name, used=[[name, 0, name]], data=[{"name": name, "hash": name}])

    view = LineageView(artifact_lineage(made.store, "odd"))

    page = view.to_html() or ""
    assert "<img" not in page
    assert not {"\x1b", "\x07", "\u202e"} & {
        *page,
        *str(view),
        *view.to_json(),
        *view.to_markdown(),
    }


def test_a_long_chain_ends_in_words(made: ArtifactStore) -> None:
    for n in range(30):
        made.run(f"step{n:02}", used=[("d", n, "dataset")], made=[("d", n + 1, "dataset")])

    assert str(runfolio.lineage("d:v0")).splitlines()[-1].strip() == "and more"


def test_the_command_shows_it_too(made: ArtifactStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["artifacts", "digits:v0", "--lineage"]) == 0

    assert "led to" in capsys.readouterr().out


def test_among_very_many_artifacts_a_card_reads_those_that_the_run_used_by_name(
    made: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.verbs.used_words._MANY", 1)
    made.version("other", {"x": b"other"})
    made.run(
        "both", used=[("digits", 1, "dataset")], data=[{"name": "x", "hash": hash_of(b"other")}]
    )

    card = str(runfolio.show("both"))

    assert "  used    digits:v1" in card.splitlines()
    assert made.store.record("both").id in {
        node.id for node in runfolio.lineage("other").lineage.users
    }
