"""Secrets that show by what stands around them: names, headers, options, addresses, key blocks."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Final

from runfolio.capture.secrets.allowed import (
    is_dotted_password,
    is_passphrase,
    is_placeholder,
    is_strong_password,
    looks_drawn,
    looks_like_key,
    looks_mixed,
    looks_scattered,
    may_be_password,
)
from runfolio.capture.secrets.calls import HINTS as OF_CALLS
from runfolio.capture.secrets.calls import secrets_in_calls
from runfolio.capture.secrets.commands import HINTS as OF_COMMANDS
from runfolio.capture.secrets.commands import is_login_password, secrets_in_commands
from runfolio.capture.secrets.expressions import lazily
from runfolio.capture.secrets.layouts import secrets_in_layouts
from runfolio.capture.secrets.names import (
    is_password_name,
    is_secret_name,
    may_name_a_secret,
    own_name,
    words_of,
)
from runfolio.capture.secrets.prose import secrets_in_prose

__all__ = ["Span", "named_secrets"]

Span = tuple[int, int, str]
"""Start and end of a secret in the text, and its kind."""

# Without one of these a line names no secret.
_HINTS: Final = (
    b"key", b"token", b"secret", b"pass", b"pwd", b"pswd", b"auth", b"cred", b"cookie", b"bearer", b"dsn",
    b"webhook", b"login", b"conn", b"session", b"://", b"pat=", b"pat =", b"salt", b"appid", b"identified by", b"pw",
    b"psk", b"totp", b"recovery", b"backup", b"mfa", b"seed phrase", b"tok", b"user:", b"user =", b"user=", b"username", b"signature", b"sid", *OF_CALLS, *OF_COMMANDS,
)  # fmt: skip
# So much of a long line is looked at around a hint.
_BEFORE: Final = 256
_AFTER: Final = 4096

_NAME: Final = lazily(rb"[A-Za-z_$][\w.\-]{0,80}")
_ASSIGNED: Final = lazily(
    rb"(?P<close>\\*[\"'`]?[\])]?)"
    rb"(?P<hint>(?:\s*:\s*(?:&\s*)?[A-Za-z_'][\w.\[\]| ,:<>?&']{0,60}?|[ \t]+(?:string|str|String|char|text)|\[\d{0,4}\])(?=\s*=[^=]))?"
    rb"(?P<sep>\s*(?:=>|:=|==|!=|<-|=|:|,)\s*(?:\\\s*\n\s*)?)(?:[&!][\w!]{1,20}[ ])?"
    rb"(?P<scheme>(?:[rbfuRBFU]{0,2}\\*[\"'`])?(?i:Bearer|Basic|Token|Bot|ApiKey|Digest)\s+)?"
    rb"(?:[rbfuRBFU]{0,2}(?P<quote>\\*(?:\"\"\"|'''|[\"'`]))(?P<quoted>(?:\\[^\n]|[^\\\n]){1,4096}?)(?P=quote)"
    rb"|[rbfuRBFU]{0,2}(?P<escaped>\\+[\"'])(?P<inner>[^\n]{1,4096}?)(?P=escaped)"
    rb"|(?P<bare>[^\s\"'`]{4,4096}))"
)
_OPTION: Final = lazily(
    rb"(?<![\w-])--?(?P<name>[A-Za-z][\w\-]{1,60})[ \t]+(?P<quote>[\"']?)(?P<value>[^\s\"'\-][^\s\"']{3,})"
)
_BEARER: Final = lazily(rb"\bBearer\s+(?P<value>[A-Za-z0-9._~+/\-]{16,}=*)", re.IGNORECASE)
_COOKIE: Final = lazily(
    rb"(?:Set-)?Cookie\\*[\"']?\s*[:=,]\s*\\*[\"']?(?P<value>[^\s=;\"'\\]+=[^\"'\n\\]{4,})",
    re.IGNORECASE,
)
_USER_OPTION: Final = lazily(
    rb"(?<![\w-])(?:-u|-U|-a|--[\w\-]{0,20}(?:user|auth|creds?|credentials|login))[ =]?\\*[\"']?"
    rb"[^\s:%,\"'=\\/]{1,100}[:%,](?P<value>(?!/)[^\s\"'\\]{4,})"
)
_PAIR: Final = lazily(
    rb"auth\s*=\s*\(\s*\\*[\"'][^\"'\n]{0,200}[\"']\s*,\s*[rbf]?\\*[\"'](?P<value>[^\"'\n\\]{4,400})"
)
_LOGIN_KEY: Final = lazily(
    rb"\blogin\([^)\n]{0,200}?\bkey\s*=\s*\\*[\"'](?P<value>[^\"'\n\\]{8,400})"
    rb"|\"username\\*\"\s*:\s*\\*\"[^\"\n]{1,100}\"\s*,\s*\\*\"key\\*\"\s*:\s*\\*\"(?P<other>[0-9a-f]{32})"
)
_ELEMENT: Final = lazily(rb"<(?P<name>[A-Za-z][\w\-]{1,40})>(?P<value>[^<>\s]{4,400})</")
_DEFAULT_OF_OPTION: Final = lazily(
    rb"[\"']--(?P<name>[A-Za-z][\w\-]{1,60})\\*[\"'][^\n]{0,200}?\bdefault\s*=\s*"
    rb"\\*[\"'](?P<value>[^\"'\n\\]{4,400})"
)
_USER_INFO: Final = lazily(
    rb"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]{0,30})://(?P<value>[^\s/@'\"<>?#\\:]{0,200}(?::[^\s/@'\"<>\\]{0,400})?)@"
)
_QUERY: Final = lazily(rb"[?&](?P<name>[A-Za-z0-9_.%\-]{1,80})=(?P<value>[^&#\s'\"\\]+)")
# What a part of a path says the next one is.
_PATH: Final = lazily(
    rb"/(?:t|tokens?|keys?|apikey|api_key|secrets?|auth|bot|hooks?|webhooks?|services|catch)/?"
    rb"(?P<value>(?:[A-Za-z0-9_\-+:]{16,400}={0,2}))(?=[/\s?#\"'<>)\\]|$)"
)
_SIGNED: Final = frozenset({"sig", "signature", "token", "key", "code", "jwt"})
# What a bracket or a call behind such a name holds: `creds = ("me", "…")`, `key = SecretStr("…")`.
_WITHIN: Final = lazily(
    rb"\\*[\"']?\]?\s*(?::\s*[\w.\[\]| ]{1,60}?(?=\s*=))?\s*[:=]\s*(?P<call>[A-Za-z_][\w.]{0,60})?"
    rb"(?P<open>[(\[{])(?P<inside>[^()\[\]{}]{4,2000})"
)
_QUOTED: Final = lazily(
    rb"[rbfu]?(?P<quote>\\*[\"'])(?P<value>[^\"'\n\\]{4,400})(?P=quote)(?P<is_key>\s*:)?"
)
# `user, password = "me", "…"`
_SECOND: Final = lazily(
    rb"\w\s*,\s*(?P<name>\w{1,60})\s*=\s*\\*[\"'][^\"'\n]{0,200}[\"']\s*,\s*"
    rb"\\*[\"'](?P<value>[^\"'\n\\]{4,400})"
)
_OPENERS: Final = b"([{\\=+"
_JOINED: Final = lazily(rb"[\"']\n[ \t]{0,40}(?:\+[ \t]{0,4})?[rbf]?[\"']")
# `"…" + "…"`, and texts that stand one behind the other.
_MORE: Final = lazily(
    rb"(?:[ \t]{0,4}(?:[+.&][ \t]{0,4})?(?:\\?\r?\n[ \t]{0,40}(?:[+.&][ \t]{0,4})?)?)"
    rb"[rbfu]?(?P<quote>\\*[\"'])(?P<value>[^\"'\n\\]{1,400})(?P=quote)"
)
# `key = given or "…"`, `… if there else "…"`, `lambda: "…"`.
_OTHERWISE: Final = lazily(
    rb"\s{0,4}(?::[^=\n]{1,60})?=[^=\n\"'][^\n]{0,160}?(?:\bor\b|\belse\b|\|\||\?\?|\?:|\blambda\b[^:\n]{0,40}:)"
    rb"\s{0,4}[rbf]?(?P<quote>\\*[\"'])(?P<value>[^\"'\n\\]{4,400})(?P=quote)"
)
_VARIABLE: Final = lazily(rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_FURTHER: Final = 400
# Calls that give back what they are given.
_OF_DEFAULTS: Final = lazily(
    rb"(?:\w+\.){0,4}(?i:field|secret\w*|getenv|environ\.get|str|bytes|string|option|argument|quote\w*|form|param\w*)"
)
_WEAK_SEPARATORS: Final = frozenset({b",", b"==", b"!="})
_END_OF_QUOTE: Final = lazily(rb"\\*[\"'`]")
_NOTHING: Final = lazily(rb"")
_CLOSING: Final = b",;)]}>.\\"
_OF_CODE: Final = b"()[]{}<>*"
_FEW: Final = 2
_MANY_BARE: Final = 12


def named_secrets(text: bytes, check: Callable[[], None]) -> Iterator[Span]:
    """Yield the secrets that names, headers, options, calls and addresses around them show.

    Parameters
    ----------
    text : bytes
        UTF-8.
    check : callable
        Called again and again; raises to end the search.
    """
    lower = text.lower()
    for start, end in _lines_with_hints(text, lower):
        check()
        for begin, stop, kind in _in_line(text[start:end]):
            yield start + begin, start + stop, kind
    yield from secrets_in_layouts(text, lower, check)


def _lines_with_hints(text: bytes, lower: bytes) -> Iterator[tuple[int, int]]:
    """Yield the lines worth a closer look; of long ones the surroundings of each hint."""
    places: list[int] = []
    for hint in _HINTS:
        at = lower.find(hint)
        while at >= 0:
            places.append(at)
            at = lower.find(hint, at + len(hint))
    looked_at = 0
    for place in sorted(places):
        if place < looked_at:
            continue
        start = max(text.rfind(b"\n", max(0, place - _BEFORE), place) + 1, place - _BEFORE)
        end = text.find(b"\n", place, place + _AFTER)
        if end >= 0:
            looked_at = end
            # `key = (`: what it opens goes on below, and a text may be joined to one there.
            if text[end - 1] in _OPENERS or _JOINED.match(text, end - 1):
                end = min(len(text), end + _FURTHER)
        else:
            end = min(len(text), place + _AFTER)
            # What begins near the end of such a part may go on behind it.
            looked_at = end - _AFTER // 4
        yield max(start, 0), end


def _in_line(line: bytes) -> Iterator[Span]:
    lower = line.lower()
    yield from _assigned(line)
    for needed, pattern, test in _BY_NAME:
        for found in pattern.finditer(line) if needed in lower else ():
            name = found["name"].decode()
            if is_secret_name(name) and test(name, found["value"]):
                yield *found.span("value"), name
    for needed, pattern, kind, is_secret in _BY_FORM:
        for found in pattern.finditer(line) if needed in lower else ():
            which = "value" if found["value"] is not None else "other"
            if is_secret(found[which]):
                yield *found.span(which), kind
    yield from secrets_in_commands(line, lower)
    yield from secrets_in_prose(line, lower)
    if b"(" in line:
        yield from secrets_in_calls(line)
    if b"://" in line:
        yield from _in_addresses(line)


def _is_option_value(name: str, value: bytes) -> bool:
    # In prose a word follows: "the --password options".
    return looks_drawn(value) or (
        is_password_name(name) and (is_passphrase(value) or is_strong_password(value))
    )


def _has_drawn_part(value: bytes) -> bool:
    """Return whether a part of a cookie's value looks drawn."""
    return any(looks_drawn(part.partition(b"=")[2]) for part in re.split(rb"[;,\s]+", value))


