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
