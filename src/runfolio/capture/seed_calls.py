"""Seeds that source code sets: ``random.seed(0)``, ``set_seed(SEED)``, ``random_state=7``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from runfolio.capture.source import dotted, tree

__all__ = ["seeds_in_source"]

# What people call these modules where a cell does not show the import.
_USUAL_NAMES: Final[Mapping[str, str]] = {
    "np": "numpy",
    "tf": "tensorflow",
    "pl": "lightning",
    "L": "lightning",
    "cp": "cupy",
    "jr": "jax.random",
    "jrandom": "jax.random",
}
# The call's full name → how the seed is named in a record.
_KNOWN_CALLS: Final[Mapping[str, str]] = {
    "random.seed": "random",
    "random.Random": "random.Random",
    "numpy.random.seed": "numpy",
    "numpy.random.default_rng": "numpy.default_rng",
    "numpy.random.RandomState": "numpy.RandomState",
    "numpy.random.SeedSequence": "numpy.SeedSequence",
    "numpy.random.PCG64": "numpy.PCG64",
    "torch.manual_seed": "torch",
    "torch.random.manual_seed": "torch",
    "torch.cuda.manual_seed": "torch.cuda",
    "torch.cuda.manual_seed_all": "torch.cuda",
    "torch.mps.manual_seed": "torch.mps",
    "torch.Generator.manual_seed": "torch.Generator",
    "tensorflow.random.set_seed": "tensorflow",
    "tensorflow.keras.utils.set_random_seed": "keras",
    "keras.utils.set_random_seed": "keras",
    "jax.random.PRNGKey": "jax",
    "jax.random.key": "jax",
    "cupy.random.seed": "cupy",
    "default_rng": "numpy.default_rng",
    "RandomState": "numpy.RandomState",
    "PRNGKey": "jax",
}
# What is imported from them by name is known by its full name.
_SEEDING_PACKAGES: Final = ("numpy", "torch", "jax", "tensorflow", "runfolio")
_SEED_KEYWORDS: Final = frozenset({"seed", "random_state", "random_seed", "seed_value"})
_SEED_WORD: Final = re.compile(r"(?:^|_)seeds?(?:_|$)|[a-z]Seed\b|manual_seed")
_TELLING: Final = ("seed", "random", "rng")
_MAX_FOUND: Final = 100


def seeds_in_source(source: str) -> dict[str, Any]:
    r"""Return the seeds that a cell or script sets by literal numbers, by what they seed.

    Parameters
    ----------
    source : str
        Raw text; magics and shell commands may stand in it.

    Returns
    -------
    dict of str to int or list of int
        ``random``, ``numpy``, ``torch``, ``torch.cuda``, ``tensorflow``, ``jax`` …;
        ``numpy.default_rng`` for a generator made from a seed; for any other function with
        "seed" in its name that name (``seed_everything``, ``set_seed``); for an argument, the
        function's name and the argument's (``train_test_split.random_state``). Where one is set
        more than once, the last in the text. Functions count wherever they are called; whether
        a branch was taken cannot be seen here.

    Examples
    --------
    >>> seeds_in_source("SEED = 7\nrandom.seed(SEED)\nnp.random.seed(42)")
    {'random': 7, 'numpy': 42}
    """
    low = source.lower()
    if not any(word in low for word in _TELLING):
        return {}
    module = tree(source)
    if module is None:
        return {}
    names, constants = _imported_names(module), _constants(module)
    found: dict[str, Any] = {}
    for node in _in_text_order(module):
        for key, value in _seeds_of(node, names, constants):
            found.pop(key, None)
            found[key] = value
            if len(found) >= _MAX_FOUND:
                return found
    return found


def _in_text_order(module: ast.Module) -> list[ast.Call | ast.Assign]:
    nodes = [node for node in ast.walk(module) if isinstance(node, (ast.Call, ast.Assign))]
    return sorted(nodes, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0))


def _seeds_of(
    node: ast.Call | ast.Assign, names: Mapping[str, str], constants: Mapping[str, int]
) -> Iterator[tuple[str, Any]]:
    if isinstance(node, ast.Assign):
        yield from _hash_seed(node)
        return
    name = _full_name(node.func, names)
    if name is None:
        return
    short = name.rpartition(".")[2]
    known = _KNOWN_CALLS.get(name) or (name if _SEED_WORD.search(short) else None)
    given = node.args[0] if node.args else None
    for keyword in node.keywords:
        if keyword.arg in _SEED_KEYWORDS:
            if known is not None and given is None:
                given = keyword.value
            elif known is None:
                value = _integer(keyword.value, constants)
                if value is not None:
                    yield f"{name}.{keyword.arg}", value
    if known is not None and given is not None:
        value = _integer(given, constants)
        if value is not None:
            yield known, value


def _hash_seed(node: ast.Assign) -> Iterator[tuple[str, Any]]:
    # os.environ["PYTHONHASHSEED"] = "0" reaches only the processes started from here.
    for target in node.targets:
        if (
            isinstance(target, ast.Subscript)
            and isinstance(target.slice, ast.Constant)
            and target.slice.value == "PYTHONHASHSEED"
            and isinstance(node.value, ast.Constant)
            and str(node.value.value).isdigit()
        ):
            yield "PYTHONHASHSEED of children", int(str(node.value.value))


def _full_name(node: ast.expr, names: Mapping[str, str]) -> str | None:
    """Return what is called, with the names of imports written out."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
        # A method of what was just made, as with a fresh torch.Generator.
        made = _full_name(node.value.func, names)
        return f"{made}.{node.attr}" if made is not None else None
    name = dotted(node)
    if name is None:
        return None
    first, dot, rest = name.partition(".")
    return f"{names.get(first, _USUAL_NAMES.get(first, first))}{dot}{rest}"


def _imported_names(module: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    names[alias.asname] = alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if full in _KNOWN_CALLS or node.module in _SEEDING_PACKAGES:
                    names[alias.asname or alias.name] = full
    return names


def _constants(module: ast.Module) -> dict[str, int]:
    """Return the names that are bound once in the whole text, to an integer."""
    values: dict[str, int] = {}
    bound: dict[str, int] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound[node.id] = bound.get(node.id, 0) + 1
        elif isinstance(node, ast.arg):
            # A parameter of that name may be what the call means.
            bound[node.arg] = bound.get(node.arg, 0) + 2
        values.update(_assigned(node))
    return {name: value for name, value in values.items() if bound.get(name) == 1}


def _assigned(node: ast.AST) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets, value = [node.target], node.value
    else:
        return
    for target in targets:
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=False))
        for one_target, one_value in pairs:
            number = _integer(one_value, {})
            if isinstance(one_target, ast.Name) and isinstance(number, int):
                yield one_target.id, number


def _integer(node: ast.expr, constants: Mapping[str, int]) -> int | list[int] | None:
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value.bit_length() < 64:
        return node.value
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
        items = [_integer(item, constants) for item in node.elts]
        return [item for item in items if isinstance(item, int)] if _all_int(items) else None
    return None


def _all_int(items: list[Any]) -> bool:
    return all(isinstance(item, int) for item in items)
