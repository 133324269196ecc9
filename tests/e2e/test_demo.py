"""``make demo``: a script and a notebook train, and the runs come back out in every form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord, Status

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]

TRACKED = ("baseline", "wide", "fast-lr")


def records(demo: Any) -> dict[str, RunRecord]:
    folders = [path.parent for path in demo.store.glob("*/run.json")]
    return {record.name: record for record in map(read_record, folders)}


def outputs(cell: Any, kind: str) -> list[Any]:
    return [o["data"][kind] for o in cell["outputs"] if kind in o.get("data", {})]


def test_no_cell_complains(demo: Any) -> None:
    unusual = [
        output
        for cell in demo.cells.values()
        for output in cell.get("outputs", [])
        if output["output_type"] in ("error", "stream")
    ]

    assert unusual == []


def test_script_and_notebook_write_to_one_store(demo: Any) -> None:
    found = records(demo)

    assert set(found) == {"script", *TRACKED}
    assert {record.status for record in found.values()} == {Status.FINISHED}
    assert {record.project for record in found.values()} == {"digits"}


def test_the_networks_learn(demo: Any) -> None:
    accuracy = {name: record.metrics["val/acc"].last for name, record in records(demo).items()}

    assert min(accuracy.values()) > 0.8
    assert accuracy["wide"] > accuracy["baseline"]


def test_literals_of_a_tracked_cell_are_its_settings(demo: Any) -> None:
    manifest = json.loads((records(demo)["wide"].path / "run.json").read_text(encoding="utf-8"))

    assert manifest["config"] == {"lr": 1e-3, "hidden": 128, "batch": 64, "epochs": 12}
    assert set(manifest["config_source"].values()) == {"cell"}


def test_the_notebooks_table_shows_the_scripts_run(demo: Any) -> None:
    (table,) = outputs(demo.cells["runs"], "text/plain")

    assert all(name in "".join(table) for name in ("script", *TRACKED))


def test_the_terminals_table_shows_the_notebooks_runs(demo: Any) -> None:
    table = demo.printed.partition("$ runfolio runs")[2]

    assert all(name in table for name in ("script", *TRACKED))


@pytest.mark.parametrize("name", TRACKED)
def test_a_tracked_cell_keeps_its_card_in_three_forms(demo: Any, name: str) -> None:
    card = next(o for o in demo.cells[name]["outputs"] if "image/png" in o.get("data", {}))

    assert set(card["data"]) >= {"application/vnd.vega.v5+json", "image/png", "text/plain"}
    assert len(json.dumps(card["data"]).encode()) <= 300_000


@pytest.mark.parametrize("name", TRACKED)
def test_a_journal_cell_follows_each_tracked_cell(demo: Any, name: str) -> None:
    ids = list(demo.cells)
    below = demo.cells[ids[ids.index(name) + 1]]

    assert below["cell_type"] == "markdown"
    assert below["metadata"]["runfolio"]["run_id"] == records(demo)[name].id
    assert "What I tried" in "".join(below["source"])


def test_the_journal_holds_every_run(demo: Any) -> None:
    journal = (demo.folder / "JOURNAL.md").read_text(encoding="utf-8")

    assert [journal.count(f"**{name}**") for name in ("script", *TRACKED)] == [1, 1, 1, 1]


def test_what_ran_is_kept(demo: Any) -> None:
    run = records(demo)["fast-lr"].path
    cells = json.loads((run / "code" / "cells.ipynb").read_text(encoding="utf-8"))["cells"]

    assert any("".join(cell["source"]).startswith("%%track fast-lr") for cell in cells)
    assert (run / "environment" / "requirements.lock").stat().st_size > 0


def test_the_script_leaves_its_weights_in_the_run(demo: Any) -> None:
    files = records(demo)["script"].path / "files"

    assert [path.name for path in files.iterdir()] == ["weights.npz"]


def test_the_source_notebook_is_left_as_it_was(demo: Any) -> None:
    source = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
    cells = json.loads(source.read_text(encoding="utf-8"))["cells"]

    assert not any(cell.get("outputs") for cell in cells)
