"""What cells print while a run is open is in its ``output.log``, also from below Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.magics.conftest import Notebook, open_notebook, text_of


@pytest.fixture(scope="module")
def printing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A kernel that watches its descriptors, as one does outside of pytest."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("PYTEST_CURRENT_TEST", raising=False)
        notebook = open_notebook(tmp_path_factory.mktemp("printing") / "folio")
    notebook.run("import os; os.environ['RUNFOLIO_CAPTURE'] = 'true'")
    yield notebook
    notebook.close()


def output_of(notebook: Notebook) -> str:
    return (notebook.last.path / "output.log").read_text()


def test_a_tracked_cell_keeps_what_it_prints_and_nothing_else(printing: Notebook) -> None:
    printing.run("print('before')")
    cell = printing.run("%%track\nimport sys\nprint('out'); print('err', file=sys.stderr)\n7")
    printing.run("print('after')")
    assert output_of(printing) == "out\nerr\n"
    assert {"out\n", "err\n"} <= {o.text for o in cell.outputs if o.output_type == "stream"}


def test_output_from_below_python_is_kept(printing: Notebook) -> None:
    printing.run(
        """
        %%track
        import ctypes, os, subprocess
        os.write(1, b"by descriptor\\n")
        subprocess.run(["echo", "a child"])
        libc = ctypes.CDLL(None); libc.puts(b"of C"); libc.fflush(None);
    """.replace("\n        ", "\n").strip()
    )
    assert output_of(printing) == "by descriptor\na child\nof C\n"


def test_the_traceback_of_a_failed_cell_is_kept_from_the_cell_on(printing: Notebook) -> None:
    printing.run("%%track\nprint('so far')\ndef broken():\n    raise ValueError('no')\nbroken()")
    kept = output_of(printing)
    assert kept.startswith("so far\nTraceback (most recent call last):\n")
    assert kept.endswith("    raise ValueError('no')\nValueError: no\n")
    assert "IPython" not in kept


def test_a_run_of_many_cells_keeps_all_of_them(printing: Notebook) -> None:
    printing.run("%track start many")
    printing.run("print('one')")
    printing.run("%%capture taken\nprint('taken')")
    printing.run("1 / 0")
    shown = printing.run("print('two')")
    printing.run("%track stop")
    run = next(run for run in printing.runs() if run.name == "many")
    lines = (run.path / "output.log").read_text().splitlines()
    assert [line for line in lines if line in ("one", "taken", "two")] == ["one", "two"]
    assert lines.count("ZeroDivisionError: division by zero") == 1
    assert text_of(shown) == "two\n"


def test_what_a_run_says_of_itself_does_not_look_like_an_error(printing: Notebook) -> None:
    printing.run("import os, runfolio; os.environ['RUNFOLIO_SILENT'] = 'false'")
    printing.run("os.environ['RUNFOLIO_LIVE'] = 'false'")  # a card would say it instead
    cell = printing.run("run = runfolio.init()\nprint('own words')\nrun.finish()")
    printing.run("os.environ['RUNFOLIO_SILENT'] = 'true'; del os.environ['RUNFOLIO_LIVE']")
    streams = [o for o in cell.outputs if o.output_type == "stream"]
    said = "".join(o.text for o in streams)
    assert {o.name for o in streams} == {"stdout"}
    assert said.count("runfolio: ") == 2
    assert output_of(printing) == "own words\n"
