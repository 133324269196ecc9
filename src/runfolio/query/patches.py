"""The files of a recorded patch, read without git: what was changed in each."""

from __future__ import annotations

from typing import Final

__all__ = ["patched_files"]

_NAMES: Final = ("index ", "--- ", "+++ ")


def patched_files(patch: bytes) -> dict[str, str]:
    """Return path → the lines of a patch that belong to it."""
    found: dict[str, str] = {}
    for section in ("\n" + patch.decode("utf-8", "replace")).split("\ndiff --git ")[1:]:
        head, _, body = section.partition("\n")
        # Of a binary file its ids above these lines tell that it changed; its letters tell nothing.
        body, binary, _ = body.partition("GIT binary patch\n")
        body += "binary\n" if binary else ""
        names, at, hunks = body.partition("\n@@ ")
        if at:  # the names of the file and its ids say nothing that the lines do not
            kept = [line for line in names.split("\n") if not line.startswith(_NAMES)]
            body = "\n".join([*kept, f"@@ {hunks}"])
        found[head.rpartition(" b/")[2] or head] = body
    return found
