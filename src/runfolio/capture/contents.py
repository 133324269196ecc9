"""What values hold, on its way into a hash: within limits, and only for known types.

No comparison, no ``repr``, no length of a class that somebody else wrote is asked for.
"""

from __future__ import annotations

import functools
import secrets
import sys
import types
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, NamedTuple

import blake3

from runfolio.capture.objects import identity, instance_dict, is_plain_class, own_mro, type_name

__all__ = ["ARRAYS", "Reading", "columns_of", "dtype_name"]

_MAX_VALUES: Final = 200
_MAX_BYTES: Final = 64 * 1024
_MAX_ITEMS: Final = 64
_MAX_DEPTH: Final = 5
# A larger array is read in so many pieces of this size.
_WHOLE: Final = 16 * 1024
_PIECES, _PIECE = 32, 256
_MAX_DTYPES: Final = 256
# Of a table so many columns are told by name, and of so many tables they are remembered.
_MAX_COLUMNS: Final = 64
_MAX_TABLES: Final = 64
# Of a column that is no array, such as one of text.
_MAX_CELLS: Final = 5
_MAX_WORD: Final = 120
# Text goes in under a key that dies with the process: a password cannot be guessed by its hash.
_KEY: Final = secrets.token_bytes(32)

# By identity: a class may have methods of its own for being compared and hashed.
_NUMBERS: Final = frozenset(map(identity, (int, float, bool, type(None))))
_PLAIN: Final = frozenset({*_NUMBERS, identity(str)})
ARRAYS: Final = ("numpy.ndarray", "torch.Tensor", "torch.nn.parameter.Parameter")

_How = Callable[[Any, Any, int], None]


def _named(names: Iterable[str], how: _How) -> dict[str, _How]:
    return dict.fromkeys(names, how)


def dtype_name(dtype: Any) -> str:
    """Return what a type of numbers is called; numpy takes longer to say it than to add them up."""
    name = _dtypes.get(identity(dtype))
    if name is None or name[0] is not dtype:
        name = dtype, str(dtype)[:_MAX_WORD]
        if len(_dtypes) < _MAX_DTYPES:
            _dtypes[identity(dtype)] = name
    return name[1]


# By identity, each held so that no other takes its place; those of structures are made anew.
_dtypes: Final[dict[int, tuple[Any, str]]] = {}


class Columns(NamedTuple):
    """The columns of a table of pandas.

    Attributes
    ----------
    names : list of str
        Of the first ones, as far as they have plain names.
    hash : str
        Of what they are all called.
    sampled : bool
        Whether it covers only some of them.
    """

    names: list[str]
    hash: str
    sampled: bool


def columns_of(frame: Any) -> Columns:
    """Return the columns of a table of pandas; nobody may change what is returned.

    pandas never changes an index, and takes longer to say what lies in it than all else here.
    """
    index = frame.columns
    known = _columns.get(identity(index))
    if known is not None and known[0]() is index:
        return known[1]
    names = [str(c)[:_MAX_WORD] for c in index[:_MAX_COLUMNS] if identity(type(c)) in _PLAIN]
    reading = Reading()
    reading.axis(index)
    found = Columns(names, reading.digest(), reading.sampled)
    if len(_columns) >= _MAX_TABLES:
        _columns.clear()
    _columns[identity(index)] = weakref.ref(index), found
    return found


_columns: Final[dict[int, tuple[weakref.ref[Any], Columns]]] = {}


