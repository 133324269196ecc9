"""JSON with limits, times as text, nested names made flat."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from runfolio.errors import CorruptRecord

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "NONFINITE",
    "crc_matches",
    "depth",
    "dumps",
    "flatten",
    "loads",
    "nonfinite_name",
    "parse_time",
    "rfc3339",
    "unflatten",
    "with_crc",
]

MAX_BYTES: Final = 16 * 1024 * 1024
"""No JSON document or line of a run directory is larger; larger ones are refused unread."""

MAX_DEPTH: Final = 64
"""Deeper nesting is refused when written and when read (recursion limits differ by library)."""

NONFINITE: Final[Mapping[str, float]] = {
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}
"""How a non-finite number is named beside the null that stands for it in JSON."""

# Python's own range; a time outside it is kept as a problem, never as a crash of the reader.
_MIN_MS: Final = -62_135_596_800_000
_MAX_MS: Final = 253_402_300_799_999


def dumps(value: Any, *, indent: bool = False) -> bytes:
    """Return `value` as JSON in UTF-8.

    Raises
    ------
    TypeError
        It holds something JSON has no form for, or nests deeper than `MAX_DEPTH`.
    """
    try:
        data = orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else 0)
    except TypeError:
        if depth(value) <= MAX_DEPTH:
            raise
        data = b""
    if (not data or _may_be_deep(data)) and depth(value) > MAX_DEPTH:
        raise TypeError(f"nests deeper than {MAX_DEPTH} levels; flatten it, or save it as a file")
    return data


def loads(data: bytes, what: str, limit: int = MAX_BYTES) -> Any:
    """Return the JSON document in `data`.

    Parameters
    ----------
    data : bytes
        UTF-8 text.
    what : str
        File (and place) the bytes came from, for the message.
    limit : int
        How many bytes are read at most.

    Raises
    ------
    CorruptRecord
        Too large, too deep, or not JSON.
    """
    if len(data) > limit:
        raise CorruptRecord(f"{what} has {len(data):,} bytes; at most {limit:,} are read.")
    if not data:
        raise CorruptRecord(f"{what} is empty.")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise CorruptRecord(f"{what} is not JSON: {error.msg} at byte {error.pos}.") from error
    # The parser stops at 1,024 levels by itself.
    if _may_be_deep(data) and depth(value) > MAX_DEPTH:
        raise CorruptRecord(f"{what} nests deeper than {MAX_DEPTH} levels; it is not read.")
    return value


def _may_be_deep(data: bytes) -> bool:
    """Return whether a document has to be walked: most have fewer brackets than levels allowed."""
    return data.count(b"[") + data.count(b"{") > MAX_DEPTH


_LEAVES: Final = frozenset((str, int, float, bool, type(None)))


def depth(value: object) -> int:
    """Return how many containers lie inside each other, at most ``MAX_DEPTH + 1``."""
    level, layer = 0, [value]
    while layer and level <= MAX_DEPTH:
        inner: list[object] = []
        for item in layer:
            # By type first: to ask an abstract class takes ten times as long.
            if type(item) in _LEAVES:
                continue
            if type(item) is dict or isinstance(item, Mapping):
                inner.extend(item.values())
            elif isinstance(item, (list, tuple)):
                inner.extend(item)
            else:
                continue
            inner.append(None)  # an empty container is a level too
        layer = inner
        level += bool(layer)
    return level


def with_crc(document: Mapping[str, Any], *, indent: bool = True) -> bytes:
    """Return `document` as JSON that ends with a CRC-32 of its canonical form.

    :func:`crc_matches` tells later whether somebody edited the text.
    """
    body = {key: value for key, value in document.items() if key != "crc32"}
    return dumps({**body, "crc32": _crc(body)}, indent=indent) + b"\n"


def crc_matches(document: Mapping[str, Any]) -> bool:
    """Return whether the document is as :func:`with_crc` wrote it."""
    return document.get("crc32") == _crc({k: v for k, v in document.items() if k != "crc32"})


def _crc(body: Mapping[str, Any]) -> str:
    return f"{zlib.crc32(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)):08x}"


def rfc3339(ms: int) -> str:
    """Return milliseconds UTC as ``2026-11-22T21:30:45.123Z``."""
    seconds, milli = divmod(min(max(ms, _MIN_MS), _MAX_MS), 1000)
    # Not strftime, which leaves the zeros of an early year out.
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return f"{moment.isoformat()}.{milli:03d}Z"


def parse_time(text: object) -> datetime | None:
    """Return an aware UTC time, or ``None`` where `text` is no RFC 3339 time."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # the second: an offset leads out of year 1 to 9999
        return None


def nonfinite_name(value: float) -> str | None:
    """Return ``NaN``, ``Infinity`` or ``-Infinity``, or ``None`` for a finite number."""
    if value != value:  # noqa: PLR0124 - the one number unequal to itself
        return "NaN"
    if value == float("inf"):
        return "Infinity"
    return "-Infinity" if value == float("-inf") else None


def flatten(mapping: Mapping[str, Any], separator: str = ".") -> dict[str, Any]:
    r"""Return nested mappings as one level, keys joined by `separator`.

    A separator that stands in a key itself is written ``\.``, and a backslash ``\\``, so that
    ``{"a.b": 1}`` and ``{"a": {"b": 1}}`` stay two different settings. Empty mappings are kept
    as values.
    """
    flat: dict[str, Any] = {}
    _flatten_into(flat, mapping, "", separator)
    return flat


def _flatten_into(
    flat: dict[str, Any], mapping: Mapping[str, Any], prefix: str, separator: str
) -> None:
    for key, value in mapping.items():
        text = key if type(key) is str else str(key)
        if "\\" in text or separator in text:
            text = text.replace("\\", "\\\\").replace(separator, "\\" + separator)
        # By type first, as in `depth`.
        if type(value) not in _LEAVES and isinstance(value, Mapping) and value:
            _flatten_into(flat, value, prefix + text + separator, separator)
        else:
            flat[prefix + text] = value


_PIECE: Final = re.compile(r"((?:[^.\\]|\\.|\\\Z)*)(?:\.|\Z)", re.DOTALL)


def unflatten(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return dotted names as nested mappings, the inverse of :func:`flatten`."""
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        *parents, last = _pieces(name)
        here = nested
        for parent in parents:
            inner = here.get(parent)
            if not isinstance(inner, dict):
                inner = here[parent] = {}
            here = inner
        here[last] = value
    return nested


def _pieces(name: str) -> list[str]:
    pieces: list[str] = []
    at = 0
    while (match := _PIECE.match(name, at)) is not None:
        pieces.append(re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL))
        if match.end(1) == len(name):
            break
        at = match.end()
    return pieces
