"""The environment of another Python than the one that records: it is asked itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

from runfolio.capture.distributions import installed
from runfolio.capture.editable import with_states
from runfolio.model.context import Environment

__all__ = ["environment_of"]

_PATIENCE_S: Final = 20.0
_MOST_BYTES: Final = 8 * 1024 * 1024

# Runs in any Python from 3.8 on, in isolation, and imports nothing but the standard library.
_QUESTION: Final = """
import importlib.machinery as m, json, os, platform, sys
kind = ("conda" if os.path.isdir(os.path.join(sys.prefix, "conda-meta")) else
        "venv" if sys.prefix != sys.base_prefix else "system")
print(json.dumps({"python": platform.python_version(), "abi": sys.implementation.cache_tag,
    "implementation": sys.implementation.name, "interpreter": kind,
    "extensions": m.EXTENSION_SUFFIXES[0], "build": " ".join(platform.python_build()).strip(),
    "compiler": platform.python_compiler(), "path": sys.path}))
"""
_TOLD: Final = ("python", "abi", "implementation", "interpreter", "extensions", "build", "compiler")


def environment_of(python: Path, known: Environment, root: Path) -> Environment | None:
    """Return what is known of the machine with the facts and distributions of another Python.

    Parameters
    ----------
    python : Path
        The interpreter.
    known : Environment
        What this process found of itself.
    root : Path
        The project's root.

    Returns
    -------
    Environment or None
        ``None`` where the interpreter cannot be asked.
    """
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", _QUESTION],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE_S, check=True,
        )  # fmt: skip
        answer = json.loads(done.stdout[:_MOST_BYTES])
        facts: dict[str, Any] = {name: str(answer[name]) for name in _TOLD}
        path = [str(folder) for folder in answer["path"]]
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, TypeError):
        return None
    # What is loaded here says nothing of the other one.
    machine = {name: value for name, value in known.facts.items() if name != "numerics"}
    return Environment(machine | facts, with_states(installed(root, path), root))
