"""Which files each cell read and wrote, and which of them are the data of the run."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.magics.conftest import Notebook, text_of

PREPARE = """
import os, pathlib
import pandas as pd
os.environ["RUNFOLIO_CAPTURE"] = "true"
pathlib.Path("pyproject.toml").write_text("")
pathlib.Path("sub").mkdir()
for name in ("x.csv", "sub/y.csv"):
    pathlib.Path(name).write_text("a,b\\n1,2\\n")
    os.utime(name, (1, 1))
pd.DataFrame({"a": [1]}).to_parquet("z.parquet")
os.utime("z.parquet", (1, 1))
import runfolio
%load_ext runfolio
run = runfolio.init(name="data")
"""


def test_cells_tell_what_they_read_and_the_run_what_it_used(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook(load=False)
    for source in (
        PREPARE, "x = pd.read_csv('x.csv')", "z = pd.read_parquet('z.parquet')",
        "x.to_csv('out.csv')\nagain = pd.read_csv('out.csv')",
        "%cd sub\ny = pd.read_csv('y.csv')", "x = pd.read_csv('../x.csv')",
        "folder = run.path\nrun.finish()",
    ):  # fmt: skip
        said = text_of(notebook.run(source))
        assert "Error" not in said, said
    cells = notebook.cells()
    used = json.loads((notebook.last.path / "data.json").read_text())["used"]

    assert [cell.opened for cell in cells if cell.opened] == [
        ("x.csv",), ("z.parquet",), ("out.csv",), ("sub/y.csv",), ("x.csv",)]  # fmt: skip
    assert [cell.written for cell in cells if cell.written] == [("out.csv",)]
    assert {item["uri"] for item in used} == {"x.csv", "z.parquet", "sub/y.csv"}
    assert all(item["found"] == "detected" and item["hash"] for item in used)


READ_FIRST = """
import os, pathlib
import pandas as pd
os.environ["RUNFOLIO_CAPTURE"] = "true"
pathlib.Path("pyproject.toml").write_text("")
for name in ("used.csv", "other.csv", "late.csv", "inside.csv"):
    pathlib.Path(name).write_text("a,b\\n1,2\\n")
    os.utime(name, (1, 1))
%load_ext runfolio
"""


def used_by(notebook: Notebook) -> dict[str, dict[str, object]]:
    used = json.loads((notebook.last.path / "data.json").read_text())["used"]
    return {item["uri"]: item for item in used}


def test_what_earlier_cells_read_counts_where_the_tracked_cell_stands_on_it(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook(load=False)
    for source in (
        READ_FIRST, "frame = pd.read_csv('used.csv')", "other = pd.read_csv('other.csv')",
        "rows = frame.to_numpy()", "%%track mine\nruns = len(rows)",
    ):  # fmt: skip
        said = text_of(notebook.run(source))
        assert "Error" not in said, said

    used = used_by(notebook)

    assert set(used) == {"used.csv"}
    assert used["used.csv"]["evidence"] == ["earlier"]
    assert str(used["used.csv"]["hash"]).startswith("blake3:")


def test_what_a_cell_reads_before_it_opens_its_run_is_data_of_the_run(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook(load=False)
    notebook.run(READ_FIRST + "import runfolio")
    notebook.run("x = pd.read_csv('inside.csv')\nwith runfolio.init(name='a'): pass")

    assert set(used_by(notebook)) == {"inside.csv"}


def test_data_changed_after_an_earlier_cell_read_it_is_named_and_not_hashed(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook(load=False)
    notebook.run(READ_FIRST)
    notebook.run("frame = pd.read_csv('used.csv')")
    notebook.run("pathlib.Path('used.csv').write_text('a,b\\n3,4\\n')")
    notebook.run("%%track mine\nn = len(frame)")

    used = used_by(notebook)["used.csv"]

    assert used["hash"] is None
    assert used["why"] == "it was changed after it had been read"


def test_cells_between_the_start_and_stop_of_a_run_bring_the_data_they_stand_on(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook(load=False)
    for source in (
        READ_FIRST, "late = pd.read_csv('late.csv')", "%track start many", "n = len(late)",
        "%track stop",
    ):  # fmt: skip
        notebook.run(source)

    assert set(used_by(notebook)) == {"late.csv"}
