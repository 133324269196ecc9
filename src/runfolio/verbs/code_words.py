"""The commit of a run in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfolio.verbs.terminal import one_line

__all__ = ["code_words"]


def code_words(git: Mapping[str, Any]) -> str:
    """Return ``main @ 13e8c94 + 2 files``, or an empty string where there is no commit."""
    sha = git.get("sha")
    if not isinstance(sha, str):
        return ""
    branch = git.get("branch")
    words = f"{one_line(branch)} @ {sha[:7]}" if isinstance(branch, str) else sha[:7]
    changed = git.get("files_changed")
    if isinstance(changed, int) and changed:
        words += f" + {changed} file{'s' * (changed != 1)}"
    return one_line(words, 60)
