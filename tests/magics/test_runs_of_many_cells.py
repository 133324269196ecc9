"""%track start … %track stop, tracked cells inside, and init inside a tracked cell."""

from __future__ import annotations

from tests.magics.conftest import Notebook, text_of

from runfolio.model.run import Status


def test_start_and_stop_make_one_run_of_the_cells_between(notebook: Notebook) -> None:
    cell = notebook.run("%track start big one --tag t -c lr=1e-3")
    notebook.run("runfolio.log({'a': 1})")
    notebook.run("1 / 0")
    stopped = notebook.run("runfolio.log({'a': 2})\n%track stop")
    run = notebook.last

    assert "big one" in text_of(cell)
    assert "big one" in text_of(stopped)
    assert (run.name, run.status, run.config) == ("big one", Status.FINISHED, {"lr": 1e-3})
    assert [c.status for c in notebook.cells()[-4:]] == ["ok", "ok", "error", "running"]
    assert run.metrics["a"].n == 2


def test_a_tracked_cell_inside_becomes_a_child_and_the_outer_run_goes_on(
    notebook: Notebook,
) -> None:
    notebook.run("%track start outer")
    notebook.run("%%track inner\nrunfolio.log({'b': 1})")
    name = notebook.run("runfolio.log({'c': 1})\nrunfolio.run.name")
    notebook.run("%track stop")
    outer, inner = notebook.runs()[-2:]

    assert text_of(name) == "'outer'"
    assert (inner.parent, outer.parent) == (outer.id, None)
    assert (set(inner.metrics), set(outer.metrics)) == ({"b"}, {"c"})
    assert text_of(notebook.run("runfolio.run is None")) == "True"


def test_init_inside_a_tracked_cell_joins_its_run(notebook: Notebook) -> None:
    count = len(notebook.runs())
    notebook.run(
        "%%track joined -c a=1\n"
        "with runfolio.init(project='other', config={'b': 2}) as run:\n"
        "    run.log({'x': 1})\n"
        "runfolio.log({'y': 1})"
    )
    run = notebook.last

    assert len(notebook.runs()) == count + 1
    assert (run.name, run.config, run.status) == ("joined", {"a": 1, "b": 2}, Status.FINISHED)
    assert set(run.metrics) == {"x", "y"}


def test_a_tracked_cell_without_a_name_is_named_by_the_init_that_joins_it(
    notebook: Notebook,
) -> None:
    notebook.run(
        "%%track\nrunfolio.init(project='other', name='mine', group='g', job_type='train', notes='n')"
    )
    run = notebook.last

    assert (run.name, run.project, run.group) == ("mine", "other", "g")
    assert (run.job_type, run.notes) == ("train", "n")


def test_several_runs_in_one_tracked_cell_are_told_of_once(notebook: Notebook) -> None:
    cell = notebook.run(
        "%%track folds\n"
        "for n in range(3):\n"
        "    with runfolio.init(name=f'fold-{n}', config={'fold': n}) as run:\n"
        "        run.log({'x': n})"
    )
    run = notebook.last

    assert text_of(cell).count("several runs stand in one now") == 1
    assert (run.name, run.metrics["x"].n) == ("folds", 3)


def test_start_and_stop_inside_a_tracked_cell_are_refused_in_one_line(notebook: Notebook) -> None:
    start = notebook.run("%%track own\n%track start other")
    stop = notebook.run("%%track own\n%track stop")

    assert text_of(start).startswith("UsageError: This cell has a run of its own")
    assert text_of(stop).startswith("UsageError: The run of a %%track cell ends with the cell")


def test_stop_without_a_run_says_that_none_is_open(notebook: Notebook) -> None:
    assert text_of(notebook.run("%track stop")).startswith("UsageError: No run is open")


def test_a_cell_that_runs_another_tracked_cell_has_a_child(notebook: Notebook) -> None:
    notebook.run(
        "%%track parent\n"
        "_ = get_ipython().run_cell('%%track nested\\nrunfolio.log({\"n\": 1})')\n"
        "runfolio.log({'p': 1})"
    )
    parent, nested = notebook.runs()[-2:]

    assert nested.parent == parent.id
    assert (set(parent.metrics), set(nested.metrics)) == ({"p"}, {"n"})
