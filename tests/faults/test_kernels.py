"""A notebook's kernel is restarted, or dies: its run has crashed with all its points, the next is new."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.faults.oracle import ROOT, Told, Verdicts, until
from tests.kernels import by_sockets

from runfolio.format.manifest import read_record

OPENS = """
import os, runfolio
from tests.faults.victim import Points
run, points = runfolio.init(id="victim"), Points(tells=False)
for _ in range(500): points.log(run)
"""


@pytest.fixture
def kernel(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A kernel of its own, as a notebook has it."""
    from jupyter_client.manager import KernelManager

    for name, value in {
        "RUNFOLIO_DIR": str(store), "RUNFOLIO_CAPTURE": "0", "FAULTS_SEED": "0", "FAULTS_START": "0",
        "PYTHONPATH": f"{ROOT}:{ROOT}/src", "FAULTS_PIPE": "-1", "IPYTHONDIR": str(tmp_path),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    manager = KernelManager(kernel_name="python3", **by_sockets())
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run_cell(client: Any, source: str) -> None:
    reply = client.execute_interactive(source, timeout=60, output_hook=lambda _: None)
    assert reply["content"]["status"] == "ok", reply["content"]


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_a_kernel_that_goes_away_leaves_a_crashed_run_with_all_its_points(
    store: Path, verdicts: Verdicts, kernel: Any, how: str
) -> None:
    manager, client = kernel
    run_cell(client, OPENS)
    time.sleep(0.3)
    if how == "restarted":
        manager.restart_kernel(now=True)
    else:
        manager.signal_kernel(signal.SIGKILL)
        until(lambda: not manager.is_alive(), "the kernel's end")
        manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=60)
    verdicts.judge(f"F07 {how}", store / "victim", [Told(0, 0, 0, 500, 500)])
    run_cell(client, OPENS)
    assert read_record(store / "victim-2").rerun_of == "victim"


def test_a_kernel_that_is_shut_down_in_order_ends_its_run(
    store: Path, verdicts: Verdicts, kernel: Any
) -> None:
    manager, client = kernel
    run_cell(client, OPENS)
    manager.shutdown_kernel(now=False)
    verdicts.judge("F07 shut down", store / "victim", [Told(0, 0, 0, 500, 500)], status="finished")
