"""Journal cells in a notebook that is not open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tests.logbook.conftest import Maker

from runfolio.errors import UsageError
from runfolio.logbook.mark import run_mark
from runfolio.logbook.notebook import insert
from runfolio.logbook.parse import PLACEHOLDER
from runfolio.logbook.pull import pull
from runfolio.logbook.words import read_words, write_words
from runfolio.store.store import Store

TRACKED = "%%track fast --tag first\nlr = 1e-2\ntrain(lr)"
nb: Any = nbformat


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """Return a notebook with a title, a tracked cell and a cell below it."""
    path = tmp_path / "work.ipynb"
    cells = [
        nb.v4.new_markdown_cell("# Digits", id="title"),
        nb.v4.new_code_cell(TRACKED, id="tracked"),
        nb.v4.new_code_cell("1 + 1", id="below"),
    ]
    nb.write(nb.v4.new_notebook(cells=cells), path)
    return path


def journal(path: Path) -> list[tuple[int, str, str]]:
    """Return index, run id and text of each journal cell of a notebook that must be valid."""
    notebook = nb.read(path, as_version=4)
    nb.validate(notebook)
    ids = [cell["id"] for cell in notebook.cells if "id" in cell]
    assert len(set(ids)) == len(ids)
    return [
        (n, cell.metadata["runfolio"]["run_id"], cell.source)
        for n, cell in enumerate(notebook.cells)
        if "runfolio" in cell.metadata
    ]


def write_below(path: Path, text: str) -> None:
    """Write where the first journal cell invites to."""
    body = json.loads(path.read_text("utf-8"))
    cell = next(c for c in body["cells"] if "runfolio" in c["metadata"])
    source = "".join(cell["source"]).replace(PLACEHOLDER, text)
    cell["source"] = source.splitlines(keepends=True)
    path.write_text(json.dumps(body), "utf-8")


@pytest.mark.parametrize(
    ("cell", "cell_id"),
    [
        ("something else entirely", "tracked"),
        (TRACKED, None),
        ("%%track fast --tag  first\nlr = 5", "no-such-id"),
    ],
    ids=["by id", "by text", "by its first line"],
)
def test_a_journal_cell_lands_below_the_cell_that_made_the_run(
    make_run: Maker, store_folder: Path, notebook: Path, cell: str, cell_id: str | None
) -> None:
    run = make_run("fast", cell=cell, cell_id=cell_id)
    done = insert(Store(store_folder), notebook)
    assert [(p.run_id, p.action, p.at) for p in done] == [(run.name, "inserted", 2)]
    [(at, run_id, text)] = journal(notebook)
    assert (at, run_id) == (2, run.name)
    assert "**fast**" in text


@pytest.mark.parametrize(
    ("cells", "at"),
    [
        (((-9, TRACKED), (-0.01, "1 + 1")), 3),
        (((-9, "1 + 1"), (0, TRACKED), (5, "1 + 1")), 2),
        (((0, "%track start long"), (5, TRACKED), (9, "1 + 1")), 3),
    ],
    ids=["not an earlier one", "not a later one", "the last of a run of many cells"],
)
def test_of_all_cells_a_run_saw_the_one_that_made_it_counts(
    make_run: Maker,
    store_folder: Path,
    notebook: Path,
    cells: tuple[tuple[float, str], ...],
    at: int,
) -> None:
    make_run(cells=cells)
    assert [done.at for done in insert(Store(store_folder), notebook)] == [at]


def test_an_entry_shown_as_an_output_makes_way_for_its_cell(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    run = make_run("fast", cell=TRACKED, cell_id="tracked")
    body = nb.read(notebook, as_version=4)
    shown = {"text/markdown": "**fast**"}
    body.cells[1].outputs = [
        nb.v4.new_output("display_data", shown, metadata=run_mark(run.name)),
        nb.v4.new_output("display_data", shown, metadata=run_mark("another")),
        nb.v4.new_output("display_data", shown),
    ]
    nb.write(body, notebook)

    insert(Store(store_folder), notebook)

    kept = nb.read(notebook, as_version=4).cells[1].outputs
    assert [output.metadata for output in kept] == [run_mark("another"), {}]


def test_inserting_again_changes_no_byte(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    make_run(cell=TRACKED)
    insert(Store(store_folder), notebook)
    before = notebook.stat().st_ino, notebook.read_bytes()
    assert [p.action for p in insert(Store(store_folder), notebook)] == ["unchanged"]
    assert (notebook.stat().st_ino, notebook.read_bytes()) == before


def test_words_in_the_cell_become_edits_and_stay(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    run = make_run(cell=TRACKED)
    insert(Store(store_folder), notebook)
    write_below(notebook, "Ten times the rate.")
    assert [(p.field, p.now) for p in pull(Store(store_folder), notebook)] == [
        ("What I tried", "Ten times the rate.")
    ]
    insert(Store(store_folder), notebook)
    assert "Ten times the rate." in journal(notebook)[0][2]
    assert read_words(run).tried == "Ten times the rate."


def test_a_rerun_takes_over_a_cell_that_nobody_wrote_in(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    make_run("one", cell=TRACKED)
    insert(Store(store_folder), notebook)
    cell_id = json.loads(notebook.read_text())["cells"][2]["id"]
    again = make_run("two", cell=TRACKED)
    assert [p.action for p in insert(Store(store_folder), notebook)] == ["took over"]
    assert [(n, run) for n, run, _ in journal(notebook)] == [(2, again.name)]
    assert json.loads(notebook.read_text())["cells"][2]["id"] == cell_id


def test_a_rerun_goes_above_a_cell_with_words(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    first = make_run("one", cell=TRACKED)
    insert(Store(store_folder), notebook)
    write_below(notebook, "Keep me.")
    again = make_run("two", cell=TRACKED)
    insert(Store(store_folder), notebook)
    cells = journal(notebook)
    assert [(n, run) for n, run, _ in cells] == [(2, again.name), (3, first.name)]
    assert "Keep me." in cells[1][2]


def test_of_many_reruns_the_last_and_those_with_words_get_cells(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    runs = [make_run(str(n), cell=TRACKED) for n in range(4)]
    write_words(runs[1], "Why", "worth a cell")
    insert(Store(store_folder), notebook)
    assert [run for _, run, _ in journal(notebook)] == [runs[3].name, runs[1].name]


def test_a_moved_journal_cell_stays_where_it_was_put(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    make_run(cell=TRACKED)
    insert(Store(store_folder), notebook)
    body = json.loads(notebook.read_text("utf-8"))
    body["cells"].append(body["cells"].pop(2))
    notebook.write_text(json.dumps(body), "utf-8")
    insert(Store(store_folder), notebook)
    assert [n for n, _, _ in journal(notebook)] == [3]


def test_runs_of_another_notebook_with_the_same_name_line_do_not_land_here(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    make_run(cell="%%track fast --tag first\nother()", notebook="other.ipynb")
    assert insert(Store(store_folder), notebook) == []


def test_asking_for_a_run_that_no_cell_made_is_an_error_and_changes_nothing(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    make_run(cell="unrelated()")
    before = notebook.read_bytes()
    with pytest.raises(UsageError, match=r"No cell of work\.ipynb made"):
        insert(Store(store_folder), notebook, Store(store_folder).records())
    assert notebook.read_bytes() == before


def test_a_notebook_without_cell_ids_stays_one(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    body = json.loads(notebook.read_text("utf-8"))
    body["nbformat_minor"] = 4
    for cell in body["cells"]:
        del cell["id"]
    notebook.write_text(json.dumps(body), "utf-8")
    make_run(cell=TRACKED)
    insert(Store(store_folder), notebook)
    assert [n for n, _, _ in journal(notebook)] == [2]


def test_attachments_and_other_metadata_of_a_journal_cell_stay(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    run = make_run(cell=TRACKED)
    insert(Store(store_folder), notebook)
    body = json.loads(notebook.read_text("utf-8"))
    body["cells"][2]["metadata"]["tags"] = ["mine"]
    body["cells"][2]["attachments"] = {"a.png": {"image/png": "aGk="}}
    notebook.write_text(json.dumps(body), "utf-8")
    write_words(run, "Why", "new words")
    insert(Store(store_folder), notebook)
    after = json.loads(notebook.read_text("utf-8"))["cells"][2]
    assert after["metadata"]["tags"] == ["mine"]
    assert "a.png" in after["attachments"]
    assert "new words" in "".join(after["source"])


DEEP = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ' + "[" * 99 + "]" * 99 + "}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "does not hold JSON"),
        ("[]", "names no nbformat version"),
        ('{"nbformat": 99, "nbformat_minor": 0, "cells": []}', "notebook of version 99"),
        ('{"nbformat": 3, "nbformat_minor": 0, "worksheets": []}', "notebook of version 3"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 1}', "list of"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1]}', "valid notebook"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "x"}]}',
         "valid notebook"),
        ('{"nbformat": 4, "nbformat_minor": "5", "metadata": {}, "cells": []}', "nbformat_minor"),
        (DEEP, "deeper than 64"),
        ("[" * 100_000, "does not hold JSON"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_notebook_is_refused_and_left(
    make_run: Maker, store_folder: Path, notebook: Path, content: str, message: str
) -> None:
    make_run(cell=TRACKED)
    notebook.write_text(content, "utf-8")
    with pytest.raises(UsageError, match=message):
        insert(Store(store_folder), notebook)
    assert notebook.read_text("utf-8") == content


def test_a_notebook_that_is_not_there_is_named(store_folder: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.ipynb cannot be read"):
        insert(Store(store_folder), "none.ipynb")


def test_lone_surrogates_in_an_output_survive(
    make_run: Maker, store_folder: Path, notebook: Path
) -> None:
    run = make_run(cell=TRACKED)
    insert(Store(store_folder), notebook)
    write_below(notebook, "odd \ud800 one")
    pull(Store(store_folder), notebook)
    insert(Store(store_folder), notebook)
    assert read_words(run).tried == "odd \ufffd one"
    assert len(journal(notebook)) == 1