def _in_addresses(line: bytes) -> Iterator[Span]:
    for found in _USER_INFO.finditer(line):
        value, scheme = found["value"], found["scheme"].lower()
        bare_login = b":" not in value and (
            scheme.endswith(b"ssh") or len(value) < len(b"0123456789")
        )
        if not bare_login and not value.startswith(b"[redacted:") and not _is_template(value):
            yield *found.span("value"), "user-info"
    for found in _PATH.finditer(line):
        if looks_like_key(found["value"]):
            yield *found.span("value"), "token"
    for found in _QUERY.finditer(line):
        name = found["name"].decode()
        signed = not _SIGNED.isdisjoint(words_of(name))
        if (signed or is_secret_name(name)) and looks_drawn(found["value"]):
            yield *found.span("value"), name


def _is_template(value: bytes) -> bool:
    """Return whether a login is written as code puts one in: ``{user}:{password}``, ``user:pass``."""
    user, _, password = value.partition(b":")
    if is_dotted_password(password):
        return False
    return is_placeholder(password or user) and not password.isdigit()


def _assigned(line: bytes) -> Iterator[Span]:
    at = 0
    while named := _NAME.search(line, at):
        # What is no secret may hold one further on: `dict(a=1, token="…")`.
        at = named.end()
        name, sure, perhaps = _told_by(named[0])
        if not sure and not perhaps:
            continue
        for start, end in _values(line, named, name):
            if sure or looks_like_key(line[start:end]) or looks_scattered(line[start:end]):
                yield start, end, name
                at = max(at, end)


