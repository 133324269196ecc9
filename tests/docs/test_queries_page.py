"""What docs/queries.md and the tables of queries elsewhere show can be asked as it stands there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.store.conftest import lines

import runfolio
from runfolio.format.codec import rfc3339
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest
from runfolio.magics.words import words_of
from runfolio.query.filter import parse

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "queries.md").read_text("utf-8")
COMMANDS = (DOCS / "commands.md").read_text("utf-8").split("\n## runs\n")[1].split("\n## show\n")[0]


def queries(text: str) -> list[str]:
    """Return what stands as code in the first column of the tables of queries."""
    rows = re.findall(r"^\| (`.*?) \| ", text, re.MULTILINE)
    return [query for row in rows for query in re.findall(r"`([^`]+)`", row)]


QUERIES = [
    *queries(PAGE.split("### Quotation")[0]),
    *queries(COMMANDS.split("A query is made of terms")[1]),
]


@pytest.fixture(autouse=True)
def store(store_path: Path) -> Path:
    """Two runs that have all the names of the page."""
    for n, name in enumerate(("fast", "two words")):
        folder = store_path / f"20261122T2130{n:02d}-7f3a9c"[: -n or None]
        folder.mkdir(parents=True)
        document = {
            "format": 1, "id": folder.name, "name": name, "status": "finished", "project": "digits", "group": "g",
            "created_at": rfc3339(1_795_383_000_000 + n), "duration_s": 100.0, "tags": ["baseline", "two words"],
            "config": {"lr": 5e-4, "opt": "adam", "model": {"depth": 3}, "a.b": 1, 'q"x': 2}, "seeds": {"numpy": 7},
            "git": {"sha": "13e8c94", "branch": "main", "dirty": True}, "data": [{"name": "train", "hash": "b3:77"}],
            "metrics": {key: {"n": 2, "last": 0.95, "max": 0.96} for key in ("val/acc", "val/loss", "loss")},
        }  # fmt: skip
        write_manifest(folder, document, Disk())
        row = {"val/acc": 0.9, "val/loss": 0.5, "loss": 1.0}
        (folder / "metrics.jsonl").write_bytes(lines(row, row))
    return store_path


@pytest.mark.parametrize("query", dict.fromkeys(QUERIES))
def test_a_query_of_a_table_is_understood(query: str) -> None:
    assert runfolio.runs(query).total == 2
    assert parse(str(parse(query))) == parse(query)


def test_the_tables_show_every_kind_of_term() -> None:
    assert len(QUERIES) > 60
    for sign in (
        "..",
        "data:",
        "*",
        "?",
        ":missing",
        "sort:",
        "limit:",
        "not ",
        " or ",
        '"',
        "'",
        "!=",
    ):
        assert any(sign in query for query in QUERIES), sign


def test_the_python_of_the_page_runs() -> None:
    names = {"runfolio": runfolio}
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    for block in blocks:
        exec(compile(block, "queries.md", "exec"), names)
    assert len(blocks) == 2
    assert len(names["runs"]) == 2


def test_each_door_is_shown_with_the_same_query(store: Path) -> None:
    rows = PAGE.split("### Quotation")[1].split("## Frames")[0]
    (shell,) = re.findall(r"`runfolio (runs '.*?)`", rows)
    (cell,) = re.findall(r"`%track (runs tag:\"two.*?)`", rows)
    (python,) = re.findall(r"`runfolio\.runs\('(.*?)'\)`", rows)
    (windows,) = re.findall(r"`runfolio runs \"(tag:'two.*?)\"`", rows)
    assert shlex.split(shell)[1] == words_of(cell)[-1] == python
    assert parse(windows) == parse(python)


def test_the_line_for_a_shell_finds_the_runs(store: Path) -> None:
    (line,) = re.findall(r"`runfolio (runs '.*?)`", PAGE)
    done = subprocess.run(["bash", "-c", f"{sys.executable} -m runfolio {line}"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert "2 of 2 runs" in done.stdout


def test_the_columns_that_the_page_names_are_there() -> None:
    text = PAGE.split("Every column is reached")[1].partition("`describe")[0]
    names = re.findall(r'"config\.(?:q""x|a\\\.b|lr)"', text)
    assert len(set(names)) == 3
    runfolio.runs().sql(f"select {', '.join(names)} from runs")
