"""One document of many runs, beside the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.logbook.conftest import Maker

from runfolio.errors import StoreError, UsageError
from runfolio.logbook.export import export
from runfolio.logbook.page import finished
from runfolio.logbook.pull import pull
from runfolio.logbook.words import read_words, write_words
from runfolio.store.store import Store


def entries(text: str) -> list[str]:
    """Return the run ids of a document's entries, in order."""
    return re.findall(r"^<!-- runfolio:facts run=(\S+)", text, re.MULTILINE)


def test_entries_come_newest_first_under_a_title(make_run: Maker, store_folder: Path) -> None:
    runs = [make_run(name) for name in "abc"]
    done = export(Store(store_folder), "JOURNAL.md", project="digits")
    text = done.path.read_text("utf-8")
    assert "\n# Journal: digits\n" in text
    assert entries(text) == [run.name for run in reversed(runs)]
    assert done.entries == 3


def test_a_branch_selects(make_run: Maker, store_folder: Path) -> None:
    make_run(git={"branch": "main"})
    run = make_run(git={"branch": "try"})
    text = export(Store(store_folder), "J.md", branch="try").path.read_text("utf-8")
    assert entries(text) == [run.name]


def test_hand_changes_in_the_document_are_taken_in_first(
    make_run: Maker, store_folder: Path
) -> None:
    runs = [make_run(name) for name in "ab"]
    path = export(Store(store_folder), "J.md").path
    path.write_text(path.read_text("utf-8") + "Below the last heading.\n", "utf-8")
    done = export(Store(store_folder), "J.md")
    assert [(p.run_id, p.field, p.now) for p in done.pulled] == [
        (runs[0].name, "Why", "Below the last heading.")
    ]
    assert read_words(runs[0]).why == "Below the last heading."
    assert path.read_text("utf-8").count("Below the last heading.") == 1


def test_exporting_again_changes_no_byte(make_run: Maker, store_folder: Path) -> None:
    write_words(make_run("a"), "Why", "x\n\n---")
    make_run("b")
    path = export(Store(store_folder), "J.md").path
    before = path.stat().st_ino, path.read_bytes()
    export(Store(store_folder), "J.md")
    assert (path.stat().st_ino, path.read_bytes()) == before


def test_a_file_of_the_users_own_keeps_its_text(make_run: Maker, store_folder: Path) -> None:
    make_run()
    Path("J.md").write_text("# Mine\n\nAbout this project.\n", "utf-8")
    export(Store(store_folder), "J.md")
    export(Store(store_folder), "J.md")
    text = Path("J.md").read_text("utf-8")
    assert text.startswith("# Mine\n\nAbout this project.\n\n<!-- runfolio:journal")
    assert text.count("About this project.") == 1


def test_a_title_changed_by_hand_stays(make_run: Maker, store_folder: Path) -> None:
    make_run()
    path = export(Store(store_folder), "J.md").path
    path.write_text(path.read_text("utf-8").replace("# Journal", "# Lab book"), "utf-8")
    export(Store(store_folder), "J.md")
    assert "# Lab book" in path.read_text("utf-8")


def test_an_entry_with_words_outlives_its_run(make_run: Maker, store_folder: Path) -> None:
    run, _ = make_run("gone"), make_run("kept")
    write_words(run, "Why", "still worth reading")
    path = export(Store(store_folder), "J.md").path
    run.rename(store_folder / ".gone")
    assert export(Store(store_folder), "J.md").kept == (run.name,)
    assert "still worth reading" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [({"project": "digts"}, 'Did you mean "digits"'), ({"branch": "x"}, "store has none")],
)
def test_a_selection_without_runs_is_named(
    make_run: Maker, store_folder: Path, wanted: dict[str, str], message: str
) -> None:
    make_run()
    with pytest.raises(UsageError, match=message):
        export(Store(store_folder), "J.md", **wanted)
    assert not Path("J.md").exists()


def test_an_empty_store_has_nothing_to_export(store_folder: Path) -> None:
    with pytest.raises(StoreError, match="no run yet"):
        export(Store(store_folder), "J.md")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_target_that_is_no_text_is_refused_and_left(
    make_run: Maker, store_folder: Path, content: bytes | None
) -> None:
    make_run()
    Path("J.md").write_bytes(content) if content else Path("J.md").mkdir()
    with pytest.raises(UsageError, match=r"J\.md"):
        export(Store(store_folder), "J.md")
    assert content is None or Path("J.md").read_bytes() == content


def test_the_file_beside_the_code_follows_every_finish(
    make_run: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_JOURNAL", "JOURNAL.md")
    first, second = make_run("a"), make_run("b")
    finished(first)
    finished(second)
    text = Path("JOURNAL.md").read_text("utf-8")
    assert entries(text) == [second.name, first.name]


def test_a_finish_takes_hand_changes_of_other_entries_in_and_leaves_them(
    make_run: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_JOURNAL", "JOURNAL.md")
    first = make_run("a")
    finished(first)
    path = Path("JOURNAL.md")
    path.write_text(path.read_text("utf-8") + "because\n", "utf-8")
    finished(make_run("b"))
    finished(make_run("c"))
    assert read_words(first).why == "because"
    assert path.read_text("utf-8").count("because") == 1


def test_a_journal_of_one_project_does_not_take_the_runs_of_another(
    make_run: Maker, store_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_JOURNAL", "J.md")
    make_run()
    export(Store(store_folder), "J.md", project="digits")
    other = make_run(project="faces -->")
    finished(other)
    assert other.name not in Path("J.md").read_text("utf-8")


def test_words_are_pulled_from_a_document_and_from_a_page_without_comments(
    make_run: Maker, store_folder: Path
) -> None:
    run = make_run()
    path = export(Store(store_folder), "J.md").path
    path.write_text(path.read_text("utf-8") + "from the document\n", "utf-8")
    assert [p.now for p in pull(Store(store_folder), "J.md")] == ["from the document"]
    assert pull(Store(store_folder), "J.md") == []
    (run / "journal.md").write_text("**What happened**\nIt fell.\n", "utf-8")
    assert [p.now for p in pull(Store(store_folder), run / "journal.md")] == ["It fell."]


@pytest.mark.parametrize("name", ["none.md", "empty.md"])
def test_pulling_from_a_file_without_entries_says_so(store_folder: Path, name: str) -> None:
    Path("empty.md").write_text("# Notes\n", "utf-8")
    with pytest.raises(UsageError, match=name):
        pull(Store(store_folder), name)
