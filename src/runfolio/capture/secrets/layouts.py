"""Secrets whose name stands in another place: in prose, a line above, beside it in a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from runfolio.capture.secrets.allowed import (
    is_strong_password,
    looks_drawn,
    looks_like_key,
    may_be_password,
)
from runfolio.capture.secrets.expressions import lazily
from runfolio.capture.secrets.names import is_secret_name, may_name_a_secret

__all__ = ["secrets_in_layouts", "secrets_in_prose"]

_LONG_ENOUGH: Final = lazily(rb"[A-Za-z0-9+/_\-.~:]{20}")
_KEY: Final = rb"(?P<value>[A-Za-z0-9+/_\-.~:]{20,400}={0,2})"
# `api key …`, `Your token is: …`, `invalid token '…'`, `ENV API_KEY …`, `config set x_token …`
_SAID: Final = lazily(
    rb"\b(?P<name>(?:(?:api|access|secret|auth|private|personal|app|license)[ _\-]?key|[\w\-]{0,60}token"
    rb"|[\w.\-]{0,60}[_\-](?:key|secret|pat|password)|secret)s?)\b(?!\.)\\*[\"'`]?"
    rb"(?:[ \t]+(?:is|was|used|value|provided))?(?:[^\n:=\"'`]{0,60}:)?[ \t|\xe2\x94\x82]{0,80}"
    rb"\\*[\"'`(]{0,2}" + _KEY,
    re.IGNORECASE,
)
_KEY_IN_TICKS: Final = lazily(rb"\bkey \\*[`\"']" + _KEY + rb"\\*[`\"']")
_REFUSED: Final = lazily(
    rb"[\"'`]" + _KEY + rb"[\"'`] is (?:not )?(?:an? )?(?:in)?valid [^\n]{0,20}(?:key|token)\b"
)
_PASSWORD_SAID: Final = lazily(
    rb"\b(?:password|passwd|passphrase)\b(?:[ \t]+(?:is|was))?[ \t:=|\xe2\x94\x82]{1,80}"
    rb"\\*[\"'`]?(?P<value>[^\s\"'`\\|,;]{8,80})",
    re.IGNORECASE,
)
# SQL: `CREATE USER me IDENTIFIED BY '…'`
_OF_A_USER: Final = lazily(
    rb"\b(?:IDENTIFIED\s+BY|WITH\s+PASSWORD)\s+\\*[\"'](?P<value>[^\s\"'\\]{4,80})", re.IGNORECASE
)
# A whole line that is a setting.
_SETTING: Final = lazily(
    rb"^(?P<indent>[ \t]*)(?P<name>[\w.\-]{0,60}(?:password|passwd|pwd|passphrase|secret))"
    rb"(?P<sep>[ \t]*[:=][ \t]*)(?P<value>[^\s\"'`()\[\]{},]{6,80})[ \t\r]*$",
    re.IGNORECASE | re.MULTILINE,
)
_WORD: Final = lazily(rb"[a-z]{8,40}")
_NO_PASSWORDS: Final = frozenset(
    b"required optional disabled enabled invalid incorrect password undefined plaintext passphrase "
    b"credential credentials encrypted plain-text username authentication protected security "
    b"accepted changed correct expired rejected verified database userpass".split()
)
_DIGESTS: Final = lazily(rb"(?i:base|sha|md|utf|aes|int|str|hash|v|py|password|pwd|pass)_?-?\d+")

_NAMED_BEFORE: Final = lazily(
    rb"\b(?:name|key)\\*[\"']?\s{0,4}[:=]\s{0,4}\\*[\"']?(?P<name>[A-Za-z_][\w.\-]{1,80})\\*[\"']?"
    rb"\s{0,4},?\s{0,40}\\*[\"']?value\\*[\"']?\s{0,4}[:=]\s{0,4}\\*[\"']?(?P<value>[^\s\"',}\\]{4,400})"
)
_VARIABLE: Final = lazily(
    rb"\bvariable\s{1,4}\"(?P<name>[\w\-]{1,80})\"\s{0,4}\{[^{}]{0,400}?\bdefault\s{0,4}=\s{0,4}"
    rb"\"(?P<value>[^\"\n]{4,400})"
)
_NETRC: Final = lazily(
    rb"\b(?:login|user)[ \t]+\S{1,100}\s{1,40}password[ \t]+(?P<value>[^\s\"'\\]{4,400})"
)
_LIST: Final = lazily(
    rb"(?:tokens|keys|secrets|passwords)[ \t]{0,4}:[ \t\r]{0,4}\n"
    rb"(?P<items>(?:[ \t]{0,40}-[ \t]{1,4}[^\s:]{4,400}[ \t\r]{0,4}(?:\n|$)){1,50})"
)
_NAME_BEFORE: Final = lazily(rb"[\w.\-]{0,60}$")
_LISTS: Final = (b"tokens:", b"keys:", b"secrets:", b"passwords:")
_ITEM: Final = lazily(rb"-[ \t]+[\"']?(?P<value>[^\s\"']+)")
_LONE_KEY: Final = lazily(
    rb"key(?<![\w]key)\\*[\"']?\s{0,4}[:=]\s{0,4}\\*[\"']?" + _KEY + rb"(?![A-Za-z0-9])"
)
# `key` says nothing by itself: one of these stands beside it.
_BESIDE_A_KEY: Final = lazily(
    rb"(?i)secret|credential|login|wandb|comet|neptune|kaggle|username|storage_options|s3fs|\bapi\b"
)
_NEAR: Final = 150
_FEW_DIGITS: Final = 2


def secrets_in_prose(line: bytes, lower: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of what a line says is a key, a token or a password.

    Parameters
    ----------
    line, lower : bytes
        The line, and the same in small letters.
    """
    for needed, pattern, kind, is_secret in _SAYINGS if _LONG_ENOUGH.search(line) else ():
        for found in pattern.finditer(line) if any(word in lower for word in needed) else ():
            named = found.groupdict().get("name") or b"token"
            if is_secret(found["value"]) and _names_some(named.decode("ascii", "replace")):
                yield *found.span("value"), kind
    if any(word in lower for word in (b"pass", b"pwd", b"secret", b"identified")):
        yield from _passwords_in(line)


