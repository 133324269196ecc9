"""Objects looked at from outside: nothing of a class that somebody wrote is asked for or called."""

from __future__ import annotations

import types
from typing import Any, Final

__all__ = ["MADE_IN_PYTHON", "identity", "instance_dict", "is_plain_class", "own_dict", "own_flags",
           "own_members", "own_module", "own_mro", "own_name", "type_name"]  # fmt: skip

_MAX_WORD: Final = 120

identity: Final = object.__hash__
"""Another number for each object that lives, as `id` is.

Python tells its audit hooks, runfolio's own among them, of every call of `id`: for the variables
of a notebook that takes longer than all the rest.
"""

# Py_TPFLAGS_HEAPTYPE
MADE_IN_PYTHON: Final = 1 << 9

# What a class is, asked of `type` and not of the class, whose metaclass may answer anything.
own_dict = type.__dict__["__dict__"].__get__
own_mro = type.__dict__["__mro__"].__get__
own_name = type.__dict__["__qualname__"].__get__
own_flags = type.__dict__["__flags__"].__get__
own_module = type.__dict__["__module__"].__get__


def type_name(kind: type) -> str:
    """Return ``pandas.DataFrame``-like names, ``int`` for what is built in."""
    module, name = own_module(kind), str(own_name(kind))
    if type(module) is not str or module in ("builtins", ""):
        return name[:_MAX_WORD]
    return f"{module}.{name}"[:_MAX_WORD]


def instance_dict(value: Any) -> dict[str, Any] | None:
    """Return the attributes of an object, ``None`` where only code of its class would tell."""
    for base in own_mro(type(value)):
        slot = own_dict(base).get("__dict__")
        if slot is not None:
            found = slot.__get__(value) if type(slot) is types.GetSetDescriptorType else None
            return found if type(found) is dict else None
    return None


def own_members(kind: type) -> list[Any]:
    """Return what the notebook's own classes among a class and its bases define."""
    own = (base for base in own_mro(kind) if own_module(base) == "__main__")
    return [member for base in own for member in own_dict(base).values()]


def is_plain_class(kind: type) -> bool:
    """Return whether objects hold nothing because of a class but attributes."""
    if kind is object:
        return True
    return bool(own_flags(kind) & MADE_IN_PYTHON) and not own_dict(kind).get("__slots__")
