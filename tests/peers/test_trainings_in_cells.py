"""In a notebook: a tracker that a library starts in a tracked cell joins the run of the cell."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.docs.test_integrations_page import PROMISED, SECTIONS
from tests.magics.conftest import Notebook, open_notebook, text_of

from runfolio.model.run import Status

FAILS = """
import keras
from runfolio.integrations.keras import RunfolioCallback
from sklearn.datasets import load_digits
X, y = load_digits(return_X_y=True)
class Raises(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise ZeroDivisionError("by nothing")
model = keras.Sequential([keras.layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(X, y, epochs=2, verbose=0, callbacks=[RunfolioCallback(), Raises()])
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A kernel that sees the libraries."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KERAS_BACKEND", "torch")
        environment.setenv("HF_HUB_OFFLINE", "1")
        opened = open_notebook(tmp_path_factory.mktemp("notebook") / "folio")
    yield opened
    opened.close()


def program(section: str) -> str:
    """Return a section's program without the line that opens a run; its block stays one."""
    (text,) = re.findall(r"```python\n(.*?)```", SECTIONS[section], re.DOTALL)
    opened = re.sub(r"with runfolio\.init\([^)]*\)(?: as run)?:", "if True:", text)
    return opened.replace("run.", "runfolio.run.")


# Hydra takes its settings from a command line, and a trial of Optuna is a run of its own.
@pytest.mark.parametrize("section", sorted(PROMISED.keys() - {"SummaryWriter", "Hydra", "Optuna"}))
def test_what_a_library_logs_in_a_tracked_cell_is_in_its_run(
    section: str, notebook: Notebook
) -> None:
    before = len(notebook.runs())
    cell = notebook.run(
        f"%%track '{section} here'\n{program(section)}\nrunfolio.log({{'after': 1}})"
    )
    assert "Error" not in text_of(cell)
    (record,) = notebook.runs()[before:]
    assert (record.name, record.status) == (f"{section} here", Status.FINISHED)
    assert PROMISED[section][1] | {"after"} <= set(record.metrics)


def test_a_training_that_raises_in_a_cell_ends_its_own_run_with_the_cell(
    notebook: Notebook,
) -> None:
    before = len(notebook.runs())
    for _ in range(2):
        assert "by nothing" in text_of(notebook.run(FAILS))
        assert "None" in text_of(notebook.run("print(runfolio.run)"))
    found = notebook.runs()[before:]
    assert [record.status for record in found] == [Status.FAILED, Status.FAILED]
    assert {record.note for record in found} == {"ZeroDivisionError: by nothing"}


def test_a_training_that_raises_in_a_tracked_cell_fails_with_it(notebook: Notebook) -> None:
    before = len(notebook.runs())
    notebook.run(f"%%track fails\n{FAILS}")
    (record,) = notebook.runs()[before:]
    assert (record.status, record.metrics["train/loss"].n) == (Status.FAILED, 1)
