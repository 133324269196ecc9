"""Python source as a user wrote it, magics and all, as a syntax tree."""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Sequence
from typing import Final

__all__ = ["MAGIC", "dotted", "python_below", "tree"]

MAGIC: Final = "_ipython_"
"""The name that stands, in a tree, for what a magic or a shell command gave."""

# Cell magics whose body is Python that runs in the user's namespace.
_PYTHON_CELLS: Final = frozenset(
    {"capture", "memit", "prun", "scalene", "time", "track", "python_"}
)
_CELL_MAGIC: Final = re.compile(r"%%(?P<name>[\w.]+)")
_RUNS_STATEMENT: Final = re.compile(r"%(?:time|memit|prun)\s+(?P<statement>[A-Za-z_].*)")
_ESCAPED: Final = re.compile(
    r"(?:%{1,2}|!{1,2}|\?{1,2}|[,;/](?=\w))[^=]|.*[\w.]\?{1,2}\s*(?:#.*)?$"
)
_ASSIGNED: Final = re.compile(r"(?P<target>[^=!<>'\"#]+?)\s*=\s*(?:%\w|!)")

_MAX_CHARACTERS: Final = 1_000_000
# Each magic costs one more parse; a cell of more magics than this is no training code.
_MAX_MAGICS: Final = 100


@functools.lru_cache(maxsize=4)
def tree(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell or script, with line numbers as in `source`.

    The last few are kept, for several look at each cell: nobody may change one.

    Magics, shell commands and help lines are taken as what they are: an assignment from one
    (``files = !ls``) binds its name to `MAGIC`, the others are passed over. Top-level ``await``
    is allowed.

    Returns
    -------
    ast.Module or None
        ``None`` for a cell in another language (``%%bash``), for what does not parse, and for
        more than a million characters.
    """
    if len(source) > _MAX_CHARACTERS:
        return None
    lines = source.split("\n")
    below = python_below(lines)
    if below is None:
        return None
    lines[:below] = [""] * below
    _dedent(lines)
    for _ in range(_MAX_MAGICS):
        found = _parse("\n".join(lines))
        if isinstance(found, ast.Module):
            return found
        if found is None or not 0 < found <= len(lines) or not _neutralise(lines, found - 1):
            return None
    return None


def _dedent(lines: list[str]) -> None:
    """Take off the indent of the first line, as IPython does with what was pasted from a block."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    if indent:
        lines[:] = [line.removeprefix(indent) for line in lines]


def dotted(node: ast.expr) -> str | None:
    """Return ``a.b.c`` for a name or a chain of attributes, else ``None``."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


def _parse(text: str) -> ast.Module | int | None:
    """Return the tree, else the line (from 1) where the text stops being Python."""
    try:
        with warnings.catch_warnings():
            # The user's own compilation warns of a wrong escape; once is enough.
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        return error.lineno
    except (ValueError, RecursionError, MemoryError):
        return None


def python_below(lines: Sequence[str]) -> int | None:
    """Return the place of the first line below the cell magics, ``None`` if it is no Python."""
    below = 0
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        magic = _CELL_MAGIC.match(line)
        if magic is None:
            break
        if magic["name"] not in _PYTHON_CELLS:
            return None
        below = number + 1
    return below


def _neutralise(lines: list[str], place: int) -> bool:
    """Replace the magic in one line by Python of the same length in lines; say whether it is one."""
    line = lines[place].lstrip()
    indent = lines[place][: len(lines[place]) - len(line)]
    statement = _RUNS_STATEMENT.match(line)
    assigned = _ASSIGNED.match(line)
    if statement is not None:
        lines[place] = indent + statement["statement"]
    elif assigned is not None:
        lines[place] = f"{indent}{assigned['target']} = {MAGIC}"
    elif _ESCAPED.match(line):
        lines[place] = indent + "pass"
    else:
        return False
    while line.endswith("\\") and place + 1 < len(lines) and statement is None:
        place += 1
        line, lines[place] = lines[place], ""
    return True
