"""What can be logged and configured, as plain numbers and JSON values."""

from __future__ import annotations

import contextlib
import enum
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Any, Final

from runfolio.capture.config_objects import settings_of
from runfolio.format.codec import MAX_DEPTH, nonfinite_name

__all__ = [
    "Unsupported",
    "clean",
    "flat_items",
    "is_a",
    "key_text",
    "kind_name",
    "plain",
    "plain_within",
    "reader",
    "scalar",
]

_TEXT_LIMIT: Final = 1024
# A setting lies some levels deep in the manifest and in events, which have a limit themselves.
_DEEPEST: Final = MAX_DEPTH - 8
# What is shared can be reached in more ways than there are atoms: forty lists of two do.
_MOST_SETTINGS: Final = 250_000
_MOST_NESTED: Final = 100_000


class Unsupported(TypeError):
    """A value that has no form in a run; the message names its type."""


def scalar(value: object) -> float | int | None:
    """Return a logged value as a Python number; ``None`` stays ``None``.

    Takes Python and numpy numbers, bool, ``Fraction`` and ``Decimal``, and whatever has one
    element and ``item()`` or ``numpy()``: arrays of numpy, torch, jax and TensorFlow, none of
    which is imported for it.

    Raises
    ------
    Unsupported
        It is no number, has more than one element, or its own conversion raised.
    """
    if value is None:
        return None
    read = reader(value)
    if read is not None:
        return read(value)
    try:
        return _number(value)
    except Unsupported:
        raise
    except Exception as error:
        raise Unsupported(
            f"{_type_name(value)} raised {type(error).__name__} when asked for its number"
        ) from error


class _Numbers(dict[type, Callable[[Any], float | int] | None]):
    """How a type becomes a number of Python, ``None`` where its value must be asked.

    ``float`` of a numpy scalar takes a thirtieth of its ``item``.
    """

    def __missing__(self, kind: type) -> Callable[[Any], float | int] | None:
        read = _NUMPY.get(kind.__name__) if kind.__module__ == "numpy" else None
        if read is not None:
            self[kind] = read
        return read


_NUMPY: Final[dict[str, type[float | int]]] = {
    **dict.fromkeys(("float16", "float32", "float64"), float),
    **dict.fromkeys(
        ("bool", "bool_", *(f"{u}int{8 << n}" for u in ("", "u") for n in range(4))), int
    ),
}
_NUMBERS: Final = _Numbers({float: float, int: int, bool: int})


def reader(value: object) -> Callable[[Any], float | int] | None:
    """Return what makes a number of a value whose type alone says that it is one."""
    try:
        return _NUMBERS[type(value)]
    except Exception:  # noqa: BLE001 - whatever its metaclass does
        return None


def _number(value: object) -> float | int:
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if _size(value) == 1:
        return _element(value)
    if type(value).__name__ in ("Decimal", "Fraction"):
        return float(value)  # type: ignore[arg-type]
    if isinstance(value, Mapping):
        raise Unsupported(
            f"a {_type_name(value)} that holds itself, more than {_MOST_NESTED:,} values, or raises "
            "when it is listed, cannot be taken apart"
        )
    raise Unsupported(f"{_type_name(value)} is no single number")


def _size(value: object) -> int | None:
    shape = getattr(value, "shape", None)
    if shape is None:
        return None
    return math.prod(map(int, shape)) if len(shape) else 1


def _element(value: Any) -> float | int:
    item = value.item() if hasattr(value, "item") else value.numpy().item()
    if isinstance(item, (bool, int)):
        return int(item)
    if isinstance(item, float):
        return item
    if isinstance(item, complex):
        raise Unsupported("a complex number is not one number; log its real and imaginary part")
    return float(item)  # bfloat16 and friends arrive as their own scalar types


def kind_name(value: object) -> str:
    """Return the name of a value's type, whatever its metaclass does."""
    try:
        return str(type(value).__name__)
    except Exception:  # noqa: BLE001 - a name may be a property that raises
        return "object"


def _type_name(value: object) -> str:
    kind = type(value)
    name = kind_name(value)
    # An object may raise at whatever it is asked, its shape included.
    with contextlib.suppress(Exception):
        if kind.__module__ != "builtins":
            name = f"{kind.__module__}.{kind.__qualname__}"
    with contextlib.suppress(Exception):
        shape = getattr(value, "shape", None)
        if shape is not None:
            return f"{name} of shape {tuple(shape)}"
    return name


