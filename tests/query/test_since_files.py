"""Edited cells, packages and files in the line that says what changed since the best run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from blake3 import blake3

from runfolio.charts.since import since_words
from runfolio.model.run import RunRecord
from runfolio.query.since_best import since_best
from runfolio.query.since_files import files_since

CELLS = ["import torch", "def net(x):\n    return x * 2", "lr = 0.1\ntrain(lr)"]
Make = Callable[..., RunRecord]


@pytest.fixture
def holding(record: Make, tmp_path: Path) -> Make:
    """Return a function that makes a record whose folder holds cells, packages and a patch."""

    def make(name: str, acc: float, cells=CELLS, torch: str = "2.12", patch: str = "") -> RunRecord:
        folder = tmp_path / name
        (folder / "environment").mkdir(parents=True)
        (folder / "code").mkdir()
        used = json.dumps({"distributions": {"torch": torch, "numpy": "2.4"}})
        (folder / "environment" / "used.json").write_text(used)
        (folder / "code" / "uncommitted.patch").write_text(patch)
        lines = [
            json.dumps({"kind": "cell", "order": n, "cell_id": f"c{n}", "status": "ok", "source": text,
                        "hash": blake3(text.encode()).hexdigest()[:32], "started_at": n})
            for n, text in enumerate(cells)
        ]  # fmt: skip
        (folder / "events.jsonl").write_text("".join(f"{line}\n" for line in lines))
        return record(
            name, metrics={"val/acc": acc}, path=folder, git={"sha": "a" * 40, "dirty": True}
        )

    return make


def a_patch(**files: str) -> str:
    return "".join(
        f"diff --git a/{name}.py b/{name}.py\n@@ -1 +1 @@\n+{line}\n"
        for name, line in files.items()
    )


def test_the_line_names_cells_packages_and_files(holding: Make) -> None:
    best = holding("best", 0.97, patch=a_patch(a="1", b="2"))
    edited = [CELLS[0], CELLS[1].replace("2", "3"), CELLS[2], "plot()"]
    mine = holding("mine", 0.9, edited, "2.13", a_patch(a="1", b="3", c="4"))
    assert since_words(since_best(mine, [best])) == (
        "since best (best, val/acc 0.970): 1 cell edited, 1 new · torch 2.12 → 2.13 · 2 files changed"
    )


def test_a_cell_that_only_assigns_other_literals_is_told_as_a_setting(holding: Make) -> None:
    other = [*CELLS[:2], "lr = 0.3\ntrain(lr)"]
    assert files_since(holding("a", 0.9), holding("b", 0.9, other)).cells == {}


def test_the_same_runs_have_nothing_to_tell(holding: Make) -> None:
    found = files_since(
        holding("a", 0.9, patch=a_patch(a="1")), holding("b", 0.9, patch=a_patch(a="1"))
    )
    assert (found.cells, found.packages, found.files) == ({}, (), ())


def test_long_records_are_left_alone(holding: Make) -> None:
    long = [f"x = '{'y' * 400_000}'"]
    found = files_since(holding("a", 0.9, long), holding("b", 0.9, ["z = 1"]))
    assert found.cells == {}
    assert not found.is_whole


def test_cells_that_were_not_compared_are_not_called_the_same(holding: Make) -> None:
    long = [f"x = '{'y' * 400_000}'"]
    said = since_words(since_best(holding("b", 0.9, long), [holding("a", 0.95, long)]))
    assert said.endswith(": the same settings, seeds and data; the cells were not compared")


@pytest.mark.parametrize(
    "place", ["events.jsonl", "environment/used.json", "code/uncommitted.patch"]
)
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\x00" * 99, b"[1]"])
def test_damaged_records_stop_nothing(holding: Make, place: str, body: bytes) -> None:
    was, now = holding("a", 0.9), holding("b", 0.9, ["other()"], "3.0", a_patch(a="1"))
    (now.path / place).write_bytes(body)
    assert since_words(since_best(now, [was])).startswith("since best (a, val/acc 0.900): ")
