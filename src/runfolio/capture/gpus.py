"""How busy the GPUs are that this process can see: NVIDIA's, read by NVML."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, Final

__all__ = ["Gpus"]

# What the bindings raise when library and driver do not fit together.
_BROKEN: Final = (OSError, AttributeError, RuntimeError, TypeError, ValueError)
# Names of NVML's codes: the device is gone; it will never tell; somebody has shut NVML down.
_LOST: Final = ("GPU_IS_LOST", "RESET_REQUIRED", "GPU_NOT_FOUND")
_NEVER: Final = ("NOT_SUPPORTED", "NO_PERMISSION", "FUNCTION_NOT_FOUND", "INVALID_ARGUMENT")
_SHUT: Final = ("UNINITIALIZED",)
# NVML is opened again so often; who shuts it down more often wants it shut.
_OPENINGS: Final = 4
# What a field holds that has no value: all bits set, of 32 or 64.
_NO_VALUE: Final = (2**32 - 1, 2**64 - 1)

_READINGS: Final[Mapping[str, Callable[[ModuleType, Any], float]]] = {
    "utilization_percent": lambda nvml, gpu: nvml.nvmlDeviceGetUtilizationRates(gpu).gpu,
    "memory_bytes": lambda nvml, gpu: nvml.nvmlDeviceGetMemoryInfo(gpu).used,
    # It is told in milliwatts.
    "power_w": lambda nvml, gpu: nvml.nvmlDeviceGetPowerUsage(gpu) / 1000,
    "temperature_c": lambda nvml, gpu: nvml.nvmlDeviceGetTemperature(
        gpu, nvml.NVML_TEMPERATURE_GPU
    ),
}


class Gpus:
    """The GPUs that ``CUDA_VISIBLE_DEVICES`` leaves to this process.

    Where the driver, its library or the bindings are missing, there are none. The driver is first
    asked at the first `read`, which can take as long as it likes.

    Attributes
    ----------
    lost : list of (int, str)
        Devices that were dropped, by number, and what NVML said; whoever tells it empties the list.

    Notes
    -----
    Numbers are those of NVML and ``nvidia-smi``, which follow the bus. CUDA sorts by speed
    unless ``CUDA_DEVICE_ORDER=PCI_BUS_ID``: in a machine of several models a number in
    ``CUDA_VISIBLE_DEVICES`` may mean another device than here.
    """

    def __init__(self) -> None:
        self.lost: list[tuple[int, str]] = []
        self._nvml: ModuleType | None = None
        self._openings = 0
        self._visible: str | None = None
        self._devices: dict[int, Any] = {}
        self._gone: set[int] = set()
        self._never: set[tuple[int, str]] = set()

    def read(self) -> dict[str, float]:
        """Return ``gpu.<n>.utilization_percent`` and the like; what errs is left out.

        Returns
        -------
        dict
            Of each GPU ``utilization_percent`` (of the time in which some kernel ran),
            ``memory_bytes`` (in use, by whomever), ``power_w``, ``temperature_c``.
        """
        if not self._openings:
            self._open()
        elif self._nvml is not None and os.environ.get("CUDA_VISIBLE_DEVICES") != self._visible:
            self._select(self._nvml)  # a notebook may set it long after the run began
        found: dict[str, float] = {}
        for index in [*self._devices]:
            found |= self._read_one(index)
        return found

    def close(self) -> None:
        """Let go of NVML, which counts its users: another one in this process keeps it."""
        nvml, self._nvml = self._nvml, None
        self._devices.clear()
        if nvml is not None:
            with contextlib.suppress(nvml.NVMLError, *_BROKEN):
                nvml.nvmlShutdown()

    def _open(self) -> None:
        self._openings += 1
        self._nvml = None
        self._devices.clear()
        try:
            import pynvml
        except ImportError:
            return
        with contextlib.suppress(pynvml.NVMLError, *_BROKEN):
            pynvml.nvmlInit()
            self._nvml = pynvml
            self._select(pynvml)

    def _select(self, nvml: ModuleType) -> None:
        self._visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        self._devices = {}
        with contextlib.suppress(nvml.NVMLError, *_BROKEN):
            devices = _devices(nvml)
            chosen = devices if self._visible is None else _chosen(nvml, devices, self._visible)
            self._devices = {i: gpu for i, gpu in chosen.items() if i not in self._gone}

    def _read_one(self, index: int) -> dict[str, float]:
        nvml, found = self._nvml, dict[str, float]()
        for name, reading in _READINGS.items():
            if nvml is None or index not in self._devices:
                break
            if (index, name) in self._never:
                continue
            try:
                value = reading(nvml, self._devices[index])
            except nvml.NVMLError as error:
                self._take_error(nvml, index, name, error)
            except _BROKEN:
                self._never.add((index, name))
            else:
                if value not in _NO_VALUE:
                    found[f"gpu.{index}.{name}"] = value
        return found

    def _take_error(self, nvml: ModuleType, index: int, name: str, error: Exception) -> None:
        """Draw the conclusion from an error; most pass, and the reading is only left out once."""
        if _is_one_of(nvml, error, _LOST):
            self._devices.pop(index, None)
            self._gone.add(index)
            self.lost.append((index, str(error)))
        elif _is_one_of(nvml, error, _NEVER):
            self._never.add((index, name))
        elif _is_one_of(nvml, error, _SHUT):
            self._nvml = None
            self._devices.clear()
            if self._openings < _OPENINGS:
                self._open()


def _is_one_of(nvml: ModuleType, error: Exception, names: tuple[str, ...]) -> bool:
    code = getattr(error, "value", None)
    return any(code == getattr(nvml, f"NVML_ERROR_{name}", name) for name in names)


def _devices(nvml: ModuleType) -> dict[int, Any]:
    """Return the device behind each number; one that fell off the bus does not hide the others."""
    found: dict[int, Any] = {}
    for index in range(nvml.nvmlDeviceGetCount()):
        with contextlib.suppress(nvml.NVMLError):
            found[index] = nvml.nvmlDeviceGetHandleByIndex(index)
    return found


def _chosen(nvml: ModuleType, devices: Mapping[int, Any], visible: str) -> dict[int, Any]:
    """Return the devices that ``CUDA_VISIBLE_DEVICES`` names; as for CUDA, none behind an unknown one."""
    found: dict[int, Any] = {}
    for word in visible.split(","):
        named = _named(nvml, devices, word.strip())
        if named is None:
            break
        found[named[0]] = named[1]
    return found


def _named(nvml: ModuleType, devices: Mapping[int, Any], word: str) -> tuple[int, Any] | None:
    if word.isdigit():
        return (int(word), devices[int(word)]) if int(word) in devices else None
    with contextlib.suppress(nvml.NVMLError, *_BROKEN):
        if word.startswith("MIG-"):
            # An instance tells its own memory; what it does not, its readings leave out.
            part = nvml.nvmlDeviceGetHandleByUUID(word)
            whole = nvml.nvmlDeviceGetDeviceHandleFromMigDeviceHandle(part)
            return int(nvml.nvmlDeviceGetIndex(whole)), part
        if word.startswith("GPU-"):
            for index, device in devices.items():
                uuid = nvml.nvmlDeviceGetUUID(device)
                text = uuid.decode("ascii", "replace") if isinstance(uuid, bytes) else str(uuid)
                if text.startswith(word):
                    return index, device
    return None
