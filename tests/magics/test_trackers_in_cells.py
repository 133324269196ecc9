"""A tracker that a library starts in a tracked cell joins the run of the cell, and leaves it open."""

from __future__ import annotations

from collections.abc import Callable

from tests.magics.conftest import Notebook, text_of

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


FIT = """%%track fitted
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import cross_val_score
DummyClassifier().fit([[0], [1]], [0, 1])
"""


def test_a_fit_logs_by_itself_between_autolog_on_and_off(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook()
    on = text_of(notebook.run("%track autolog on sklearn"))
    assert on.strip() == "Trainings log by themselves once imported: scikit-learn."
    notebook.run(FIT)
    assert notebook.last.metrics["fit/seconds"].n == 1
    assert notebook.last.config["model_class"] == "DummyClassifier"
    assert "no run is open" in text_of(notebook.run("DummyClassifier().fit([[0]], [0]); None"))
    assert text_of(notebook.run("DummyClassifier().fit([[0]], [0]); None")) == ""
    status = text_of(notebook.run("%track autolog status"))
    assert status.strip() == "Trainings log by themselves: scikit-learn."
    off = text_of(notebook.run("%track autolog off"))
    assert off.strip() == "Nothing logs by itself."
    notebook.run(FIT)
    assert notebook.last.metrics == {}
    wrong = text_of(notebook.run("%track autolog of"))
    assert wrong.strip() == 'UsageError: "of" is none of on, off, status.'
