"""Settings that a run has without anybody giving them: in a cell's variables, in a script's."""

from __future__ import annotations

import ast
import enum
import functools
import json
import math
import os
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from types import FrameType
from typing import Any, Final

from runfolio.capture.bindings import assigned
from runfolio.capture.config_objects import config_kind, declared, settings_of
from runfolio.capture.modules import is_installed
from runfolio.capture.names import MAX_BYTES, MISSING, is_secret, literals, plain_constant
from runfolio.capture.objects import identity, own_module
from runfolio.capture.script import is_worker
from runfolio.capture.secrets.names import mark
from runfolio.capture.source import tree

__all__ = ["FOUND", "FoundSettings", "in_cell", "in_script"]

FOUND: Final = frozenset(
    {"argparse", "attrs", "cell", "dataclass", "dict", "hydra", "mapping", "ml_collections",
     "namespace", "omegaconf", "pydantic"}
)  # fmt: skip
"""What the source of a setting that was found is called."""

_MAX_SETTINGS: Final = 500
_MAX_DEPTH: Final = 8
_MAX_ITEMS: Final = 200
_MAX_FRAMES: Final = 100

# Objects of these kinds are made of settings, whoever returned them; a data class may be a result.
_ALWAYS: Final = frozenset({"argparse", "omegaconf", "ml_collections"})
# Of models of Transformers: two settings for each class that is told apart, `LABEL_0` if unnamed.
_CLASSES: Final = frozenset({"id2label", "label2id"})
# `replace(options, lr=0.1)` and the like, and parsers whose name says what they give.
_COPIES: Final = frozenset(
    {"copy", "deepcopy", "evolve", "model_copy", "replace", "parse_args_into_dataclasses"}
)
_FILES: Final = frozenset({"yaml", "json", "toml", "tomllib", "tomli"})
_LOADS: Final = frozenset({"load", "loads", "safe_load", "full_load"})
_NUMPY: Final = frozenset(
    {"bool", "bool_", "float16", "float32", "float64",
     *(f"{u}int{8 << n}" for u in ("", "u") for n in range(4))}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundSettings:
    """Settings, ready for JSON, and what they were found in: one of `FOUND`."""

    source: str
    values: Mapping[str, Any]


def in_cell(
    source: str, bound: Iterable[str], read: Iterable[str], variables: Mapping[str, Any]
) -> list[FoundSettings]:
    """Return the settings that a cell made or used, each object under the name of its variable.

    Parameters
    ----------
    source : str
        The text of the cell.
    bound, read : iterable of str
        Names that it bound, and those whose value it found there.
    variables : mapping
        What the names stand for now.

    Returns
    -------
    list of FoundSettings
        First its literals. Then those of namespaces, data classes and the like that it read, made
        by calling their class, or got from argparse, OmegaConf and ml_collections; and of
        dictionaries that it wrote down or read from a file of settings. What another call returned
        may be a result, and is left out.
    """
    found = list(_written(source, variables))
    bound, read = [*bound], {*read}
    held = {name: variables.get(name) for name in (*bound, *read)}
    kinds: dict[int, str | None] = {}  # by type: sixty names stand for a few
    some: dict[str, str] = {}
    for name, its in zip(held, map(identity, map(type, held.values())), strict=True):
        if its not in kinds:
            kinds[its] = "dict" if type(held[name]) is dict else _kind(held[name])
        kind = kinds[its]
        if kind is not None and not name.startswith("_"):
            some[name] = kind
    # First what it bound; sorted, for a set of names has another order in each process.
    for name in dict.fromkeys((*filter(some.get, bound), *sorted(some))):
        kind = some[name]
        taken = (name in read and kind != "dict") or kind in _ALWAYS
        if taken or _is_made(name, held[name], source):
            found += _under(name, held[name], kind)
    return found


_WRITTEN: Final = frozenset({bool, int, float, str, type(None), list, tuple, dict})


def _written(source: str, variables: Mapping[str, Any]) -> Iterator[FoundSettings]:
    """Yield the literals of a cell: not those it never came to, nor what it filled afterwards."""
    written = literals(source, lambda name: type(variables.get(name, MISSING)) in _WRITTEN)
    kept = {
        name: value
        for name, value in written.items()
        if name in variables and (value == mark(name) or _still_is(variables[name], value))
    }
    if kept:
        yield FoundSettings("cell", kept)


def _still_is(now: Any, written: Any) -> bool:
    if isinstance(written, (list, dict)):
        # Of what was filled with a million items none is looked at.
        same_length = type(now) in (list, tuple, dict) and len(now) == len(written)
        return same_length and _json(now, [_MAX_SETTINGS]) == written
    return bool(_json(now, [_MAX_SETTINGS]) == written)


def _is_made(name: str, value: Any, source: str) -> bool:
    """Return whether a cell made what a name stands for by calling its class, or wrote it down."""
    last = assigned(source).get(name)
    makers = _makers(last.value) if last is not None else ()
    if type(value) is dict:
        # What the cell collects in a dictionary is a result.
        return "{}" in makers and name not in _changed(source)
    return not (_COPIES | {type(value).__name__}).isdisjoint(makers)


def in_script(frame: FrameType | None) -> list[FoundSettings]:
    """Return the settings that the program which runs has by now.

    Parameters
    ----------
    frame : frame
        Where the run is opened; its callers are looked at, too.

    Returns
    -------
    list of FoundSettings
        What Hydra composed, and what argparse parsed, each without an outer name; other objects
        of settings under the name of their variable. Looked at are the variables of the script and
        of those of its functions that are running.
    """
    # A worker's own script is that of whoever made it.
    main = {} if is_worker() else vars(sys.modules["__main__"])
    found: list[FoundSettings] = []
    composed = None
    for level in _callers(frame):
        if level.f_globals is main:
            variables = level.f_locals
            for name in [name for name in variables if not name.startswith("_")]:
                kind = _kind(variables[name])
                if kind == "argparse":
                    found += _alone(variables[name], kind)
                elif kind is not None:
                    found += _under(name, variables[name], kind)
        elif _is_hydras(level):
            composed = level.f_locals.get("task_cfg")
    if composed is None:
        return found
    # The script's own name for what Hydra composed tells nothing more.
    others = [one for one in found if one.source != "omegaconf"]
    return [*_alone(composed, "hydra"), *others]


def _kind(value: object) -> str | None:
    """Return what kind of settings an object holds; what runfolio itself has returned holds none."""
    kind = config_kind(value)
    of_ours = kind and str(own_module(type(value))).partition(".")[0] == "runfolio"
    return None if of_ours else kind


def _callers(frame: FrameType | None) -> Iterator[FrameType]:
    left = _MAX_FRAMES
    while frame is not None and left:
        yield frame
        frame, left = frame.f_back, left - 1


def _is_hydras(frame: FrameType) -> bool:
    """Return whether this is the function of Hydra that calls the user's."""
    return (
        frame.f_code.co_name == "run_job" and frame.f_globals.get("__name__") == "hydra.core.utils"
    )


def _under(name: str, value: Any, kind: str) -> list[FoundSettings]:
    if is_secret(name, value):
        return [FoundSettings(kind, {name: mark(name)})]
    found = _json(value, [_MAX_SETTINGS])
    return [FoundSettings(kind, {name: found})] if found else []


def _alone(value: Any, kind: str) -> list[FoundSettings]:
    found = _json(value, [_MAX_SETTINGS])
    return [FoundSettings(kind, found)] if isinstance(found, dict) and found else []


def _json(value: Any, left: list[int], around: tuple[int, ...] = ()) -> Any:
    """Return a value as JSON holds it, `MISSING` for one that is no setting.

    Parameters
    ----------
    left : list of one int
        So many more settings may be taken.
    around : tuple of int
        The containers that it lies in.
    """
    kind = type(value)
    if issubclass(kind, enum.Enum):
        return _json(value.value, left, around) if len(around) < _MAX_DEPTH else MISSING
    if issubclass(kind, float) and not math.isfinite(value):
        # By its name, as one that is given.
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value is None or issubclass(kind, (bool, int, float, str)):
        return plain_constant(value)
    if issubclass(kind, (os.PathLike, date, timedelta)) or _is_type_of_numbers(kind):
        return plain_constant(str(value)) if kind.__module__ in _KNOWN_TEXTS else MISSING
    if kind.__module__ == "numpy" and kind.__name__ in _NUMPY:
        return _json(value.item(), left, around)
    if kind in (Decimal, Fraction):
        return _json(float(value), left, around)
    if len(around) >= _MAX_DEPTH or id(value) in around:
        return MISSING
    around = (*around, id(value))
    if kind in (list, tuple, set, frozenset) or _is_list_of_omegaconf(kind):
        return _list(value, left, around)
    held = _named_fields(value) if issubclass(kind, tuple) else None
    if held is None:
        held = value if kind in _DICTIONARIES else _chosen(value)
    return MISSING if held is None else _mapping(held, left, around)


def _chosen(value: Any) -> dict[Any, Any] | None:
    """Return what an object of settings holds.

    Of a large data class of an installed library only what is not its default: nobody has chosen
    the hundred others, and they would hide the few.
    """
    held = settings_of(value)
    fields = declared(type(value), "__dataclass_fields__") if held else None
    if held is None or fields is None or len(fields) <= _OVERSEEN:
        return held
    file = getattr(sys.modules.get(str(own_module(type(value)))), "__file__", None)
    if not isinstance(file, str) or not is_installed(file):
        return held
    return {
        name: item
        for name, item in held.items()
        if name not in _CLASSES and (name not in fields or not _is_default(item, fields[name]))
    }


def _is_default(value: Any, field: Any) -> bool:
    default = field.default
    if field.default_factory in (dict, list, set):
        default = field.default_factory()
    if value is default:
        return True
    kind = type(value)
    if kind is not type(default) or kind not in (bool, int, float, str, dict, list, set, tuple):
        return False
    # Of containers only empty ones are compared: what lies in others may be anybody's.
    return bool(value == default) if kind in (bool, int, float, str) else not (value or default)


# So many fields of a class people still look through.
_OVERSEEN: Final = 40
_DICTIONARIES: Final = frozenset({dict, OrderedDict, defaultdict})
_KNOWN_TEXTS: Final = frozenset({"pathlib", "pathlib._local", "datetime", "torch", "numpy.dtypes"})


def _is_type_of_numbers(kind: type) -> bool:
    """Return whether an object says in what, or on what, is computed."""
    name = kind.__name__
    return kind.__module__ == "numpy.dtypes" or (
        kind.__module__ == "torch" and name in ("dtype", "device")
    )


def _named_fields(value: Any) -> dict[str, Any] | None:
    """Return what a named tuple holds; asked of nothing that somebody may have written."""
    names = declared(type(value), "_fields")
    if type(names) is not tuple or len(names) != tuple.__len__(value):
        return None
    return dict(zip(map(str, names), tuple.__iter__(value), strict=True))


def _is_list_of_omegaconf(kind: type) -> bool:
    return kind.__name__ == "ListConfig" and kind.__module__.partition(".")[0] == "omegaconf"


def _list(value: Any, left: list[int], around: tuple[int, ...]) -> Any:
    if len(value) > _MAX_ITEMS:
        return MISSING
    try:
        items = [_json(item, left, around) for item in value]
    except Exception:  # noqa: BLE001 - an interpolation of OmegaConf may fail in any way
        return MISSING
    if type(value) in (set, frozenset):
        items.sort(key=str)  # their own order is another one in each process
    return MISSING if MISSING in items else items


def _mapping(held: Mapping[Any, Any], left: list[int], around: tuple[int, ...]) -> dict[str, Any]:
    """Return those settings of a mapping that are small, and neither private nor secret."""
    kept: dict[str, Any] = {}
    for key, item in list(held.items())[:_MAX_SETTINGS]:
        if left[0] <= 0:
            break
        name = plain_constant(key if isinstance(key, str) else repr(key))
        if type(key) not in (str, int, float, bool) or name is MISSING or name.startswith("_"):
            continue
        if is_secret(name, item):
            kept[name] = mark(name)
            continue
        found = _json(item, left, around)
        if found is MISSING or (isinstance(found, (str, list)) and not _fits(found)):
            continue
        left[0] -= 1
        kept[name] = found
    return kept


def _fits(value: Any) -> bool:
    return len(json.dumps(value, ensure_ascii=False).encode()) <= MAX_BYTES


def _makers(value: ast.expr) -> tuple[str, ...]:
    """Return the classes that may have been called for a value.

    ``{}`` stands for a dictionary that is written down, or read from a file of settings.
    """
    if isinstance(value, ast.Dict):
        return ("{}",)
    if not isinstance(value, ast.Call):
        return ()
    words: list[str] = []
    function: ast.expr = value.func
    while isinstance(function, ast.Attribute):
        words.append(function.attr)
        function = function.value
    if isinstance(function, ast.Name):
        words.append(function.id)
    # `tyro.cli(Options)`
    given = [argument.id for argument in value.args if isinstance(argument, ast.Name)]
    is_dict = words == ["dict"] or (words[:1] and words[0] in _LOADS and words[-1] in _FILES)
    return ("{}",) if is_dict else (*words, *given)


@functools.lru_cache(maxsize=4)
def _changed(source: str) -> frozenset[str]:
    """Return names of which a method is called, or an item is set, anywhere in a cell."""
    module = tree(source)
    found = set[str]()
    for node in ast.walk(module) if module is not None else ():
        inner: ast.expr | None = None
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            inner = node.value.func if isinstance(node.value.func, ast.Attribute) else None
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            inner = node
        while isinstance(inner, (ast.Subscript, ast.Attribute)):
            inner = inner.value
        if isinstance(inner, ast.Name):
            found.add(inner.id)
    return frozenset(found)
