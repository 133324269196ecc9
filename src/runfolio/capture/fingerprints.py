"""Cheap fingerprints of what names hold: enough to tell whether a value is still the same.

Only values of known types are looked into, and only through what those types do themselves: no
comparison, no ``repr``, no length, no attribute of a class that somebody else wrote is asked for.
"""

from __future__ import annotations

import secrets
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import blake3

__all__ = ["fingerprint", "identity", "instance_dict", "own_members", "type_name"]

_MAX_VALUES: Final = 200
_MAX_BYTES: Final = 64 * 1024
_MAX_ITEMS: Final = 64
_MAX_DEPTH: Final = 5
# A larger array is read in so many pieces of this size.
_WHOLE: Final = 16 * 1024
_PIECES, _PIECE = 32, 256
_MAX_COLUMNS: Final = 64
# Of a column that is no array, such as one of text.
_MAX_CELLS: Final = 5
_MAX_WORD: Final = 120
# Text goes in under a key that dies with the process: a password cannot be guessed by its hash.
_KEY: Final = secrets.token_bytes(32)

identity: Final = object.__hash__
"""Another number for each object that lives, as `id` is.

Python tells its audit hooks, runfolio's own among them, of every call of `id`: for the variables
of a notebook that takes longer than all the rest.
"""

# Py_TPFLAGS_HEAPTYPE
_MADE_IN_PYTHON: Final = 1 << 9

_own_dict = type.__dict__["__dict__"].__get__
_own_mro = type.__dict__["__mro__"].__get__
_own_name = type.__dict__["__qualname__"].__get__
_own_flags = type.__dict__["__flags__"].__get__
_own_module = type.__dict__["__module__"].__get__


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
    reading = _Reading()
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


def type_name(kind: type) -> str:
    """Return ``pandas.DataFrame``-like names, ``int`` for what is built in."""
    module, name = _own_module(kind), str(_own_name(kind))
    if type(module) is not str or module in ("builtins", ""):
        return name[:_MAX_WORD]
    return f"{module}.{name}"[:_MAX_WORD]


def instance_dict(value: Any) -> dict[str, Any] | None:
    """Return the attributes of an object, ``None`` where only code of its class would tell."""
    for base in _own_mro(type(value)):
        slot = _own_dict(base).get("__dict__")
        if slot is not None:
            found = slot.__get__(value) if type(slot) is types.GetSetDescriptorType else None
            return found if type(found) is dict else None
    return None


def own_members(kind: type) -> list[Any]:
    """Return what the notebook's own classes among a class and its bases define."""
    own = (base for base in _own_mro(kind) if _own_module(base) == "__main__")
    return [member for base in own for member in _own_dict(base).values()]


def _is_plain_class(kind: type) -> bool:
    """Return whether objects hold nothing because of a class but attributes."""
    if kind is object:
        return True
    return bool(_own_flags(kind) & _MADE_IN_PYTHON) and not _own_dict(kind).get("__slots__")


def _extent(value: Any, name: str) -> dict[str, Any]:
    """Return how large a value of a known type is."""
    if identity(type(value)) in _SIZED:
        return {"len": len(value)}
    library = name.partition(".")[0]
    if name in _ARRAYS:
        return {"shape": [int(n) for n in value.shape], "dtype": str(value.dtype)[:_MAX_WORD]}
    if library == "pandas" and name.rpartition(".")[2] in ("DataFrame", "Series"):
        found: dict[str, Any] = {"shape": [int(n) for n in value.shape]}
        if name.endswith("DataFrame"):
            columns = [
                str(c)[:_MAX_WORD]
                for c in value.columns[:_MAX_COLUMNS]
                if identity(type(c)) in _PLAIN
            ]
            found["columns"] = columns
        return found
    return {}


