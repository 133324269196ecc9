"""A cell that installs something is noticed, and the lock holds what the program ran with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.magics.conftest import Notebook, text_of
from tests.wheels import build_wheel

from runfolio.format.events import read_events

BEGIN = """
import os, sys
os.environ['RUNFOLIO_CAPTURE'] = 'true'
sys.path.insert(0, 'site')
%load_ext runfolio
"""
INSTALL = "%pip install -q --no-index --find-links wheels --upgrade --target site {}"


def installed_by_cells(notebook: Notebook) -> Path:
    """Install a probe, import it, put another version in its place; return the run's folder."""
    folder = notebook.store.parent
    (folder / "site").mkdir()
    for version in ("1.0", "2.0"):
        build_wheel(folder / "wheels", "probe", version)
    notebook.run(BEGIN)
    notebook.run("%track start")
    notebook.run("from runfolio.record.session import current")
    notebook.run("assert current().life.snapshot.wait(60); import time")
    notebook.run(INSTALL.format("probe==1.0"))
    notebook.run("import probe")
    notebook.run(INSTALL.format("probe==2.0"))
    return notebook.last.path


def status_with(notebook: Notebook, words: str) -> str:
    """Return what `%track status` shows as soon as it has these words: events come to it in time."""
    for _ in range(60):
        shown = " ".join(text_of(notebook.run("time.sleep(0.2)\n%track status")).split())
        if words in shown:
            break
    return shown


def test_what_cells_install_is_told_with_the_cell_and_the_version_that_ran_is_pinned(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook(load=False)
    folder = installed_by_cells(notebook)
    told = "cell [5]: probe 1.0 installed; cell [7]: probe 1.0 → 2.0 (1.0 stays loaded)"
    assert told in status_with(notebook, told)
    notebook.run("%track stop")
    events = [
        {key: value for key, value in event.items() if key not in ("time", "kind")}
        for event in read_events(folder, ["environment"])
    ]
    assert events == [
        {"cell": 5, "added": {"probe": "1.0"}},
        {"cell": 7, "changed": {"probe": ["1.0", "2.0"]}, "loaded": ["probe"]},
    ]
    environment = folder / "environment"
    assert "\nprobe==1.0\n" in (environment / "requirements.lock").read_text()
    record = json.loads((environment / "environment.json").read_text())
    assert record["changes"] == events
    assert "probe" not in {item["name"] for item in record["distributions"]}
    assert json.loads((environment / "used.json").read_text())["distributions"]["probe"] == "1.0"
