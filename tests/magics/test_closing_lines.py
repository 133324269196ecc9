"""How a run that ends in a notebook says so: beside its card nothing, else on standard output."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tests.magics.conftest import Notebook, open_notebook


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A kernel whose runs are not silent."""
    notebook = open_notebook(tmp_path_factory.mktemp("telling") / "folio", silent=False)
    yield notebook
    notebook.close()


def streams(cell: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in cell.outputs:
        if one.output_type == "stream":
            found[one.name] = found.get(one.name, "") + one.text
    return found


def has_card(cell: Any) -> bool:
    shown = [one.data for one in cell.outputs if one.output_type == "display_data"]
    return any("folder  folio/" in data.get("text/plain", "") for data in shown)


def test_a_run_that_ends_beside_its_card_prints_nothing(telling: Notebook) -> None:
    cell = telling.run("run = runfolio.init()\nrun.log({'a': 1})\nrun.finish()")
    assert streams(cell) == {}
    assert has_card(cell)


def test_wandb_names_end_a_run_as_quietly(telling: Notebook) -> None:
    cell = telling.run(
        "import runfolio as wandb\nwandb.init()\nwandb.log({'a': 1})\nwandb.finish()"
    )
    assert streams(cell) == {}
    assert has_card(cell)


def test_a_run_that_ends_in_a_later_cell_says_so_on_standard_output(telling: Notebook) -> None:
    telling.run("run = runfolio.init(name='later')\nrun.log({'a': 1})")
    cell = telling.run("run.finish()")
    assert list(streams(cell)) == ["stdout"]
    assert streams(cell)["stdout"].startswith("runfolio: ✓ later ")


def test_without_a_live_card_the_lines_are_on_standard_output(telling: Notebook) -> None:
    telling.run("import os; os.environ['RUNFOLIO_LIVE'] = 'false'")
    cell = telling.run("runfolio.init(name='plain').finish()")
    telling.run("del os.environ['RUNFOLIO_LIVE']")
    assert list(streams(cell)) == ["stdout"]
    assert streams(cell)["stdout"].startswith("runfolio: ✓ plain ")


def test_a_run_that_was_asked_to_be_quiet_is(telling: Notebook) -> None:
    telling.run("run = runfolio.init()")
    assert streams(telling.run("run.finish(quiet=True)")) == {}


def test_a_run_that_is_quiet_has_no_card(telling: Notebook) -> None:
    cell = telling.run("run = runfolio.init(quiet=True)\nrun.log({'a': 1})\nrun.finish()")
    assert cell.outputs == []


def test_ipython_in_a_terminal_keeps_to_standard_error(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_SILENT", "false")
    monkeypatch.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    code = "import runfolio; runfolio.init(name='typed').finish()"
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "-c", code],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "runfolio: ✓ typed " in done.stderr
    assert "✓ typed " not in done.stdout