class _Reading:
    """One value on its way into a hash, within limits."""

    def __init__(self) -> None:
        self.sampled = False
        self._into = blake3.blake3()
        self._values = _MAX_VALUES
        self._bytes = _MAX_BYTES

    def digest(self) -> str:
        return self._into.hexdigest()[:32]

    def value(self, value: Any, depth: int) -> None:
        self._values -= 1
        if self._values < 0 or depth > _MAX_DEPTH:
            self.sampled = True
            return
        kind = type(value)
        how = _HOW.get(identity(kind))
        if how is not None:
            self.word(kind.__name__)
            how(self, value, depth)
            return
        name = type_name(kind)
        self.word(name)
        how = _HOW_BY_NAME.get(name)
        if how is not None:
            how(self, value, depth)
        elif issubclass(kind, type):  # `isinstance` would ask the object itself
            self.sampled = True
        else:
            self.instance(value, depth)

    def word(self, text: str) -> None:
        # With its length before it, so that no two sequences of words make one text.
        data = text.encode("utf-8", "surrogatepass")
        self._into.update(b"%d:" % len(data))
        self._into.update(data)

    def number(self, value: Any, _: int) -> None:
        if type(value) is int and value.bit_length() > 4096:
            self.sampled = True
            value = f"{value.bit_length()} {value & (2**64 - 1)}"
        self.word(repr(value))

    def text(self, value: str, _: int) -> None:
        if len(value) > _WHOLE:
            self.sampled = True
            half = _WHOLE // 2
            value = f"{len(value)} {value[:half]}{value[-half:]}"
        data = value.encode("utf-8", "surrogatepass")
        self._into.update(blake3.blake3(data, key=_KEY).digest())

    def data(self, value: bytes | bytearray | memoryview, _: int = 0) -> None:
        size = len(value)
        self._into.update(b"%d:" % size)
        if size <= min(_WHOLE, self._bytes):
            self._bytes -= size
            self._into.update(value)
            return
        self.sampled = True
        if self._bytes < _PIECES * _PIECE:
            return
        self._bytes -= _PIECES * _PIECE
        for n in range(_PIECES):
            at = (size - _PIECE) * n // (_PIECES - 1)
            self._into.update(value[at : at + _PIECE])

    def secret_data(self, value: bytes | bytearray, _: int) -> None:
        inner = _Reading()
        inner.data(value)
        self.sampled |= inner.sampled
        self._into.update(blake3.blake3(inner.digest().encode(), key=_KEY).digest())

    def items(self, value: Any, depth: int) -> None:
        size = len(value)
        self.word(str(size))
        if size > _MAX_ITEMS:
            self.sampled = True
            half = _MAX_ITEMS // 2
            value = [*value[:half], *value[-half:]]
        for item in value:
            self.value(item, depth + 1)

    def unordered(self, value: Any, depth: int) -> None:
        self.word(str(len(value)))
        if len(value) > _MAX_ITEMS:
            self.sampled = True
            return
        digests = []
        for item in value:
            inner = _Reading()
            inner._values = self._values // 2
            inner.value(item, depth + 1)
            self._values -= 1
            self.sampled |= inner.sampled
            digests.append(inner.digest())
        for digest in sorted(digests):
            self.word(digest)

    def mapping(self, value: Mapping[Any, Any], depth: int) -> None:
        self.word(str(len(value)))
        if len(value) > _MAX_ITEMS:
            self.sampled = True
        for n, (key, item) in enumerate(value.items()):
            if n >= _MAX_ITEMS:
                break
            self.value(key, depth + 1)
            self.value(item, depth + 1)

    def function(self, value: types.FunctionType, depth: int) -> None:
        self.code(value.__code__, depth)
        self.value(value.__defaults__, depth + 1)
        self.value(value.__kwdefaults__, depth + 1)
        for cell in value.__closure__ or ():
            try:
                self.value(cell.cell_contents, depth + 1)
            except ValueError:  # not filled yet
                self.word("empty")

    def code(self, value: types.CodeType, depth: int) -> None:
        self.data(value.co_code)
        for name in (*value.co_names, *value.co_varnames):
            self.word(name)
        for constant in value.co_consts:
            self.value(constant, depth + 1)

    def instance(self, value: Any, depth: int) -> None:
        attributes = None if type(value) is types.ModuleType else instance_dict(value)
        # A list of somebody's own, and slots, hold more than attributes.
        self.sampled |= attributes is None or not all(map(_is_plain_class, _own_mro(type(value))))
        if attributes is not None:
            self.mapping(attributes, depth)

    def array(self, value: Any, depth: int) -> None:
        import numpy as np

        self.word(f"{value.shape} {value.dtype}")
        if value.dtype.hasobject:
            self.sampled |= value.size > _MAX_ITEMS
            for item in value.reshape(-1)[:_MAX_ITEMS] if value.flags.c_contiguous else ():
                self.value(item, depth + 1)
        elif _is_mapped(value):
            self.sampled = True  # its bytes may still lie on a disk
        elif value.flags.c_contiguous:
            self.data(memoryview(value.reshape(-1).view(np.uint8)) if value.size else b"")
        elif value.flags.f_contiguous:
            self.array(value.T, depth)
        elif value.nbytes <= _WHOLE:
            self.data(value.tobytes())
        else:
            self.sampled = True
            places = np.linspace(0, value.size - 1, _PIECES * 4, dtype=np.int64)
            self.data(value.flat[places].tobytes())

    def scalar(self, value: Any, _: int) -> None:
        self.word(str(value.dtype))
        self.data(value.tobytes())

    def tensor(self, value: Any, depth: int) -> None:
        self.word(f"{tuple(value.shape)} {value.dtype} {value.device}")
        where = value.device.type
        size = value.element_size() * value.nelement()
        if where == "cpu" and not value.is_sparse and size <= _WHOLE:
            import torch

            if value.dtype is not torch.bfloat16:
                self.array(value.detach().resolve_conj().resolve_neg().numpy(), depth)
                return
        # Counts every change in place; asks nothing of an accelerator, which would be waited for.
        self.word(f"{value._version} {value.data_ptr()}")  # noqa: SLF001 - nothing public tells
        self.sampled = True

    def frame(self, value: Any, depth: int) -> None:
        for block in value._mgr.blocks:  # noqa: SLF001 - any public way to the data copies it
            self._column(block.values, depth)
        for axis in value.axes:
            if type_name(type(axis)).rpartition(".")[2] == "RangeIndex":
                self.word(f"{axis.start} {axis.stop} {axis.step}")
            else:
                self._column(axis.array, depth)

    def _column(self, values: Any, depth: int) -> None:
        """Take one block of a frame: an array, or one of the column types of pandas itself."""
        if type_name(type(values)) == "numpy.ndarray":
            self.array(values, depth)
            return
        self.word(type_name(type(values)))
        self.sampled = True
        size = len(values)
        self.word(str(size))
        for n in range(min(size, _MAX_CELLS)):
            place = (size - 1) * n // (_MAX_CELLS - 1) if size > _MAX_CELLS else n
            self.value(values[place], depth + 1)