@functools.lru_cache(maxsize=4096)
def _told_by(written: bytes) -> tuple[str, bool, bool]:
    """Return a name, whether it is one of a secret, and whether it may be."""
    name = own_name(written.decode("ascii", "replace")).lstrip("-$")
    return name, is_secret_name(name), may_name_a_secret(name)


def _values(line: bytes, named: re.Match[bytes], name: str) -> Iterator[tuple[int, int]]:
    """Yield where values stand that belong to a name."""
    found = _ASSIGNED.match(line, named.end())
    if found is None or found["bare"] is not None:
        yield from _within(line, named.end(), name)
        other = _OTHERWISE.match(line, named.end())
        if other is not None and _is_value(name, other["value"]):
            yield other.span("value")
    if found is None:
        return
    which = next(group for group in ("quoted", "inner", "bare") if found[group] is not None)
    start, end = found.span(which)
    sep = found["sep"].strip(b" \t\r\n\\")
    if which == "bare":
        end = start + len(_bare(line[: named.start()], found["bare"]))
        weak = sep in _WEAK_SEPARATORS or b"\n" in found["sep"]
        if not weak and _is_bare_value(name, line[start:end], found):
            yield start, end
    elif sep == b",":
        value = line[start:end]
        is_text = found["close"].strip(b"\\") in (b'"', b"'")
        if is_text and looks_drawn(value) and any(chr(c).isdigit() for c in value):
            yield start, end
    else:
        yield from _joined(line, start, end, name)


