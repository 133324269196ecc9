"""A notebook worked on as people do: out of order, cells edited and deleted after they ran."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from tests.kernels import by_sockets
from tests.magics.conftest import Notebook, open_notebook, text_of
from traitlets.config import Config

from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.format.notebooks import noted_notebook
from runfolio.logbook.page import entry_markdown
from runfolio.model.run import RunRecord
from runfolio.query.staleness import run_staleness
from runfolio.store.reader import RunReader
from runfolio.verbs.show import ShowView
from runfolio.verbs.shown import shown_run

# Where each cell stands, in this order; executed in that of EXECUTED.
CELLS = {
    "load": "import runfolio\n%load_ext runfolio",
    "imports": "import random\nimport numpy as np",
    "rate": "lr = 0.1",
    "data": "rows = np.arange(12.0).reshape(4, 3)",
    "scale": "scale = rows.max()",
    "scaled": "rows = rows / scale",
    "peek": "rows[:2]",
    "epochs": "epochs = 3",
    "helper": "def step(w, x):\n    return w - lr * x.mean() + bias",
    "bias": "bias = 0.5",
    "unused": "colour = 'red'",
    "weights": "w = np.zeros(3)",
    "late": "lr = 0.2",
    "train": (
        "%%track trained\nfor e in range(epochs):\n    w[:] = step(w, rows[e])\n"
        "    runfolio.log({'w': float(w.sum())})"
    ),
    "plot": "summary = w.sum()",
    "broken": "1 / 0",
    "other": "%%track other\nrunfolio.log({'lr': lr})",
    # The notebook is saved while this one runs.
    "saving": "%%track saving\nimport os\nos.utime('digits.ipynb')\nrunfolio.log({'s': scale})",
}
EXECUTED = (
    "load", "imports", "late", "data", "scale", "scaled", "peek", "epochs", "helper", "bias",
    "unused", "weights", "rate", "broken", "train", "train", "plot", "other",
    "saving",
)  # fmt: skip


# Two executions of the training cell: [28] and [30]; every cell takes two counts (see `run_as`).
FIRST = ("out-of-order", 28, ("lr",))
AGAIN = ("out-of-order", 30, ("lr", "w"))


def changed(**texts: str | None) -> dict[str, str]:
    """Return the cells with some texts changed; those that are ``None`` are deleted."""
    return {name: text for name, text in {**CELLS, **texts}.items() if text is not None}


def save(path: Path, cells: dict[str, str]) -> Path:
    """Write a notebook with these cells, as a front end does."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text, id=name) for name, text in cells.items()]
    )
    path.write_text(nbformat.writes(notebook), "utf-8")
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RunRecord]]:
    """The runs of the notebook: ``first``, ``again`` (the same cell), ``other``, ``saving``."""
    folder = tmp_path_factory.mktemp("worked-on")
    save(folder / "digits.ipynb", changed(scale=None))
    notebook = open_notebook(folder / "folio", load=False)
    for name in EXECUTED:
        notebook.run_as(name, CELLS[name])
    yield dict(zip(("first", "again", "other", "saving"), notebook.runs(), strict=True))
    notebook.close()


def warnings(run: RunRecord, cells: dict[str, str], tmp_path: Path) -> list[object]:
    """Return kind, cell and names of each warning on a run, the notebook saved with these cells."""
    found = run_staleness(run, read_events(run.path), save(tmp_path / "now.ipynb", cells))
    assert found.unknown == ""
    return [(cause.kind, cause.order, cause.names) for cause in found.causes]


def test_a_notebook_as_it_ran_warns_of_what_ran_out_of_order_only(
    runs: dict[str, RunRecord], tmp_path: Path
) -> None:
    assert warnings(runs["first"], CELLS, tmp_path) == [FIRST]
    assert warnings(runs["again"], CELLS, tmp_path) == [FIRST, AGAIN]
    assert warnings(runs["other"], CELLS, tmp_path) == [("out-of-order", 34, ("lr",))]


def test_in_the_order_in_which_they_ran_nothing_is_warned_of(
    runs: dict[str, RunRecord], tmp_path: Path
) -> None:
    in_order = {name: CELLS[name] for name in EXECUTED}

    assert warnings(runs["first"], in_order, tmp_path) == []


def test_a_cell_that_a_result_came_from_is_named_when_it_was_edited(
    runs: dict[str, RunRecord], tmp_path: Path
) -> None:
    edited = changed(epochs="epochs = 30", helper="def step(w, x):\n    return w - lr")

    assert warnings(runs["first"], edited, tmp_path)[:2] == [("edited", 15, ()), ("edited", 17, ())]
    assert warnings(runs["other"], edited, tmp_path) == [("out-of-order", 34, ("lr",))]


def test_a_deleted_cell_is_named_and_the_variable_that_nothing_defines_any_more(
    runs: dict[str, RunRecord], tmp_path: Path
) -> None:
    found = warnings(runs["first"], changed(scale=None), tmp_path)
    moved = {**changed(scale=None), "pasted": CELLS["scale"]}

    assert found == [("deleted", 9, ()), FIRST, ("undefined", 0, ("scale",))]
    # Cut and pasted at the end, under a new id, it is there, but too late.
    late = [("out-of-order", 9, ("rows",)), ("out-of-order", 11, ("scale",)), FIRST]
    assert warnings(runs["first"], moved, tmp_path) == late


