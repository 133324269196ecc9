"""Each line of docs/run-directory.md that reads a run with another tool does so as it stands."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "run-directory.md").read_text("utf-8")
READERS = PAGE.split("## Reading without runfolio")[1].split("## Promises")[0]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", READERS, re.DOTALL)
FINISHED, LIVE = "20261122T213045-7f3a9c", "20261123T081500-0a1b2c"


def blocks(language: str, word: str = "") -> list[str]:
    return [text.strip() for kind, text in BLOCKS if kind == language and word in text]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with one finished and one killed run, under the names the page uses."""
    for name, run in (("finished", FINISHED), ("crashed", LIVE)):
        (golden,) = [p for p in (ROOT / "tests" / "golden" / name).iterdir() if p.is_dir()]
        shutil.copytree(golden, tmp_path / "folio" / run)
    monkeypatch.chdir(tmp_path)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("source", blocks("python"), ids=range(len(blocks("python"))))
def test_a_python_line_finds_every_point(source: str) -> None:
    module = "pyspark" if "spark" in source else "polars" if "polars" in source else "pandas"
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    found: dict[str, object] = {}
    exec(source, found)
    if "runs" in found:
        assert sorted(run["name"] for run in found["runs"]) == ["baseline", "big batch"]
    elif "points" in found:
        assert len(found["points"]) == 44
    else:
        assert len(found["rows"]) == 21  # one of them held a text alone


def test_the_duckdb_line_for_finished_runs_finds_every_point() -> None:
    (query,) = blocks("sql", "read_parquet")
    rows = duckdb.sql(query).fetchall()
    assert len(rows) == 44
    assert {row[-1] for row in rows} == {FINISHED}


def test_the_duckdb_line_for_a_live_run_finds_every_point() -> None:
    (query,) = blocks("sql", "read_json")
    rows = duckdb.sql(query).fetchall()
    assert len(rows) == 37
    assert {row[2] for row in rows} == {"train/loss", "lr", "val/acc"}
    assert (16.0, "train/loss", 0.135294) in {(row[0], row[2], row[3]) for row in rows}


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("@tsv", "baseline\tfinished\t0.115\nbig batch\trunning\t0.191667\n"),
        ("fromjson", "[4,0.82]\n[9,0.91]\n[14,0.94]\n"),
    ],
)
def test_a_jq_line_finds_what_it_says(word: str, expected: str) -> None:
    (command,) = blocks("sh", word)
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == expected


def test_every_block_of_the_page_is_run() -> None:
    assert {kind for kind, _ in BLOCKS} == {"python", "sh", "sql"}
    assert len(blocks("sql")) == 2
    assert len(blocks("sh")) == 2


def test_the_page_tells_every_key_of_the_manifest() -> None:
    schema = (ROOT / "src/runfolio/schemas/run.schema.json").read_text("utf-8")
    keys = re.findall(r'^    "(\w+)": \{', schema.split('"$defs"')[0], re.MULTILINE)
    table = PAGE.split("## run.json")[1].split("## Live metrics")[0]
    assert [key for key in keys if f"`{key}`" not in table] == []


def test_the_page_tells_every_kind_of_event() -> None:
    schema = (ROOT / "src/runfolio/schemas/event.schema.json").read_text("utf-8")
    table = PAGE.split("## Events")[1].split("## Sums")[0]
    assert [k for k in re.findall(r'"const": "(\w+)"', schema) if f"`{k}`" not in table] == []
