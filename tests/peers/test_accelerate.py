"""Accelerate's tracker: what Accelerate asks of every tracker, and what is in the run afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from tests.integrations.conftest import media_of

import runfolio
from runfolio.errors import UsageError
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.model.run import RunRecord, Status
from runfolio.store.store import Store


@pytest.fixture(autouse=True)
def accelerate(store_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The package, its state as of a new process."""
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    monkeypatch.chdir(tmp_path)
    import accelerate

    accelerate.PartialState._reset_state()
    accelerate.state.AcceleratorState._reset_state()
    return accelerate


def tracker(*given: Any, **more: Any) -> Any:
    from runfolio.integrations.accelerate import RunfolioTracker

    return RunfolioTracker(*given, **more)


def accelerator(accelerate: Any, one: Any) -> Any:
    return accelerate.Accelerator(log_with=one, cpu=True)


def only(store_path: Path) -> RunRecord:
    (record,) = Store(store_path).records()
    return record


# What Accelerate asks of every tracker


def test_the_configuration_is_recorded(accelerate, store_path: Path) -> None:
    config = {"iterations": 12, "lr": 1e-2, "flag": False, "name": "some_value", "none": None}
    one = accelerator(accelerate, tracker("digits", name="first"))
    one.init_trackers("ignored", config)
    one.end_training()
    record = only(store_path)
    assert record.config == config
    assert (record.project, record.name, record.status) == ("digits", "first", Status.FINISHED)
    assert record.config_source["lr"] == "accelerate"


def test_values_are_logged_at_their_steps(accelerate, store_path: Path) -> None:
    import torch

    one = accelerator(accelerate, tracker())
    one.init_trackers("some")
    one.log({"loss": 0.1, "tensor": torch.tensor(1), "text": "some_value", "of": {"a": 2}})
    one.log({"loss": 0.2})
    one.log({"loss": 0.3}, step=3)
    one.end_training()
    series = read_series(only(store_path).path)
    assert series["loss"].step.tolist() == [0, 1, 3]
    assert (series["tensor"].value.tolist(), series["of.a"].value.tolist()) == ([1], [2])


def test_two_trackers_of_one_run_log_each_row_once(accelerate) -> None:
    with runfolio.init() as run:
        one = accelerator(accelerate, [tracker(), tracker()])
        one.init_trackers("some")
        one.log({"loss": 0.1}, step=1)
        one.log({"loss": 0.2})
    assert read_series(run.path)["loss"].value.tolist() == [0.1, 0.2]
    assert read_record(run.path).metrics["loss"].n == 2


def test_pictures_and_tables_are_logged(accelerate, store_path: Path) -> None:
    one = accelerator(accelerate, tracker())
    one.init_trackers("some")
    mine = one.get_tracker("runfolio")
    mine.log_images({"seen": list(load_digits().images[:2] / 16)}, step=0, caption="a digit")
    mine.log_table("frame", dataframe=pd.DataFrame({"a": [1, 2]}), step=0)
    mine.log_table("rows", columns=["a"], data=[[1], [2]], step=1)
    one.end_training()
    items = media_of(only(store_path))
    assert [item.key for item in items].count("seen") == 2
    assert {"frame", "rows"} <= {item.key for item in items}


def test_the_run_is_what_is_unwrapped(accelerate) -> None:
    with runfolio.init() as run:
        one = accelerator(accelerate, tracker())
        one.init_trackers("some")
        assert one.get_tracker("runfolio", unwrap=True) is run
        one.end_training()
        assert run.status is Status.RUNNING


def test_nothing_of_the_processes_is_asked_before_the_accelerator_knows(accelerate) -> None:
    mine = tracker()
    assert accelerate.PartialState._shared_state == {}
    accelerator(accelerate, mine)
    assert accelerate.PartialState._shared_state != {}
    assert runfolio.run is None


def test_other_processes_than_the_main_one_log_nothing(accelerate, monkeypatch) -> None:
    one = accelerator(accelerate, tracker())
    monkeypatch.setitem(accelerate.PartialState._shared_state, "process_index", 1)
    monkeypatch.setitem(accelerate.PartialState._shared_state, "distributed_type", "MULTI_CPU")
    mine = one.log_with[0]
    mine.start()
    mine.log({"a": 1})
    mine.store_init_configuration({"b": 1})
    assert mine.tracker is None
    assert runfolio.run is None


# A training


@pytest.mark.filterwarnings("ignore:.*pin_memory:UserWarning")
def test_a_training_is_in_the_open_run(accelerate) -> None:
    import torch

    x, y = (torch.tensor(part[:640]) for part in load_digits(return_X_y=True))
    with runfolio.init() as run:
        one = accelerator(accelerate, tracker())
        one.init_trackers("digits", {"lr": 0.1})
        model = torch.nn.Linear(64, 10)
        data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x.float(), y), 64)
        model, optimizer, data = one.prepare(
            model, torch.optim.Adam(model.parameters(), 0.01), data
        )
        for inputs, labels in data:
            loss = torch.nn.functional.cross_entropy(model(inputs), labels)
            one.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
            one.log({"train/loss": loss})
        one.end_training()
    values = read_series(run.path)["train/loss"].value
    assert len(values) == 10
    assert values[-1] < values[0]
    assert read_record(run.path).config["lr"] == 0.1


@pytest.mark.slow
def test_of_two_processes_the_main_one_logs(store_path: Path, tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text(
        "from accelerate import Accelerator, debug_launcher\n"
        "from runfolio.integrations.accelerate import RunfolioTracker\n"
        "def train():\n"
        "    one = Accelerator(log_with=RunfolioTracker('digits'), cpu=True)\n"
        "    assert one.num_processes == 2\n"
        "    one.init_trackers('digits', {'lr': 1})\n"
        "    one.log({'rank': one.process_index}, step=0)\n"
        "    one.end_training()\n"
        "if __name__ == '__main__':\n"
        "    debug_launcher(train, num_processes=2)\n"
    )
    done = subprocess.run([sys.executable, program], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    record = only(store_path)
    assert (record.status, record.config) == (Status.FINISHED, {"lr": 1})
    assert read_series(record.path)["rank"].value.tolist() == [0]


def test_a_tracker_that_is_used_again_opens_another_run(accelerate, store_path: Path) -> None:
    mine = tracker()
    for loss in (0.1, 0.2):
        one = accelerator(accelerate, mine)
        one.init_trackers("some")
        one.log({"loss": loss})
        one.end_training()
    assert [record.metrics["loss"].n for record in Store(store_path).records()] == [1, 1]


def test_a_loss_that_turns_nan_is_logged_as_it_is(accelerate) -> None:
    with runfolio.init() as run:
        one = accelerator(accelerate, tracker())
        one.init_trackers("some")
        one.log({"loss": float("nan")})
    assert np.isnan(read_series(run.path)["loss"].value).all()


def test_a_run_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="expected"):
        tracker(run="abc")