@pytest.mark.parametrize(
    "cells",
    [
        changed(bias="bias   = 0.5  # enough\n"),
        changed(helper="def step( w,x ):\n\n  # one step\n  return w-lr*x.mean( ) + bias"),
        changed(imports="import random, json\nimport numpy as np"),
        changed(unused=None, peek="rows[:1]", broken="1 / 1", plot=None, other=None),
        changed(never="unheard = 1"),
    ],
    ids=["comments and spaces", "layout", "one more import", "cells not used", "a new cell"],
)  # fmt: skip
def test_what_changes_no_result_is_not_warned_of(
    runs: dict[str, RunRecord], cells: dict[str, str], tmp_path: Path
) -> None:
    assert warnings(runs["first"], cells, tmp_path) == [FIRST]


def test_a_cell_copied_with_its_id_is_known_by_its_text(
    runs: dict[str, RunRecord], tmp_path: Path
) -> None:
    def found(epochs: str) -> list[tuple[str, int]]:
        cells = changed(epochs=epochs, twice="epochs = 70")
        path = save(tmp_path / "now.ipynb", cells)
        path.write_text(path.read_text("utf-8").replace('"twice"', '"epochs"'), "utf-8")
        causes = run_staleness(runs["first"], read_events(runs["first"].path), path).causes
        return [(cause.kind, cause.order) for cause in causes]

    assert found(CELLS["epochs"]) == [FIRST[:2]]
    assert found("epochs = 30") == [("gone", 15), FIRST[:2]]


def test_a_notebook_that_was_not_saved_since_is_not_guessed_about(
    runs: dict[str, RunRecord], tmp_path: Path
) -> None:
    file = save(tmp_path / "old.ipynb", changed(scale=None))
    os.utime(file, (1e9, 1e9))
    found = run_staleness(runs["first"], read_events(runs["first"].path), file)

    assert found.lines == []
    assert found.unknown == "the notebook was not saved since"


@pytest.mark.parametrize("text", [None, "{", "[]", '{"cells": 7}'])
def test_a_file_that_is_no_notebook_is_said_to_be_none(
    runs: dict[str, RunRecord], text: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "odd.ipynb"
    if text is not None:
        file.write_text(text)
    found = run_staleness(runs["first"], read_events(runs["first"].path), file)

    assert found.lines == []
    assert found.unknown.startswith("odd.ipynb is no")


def test_without_ids_an_edited_cell_and_a_deleted_one_are_one_warning(
    runs: dict[str, RunRecord], tmp_path: Path
) -> None:
    cells = {f"other-{name}": text for name, text in changed(epochs="epochs = 30").items()}

    assert ("gone", 15, ()) in warnings(runs["first"], cells, tmp_path)


def test_how_the_notebook_stood_at_the_end_is_kept_and_told_in_card_and_journal(
    runs: dict[str, RunRecord],
) -> None:
    run = runs["saving"]
    noted = noted_notebook(read_events(run.path))
    card = str(ShowView([shown_run(run, RunReader(run.path))], [run]))

    assert noted is not None
    assert [cell.cell_id for cell in noted.cells] == list(changed(scale=None))
    assert "cell [9] was deleted" in card
    journal = entry_markdown(run.path).replace("\\", "")
    assert "cell [9] was deleted; no cell defines scale any more." in journal


def test_what_really_ran_can_be_executed_and_gives_the_same(
    runs: dict[str, RunRecord], tmp_path: Path
) -> None:
    again = nbformat.read(runs["again"].path / "code" / "cells.ipynb", as_version=4)
    nbformat.validate(again)
    client = NotebookClient(
        again, timeout=120, config=Config({"KernelManager": by_sockets()}), kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))
        environment.setenv("RUNFOLIO_CAPTURE", "false")
        environment.setenv("RUNFOLIO_SILENT", "true")
        client.execute()
    found = [read_record(path.parent) for path in sorted((tmp_path / "folio").glob("*/run.json"))]

    assert len(found) == 2
    wanted = {runs[name].metrics["w"].last for name in ("first", "again")}
    assert {record.metrics["w"].last for record in found} == wanted


def test_the_status_of_an_open_run_warns_and_says_where_nothing_is_known(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook()
    file = notebook.store.parent / "digits.ipynb"
    for name, text in {
        "a": "x = 1",
        "b": "%track start live",
        "c": "runfolio.log({'x': x})",
    }.items():
        notebook.run_as(name, text)
    unsaved = " ".join(text_of(notebook.run("%track status")).split())
    load = {"load": notebook.nb.cells[0].source}
    save(file, {**load, "b": "%track start live", "c": "runfolio.log({'x': x})"})
    saved = " ".join(text_of(notebook.run("%track status")).split())

    assert "notebook changes of cells not known: digits.ipynb is not saved" in unsaved
    assert "warning cell [2] was deleted; no cell defines x any more" in saved
