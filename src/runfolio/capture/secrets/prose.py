"""Secrets that a sentence or a label names: ``the token for … is …``, ``Password: …``, a row of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runfolio.capture.secrets.allowed import (
    is_passphrase,
    is_strong_password,
    looks_drawn,
    looks_like_key,
    looks_mixed,
    looks_scattered,
    may_be_password,
)
from runfolio.capture.secrets.commands import is_login_password
from runfolio.capture.secrets.expressions import lazily
from runfolio.capture.secrets.names import is_password_name, is_secret_name, may_name_a_secret

__all__ = ["secrets_in_prose"]

# What is named; the words before it say of what, those behind it lead to the value.
_NOUN: Final = lazily(
    rb"(?:key|token|secret|passw(?:or)?d|pass(?:phrase|code)?|pwd|psk|pw|pat|cred(?:ential)?|bearer|auth|code|dsn|seed|session)s?"
    rb"(?![A-Za-z0-9_(.\[@/\-])"
)
_BEFORE: Final = lazily(rb"(?:([A-Za-z]{2,20})[ ])?([\w.\-]{0,60})$")
_INSIDE: Final = lazily(rb"[+/=~]\w*$|(?<![\w\-])\d\w*$")
_WORD: Final = lazily(
    rb"(?P<joint>[:=|]+>?|-+>|-(?=[ \t])|</?[a-z]\w{0,9}[^<>\n]{0,60}>)"
    rb"|(?P<lead>\\*[\"'`(*_\[<]{0,3})(?P<value>[^\s\"'`|<]*[^\s\"'`|,;:.)\]>*\\<])"
)
_LEADS: Final = frozenset(
    [b"is", b"was", b"to", b":", b"=", b"->", b"=>", b"-", b"|", "→".encode(), "–".encode(), "—".encode(), "│".encode()]
)  # fmt: skip
_TIGHT: Final = 4
# What is between columns ends so.
_GAPS: Final = frozenset({b"  ", b"\t "})
# Without a word of this length nothing behind a name can be its value.
_LONG: Final = lazily(rb"[^\s\"'`|<]{8}")
_NEAR: Final = 64
_REACH: Final = 600
_WORDS: Final = 6
_SHORTEST: Final = 8
_SHORT_KEY: Final = 12
_FEW_DIGITS: Final = 2
_IN_PROSE: Final = 4
# `key` opens something when one of these stands before it as a word of its own.
_OPENERS: Final = frozenset(
    [
        "api",
        "access",
        "secret",
        "auth",
        "private",
        "personal",
        "app",
        "application",
        "license",
        "licence",
        "product",
        "activation",
        "signing",
        "signature",
        "encryption",
        "decryption",
        "ssh",
        "session",
        "subscription",
        "connection",
        "deploy",
        "deployment",
        "service",
        "admin",
        "account",
        "storage",
        "shared",
        "master",
        "root",
        "webhook",
        "write",
        "read",
        "ingest",
        "ingestion",
        "aes",
        "hmac",
        "jwt",
        "cookie",
        "user",
        "team",
        "org",
        "organization",
        "publish",
        "upload",
        "instrumentation",
        "crypto",
        "enc",
        "fernet",
        "cloud",
        "server",
        "client",
        "project",
        "customer",
        "developer",
        "host",
        "openai",
        "anthropic",
        "stripe",
        "wandb",
        "kaggle",
        "azure",
        "aws",
        "gcp",
        "google",
        "hf",
        "github",
        "sendgrid",
        "device",
        "integration",
        "tracking",
    ]
)
_ARTICLES: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "your",
        "my",
        "our",
        "this",
        "that",
        "their",
        "his",
        "her",
        "its",
        "with",
        "and",
        "or",
        "of",
        "for",
        "new",
        "old",
        "invalid",
        "bad",
        "wrong",
        "no",
        "use",
        "using",
        "set",
        "get",
        "incorrect",
        "provided",
        "return",
        "expired",
    ]
)
_DIGESTS: Final = lazily(rb"(?i:base|sha|md|utf|aes|int|str|hash|v|py|password|pwd|pass)_?-?\d+")
_KEY: Final = rb"(?P<value>[A-Za-z0-9+/_\-.~:]{20,400}={0,2})"
_KEY_IN_TICKS: Final = lazily(rb"\bkey \\*[`\"']" + _KEY + rb"\\*[`\"']")
_REFUSED: Final = lazily(
    rb"[\"'`]" + _KEY + rb"[\"'`] is (?:not )?(?:an? )?(?:in)?valid [^\n]{0,20}(?:key|token)\b"
)
# SQL: `CREATE USER me IDENTIFIED BY '…'`
_OF_A_USER: Final = lazily(
    rb"\b(?:IDENTIFIED\s+BY|WITH\s+PASSWORD)\s+\\*[\"'](?P<value>[^\s\"'\\]{4,80})", re.IGNORECASE
)
# `user = me:…`, `login: me / …`
_BEHIND_USER: Final = lazily(
    rb"\b(?:user(?:name)?|login|cred(?:ential)?s?|account)\\*[\"']?[ \t]{0,4}[:=][ \t]{0,4}\\*[\"'`]?"
    rb"[\w.@\-]{1,60}(?::(?![/:])|[ \t]+[/|][ \t]+)(?P<value>[^\s\"'`\\]{5,80})",
    re.IGNORECASE,
)
# A whole line that is a setting.
_SETTING: Final = lazily(
    rb"^(?P<indent>[ \t]*)(?P<name>[\w.\-]{0,60}(?:password|passwd|pwd|passphrase|secret))"
    rb"(?P<sep>[ \t]*[:=][ \t]*)(?P<value>[^\s\"'`()\[\]{},]{6,80})[ \t\r]*$",
    re.IGNORECASE | re.MULTILINE,
)
_OF_USERS: Final = lazily(rb"pass|pwd|secret|identified|user|login|cred")
_LOWER_WORD: Final = lazily(rb"[a-z]{8,40}")
_NO_PASSWORDS: Final = frozenset(
    b"required optional disabled enabled invalid incorrect password undefined plaintext passphrase "
    b"credential credentials encrypted plain-text username authentication protected security "
    b"accepted changed correct expired rejected verified database userpass".split()
)


def secrets_in_prose(line: bytes, lower: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of what a line says is a key, a token or a password.

    Parameters
    ----------
    line, lower : bytes
        The line, and the same in small letters.
    """
    for noun in _NOUN.finditer(lower):
        if not _LONG.search(line, noun.end(), min(len(line), noun.end() + _REACH)):
            break  # nor behind those that follow
        name = _named(line, noun)
        if name:
            for start, end in _said(line, noun.end(), name):
                yield start, end, name
    for needed, pattern, kind in _SAYINGS:
        for found in pattern.finditer(line) if needed in lower else ():
            value = found["value"]
            if looks_like_key(value) and (kind == "token" or value.lower() != value):
                yield *found.span("value"), kind
    if _OF_USERS.search(lower):
        yield from _of_users_and_settings(line)


