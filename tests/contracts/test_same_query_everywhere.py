"""One text is one query: in Python, behind ``%track runs``, on the command line, in the widget."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from tests.shells import shell_here
from tests.store.conftest import set_up_store
from tests.widgets.table_page import Table

import runfolio
from runfolio.cli.main import main
from runfolio.errors import QueryError
from runfolio.format.codec import rfc3339
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest
from runfolio.magics.load import load_ipython_extension, unload_ipython_extension

NAMES = ("plain", "two words", 'say "hi"', "it's", r"back\slash", "a(b)|c", "run?", "star*", "#1",
         "$HOME", "{braces}", "a=b:c", "-dash", "--long", "é 雪", "semi;colon", "a  b")  # fmt: skip

QUERIES = (
    'tag:"two words"', "tag:'two words'", "tag:two words", '"two words"', 'name="a  b"', "name:'a  b'",
    r'''name:"say \"hi\""''', """name:'say "hi"'""", "name=it's", '''name:"it's"''', "it's",
    r"name:back\slash", r"name:back\\slash", r'name:"back\\slash"', r'name:"back\slash"',
    "name:a(b)|c", 'name:"a(b)|c"', "(name:plain)|", "a | b", "name:run?", "run?", "plai??", "name:star*",
    "*", "#1", "name:#1 # no comment", "name:$HOME", "$HOME", "name:{braces}", "{", "name:{0}", 'name:"a=b:c"',
    "name:semi;colon", ";", "lr > -1", "lr:-1..2 sort: -lr", "sort:-lr   limit: 3", "not -dash", "-dash",
    "name=-dash", 'name:"--long"', "name:--long", "(lr<1 or tag:x) not name:plain", 'sort:-"two words"',
    "lr<1\tand lr>0", "é", "name:é*", "`plain`", "%plain", "a\\", "name:~", "val/acc:missing",
)  # fmt: skip
"""Texts that a shell, a magic or a splitter of words could take for something else."""

WRONG = (
    "lr<", "  lr   <", 'name:"two', "name:'it", '"a"b', "(lr<1", "lr<1)", "a or", "not", "lrr<1",
    'tagg:"two words"', "status:finishd", "sort:-lrr", "limit:0", 'x="a b" lr<', "lr << 1", "lr<1  \t lr<",
    "lr:1..x name:(", r'name:"\" lr<', "$x<1", "{x}<1", "val/acc>high", "#1:2", "tag<x", "!plain",
)  # fmt: skip


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    with shell_here() as shell:
        load_ipython_extension(shell)
        yield shell
        unload_ipython_extension(shell)


@pytest.fixture(autouse=True)
def folio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of a run for each name, of which every second is tagged with it, too."""
    path = set_up_store(tmp_path, monkeypatch)
    path.mkdir(exist_ok=True)
    for n, name in enumerate(NAMES):
        document = {
            "format": 1, "id": f"20261122T2130{n:02d}-{n:06x}", "name": name, "status": "finished",
            "created_at": rfc3339(1_795_383_000_000 + n), "config": {"lr": n / 8, "two words": n},
            "tags": [name] if n % 2 else ["x"], "metrics": {"val/acc": {"n": 1, "last": n}} if n else {},
        }  # fmt: skip
        (path / str(document["id"])).mkdir()
        write_manifest(path / str(document["id"]), document, Disk())
    return path


Answer = list[str] | tuple[str, int]
"""The ids of the runs; or what is wrong, and at which character."""


def python(query: str) -> Answer:
    try:
        return [record.id for record in runfolio.runs(query)]
    except QueryError as error:
        return error.message, error.position


def told(text: str) -> tuple[str, int]:
    """Return what a shell says of a mistake: a sentence, the query, a mark below the character."""
    *sentence, _, mark = text.rstrip().split("\n")
    return "\n".join(sentence), mark.index("^") - 2


def command_line(query: str) -> Answer:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["runs", "--json", "--", query])
    return told(err.getvalue()) if code == 2 else [run["id"] for run in json.loads(out.getvalue())]


def magic(query: str, shell: Any) -> Answer:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        done = shell.run_cell(f"%track runs --json {query}")
    if not done.success:
        return told(str(done.error_before_exec or done.error_in_exec))
    return [run["id"] for run in json.loads(out.getvalue())]


def widget(query: str) -> Answer:
    table = Table()
    try:
        error = table.ask("facts", query=query)[0].get("error")
        if error is not None:
            return error["message"], error["position"]
        return table.ask("ids", first=0, end=500)[0]["ids"]
    finally:
        table.widget.end()


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_means_the_same_behind_every_door(query: str, shell: InteractiveShell) -> None:
    found = python(query)

    assert isinstance(found, list)
    assert command_line(query) == found
    assert magic(query, shell) == found
    assert widget(query) == found


@pytest.mark.parametrize("query", WRONG)
def test_a_mistake_is_shown_at_the_same_character(query: str, shell: InteractiveShell) -> None:
    found = python(query)

    assert isinstance(found, tuple)
    assert command_line(query) == found
    assert widget(query) == found
    message, position = magic(query, shell)
    # What stands before a query in a cell is no part of it.
    assert (message, position) == (found[0], found[1] - len(query) + len(query.lstrip()))


def test_every_text_of_this_page_finds_what_it_is_meant_to_find() -> None:
    names = {q: [run.name for run in runfolio.runs(q)] for q in QUERIES}

    assert names['tag:"two words"'] == names['"two words"'] == ["two words"]
    assert names["name:$HOME"] == names["$HOME"] == ["$HOME"]
    assert names["name:run?"] == names["run?"] == ["run?"]
    assert names[r'name:"back\\slash"'] == names[r"name:back\slash"] == [r"back\slash"]
    assert names["name:'a  b'"] == ["a  b"]


def test_in_a_shell_the_query_stands_in_single_quotes(folio: Path) -> None:
    line = f"{sys.executable} -m runfolio runs --json " + "'tag:\"two words\" lr<1e3'"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)

    assert [run["name"] for run in json.loads(done.stdout)] == ["two words"]


def test_a_magic_puts_the_values_of_variables_into_the_query(shell: InteractiveShell) -> None:
    shell.user_ns |= {"words": "two words", "most": 0.2}
    by_value = [run.id for run in runfolio.runs('tag:"two words" lr<0.2')]

    assert magic('tag:"{words}" lr<$most', shell) == by_value
    assert (
        magic("name:{{braces}}", shell)
        == magic('name:"{{braces}}"', shell)
        == [run.id for run in runfolio.runs("name:{braces}")]
    )
    assert magic("name:{words.nope} or name:$nope", shell) == []
