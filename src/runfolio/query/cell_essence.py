"""A cell without the literals that it assigns: those are settings, and told as such."""

from __future__ import annotations

import ast
import re
from typing import Final

__all__ = ["essence"]

_TRACK: Final = re.compile(r"^\s*%%?track\b.*$", re.MULTILINE)
_MAX_PARSED: Final = 100_000


def essence(source: str) -> str:
    """Return what a cell does, without names of runs and literals that it assigns."""
    source = _TRACK.sub("", source).strip()
    if len(source) > _MAX_PARSED:
        return source
    try:
        tree = ast.parse(source)
        tree.body = [node for node in tree.body if not _is_setting(node)]
        return ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source  # magics, await, or none of our business


def _is_setting(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Assign):
        return False
    try:
        ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
