"""What a cell does to the variables of a notebook, seen from outside while it runs."""

from __future__ import annotations

import dis
import functools
import itertools
import re
import time
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from runfolio.capture.addresses import addresses_of, names_of, places_that_differ, singly
from runfolio.capture.bindings import Bindings, bindings
from runfolio.capture.fingerprints import fingerprint
from runfolio.capture.objects import identity, instance_dict, own_members, own_module
from runfolio.capture.secrets.names import is_secret_name

__all__ = ["Before", "Namespace", "Observed"]

# What IPython itself binds: with every cell, with `!ls`, with `%run`.
_KERNEL_NAMES: Final = re.compile(r"_+\Z|_i+\Z|_i?\d+\Z|_[iod]h\Z|_exit_code\Z|__\w+__\Z")
# Both looks at a cell's variables, its text read and its names compared, take about this long at
# most; before it at most the half. What nobody had the time to look into is told as unseen.
_BOTH_S: Final = 0.0008
_BEFORE_S: Final = 0.0004
# So long values are looked into however long the text of the cell took.
_LEAST_S: Final = 0.00005
# With each cell so much remains of how long a look has once taken.
_FORGETS: Final = 0.9
_GLOBAL: Final = dis.opmap["LOAD_GLOBAL"]
_EXTENDED: Final = dis.opmap["EXTENDED_ARG"]
# By identity: a class may have methods of its own for being compared and hashed.
_HOLD_NOTHING: Final = frozenset(
    map(identity, (int, float, bool, complex, str, bytes, type(None), types.ModuleType))
)
_MAX_NAMES: Final = 2_000
_MAX_VALUES: Final = 100
_MAX_HELD: Final = 64
_MAX_FUNCTIONS: Final = 200


@dataclass(frozen=True, slots=True)
class Before:
    """The variables as a cell finds them.

    Attributes
    ----------
    names : list of str
    where : bytes
        Where the object lies that each of them stands for. The objects are not held: a cell may
        need the memory.
    text : Bindings
        What the text of the cell tells.
    read : mapping of str to bytes
        Names it may read, in functions that it may call too, and where their objects lie.
    first : frozenset of str
        Names whose fingerprint was taken for the first time.
    took_s : float
        How long it took to look.
    """

    names: list[str]
    where: bytes
    text: Bindings
    read: Mapping[str, bytes]
    first: frozenset[str]
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Observed:
    """What a cell did; see the fields of :class:`runfolio.model.context.CellExecution`."""

    bound: tuple[str, ...]
    rebound: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    read: tuple[str, ...]
    unseen: tuple[str, ...]
    values: Mapping[str, Mapping[str, Any]]


