"""What a kernel tells of a run's journal cell, where a front end tells it which cell is executed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_core.utils import run_sync
from tests.magics.conftest import Notebook, open_notebook
from tests.store.conftest import set_up_store

import runfolio
from runfolio.capture.cell_text import source_hash
from runfolio.logbook.parse import parse
from runfolio.logbook.words import read_words
from runfolio.magics.words_comm import take_words
from runfolio.verbs.journal_cell import Cell, journal_entry

CELL = "%%track {}\nrunfolio.log({{'loss': 1.0}})"


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    notebook = open_notebook(tmp_path_factory.mktemp("journal") / "folio", silent=False)
    yield notebook
    notebook.close()


def passing(notebook: Notebook, source: str, cell_id: str | None = "one") -> list[dict[str, Any]]:
    """Execute a cell as a front end does; return the displays that came with an entry."""
    kc = notebook.client.kc
    metadata = {} if cell_id is None else {"cellId": cell_id}
    content = {"code": source, "silent": False, "store_history": True}
    message = kc.session.msg("execute_request", content, metadata=metadata)
    kc.shell_channel.send(message)
    heard: list[dict[str, Any]] = []
    while True:
        told = run_sync(kc.get_iopub_msg)(timeout=60)
        if told["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        if "runfolio" in told["content"].get("transient", {}):
            heard.append(told["content"])
        if told["content"].get("execution_state") == "idle":
            return heard


def test_the_entry_of_a_tracked_cell_comes_with_its_output(speaking: Notebook) -> None:
    source = CELL.format("first")
    (shown,) = passing(speaking, source)
    entry = shown["transient"]["runfolio"]

    assert (entry["cell"], entry["hash"], entry["run"]) == (
        "one",
        source_hash(source),
        speaking.last.id,
    )
    assert (entry["name"], entry["status"], entry["beside"]) == (
        "first",
        "finished",
        [entry["run"]],
    )
    assert parse(entry["source"]).run_id == shown["metadata"]["runfolio"]["run_id"] == entry["run"]
    assert "text/markdown" in shown["data"]


def test_a_run_of_many_cells_has_its_place_where_it_ends(speaking: Notebook) -> None:
    assert passing(speaking, "%track start many", "begins") == []
    (shown,) = passing(speaking, "%track stop", "ends")

    assert shown["transient"]["runfolio"]["cell"] == "ends"


def test_no_cell_is_asked_for_where_none_is_wanted_or_the_front_end_tells_no_id(
    speaking: Notebook,
) -> None:
    assert passing(speaking, CELL.format("unknown"), None) == []
    off = "import os\nos.environ['RUNFOLIO_JOURNAL_CELLS'] = '{}'"
    speaking.run(off.format("false"))
    assert passing(speaking, CELL.format("off")) == []
    speaking.run(off.format("true"))

    assert len(passing(speaking, CELL.format("on"))) == 1


def test_what_nbclient_keeps_holds_the_entry_as_markdown_only(speaking: Notebook) -> None:
    cell = speaking.run(CELL.format("kept"))
    output = cell.outputs[-1]

    assert set(output["data"]) == {"text/markdown", "text/plain"}
    assert list(output["metadata"]["runfolio"]) == ["run_id", "version"]


def test_words_of_a_cell_become_an_edit_of_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_store(tmp_path, monkeypatch)
    with runfolio.init(name="written") as run:
        run.log({"loss": 1.0})
    entry = journal_entry(run.path, Cell("one", "", []))
    assert entry is not None
    text = entry["source"] + "\n\nbecause"

    assert [take_words({"run": run.id, "text": text}) for _ in range(2)] == [True, True]
    assert read_words(run.path).why == "because"
    assert len([*(run.path / "edits").iterdir()]) == 1


@pytest.mark.parametrize(
    "told", [None, [], {}, {"run": "../x", "text": "x"}, {"run": "nobody", "text": "x"}, {"run": 1, "text": 2}, {"run": "a", "text": None}]
)  # fmt: skip
def test_what_is_no_word_of_a_run_here_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    set_up_store(tmp_path, monkeypatch)

    assert take_words(told) is False
