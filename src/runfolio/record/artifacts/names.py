"""What artifacts are called: in a program, and as the folder that holds their versions."""

from __future__ import annotations

import re
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.format.layout import is_run_id
from runfolio.record.guard import warn_once

__all__ = ["asked_for", "folder_name", "listed_aliases"]

_OTHER: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST: Final = 128


def folder_name(name: Any) -> str:
    """Return a name as a folder can have it on every system; that it differs is said once.

    Raises
    ------
    UsageError
        It is no text, or nothing of it could stand in a name.
    """
    if not isinstance(name, str):
        raise UsageError(f"An artifact's name is a text, not {type(name).__name__}.")
    if is_run_id(name):
        return name
    made = _OTHER.sub("_", name).lstrip("._-")[:_LONGEST].rstrip(".")
    if made and not is_run_id(made):  # a device's name
        made = f"_{made}"[:_LONGEST].lstrip("_") + "_"
    if not is_run_id(made):
        raise UsageError(
            f"{name[:80]!r} cannot be an artifact's name; expected letters, digits, '.', '_' or '-'."
        )
    warn_once(
        f"artifact name {name}",
        f"The artifact {name[:80]!r} is called {made!r}: a folder of its name is to lie on every system.",
    )
    return made


def asked_for(text: Any) -> tuple[str, str]:
    """Return the name and what stands behind its colon, ``latest`` where nothing does.

    Parameters
    ----------
    text : str
        ``name``, ``name:v3``, ``name:alias``, or that behind ``entity/project/``.

    Raises
    ------
    UsageError
        It names nothing.
    """
    if not isinstance(text, str):
        raise UsageError(
            f"An artifact is asked for as 'name:latest' or 'name:v3', not by a {type(text).__name__}."
        )
    name, colon, which = text.rpartition("/")[2].partition(":")
    if not name or (colon and not which):
        raise UsageError(f"{text[:80]!r} names no artifact; expected 'name:latest' or 'name:v3'.")
    return folder_name(name), which or "latest"


def listed_aliases(aliases: Any) -> list[str]:
    """Return the aliases of a call as a list, each once and ``latest`` left out: it comes by itself."""
    given = [aliases] if isinstance(aliases, str) else list(aliases or ())
    return [alias for alias in dict.fromkeys(map(str, given)) if alias != "latest"]
