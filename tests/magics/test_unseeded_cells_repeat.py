"""A training without any seed, whose data an earlier cell shuffled, repeats itself bit by bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.magics.conftest import Notebook, text_of

from runfolio.format.events import read_events
from runfolio.format.series import read_series

LOAD = "import os\nos.environ['RUNFOLIO_CAPTURE'] = 'true'\nimport runfolio\n%load_ext runfolio"
SHUFFLE = """
import numpy as np
X = np.linspace(-1, 1, 400).reshape(100, 4)
y = X @ [1.0, -2.0, 3.0, 0.5]
order = np.random.permutation(100)
X, y = X[order], y[order] + 0.1 * np.random.randn(100)
rng = np.random.default_rng()
class Noise:
    def __init__(self):
        self._rngs = {"dropout": np.random.default_rng()}
    def mask(self):
        return self._rngs["dropout"].random(4) < 0.8
noise = Noise()
"""
TRAIN = """%%track {name}
import random
w = rng.standard_normal(4)
for step in range(20):
    batch = random.sample(range(100), 8)
    error = X[batch] @ w - y[batch]
    w -= 0.1 * (X[batch].T @ error) / 8 * noise.mask() * (np.random.rand(4) < 0.8)
    runfolio.log({{"loss": float(error @ error)}})
"""


def losses(notebook: Notebook) -> list[float]:
    """Return the losses of the newest run."""
    return read_series(notebook.last.path)["loss"].value.tolist()


def trained(notebook: Notebook, name: str) -> list[float]:
    """Train once and return the losses."""
    assert text_of(notebook.run(TRAIN.format(name=name))).count("Error") == 0
    return losses(notebook)


def rng_events(folder: Path) -> list[tuple[int, set[str]]]:
    """Return which generators each cell found changed."""
    return [(event["cell"], set(event["states"])) for event in read_events(folder, ["rng"])]


def test_an_unseeded_training_and_the_shuffle_before_it_repeat_in_another_kernel(
    new_notebook: Callable[..., Notebook],
) -> None:
    first = new_notebook(load=False)
    first.run(LOAD)
    first.run(SHUFFLE)
    drawn = trained(first, "first")
    told = rng_events(first.last.path)

    second = new_notebook(load=False)
    second.run(LOAD)
    second.run(SHUFFLE)
    assert trained(second, "other") != drawn
    answer = second.run("runfolio.restore_seeds('first', cell=2)")
    second.run(SHUFFLE.replace("default_rng()", "default_rng(1)"))  # a new one, whatever its seed
    second.run("runfolio.restore_seeds('first', cell=3)")
    assert trained(second, "again") == drawn

    assert "numpy" in text_of(answer)
    # Numpy came with cell 2, which drew from it at once; cell 3 found it and its own generator.
    assert [cell for cell, generators in told if "numpy" in generators] == [2, 3]
    assert [cell for cell, generators in told if "variable:rng" in generators] == [3]


def test_the_start_of_a_run_is_enough_to_repeat_its_own_cells(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook(load=False)
    notebook.run(LOAD)
    notebook.run(SHUFFLE)
    drawn = trained(notebook, "first")
    assert trained(notebook, "other") != drawn
    notebook.run("runfolio.restore_seeds('first')")
    assert trained(notebook, "again") == drawn
    beyond = notebook.run("runfolio.restore_seeds('first', cell=9)")
    assert "knows the states before the cells 1 to 3" in text_of(beyond)
    within = notebook.run("runfolio.restore_seeds('first', cell=1)")
    assert "Tracking began within cell 1" in text_of(within)
