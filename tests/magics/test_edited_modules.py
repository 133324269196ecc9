"""A local module that is edited while the notebook goes on, reloaded by itself or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from tests.magics.conftest import Notebook

from runfolio.format.codec import loads

NOT_CAPTURED = "module helper_of_cells as it was imported"


def write(notebook: Notebook, answer: int) -> None:
    file = notebook.store.parent / "helper_of_cells.py"
    file.write_text(f"def answer():\n    return {answer}\n")
    os.utime(file, (answer, answer))  # the date is what tells a reloader of the edit


def left_out(run: Path) -> list[str]:
    told = loads((run / "code" / "not_captured.json").read_bytes(), "not_captured.json")
    return [item["what"] for item in told if item["what"].startswith("module")]


def test_a_run_with_a_module_that_was_edited_since_its_import_is_not_replayable(
    notebook: Notebook,
) -> None:
    write(notebook, 1)
    notebook.run("import os\nos.environ['RUNFOLIO_CAPTURE'] = 'true'\nimport helper_of_cells")
    write(notebook, 2)
    notebook.run("%%track stale\nrunfolio.log({'a': helper_of_cells.answer()})")
    run = notebook.last

    assert run.metrics["a"].last == 1
    assert left_out(run.path) == [NOT_CAPTURED]
    assert f"{NOT_CAPTURED} was not captured" in run.complete["replayable"]
    assert run.complete["code"] == "partly: 1 thing not captured"


def test_what_autoreload_brought_up_to_date_in_the_very_cell_is_in_the_record(
    notebook: Notebook,
) -> None:
    write(notebook, 1)
    notebook.run("import os\nos.environ['RUNFOLIO_CAPTURE'] = 'true'\nimport helper_of_cells")
    notebook.run("%load_ext autoreload\n%autoreload 2")
    write(notebook, 2)
    notebook.run("%%track fresh\nrunfolio.log({'a': helper_of_cells.answer()})")
    run = notebook.last
    table = loads((run.path / "code" / "modules.json").read_bytes(), "modules.json")

    assert run.metrics["a"].last == 2
    assert left_out(run.path) == []
    assert run.complete["code"] == "whole"
    assert [entry.get("edited") for entry in table["modules"]] == [None]
    assert (run.path / "code" / table["modules"][0]["file"]).read_text().endswith("return 2\n")
