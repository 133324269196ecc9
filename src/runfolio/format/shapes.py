"""Live rows of one shape, read thousands at a time.

A live file is monotonous: line after line has the keys of the line before. So the text around
the numbers is known beforehand. It is compared eight bytes at a time over all lines at once, and
each column's numbers, cut out and set in fields of one width, are one JSON array. A line that is
in any way different is left to whoever reads line by line; the numbers are read by the same JSON
parser in both cases.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["WORTH", "Stretch", "read_alike"]

WORTH: Final = 512
"""From this many lines of one shape on, reading them together is faster."""

_SHAPES: Final = 8
# The longest float is -1.2345678901234567e-300, 24 bytes; a comma follows it in its field.
_DIGITS: Final = 24
_FIELD: Final = 32
_PLAUSIBLE: Final = 2**62


@dataclass(slots=True)
class Stretch:
    """Rows that share their keys.

    Attributes
    ----------
    lines : array, shape (n,), int64
        Which lines of the block they are, in order.
    steps : array, shape (n,), int64 or float64
    times : array, shape (n,), int64
    columns : mapping of key to array, shape (n,), float64
    """

    lines: NDArray[np.int64]
    steps: NDArray[Any]
    times: NDArray[np.int64]
    columns: dict[str, NDArray[np.float64]]


def read_alike(block: bytes) -> tuple[list[Stretch], NDArray[np.int64]]:
    """Return the rows of a block of whole lines by shape, and which lines are left to others."""
    import numpy as np

    text = _Block(block)
    found: list[Stretch] = []
    waiting, alone = np.ones(len(text.starts), np.bool_), list[int]()
    for _ in range(_SHAPES):
        rest = np.flatnonzero(waiting)
        if len(rest) < WORTH:
            break
        first = int(rest[0])
        stretch = _read_like(block[text.starts[first] : text.ends[first]], text, rest)
        if stretch is None:
            waiting[first] = False
            alone.append(first)
        else:
            waiting[stretch.lines] = False
            found.append(stretch)
    waiting[alone] = True
    return found, np.flatnonzero(waiting)


class _Block:
    """Whole lines as bytes, and where each begins, ends and has its commas."""

    def __init__(self, block: bytes) -> None:
        import numpy as np

        codes = np.frombuffer(block, np.uint8)
        self.ends = np.flatnonzero(codes == ord("\n"))
        self.starts = np.concatenate([np.zeros(1, np.int64), self.ends[:-1] + 1])
        self.commas = np.flatnonzero(codes == ord(","))
        self.first_comma = np.searchsorted(self.commas, self.starts)
        self.n_commas = np.diff(self.first_comma, append=len(self.commas))
        # The eight bytes from any place on, as a number; zeros follow the last line.
        padded = block + bytes(_FIELD)
        self._words = np.ndarray((len(padded) - 7,), "<u8", padded, 0, (1,))

    def words(self, at: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return the eight bytes at each place."""
        import numpy as np

        return self._words[np.minimum(at, len(self._words) - 1)]

    def have(self, piece: bytes, at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return at which of the places the piece stands."""
        import numpy as np

        same = np.ones(len(at), np.bool_)
        for offset in range(0, len(piece), 8):
            part = piece[offset : offset + 8]
            word = self.words(at + offset)
            if len(part) < 8:
                word &= np.uint64((1 << 8 * len(part)) - 1)
            same &= word == np.uint64(int.from_bytes(part, "little"))
        return same

    def fields(self, at: NDArray[np.int64], lengths: NDArray[np.int64]) -> bytes:
        """Return the texts at the places, a comma after each, blanks up to one width."""
        import numpy as np

        keep, fill = _masks()
        width = int(lengths.max()) // 8 + 1
        field = np.empty((len(at), width), "<u8")
        for word in range(width):
            field[:, word] = self.words(at + 8 * word) & keep[word][lengths] | fill[word][lengths]
        return field.tobytes()


def _masks() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return, by word and length, the bits of a text that count and those that follow it."""
    import numpy as np

    texts = [b"\xff" * n + b"\0" * (_FIELD - n) for n in range(_DIGITS + 1)]
    fills = [b"\0" * n + b"," + b" " * (_FIELD - n - 1) for n in range(_DIGITS + 1)]
    keep, fill = (
        np.frombuffer(b"".join(rows), "<u8").reshape(-1, _FIELD // 8).T for rows in (texts, fills)
    )
    return keep, fill


def _read_like(line: bytes, text: _Block, among: NDArray[np.int64]) -> Stretch | None:
    """Return the rows of the shape that a line has, ``None`` where it is to be read by itself."""
    keys, pieces = _shape(line)
    if not keys:
        return None
    lines = among[text.n_commas[among] == sum(piece.count(b",") for piece in pieces)]
    places: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    at, comma = text.starts[lines], 0
    for piece in pieces:
        same = text.have(piece, at)
        if not same.all():
            lines, at = lines[same], at[same]
            places = [(begin[same], length[same]) for begin, length in places]
        if len(places) == len(keys) + 2:
            break
        begin = at + len(piece)
        comma += piece.count(b",")
        is_last = len(places) == len(keys) + 1
        at = text.ends[lines] - 2 if is_last else text.commas[text.first_comma[lines] + comma]
        places.append((begin, at - begin))
    if len(lines) < WORTH:
        return None
    with contextlib.suppress(ValueError, OverflowError):  # a text that is no number, or not alone
        return _stretch(lines, keys, [_numbers(text, *place) for place in places])
    return None


def _shape(line: bytes) -> tuple[list[str], list[bytes]]:
    """Return the keys of a line and the texts around its numbers; none if it is no plain row."""
    try:
        row = orjson.loads(line)
        keys = list(row["values"])
        names = [orjson.dumps(key) for key in keys]
    except (orjson.JSONDecodeError, TypeError, KeyError):
        return [], []
    if not keys:
        return [], []
    begins = [b'"values":{' + names[0], *names[1:]]
    return keys, [b'{"step":', b',"time":', *(b"," + name + b":" for name in begins), b"}}"]


def _numbers(text: _Block, at: NDArray[np.int64], lengths: NDArray[np.int64]) -> list[float]:
    import numpy as np

    first = text.words(at) & np.uint64(0xFF)
    is_number = ((first >= ord("0")) & (first <= ord("9"))) | (first == ord("-"))
    if not is_number.all() or lengths.min() < 1 or lengths.max() > _DIGITS:
        raise ValueError
    numbers: list[float] = orjson.loads(b"[" + text.fields(at, lengths).rstrip(b", ") + b"]")
    return numbers


def _stretch(
    lines: NDArray[np.int64], keys: list[str], columns: list[list[float]]
) -> Stretch | None:
    import numpy as np

    steps, times = np.array(columns[0]), np.array(columns[1])
    if steps.dtype.kind not in "if":
        steps = np.array(columns[0], np.float64)
    if times.dtype.kind != "i" or times.min() <= -_PLAUSIBLE or times.max() >= _PLAUSIBLE:
        return None
    values = [np.array(column, np.float64) for column in columns[2:]]
    return Stretch(lines, steps, times, dict(zip(keys, values, strict=True)))
