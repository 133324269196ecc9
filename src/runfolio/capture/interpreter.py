"""The environment of another Python than the one that records: it is asked itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

from runfolio.model.context import Distribution, Environment

__all__ = ["environment_of"]

_PATIENCE_S: Final = 20.0
_MOST_BYTES: Final = 8 * 1024 * 1024

# Runs in any Python from 3.8 on, in isolation, and imports nothing but the standard library.
_QUESTION: Final = """
import importlib.metadata as m, json, platform, sys
found = {}
for d in m.distributions():
    name = d.metadata["Name"]
    if name and name not in found:
        info = json.loads(d.read_text("direct_url.json") or "{}")
        kind = ("index" if not info else "vcs" if "vcs_info" in info else
                "archive" if "archive_info" in info else
                "editable" if info.get("dir_info", {}).get("editable") else "directory")
        found[name] = [d.version or "", kind]
kind = "venv" if sys.prefix != sys.base_prefix else "system"
print(json.dumps({"python": platform.python_version(), "abi": sys.implementation.cache_tag,
    "implementation": sys.implementation.name, "interpreter": kind, "found": found}))
"""


def environment_of(python: Path, known: Environment) -> Environment | None:
    """Return what is known of the machine with the facts and distributions of another Python.

    Parameters
    ----------
    python : Path
        The interpreter.
    known : Environment
        What this process found of itself.

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
        facts: dict[str, Any] = {
            name: str(answer[name]) for name in ("python", "abi", "implementation", "interpreter")
        }
        found = tuple(
            Distribution(str(name), str(version), str(kind))
            for name, (version, kind) in sorted(answer["found"].items())
        )
    except (
        OSError,
        subprocess.SubprocessError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ):
        return None
    return Environment(facts={**known.facts, **facts}, distributions=found)
