"""Every golden run directory reads to the answers recorded beside it, for ever."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from runfolio.format import seal
from runfolio.format.check import check_run

HERE = Path(__file__).parent
NAMES = sorted(path.parent.name for path in HERE.glob("*/expected.json"))


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("golden_make", HERE / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def folder_of(name: str) -> Path:
    (folder,) = [path for path in (HERE / name).iterdir() if path.is_dir()]
    return folder


def expected_of(name: str) -> dict:
    return json.loads((HERE / name / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_run_reads_to_its_recorded_answers(maker: ModuleType, name: str) -> None:
    found = json.loads(json.dumps(maker.answers(folder_of(name))))
    assert found == expected_of(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_run_is_sound(name: str) -> None:
    findings = check_run(folder_of(name))
    assert [found for found in findings if found.severity == "fault"] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_run_is_nobodys_own(name: str) -> None:
    assert seal.grade(folder_of(name)) == "foreign"


@pytest.mark.parametrize("name", NAMES)
def test_the_recorder_still_writes_what_the_golden_run_holds(
    maker: ModuleType, name: str, tmp_path: Path
) -> None:
    made, golden = maker.make(name, tmp_path), folder_of(name)
    names = {path.relative_to(golden).as_posix() for path in golden.rglob("*") if path.is_file()}
    assert {p.relative_to(made).as_posix() for p in made.rglob("*") if p.is_file()} == names
    # Parquet holds its writer's version, and the seal a secret and the hash of that.
    for text in sorted(names - {"seal.json"}):
        if not text.endswith(".parquet"):
            assert (made / text).read_bytes() == (golden / text).read_bytes(), text
    assert maker.answers(made) == maker.answers(golden)


@pytest.mark.parametrize("name", ["finished", "resumed", "rolled", "converted"])
def test_the_table_holds_the_points_for_others(name: str) -> None:
    expected = {key: series["logged"] for key, series in expected_of(name)["series"].items()}
    query = "SELECT key, count(*) FROM read_parquet(?) GROUP BY key"
    found = Counter(dict(duckdb.execute(query, [str(folder_of(name) / "*.parquet")]).fetchall()))
    live = "SELECT unnest(map_keys(values)), count(*) FROM read_json(?, format='newline_delimited'"
    live += ", columns={values: 'MAP(VARCHAR, DOUBLE)'}, ignore_errors=true) GROUP BY 1"
    if list(folder_of(name).glob("metrics*.jsonl")):
        found.update(dict(duckdb.execute(live, [str(folder_of(name) / "*s.jsonl")]).fetchall()))
    assert found == expected
