"""An entry never calls code the same that is not."""

from __future__ import annotations

import json

import pytest
from tests.logbook.conftest import Maker

from runfolio.logbook.page import entry_markdown

CELL = "%%track {}\nlr = {}\nfor step in range({}):\n    train(lr)"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (CELL.format("second", "1e-2", 10), "**Same as** `first` in all that was recorded."),
        (CELL.format("second", "1e-2", 20), "**Changed since** `first` cell **changed**."),
        ("%%track second\nawait train(", "**Changed since** `first` cell **changed**."),
    ],
    ids=["only literals", "a loop", "what cannot be parsed"],
)
def test_a_cell_that_was_edited_is_a_change(make_run: Maker, cell: str, said: str) -> None:
    make_run("first", cell=CELL.format("first", "1e-3", 10))
    assert said in entry_markdown(make_run("second", cell=cell))


def test_cells_executed_before_the_run_do_not_count(make_run: Maker) -> None:
    make_run("first", cells=((-9, "import this"), (0, "train()")))
    run = make_run("second", cells=((-9, "import that"), (0, "train()")))
    assert "**Same as** `first`" in entry_markdown(run)


def test_other_uncommitted_code_at_one_commit_is_a_change(make_run: Maker) -> None:
    git = {"sha": "13e8c94aa0b1", "dirty": True}
    for name in ("first", "second"):
        run = make_run(name, git=git)
        (run / "code").mkdir()
        (run / "code" / "uncommitted.patch").write_text(name, encoding="utf-8")
    assert "**Changed since** `first` uncommitted code **changed**." in entry_markdown(run)


def test_files_of_the_uncommitted_part_are_named(make_run: Maker) -> None:
    git = {"sha": "13e8c94aa0b1", "dirty": True}
    for name in ("first", "second"):
        run = make_run(name, git=git)
        (run / "code").mkdir()
        patch = f"diff --git a/helper.py b/helper.py\n@@ -1 +1 @@\n+{name}\n"
        (run / "code" / "uncommitted.patch").write_text(patch, encoding="utf-8")
    assert "**Changed since** `first` helper.py **changed**." in entry_markdown(run)


def test_several_cells_are_counted(make_run: Maker) -> None:
    texts = ["load(a)", "plot(b, c)", "train(d, e, f)"]
    make_run("first", cells=tuple(enumerate(texts)))
    run = make_run("second", cells=tuple(enumerate([texts[0], "plot(b, x)", "train(d, e, y)"])))
    assert "**Changed since** `first` 2 cells **changed**." in entry_markdown(run)


def test_where_no_code_was_recorded_only_settings_are_called_the_same(make_run: Maker) -> None:
    make_run("first")
    said = entry_markdown(make_run("second"))
    assert "**Same settings as** `first`; the code was not recorded." in said


def test_a_local_module_that_no_commit_has_is_code(make_run: Maker) -> None:
    for name in ("first", "second"):
        run = make_run(name, cell="%%track it\ntrain()")
        (run / "code").mkdir(exist_ok=True)
        module = {"root": "project", "path": "helper.py", "hash": name}
        (run / "code" / "modules.json").write_text(json.dumps({"modules": [module]}))
    assert "**Changed since** `first` helper.py **changed**." in entry_markdown(run)


def test_runs_that_drew_other_random_numbers_are_not_called_the_same(make_run: Maker) -> None:
    for name in ("first", "second"):
        run = make_run(name, cell="%%track it\ntrain()")
        states = {"random": "rng/a.json", "numpy": f"rng/{name}.json"}
        (run / "seeds.json").write_text(json.dumps({"set": {}, "states": states}))
    said = "**Same as** `first` but for the random numbers it began with (numpy)."
    assert said in entry_markdown(run)
