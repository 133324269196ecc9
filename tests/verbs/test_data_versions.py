"""A version of a data set and the difference of two, wherever they are shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.artifact_store import ArtifactStore

from runfolio.cli.main import main
from runfolio.errors import UsageError
from runfolio.verbs.data_versions import data_version_diff_view, data_version_view

ONE = b"id,x,c\n1,0.5,a\n2,1.5,b\n3,2.5,a\n"
TWO = b"id,x,c,new\n1,0.5,a,1\n2,9.5,b,1\n4,2.5,,1\n"


@pytest.fixture
def made(store_path: Path) -> ArtifactStore:
    """Return the store of this process with two versions of a data set."""
    made = ArtifactStore(store_path)
    made.version("digits", {"d.csv": ONE})
    made.version("digits", {"d.csv": TWO, "readme.md": b"x"})
    return made


def test_a_version_shows_columns_statistics_and_first_rows(made: ArtifactStore) -> None:
    lines = str(data_version_view("digits:v0")).splitlines()

    assert lines[0] == "digits:v0  dataset · 1 file · 31 B"
    assert lines[3].split() == [
        "column",
        "type",
        "missing",
        "distinct",
        "min",
        "q25",
        "q50",
        "mean",
        "q75",
        "max",
        "std",
    ]
    assert " 3 rows × 3 columns" in lines
    assert " 1   0.5  a" in lines


def test_a_difference_shows_files_columns_rows_and_values(made: ArtifactStore) -> None:
    said = str(data_version_diff_view("digits:v0", "v1"))

    for words in (
        "digits:v0 → digits:v1", "1 changed, 1 added, 31 B → 41 B", "new  – → BIGINT",
        "3 rows, 1 changed, 1 added, 1 removed", "told apart by id", "x 1.5 → x 9.5  changed",
        "missing 0\u2009% → 33\u2009%", "33\u2009% moved",
    ):  # fmt: skip
        assert words in said


def test_versions_of_the_same_content_show_that_nothing_differs(made: ArtifactStore) -> None:
    assert str(data_version_diff_view("digits:v0", "v0")).splitlines() == [
        "digits:v0 → digits:v0", "files       1 the same, 31 B → 31 B", "the same    d.csv",
    ]  # fmt: skip


def test_pages_and_messages_and_machines_get_the_same(made: ArtifactStore) -> None:
    view = data_version_diff_view("digits:v0", "digits:v1")

    told = json.loads(view.to_json())
    assert told["tables"][0]["rows"]["changed"] == 1
    assert "<b>x 9.5</b>" in view.to_html()
    assert "**x 9.5**" in view.to_markdown()


def test_a_version_is_told_in_every_form(made: ArtifactStore) -> None:
    view = data_version_view("digits")

    assert json.loads(view.to_json())["profile"]["tables"][0]["rows"] == 3
    assert view.to_html().count("<table") == 2
    assert "| id | BIGINT |" in view.to_markdown()


def test_a_content_that_is_gone_is_told(made: ArtifactStore) -> None:
    for path in made.blobs.root.glob("*/*"):
        path.unlink()

    lines = str(data_version_view("digits:v0")).splitlines()

    assert lines[1:] == [
        "  d.csv: its content is not in the store",
        "  none of its files is read as a table, so no columns and rows are shown",
    ]


def test_a_version_that_is_not_there_is_named(made: ArtifactStore) -> None:
    with pytest.raises(UsageError, match="v9"):
        data_version_diff_view("digits:v0", "v9")


def test_hostile_names_and_values_act_nowhere(made: ArtifactStore) -> None:
    bad = "<img src=x onerror=alert(1)>\x1b]0;t\x07\u202e|`"
    for value in ("1", "2"):
        made.version("odd", {f"{n}.csv": f'id,"{bad}"\n1,"{bad}{value}"\n'.encode() for n in "ab"})

    for view in (data_version_view("odd"), data_version_diff_view("odd:v0", "odd:v1")):
        assert "<img" not in (view.to_html() or "")
        said = {*str(view), *(view.to_html() or ""), *view.to_markdown(), *view.to_json()}
        assert not {"\x1b", "\x07", "\u202e"} & said


def test_lines_keep_to_the_width_of_the_terminal(made: ArtifactStore) -> None:
    text = data_version_view("digits").text(72).plain.splitlines()

    assert max(map(len, text)) <= 72


def test_the_command_shows_a_version_and_a_difference(
    made: ArtifactStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["artifacts", "digits:v0"]) == 0
    assert "3 rows × 3 columns" in capsys.readouterr().out

    assert main(["artifacts", "digits:v0", "--diff", "v1", "--key", "id"]) == 0
    assert "told apart by id" in capsys.readouterr().out
