"""What stands where a secret would stand and is none: placeholders, code, words, paths."""

from __future__ import annotations

import re
from typing import Final

from runfolio.capture.secrets.expressions import lazily

__all__ = [
    "is_dotted_password",
    "is_passphrase",
    "is_placeholder",
    "is_strong_password",
    "looks_drawn",
    "looks_like_key",
    "looks_mixed",
    "looks_scattered",
    "may_be_password",
]

_PLACEHOLDER: Final = lazily(
    rb"\[redacted:.*|\[withheld.*|[xX*.:\-_#?0]+|<.*>|\{.*\}|\$.*|%.*%|@.*|"
    rb"(?:your|my|some|the|a|an|insert|enter|put|add|paste|replace|change|example|sample|dummy|fake|"
    rb"placeholder|todo|fixme|test|default|secret|password|passwd|token|key|none|null|nil|true|false|"
    rb"undefined|unset|empty|required|optional|hidden|masked|redacted|removed|env|n/a)"
    rb"(?:[\s_\-./:].*|(?-i:[a-z]*(?:[A-Z][a-z]{2,})*|[A-Z]*))?",
    re.IGNORECASE | re.DOTALL,
)
# A variable's name, a path, an address, a call, a dotted name: what code and settings refer by.
_REFERENCE: Final = lazily(
    rb"[A-Z][A-Z_]+|(?:~|\.{1,2})?/.*|[A-Za-z]:\\.*|[a-z][a-z0-9+.\-]*://.*|[A-Za-z_][\w.]*\(.*|"
    rb"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|[\w.\-]+(?:/[\w.\-]+)+\.[A-Za-z]\w{0,5}|[A-Za-z_]\w*\[.*|[\w\-]+\.(?:json|ya?ml|toml|pem|txt|env|key|crt|py|ini|cfg)",
    re.DOTALL,
)
_KEY_BEHIND: Final = lazily(
    rb"(?:secret|token|key|test|default|password)[_\-](?=(?:[^0-9]*[0-9]){3})(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9]{20,}"
)
_DOTTED: Final = lazily(rb"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_BASE64: Final = lazily(rb"[A-Za-z0-9+/]{32,}={0,2}")
_SCATTERED: Final = lazily(rb"[A-Za-z0-9+/]+={0,2}")
_DIGIT_INSIDE: Final = lazily(rb"\d(?=[A-Za-z])")
_DIGIT: Final = lazily(rb"\d")
_LOWER: Final = lazily(rb"[a-z]")
_UPPER: Final = lazily(rb"[A-Z]")
_NUMBER: Final = lazily(rb"[+-]?[\d_]+(?:\.[\d_]*)?(?:[eE][+-]?\d+)?")
# In names a capital begins a word: what was drawn has single small letters between, and pairs.
_ODD: Final = lazily(rb"(?<=[A-Z])[a-z](?=[A-Z])|[A-Z]{2,}")
_ODD_ENOUGH: Final = 3
# White space, and what patterns and code are full of.
_NOT_IN_KEYS: Final = b" \t\r\n()[]{}\\|<>"
_LONG: Final = 20
_ENOUGH: Final = 8
_DRAWN_PIECE: Final = lazily(
    rb"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=[^0-9]*[0-9])[A-Za-z0-9_\-]{20,}"
)
_KEY: Final = lazily(rb"[A-Za-z0-9+/_\-.~:]{20,4096}={0,2}")
_UUID: Final = lazily(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?::fx)?", re.IGNORECASE)
# `XXXXX-XXXXX-XXXXX`: in names of things the digits stand at the end of a word.
_GROUPS: Final = lazily(
    rb"(?=.{16})(?:[a-z0-9]{4,8}(?:-[a-z0-9]{4,8}){2,7}|[A-Z0-9]{4,8}(?:-[A-Z0-9]{4,8}){2,7})"
)
_ODD_GROUP: Final = lazily(rb"[A-Za-z0-9]*\d[A-Za-z][A-Za-z0-9]*")
_DIGEST: Final = lazily(rb"(?i)(?:sha|md|blake)\w{1,6}[:=-]|0x[0-9a-f]+$")
_JOINT: Final = lazily(rb"[-_./+~:]")
_PIECE: Final = 12
_FEW: Final = 2
_SORTS: Final = 3
_PHRASE: Final = lazily(rb"[A-Za-z]{3,}")
_PHRASES: Final = lazily(rb"[A-Za-z]{3,12}(?:-[A-Za-z]{3,12}){1,10}-?\d{0,4}[!?]?")
_SIGN: Final = lazily(rb"[^A-Za-z0-9\s]")
# Four words of four letters: how a mail service writes the password it draws for a program.
_FOUR_FOURS: Final = lazily(rb"[a-z0-9]{4}(?: [a-z0-9]{4}){3}")


def is_placeholder(value: bytes) -> bool:
    """Return whether a value only holds a secret's place, or says where it is kept."""
    if _NUMBER.fullmatch(value):
        return True
    if _PLACEHOLDER.fullmatch(value):
        # `key_` is what some keys begin with.
        return not _KEY_BEHIND.fullmatch(value)
    if not _REFERENCE.fullmatch(value) or _is_base64(value):
        return False
    # A key may have parts, and a file may be called by one: `token=….csv`.
    return not (b"." in value and any(_is_drawn_piece(part) for part in value.split(b".")))


def _is_drawn_piece(part: bytes) -> bool:
    if not _DRAWN_PIECE.fullmatch(part):
        return len(part) >= _PIECE + 4 and looks_scattered(part, least=_SORTS)
    return looks_mixed(part) or (part.isalnum() and len(_DIGIT.findall(part)) >= _SORTS)


def _is_base64(value: bytes) -> bool:
    """Return whether it is base64 that has slashes in it, as a path has: no folder is called so."""
    if not _BASE64.fullmatch(value):
        return False
    longest = max(value.split(b"/"), key=len)
    return len(longest) >= _LONG // 2 and all(
        kind.search(longest) for kind in (_DIGIT, _LOWER, _UPPER)
    )


