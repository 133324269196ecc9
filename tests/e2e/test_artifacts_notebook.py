"""notebooks/artifacts.ipynb as a reader runs it: in a kernel of its own, from top to bottom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from tests.kernels import by_sockets
from traitlets.config import Config

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("artifacts-notebook")]

SOURCE = Path(__file__).parents[2] / "notebooks" / "artifacts.ipynb"


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Execute the notebook once; return its cells by their ids."""
    notebook = nbformat.read(SOURCE, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path_factory.mktemp("reader"))}},
        config=Config({"KernelManager": by_sockets()}),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RUNFOLIO_DIR", raising=False)
        client.execute()
    return {cell["id"]: cell for cell in notebook.cells}


def said(cell: Any) -> str:
    """Return all that stands below a cell, as text."""
    return "\n".join(
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for output in cell["outputs"]
    )


def test_the_notebook_is_kept_without_outputs() -> None:
    kept = nbformat.read(SOURCE, as_version=4).cells

    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in kept)


def test_each_of_five_runs_makes_a_version_of_the_model(cells: dict[str, Any]) -> None:
    made = {name: said(cells[name]) for name in ("few", "all", "squares", "ratio", "decay")}

    assert [f"progress:v{n}" in text for n, text in enumerate(made.values())] == [True] * 5


def test_a_run_that_names_no_version_has_used_the_one_that_it_opened(cells: dict[str, Any]) -> None:
    assert "patients:" not in cells["ratio"]["source"]
    assert "used    patients:v2" in said(cells["ratio"])


def test_two_versions_of_the_data_differ_in_one_column(cells: dict[str, Any]) -> None:
    assert "442 rows, 409 changed" in said(cells["diff"])
    assert "changed in s4 (409 rows)" in said(cells["diff"])


def test_a_rule_that_is_not_met_keeps_a_version_out(cells: dict[str, Any]) -> None:
    assert "progress:v4 was not made production: 1 of 3 rules is not met." in said(cells["rules"])


def test_after_the_rollback_the_first_is_in_production_again(cells: dict[str, Any]) -> None:
    assert "rolled back to v1 (was v3)" in said(cells["history"])
    assert "progress: v1 was production" in said(cells["when"])
    assert "no version was production" in said(cells["when"])


def test_what_used_older_data_is_to_be_learned_anew(cells: dict[str, Any]) -> None:
    drawing = cells["lineage"]["outputs"][0]["data"]["text/html"]

    assert "<svg" in drawing
    assert said(cells["old"]).strip() == "Learn anew: all few squares"


def test_the_model_in_production_predicts(cells: dict[str, Any]) -> None:
    assert "progress:v1" in said(cells["predict"])
    assert "predicted" in said(cells["predict"])
