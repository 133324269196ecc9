"""What PyTorch's own SummaryWriter writes is in the run, too."""

from __future__ import annotations

from pathlib import Path

import pytest

import runfolio
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.model.media import media_items


def test_the_writer_of_torch_is_mirrored_while_the_run_is_open(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    import torch
    from torch.utils.tensorboard import SummaryWriter

    before = vars(SummaryWriter)["add_scalar"]
    with runfolio.init(sync_tensorboard=True) as run, SummaryWriter("logs") as writer:
        for step in range(3):
            writer.add_scalar("loss", torch.tensor([0.5], requires_grad=True), step)
            writer.add_histogram("weights", torch.randn(50), step)
        writer.add_images("pictures", torch.rand(2, 3, 4, 4), 2)
        writer.add_hparams({"lr": 0.1}, {"acc": 1.0}, global_step=2)
    record = read_record(run.path)
    assert (record.metrics["loss"].n, record.metrics["acc"].n) == (3, 1)
    assert record.config["lr"] == 0.1
    events = [event for event in read_events(run.path) if event["kind"] == "media"]
    items = [item for event in events for item in media_items(event)]
    assert [item.type for item in items] == ["histogram"] * 3 + ["image"] * 2
    assert vars(SummaryWriter)["add_scalar"] is before
