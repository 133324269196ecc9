"""A tracked cell shows, raises and computes what it would without %%track, in a real kernel."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.magics.conftest import Notebook, text_of

BODIES = {
    "the last expression is shown": "x = 20\nx + 1",
    "a semicolon hides it": "x = 20\nx + 1;",
    "await works": "import asyncio\nawait asyncio.sleep(0, result='slept')",
    "an exception names the true line": "def f():\n    return 1 / 0\n\nf()",
    "an exception after await names the true line": "import asyncio\nawait asyncio.sleep(0)\n1 / 0",
    "a slip names the true line": "x = 1\nif x\n    pass",
    "print and display keep their order": "print('a')\ndisplay('b')\nprint('c')",
    "shell lines, magics and help": "out = !echo shell\nprint(out)\n%pwd\nlen?",
    "exit is told": "import warnings\nwarnings.simplefilter('ignore')\nraise SystemExit(3)",
    "a warning names the true line": "import warnings\n\nwarnings.resetwarnings()\n"
    "warnings.warn('careful', stacklevel=1)",
    "an async loop": "async def g():\n    yield 1\n\n[i async for i in g()]",
}
MAGICS = {
    "time": "%%time\nx = 3\nx",
    "time with an error": "%%time\nx = 3\nx / 0",
    "bash": "%%bash\necho from bash",
    "capture": "%%capture out\nprint('hidden')",
    "an unknown magic": "%%nosuch\nx",
}


def outputs(cell: Any) -> str:
    """Return a cell's outputs without counts, temporary names, colours and measured times."""
    text = repr([{k: v for k, v in o.items() if k != "execution_count"} for o in cell.outputs])
    text = re.sub(r"\\x1b\[[\d;]*m", "", text)
    text = re.sub(r"In\s?\[\d+\]|ipykernel_\d+/\d+|\d+\.py", "IN", text)
    text = re.sub(r"(# comment|%%track same)", "FIRST", text)
    return re.sub(r"[\d.]+(?:e[+-]?\d+)? [µμnm]?s\b", "T", text)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_tracked_cell_behaves_as_with_a_comment_on_its_first_line(
    notebook: Notebook, body: str
) -> None:
    plain = outputs(notebook.run(f"# comment\n{body}"))
    tracked = outputs(notebook.run(f"%%track same\n{body}"))

    assert tracked.replace("FIRST", "") == plain.replace("FIRST", "")


@pytest.mark.parametrize("cell", MAGICS.values(), ids=MAGICS)
def test_a_cell_magic_below_behaves_as_on_the_first_line(notebook: Notebook, cell: str) -> None:
    assert outputs(notebook.run(f"%%track same\n{cell}")) == outputs(notebook.run(cell))


def test_variables_and_history_are_the_users_own(notebook: Notebook) -> None:
    notebook.run("before = set(dir())")
    notebook.run("%%track own\nmine = 5\nmine + 1")
    cell = notebook.run("_, mine, In[-2], sorted(n for n in set(dir()) - before if n[0] != '_')")

    assert text_of(cell) == r"(6, 5, '\nmine = 5\nmine + 1', ['before', 'mine'])"


def test_help_on_the_magic_tells_how_to_write_it(notebook: Notebook) -> None:
    cell = notebook.run("%%track --help\nprint('ran')")

    assert "--config" in text_of(cell)
    assert "\nran" not in text_of(cell)
