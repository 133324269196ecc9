"""The interpreter, the system, the machine and every installed distribution."""

from __future__ import annotations

import importlib.machinery
import platform
import sys
import sysconfig
from pathlib import Path
from typing import Any

from runfolio import settings
from runfolio.capture import distributions, hardware
from runfolio.capture.container import container
from runfolio.capture.editable import with_states
from runfolio.capture.numerics import numerics
from runfolio.capture.variables import variables
from runfolio.model.context import Environment

__all__ = ["environment"]


def environment(cwd: Path | None = None) -> Environment:
    """Return the interpreter, system, hardware and installed distributions.

    Parameters
    ----------
    cwd : Path, optional
        Where the program runs, for the project's root; without it the current folder.

    Returns
    -------
    Environment
        ``facts`` has ``python``, ``implementation``, ``abi``, ``extensions`` (the ending of
        modules built for it), ``build``, ``compiler``, ``optimize``, ``gil`` (where it can be
        off), ``interpreter`` (``venv``, ``conda`` or ``system``), ``platform``, ``platform_tag``,
        ``system``, ``machine``, ``libc``, ``container``, ``variables``, ``numerics``, and all of
        `hardware.facts`. No path, host or user name is in it.
    """
    cwd = cwd or Path.cwd()
    root = settings.project_root(cwd) or cwd
    facts: dict[str, Any] = {
        **_python(),
        **_system(),
        "container": container(),
        "variables": variables(),
        "numerics": numerics(),
        **hardware.facts(),
    }
    return Environment(
        facts={name: value for name, value in facts.items() if value is not None},
        distributions=with_states(distributions.installed(root), root),
    )


def _python() -> dict[str, Any]:
    suffixes = importlib.machinery.EXTENSION_SUFFIXES
    lock = getattr(sys, "_is_gil_enabled", None)
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "abi": sys.implementation.cache_tag,
        "extensions": suffixes[0] if suffixes else None,
        "build": " ".join(platform.python_build()).strip(),
        "compiler": platform.python_compiler(),
        "optimize": sys.flags.optimize,
        "gil": lock() if lock is not None else None,
        "interpreter": _interpreter(),
    }


def _system() -> dict[str, str | None]:
    system, machine = platform.system(), platform.machine()
    libc = " ".join(part for part in platform.libc_ver() if part) or None
    parts = (system, platform.release(), machine, (libc or "").replace(" ", ""))
    return {
        "platform": "-".join(part for part in parts if part),
        "platform_tag": sysconfig.get_platform(),
        "system": system,
        "machine": machine,
        "libc": libc,
    }


def _interpreter() -> str:
    if (Path(sys.prefix) / "conda-meta").is_dir():
        return "conda"
    return "venv" if sys.prefix != sys.base_prefix else "system"
