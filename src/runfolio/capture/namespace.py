"""What a cell does to the variables of a notebook, seen from outside while it runs."""

from __future__ import annotations

import re
import time
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from runfolio.capture.bindings import Bindings, bindings
from runfolio.capture.fingerprints import fingerprint, instance_dict, own_members, type_name
from runfolio.capture.secrets import is_secret_name

__all__ = ["Before", "Namespace", "Observed"]

# What IPython itself binds with every cell.
_KERNEL_NAMES: Final = re.compile(r"_+\Z|_i+\Z|_i?\d+\Z|_[iod]h\Z")
# Looking into values takes at most about this long, before a cell and after it.
_LOOK_S: Final = 0.0007
_MAX_NAMES: Final = 2_000
_MAX_VALUES: Final = 100
_MAX_FUNCTIONS: Final = 200


@dataclass(frozen=True, slots=True)
class Before:
    """The variables as a cell finds them.

    Attributes
    ----------
    ids : mapping of str to int
        Which object each name stands for. The objects are not held: a cell may need the memory.
    text : Bindings
        What the text of the cell tells.
    read : frozenset of str
        Names it may read, in functions that it may call too.
    first : frozenset of str
        Names whose fingerprint was taken for the first time.
    """

    ids: Mapping[str, int]
    text: Bindings
    read: frozenset[str]
    first: frozenset[str]


@dataclass(frozen=True, slots=True)
class Observed:
    """What a cell did; see the fields of :class:`runfolio.model.context.CellExecution`."""

    bound: tuple[str, ...]
    rebound: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    read: tuple[str, ...]
    values: Mapping[str, Mapping[str, Any]]


class Namespace:
    """The user's variables from cell to cell.

    Parameters
    ----------
    variables : callable
        Returns them.
    hidden : mapping
        Names that the kernel put there, with their objects.
    """

    def __init__(
        self, variables: Callable[[], dict[str, Any]], hidden: Mapping[str, Any] | None = None
    ) -> None:
        self._variables = variables
        self._hidden = hidden or {}
        # Name → id and hash, as of the last look.
        self._known: dict[str, tuple[int, str | None]] = {}

    def before(self, source: str) -> Before:
        """Look at the variables before a cell is executed."""
        text = bindings(source)
        variables = self._visible()
        read = frozenset(_read_through(text.read & variables.keys(), variables, self._variables()))
        deadline = time.perf_counter() + _LOOK_S
        first = set()
        for name in read:
            held = self._known.get(name)
            if held is not None and held[0] == id(variables[name]):
                continue
            if time.perf_counter() > deadline:
                break
            self._look(name, variables[name])
            first.add(name)
        return Before({n: id(v) for n, v in variables.items()}, text, read, frozenset(first))

    def after(self, before: Before, *, to_its_end: bool = True) -> Observed:
        """Look at them again, and return what the cell did.

        Parameters
        ----------
        to_its_end : bool
            Whether no error ended it: then what its text binds for certain is bound.
        """
        variables, ids = self._visible(), before.ids
        certain = before.text.certain if to_its_end else frozenset()
        bound = [name for name in variables if name not in ids]
        rebound = [
            name for name, value in variables.items()
            if name in ids and (ids[name] != id(value) or name in certain)
        ]  # fmt: skip
        deleted = [name for name in ids if name not in variables]
        for name in deleted:
            self._known.pop(name, None)
        fresh = {*bound, *rebound}
        stay = [name for name in before.read if name in variables and name not in fresh]
        values = self._look_at([*bound, *rebound], variables)
        changed = {name for name in before.text.changed if name in ids and name not in fresh}
        changed &= variables.keys()
        for name, (was, found) in self._look_again(stay, variables).items():
            if name in changed or (was and was != found.get("hash")):
                changed.add(name)
            if name in changed or name in before.first:
                values[name] = found
        same = {id(variables[name]) for name in changed}
        changed |= {n for n, v in variables.items() if id(v) in same and n not in fresh}
        return Observed(
            _listed(bound), _listed(rebound), _listed(changed), _listed(deleted),
            _listed(before.read), values,
        )  # fmt: skip

    def _visible(self) -> dict[str, Any]:
        """Return the user's own names and their objects."""
        hidden = self._hidden
        return {
            name: value
            for name, value in list(self._variables().items())
            if type(name) is str
            and not (name in hidden and hidden[name] is value)
            and not (name[:1] == "_" and _KERNEL_NAMES.match(name))
        }

    def _look(self, name: str, value: Any, *, hashed: bool = True) -> dict[str, Any]:
        secret = is_secret_name(name)
        found = fingerprint(value, hashed=hashed and not secret)
        if secret:  # not even how long it is
            found = {"type": found["type"], "id": found["id"]}
        self._known[name] = found["id"], found.get("hash")
        return found

    def _look_at(self, names: Iterable[str], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return fingerprints, those for which the time does not last without hash."""
        deadline = time.perf_counter() + _LOOK_S
        found: dict[str, Any] = {}
        for name in names:
            if len(found) >= _MAX_VALUES:
                self._known.pop(name, None)
                continue
            in_time = time.perf_counter() < deadline
            found[name] = self._look(name, variables[name], hashed=in_time)
        return found

    def _look_again(
        self, names: Iterable[str], variables: Mapping[str, Any]
    ) -> dict[str, tuple[str | None, dict[str, Any]]]:
        """Return, for names that still stand for the same object, hash as it was and fingerprint."""
        deadline = time.perf_counter() + _LOOK_S
        found = {}
        for name in names:
            was = self._known.pop(name, (0, None))[1]
            if time.perf_counter() < deadline:
                found[name] = was, self._look(name, variables[name])
        return found


def _listed(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names)[:_MAX_NAMES])


def _read_through(
    names: Iterable[str], variables: Mapping[str, Any], own: dict[str, Any]
) -> set[str]:
    """Return names, and those that the notebook's own functions and classes among them read."""
    read, pending = set(names), list(names)
    left = _MAX_FUNCTIONS
    while pending and left:
        for code in _codes(variables[pending.pop()], own):
            left -= 1
            for name in _names_in(code):
                if name in variables and name not in read:
                    read.add(name)
                    pending.append(name)
            if not left:
                break
    return read


def _codes(value: Any, own: dict[str, Any]) -> Iterator[types.CodeType]:
    """Yield the code of a function of the notebook, or of the class of an object, made in it."""
    if type(value) is types.FunctionType:
        if value.__globals__ is own:
            yield value.__code__
        wrapped = value.__dict__.get("__wrapped__")
        if type(wrapped) is types.FunctionType and wrapped.__globals__ is own:
            yield wrapped.__code__
        return
    kind = value if isinstance(value, type) else type(value)
    if not type_name(kind).startswith("__main__."):
        return
    for member in own_members(kind):
        function = getattr(member, "__func__", member) if type(member) in _METHODS else member
        function = member.fget if type(member) is property else function
        if type(function) is types.FunctionType and function.__globals__ is own:
            yield function.__code__
    for held in list((instance_dict(value) or {}).values())[:_MAX_FUNCTIONS]:
        if type(held) is types.FunctionType and held.__globals__ is own:
            yield held.__code__


_METHODS: Final = (staticmethod, classmethod)


def _names_in(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if type(constant) is types.CodeType:
            yield from _names_in(constant)