class Reading:
    """One value on its way into a hash, within limits."""

    def __init__(self) -> None:
        self.sampled = False
        self._into = blake3.blake3()
        self._values = _MAX_VALUES
        self._bytes = _MAX_BYTES

    def digest(self) -> str:
        """Return the hash of all that was taken in."""
        return self._into.hexdigest()[:32]

    def value(self, value: Any, depth: int) -> None:
        """Take in a value that lies so deep in others."""
        self._values -= 1
        if self._values < 0 or depth > _MAX_DEPTH:
            self.sampled = True
            return
        kind = type(value)
        how = self._how.get(identity(kind))
        if how is not None:
            self._word(kind.__name__)
            how(self, value, depth)
            return
        name = type_name(kind)
        self._word(name)
        how = self._how_by_name.get(name)
        if how is not None:
            how(self, value, depth)
        elif issubclass(kind, type):  # `isinstance` would ask the object itself
            self.sampled = True
        else:
            self._instance(value, depth)

    def _word(self, text: str) -> None:
        # With its length before it, so that no two sequences of words make one text.
        data = text.encode("utf-8", "surrogatepass")
        self._into.update(b"%d:%b" % (len(data), data))

    def _number(self, value: Any, _: int) -> None:
        if type(value) is int and value.bit_length() > 4096:
            self.sampled = True
            value = f"{value.bit_length()} {value & (2**64 - 1)}"
        self._word(repr(value))

    def _text(self, value: str, _: int) -> None:
        if len(value) > _WHOLE:
            self.sampled = True
            half = _WHOLE // 2
            value = f"{len(value)} {value[:half]}{value[-half:]}"
        data = value.encode("utf-8", "surrogatepass")
        self._into.update(blake3.blake3(data, key=_KEY).digest())

    def _data(self, value: bytes | bytearray | memoryview, _: int = 0) -> None:
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

    def _large(self, value: Any) -> None:
        """Take in pieces of the bytes of an array, all in one turn: so many small ones cost more."""
        self.sampled = True
        if self._bytes < (_PIECES + 1) * _PIECE:
            return
        self._bytes -= (_PIECES + 1) * _PIECE
        one, many = _bytes_and_pieces()
        flat = value.reshape(-1).view(one)
        size = flat.size
        each = size // _PIECE // _PIECES
        pieces = flat[: size // _PIECE * _PIECE].view(many)[: each * _PIECES : each]
        self._into.update(b"%d:%b%b" % (size, pieces.tobytes(), flat[-_PIECE:].tobytes()))

    def _secret_data(self, value: bytes | bytearray, _: int) -> None:
        inner = Reading()
        inner._data(value)
        self.sampled |= inner.sampled
        self._into.update(blake3.blake3(inner.digest().encode(), key=_KEY).digest())

    def _items(self, value: Any, depth: int) -> None:
        size = len(value)
        self._word(str(size))
        if size > _MAX_ITEMS:
            self.sampled = True
            half = _MAX_ITEMS // 2
            value = [*value[:half], *value[-half:]]
        if _NUMBERS.issuperset(map(identity, map(type, value))) and all(map(_is_short, value)):
            self._values -= len(value)
            self._word(repr([*value]))
            return
        for item in value:
            self.value(item, depth + 1)

    def _unordered(self, value: Any, depth: int) -> None:
        self._word(str(len(value)))
        if len(value) > _MAX_ITEMS:
            self.sampled = True
            return
        digests = []
        for item in value:
            inner = Reading()
            inner._values = self._values // 2
            inner.value(item, depth + 1)
            self._values -= 1
            self.sampled |= inner.sampled
            digests.append(inner.digest())
        for digest in sorted(digests):
            self._word(digest)

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> None:
        self._word(str(len(value)))
        if len(value) > _MAX_ITEMS:
            self.sampled = True
        for n, (key, item) in enumerate(value.items()):
            if n >= _MAX_ITEMS:
                break
            self.value(key, depth + 1)
            self.value(item, depth + 1)

    def _function(self, value: types.FunctionType, depth: int) -> None:
        self._code(value.__code__, depth)
        self.value(value.__defaults__, depth + 1)
        self.value(value.__kwdefaults__, depth + 1)
        for cell in value.__closure__ or ():
            try:
                self.value(cell.cell_contents, depth + 1)
            except ValueError:  # not filled yet
                self._word("empty")

    def _code(self, value: types.CodeType, depth: int) -> None:
        self._data(value.co_code)
        for name in (*value.co_names, *value.co_varnames):
            self._word(name)
        for constant in value.co_consts:
            self.value(constant, depth + 1)

    def _instance(self, value: Any, depth: int) -> None:
        attributes = None if type(value) is types.ModuleType else instance_dict(value)
        # A list of somebody's own, and slots, hold more than attributes.
        self.sampled |= attributes is None or not all(map(is_plain_class, own_mro(type(value))))
        if attributes is not None:
            self._mapping(attributes, depth)

    def _array(self, value: Any, depth: int) -> None:
        kind, flags = value.dtype, value.flags
        self._word(f"{value.shape} {dtype_name(kind)}")
        if kind.hasobject:
            self.sampled |= value.size > _MAX_ITEMS
            for item in value.reshape(-1)[:_MAX_ITEMS] if flags.c_contiguous else ():
                self.value(item, depth + 1)
        elif value.base is not None and _is_mapped(value):
            self.sampled = True  # its bytes may still lie on a disk
        elif not flags.c_contiguous and flags.f_contiguous:
            self._array(value.T, depth)
        elif value.nbytes <= _WHOLE:
            self._data(value.tobytes())
        elif flags.c_contiguous:
            self._large(value)
        else:
            self.sampled = True
            np = sys.modules["numpy"]
            places = np.linspace(0, value.size - 1, _PIECES * 4, dtype=np.int64)
            self._data(value.flat[places].tobytes())

    def _scalar(self, value: Any, _: int) -> None:
        self._word(str(value.dtype))
        self._data(value.tobytes())

    def _tensor(self, value: Any, depth: int) -> None:
        self._word(f"{tuple(value.shape)} {value.dtype} {value.device}")
        where = value.device.type
        size = value.element_size() * value.nelement()
        if where == "cpu" and not value.is_sparse and size <= _WHOLE:
            import torch

            if value.dtype is not torch.bfloat16:
                self._array(value.detach().resolve_conj().resolve_neg().numpy(), depth)
                return
        # Counts every change in place; asks nothing of an accelerator, which would be waited for.
        self._word(f"{value._version} {value.data_ptr()}")  # noqa: SLF001 - nothing public tells
        self.sampled = True

    def _frame(self, value: Any, depth: int) -> None:
        for block in value._mgr.blocks:  # noqa: SLF001 - any public way to the data copies it
            self._column(block.values, depth)
        self.axis(value.index, depth)
        if value.ndim > 1:
            columns = columns_of(value)
            self._word(columns.hash)
            self.sampled |= columns.sampled

    def axis(self, index: Any, depth: int = 0) -> None:
        """Take in the labels of rows or columns of pandas."""
        kind = type_name(type(index)).rpartition(".")[2]
        if kind == "RangeIndex":
            self._word(f"{index.start} {index.stop} {index.step}")
        else:
            # One of several levels has no array.
            self._column(index if kind == "MultiIndex" else index.array, depth)

    def _column(self, values: Any, depth: int) -> None:
        """Take one block of a frame: an array, or one of the column types of pandas itself."""
        if type_name(type(values)) == "numpy.ndarray":
            self._array(values, depth)
            return
        self._word(type_name(type(values)))
        self.sampled = True
        size = len(values)
        self._word(str(size))
        for n in range(min(size, _MAX_CELLS)):
            place = (size - 1) * n // (_MAX_CELLS - 1) if size > _MAX_CELLS else n
            self.value(values[place], depth + 1)

    _how: ClassVar[Mapping[int, _How]] = {
        identity(type(None)): _number,
        identity(bool): _number,
        identity(int): _number,
        identity(float): _number,
        identity(complex): _number,
        identity(str): _text,
        identity(bytes): _secret_data,
        identity(bytearray): _secret_data,
        identity(list): _items,
        identity(tuple): _items,
        identity(set): _unordered,
        identity(frozenset): _unordered,
        identity(dict): _mapping,
        identity(types.FunctionType): _function,
        identity(types.CodeType): _code,
    }

    _how_by_name: ClassVar[Mapping[str, _How]] = {
        "numpy.ndarray": _array,
        **_named(
            [f"numpy.{kind}{bits}" for kind in ("int", "uint", "float", "complex")
             for bits in (8, 16, 32, 64, 128, 256)] + ["numpy.bool", "numpy.bool_"],
            _scalar,
        ),
        **_named(ARRAYS[1:], _tensor),
        **_named(
            [f"pandas{where}.{kind}" for kind, module in (("DataFrame", "frame"), ("Series", "series"))
             for where in ("", f".core.{module}")],
            _frame,
        ),
    }  # fmt: skip


def _is_short(number: Any) -> bool:
    """Return whether a number is written in no time."""
    return type(number) is not int or -(2**63) <= number < 2**63


@functools.cache
def _bytes_and_pieces() -> tuple[Any, Any]:
    """Return numpy's types for a byte and for a piece of so many."""
    import numpy as np

    return np.dtype("u1"), np.dtype(f"V{_PIECE}")


def _is_mapped(array: Any) -> bool:
    """Return whether an array is a view of a file."""
    mmap, np = sys.modules.get("mmap"), sys.modules["numpy"]
    if mmap is None:
        return False
    base = array
    for _ in range(8):
        kind = type(base)
        if kind is np.ndarray or kind is np.memmap:
            base = base.base
        elif kind is memoryview:
            base = base.obj
    return type(base) is mmap.mmap
