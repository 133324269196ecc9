"""What lands in a tracked cell's own output when its run has ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.magics.conftest import Notebook, open_notebook, text_of

CELL = "%%track {}\nfor i in range(20):\n    runfolio.log({{'train/loss': 1 / (i + 1)}})"


@pytest.fixture(scope="module")
def speaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A notebook in which runs are not silent, with one run made."""
    notebook = open_notebook(tmp_path_factory.mktemp("speaking") / "folio", silent=False)
    notebook.run(CELL.format("first"))
    yield notebook
    notebook.close()


def shown(cell: object) -> list[str]:
    """Return the richest kind of each output."""
    kinds = []
    for output in cell.outputs:
        data = output.get("data", {})
        rich = [k for k in ("image/png", "text/markdown", "text/plain") if k in data]
        kinds.append(rich[0] if rich else output.output_type)
    return kinds


def test_card_summary_and_journal_entry_are_saved_in_the_cell(speaking: Notebook) -> None:
    first = speaking.nb.cells[1]

    assert shown(first) == ["image/png", "text/plain", "text/markdown"]
    assert "first" in first.outputs[0].data["text/plain"]
    assert first.outputs[1].data["text/plain"].count("\n") == 4
    assert "runfolio-sheet" in first.outputs[1].data["text/html"]
    assert list(first.outputs[2].metadata["runfolio"]) == ["run_id", "version"]


def test_media_stand_below_the_card_within_what_one_run_may_add(speaking: Notebook) -> None:
    source = (
        "import numpy as np\nnoise = np.random.default_rng(0).integers(0, 255, (9, 300, 300, 3))"
    )
    log = "runfolio.log({'x': [runfolio.Image(one.astype('uint8')) for one in noise], 'loss': 1.0})"
    speaking.run(source)

    cell = speaking.run(f"%%track pictures\n{log}")

    card, media = (output.data for output in cell.outputs[:2])
    assert "image/png" in card
    assert "<img " in media["text/html"]
    assert "9 images 300 × 300" in media["text/plain"]
    assert sum(len(str(data)) for output in (card, media) for data in output.values()) < 310_000


def test_the_summary_of_what_was_captured_is_shown_once_only(speaking: Notebook) -> None:
    assert shown(speaking.run(CELL.format("second"))) == ["image/png", "text/markdown"]


def test_a_failed_cell_shows_its_error_first(speaking: Notebook) -> None:
    assert shown(speaking.run(CELL.format("third") + "\n1 / 0"))[0] == "error"


def test_a_run_of_many_cells_shows_its_card_where_it_was_started(speaking: Notebook) -> None:
    started = speaking.run("%track start whole")
    assert shown(speaking.run("runfolio.log({'a': 1})")) == []
    stopped = shown(speaking.run("%track stop"))

    assert "image/png" in shown(started)
    assert stopped == ["text/plain", "text/markdown"]


def test_a_verb_shows_its_view_where_it_stands(speaking: Notebook) -> None:
    cell = speaking.run("print('above')\n%track note first well done\nprint('below')")

    assert [o.output_type for o in cell.outputs] == ["stream", "display_data", "stream"]


def test_a_silent_run_shows_nothing(notebook: Notebook) -> None:
    assert text_of(notebook.run(CELL.format("quiet"))) == ""
