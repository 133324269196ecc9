"""What the recorder writes follows the shipped JSON Schemas, and they allow the format to grow."""

from __future__ import annotations

import importlib.resources
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest

from runfolio.format.notebooks import notebook_event
from runfolio.model.context import CellExecution
from runfolio.model.notebook import SavedCell, SavedNotebook
from runfolio.model.run import Status
from runfolio.record.run import Run
from runfolio.record.session import Session

GOLDEN = Path(__file__).parents[1] / "golden"
NAMES = ("run", "event", "edit", "metrics-line", "seal")
RUNS = sorted(path.parent for path in GOLDEN.glob("*/*/run.json"))


def schema(name: str) -> dict[str, Any]:
    resource = importlib.resources.files("runfolio.schemas") / f"{name}.schema.json"
    return json.loads(resource.read_text("utf-8"))


def faults(name: str, document: object) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema(name))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def lines(folder: Path, pattern: str) -> list[Any]:
    return [
        json.loads(text)
        for path in sorted(folder.glob(pattern))
        for text in path.read_text("utf-8").split("\n")[:-1]
    ]


def documents(folder: Path) -> list[tuple[str, Any]]:
    return [
        *(("run", json.loads(path.read_text("utf-8"))) for path in folder.glob("run*.json")),
        *(("edit", json.loads(path.read_text("utf-8"))) for path in folder.glob("edits/*.json")),
        *(("seal", json.loads(path.read_text("utf-8"))) for path in folder.glob("seal.json")),
        *(("event", line) for line in lines(folder, "events*.jsonl")),
        *(("metrics-line", line) for line in lines(folder, "metrics*.jsonl")),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("folder", RUNS, ids=lambda path: path.parent.name)
def test_every_document_of_a_run_follows_its_schema(folder: Path) -> None:
    found = {name: [] for name in NAMES}
    for name, document in documents(folder):
        found[name] += faults(name, document)
    assert found == {name: [] for name in NAMES}


def test_every_kind_of_document_is_among_the_golden_runs() -> None:
    assert {name for folder in RUNS for name, _ in documents(folder)} == set(NAMES)


def test_what_a_run_says_of_its_data_follows_its_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "x.csv").write_text("a,b\n1,2\n")
    with Session().open({"quiet": True}) as run:
        for given in ("d", "d/*.csv", "d/x.csv", "s3://b/x", np.zeros(3), pd.DataFrame({"a": [1]})):
            run.use_data(given)

    document = json.loads((run.path / "data.json").read_text())
    assert len(document["used"]) == 6
    assert faults("data", document) == []
    assert faults("data", {"used": [{**document["used"][0], "found": "guessed"}]}) != []


@pytest.mark.parametrize("folder", RUNS, ids=lambda path: path.parent.name)
def test_keys_of_a_later_format_are_allowed(folder: Path) -> None:
    for name, document in documents(folder):
        assert faults(name, {**document, "from_the_future": {"a": [1]}}) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("run", {"status": "crashed"}), ("run", {"id": "../x"}), ("run", {"id": "a."}),
        ("run", {"tags": "x"}), ("run", {"created_at": "yesterday"}), ("run", {"metrics": []}),
        ("run", {"config": None}), ("run", {"duration_s": -1}), ("run", {"crc32": "xyz"}),
        ("run", {"complete": {"code": "perhaps"}}), ("event", {"time": "now"}),
        ("event", {"kind": "text", "key": 7}), ("event", {"kind": "status", "status": "crashed"}),
        ("edit", {"op": "drop"}), ("edit", {"op": "add", "field": "name"}),
        ("edit", {"op": "set", "value": 7}), ("metrics-line", {"step": "1"}),
        ("metrics-line", {"values": {"a": "x"}}), ("metrics-line", {"nonfinite": {"a": "Inf"}}),
        ("seal", {"files": {"../x": "0" * 64}}), ("seal", {"files": {"a": "zz"}}),
    ],
)  # fmt: skip
def test_what_the_format_forbids_is_a_fault(name: str, change: dict[str, Any]) -> None:
    good = next(document for folder in RUNS for kind, document in documents(folder) if kind == name)
    assert faults(name, good) == []
    assert faults(name, good | change)


@pytest.fixture
def busy_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in {"DIR": str(tmp_path / "folio"), "STRICT": "1", "SILENT": "1"}.items():
        monkeypatch.setenv(f"RUNFOLIO_{name}", value)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    run = Session().open({"config": {"lr": 0.1, "m": {"d": 1}}, "tags": ["a"]})
    run.life.add_cell(CellExecution("x = 1", "0" * 32, 1, None, 1_795_383_045_123, None, "running"))
    run.life.add_cell(CellExecution("x = 1", "0" * 32, 1, "c1", 1_795_383_045_123, 0.5, "ok"))
    run.life.add_cell(
        CellExecution(
            "x = 1", "0" * 32, 2, "c1", 1_795_383_045_123, 0.5, "error", text_hash="1" * 32,
            run=run.id, error={"type": "E", "message": "m"}, outputs="2" * 32, steps=(0, 2.5),
            bound=("x",), rebound=("y",), changed=("z",), deleted=("d",), read=("y",), unseen=("y",),
            values={"x": {"type": "int", "id": 7, "hash": "3" * 32}}, opened=("a",), written=("b",),
        )
    )  # fmt: skip
    cells = (SavedCell("c1", "0" * 32, "1" * 32, ("x",)), SavedCell(None, "0" * 32, "1" * 32))
    run.life.writer.event("notebook", **notebook_event(SavedNotebook(cells, 1_795_383_045_123)))
    run.life.writer.event("notebook", **notebook_event(SavedNotebook(unknown="not saved")))
    run.log({"loss": 0.5, "caption": "text", "big": 2**60})
    run.log({"loss": float("nan")})
    run.name, run.notes, run.tags = "n", "words", ("a", "b")
    (tmp_path / "x.bin").write_bytes(b"x")
    run.save("x.bin")
    return run


def test_a_run_follows_its_schemas_while_it_runs_and_when_it_has_ended(busy_run: Run) -> None:
    with pytest.warns(UserWarning, match="cannot be logged"):
        busy_run.log({"bad": object()})
    busy_run.life.writer.flush()
    busy_run.life.refresh()
    while_running = documents(busy_run.path)
    busy_run.end(Status.INTERRUPTED, signal="SIGTERM", exit_code=143, reason="asked to stop")
    kinds = {document["kind"] for name, document in while_running if name == "event"}
    assert {
        "config",
        "cell",
        "notebook",
        "text",
        "refused",
        "saved",
        "name",
        "notes",
        "tags",
    } <= kinds
    for name, document in [*while_running, *documents(busy_run.path)]:
        assert faults(name, document) == []
