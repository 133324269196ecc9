"""Which objects a thousand names stand for, told in one step: where they lie in memory, in a row."""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from runfolio.capture.objects import identity

__all__ = ["addresses_of", "names_of", "places_that_differ", "singly"]

_WIDTH: Final = ctypes.sizeof(ctypes.c_void_p)
_BITS: Final = 8 * _WIDTH
_ALL: Final = (1 << _BITS) - 1
# So many are compared at once, for nearly all of them are what they were.
_MANY, _SOME = 128 * _WIDTH, 12 * _WIDTH


def addresses_of(values: Iterable[Any]) -> bytes:
    """Return the addresses of objects, one after the other; no object is held, or asked anything.

    Asking for the `identity` of each takes five times as long.
    """
    held = tuple(values)
    if not _AT_ONCE:
        return b"".join(struct.pack("n", identity(value)) for value in held)
    return _items_of(held)


def singly(where: bytes) -> Iterator[bytes]:
    """Yield each of some addresses."""
    return (where[place : place + _WIDTH] for place in range(0, len(where), _WIDTH))


def places_that_differ(before: bytes, now: bytes) -> Iterator[int]:
    """Yield each place at which another object stands than before, as far as both reach."""
    end = min(len(before), len(now))
    for start, stop in _differing(before, now, 0, end, _MANY):
        for first, last in _differing(before, now, start, stop, _SOME):
            for place, _ in _differing(before, now, first, last, _WIDTH):
                yield place // _WIDTH


def _differing(
    before: bytes, now: bytes, start: int, stop: int, step: int
) -> Iterator[tuple[int, int]]:
    for place in range(start, stop, step):
        end = min(place + step, stop)
        if before[place:end] != now[place:end]:
            yield place, end


def names_of(objects: Iterable[bytes], names: Sequence[str], where: bytes) -> set[str]:
    """Return the names that stand for one of some objects.

    Parameters
    ----------
    objects : iterable of bytes
        Their addresses.
    names : sequence of str
    where : bytes
        The addresses of what they stand for, in their order.
    """
    return {names[place] for one in set(objects) for place in _found(one, where)}


def _found(one: bytes, where: bytes) -> Iterator[int]:
    at = where.find(one)
    while at >= 0:
        if at % _WIDTH == 0:
            yield at // _WIDTH
        at = where.find(one, at + 1)


def _items_of(held: tuple[Any, ...]) -> bytes:
    # A tuple of CPython is its header and then the addresses of what it holds.
    return ctypes.string_at(_place_of(held) + tuple.__basicsize__, len(held) * _WIDTH)


def _place_of(value: Any) -> int:
    # What CPython tells for an object's identity is its address, turned by four bits.
    turned = identity(value) & _ALL
    return (turned << 4 | turned >> _BITS - 4) & _ALL


def _tuples_are_addresses() -> bool:
    """Return whether this Python lays out its tuples so; asked once, of two objects and an order."""
    if sys.implementation.name != "cpython":
        return False
    one, other = object(), object()
    held = (one, other, one)
    told = [ctypes.c_void_p.from_buffer(ctypes.py_object(it)).value or 0 for it in (*held, held)]
    # First this: what is elsewhere must not be read.
    if told != [_place_of(it) for it in (*held, held)]:
        return False
    return _items_of(held) == struct.pack("3P", *told[:3])


_AT_ONCE: Final = _tuples_are_addresses()
