"""A mistyped %%track or %track is one line with the right spelling; nothing of the cell runs."""

from __future__ import annotations

import pytest
from tests.magics.conftest import Notebook, text_of


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("%%track --tga x", "--tag"),
        ("%%track runs", "%track runs"),
        ("%%track sweep", "sweep"),
        ("%%track one two three", '"one two three"'),
        ("%%track -c lr", "NAME=VALUE"),
        ("%%time\n%%track x", "above %%time"),
        ("%%track a\n%%track b", "one %%track line"),
    ],
)
def test_a_mistaken_track_line_runs_nothing(notebook: Notebook, line: str, hint: str) -> None:
    count = len(notebook.runs())
    cell = notebook.run(f"{line}\nran = True")
    after = notebook.run("'ran' in dir()")

    assert {output.output_type for output in cell.outputs} == {"stream"}
    assert hint in text_of(cell)
    assert text_of(cell).startswith("UsageError: ")
    assert text_of(cell).count("\n") == 1
    assert text_of(after) == "False"
    assert len(notebook.runs()) == count


def test_a_track_line_with_nothing_below_says_so(notebook: Notebook) -> None:
    assert "nothing below %%track baseline" in text_of(notebook.run("%%track baseline"))


def test_a_track_line_below_others_is_told_where_it_goes(notebook: Notebook) -> None:
    text = text_of(notebook.run("x = 1\n%%track late\ny = 2"))

    assert text == "UsageError: %%track goes on the first line of the cell, above all else.\n"


def test_a_cell_that_is_not_python_opens_no_run(notebook: Notebook) -> None:
    count = len(notebook.runs())
    notebook.run("%%track slip\nif True print(1)")

    assert len(notebook.runs()) == count


@pytest.mark.parametrize(
    ("line", "hint"), [("%track rnus", '"runs"'), ("%track tag", "RUN"), ("%track diff", "diff")]
)
def test_a_mistaken_verb_is_one_line(notebook: Notebook, line: str, hint: str) -> None:
    text = text_of(notebook.run(line))

    assert text.startswith("UsageError: ")
    assert hint in text
    assert "Traceback" not in text
