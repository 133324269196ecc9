"""``note``, ``tag``, ``rename``, ``rm``, ``restore``, ``stop`` on real run directories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runfolio.errors import NoActiveRun, RunNotFound, UsageError
from runfolio.format.edits import read_edits
from runfolio.format.manifest import read_record
from runfolio.record.run import Run
from runfolio.record.session import current
from runfolio.verbs.edit import note, rename, tag
from runfolio.verbs.start import stop
from runfolio.verbs.tag_words import tag_words
from runfolio.verbs.trash import restore_run, rm

MakeRun = Callable[..., Path]


def test_a_name_is_changed_by_an_edit_and_the_id_stays(make_run: MakeRun) -> None:
    path = make_run("fast-lr")

    answer = rename("fast-lr", "slow-lr")

    assert read_record(path).name == "slow-lr"
    assert read_record(path).id == path.name
    assert "is now called slow-lr." in str(answer)


def test_an_empty_name_is_refused(make_run: MakeRun) -> None:
    make_run("alpha")
    with pytest.raises(UsageError, match="cannot be empty"):
        rename("alpha", "  ")


def test_tags_are_given_and_taken_away(make_run: MakeRun) -> None:
    path = make_run("alpha", tags=["old", "keep"])

    answer = tag("alpha", "+new", "more", "-old", "-never")

    assert read_record(path).tags == ("keep", "new", "more")
    assert "never was not among them" in str(answer)


def test_a_tag_in_quotation_marks_may_hold_commas_and_signs(make_run: MakeRun) -> None:
    path = make_run("alpha", tags=["x, y", "keep"])

    answer = tag("alpha", '"a, b",plain , +"-c"', '-"x, y"', '"say ""d"""', 'in"side')

    assert read_record(path).tags == ("keep", "a, b", "plain", "-c", 'say "d"', 'in"side')
    assert '"a, b", plain' in str(answer)


ILL_TAGS = (" lead ", "x" * 250, "x" * 249 + "y", "a, b", "", "\t", "-minus", "+plus", '"q"',
            "\x1b[31m", "\u202eabc", "a  b", "雪" * 120)  # fmt: skip


@pytest.mark.parametrize("name", ILL_TAGS)
@pytest.mark.parametrize("width", [24, 40, 1000])
def test_whatever_is_shown_as_a_tag_is_taken_away_by_it(
    make_run: MakeRun, name: str, width: int
) -> None:
    path = make_run("alpha", tags=["keep", name, "keep too"])

    tag("alpha", "-" + tag_words(name, width))

    assert read_record(path).tags == ("keep", "keep too")


@pytest.mark.parametrize("name", ILL_TAGS)
def test_a_tag_is_taken_away_as_json_gives_it(make_run: MakeRun, name: str) -> None:
    path = make_run("alpha", tags=["keep", name])

    tag("alpha", '-"{}"'.format(name.replace('"', '""')))

    assert read_record(path).tags == ("keep",)


def test_a_beginning_that_several_tags_have_is_refused_and_they_are_named(
    make_run: MakeRun,
) -> None:
    path = make_run("alpha", tags=["x" * 250 + "1", "x" * 250 + "2"])

    with pytest.raises(UsageError, match=r"could be xxx.*write more of it"):
        tag("alpha", "-xx…")

    assert len(read_record(path).tags) == 2


def test_a_tag_that_stands_twice_goes_whole(make_run: MakeRun) -> None:
    path = make_run("alpha", tags=["a", "b", "a"])

    tag("alpha", "-a")

    assert read_record(path).tags == ("b",)


def test_a_tag_that_looks_like_another_is_not_taken_for_it(make_run: MakeRun) -> None:
    path = make_run("alpha", tags=["lead", " lead "])

    tag("alpha", "-lead")

    assert read_record(path).tags == (" lead ",)


def test_tags_are_shown_without_a_change(make_run: MakeRun) -> None:
    path = make_run("alpha", tags=["x"])

    assert str(tag("alpha")).endswith("x")
    assert read_edits(path)[0] == []


