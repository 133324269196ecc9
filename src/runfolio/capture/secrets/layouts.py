"""Secrets whose name stands in another place: a line above, in an attribute beside, over a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from runfolio.capture.secrets.allowed import (
    looks_like_key,
    may_be_password,
)
from runfolio.capture.secrets.commands import is_login_password, is_value_of
from runfolio.capture.secrets.expressions import lazily
from runfolio.capture.secrets.names import is_password_name, is_secret_name, may_name_a_secret

__all__ = ["secrets_in_layouts"]

_KEY: Final = rb"(?P<value>[A-Za-z0-9+/_\-.~:]{20,400}={0,2})"
_NAMED_BEFORE: Final = lazily(
    rb"\b(?:name|key)\\*[\"']?\s{0,4}[:=]\s{0,4}\\*[\"']?(?P<name>[A-Za-z_][\w.\-]{1,80})\\*[\"']?"
    rb"\s{0,4},?\s{0,40}\\*[\"']?value\\*[\"']?\s{0,4}[:=]\s{0,4}\\*[\"']?(?P<value>[^\s\"',}\\]{4,400})"
)
_VARIABLE: Final = lazily(
    rb"\bvariable\s{1,4}\"(?P<name>[\w\-]{1,80})\"\s{0,4}\{[^{}]{0,400}?\bdefault\s{0,4}=\s{0,4}"
    rb"\"(?P<value>[^\"\n]{4,400})"
)
_NETRC: Final = lazily(
    rb"\b(?:login|user)[ \t]+\S{1,100}\s{1,40}pass(?:word)?[ \t]+(?P<value>[^\s\"'\\]{4,400})"
)
_LIST: Final = lazily(
    rb"(?:tokens|keys|secrets|passwords)[ \t]{0,4}:[ \t\r]{0,4}\n"
    rb"(?P<items>(?:[ \t]{0,40}-[ \t]{1,4}[^\s:]{4,400}[ \t\r]{0,4}(?:\n|$)){1,50})"
)
_NAME_BEFORE: Final = lazily(rb"[\w.\-]{0,60}$")
# A line that is a text and nothing else, below one that ends with its name: `>>> token`,
# `In [3]: api_key`, `def password():`.
_TEXT_BELOW: Final = lazily(
    rb"\n[ \t]{0,40}(?:return[ \t]{1,4}|Out\[\d{1,6}\]:[ \t]{0,4})?[rbf]?(?:[\w.]{0,40}(?:send\w*|write|fill|type|input)\()?(?P<quote>[\"'])"
    rb"(?P<value>[^\s\"'\\]{5,400})(?P=quote)\)?[ \t\r]{0,4}(?=\n|\Z)"
)
_LAST_NAME: Final = lazily(
    rb"(?P<name>[A-Za-z_]\w{0,60})[:?]?[ ]?[\"']?[\])]?(?:\([^()\n]{0,80}\)[^\n:()]{0,40}:)?[ \t\r]{0,4}$"
)
_ABOVE: Final = 160
# A line of .pgpass: host, port, database, user, password.
_ROW: Final = lazily(
    rb"(?:^|(?<=\n)|(?<=[\"' ]))[\w.*\-]{1,100}:(?:\d{4,5}|\*):[\w*\-]{1,60}:[\w.\-@]{1,60}:(?P<value>[^\s\"']{5,200})[ \t\r]{0,4}(?=[\"'\n\\]|$)"
)
_PORT: Final = lazily(rb":(?:\d{4,5}|\*):[\w*\-]{1,60}:")
# `name   password` over `value  …`; `password: >-` over the text.
_COLUMNS: Final = lazily(
    rb"\b(?:name|key|variable)[ \t]{1,20}(?P<name>[A-Za-z_][\w.\-]{1,80})[ \t\r]{0,20}\n[ \t]{0,20}value[ \t]{1,20}(?P<value>\S{4,400})",
    re.IGNORECASE,
)
_FOLDED: Final = lazily(
    rb"(?P<name>[A-Za-z_][\w.\-]{1,80})[\"']?:[ \t]{1,4}[>|][+\-]?\d?[ \t\r]{0,4}\n[ \t]{1,40}(?P<value>[^\s:]{4,400})[ \t\r]{0,4}(?=\n|\Z)"
)
# A head of columns, and rows below it.
_HEAD: Final = lazily(
    rb"(?:^|(?<=\n))[A-Za-z_][\w \-]{0,40}(?:[,;\t][A-Za-z_][\w \-]{0,40}){1,30}\r?\n"
)
_MOST_ROWS: Final = 50
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
    for needed, pattern in (
        (b"value", _NAMED_BEFORE), (b"value", _COLUMNS), (b":", _FOLDED), (b'variable "', _VARIABLE),
    ):  # fmt: skip
        for found in pattern.finditer(text) if needed in lower else ():
            check()
            name, value = found["name"].decode(), found["value"]
            if _is_value_of(name, value):
                yield *found.span("value"), name
    yield from _in_rows(text, lower, check)
    yield from _without_separator(text, lower, check)
    yield from _in_lists(text, lower, check)
    for found in _LONE_KEY.finditer(text):
        check()
        near = text[max(0, found.start() - _NEAR) : found.end() + _NEAR]
        if looks_like_key(found["value"]) and _BESIDE_A_KEY.search(near):
            yield *found.span("value"), "key"


def _without_separator(
    text: bytes, lower: bytes, check: Callable[[], None]
) -> Iterator[tuple[int, int, str]]:
    """Yield what stands below its name, behind a user's, and in rows of .pgpass."""
    for found in _NETRC.finditer(text) if b"pass" in lower else ():
        check()
        if may_be_password(found["value"]):
            yield *found.span("value"), "password"
    for found in _TEXT_BELOW.finditer(text):
        check()
        above = _LAST_NAME.search(text, max(0, found.start() - _ABOVE), found.start())
        name = above["name"].decode() if above is not None else ""
        if name and _is_value_of(name, found["value"]):
            yield *found.span("value"), name
    for port in _PORT.finditer(text):
        check()
        start = text.rfind(b"\n", max(0, port.start() - _ABOVE), port.start()) + 1
        for found in _ROW.finditer(
            text, max(start, port.start() - _ABOVE), port.end() + 2 * _ABOVE
        ):
            if is_login_password(found["value"]):
                yield *found.span("value"), "password"


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