class Namespace:
    """The user's variables from cell to cell.

    Parameters
    ----------
    variables : callable
        Returns them.
    hidden : mapping
        Names that the kernel put there, with their objects.
    clock : callable
        Seconds, by which the looks are bounded.
    """

    def __init__(
        self,
        variables: Callable[[], dict[str, Any]],
        hidden: Mapping[str, Any] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._variables = variables
        self._hidden = hidden or {}
        self._clock = clock
        # Name → id and hash, as of the last look.
        self._known: dict[str, tuple[int, str | None]] = {}
        # Name → seconds that the last look took; the large ones are not begun without the time.
        self._took: dict[str, float] = {}

    def before(self, source: str) -> Before:
        """Look at the variables before a cell is executed."""
        began = self._clock()
        text, variables = bindings(source), self._variables()
        read = _read_through(filter(self._is_own, text.read & variables.keys()), variables)
        # Before the values, so that after the cell there is as long for them as here.
        names, where = self._snapshot()
        known = [name for name in read if name in variables]
        lies = singly(addresses_of([variables.get(name) for name in known]))
        reads = dict(zip(known, lies, strict=True))
        deadline = max(began + _BEFORE_S, self._clock() + _LEAST_S)
        first = set()
        for name in read:
            held, value = self._known.get(name), variables.get(name)
            if held is not None and held[0] == identity(value):
                continue
            if self._has_time(name, deadline):
                self._look(name, value)
                first.add(name)
        took_s = self._clock() - began
        return Before(names, where, text, reads, frozenset(first), took_s)

    def after(self, before: Before, *, to_its_end: bool = True) -> Observed:
        """Look at them again, and return what the cell did.

        Parameters
        ----------
        to_its_end : bool
            Whether no error ended it: then what its text binds for certain is bound.
        """
        began = self._clock()
        now = self._variables()
        names, where = self._snapshot()
        differ, new, gone = _compared(before, names, where)
        moved = list(filter(self._is_own, differ))
        deleted = list(filter(self._is_own, gone))
        for name in deleted:
            self._known.pop(name, None)
            self._took.pop(name, None)
        stay = {name for name in before.read if name in now}.difference(moved)
        # The objects that read names stood for may have been changed under other names, too.
        gone_on = {before.read[name] for name in moved if name in before.read}
        stay |= names_of(gone_on, names, where) - differ
        deadline = max(began + _BOTH_S - before.took_s, self._clock() + _LEAST_S)
        looked, differing, unseen = self._looked_again(stay, now, deadline)
        changed = {n for n in before.text.changed if n in now and n not in new}.difference(moved)
        changed |= differing
        if changed:
            also, left = self._also_changed(changed, names, where, deadline)
            changed |= also.difference(moved)
            unseen |= left.difference(moved)
        # `x = 1` once more gives the same object; `x += y` may change it instead.
        certain = before.text.certain.difference(changed) if to_its_end else ()
        again = [name for name in certain if name in now and name not in differ]
        bound = [name for name in moved if name in new]
        rebound = [*(name for name in moved if name not in new), *again]
        values: dict[str, Mapping[str, Any]] = {}
        for name in (*changed, *(before.first & stay), *bound, *rebound):
            if len(values) >= _MAX_VALUES:
                self._known.pop(name, None)
            elif name in looked:
                values[name] = looked[name]
            elif name not in values:
                hashed = self._has_time(name, deadline)
                values[name] = self._look(name, now.get(name), hashed=hashed)
        return Observed(
            _listed(bound), _listed(rebound), _listed(changed), _listed(deleted),
            _listed(before.read), _listed(unseen - changed), values,
        )  # fmt: skip

    def _snapshot(self) -> tuple[list[str], bytes]:
        """Return all names, and where their objects lie."""
        # A thread may bind a name meanwhile; and to copy a dictionary takes less than to go over it.
        now = self._variables().copy()
        return list(now), addresses_of(now.values())

    def _is_own(self, name: str) -> bool:
        """Return whether a name is the user's and not one that the kernel put there."""
        if type(name) is not str or (name[:1] == "_" and _KERNEL_NAMES.match(name)):
            return False
        return name not in self._hidden or self._hidden[name] is not self._variables().get(name)

    def _looked_again(
        self, names: Iterable[str], variables: Mapping[str, Any], deadline: float
    ) -> tuple[dict[str, dict[str, Any]], set[str], set[str]]:
        """Return what names hold, those of them whose object held something else, those not looked at."""
        found, differing, unseen = dict[str, dict[str, Any]](), set[str](), set[str]()
        for name in names:
            was, value = self._known.pop(name, (0, None))[1], variables.get(name)
            if was is not None and self._has_time(name, deadline):
                found[name] = now = self._look(name, value)
                if now.get("hash") != was:
                    differing.add(name)
            elif type(value) is not types.ModuleType:
                unseen.add(name)
        return found, differing, unseen

    def _also_changed(
        self, changed: set[str], names: list[str], where: bytes, deadline: float
    ) -> tuple[set[str], set[str]]:
        """Return names of changed objects and of what is known to hold one, and those not asked."""
        variables = self._variables()
        held = [variables.get(name) for name in changed]
        found = set(filter(self._is_own, names_of(singly(addresses_of(held)), names, where)))
        same = set(map(identity, held))
        pending = {
            name
            for name in (self._known.keys() & variables.keys()) - found
            if identity(type(variables.get(name))) not in _HOLD_NOTHING
        }
        while pending and self._clock() <= deadline:
            name = pending.pop()
            if not same.isdisjoint(map(identity, _held(variables.get(name)))):
                found.add(name)
        return found, pending

    def _look(self, name: str, value: Any, *, hashed: bool = True) -> dict[str, Any]:
        began = self._clock()
        # Of a secret not even the length is told.
        found = fingerprint(value, hashed=hashed and not is_secret_name(name))
        self._known[name] = found["id"], found.get("hash")
        if hashed:
            self._took[name] = min(self._clock() - began, _BOTH_S)
        return found

    def _has_time(self, name: str, deadline: float) -> bool:
        """Return whether what a name stands for can be looked into until then, as far as one knows."""
        took = self._took.get(name, 0.0)
        if self._clock() + took <= deadline:
            return True
        # Others may have held up the look that took so long: after some cells there is another.
        if took:
            self._took[name] = took * _FORGETS
        return False


def _held(value: Any) -> list[Any]:
    """Return some of the objects that a container or an object of the user's holds."""
    kind = type(value)
    if kind is list or kind is tuple:
        return list(value[:_MAX_HELD])
    held = value if kind is dict else instance_dict(value)
    if held is None or kind is types.ModuleType:
        return []
    return list(itertools.islice(held.copy().values(), _MAX_HELD))


def _compared(
    before: Before, names: list[str], where: bytes
) -> tuple[set[str], set[str], set[str]]:
    """Return the names that stand for another object than before, the new ones of them, those gone."""
    known = len(before.names)
    if names[:known] == before.names:
        # Nearly always: new names come last. A dictionary of them all takes three times as long.
        moved = {names[place] for place in places_that_differ(before.where, where)}
        new, gone = set(names[known:]), set[str]()
    else:
        was = dict(zip(before.names, singly(before.where), strict=True))
        pairs = zip(names, singly(where), strict=True)
        moved = {name for name, one in pairs if name in was and was[name] != one}
        new, gone = set(names) - was.keys(), was.keys() - set(names)
    return moved | new, new, gone


def _listed(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names)[:_MAX_NAMES])


