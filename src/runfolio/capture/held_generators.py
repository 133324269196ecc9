"""Random generators that lie in containers and objects: ``trainer.rng``, ``rngs["data"]``."""

from __future__ import annotations

import functools
import re
import types
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from runfolio.capture.generators import is_generator, may_be_generator
from runfolio.capture.objects import identity, instance_dict, own_dict, own_mro

__all__ = ["HeldGenerators", "held_generators", "is_path", "reached"]

# Counted and not timed: which generators are found must not depend on how busy the machine is.
_MOST_PARTS: Final = 300
_MOST_AT_START: Final = 5_000
_MOST_OF_ONE: Final = 64
_MOST_DEEP: Final = 4
_MOST_PATHS: Final = 200
_MOST_NAMES: Final = 1_000

# A key with anything else in it could break the path, or be a text that nobody should see.
_STEP: Final = re.compile(r'\.([^\W\d]\w{0,63})|\[(\d{1,6})\]|\["([\w .:/-]{0,32})"\]')
_PATH: Final = re.compile(rf"[^\W\d]\w*(?:{_STEP.pattern})+")

_DICTIONARIES: Final = frozenset({dict, OrderedDict, defaultdict})
_CONTAINERS: Final = frozenset({list, tuple, *_DICTIONARIES})
_LEAVES: Final = frozenset(
    {type(None), bool, int, float, complex, str, bytes, type, types.ModuleType, types.FunctionType,
     types.BuiltinFunctionType, types.MethodType}
)  # fmt: skip
# Of torch's modules: thousands of tensors, and no generator.
_PASSED_OVER: Final = frozenset({"_parameters", "_buffers", "_modules"})


class HeldGenerators:
    """Remembers where generators lie, so that each look need not search for them again."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._paths: dict[str, None] = {}

    def look_into(self, names: Iterable[str] | None, variables: Mapping[str, Any]) -> None:
        """Search some variables, all of them with ``None``."""
        some = [*variables] if names is None else [name for name in names if name in variables]
        kinds = [type(variables.get(name)) for name in some]
        may_be = set(filter(may_be_generator, set(kinds)))
        if may_be and len(self._names) < _MOST_NAMES:
            found = (name for name, kind in zip(some, kinds, strict=True) if kind in may_be)
            self._names.update(dict.fromkeys(found if names is None else sorted(found)))
        if not any(map(_may_hold, set(kinds))):
            return
        # Sorted, for a set of names has another order in each process.
        for path, _ in held_generators(variables, None if names is None else sorted(some)):
            if len(self._paths) >= _MOST_PATHS:
                return
            self._paths[path] = None

    def own(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the variables that were generators themselves when they were looked at."""
        return {name: variables[name] for name in self._names if name in variables}

    def found(self, variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield path and generator of those that still lie where they were found."""
        for path in self._paths:
            try:
                held = reached(path, variables)
            except LookupError:
                continue
            if is_generator(type(held)):
                yield path, held


def held_generators(
    variables: Mapping[str, Any], names: Iterable[str] | None = None
) -> list[tuple[str, Any]]:
    """Return the generators in the lists, tuples, dictionaries and objects that variables hold.

    What lies nearest comes first. No code of anybody's class is called.

    Parameters
    ----------
    variables : mapping
        The user's.
    names : iterable of str, optional
        Those that are searched; without it all.

    Returns
    -------
    list of (str, generator)
        The path is written as in Python: ``trainer.rng``, ``rngs["data"]``, ``pair[0]``.
    """
    left = _MOST_AT_START if names is None else _MOST_PARTS
    some = [*variables] if names is None else [name for name in names if name in variables]
    kinds = [type(variables.get(name)) for name in some]
    holders = {kind for kind in set(kinds) if _may_hold(kind)}
    if not holders:
        return []
    pending = deque(
        (name, variables.get(name), 0)
        for name, kind in zip(some, kinds, strict=True)
        if kind in holders and not name.startswith("_")
    )
    seen: set[int] = set()
    found: list[tuple[str, Any]] = []
    while pending:
        path, holder, depth = pending.popleft()
        if identity(holder) in seen:
            continue
        seen.add(identity(holder))
        for step, part in _parts(holder):
            left -= 1
            if left < 0:
                return found
            if is_generator(type(part)):
                if identity(part) not in seen:
                    seen.add(identity(part))
                    found.append((path + step, part))
            elif depth < _MOST_DEEP and _may_hold(type(part)):
                pending.append((path + step, part, depth + 1))
    return found


def is_path(text: str) -> bool:
    """Return whether a text leads to a part of a variable."""
    return _PATH.fullmatch(text) is not None


def reached(path: str, variables: Mapping[str, Any]) -> Any:
    """Return what lies at a path.

    Raises
    ------
    LookupError
        Nothing does.
    """
    name, steps = _split(path)
    value = variables[name]
    for step in steps:
        value = _part(value, step)
    return value


@functools.lru_cache(maxsize=1024)
def _split(path: str) -> tuple[str, tuple[str | int, ...]]:
    steps: list[str | int] = []
    begin = len(path)
    for step in _STEP.finditer(path):
        attribute, place, key = step.groups()
        begin = min(begin, step.start())
        steps.append(int(place) if place is not None else f".{attribute}" if attribute else key)
    return path[:begin], tuple(steps)


def _part(holder: Any, step: str | int) -> Any:
    kind = type(holder)
    if kind in _DICTIONARIES:
        if step not in holder:  # asked for it, a `defaultdict` would make it
            raise LookupError(step)
        return holder[step]
    if isinstance(step, int) and (kind is list or kind is tuple):
        return holder[step]
    attributes = instance_dict(holder)
    if attributes is None or not isinstance(step, str) or not step.startswith("."):
        raise LookupError(step)
    return attributes[step[1:]]


# Type → whether its objects hold others that are looked at; numbers, texts and arrays do not.
_holders: dict[type, bool] = {}
_MOST_TYPES: Final = 2_000


def _may_hold(kind: type) -> bool:
    known = _holders.get(kind)
    if known is None:
        if len(_holders) > _MOST_TYPES:
            _holders.clear()
        known = _holders[kind] = kind in _CONTAINERS or not (
            kind in _LEAVES
            or issubclass(kind, type)
            or all("__dict__" not in own_dict(base) for base in own_mro(kind))
        )
    return known


def _parts(holder: Any) -> Iterator[tuple[str, Any]]:
    """Yield what an object holds, each with its step of a path."""
    kind = type(holder)
    if kind is list or kind is tuple:
        some = holder[:_MOST_OF_ONE]
        if not _LEAVES.issuperset(map(type, some)):
            yield from ((f"[{n}]", part) for n, part in enumerate(some))
        return
    is_dictionary = kind in _DICTIONARIES
    held = holder if is_dictionary else instance_dict(holder)
    if held is None or len(held) > _MOST_OF_ONE * 4:
        return
    # Copied at once: another thread may change it meanwhile.
    for key, part in held.copy().items():
        if type(part) not in _LEAVES:
            step = _step(key, is_key=is_dictionary)
            if step is not None:
                yield step, part


def _step(key: Any, *, is_key: bool) -> str | None:
    if type(key) is int and is_key:
        step = f"[{key}]"
    elif type(key) is str and key not in _PASSED_OVER:
        step = f'["{key}"]' if is_key else f".{key}"
    else:
        return None
    return step if _STEP.fullmatch(step) else None
