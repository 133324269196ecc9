"""Processor, memory and GPUs; a driver that is missing, broken or stuck costs nothing."""

# ruff: noqa: N802 - the names are NVIDIA's
from __future__ import annotations

import sys
import threading
import types

import pytest

from runfolio.capture import hardware


class FakeNvml(types.ModuleType):
    """NVIDIA's bindings as they look from outside, with two devices of which one is gone."""

    class NVMLError(Exception):
        pass

    def __init__(self):
        super().__init__("pynvml")
        self.open = 0

    def nvmlInit(self):
        self.open += 1

    def nvmlShutdown(self):
        self.open -= 1

    def nvmlSystemGetDriverVersion(self):
        return b"550.1"

    def nvmlSystemGetCudaDriverVersion_v2(self):
        return 12040

    def nvmlDeviceGetCount(self):
        return 2

    def nvmlDeviceGetHandleByIndex(self, index):
        if index == 1:
            raise self.NVMLError("lost")
        return index

    def nvmlDeviceGetName(self, handle):
        return "H100"

    def nvmlDeviceGetMemoryInfo(self, handle):
        return types.SimpleNamespace(total=80 << 30)


@pytest.fixture
def nvml(monkeypatch):
    fake = FakeNvml()
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    return fake


def test_this_machine_has_cores_and_memory():
    facts = hardware.facts()
    assert facts["threads"] >= 1
    assert facts["memory_bytes"] > 1 << 20
    assert isinstance(facts["gpus"], list)


def test_gpus_are_told_and_a_lost_one_does_not_hide_them(nvml):
    facts = hardware.facts()
    assert facts["gpus"] == [
        {"name": "H100", "driver": "550.1", "memory_bytes": 80 << 30},
        {"name": "unreadable GPU", "driver": "550.1"},
    ]
    assert facts["cuda_driver"] == "12.4"
    assert nvml.open == 0


@pytest.mark.parametrize("error", [FakeNvml.NVMLError, OSError, TypeError])
def test_a_broken_driver_means_no_gpus(nvml, error, monkeypatch):
    def fails():
        raise error("driver and library do not fit")

    monkeypatch.setattr(nvml, "nvmlInit", fails)
    assert hardware.facts()["gpus"] == []


def test_a_driver_that_hangs_is_left_behind(nvml, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(nvml, "nvmlInit", lambda: release.wait(30))
    monkeypatch.setattr(hardware, "_NVML_SECONDS", 0.05)
    assert hardware.facts()["gpus"] == []
    release.set()


def test_without_the_bindings_there_are_no_gpus(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert hardware.facts()["gpus"] == []
