"""Python source as a user wrote it, magics and all, as a syntax tree."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from typing import Final

__all__ = ["MAGIC", "dotted", "forget_trees", "is_python", "python_below", "remember", "tree"]

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

# What Python may warn of while it parses: `"\\d"`, `1if x else 2`, and `return` in a `finally`.
_MAY_WARN: Final = re.compile(r"\\|\bfinally\b|\b[0-9][\w.]*(?:and|else|for|if|in|is|not|or)\b")

_MAX_CHARACTERS: Final = 1_000_000
# Each magic costs one more parse; a cell of more magics than this is no training code.
_MAX_MAGICS: Final = 100


# The last trees, for several look at each cell; more would only be more to let go of.
_kept: dict[str, ast.Module | None] = {}
_MOST_KEPT: Final = 2


def tree(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell or script; its line numbers tell the order, and no more.

    The last few are kept: nobody may change one.

    Magics, shell commands and help lines are taken as what they are: an assignment from one
    (``files = !ls``) binds its name to `MAGIC`, the others are passed over. Top-level ``await``
    is allowed.

    Returns
    -------
    ast.Module or None
        ``None`` for a cell in another language (``%%bash``), for what does not parse, and for
        more than a million characters.
    """
    try:
        return _kept[source]
    except KeyError:
        return remember(source, _tree(source))


def remember(source: str, parsed: ast.Module | None) -> ast.Module | None:
    """Keep a tree for a while, as that of a text, and return it.

    Parameters
    ----------
    source : str
    parsed : ast.Module or None
        That of this text, in which no magic stands.
    """
    while len(_kept) >= _MOST_KEPT:
        # Another thread may be at it, too.
        _kept.pop(next(iter([*_kept])), None)
    _kept[source] = parsed
    return parsed


def forget_trees() -> None:
    """Keep none any longer: the thousand nodes of a cell are more for Python's collector to visit."""
    _kept.clear()


def _tree(source: str) -> ast.Module | None:
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


def is_python(text: str) -> bool:
    """Return whether a text without magics can be compiled: one with a slip in it never runs."""
    return isinstance(_parse(text), ast.Module)


def _parse(text: str) -> ast.Module | int | None:
    """Return the tree, else the line (from 1) where the text stops being Python."""
    try:
        if _MAY_WARN.search(text) is None:
            return ast.parse(text)
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
