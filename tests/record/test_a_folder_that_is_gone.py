"""A program may work in a folder that it deletes before it ends."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from runfolio.format.manifest import read_record

SCRIPT = """
    import os, tempfile, runfolio
    os.environ["RUNFOLIO_CAPTURE"] = "true"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        run = runfolio.init()
        run.log({"a": 1})
"""


def test_a_run_whose_folder_is_gone_ends_with_its_journal(
    store: Path, script: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = script(SCRIPT)
    record = read_record(next(store.glob("*/run.json")).parent)

    assert "Warning" not in done.stderr
    assert (record.path / "journal.md").is_file()
    assert record.complete["environment"] == "whole"
