"""Settings that a cell assigns as plain literals: ``lr, batch = 1e-3, 64``."""

from __future__ import annotations

import ast
import json
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from runfolio.capture.secrets.addresses import redact_urls
from runfolio.capture.secrets.names import is_secret_name, mark
from runfolio.capture.source import tree

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
    module = tree(source)
    if module is None:
        return {}
    found: dict[str, Any] = {}
    has_walrus = ":=" in source
    for statement in module.body:
        for name, value in _bindings(statement, may_be, has_walrus=has_walrus):
            # Popped first, so that the order is that of the assignment that counts.
            found.pop(name, None)
            if value is not MISSING:
                found[name] = value
    return {
        name: mark(name) if is_secret(name, value) else value
        for name, value in found.items()
        if _wanted(name, value)
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


def _bindings(
    statement: ast.stmt, may_be: Callable[[str], bool], *, has_walrus: bool
) -> Iterator[tuple[str, Any]]:
    """Yield each name a top-level statement binds, with its literal value or `MISSING`."""
    if isinstance(statement, ast.Assign):
        if has_walrus:  # nothing else in a value binds a name
            yield from _bound_in(statement.value)
        for target in statement.targets:
            yield from _unpacked(target, statement.value, may_be)
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        if statement.value is not None:
            yield from _unpacked(statement.target, statement.value, may_be)
    else:
        yield from _bound_in(statement)


def _unpacked(
    target: ast.expr, value: ast.expr, may_be: Callable[[str], bool]
) -> Iterator[tuple[str, Any]]:
    sequence = (ast.Tuple, ast.List)
    if isinstance(target, ast.Name):
        yield target.id, literal(value) if may_be(target.id) else MISSING
    elif isinstance(target, sequence) and isinstance(value, sequence):
        starred = any(isinstance(item, ast.Starred) for item in (*target.elts, *value.elts))
        if starred or len(target.elts) != len(value.elts):
            yield from _bound_in(target)
            return
        for one_target, one_value in zip(target.elts, value.elts, strict=True):
            yield from _unpacked(one_target, one_value, may_be)
    else:
        yield from _bound_in(target)


def _bound_in(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Yield the names bound anywhere in a statement but in the functions it defines."""
    pending: list[ast.AST] = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id, MISSING
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, MISSING
            continue
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0], MISSING
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name, MISSING
        elif isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(
            node.ctx, ast.Load
        ):
            yield from _changed(node)
        elif isinstance(
            node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        ):
            # Their targets are local; only a walrus in them binds outside.
            yield from _walruses(node)
            continue
        pending.extend(ast.iter_child_nodes(node))


def _changed(node: ast.Subscript | ast.Attribute) -> Iterator[tuple[str, Any]]:
    # `options["lr"] = x` makes the literal bound to `options` out of date.
    inner: ast.expr = node
    while isinstance(inner, (ast.Subscript, ast.Attribute)):
        inner = inner.value
    if isinstance(inner, ast.Name):
        yield inner.id, MISSING


def _walruses(node: ast.AST) -> Iterator[tuple[str, Any]]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.NamedExpr):
            yield inner.target.id, MISSING


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


def _wanted(name: str, value: Any) -> bool:
    return (
        not name.startswith("_")
        and len(json.dumps(value, ensure_ascii=False).encode()) <= MAX_BYTES
    )


def is_secret(name: str, value: Any) -> bool:
    """Return whether the value of a setting of this name is to be kept from everybody."""
    # `use_auth = True` tells nothing that has to be kept from anybody.
    return type(value) not in (bool, type(None)) and is_secret_name(name)