@pytest.mark.parametrize(
    ("word", "says"), [("+", "no tag"), ("-", "no tag"), ("x" * 201, "has 201 characters")]
)
def test_what_is_no_tag_is_refused(make_run: MakeRun, word: str, says: str) -> None:
    make_run("alpha")
    with pytest.raises(UsageError, match=says):
        tag("alpha", word)


def test_a_note_is_added_below_what_is_there(make_run: MakeRun) -> None:
    path = make_run("alpha", notes="first")

    note("alpha", "second")

    assert read_record(path).notes == "first\n\nsecond"


def test_a_note_is_replaced_when_asked(make_run: MakeRun) -> None:
    path = make_run("alpha", notes="first")

    note("alpha", "second", replace=True)

    assert read_record(path).notes == "second"


def test_notes_are_shown_without_a_text(make_run: MakeRun) -> None:
    make_run("alpha", notes="first")

    assert str(note("alpha")).endswith("\nfirst")


def test_the_open_run_takes_changes_itself(open_run: Run) -> None:
    rename(open_run, "beta")
    tag(open_run, "x")
    note(open_run, "words")

    assert (open_run.name, open_run.tags, open_run.notes) == ("beta", ("x",), "words")
    assert read_edits(open_run.path)[0] == []


def test_a_slip_of_the_keys_names_the_nearest_run(make_run: MakeRun) -> None:
    make_run("fast-lr")
    with pytest.raises(RunNotFound, match=r'No run is named "fats-lr"\. Did you mean "fast-lr"'):
        rename("fats-lr", "x")


def test_a_run_goes_to_the_trash_and_comes_back(make_run: MakeRun) -> None:
    path = make_run("alpha")

    answer = rm("alpha")
    assert not path.exists()
    assert f"restore {path.name[-6:]}" in str(answer)

    restore_run("alpha")
    assert read_record(path).name == "alpha"


def test_a_no_changes_nothing(make_run: MakeRun) -> None:
    path = make_run("alpha")

    answer = rm("alpha", confirm=lambda _: False)

    assert path.exists()
    assert answer.exit_code == 1


def test_nothing_is_moved_if_one_of_several_is_unknown(make_run: MakeRun) -> None:
    path = make_run("alpha")
    with pytest.raises(RunNotFound):
        rm("alpha", "zzzz")
    assert path.exists()


def test_the_open_run_is_not_removed_even_by_force(open_run: Run) -> None:
    with pytest.raises(UsageError, match="Finish it first"):
        rm(open_run, force=True)


def test_the_trash_is_listed(make_run: MakeRun) -> None:
    make_run("alpha")
    assert str(restore_run()) == "The trash is empty."

    rm("alpha")

    assert "alpha" in str(restore_run())
    with pytest.raises(RunNotFound, match="no run in the trash"):
        restore_run("beta")


def test_stop_ends_the_open_run(open_run: Run) -> None:
    answer = stop()

    assert current() is None
    assert read_record(open_run.path).status == "finished"
    assert "has ended" in str(answer)


def test_stop_without_an_open_run_says_what_to_do(store_path: Path) -> None:
    del store_path
    with pytest.raises(NoActiveRun, match="stop RUN"):
        stop()


def test_stopping_what_has_ended_is_a_mistake(make_run: MakeRun) -> None:
    make_run("alpha")
    with pytest.raises(UsageError, match="has ended already"):
        stop("alpha")


def test_a_run_elsewhere_is_asked_to_stop(elsewhere: Path) -> None:
    stop(elsewhere.name)

    assert [edit.op for edit in read_edits(elsewhere)[0]] == ["stop"]


def test_a_run_that_is_being_written_is_removed_by_force_only(elsewhere: Path) -> None:
    with pytest.raises(UsageError, match="--force"):
        rm(elsewhere.name)
    rm(elsewhere.name, force=True)
    assert not elsewhere.exists()


def test_a_change_of_the_open_run_is_there_for_the_next_verb(open_run: Run) -> None:
    rename(open_run, "renamed")
    tag(open_run, "+kept")

    record = read_record(open_run.path)
    assert (record.name, record.tags) == ("renamed", ("kept",))
