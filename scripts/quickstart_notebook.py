"""Write notebooks/quickstart.ipynb; the notebook is made here so that its text can be read in a diff."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

TARGET = Path(__file__).parents[1] / "notebooks" / "quickstart.ipynb"

TRAIN = """\
%%track {name}{options}
lr, hidden, batch, epochs = {lr}, {hidden}, 64, {epochs}
net = MLPClassifier((hidden,), learning_rate_init=lr, random_state=0)
step = 0
for epoch in range(epochs):
    for x, y in batches(batch):
        net.partial_fit(x, y, classes=range(10))
        runfolio.log({{"train/loss": net.loss_, "lr": lr}}, step=step)
        step += 1
    runfolio.log({{"val/acc": net.score(x_val, y_val)}}, step=step - 1)
"""

CELLS = [
    new_markdown_cell(
        "# runfolio in five minutes\n\n"
        "A run is one plain folder. Put `%%track NAME` on top of a cell and train as always: the "
        "code, the settings, the environment, the seeds and every point are kept, and the card "
        "below the cell stays in the saved notebook.",
        id="title",
    ),
    new_code_cell("import runfolio\n\n%load_ext runfolio", id="load"),
    new_markdown_cell(
        "## Real images, a small network\n\nEight by eight pixels, 1,797 handwritten digits.",
        id="data-title",
    ),
    new_code_cell(
        "import numpy as np\n"
        "from sklearn.datasets import load_digits\n"
        "from sklearn.model_selection import train_test_split\n"
        "from sklearn.neural_network import MLPClassifier\n"
        "\n"
        "images, labels = load_digits(return_X_y=True)\n"
        "x_train, x_val, y_train, y_val = train_test_split(\n"
        "    images / 16.0, labels, test_size=0.25, random_state=0, stratify=labels\n"
        ")\n"
        "\n"
        "rng = np.random.default_rng(0)\n"
        "\n"
        "\n"
        "def batches(size):\n"
        "    order = rng.permutation(len(x_train))\n"
        "    for first in range(0, len(order) - size, size):\n"
        "        rows = order[first : first + size]\n"
        "        yield x_train[rows], y_train[rows]",
        id="data",
    ),
    new_markdown_cell("## Three runs", id="runs-title"),
    new_code_cell(
        TRAIN.format(name="baseline", options=" --tag first", lr="1e-3", hidden=32, epochs=8),
        id="baseline",
    ),
    new_code_cell(TRAIN.format(name="wide", options="", lr="1e-3", hidden=128, epochs=8), id="wide"),
    new_code_cell(
        TRAIN.format(name="fast-lr", options="", lr="1e-2", hidden=64, epochs=8), id="fast"
    ),
    new_markdown_cell(
        "## Which one was it?\n\n"
        "The table shows only what differs. The query is the same in the terminal "
        "(`runfolio runs`) and in Python (`runfolio.runs`).",
        id="table-title",
    ),
    new_code_cell("%track runs sort:-val/acc", id="table"),
    new_code_cell('runfolio.runs("lr>=1e-3").frame()[["name", "config.lr", "metrics.val/acc"]]', id="frame"),
    new_code_cell("%track show @best:val/acc", id="show"),
    new_markdown_cell(
        "## The journal\n\n"
        "Every run has an entry: what changed, what came out. The three headings are yours; your "
        "words are never overwritten.",
        id="journal-title",
    ),
    new_code_cell("%track journal @last", id="journal"),
    new_code_cell("%track status", id="status"),
]


def main() -> None:
    """Write the notebook."""
    notebook = new_notebook(cells=CELLS)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.validate(notebook)
    TARGET.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
