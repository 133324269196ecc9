"""Programs as people write them around W&B's artifacts: they run with the import changed, or nothing."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

PROGRAMS = sorted((Path(__file__).parent / "wandb_programs").glob("*.py"))
# What a program is told, once each; all others run in silence.
TOLD = {
    "local_references": ["which is not on this machine, and nothing is fetched from elsewhere"],
    "model_registry": [
        "is called 'MNIST_Classifier'",
        "is called 'MNIST_Files'",
        "is called 'MNIST_Classifier'",
    ],
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_of_the_field_runs_unchanged(program: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        runpy.run_path(str(program), run_name="__main__")
    expected = TOLD.get(program.stem, [])
    told = [str(one.message) for one in caught]
    assert len(told) == len(expected), told
    assert [part for part, text in zip(expected, told, strict=True) if part not in text] == []


def test_a_program_that_imports_wandb_itself_runs_with_no_line_changed(store: Path) -> None:
    (source,) = (path for path in PROGRAMS if path.stem == "data_pipeline")
    text = source.read_text()
    assert text.count("import runfolio as wandb") == 1
    Path("train.py").write_text(text.replace("import runfolio as wandb", "import wandb"))
    done = subprocess.run(
        [sys.executable, "-m", "runfolio", "run", "--as-wandb", sys.executable, "train.py"],
        env=os.environ | {"RUNFOLIO_STRICT": "0"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (store / ".artifacts/raw-data").glob("v*")) == ["v0.json", "v1.json"]  # fmt: skip
