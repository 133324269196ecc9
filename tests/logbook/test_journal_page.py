"""journal.md of a run: facts remade, hand changes taken in first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.logbook.conftest import Maker, pieces

from runfolio.errors import CorruptRecord, RunNotFound, UsageError
from runfolio.format.edits import read_edits, write_edit
from runfolio.logbook.page import entry_markdown, finished, write
from runfolio.logbook.parse import PLACEHOLDER, parse
from runfolio.logbook.words import read_words, write_words


@pytest.fixture
def make_one(make_run: Maker) -> Callable[[], Path]:
    """Return a function that makes the only run of the store, without any words."""
    run = make_run()

    def make() -> Path:
        shutil.rmtree(run / "edits", ignore_errors=True)
        (run / "journal.md").unlink(missing_ok=True)
        return run

    return make


def wrote(page: Path, text: str) -> None:
    """Put text below the first heading, as a person would in an editor."""
    page.write_text(page.read_text("utf-8").replace(PLACEHOLDER, text), "utf-8")


def test_an_entry_says_what_changed_and_how_it_went(make_run: Maker) -> None:
    make_run("wide", config={"lr": 1e-3, "net": {"hidden": 128}}, metrics={"val/acc": 0.944})
    run = make_run("fast", config={"lr": 1e-2, "net": {"hidden": 64}}, metrics={"val/acc": 0.974})
    text = write(run).read_text("utf-8")
    assert (
        "**Changed since** `wide` (the best before, val/acc 0.944) lr 1e-3 → **1e-2**, net.hidden 128 → **64**."
        in text
    )
    assert "val/acc **0.974** (▲ +0.030 on best)" in text


def test_later_runs_do_not_change_an_entry(make_run: Maker) -> None:
    run = make_run("first", metrics={"val/acc": 0.9})
    before = write(run).read_text("utf-8")
    make_run("later", metrics={"val/acc": 0.99})
    assert write(run).read_text("utf-8") == before


def test_points_that_were_not_in_order_are_counted(make_run: Maker) -> None:
    text = entry_markdown(make_run(counts={"points": 9, "late": 2, "nonfinite": 1, "refused": 0}))
    assert "**Points** 2 late, 1 non-finite." in text


def test_a_figure_that_is_no_number_is_not_called_better(make_run: Maker) -> None:
    make_run(metrics={"val/loss": 0.5})
    text = entry_markdown(make_run(metrics={"val/loss": "NaN"}))
    assert "val/loss **NaN**." in text


def test_another_project_is_not_compared_with(make_run: Maker) -> None:
    make_run("other", project="faces", config={"lr": 1})
    assert "Changed since" not in entry_markdown(make_run("run", config={"lr": 2}))


def test_writing_again_touches_nothing(make_run: Maker) -> None:
    path = write(make_run())
    before = path.stat()
    write(path.parent)
    assert path.stat().st_ino == before.st_ino


def test_a_hand_change_becomes_an_edit_and_stays(make_run: Maker) -> None:
    path = write(make_run())
    wrote(path, "Ten times the rate.\n\n* a list")
    write(path.parent)
    edits, _ = read_edits(path.parent)
    assert [(e.op, e.field, e.value) for e in edits] == [
        ("words", "What I tried", "Ten times the rate.\n\n* a list")
    ]
    assert "Ten times the rate.\n\n* a list\n\n**What happened**" in path.read_text("utf-8")


def test_words_put_in_elsewhere_appear_and_an_old_page_does_not_undo_them(make_run: Maker) -> None:
    path = write(make_run())
    write_words(path.parent, "Why", "one")
    write(path.parent)
    write_words(path.parent, "Why", "two")
    write(path.parent)
    assert parse(path.read_text("utf-8")).words.why == "two"
    assert read_words(path.parent).why == "two"


def test_words_changed_here_and_elsewhere_are_kept_side_by_side(make_run: Maker) -> None:
    path = write(make_run())
    wrote(path, "mine")
    write_words(path.parent, "What I tried", "theirs")
    write(path.parent)
    assert read_words(path.parent).tried == "theirs\n\nmine"
    assert parse(path.read_text("utf-8")).words.tried == "theirs\n\nmine"


def test_words_taken_out_by_hand_are_gone(make_run: Maker) -> None:
    path = write(make_run())
    wrote(path, "wrong")
    write(path.parent)
    path.write_text(path.read_text("utf-8").replace("wrong\n", ""), "utf-8")
    write(path.parent)
    assert not read_words(path.parent)


def test_a_page_that_lost_its_words_with_its_comments_gets_them_back(make_run: Maker) -> None:
    path = write(make_run())
    write_words(path.parent, "Why", "because")
    path.write_text("", "utf-8")
    write(path.parent)
    assert parse(path.read_text("utf-8")).words.why == "because"


def test_own_html_on_a_page_stays_byte_for_byte_when_facts_change(make_run: Maker) -> None:
    path = write(make_run())
    own = '<img src="plot.png" width="300">  \n\ttab'
    wrote(path, own)
    write(path.parent)
    write_edit(path.parent, "set", "name", "renamed")
    write(path.parent)
    text = path.read_text("utf-8")
    assert own in text
    assert "**renamed**" in text


def test_line_ends_of_a_page_stay_as_they_are(make_run: Maker) -> None:
    path = write(make_run())
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n") + b"More.\r\n")
    write(path.parent)
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert read_words(path.parent).why == "More."


def test_a_link_in_place_of_the_page_is_refused_and_not_followed(
    make_run: Maker, tmp_path: Path
) -> None:
    run, outside = make_run(), tmp_path / "outside.md"
    outside.write_text("mine", "utf-8")
    (run / "journal.md").symlink_to(outside)
    with pytest.raises(CorruptRecord, match="link"):
        write(run)
    assert outside.read_text("utf-8") == "mine"


def test_a_page_that_is_no_text_is_refused_and_left(make_run: Maker) -> None:
    run = make_run()
    (run / "journal.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CorruptRecord, match="not UTF-8"):
        write(run)
    assert (run / "journal.md").read_bytes() == b"\xff\xfe\x00"


def test_a_run_that_is_not_there_is_named(store_folder: Path) -> None:
    with pytest.raises(RunNotFound, match="no-such"):
        write(store_folder / "no-such")


def test_a_heading_that_does_not_exist_is_named_with_the_nearest(make_run: Maker) -> None:
    with pytest.raises(UsageError, match='Did you mean "What happened"'):
        write_words(make_run(), "What hapened", "x")


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.lists(pieces(), max_size=3))
def test_whatever_is_typed_over_a_page_is_kept_and_comes_to_rest(
    make_one: Callable[[], Path], typed: list[str]
) -> None:
    path = write(make_one())
    for text in typed:
        path.write_text(path.read_text("utf-8") + "\n" + text, "utf-8", newline="")
        before = parse(path.read_bytes().decode()).words
        write(path.parent)
        assert parse(path.read_text("utf-8")).words == before
    settled = path.read_bytes()
    write(path.parent)
    assert path.read_bytes() == settled
    assert read_words(path.parent) == parse(settled.decode()).words


def test_broken_neighbours_do_not_stop_a_run_from_finishing(
    make_run: Maker, store_folder: Path
) -> None:
    for name, content in (("a", b"{"), ("b", b'{"config": {"lr": [[]]}, "metrics": {"m": 3}}')):
        (store_folder / name).mkdir()
        (store_folder / name / "run.json").write_bytes(content)
    run = make_run(config={"lr": 1.0}, metrics={"m": 1.0})
    finished(run)
    assert "**run**" in (run / "journal.md").read_text("utf-8")


def test_finishing_a_run_loads_no_heavy_package(make_run: Maker) -> None:
    code = (
        "import sys; from pathlib import Path; from runfolio.logbook.page import finished;"
        "finished(Path(sys.argv[1]));"
        "print([m for m in ('pandas','altair','pyarrow','duckdb','nbformat','IPython')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(make_run())], capture_output=True,
                          text=True, check=True, env=dict(os.environ))  # fmt: skip
    assert done.stdout.strip() == "[]"
