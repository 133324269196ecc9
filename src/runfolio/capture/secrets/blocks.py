"""Private keys, which stand in blocks of lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runfolio.capture.secrets.expressions import lazily

__all__ = ["key_blocks"]

_BLOCK: Final = lazily(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_LONGEST_BLOCK: Final = 16_384
_BASE64: Final = lazily(rb"(?:(?<=\\n)|(?<![A-Za-z0-9+/=\\]))[A-Za-z0-9+/=]+")
_BETWEEN: Final = lazily(rb"(?:\\+[nr]|[^A-Za-z0-9+/=\\]){1,40}")
_LONG_LINE: Final = 16


def key_blocks(text: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield each line of private keys; what stands around them is the key's sort, and stays."""
    at = 0
    while begun := _BLOCK.search(text, at):
        most = begun.end() + _LONGEST_BLOCK
        # Another beginning ends it, too: then one text is not gone through for each of them.
        ends = text.find(b"-----", begun.end(), most)
        at = ends if ends >= 0 else min(most, len(text))
        last = -1
        for run in _BASE64.finditer(text, begun.end(), at):
            # The last line of a key may be short: nothing but the ends of lines is before it.
            is_rest = last >= 0 and _BETWEEN.fullmatch(text, last, run.start())
            if run.end() - run.start() >= _LONG_LINE or is_rest:
                yield run.start(), run.end(), "private-key"
                last = run.end()