def _joined(line: bytes, start: int, end: int, name: str) -> Iterator[tuple[int, int]]:
    """Yield a text in quotes, and those joined to it, if together they are a secret."""
    parts, at = [(start, end)], _END_OF_QUOTE.match(line, end)
    while at is not None and (more := _MORE.match(line, at.end())):
        parts.append(more.span("value"))
        at = _NOTHING.match(line, more.end())
    if _is_value(name, b"".join(line[begin:stop] for begin, stop in parts)):
        yield from parts


def _within(line: bytes, at: int, name: str) -> Iterator[tuple[int, int]]:
    """Yield the values in the bracket, or the call, behind a name."""
    within = _WITHIN.match(line, at)
    if within is None:
        return
    offset = within.start("inside")
    first = _QUOTED.match(within["inside"].lstrip()) if not within["call"] else None
    if first is not None and not first["is_key"]:
        skipped = offset + len(within["inside"]) - len(within["inside"].lstrip())
        yield from _joined(line, skipped + first.start("value"), skipped + first.end("value"), name)
    for one in _QUOTED.finditer(within["inside"]):
        value = one["value"]
        if one["is_key"] or _VARIABLE.fullmatch(value):
            continue
        is_it = looks_like_key(value)
        if not within["call"] or is_password_name(name):
            is_it = is_it or is_strong_password(value) or is_passphrase(value)
        elif _OF_DEFAULTS.fullmatch(within["call"]):
            is_it = is_it or _is_value(name, value)
        if is_it:
            yield offset + one.start("value"), offset + one.end("value")


