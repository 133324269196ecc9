"""How a %track line is read: options as a shell splits them, a query as it is written."""

from __future__ import annotations

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from runfolio.magics.questions import TrackQuestion
from runfolio.magics.words import words_of


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("runs", ["runs"]),
        ("  runs \t  a   b ", ["runs", "--", "a   b"]),
        ('runs tag:"two words"', ["runs", "--", 'tag:"two words"']),
        ("runs --json lr<1", ["runs", "--json", "--", "lr<1"]),
        ("runs lr<1 --all tag:a --json", ["runs", "--all", "--json", "--", "lr<1 tag:a"]),
        ('runs --columns "val acc,lr" lr<1', ["runs", "--columns", "val acc,lr", "--", "lr<1"]),
        ("runs --columns=lr x", ["runs", "--columns=lr", "--", "x"]),
        ("runs --columns", ["runs", "--columns"]),
        ("runs --clumns lr", ["runs", "--clumns", "--", "lr"]),
        ("runs lr > -1 sort: --x", ["runs", "--", "lr > -1 sort: --x"]),
        ("runs -x", ["runs", "--", "-x"]),
        ("runs --json -- --all", ["runs", "--json", "--", "--all"]),
        ("runs \"a --json\" '--all'", ["runs", "--", "\"a --json\" '--all'"]),
        ('runs "a --json', ["runs", "--", '"a --json']),
        ('runs sort:-"a --all"', ["runs", "--", 'sort:-"a --all"']),
        ("report tag:a -o 'my page.html'", ["report", "-o", "my page.html", "--", "tag:a"]),
        ("report -opage.html tag:a", ["report", "-opage.html", "--", "tag:a"]),
        ("report lr<1 -m a -m b", ["report", "-m", "a", "-m", "b", "--", "lr<1"]),
        ('compare "two words" b --by lr', ["compare", "--by", "lr", "--", "two words", "b"]),
        ('compare "a=b" @last', ["compare", "--", "a=b", "@last"]),
        ('compare tag:"two words" lr<1', ["compare", "--", 'tag:"two words" lr<1']),
        ("compare -m loss", ["compare", "-m", "loss"]),
        ("media wide deep --step 4", ["media", "--step", "4", "--", "wide", "deep"]),
        ("media tag:a lr<1 -k val/*", ["media", "-k", "val/*", "--", "tag:a lr<1"]),
        ('tag @last "two words" -x', ["tag", "@last", "two words", "-x"]),
        ("note @last it's better", ["note", "@last", "it's", "better"]),
    ],
)
def test_options_are_taken_out_and_a_query_stays(line: str, words: list[str]) -> None:
    assert words_of(line) == words


@pytest.fixture
def transformed() -> TransformerManager:
    manager = TransformerManager()
    manager.token_transformers.append(TrackQuestion)
    return manager


@pytest.mark.parametrize(
    ("cell", "called"),
    [
        ("%track runs name:run?", "runs name:run?"),
        ("x = 1\nif x:\n    %track runs name:run-1?\ny = 2", "runs name:run-1?"),
        ("%track runs a b??", "runs a b??"),
        ("%track runs?", "runs --help"),
        ("%track compare??", "compare --help"),
    ],
)
def test_a_question_mark_belongs_to_the_line(
    transformed: TransformerManager, cell: str, called: str
) -> None:
    lines = transformed.transform_cell(cell).splitlines()

    assert [line.strip() for line in lines if "track" in line] == [
        f"get_ipython().run_line_magic('track', {called!r})"
    ]
    assert len(lines) == len(cell.splitlines())


@pytest.mark.parametrize(
    "cell", ["%track?", "%track nonsense?", "x = '''\n%track runs a?\n'''", "runs?"]
)
def test_other_question_marks_are_left_to_ipython(
    transformed: TransformerManager, cell: str
) -> None:
    assert transformed.transform_cell(cell) == TransformerManager().transform_cell(cell)
