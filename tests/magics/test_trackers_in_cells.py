"""A tracker that a library starts in a tracked cell joins the run of the cell, and leaves it open."""

from __future__ import annotations

from collections.abc import Callable

from tests.magics.conftest import Notebook

from runfolio.model.run import Status

CELL = """%%track boosted
import xgboost
from runfolio.integrations.xgboost import RunfolioCallback
from sklearn.datasets import load_digits
from tensorboardX import SummaryWriter
x, y = load_digits(return_X_y=True)
data = xgboost.DMatrix(x, y)
xgboost.train({"objective": "multi:softprob", "num_class": 10}, data, 3, evals=[(data, "train")],
              verbose_eval=False, callbacks=[RunfolioCallback()])
runfolio.init(sync_tensorboard=True)
SummaryWriter("logs").add_scalar("written", 1, 3)
runfolio.log({"after": 1})
"""


def test_a_training_in_a_tracked_cell_is_part_of_its_run(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook()
    cell = notebook.run(CELL)
    (record,) = notebook.runs()
    assert [output.get("evalue") for output in cell.outputs if output.output_type == "error"] == []
    assert (record.name, record.status) == ("boosted", Status.FINISHED)
    assert {name: one.n for name, one in record.metrics.items()} == {
        "train/mlogloss": 3, "written": 1, "after": 1,
    }  # fmt: skip
    assert record.config["max_depth"] == 6
