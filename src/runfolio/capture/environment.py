"""The interpreter, the system and every installed distribution with its origin."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runfolio import settings
from runfolio.capture import distributions, hardware
from runfolio.capture.reading import read_regular
from runfolio.capture.secrets.addresses import redact_urls
from runfolio.capture.secrets.argv import redact_argv
from runfolio.model.context import Environment

__all__ = ["environment", "lock_files", "pins"]

# Variables whose values change what a training computes, and hold no secret.
_RECORDED_VARIABLES: Final = (
    "CUBLAS_WORKSPACE_CONFIG",
    "CUDA_DEVICE_ORDER",
    "CUDA_LAUNCH_BLOCKING",
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "JAX_ENABLE_X64",
    "JAX_PLATFORMS",
    "KERAS_BACKEND",
    "MKL_CBWR",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NVIDIA_TF32_OVERRIDE",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "PYTHONHASHSEED",
    "PYTHONOPTIMIZE",
    "PYTORCH_CUDA_ALLOC_CONF",
    "TF_DETERMINISTIC_OPS",
    "TOKENIZERS_PARALLELISM",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
    "XLA_FLAGS",
)
_MAX_VALUE: Final = 500

_LOCKS: Final = (
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "Pipfile.lock",
    "pixi.lock",
    "conda-lock.yml",
    "environment.yml",
    "environment.yaml",
    "requirements.txt",
    "requirements.lock",
    "requirements-dev.txt",
    "constraints.txt",
)
_MAX_LOCK_BYTES: Final = 10 * 1024 * 1024
_CONDA_LIST: Final = "conda-list.txt"
# The pins of the run itself are written under this name, so a project's own gets another one.
_RENAMED: Final[Mapping[str, str]] = {"requirements.lock": "project-requirements.lock"}

_PINNED_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")
_CONTAINERS: Final = (
    ("/.dockerenv", "docker"),
    ("/run/.containerenv", "podman"),
    ("/.singularity.d", "singularity"),
)
_OPTION_VALUE: Final = re.compile(r"(?P<option>--?[A-Za-z-]+)(?P<between>[ =])(?P<value>\S+)")


def environment(cwd: Path | None = None) -> Environment:
    """Return the interpreter, system, hardware and installed distributions.

    Parameters
    ----------
    cwd : Path, optional
        Where the program runs, for the project's root; without it the current folder.

    Returns
    -------
    Environment
        ``facts`` has ``python``, ``implementation``, ``abi``, ``platform``, ``system``,
        ``machine``, ``libc``, ``interpreter`` (``venv``, ``conda`` or ``system``), ``container``,
        ``variables`` (a fixed list of harmless ones that are set), ``lock_files``, and all of
        `hardware.facts`. No path, host or user name is in it.
    """
    cwd = cwd or Path.cwd()
    root = settings.project_root(cwd) or cwd
    facts: dict[str, Any] = {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "abi": sys.implementation.cache_tag,
        **_system(),
        "interpreter": _interpreter(),
        "container": _container(),
        "variables": _variables(),
        "lock_files": sorted(lock_files(cwd)),
        **hardware.facts(),
    }
    return Environment(
        facts={name: value for name, value in facts.items() if value is not None},
        distributions=distributions.installed(root),
    )


def pins(env: Environment) -> str:
    """Return ``name==version`` lines that rebuild an environment with ``pip install --no-deps``.

    Distributions that no index has (editable, from a repository, a folder, a file) stand as
    comments. No address is in the text.
    """
    lines = [f"# Python {env.facts.get('python', 'unknown')}"]
    for item in sorted(env.distributions, key=lambda item: item.name.lower()):
        pin = f"{item.name}=={item.version}"
        if item.kind in ("index", "conda") and _PINNED_VERSION.fullmatch(item.version):
            lines.append(pin if item.kind == "index" else f"{pin}  # conda")
        else:
            lines.append(f"# {pin} ({item.kind})")
    return "\n".join(lines) + "\n"


def lock_files(cwd: Path) -> dict[str, bytes]:
    """Return the lock and requirement files of the project, by the name to keep them under.

    Parameters
    ----------
    cwd : Path
        Where the program runs; its folder is looked at first, then the project's root.

    Returns
    -------
    dict of str to bytes
        Files of at most 10 MB. Passwords in addresses and in options are replaced by marks,
        everything else is as on disk. In a conda environment ``conda-list.txt`` is added, one
        ``name=version=build`` a line.
    """
    found: dict[str, bytes] = {}
    for folder in dict.fromkeys((cwd, settings.project_root(cwd) or cwd)):
        for name in _LOCKS:
            kept_as = _RENAMED.get(name, name)
            content = None if kept_as in found else read_regular(folder / name, _MAX_LOCK_BYTES)
            if content is not None:
                found[kept_as] = _without_secrets(content)
    conda = _conda_list()
    if conda:
        found[_CONDA_LIST] = "".join(f"{line}\n" for line in conda).encode()
    return found


def _system() -> dict[str, str | None]:
    system, machine = platform.system(), platform.machine()
    libc = " ".join(part for part in platform.libc_ver() if part) or None
    parts = (system, platform.release(), machine, (libc or "").replace(" ", ""))
    return {
        "platform": "-".join(part for part in parts if part),
        "system": system,
        "machine": machine,
        "libc": libc,
    }


def _interpreter() -> str:
    if (Path(sys.prefix) / "conda-meta").is_dir():
        return "conda"
    return "venv" if sys.prefix != sys.base_prefix else "system"


def _container() -> str | None:
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return "kubernetes"
    for path, kind in _CONTAINERS:
        if os.path.lexists(path):
            return kind
    return None


def _variables() -> dict[str, str]:
    return {
        name: os.environ[name].encode("utf-8", "replace").decode()[:_MAX_VALUE]
        for name in _RECORDED_VARIABLES
        if name in os.environ
    }


def _conda_list() -> list[str]:
    """Return ``name=version=build`` of each package, told by the names of conda's own records."""
    lines: set[str] = set()
    # A venv on top of a conda Python takes its interpreter and libraries from there.
    for prefix in {sys.prefix, sys.base_prefix}:
        try:
            names = os.listdir(os.path.join(prefix, "conda-meta"))  # noqa: PTH118, PTH208
        except OSError:
            continue
        lines.update(
            "=".join(name.removesuffix(".json").rsplit("-", 2))
            for name in names
            if name.endswith(".json") and name.count("-") >= 2
        )
    return sorted(lines)


def _without_secrets(content: bytes) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    return _OPTION_VALUE.sub(_redacted_option, redact_urls(text)).encode()


def _redacted_option(match: re.Match[str]) -> str:
    option, value = redact_argv([match["option"], match["value"]])
    return f"{option}{match['between']}{value}"