def _named(line: bytes, noun: re.Match[bytes]) -> str:
    """Return the name of what is said; empty for what is no secret."""
    before = _BEFORE.search(line, max(0, noun.start() - _NEAR), noun.start())
    word, of = (before[2], (before[1] or b"").lower()) if before else (b"", b"")
    name = (word + line[noun.start() : noun.end()]).decode("ascii", "replace").lstrip("_-.")
    if _INSIDE.search(line, max(0, noun.start() - _NEAR), noun.start()) or looks_mixed(word):
        return ""  # a piece of base64
    opener = of.decode()
    if not word and opener and opener not in _ARTICLES:
        both = f"{opener}_{name}"
        if name.lower().rstrip("s") == "key":
            return both if opener in _OPENERS else ""
        if is_secret_name(both):
            return both
        if is_secret_name(name):
            return ""  # `pad token`
    return name if is_secret_name(name) or may_name_a_secret(name) else ""


def _said(line: bytes, at: int, name: str) -> Iterator[tuple[int, int]]:
    """Yield the first of the words behind a name that can be what it is the name of."""
    led = False
    for n, word in enumerate(_WORD.finditer(line, at, min(len(line), at + _REACH))):
        if n >= _WORDS or b"\n" in line[at : word.start()]:
            return
        value = word["value"] or b""
        if not value or value.lower() in _LEADS:
            led = True
            continue
        led = (
            led
            or b"`" in word["lead"]
            or _is_led(line[max(at, word.start() - _TIGHT) : word.start()])
        )
        if len(value) >= _SHORTEST and _is_said(
            name, value, direct=n == 0 or led, led=led, quoted=bool(word["lead"])
        ):
            yield word.span("value")
            return
        if led:
            return


def _is_led(near: bytes) -> bool:
    """Return whether what stands before a word leads to it: a sign, or the gap between columns."""
    return (
        b":" in near or b"=" in near or b"|" in near or b">" in near
        or near[-1:] == b"\t" or near[-2:] in _GAPS
    )  # fmt: skip


def _is_said(name: str, value: bytes, *, direct: bool, led: bool, quoted: bool) -> bool:
    if looks_like_key(value):
        return direct or looks_mixed(value)
    if (
        any(c in value for c in b"()[]{}<>")
        or (b"=" in value and not led)
        or _DIGESTS.fullmatch(value)
    ):
        return False
    if is_password_name(name):
        # `pass` is a verb.
        if name.lower().endswith("pass") and (not led or b"=" in value):
            return False
        if not direct:
            return quoted and is_strong_password(value) and value[:1] not in b".~"
        if is_strong_password(value) or is_passphrase(value, words=_IN_PROSE):
            return True
    if direct and looks_scattered(value):
        return True
    digits = sum(chr(c).isdigit() for c in value)
    if not led or not looks_drawn(value) or b"_" in value:
        return False
    if is_password_name(name):
        return digits >= _FEW_DIGITS
    return len(value) >= _SHORT_KEY and (looks_mixed(value) or digits >= len(value) // 4)


def _of_users_and_settings(line: bytes) -> Iterator[tuple[int, int, str]]:
    for found in _OF_A_USER.finditer(line):
        if may_be_password(found["value"]) or looks_drawn(found["value"]):
            yield *found.span("value"), "password"
    for found in _BEHIND_USER.finditer(line):
        if is_login_password(found["value"]):
            yield *found.span("value"), "password"
    for found in _SETTING.finditer(line):
        if is_secret_name(found["name"].decode()) and _is_typed(found):
            yield *found.span("value"), found["name"].decode()


def _is_code(value: bytes) -> bool:
    return any(c in value for c in b"()[]{}<>=")


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
    return is_setting and bool(_LOWER_WORD.fullmatch(value)) and value not in _NO_PASSWORDS


# What a line must hold in small letters, the pattern, the kind.
_SAYINGS: Final = ((b"valid", _REFUSED, "token"), (b"key ", _KEY_IN_TICKS, "key"))