def looks_drawn(value: bytes) -> bool:
    """Return whether a value looks drawn at random, as keys and tokens are.

    At least 8 characters without white space, digits among its letters, or small and capital
    ones as in no word; or at least 20, upper and lower case mixed, and not words that are joined.
    """
    if len(value) < _ENOUGH or is_placeholder(value) or any(c in value for c in _NOT_IN_KEYS):
        return False
    if _DIGIT.search(value):
        return bool(_LOWER.search(value) or _UPPER.search(value))
    if looks_mixed(value):
        return True
    joined = any(c in value for c in b"_-. ")
    return (
        len(value) >= _LONG and not joined and bool(_LOWER.search(value) and _UPPER.search(value))
    )


def looks_mixed(value: bytes) -> bool:
    """Return whether small and capital letters follow each other as in no name."""
    return len(_ODD.findall(value)) >= _ODD_ENOUGH and bool(_LOWER.search(value))


def looks_scattered(value: bytes, *, least: int = 2) -> bool:
    """Return whether digits and letters follow each other as in no name: digits end those."""
    return (
        len(value) >= _PIECE
        and bool(_SCATTERED.fullmatch(value))
        and not _DIGEST.match(value)
        and len(_DIGIT_INSIDE.findall(value)) >= least
    )


def looks_like_key(value: bytes) -> bool:
    """Return whether a value looks like a key whatever it is called: long, and no joined words.

    Stricter than `looks_drawn`, for where the name beside it says little.
    """
    if _GROUPS.fullmatch(value):
        return len(_ODD_GROUP.findall(value)) >= _FEW
    if not _KEY.fullmatch(value) or is_placeholder(value) or _DIGEST.match(value):
        return False
    longest = max(_JOINT.split(value), key=len)
    drawn = len(longest) >= _PIECE and len(set(longest)) > _ENOUGH
    digits = len(_DIGIT.findall(longest))
    is_one = digits >= _FEW and len(longest) - digits >= _FEW
    return bool(_UUID.search(value)) or (drawn and (is_one or looks_mixed(longest)))


def may_be_password(value: bytes) -> bool:
    """Return whether a value may be what a person types: at least 5 characters, not a placeholder."""
    if _FOUR_FOURS.fullmatch(value):
        return True
    if len(value) < len(b"12345") or b" " in value:
        return False
    return not is_placeholder(value) or is_dotted_password(value)


def is_dotted_password(value: bytes) -> bool:
    """Return whether what could be a dotted name is drawn: all sorts of letters in one of its parts."""
    if not _DOTTED.fullmatch(value):
        return False
    return looks_mixed(value) or any(
        _DIGIT.search(part) and _LOWER.search(part) and _UPPER.search(part)
        for part in value.split(b".")
    )


def is_passphrase(value: bytes, *, words: int = 3) -> bool:
    """Return whether a value is words joined as people join them to a password: ``tree-boat-…``."""
    parts = _PHRASE.findall(value) if _PHRASES.fullmatch(value) else ()
    return len(parts) >= words and not is_placeholder(value)


def is_strong_password(value: bytes) -> bool:
    """Return whether a value is what rules for passwords ask for: no word of prose is like it.

    At least 8 characters, of three sorts: small letters, capitals, digits, signs.
    """
    sorts = sum(bool(sort.search(value)) for sort in (_LOWER, _UPPER, _DIGIT, _SIGN))
    return len(value) >= _ENOUGH and sorts >= _SORTS and not is_placeholder(value)
