"""Tokens of services whose form is not known: a word or two, and what looks drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runfolio.capture.secrets.allowed import looks_mixed, looks_scattered
from runfolio.capture.secrets.expressions import lazily

__all__ = ["vendor_tokens"]

_ANY_DIGIT: Final = lazily(rb"\d")
# The way in which services write what they give out, whichever it is: `acme_key_…`.
_VENDOR: Final = lazily(
    rb"(?<![A-Za-z0-9_\-/+.=~:%])[a-z]{2,12}(?:[_\-][a-z0-9]{2,8}){0,2}[_\-]"
    rb"(?P<rest>[A-Za-z0-9]{26,100})(?![A-Za-z0-9_\-+/=.~:%])"
)
_VENDOR_LEAST: Final = 30
_VENDOR_DIGITS: Final = 3
_HEX: Final = lazily(rb"[0-9a-f]+|[0-9A-F]+")


def vendor_tokens(text: bytes, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of such tokens in a part of a text."""
    for found in _VENDOR.finditer(text, start, end) if end - start >= _VENDOR_LEAST else ():
        if _is_vendor_token(found["rest"]):
            yield found.start(), found.end(), "token"


def _is_vendor_token(rest: bytes) -> bool:
    """Return whether it looks drawn from small and capital letters and digits, as no name does."""
    if len(_ANY_DIGIT.findall(rest)) < _VENDOR_DIGITS:
        return False
    # What is hexadecimal may be a checksum.
    return looks_mixed(rest) or (looks_scattered(rest, least=4) and not _HEX.fullmatch(rest))
