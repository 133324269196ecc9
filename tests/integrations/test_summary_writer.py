"""What a SummaryWriter writes is in the run, too, while the run is open, and nowhere afterwards."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from tensorboardX import SummaryWriter
from tests.integrations.conftest import Only, media_of

import runfolio
from runfolio.errors import NoActiveRun, RunfolioWarning, UsageError
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.integrations.tensorboard import mirror

ORIGINAL = vars(SummaryWriter)["add_scalar"]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:tensorboardX")


def test_scalars_are_in_the_run_at_their_steps_and_in_the_event_file(only: Only) -> None:
    with runfolio.init(sync_tensorboard=True), SummaryWriter("logs") as writer:
        for step in range(0, 30, 10):
            writer.add_scalar("loss", np.float32(step), global_step=step)
            writer.add_scalars("acc", {"train": step, "val": np.array([0.5])}, step)
    series = read_series(only().path)
    assert series["loss"].step.tolist() == [0, 10, 20]
    assert series["loss"].value.tolist() == [0, 10, 20]
    assert series["acc/val"].value.tolist() == [0.5] * 3
    assert sum(path.stat().st_size for path in Path("logs").rglob("events*")) > 100


def test_media_and_texts_are_in_the_run(only: Only) -> None:
    picture = np.zeros((3, 8, 6), np.float32)
    picture[0] = 1
    figure = Figure()
    figure.add_subplot().plot([1, 2])
    with runfolio.init(sync_tensorboard=True), SummaryWriter("logs") as writer:
        writer.add_histogram("weights", np.arange(100.0), 1)
        writer.add_image("one", picture, 1)
        writer.add_image("flat", picture[0], 1, dataformats="HW")
        writer.add_images("many", np.stack([picture] * 4), 1)
        writer.add_text("words", "hello <b>world</b>", 1)
        writer.add_figure("drawn", figure, 1)
    record = only()
    items = {item.key: item for item in media_of(record)}
    assert sum(items["weights"].extra["counts"]) == 100
    assert {item.step for item in items.values()} == {1}
    assert len([item for item in media_of(record) if item.key == "many"]) == 4
    with Image.open(record.path / items["one"].path) as seen:
        assert (seen.size, seen.getpixel((0, 0))) == ((6, 8), (255, 0, 0))
    assert items["drawn"].type == "figure"
    assert any("hello" in str(event) for event in read_events(record.path))


def test_hyperparameters_are_settings_and_their_metrics_are_logged_once(only: Only) -> None:
    with runfolio.init(sync_tensorboard=True, config={"lr": "mine"}):
        SummaryWriter("logs").add_hparams({"lr": 0.1, "depth": 3}, {"hparam/acc": 0.9})
    record = only()
    assert record.config == {"lr": "mine", "depth": 3}
    assert record.config_source["depth"] == "tensorboard"
    assert (record.metrics["hparam/acc"].n, record.metrics["hparam/acc"].last) == (1, 0.9)


def test_the_class_is_as_it_was_when_the_run_has_ended(only: Only) -> None:
    writer = SummaryWriter("logs")
    with runfolio.init() as run:
        mirror()
        mirror(run)
        assert vars(SummaryWriter)["add_scalar"] is not ORIGINAL
        writer.add_scalar("loss", 1, 0)
    assert vars(SummaryWriter)["add_scalar"] is ORIGINAL
    writer.add_scalar("loss", 2, 1)
    assert only().metrics["loss"].n == 1


def test_tags_of_several_writers_stay_apart(only: Only) -> None:
    with runfolio.init(sync_tensorboard=True):
        for folder in ("logs/train", "logs/val", "logs/val"):
            SummaryWriter(folder).add_scalar("loss", 1, 0)
    assert {name: one.n for name, one in only().metrics.items()} == {"loss": 1, "val/loss": 2}


def test_what_others_wrapped_around_it_stays_theirs(only: Only) -> None:
    with runfolio.init(sync_tensorboard=True):
        ours = vars(SummaryWriter)["add_scalar"]

        def theirs(self: Any, *given: Any, **more: Any) -> Any:
            return ours(self, *given, **more)

        SummaryWriter.add_scalar = theirs
    left = vars(SummaryWriter)["add_scalar"]
    SummaryWriter("logs").add_scalar("loss", 1, 0)
    SummaryWriter.add_scalar = ORIGINAL
    assert left is theirs
    assert "loss" not in only().metrics


def test_what_cannot_be_logged_costs_neither_the_run_nor_the_writer(
    monkeypatch: pytest.MonkeyPatch, only: Only
) -> None:
    monkeypatch.delenv("RUNFOLIO_STRICT")
    writer = SummaryWriter("logs")
    with runfolio.init(sync_tensorboard=True):
        with (
            pytest.warns(RunfolioWarning, match="mirroring a SummaryWriter failed"),
            pytest.raises(TypeError, match="missing"),
        ):
            writer.add_scalar("loss")  # the library's own complaint
        writer.add_scalar("loss", float("nan"), 1)
    assert only().metrics["loss"].nonfinite == 1


def test_threads_are_mirrored_each_by_itself(only: Only) -> None:
    with runfolio.init(sync_tensorboard=True), SummaryWriter("logs") as writer:
        threads = [
            threading.Thread(
                target=lambda n=n: [writer.add_scalar(f"t{n}", s, s) for s in range(50)]
            )
            for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {name: one.n for name, one in only().metrics.items()} == {f"t{n}": 50 for n in range(4)}


def test_a_library_that_is_imported_after_the_run_began_is_mirrored_too(
    store_path: Path, tmp_path: Path
) -> None:
    source = (
        "import sys, runfolio\n"
        "with runfolio.init(sync_tensorboard=True) as run:\n"
        "    assert 'tensorboardX' not in sys.modules\n"
        "    from tensorboardX import SummaryWriter\n"
        "    SummaryWriter('logs').add_scalar('loss', 1, 7)\n"
        "print(run.path)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert read_record(Path(done.stdout.strip())).metrics["loss"].last_step == 7


def test_wandbs_patch_is_for_the_next_run(only: Only) -> None:
    runfolio.tensorboard.patch(root_logdir="logs", pytorch=True)
    with runfolio.init():
        SummaryWriter("logs").add_scalar("loss", 1, 0)
    assert only().metrics["loss"].n == 1
    assert vars(SummaryWriter)["add_scalar"] is ORIGINAL


def test_without_a_run_or_with_something_else_it_says_what_to_do() -> None:
    with pytest.raises(NoActiveRun, match=r"runfolio\.init"):
        mirror()
    with pytest.raises(UsageError, match="run is a str"):
        mirror("run")  # type: ignore[arg-type]
    with runfolio.init(mode="disabled", sync_tensorboard=True):
        assert vars(SummaryWriter)["add_scalar"] is ORIGINAL