def flat_items(
    data: Mapping[Any, Any], prefix: str = "", level: int = 0
) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a logged mapping, nested ones under ``outer.inner`` as W&B names them.

    A nested one that cannot be taken apart is yielded whole.
    """
    pairs = _pairs(data)
    if pairs is None:
        yield prefix[:-1] or "row", data
        return
    for key, value in pairs:
        name = prefix + (key if isinstance(key, str) else key_text(key))
        if _nests(value) and level < MAX_DEPTH and (level or _ways(value, {}) <= _MOST_NESTED):
            yield from flat_items(value, name + ".", level + 1)
        else:
            yield name, value


def _pairs(data: Mapping[Any, Any]) -> list[tuple[Any, Any]] | None:
    try:
        return [(key, value) for key, value in data.items()]
    except Exception:  # noqa: BLE001 - a stranger's mapping
        return None


def key_text(key: object) -> str:
    """Return the text of a key that may be anything."""
    try:
        return str(key)
    except Exception:  # noqa: BLE001 - a stranger's object
        return f"<{kind_name(key)}>"


def _ways(data: Mapping[Any, Any], known: dict[int, float], level: int = 1) -> float:
    """Return how many entries a mapping has when it is taken apart; infinity if it holds itself."""
    ways = known.get(id(data))
    if ways is not None:
        return ways
    known[id(data)] = math.inf  # until it is known: whoever meets it in itself goes round for ever
    nested = (
        [value for _, value in _pairs(data) or () if _nests(value)] if level < MAX_DEPTH else []
    )
    ways = float(len(data) - len(nested)) if _pairs(data) else 1.0
    known[id(data)] = ways = ways + sum(_ways(value, known, level + 1) for value in nested)
    return ways


def _nests(value: object) -> bool:
    try:
        # What has no keys is no mapping; to ask an abstract class takes ten times as long.
        return hasattr(value, "keys") and isinstance(value, Mapping)
    except Exception:  # noqa: BLE001 - whatever its own attributes do
        return False


def is_a(value: object, kind: type) -> bool:
    """Return ``isinstance(value, kind)`` of a stranger's object, which may raise at anything."""
    try:
        return isinstance(value, kind)
    except Exception:  # noqa: BLE001 - whatever its own __class__ does
        return False


def clean(text: str) -> str:
    r"""Return a text that UTF-8 can hold: a lone surrogate (as ``os.fsdecode`` makes) as ``\udcff``."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return str(text)


def plain(value: object) -> Any:
    """Return a setting as JSON can hold it; what has no such form becomes its short text.

    Mappings and what else holds settings (`config_objects`) become objects; sequences and sets
    lists; numpy and torch scalars numbers; paths, dates and enums text. A non-finite number is
    kept by its name, an integer beyond 64 bits as its digits. Never raises.
    """
    return plain_within(value)[0]


def plain_within(value: object) -> tuple[Any, bool]:
    """Return a setting as `plain` does, and whether all of it was looked at.

    After a quarter of a million values the rest is left out.
    """
    look = _Look()
    return look.at(value, ()), look.left >= 0


class _Look:
    """One walk through a setting, with an end even where containers hold each other.

    Attributes
    ----------
    left : int
        Values that may still be looked at; negative once something was left out.
    """

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = _MOST_SETTINGS

    def at(self, value: object, around: tuple[int, ...]) -> Any:
        """Return the value as JSON; `around` are the containers it lies in."""
        self.left -= 1
        if value is None or value is True or value is False:
            return value
        if self.left < 0 or len(around) >= _DEEPEST or id(value) in around:
            return "…"
        try:
            return self._object(value, (*around, id(value)))
        except Exception:  # noqa: BLE001 - whatever a stranger's object does when it is looked at
            return f"<{kind_name(value)}>"

    def _object(self, value: object, around: tuple[int, ...]) -> Any:
        if isinstance(value, enum.Enum):
            return self.at(value.value, around)
        if isinstance(value, str):
            return clean(value)
        if isinstance(value, int):
            return int(value) if -(2**63) <= value < 2**63 else str(value)
        if isinstance(value, float):
            return nonfinite_name(value) or float(value)
        if isinstance(value, (os.PathLike, date, timedelta)):
            return clean(str(value))
        nested = _as_mapping(value)
        if nested is not None:
            return self._mapping(nested, around)
        if isinstance(value, (Sequence, AbstractSet)) and not isinstance(
            value, (bytes, bytearray, memoryview)
        ):
            items = self._list(value, around)
            # A set has another order in each process.
            return sorted(items, key=str) if isinstance(value, AbstractSet) else items
        return self._array(value, around)

    def _mapping(self, nested: Mapping[Any, Any], around: tuple[int, ...]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, item in nested.items():
            if self.left < 0:
                break
            kept[clean(key_text(key))] = self.at(item, around)
        return kept

    def _list(self, items: Iterable[Any], around: tuple[int, ...]) -> list[Any]:
        kept: list[Any] = []
        for item in items:
            if self.left < 0:
                break
            kept.append(self.at(item, around))
        return kept

    def _array(self, value: object, around: tuple[int, ...]) -> Any:
        try:
            number = scalar(value)
            is_truth = kind_name(value) in ("bool", "bool_")  # of numpy
            return bool(number) if is_truth else self.at(number, around)
        except Unsupported:
            pass
        size, tolist = _size(value), getattr(value, "tolist", None)
        if size is not None and size <= _TEXT_LIMIT and callable(tolist):
            return self.at(tolist(), around)
        if isinstance(value, type) or callable(value):
            return clean(str(getattr(value, "__qualname__", type(value).__qualname__)))
        text = clean(repr(value))
        return text if len(text) <= _TEXT_LIMIT else text[: _TEXT_LIMIT - 1] + "…"


def _as_mapping(value: object) -> Mapping[Any, Any] | None:
    settings = settings_of(value)
    if settings is not None or isinstance(value, Mapping):
        return settings if settings is not None else value  # type: ignore[return-value]
    if hasattr(value, "keys") and hasattr(value, "__getitem__") and not isinstance(value, type):
        return {key: value[key] for key in value.keys()}  # noqa: SIM118 - it need not iterate
    return None
