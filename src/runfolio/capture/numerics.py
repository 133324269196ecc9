"""The libraries that compute: which are loaded, how many threads they use, what they are built for.

No device is opened, and nothing but threadpoolctl is imported: what the program has loaded is asked.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from runfolio.capture.reading import read_regular

__all__ = ["numerics"]

_MAPS_BYTES: Final = 64 * 1024 * 1024
_LIBRARY: Final = re.compile(
    rb"/(lib(?:openblas|scipy_openblas|mkl_|blis|blas|cblas|lapack|gomp|iomp5|omp|cuda|cudart|cudnn|"
    rb"cublas|cufft|cusolver|cusparse|curand|nccl|nvrtc|amdhip|rocblas|MIOpen|onednn|dnnl)"
    rb"[^/\n]*\.(?:so|dylib)[^/\n]*)$",
    re.MULTILINE,
)
_POOL_FACTS: Final = (
    "user_api",
    "internal_api",
    "version",
    "num_threads",
    "threading_layer",
    "architecture",
)
_TOOLKITS: Final = ("/usr/local/cuda/version.json", "/opt/cuda/version.json")


def numerics() -> dict[str, Any]:
    """Return what is known of the libraries that compute, JSON-ready; what is unknown is absent.

    Returns
    -------
    dict
        ``libraries`` (file names of BLAS, OpenMP, CUDA and the like that are mapped into this
        process), ``thread_pools`` (of those that threadpoolctl knows, where it is installed),
        ``numpy`` (its BLAS and the processor features that it uses), ``torch`` (CUDA, cuDNN,
        threads, precision), ``cuda_toolkit`` (version of the one that is installed).
    """
    asked: dict[str, Callable[[], Any]] = {
        "libraries": _libraries,
        "thread_pools": _thread_pools,
        "numpy": _numpy,
        "torch": _torch,
        "cuda_toolkit": _toolkit,
    }
    found: dict[str, Any] = {}
    for name, ask in asked.items():
        # Each reaches into a library that may be of any age, or half loaded.
        with contextlib.suppress(Exception):
            found[name] = ask()
    return {name: value for name, value in found.items() if value}


def _libraries() -> list[str]:
    maps = read_regular("/proc/self/maps", _MAPS_BYTES) or b""
    return sorted({name.decode("utf-8", "replace") for name in _LIBRARY.findall(maps)})


def _loaded(name: str) -> types.ModuleType | None:
    """Return a module that is loaded to its end; another thread may be importing it."""
    module = sys.modules.get(name)
    if not isinstance(module, types.ModuleType):
        return None
    return None if getattr(module.__spec__, "_initializing", False) else module


def _thread_pools() -> list[dict[str, Any]]:
    if _loaded("threadpoolctl") is None and importlib.util.find_spec("threadpoolctl") is None:
        return []
    from threadpoolctl import threadpool_info

    return [
        {"library": PurePosixPath(str(pool.get("filepath", ""))).name}
        | {name: pool[name] for name in _POOL_FACTS if pool.get(name) is not None}
        for pool in threadpool_info()
    ]


def _numpy() -> dict[str, Any]:
    numpy = _loaded("numpy")
    if numpy is None:
        return {}
    about: dict[str, Any] = {}
    with contextlib.suppress(Exception):
        built = numpy.show_config(mode="dicts")["Build Dependencies"]
        for name in ("blas", "lapack"):
            said = {k: built[name].get(k) for k in ("name", "version", "openblas configuration")}
            about[name] = {key: value for key, value in said.items() if value}
    with contextlib.suppress(Exception):
        core = (
            sys.modules.get("numpy._core._multiarray_umath")
            or sys.modules["numpy.core._multiarray_umath"]
        )
        features: Mapping[str, bool] = core.__cpu_features__
        usable = [*core.__cpu_baseline__, *core.__cpu_dispatch__]
        about["cpu_features"] = [name for name in usable if features.get(name)]
    return about


def _torch() -> dict[str, Any]:
    torch = _loaded("torch")
    if torch is None:
        return {}
    asked: dict[str, Callable[[], Any]] = {
        "cuda": lambda: torch.version.cuda,
        "hip": lambda: torch.version.hip,
        "cudnn": lambda: _dotted(torch.backends.cudnn.version()),
        "threads": torch.get_num_threads,
        "interop_threads": torch.get_num_interop_threads,
        "matmul_precision": torch.get_float32_matmul_precision,
        "cpu_capability": torch.backends.cpu.get_cpu_capability,
        "mkl": torch.backends.mkl.is_available,
        "onednn": torch.backends.mkldnn.is_available,
    }
    about: dict[str, Any] = {}
    for name, ask in asked.items():
        with contextlib.suppress(Exception):
            about[name] = ask()
    return {name: value for name, value in about.items() if value is not None}


def _dotted(number: int | None) -> str | None:
    """Return cuDNN's number as a version: 8902 is 8.9.2, 91002 is 9.10.2."""
    if number is None:
        return None
    major, rest = divmod(number, 10_000 if number >= 10_000 else 1_000)
    return f"{major}.{rest // 100}.{rest % 100}"


def _toolkit() -> str | None:
    import orjson

    for path in _TOOLKITS:
        content = read_regular(path, 1 << 20)
        if content is not None:
            return str(orjson.loads(content)["cuda"]["version"])
    return None