def _bare(before: bytes, value: bytes) -> bytes:
    """Return how much of what stands without quotes is the value, after what stands before its name."""
    # A line of a shell or of an .env file takes all of it; elsewhere what closes around it ends it.
    if before.strip() not in (b"export", b"set", b"", b"+", b"-"):
        value = re.split(rb"[,;&)\]}]", value, maxsplit=1)[0]
    # The end of a line as JSON and Python write it, the end of an element of HTML.
    return re.split(rb"\\[nr]|</", value, maxsplit=1)[0].rstrip(_CLOSING)


def _is_value(name: str, value: bytes) -> bool:
    """Return whether what stands in quotes after such a name is a secret."""
    words = words_of(name)
    if is_password_name(name):
        # `pw` is more than one thing.
        return _is_bare_password(value) if words == ["pw"] else may_be_password(value)
    if value.startswith(b"-----BEGIN"):
        return True
    if not {"connection", "conn", "dsn", "cookie", "cookies"}.isdisjoint(words):
        return _has_drawn_part(value) or looks_drawn(value)
    return looks_drawn(value)


def _is_bare_value(name: str, value: bytes, found: re.Match[bytes]) -> bool:
    """Return whether what stands without quotes is a value, not code that refers to one."""
    if is_password_name(name):
        if found["sep"] in (b"=", b": ", b":"):
            return _is_bare_password(value)
        if any(c in value for c in _OF_CODE):
            return False
        if is_passphrase(value) or is_strong_password(value):
            return True
    if any(c in value for c in _OF_CODE) or not looks_drawn(value):
        return False
    digits = sum(chr(c).isdigit() for c in value)
    is_code = (
        found["sep"].strip() == b"=" and found["sep"] != b"=" and value.replace(b"_", b"").isalnum()
    )
    if digits < _FEW and not looks_mixed(value):
        return False
    is_key = b"_" not in value or (looks_like_key(value) and looks_mixed(value))
    return not is_code or (len(value) >= _MANY_BARE and is_key)


def _is_bare_password(value: bytes) -> bool:
    """Return whether it is no word and no name: digits among its letters, or cases as if drawn."""
    if len(value) < len(b"123456") or is_placeholder(value):
        return False
    return any(chr(c).isdigit() for c in value) or looks_mixed(value) or is_passphrase(value)


# What a line must hold in small letters, the pattern, and what its value must be like.
_BY_NAME: Final = (
    (b"-", _OPTION, _is_option_value),
    (b"</", _ELEMENT, _is_value),
    (b"default", _DEFAULT_OF_OPTION, _is_value),
    (b",", _SECOND, _is_value),
)
_BY_FORM: Final = (
    (b"bearer", _BEARER, "bearer-token", looks_drawn),
    (b"cookie", _COOKIE, "cookie", _has_drawn_part),
    (b"-", _USER_OPTION, "password", is_login_password),
    (b"auth", _PAIR, "password", may_be_password),
    (b"key", _LOGIN_KEY, "api-key", looks_drawn),
)
