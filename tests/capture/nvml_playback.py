"""A stand-in for ``pynvml`` that plays readings from a file; errors and codes are those of the real one.

The hardware is the only thing that is missing: see ``about`` in ``gpu_readings.json``.
"""

# ruff: noqa: N802 - the names are NVIDIA's
from __future__ import annotations

import json
import types
from collections import Counter
from pathlib import Path
from typing import Any

import pynvml

READINGS = Path(__file__).with_name("gpu_readings.json")


class Playback(types.ModuleType):
    """NVIDIA's bindings as they look from outside.

    Attributes
    ----------
    users : int
        How many have called ``nvmlInit`` and not yet ``nvmlShutdown``.
    failing : dict of str to int
        Call → the code that it fails with at every device.
    asked : Counter
        How often each reading of each device was asked for.
    """

    def __init__(self) -> None:
        super().__init__("pynvml")
        names = [name for name in vars(pynvml) if name.startswith(("NVML_", "NVMLError"))]
        self.__dict__.update({name: getattr(pynvml, name) for name in names})
        self.devices: list[dict[str, Any]] = json.loads(READINGS.read_text())["devices"]
        self.users = 0
        self.failing: dict[str, int] = {}
        self.asked: Counter[tuple[int, str]] = Counter()

    def nvmlInit(self) -> None:
        self._fail("nvmlInit")
        self.users += 1

    def nvmlShutdown(self) -> None:
        self._fail("nvmlShutdown")
        self.users -= 1

    def nvmlDeviceGetCount(self) -> int:
        self._fail("nvmlDeviceGetCount")
        return len(self.devices)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        self._fail("nvmlDeviceGetHandleByIndex")
        return index

    def nvmlDeviceGetUUID(self, device: int) -> str:
        return str(self.devices[device]["uuid"])

    def nvmlDeviceGetUtilizationRates(self, device: int) -> Any:
        return types.SimpleNamespace(gpu=self._next(device, "utilization"), memory=12)

    def nvmlDeviceGetMemoryInfo(self, device: int) -> Any:
        return types.SimpleNamespace(used=self._next(device, "memory"), total=85899345920)

    def nvmlDeviceGetPowerUsage(self, device: int) -> int:
        return self._next(device, "power")

    def nvmlDeviceGetTemperature(self, device: int, sensor: int) -> int:
        assert sensor == pynvml.NVML_TEMPERATURE_GPU
        return self._next(device, "temperature")

    def _next(self, device: int, reading: str) -> int:
        self._fail(reading)
        if not self.users:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_UNINITIALIZED)
        told = self.devices[device][reading]
        at = min(self.asked[device, reading], len(told) - 1)
        self.asked[device, reading] += 1
        if isinstance(told[at], dict):
            raise pynvml.NVMLError(told[at]["error"])
        return int(told[at])

    def _fail(self, call: str) -> None:
        if call in self.failing:
            raise pynvml.NVMLError(self.failing[call])