def secrets_in_layouts(
    text: bytes, lower: bytes, check: Callable[[], None]
) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of what is named a line above or in the attribute beside.

    Parameters
    ----------
    text, lower : bytes
        The text, and the same in small letters.
    check : callable
        Called again and again; raises to end the search.
    """
    for needed, pattern in ((b"value", _NAMED_BEFORE), (b'variable "', _VARIABLE)):
        for found in pattern.finditer(text) if needed in lower else ():
            check()
            name, value = found["name"].decode(), found["value"]
            if is_secret_name(name) and (looks_drawn(value) or _is_password_of(name, value)):
                yield *found.span("value"), name
    for found in _NETRC.finditer(text) if b"password" in lower else ():
        check()
        if may_be_password(found["value"]):
            yield *found.span("value"), "password"
    yield from _in_lists(text, lower, check)
    for found in _LONE_KEY.finditer(text):
        check()
        near = text[max(0, found.start() - _NEAR) : found.end() + _NEAR]
        if looks_like_key(found["value"]) and _BESIDE_A_KEY.search(near):
            yield *found.span("value"), "key"


def _in_lists(
    text: bytes, lower: bytes, check: Callable[[], None]
) -> Iterator[tuple[int, int, str]]:
    if not any(name in lower for name in _LISTS):
        return
    for found in _LIST.finditer(lower):
        check()
        word = lower[found.start() : found.start("items")].partition(b":")[0].rstrip()
        before = _NAME_BEFORE.search(lower, max(0, found.start() - 60), found.start())
        name = ((before[0] if before else b"") + word).decode("ascii", "replace")
        for item in _ITEM.finditer(text, *found.span("items")) if _names_some(name) else ():
            if looks_like_key(item["value"]):
                yield *item.span("value"), name


def _passwords_in(line: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield the passwords that a line says to be one, and those that a setting holds as a word."""
    for found in _OF_A_USER.finditer(line):
        if may_be_password(found["value"]):
            yield *found.span("value"), "password"
    for found in _PASSWORD_SAID.finditer(line):
        if _is_said_password(found["value"]):
            yield *found.span("value"), "password"
    for found in _SETTING.finditer(line):
        if is_secret_name(found["name"].decode()) and _is_typed(found):
            yield *found.span("value"), found["name"].decode()


def _names_some(name: str) -> bool:
    return is_secret_name(name) or may_name_a_secret(name)


def _is_password_of(name: str, value: bytes) -> bool:
    return name.lower().endswith(("password", "passwd", "pwd", "pass")) and may_be_password(value)


def _is_code(value: bytes) -> bool:
    return any(c in value for c in b"()[]{}<>=")


def _is_said_password(value: bytes) -> bool:
    return is_strong_password(value) and not _is_code(value)


def _is_mixed_key(value: bytes) -> bool:
    return looks_like_key(value) and value.lower() != value


# What a line must hold one of in small letters, the pattern, the kind, what its value is like.
_SAYINGS: Final = (
    ((b"key", b"token", b"secret", b"pat ", b"password"), _SAID, "token", looks_like_key),
    ((b"valid",), _REFUSED, "token", looks_like_key),
    ((b"key ",), _KEY_IN_TICKS, "key", _is_mixed_key),
)


def _is_typed(setting: re.Match[bytes]) -> bool:
    """Return whether the value of a line that is a setting was typed, not a type or a variable."""
    value, sep = setting["value"], setting["sep"]
    if not may_be_password(value) or _DIGESTS.fullmatch(value):
        return False
    if value[-1:].isdigit() and sum(chr(c).isdigit() for c in value) >= _FEW_DIGITS:
        return b"_" not in value
    if is_strong_password(value) and not _is_code(value):
        return True
    # A word is one only where no code can be: `name: word`, `NAME=word`.
    is_variable = sep == b"=" and not setting["indent"]
    is_setting = is_variable or (sep == b": " and not setting["name"].lower().endswith(b"secret"))
    return is_setting and bool(_WORD.fullmatch(value)) and value not in _NO_PASSWORDS
