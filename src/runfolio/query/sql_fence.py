"""What a statement may name, by its syntax tree, before the engine looks at it.

The engine itself is closed to files, network and extensions; this keeps a statement to our tables,
and from calls that fill the memory in one step, which the engine neither counts nor interrupts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.query.fields import printable
from runfolio.query.sql_errors import no_table

__all__ = ["check_names", "nodes"]

_TABLE_FUNCTIONS: Final = frozenset(("range", "generate_series", "unnest"))
_SETTINGS: Final = frozenset(("current_setting", "getvariable", "getenv", "write_log"))
_LONG: Final = frozenset(("lpad", "rpad", "printf", "format"))
_MANY: Final = frozenset(("repeat", "range", "generate_series", "list_resize", "array_resize"))
"""Functions that make a text as long as a number says, and as many pieces as one says."""

_POWERS: Final = frozenset(("**", "^", "pow", "power", "<<", "factorial", "!", "exp"))
_USUAL: Final = 10_000
_MAX_MADE: Final = 10**8
_NUMBER: Final = re.compile(r"\d+(?:\.\d*)?(?:[eE]\+?\d+)?")


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every node of a syntax tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def check_names(tree: dict[str, Any], tables: Sequence[str]) -> None:
    """Make sure that a SELECT names our tables and harmless functions alone.

    Raises
    ------
    UsageError
        It names something else; the message tells what there is.
    """
    found = list(nodes(tree))
    own = {str(item.get("key")).lower() for node in found
           for item in (node.get("cte_map") or {}).get("map") or () if isinstance(item, dict)}  # fmt: skip
    # Read row by row, a range among the tables can be interrupted.
    rows = {id(node.get("function")) for node in found if node.get("type") == "TABLE_FUNCTION"}
    made = 1.0
    for node in found:
        kind = node.get("type")
        if kind == "TABLE_FUNCTION":
            _check_table_function(node, tables)
        elif kind == "BASE_TABLE":
            _check_table(node, tables, own)
        elif kind == "FUNCTION" and id(node) not in rows:
            made *= _made(node)
    if made > _MAX_MADE:
        raise UsageError(
            f"The statement makes a text or list of more than {_MAX_MADE:,} pieces in one step "
            "(repeat, lpad, format, range …); make less, or select FROM range(…)."
        )


def _check_table_function(node: dict[str, Any], tables: Sequence[str]) -> None:
    name = str((node.get("function") or {}).get("function_name"))
    if name not in _TABLE_FUNCTIONS:
        known = ", ".join((*tables, *sorted(_TABLE_FUNCTIONS)))
        raise UsageError(f"The function {printable(name)} is not at hand here; there are {known}.")


def _check_table(node: dict[str, Any], tables: Sequence[str], own: set[str]) -> None:
    name = str(node.get("table_name"))
    if node.get("catalog_name") or str(node.get("schema_name")).lower() not in ("", "main"):
        raise UsageError(f"Tables have no longer names here; there are {', '.join(tables)}.")
    if name.lower() not in (*tables, *own):
        raise UsageError(no_table(name, tables))


def _made(node: dict[str, Any]) -> float:
    """Return how many pieces a call may make, by the numbers that are written in it."""
    name = str(node.get("function_name")).lower()
    if name in _SETTINGS:
        raise UsageError(
            f"The function {name} is not at hand here; a statement reaches no setting."
        )
    if name not in _LONG | _MANY:
        return 1.0
    made = 1.0
    for inner in nodes(node.get("arguments") or node.get("children")):
        if str(inner.get("function_name")).lower() in _POWERS:
            return float("inf")
        if inner.get("type") == "VALUE_CONSTANT" and (name in _LONG or not _is_text(inner)):
            made *= max((float(n) for n in _NUMBER.findall(_said(inner))), default=1.0) or 1.0
    return made if name in _MANY or made > _USUAL else 1.0


def _said(constant: dict[str, Any]) -> str:
    """Return what a constant says, in either way that DuckDB has written them down."""
    said = constant.get("literal") or constant.get("value") or {}
    return str(said.get("text", said.get("value")))


def _is_text(constant: dict[str, Any]) -> bool:
    said = constant.get("literal") or constant.get("value") or {}
    return said.get("kind") == "STRING" or (said.get("type") or {}).get("id") == "VARCHAR"