def _names_some(name: str) -> bool:
    return is_secret_name(name) or may_name_a_secret(name)


def _is_value_of(name: str, value: bytes) -> bool:
    if is_password_name(name) and is_secret_name(name):
        return may_be_password(value)
    return is_value_of(name, value)


def _in_rows(
    text: bytes, lower: bytes, check: Callable[[], None]
) -> Iterator[tuple[int, int, str]]:
    """Yield what the rows below a head hold in the columns of secrets."""
    if not any(word in lower for word in (b"pass", b"pwd", b"token", b"key", b"secret")):
        return
    for head in _HEAD.finditer(text):
        check()
        comma = next(c for c in (b",", b";", b"\t") if c in head[0])
        names = [name.strip().decode("ascii", "replace") for name in head[0].split(comma)]
        secret = [n for n, name in enumerate(names) if _names_some(name.replace(" ", "_"))]
        at = head.end()
        for _ in range(_MOST_ROWS if secret else 0):
            end = text.find(b"\n", at, at + 4096)
            row = text[at : end if end >= 0 else at + 4096].split(comma)
            if len(row) != len(names):
                break
            for n in secret:
                value = row[n].strip(b" \r\"'")
                if value and is_value_of(names[n].replace(" ", "_"), value):
                    start = at + sum(len(field) + 1 for field in row[:n]) + row[n].index(value)
                    yield start, start + len(value), names[n]
            if end < 0:
                break
            at = end + 1
