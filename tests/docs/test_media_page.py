"""The program of docs/media.md records what the page says it does."""

from __future__ import annotations

import importlib.resources
import json
import re
from pathlib import Path

import jsonschema
import matplotlib as mpl
import pytest

from runfolio.format.events import read_events
from runfolio.model.media import FOLDERS, media_items

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "media.md").read_text("utf-8")


@pytest.fixture
def recorded(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The run that the program records."""
    mpl.use("agg")
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(program, "media.md", "exec"), {})
    (run,) = [path for path in store_path.iterdir() if (path / "run.json").is_file()]
    return run


def test_the_program_of_the_page_records_one_of_each_kind(recorded: Path) -> None:
    events = [event for event in read_events(recorded) if event["kind"] == "media"]
    items = [item for event in events for item in media_items(event)]

    assert json.loads((recorded / "run.json").read_text("utf-8"))["counts"]["refused"] == 0
    assert {item.type for item in items} == set(FOLDERS)
    assert [item.path for item in items if item.path and not (recorded / item.path).is_file()] == []
    schema = importlib.resources.files("runfolio.schemas") / "event.schema.json"
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text("utf-8")))
    assert [error.message for event in events for error in validator.iter_errors(event)] == []
