"""Text from a run made safe to print, and cut to a width."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rich.cells import cell_len

from runfolio.logbook.escape import visible

__all__ = ["clean", "columns_of", "cut", "one_line"]

# Everything a terminal could act on, or that hides or turns text: C0 but the newline, DEL, C1,
# format characters (direction overrides, zero-width ones, tags), line separators, lone
# surrogates. The joiners stay: emoji and several scripts need them.
_SUSPECT: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_MARKS: Final = re.compile("([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})"
                           "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")  # fmt: skip


def clean(text: str) -> str:
    """Return text of any number of lines with nothing in it that a terminal would obey.

    Control characters and direction overrides are shown as marks (``␛``, ``⟨202E⟩``); a tab
    becomes spaces; of a pile of combining marks three are left.
    """
    return _MARKS.sub(r"\1", _SUSPECT.sub(_mark, text))


def _mark(match: re.Match[str]) -> str:
    number = ord(match[0])
    if number == 0x09:
        return "    "
    if number < 0x20:
        return chr(0x2400 + number)
    if number == 0x7F:
        return "␡"
    return "\ufffd" if 0xD800 <= number <= 0xDFFF else f"⟨{number:02X}⟩"


def one_line(value: object, width: int = 40) -> str:
    """Return any value as one line of at most `width` columns, cut with ``…``."""
    if isinstance(value, str) and _is_plain(value) and len(value) <= width:
        return value
    return cut(visible(value, 4 * width), width)


def _is_plain(text: str) -> bool:
    # Most names and values are; a table of ten thousand runs has a hundred thousand of them.
    return text.isascii() and text.isprintable() and "  " not in text and text == text.strip()


def cut(text: str, width: int) -> str:
    """Return `text`, or as much of it as fits `width` columns with ``…`` at its end."""
    if columns_of(text) <= width:
        return text
    kept = text
    while kept and cell_len(kept) > width - 1:
        kept = kept[: min(len(kept) - 1, width)]
    while kept and unicodedata.combining(text[len(kept)]):
        kept = kept[:-1]
    return kept.rstrip() + "…"


def columns_of(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    return len(text) if text.isascii() else cell_len(text)
