"""The machine a run trains on: processor, memory, GPUs."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Final, TypeVar

from runfolio.capture.reading import read_regular

__all__ = ["facts"]

_T = TypeVar("_T")

# A broken driver can keep NVML waiting for ever; the run's record does not wait with it.
_NVML_SECONDS: Final = 3.0
# What the bindings raise when library and driver do not fit together.
_BROKEN: Final = (OSError, AttributeError, RuntimeError, TypeError, ValueError)
_PROC_BYTES: Final = 1 << 23
_FLAGS: Final = re.compile(rb"^(?:flags|Features)\s*:\s*(.+)$", re.MULTILINE)
_MODEL: Final = re.compile(rb"^(?:model name|Model|cpu model|Hardware)\s*:\s*(.+)$", re.MULTILINE)


def facts() -> dict[str, Any]:
    """Return what the machine is, JSON-ready; what cannot be found is absent.

    Returns
    -------
    dict
        ``cpu`` (model), ``cpu_flags`` (the instruction sets and features that the kernel tells,
        sorted), ``cores`` (physical), ``threads`` (logical), ``threads_usable`` (those
        this process may run on), ``memory_bytes``, ``memory_limit_bytes`` (of the container,
        where it has one), ``gpus``: a list of ``{"name", "memory_bytes", "driver",
        "capability", "vbios", "ecc", "mig"}``, empty without NVIDIA's library, ``cuda_driver`` (newest CUDA version the driver runs).
    """
    found: dict[str, Any] = {**_cpu(), **_counts(), **_memory()}
    gpus = _within(_NVML_SECONDS, _gpus)
    found.update(gpus if gpus is not None else {"gpus": []})
    return {name: value for name, value in found.items() if value is not None}


def _cpu() -> dict[str, Any]:
    if sys.platform == "darwin":
        features = _sysctl("machdep.cpu.features")  # of Intel's alone
        flags = sorted(features.lower().split()) if features else None
        return {"cpu": _sysctl("machdep.cpu.brand_string"), "cpu_flags": flags}
    content = read_regular("/proc/cpuinfo", _PROC_BYTES) or b""
    model, told = _MODEL.search(content), _FLAGS.search(content)
    return {
        "cpu": _spaced(model[1]) if model is not None else platform.machine() or None,
        "cpu_flags": sorted(_spaced(told[1]).split()) if told is not None else None,
    }


def _spaced(text: bytes) -> str:
    return " ".join(text.decode("utf-8", "replace").split())


def _sysctl(name: str) -> str | None:
    try:
        answer = subprocess.run(
            ["/usr/sbin/sysctl", "-n", name],
            capture_output=True,
            check=True,
            timeout=1,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.decode("utf-8", "replace").strip() or None


def _counts() -> dict[str, int | None]:
    import psutil

    counts: dict[str, int | None] = {}
    asked: dict[str, Callable[[], int | None]] = {
        "cores": lambda: psutil.cpu_count(logical=False),
        "threads": lambda: psutil.cpu_count(logical=True),
        "threads_usable": lambda: len(os.sched_getaffinity(0)),
    }
    for name, count in asked.items():
        # Not every system has affinities; a sandbox may hide the rest.
        with contextlib.suppress(psutil.Error, OSError, AttributeError, RuntimeError):
            counts[name] = count()
    return counts


def _memory() -> dict[str, int | None]:
    import psutil

    total: int | None = None
    with contextlib.suppress(psutil.Error, OSError, RuntimeError, ValueError):
        total = int(psutil.virtual_memory().total)
    limit: int | None = None
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        text = (read_regular(path, _PROC_BYTES) or b"").strip()
        # Without a limit version 1 gives a number larger than any machine's memory.
        if text.isdigit() and total is not None and int(text) < total:
            limit = int(text)
    return {"memory_bytes": total, "memory_limit_bytes": limit}


def _gpus() -> dict[str, Any] | None:
    try:
        import pynvml
    except ImportError:
        return None
    with contextlib.suppress(pynvml.NVMLError, *_BROKEN):
        pynvml.nvmlInit()
        try:
            return {
                "gpus": list(_described(pynvml)),
                "cuda_driver": _cuda_version(pynvml),
            }
        finally:
            # Counted by NVML: another user in this process keeps it.
            pynvml.nvmlShutdown()
    return None


def _described(nvml: ModuleType) -> Iterator[dict[str, Any]]:
    driver = _text(nvml.nvmlSystemGetDriverVersion())
    for index in range(nvml.nvmlDeviceGetCount()):
        gpu: dict[str, Any] = {"driver": driver}
        # One device that fell off the bus does not hide the others.
        with contextlib.suppress(nvml.NVMLError):
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            gpu["name"] = _text(nvml.nvmlDeviceGetName(handle))
            gpu["memory_bytes"] = int(nvml.nvmlDeviceGetMemoryInfo(handle).total)
            gpu |= _details(nvml, handle)
        yield {"name": gpu.pop("name", "unreadable GPU"), **gpu}


def _details(nvml: ModuleType, handle: Any) -> dict[str, Any]:
    """Return what changes results or speed beside the model; older drivers know less of it."""
    asked: dict[str, Callable[[], Any]] = {
        "capability": lambda: ".".join(map(str, nvml.nvmlDeviceGetCudaComputeCapability(handle))),
        "vbios": lambda: _text(nvml.nvmlDeviceGetVbiosVersion(handle)),
        "ecc": lambda: bool(nvml.nvmlDeviceGetEccMode(handle)[0]),
        "mig": lambda: bool(nvml.nvmlDeviceGetMigMode(handle)[0]),
    }
    found: dict[str, Any] = {}
    for name, ask in asked.items():
        with contextlib.suppress(nvml.NVMLError, *_BROKEN):
            found[name] = ask()
    return found


def _cuda_version(nvml: ModuleType) -> str | None:
    try:
        number = int(nvml.nvmlSystemGetCudaDriverVersion_v2())
    except (nvml.NVMLError, AttributeError):
        return None
    return f"{number // 1000}.{number % 1000 // 10}"


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _within(seconds: float, ask: Callable[[], _T]) -> _T | None:
    """Return the answer, or ``None`` when it takes longer; the thread is then left behind."""
    answers: list[_T] = []
    thread = threading.Thread(
        target=lambda: answers.append(ask()), name="runfolio-nvml", daemon=True
    )
    try:
        thread.start()
    except RuntimeError:
        return None
    thread.join(seconds)
    return answers[0] if answers else None
