"""Settings that a cell assigns as plain literals: ``lr, batch = 1e-3, 64``."""

from __future__ import annotations

import ast
import json
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from runfolio.capture.bindings import assigned
from runfolio.capture.secrets.addresses import redact_urls
from runfolio.capture.secrets.names import is_secret_name, mark

__all__ = ["MAX_BYTES", "MISSING", "is_secret", "literal", "literals", "plain_constant"]

MISSING: Final = object()
"""What `literal` returns for an expression that is no literal."""

MAX_BYTES: Final = 1024
"""A setting that is found takes at most so much as JSON."""

_MAX_INTEGER: Final = 2**63 - 1
_MAX_EXPONENT: Final = 64
_MAX_DEPTH: Final = 8

_OPERATORS: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}


def literals(source: str, may_be: Callable[[str], bool] = lambda _: True) -> dict[str, Any]:
    r"""Return the names that the top level of a cell leaves bound to literals, and their values.

    Parameters
    ----------
    source : str
        The raw text of the cell; magics and shell commands may stand in it.
    may_be : callable
        Whether a name may stand for a literal; of the others the value is not looked at.

    Returns
    -------
    dict of str to value
        Numbers (``2**7`` and ``3 * 1e-4`` included), text, booleans, ``None``, and lists, tuples
        (as lists) and dicts of them, of at most 1 kB as JSON. A mark stands for a value whose
        name says that it is secret (see `secrets.names.is_secret_name`). Left out are names that
        begin with an underscore, and names that are also bound in any other way: by a loop, in an
        ``if``, by ``+=``, by a call. The last assignment wins. Empty for a cell that is not
        Python.

    Examples
    --------
    >>> literals("%%track baseline\nlr, batch = 1e-3, 64\nname = 'wide'\nmodel = build()")
    {'lr': 0.001, 'batch': 64, 'name': 'wide'}
    """
    found = {
        name: literal(one.value)
        for name, one in assigned(source).items()
        if one.stands and not name.startswith("_") and may_be(name)
    }
    return {
        name: mark(name) if is_secret(name, value) else value
        for name, value in found.items()
        if value is not MISSING and _fits(value)
    }


def literal(node: ast.expr, depth: int = 0) -> Any:
    """Return the JSON-ready value of a literal expression, `MISSING` for any other.

    Parameters
    ----------
    node : ast.expr
    depth : int
        How deep the expression lies in the one that is asked for.
    """
    if depth > _MAX_DEPTH:
        return MISSING
    if isinstance(node, ast.Constant):
        return plain_constant(node.value)
    if isinstance(node, (ast.UnaryOp, ast.BinOp)):
        return plain_constant(_number(node, depth))
    if isinstance(node, (ast.List, ast.Tuple)):
        items = [literal(item, depth + 1) for item in node.elts]
        return MISSING if MISSING in items else items
    if isinstance(node, ast.Dict):
        return _mapping(node, depth)
    return MISSING


def _number(node: ast.expr, depth: int) -> Any:
    """Return the value of arithmetic over numbers, bounded so that it cannot take long."""
    if isinstance(node, ast.UnaryOp):
        value = literal(node.operand, depth + 1)
        if not isinstance(node.op, (ast.USub, ast.UAdd)) or not _is_number(value):
            return MISSING
        return -value if isinstance(node.op, ast.USub) else +value
    if not isinstance(node, ast.BinOp):
        return MISSING
    calculate, left = _OPERATORS.get(type(node.op)), literal(node.left, depth + 1)
    if calculate is None or not _is_number(left):
        return MISSING  # so end most of those that begin with a variable
    right = literal(node.right, depth + 1)
    if not _is_number(right):
        return MISSING
    if calculate is operator.pow and abs(right) > _MAX_EXPONENT:
        return MISSING
    try:
        return calculate(left, right)
    except (ArithmeticError, ValueError):
        return MISSING


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _mapping(node: ast.Dict, depth: int) -> Any:
    values: dict[str, Any] = {}
    for key, item in zip(node.keys, node.values, strict=True):
        name = literal(key, depth + 1) if key is not None else MISSING
        value = literal(item, depth + 1)
        if not isinstance(name, (str, int, float)) or value is MISSING:
            return MISSING
        secret = isinstance(name, str) and is_secret(name, value)
        values[str(name)] = mark(str(name)) if secret else value
    return values


def plain_constant(value: Any) -> Any:
    """Return a number, a text, a truth value or ``None`` as JSON holds it; else `MISSING`."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _MAX_INTEGER else MISSING
    if isinstance(value, float):
        return value if math.isfinite(value) else MISSING
    if isinstance(value, str) and value.isascii() | _encodes(value):
        return redact_urls(value)
    return MISSING


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fits(value: Any) -> bool:
    if value is None or isinstance(value, (int, float)):
        return True
    return len(json.dumps(value, ensure_ascii=False).encode()) <= MAX_BYTES


def is_secret(name: str, value: Any) -> bool:
    """Return whether the value of a setting of this name is to be kept from everybody."""
    # `use_auth = True` tells nothing that has to be kept from anybody.
    return type(value) not in (bool, type(None)) and is_secret_name(name)
