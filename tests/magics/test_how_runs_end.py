"""Every way a tracked cell can end, in a real kernel: the run has the right status afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from tests.kernels import by_sockets
from tests.magics.conftest import Notebook, text_of
from traitlets.config import Config

from runfolio.format.edits import write_edit
from runfolio.format.manifest import read_record
from runfolio.model.run import Status

LOOP = """
import time
for step in range(1000):
    runfolio.log({"loss": 1 / (step + 1)})
    if step == 20:
        open("running", "w").close()
    time.sleep(0.01)
"""
ASYNC_LOOP = LOOP.replace("import time", "import asyncio").replace("time.", "await asyncio.")


def when_it_runs(notebook: Notebook, act: Callable[[], object]) -> threading.Thread:
    """Do something as soon as the loop of a cell has logged a few steps."""
    mark = notebook.store.parent / "running"
    mark.unlink(missing_ok=True)

    def wait() -> None:
        deadline = time.monotonic() + 20
        while not mark.is_file() and time.monotonic() < deadline:
            time.sleep(0.01)
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_cell_that_ends_well_finishes_its_run(notebook: Notebook) -> None:
    notebook.run("%%track good --tag t -c k=1e-3\nlr = 0.1\nrunfolio.log({'a': 1})")
    run = notebook.last

    assert (run.name, run.status, run.tags) == ("good", Status.FINISHED, ("t",))
    assert run.config == {"k": 1e-3, "lr": 0.1}
    assert run.config_source == {"k": "argument", "lr": "cell"}
    assert run.metrics["a"].last == 1


def test_an_exception_fails_the_run_and_says_why(notebook: Notebook) -> None:
    notebook.run("%%track bad\nraise ValueError('shapes differ')")

    assert notebook.last.status is Status.FAILED
    assert "ValueError: shapes differ" in notebook.last.note


@pytest.mark.parametrize("loop", [LOOP, ASYNC_LOOP], ids=["plain", "with await"])
def test_an_interrupt_ends_the_run_as_interrupted(notebook: Notebook, loop: str) -> None:
    km = notebook.client.km
    thread = when_it_runs(notebook, lambda: asyncio.run(km.interrupt_kernel()))
    notebook.run(f"%%track loop{loop}")
    thread.join()

    assert notebook.last.status is Status.INTERRUPTED
    assert notebook.last.metrics["loss"].n > 5
    assert notebook.cells()[-1].status == "interrupted"


def test_a_wish_to_stop_ends_the_run_in_one_line_and_the_notebook_goes_on(
    notebook: Notebook,
) -> None:
    def ask() -> None:
        write_edit(notebook.last.path, "stop", "run", True)

    thread = when_it_runs(notebook, ask)
    cell = notebook.run(f"%%track loop{LOOP}")
    thread.join()

    assert notebook.last.status is Status.STOPPED
    assert {output.output_type for output in cell.outputs} == {"stream"}
    assert text_of(cell).startswith("■ Stopped")
    assert text_of(cell).count("\n") == 1
    assert text_of(notebook.run("print('below')")) == "below\n"


def test_the_stop_of_a_cell_with_a_timing_magic_is_one_line_too(notebook: Notebook) -> None:
    cell = notebook.run("%%track a\n%%time\nraise runfolio.StopRun('now')")

    assert notebook.last.status is Status.STOPPED
    assert "Traceback" not in text_of(cell)


def test_a_notebook_executed_as_a_whole_goes_on_below_a_stopped_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))
    monkeypatch.setenv("RUNFOLIO_SILENT", "true")
    sources = [
        "import runfolio\n%load_ext runfolio",
        "%%track stopped\nraise runfolio.StopRun('now')",
        "print('below')",
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    done = NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        timeout=60,
        config=Config({"KernelManager": by_sockets()}),
    ).execute()

    assert done.cells[1].outputs[0].text.startswith("■ Stopped")
    assert {output.output_type for output in done.cells[1].outputs} == {"stream"}
    assert done.cells[2].outputs[0].text == "below\n"


def test_where_no_run_can_be_opened_the_cell_runs_and_one_warning_says_why(
    notebook: Notebook,
) -> None:
    notebook.run(
        # Other tests of this kernel may have silenced warnings.
        "import os, warnings\nwarnings.resetwarnings()\nkept = dict(os.environ)\n"
        "os.environ.update(RUNFOLIO_DIR='/dev/null/folio', RUNFOLIO_STRICT='0')"
    )
    cell = notebook.run("%%track nowhere\nprint('ran')")
    notebook.run("os.environ.update(kept)")

    assert "RunfolioWarning: This cell is not recorded. The store /dev/null/folio" in text_of(cell)
    assert "ran\n" in text_of(cell)
    assert {output.output_type for output in cell.outputs} == {"stream"}


def test_unloading_the_extension_in_a_tracked_cell_ends_its_run(notebook: Notebook) -> None:
    notebook.run("%%track last\nrunfolio.log({'a': 1})\n%unload_ext runfolio")
    ended = notebook.last
    notebook.run("%load_ext runfolio")

    assert (ended.name, ended.status) == ("last", Status.FINISHED)


def test_an_exception_that_a_timing_magic_shows_itself_fails_the_run(notebook: Notebook) -> None:
    notebook.run("%%track timed\n%%time\nx = 1\nx / 0")

    assert notebook.last.status is Status.FAILED


def test_running_a_cell_again_makes_a_new_run_linked_with_the_earlier_one(
    notebook: Notebook,
) -> None:
    notebook.run("%%track again\nrunfolio.log({'a': 1})")
    first = notebook.last
    notebook.run("%%track other\nrunfolio.log({'a': 1})")
    notebook.again(len(notebook.nb.cells) - 2)

    assert notebook.last.name == "again"
    assert notebook.last.rerun_of == first.id
    assert notebook.runs()[-2].rerun_of is None


def test_a_run_that_init_left_open_is_finished_by_the_next_tracked_cell(
    notebook: Notebook,
) -> None:
    notebook.run("run = runfolio.init(name='left')")
    notebook.run("%%track next\nrunfolio.log({'a': 1})")
    left, following = notebook.runs()[-2:]

    assert (left.name, left.status) == ("left", Status.FINISHED)
    assert (following.name, following.parent) == ("next", None)


def test_a_run_left_open_after_an_exception_counts_as_failed(notebook: Notebook) -> None:
    notebook.run("run = runfolio.init(name='broke')\nraise ValueError('x')")
    notebook.again(len(notebook.nb.cells) - 1)
    notebook.run("runfolio.finish()")
    first, second = notebook.runs()[-2:]

    assert (first.status, second.status) == (Status.FAILED, Status.FINISHED)
    assert second.rerun_of == first.id


def test_finishing_by_hand_inside_the_cell_is_no_trouble(notebook: Notebook) -> None:
    cell = notebook.run("%%track early\nrunfolio.log({'a': 1})\nrunfolio.finish(exit_code=3)")

    assert notebook.last.status is Status.FAILED
    assert "Error" not in text_of(cell)


def test_a_killed_kernel_leaves_a_run_that_reads_as_crashed(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook()
    pid = int(text_of(notebook.run("import os; os.getpid()")))
    when_it_runs(notebook, lambda: os.kill(pid, signal.SIGKILL))
    with pytest.raises(DeadKernelError):
        notebook.run(f"%%track killed{LOOP}")
    run = read_record(Path(notebook.last.path))

    assert run.status is Status.CRASHED
    assert run.metrics["loss"].n > 4


def test_shutting_the_kernel_down_finishes_a_run_of_many_cells(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook()
    notebook.run("%track start whole")
    notebook.run("%%track child\nrunfolio.log({'a': 1})")
    run_sync(notebook.client.km.shutdown_kernel)()

    assert [run.status for run in notebook.runs()] == [Status.FINISHED, Status.FINISHED]
