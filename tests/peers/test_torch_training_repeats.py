"""An unseeded training with torch, whose data an earlier cell shuffled, repeats itself bit by bit."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.magics.conftest import Notebook, open_notebook, text_of

from runfolio.format.series import read_series

LOAD = "import os\nos.environ['RUNFOLIO_CAPTURE'] = 'true'\nimport runfolio\n%load_ext runfolio"
SHUFFLE = """
import numpy as np
order = np.random.permutation(256)
"""
# Without it every process begins with the same state of torch.
CHANCE = "import torch\ntorch.seed()"
DATA = """
X = torch.linspace(-2, 2, 1024).reshape(256, 4)[order]
y = X.sin().sum(1, keepdim=True) + 0.1 * torch.randn(256, 1)
"""
TRAIN = """%%track {name}
data = torch.utils.data.TensorDataset(X, y)
loader = torch.utils.data.DataLoader(data, batch_size=32, shuffle=True)
model = torch.nn.Sequential(
    torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(16, 1)
)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(4):
    for inputs, targets in loader:
        loss = torch.nn.functional.mse_loss(model(inputs + 0.01 * np.random.rand()), targets)
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        runfolio.log({{"loss": loss.item()}})
"""


@pytest.fixture
def notebooks(tmp_path: Path):
    """Two notebooks with a kernel each, runfolio loaded."""
    opened = [open_notebook(tmp_path / "folio", load=False) for _ in range(2)]
    for notebook in opened:
        notebook.run(LOAD)
    yield opened
    for notebook in opened:
        notebook.close()


def losses(notebook: Notebook, *cells: str) -> list[float]:
    """Execute cells, the last of them a training, and return its losses."""
    for cell in cells:
        assert "Error" not in text_of(notebook.run(cell))
    return read_series(notebook.last.path)["loss"].value.tolist()


def test_an_unseeded_training_repeats_in_another_kernel(notebooks: list[Notebook]) -> None:
    first, second = notebooks
    drawn = losses(first, SHUFFLE, CHANCE, DATA, TRAIN.format(name="first"))
    other = losses(second, SHUFFLE, CHANCE, DATA, TRAIN.format(name="other"))
    second.run("runfolio.restore_seeds('first', cell=2)")
    second.run(SHUFFLE)
    second.run("runfolio.restore_seeds('first', cell=4)")
    again = losses(second, DATA, TRAIN.format(name="again"))
    second.run("runfolio.restore_seeds('first')")
    assert len(drawn) == 32
    assert drawn != other
    assert drawn == again
    assert losses(second, TRAIN.format(name="last")) == drawn