def _read_through(names: Iterable[str], variables: dict[str, Any]) -> set[str]:
    """Return names, and those that the notebook's own functions and classes among them read."""
    read = set(names)
    pending = list(read)
    left = _MAX_FUNCTIONS
    codeless = set[int]()  # types, by identity: sixty arrays are asked once
    while pending and left:
        value = variables.get(pending.pop())
        its = identity(type(value))
        if its in codeless:
            continue
        if _has_no_code(type(value)):
            codeless.add(its)
            continue
        for code in _codes(value, variables):
            left -= 1
            for name in _names_in(code):
                if name in variables and name not in read:
                    read.add(name)
                    pending.append(name)
            if not left:
                break
    return read


def _has_no_code(kind: type) -> bool:
    """Return whether no object of a type is, or has, a function of the notebook."""
    if kind is types.FunctionType or issubclass(kind, type):
        return False
    module = own_module(kind)
    return type(module) is not str or module != "__main__"


def _codes(value: Any, own: dict[str, Any]) -> Iterator[types.CodeType]:
    """Yield the code of a function of the notebook, or of the class of an object, made in it."""
    if type(value) is types.FunctionType:
        if value.__globals__ is own:
            yield value.__code__
        wrapped = value.__dict__.get("__wrapped__")
        if type(wrapped) is types.FunctionType and wrapped.__globals__ is own:
            yield wrapped.__code__
        return
    # Not `isinstance`, which asks the object itself.
    kind = value if issubclass(type(value), type) else type(value)
    module = own_module(kind)
    if type(module) is not str or module != "__main__":
        return
    for member in own_members(kind):
        kind = type(member)
        if kind is property:
            function = member.fget
        else:
            function = member.__func__ if kind is staticmethod or kind is classmethod else member
        if type(function) is types.FunctionType and function.__globals__ is own:
            yield function.__code__
    for held in list((instance_dict(value) or {}).values())[:_MAX_FUNCTIONS]:
        if type(held) is types.FunctionType and held.__globals__ is own:
            yield held.__code__


@functools.lru_cache(maxsize=2048)
def _names_in(code: types.CodeType) -> frozenset[str]:
    """Return the global names that a function reads, and those within it; no attributes."""
    found, high = set(), 0
    words = code.co_code
    for operation, low in zip(words[::2], words[1::2], strict=True):
        argument = high | low
        high = argument << 8 if operation == _EXTENDED else 0
        if operation == _GLOBAL:
            # The lowest bit says how the name is used.
            found.add(code.co_names[argument >> 1])
    for constant in code.co_consts:
        if type(constant) is types.CodeType:
            found |= _names_in(constant)
    return frozenset(found)
