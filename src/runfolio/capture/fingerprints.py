"""Cheap fingerprints of what names hold: enough to tell whether a value is still the same.

Only values of known types are looked into, and only through what those types do themselves: no
comparison, no ``repr``, no length, no attribute of a class that somebody else wrote is asked for.
"""

from __future__ import annotations

import types
from typing import Any, Final

from runfolio.capture.contents import ARRAYS, Reading, columns_of, dtype_name
from runfolio.capture.objects import identity, type_name

__all__ = ["fingerprint"]

# By identity: a class may have methods of its own for being compared and hashed.
_SIZED: Final = frozenset(map(identity, (str, bytes, bytearray, list, tuple, dict, set, frozenset)))


def fingerprint(value: Any, *, hashed: bool = True) -> dict[str, Any]:
    """Return what tells a value from another.

    Parameters
    ----------
    value : object
    hashed : bool
        Whether what it holds is looked at; else only type and identity are told.

    Returns
    -------
    dict
        ``type``; ``id``, which two names for one object share; as far as they apply ``len``,
        ``shape``, ``dtype``, ``columns``; ``hash`` of what it holds; and ``sampled``, ``True``
        where that does not cover all of it: then an equal hash is no proof of an equal value.

    Examples
    --------
    >>> fingerprint([1, 2])["len"]
    2
    """
    kind = type(value)
    found: dict[str, Any] = {"type": type_name(kind), "id": identity(value)}
    if not hashed:
        return found
    reading = Reading()
    try:
        found |= _extent(value, found["type"])
        if kind is not types.ModuleType:
            reading.value(value, 0)
            found["hash"] = reading.digest()
            if reading.sampled:
                found["sampled"] = True
    except Exception:  # noqa: BLE001 - a value changed by a thread meanwhile, or of a newer library
        found.pop("hash", None)
    return found


def _extent(value: Any, name: str) -> dict[str, Any]:
    """Return how large a value of a known type is."""
    if identity(type(value)) in _SIZED:
        return {"len": len(value)}
    library = name.partition(".")[0]
    if name in ARRAYS:
        return {"shape": [int(n) for n in value.shape], "dtype": dtype_name(value.dtype)}
    if library == "pandas" and name.rpartition(".")[2] in ("DataFrame", "Series"):
        found: dict[str, Any] = {"shape": [int(n) for n in value.shape]}
        if name.endswith("DataFrame"):
            found["columns"] = columns_of(value).names
        return found
    return {}
