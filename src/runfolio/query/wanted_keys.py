"""Which metrics and columns a statement can mean, by its syntax tree: no others need be read."""

from __future__ import annotations

import re
from typing import Any, Final

from runfolio.query.sql_fence import nodes

__all__ = ["wanted_columns", "wanted_keys"]

_NUMBERED: Final = re.compile(r"(?:_\d+)+\Z")
# What stands for columns that it does not name.
_UNNAMED: Final = frozenset(("STAR", "SHOW_REF", "PIVOT", "POSITIONAL_REFERENCE"))


def wanted_columns(tree: dict[str, Any]) -> frozenset[str] | None:
    """Return all that a statement says, in small letters: a column it means is among it.

    Returns
    -------
    frozenset of str or None
        ``None`` where it may mean columns that it does not name: ``*``, ``COLUMNS(…)``, a table
        as one value, columns by their places.
    """
    found = list(nodes(tree))
    tables = {
        str(node.get(name)).lower()
        for node in found
        if "column_name_alias" in node or "table_name" in node
        for name in ("alias", "table_name")
    }
    said: set[str] = set()
    for node in found:
        if node.get("type") in _UNNAMED or node.get("class") in _UNNAMED:
            return None
        if node.get("column_name_alias") or node.get("ref_type") == "NATURAL":
            return None
        names = node.get("column_names") or ()
        if names and str(names[-1]).lower() in tables:
            return None
        for value in node.values():
            texts = value if isinstance(value, list) else [value]
            said.update(text.lower() for text in texts if isinstance(text, str))
    # Of names that differ only in case the engine calls the second `…_1`.
    return frozenset(said | {_NUMBERED.sub("", text) for text in said})


def wanted_keys(tree: dict[str, Any]) -> list[str] | None:
    """Return the keys of ``metrics`` that can reach the answer; ``None`` where it may be all.

    Only the plain case is seen: each SELECT that names the table reads it alone, or joined to
    ``runs``, under a WHERE that says ``key = '…'`` or ``key IN ('…', …)`` among what must hold.
    """
    found: set[str] = set()
    seen = 0
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            waiting += node.values()
            if node.get("type") == "SELECT_NODE" and "metrics" in (
                tables := _tables(node.get("from_table"))
            ):
                keys = _keys(node.get("where_clause"))
                if keys is None or not set(tables) <= {"metrics", "runs"} or node.get("sample"):
                    return None
                seen += tables.count("metrics")
                found |= keys
    return sorted(found) if seen and seen == _mentions(tree) else None


def _tables(table: Any) -> list[str]:
    """Return the tables that a FROM joins; one that is no plain table has no name."""
    if not isinstance(table, dict):
        return [""]
    if table.get("type") == "BASE_TABLE" and not table.get("sample"):
        return [str(table.get("table_name")).lower()]
    plain = table.get("join_type") in ("INNER", "LEFT", "RIGHT", "OUTER")
    if table.get("type") == "JOIN" and plain and table.get("ref_type") in ("REGULAR", "NATURAL"):
        return [*_tables(table.get("left")), *_tables(table.get("right"))]
    return [""]


def _keys(where: Any) -> set[str] | None:
    if not isinstance(where, dict):
        return None
    if where.get("type") == "CONJUNCTION_AND":
        said = [keys for term in where.get("children", ()) if (keys := _keys(term)) is not None]
        return set.intersection(*said) if said else None
    if where.get("type") == "COMPARE_EQUAL":
        sides = [where.get("left"), where.get("right")]
        return _texts(sides if _is_key(sides[0]) else sides[::-1])
    if where.get("type") == "COMPARE_IN":
        return _texts(where.get("children", []))
    return None


def _texts(sides: list[Any]) -> set[str] | None:
    if not sides or not _is_key(sides[0]):
        return None
    texts = [_text(side) for side in sides[1:]]
    return None if None in texts else {text for text in texts if text is not None}


def _is_key(side: Any) -> bool:
    names = (side.get("column_names") or [""]) if isinstance(side, dict) else [""]
    return str(names[-1]).lower() == "key" and len(names) <= 2


def _text(side: Any) -> str | None:
    """Return the text that a constant is, in either way that DuckDB has written them down."""
    if not isinstance(side, dict) or side.get("type") != "VALUE_CONSTANT":
        return None
    literal = side.get("literal") or side.get("value") or {}
    text = literal.get("text") if literal.get("kind") == "STRING" else literal.get("value")
    return text if isinstance(text, str) else None


def _mentions(tree: Any) -> int:
    n, waiting = 0, [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            n += str(node.get("table_name", "")).lower() == "metrics"
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return n
