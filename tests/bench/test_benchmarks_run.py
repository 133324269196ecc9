"""Each benchmark runs, here in a tiny form, and says what it measured; no time is judged."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TINY = {
    "artifacts": ["--rounds", "1", "--files", "50", "--mebibytes", "4"],
    "registry": ["--rounds", "1", "--artifacts", "5", "--versions", "3"],
    "lineage": ["--rounds", "1", "--runs", "120", "--rows", "200"],
    "log": ["--rounds", "2"],
    "starting": ["--rounds", "1"],
    "size": ["--steps", "600", "--long", "2000"],
    "cells": ["--rounds", "2"],
    "data": ["--rounds", "1", "--files", "50", "--mebibytes", "1"],
    "environment": ["--rounds", "1", "--distributions", "20"],
    "integrations": ["--rounds", "1", "--steps", "3", "--boosted", "2", "--fits", "1",
                     "--trials", "2"],
    "series": ["--rounds", "1", "--runs", "5", "--steps", "300", "--long", "400"],
    "diffs": ["--rounds", "1", "--files", "40", "--cells", "30", "--points", "200"],
    "system": ["--rounds", "2", "--children", "2"],
    "runs": ["--runs", "120", "--rounds", "1"],
    "served": ["--runs", "30", "--rounds", "1", "--seconds", "1"],
    "endurance": ["--points", "6000", "--keys", "3"],
}  # fmt: skip


def numbers(found: Any) -> Iterator[float]:
    if isinstance(found, dict):
        for value in found.values():
            yield from numbers(value)
    elif isinstance(found, (int, float)):
        yield found


@pytest.mark.parametrize("subject", TINY)
def test_a_benchmark_measures_and_tells(subject: str, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, HERE / f"{subject}.py", *TINY[subject], "--out", tmp_path],
        check=True, stdout=subprocess.DEVNULL, env=os.environ, timeout=150,
    )  # fmt: skip
    result = json.loads((tmp_path / f"{subject}.json").read_text())
    page = (tmp_path / f"{subject}.md").read_text()
    assert result.pop("machine")["cores"] >= 1
    assert page.startswith("# ")
    assert page.count("\n|") > 3
    assert all(map(math.isfinite, numbers(result)))


def test_every_benchmark_is_tried_and_run_by_its_target() -> None:
    # Those of the widgets start a JupyterLab and a browser, and are no tests of seconds.
    others = {
        "lab",
        "report",
        "test_benchmarks_run",
        "live",
        "runs_table",
        "compare",
        "media",
        "stores",
        "finished_cards",
    }
    subjects = {path.stem for path in HERE.glob("*.py")} - others
    script = (HERE.parents[1] / "scripts" / "bench").read_text()
    assert subjects == TINY.keys()
    assert all(subject in script for subject in subjects - {"endurance"})
