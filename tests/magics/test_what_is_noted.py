"""Every executed cell is noted: in true order, with its source, its end and its notebook's id."""

from __future__ import annotations

from collections.abc import Callable

from tests.magics.conftest import Notebook, text_of

from runfolio.model.run import Status


def test_cells_are_in_true_order_and_those_before_tracking_are_marked(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook(load=False)
    notebook.run("early = 1")
    notebook.run("1 / 0")
    notebook.run("import runfolio\n%load_ext runfolio")
    notebook.run("between = 2")
    notebook.run("%%track it\nlate = 3")
    cells = notebook.cells()

    assert [c.source for c in cells][:2] == ["early = 1", "1 / 0"]
    assert cells[-1].source == "%%track it\nlate = 3"
    assert [c.order for c in cells] == [1, 2, 3, 4, 5]
    words = ["before-tracking", "before-tracking", "ok", "ok", "ok"]
    assert [c.status for c in cells] == words
    assert all(c.duration_s is not None for c in cells[2:])


def test_init_alone_notes_the_same_without_the_extension_being_loaded(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook(load=False)
    notebook.run("early = 1")
    notebook.run("import runfolio\nrun = runfolio.init(name='plain')")
    notebook.run("runfolio.log({'a': 1})")
    notebook.run("run.finish()")
    cells = notebook.cells()

    assert notebook.last.status is Status.FINISHED
    assert [c.order for c in cells] == [1, 2, 3, 4]
    assert [c.status for c in cells] == ["before-tracking", "ok", "ok", "running"]


def test_the_cells_of_a_run_can_be_read_as_a_notebook(notebook: Notebook) -> None:
    notebook.run("%%track it\nx = 1")
    text = (notebook.last.path / "code" / "cells.ipynb").read_text("utf-8")

    assert "%%track it\\nx = 1" in text


def test_a_front_ends_own_questions_are_no_cells(notebook: Notebook) -> None:
    notebook.run("%track start whole")
    notebook.client.kc.execute("hidden = 1", store_history=False)
    notebook.run("seen = 1")
    notebook.run("%track stop")

    sources = [c.source for c in notebook.cells()]
    assert "seen = 1" in sources
    assert "hidden = 1" not in sources


def test_the_front_ends_cell_id_is_kept_and_tells_a_changed_cell_run_again(
    notebook: Notebook,
) -> None:
    notebook.run_as("abc", "%%track one\nx = 1")
    first = notebook.last
    notebook.run_as("abc", "%%track renamed\nx = 2")

    assert notebook.last.rerun_of == first.id
    assert notebook.cells()[-1].cell_id == "abc"


def test_a_cell_run_again_after_a_restart_is_linked_with_its_earlier_run(
    new_notebook: Callable[..., Notebook],
) -> None:
    before = new_notebook()
    for name in ("one", "two"):
        before.run_as(name, f"%%track {name}\nx = 1")
    first = before.runs()[0]
    after = new_notebook()
    after.run_as("new", "%%track new\nx = 1")
    after.run_as("one", "%%track one\nx = 2")

    assert [run.rerun_of for run in after.runs()] == [None, None, None, first.id]
    assert str(after.last.notebook).endswith("digits.ipynb")


def test_literals_of_the_cell_become_settings_and_given_ones_stay(notebook: Notebook) -> None:
    notebook.run("%%track it -c lr=0.5\n%%time\nlr, batch = 1e-3, 64\nopt = 'adam'")
    run = notebook.last

    assert run.config == {"lr": 0.5, "batch": 64, "opt": "adam"}
    assert run.config_source == {"lr": "argument", "batch": "cell", "opt": "cell"}


def test_settings_can_be_read_and_changed_in_the_cell(notebook: Notebook) -> None:
    cell = notebook.run("%%track it\nlr = 0.1\nrunfolio.config.lr = 0.2\nrunfolio.config['lr']")

    assert text_of(cell) == "0.2"
    assert notebook.last.config == {"lr": 0.2}


def test_seeds_that_cells_set_are_known_before_and_within_a_run(notebook: Notebook) -> None:
    notebook.run("import os, random\nos.environ['RUNFOLIO_CAPTURE'] = 'true'\nrandom.seed(7)")
    notebook.run("%%track it\nrandom.Random(3).random()")

    assert notebook.last.seeds == {"random": 7, "random.Random": 3}


def test_how_a_cell_ended_what_it_showed_and_what_it_logged(notebook: Notebook) -> None:
    notebook.run("import numpy as np\nweights = np.zeros(3)")
    notebook.run("%track start many")
    notebook.run("runfolio.log({'a': 1}, step=5)\nrunfolio.log({'a': 2}, step=9)\nprint('shown')")
    notebook.run("runfolio.log({'a': 1}, step=2)\nweights[0] = 1\n{}['no']")
    notebook.run("print('shown')")
    notebook.run("%track stop")
    before, _, logged, failed, printed = notebook.cells()[-6:-1]

    assert (before.run, before.bound, logged.run) == (None, ("np", "weights"), notebook.last.id)
    assert (logged.steps, failed.steps, printed.steps) == ((5, 9), (2, 2), None)
    assert failed.error == {"type": "KeyError", "message": "'no'"}
    assert (failed.changed, failed.read) == (("weights",), ("runfolio", "weights"))
    assert failed.values["weights"]["shape"] == [3]
    assert logged.outputs == printed.outputs != failed.outputs


def test_of_cells_before_tracking_the_text_tells_the_names(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook(load=False)
    notebook.run("import math\nearly = [math.pi]")
    notebook.run("early.append(1)\nlate = early * 2")
    notebook.run("import runfolio\nrunfolio.init().finish()")
    first, second, _ = notebook.cells()

    assert (first.bound, first.read) == (("early", "math"), ())
    assert (second.bound, second.read) == (("late",), ("early",))