def _is_mapped(array: Any) -> bool:
    """Return whether an array is a view of a file."""
    import mmap

    import numpy as np

    base = array
    for _ in range(8):
        kind = type(base)
        if kind is np.ndarray or kind is np.memmap:
            base = base.base
        elif kind is memoryview:
            base = base.obj
    return type(base) is mmap.mmap


_How = Callable[[_Reading, Any, int], None]
# By identity: a class may have methods of its own for being compared and hashed.
_PLAIN: Final = frozenset(map(identity, (str, int, float, bool, type(None))))
_SIZED: Final = frozenset(map(identity, (str, bytes, bytearray, list, tuple, dict, set, frozenset)))
_ARRAYS: Final = ("numpy.ndarray", "torch.Tensor", "torch.nn.parameter.Parameter")

_HOW: Final[Mapping[int, _How]] = {
    identity(type(None)): _Reading.number,
    identity(bool): _Reading.number,
    identity(int): _Reading.number,
    identity(float): _Reading.number,
    identity(complex): _Reading.number,
    identity(str): _Reading.text,
    identity(bytes): _Reading.secret_data,
    identity(bytearray): _Reading.secret_data,
    identity(list): _Reading.items,
    identity(tuple): _Reading.items,
    identity(set): _Reading.unordered,
    identity(frozenset): _Reading.unordered,
    identity(dict): _Reading.mapping,
    identity(types.FunctionType): _Reading.function,
    identity(types.CodeType): _Reading.code,
}


def _named(names: Iterable[str], how: _How) -> dict[str, _How]:
    return dict.fromkeys(names, how)


_HOW_BY_NAME: Final[Mapping[str, _How]] = {
    "numpy.ndarray": _Reading.array,
    **_named(
        [f"numpy.{kind}{bits}" for kind in ("int", "uint", "float", "complex")
         for bits in (8, 16, 32, 64, 128, 256)] + ["numpy.bool", "numpy.bool_"],
        _Reading.scalar,
    ),
    **_named(_ARRAYS[1:], _Reading.tensor),
    **_named(
        [f"pandas{where}.{kind}" for kind, module in (("DataFrame", "frame"), ("Series", "series"))
         for where in ("", f".core.{module}")],
        _Reading.frame,
    ),
}  # fmt: skip
