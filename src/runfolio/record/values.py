"""What can be logged and configured, as plain numbers and JSON values."""

from __future__ import annotations

import dataclasses
import enum
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Any, Final

from runfolio.format.codec import MAX_DEPTH, nonfinite_name

__all__ = ["Unsupported", "flat_items", "plain", "scalar"]

_TEXT_LIMIT: Final = 1024


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
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float):
        return float(value)
    try:
        if _size(value) == 1:
            return _element(value)
        if type(value).__name__ in ("Decimal", "Fraction"):
            return float(value)  # type: ignore[arg-type]
    except Unsupported:
        raise
    except Exception as error:
        raise Unsupported(
            f"{_type_name(value)} raised {type(error).__name__} when asked for its number"
        ) from error
    raise Unsupported(f"{_type_name(value)} is no single number")


def _size(value: object) -> int | None:
    shape = getattr(value, "shape", None)
    if shape is None:
        return None
    return math.prod(int(length) for length in shape)


def _element(value: Any) -> float | int:
    if hasattr(value, "detach"):  # torch: leaves the graph alone and costs no warning
        value = value.detach()
    item = value.item() if hasattr(value, "item") else value.numpy().item()
    if isinstance(item, (bool, int)):
        return int(item)
    if isinstance(item, float):
        return item
    number = float(item)  # bfloat16 and friends arrive as their own scalar types
    if isinstance(item, complex):
        raise Unsupported("a complex number is not one number; log its real and imaginary part")
    return number


def _type_name(value: object) -> str:
    kind = type(value)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    shape = getattr(value, "shape", None)
    return f"{name} of shape {tuple(shape)}" if shape is not None else name


def flat_items(
    data: Mapping[Any, Any], prefix: str = "", level: int = 0
) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a logged mapping, nested ones under ``outer.inner`` as W&B names them."""
    for key, value in data.items():
        name = prefix + (key if isinstance(key, str) else str(key))
        if isinstance(value, Mapping) and level < MAX_DEPTH:
            yield from flat_items(value, name + ".", level + 1)
        else:
            yield name, value


def plain(value: object, level: int = 0) -> Any:
    """Return a setting as JSON can hold it; what has no such form becomes its short text.

    Mappings, namespaces, data classes and attrs-like objects become objects; sequences and sets
    lists; numpy and torch scalars numbers; paths, dates and enums text. A non-finite number is
    kept by its name, an integer beyond 64 bits as its digits.
    """
    if value is None or isinstance(value, (bool, str)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, enum.Enum):
        return plain(value.value, level)
    if isinstance(value, int):
        return int(value) if -(2**63) <= value < 2**63 else str(value)
    if isinstance(value, float):
        return nonfinite_name(value) or float(value)
    if level >= MAX_DEPTH - 2:
        return "…"
    if isinstance(value, (os.PathLike, date, timedelta)):
        return str(value)
    nested = _as_mapping(value)
    if nested is not None:
        return {str(key): plain(item, level + 1) for key, item in nested.items()}
    if isinstance(value, (Sequence, AbstractSet)) and not isinstance(
        value, (bytes, bytearray, memoryview)
    ):
        return [plain(item, level + 1) for item in value]
    return _from_array(value, level)


def _as_mapping(value: object) -> Mapping[Any, Any] | None:
    if isinstance(value, Mapping):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name, None) for f in dataclasses.fields(value)}
    if type(value).__name__ in ("Namespace", "SimpleNamespace"):
        return vars(value)
    if hasattr(value, "keys") and hasattr(value, "__getitem__") and not isinstance(value, type):
        return {key: value[key] for key in value.keys()}  # noqa: SIM118 - it need not iterate
    return None


def _from_array(value: object, level: int) -> Any:
    try:
        return plain(scalar(value), level)
    except Unsupported:
        pass
    size, tolist = _size(value), getattr(value, "tolist", None)
    if size is not None and size <= _TEXT_LIMIT and callable(tolist):
        return plain(tolist(), level + 1)
    if isinstance(value, type) or callable(value):
        return getattr(value, "__qualname__", type(value).__qualname__)
    text = repr(value)
    return text if len(text) <= _TEXT_LIMIT else text[: _TEXT_LIMIT - 1] + "…"
