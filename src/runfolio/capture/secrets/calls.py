"""Secrets that are passed to calls in code without a name: ``login("…")``, ``connect(host, user, "…")``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runfolio.capture.secrets.allowed import (
    is_passphrase,
    is_strong_password,
    looks_drawn,
    looks_like_key,
    may_be_password,
)
from runfolio.capture.secrets.expressions import lazily

__all__ = ["HINTS", "secrets_in_calls"]

HINTS: Final = (
    b"client(", b"clientv", b"pinecone(", b"github(", b"gitlab(", b"translator(", b"experiment(",
    b"fernet(", b"ftp(", b"ftp_tls(", b"handler(", b"bot(", b"jwt",
)  # fmt: skip
"""What a line with such a call holds, in small letters, beside the hints that names give."""

# What takes a login, and what takes a key; the arguments behind the first bracket, as far as they
# have no name.
_LOGIN: Final = rb"(?:login|log_in|set_token|set_api_key|authenticate|set_access_token|auth)"
_KEY_TAKER: Final = (
    rb"(?:Client(?:V\d)?|Github|Gitlab|Pinecone|Translator|Experiment|Fernet|Bot|OAuth\w*"
    rb"|Session|Credentials?|SecretStr|SecretBytes|\w*_(?:token|key))"
)
_ARGUMENT: Final = rb"(?:[rbfu]?\\*[\"'][^\"'\n\\]{1,400}\\*[\"']|\d{1,6}|[A-Za-z_][\w.]{0,80})"
_CALL: Final = lazily(
    rb"(?P<name>"
    + _LOGIN
    + rb"|"
    + _KEY_TAKER
    + rb"|(?:HTTP\w*Auth|\w{0,40}(?:Credentials|AuthProvider)|connect|FTP(?:_TLS)?|set_password))"
    + rb"\(\s*(?P<arguments>"
    + _ARGUMENT
    + rb"(?:\s*,\s*(?:password\s*=\s*)?"
    + _ARGUMENT
    + rb"(?!\s*=)){0,3})"
)
_QUOTED: Final = lazily(
    rb"(?:^|,\s*(?:password\s*=\s*)?)[rbfu]?\\*[\"'](?P<value>[^\"'\n\\]{1,400})\\*[\"']"
)
_SIMPLE_LOGIN: Final = lazily(_LOGIN)
_BY_USER: Final = lazily(rb"HTTP\w*Auth|\w+(?:Credentials|AuthProvider)")
_BY_HOST: Final = lazily(rb"connect|FTP(?:_TLS)?|set_password")
_SIGNED_WITH: Final = lazily(
    rb"\bjwt\.(?:en|de)code\([^\n]{0,200}?,\s*\\*[\"'](?P<value>[^\"'\n\\]{8,400})"
)
# Behind the host and the user, or the service and the user.
_THIRD: Final = 2


def secrets_in_calls(line: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of what looks like a secret among the unnamed arguments of calls."""
    for call in _CALL.finditer(line):
        offset = call.start("arguments")
        values = [
            (offset + one.start("value"), offset + one.end("value"), one["value"])
            for one in _QUOTED.finditer(call["arguments"])
        ]
        for at, (start, end, value) in enumerate(values):
            kind = _kind(call["name"], at, value, first=values[0][2])
            if kind:
                yield start, end, kind
    if b"jwt" in line:
        for found in _SIGNED_WITH.finditer(line):
            if looks_drawn(found["value"]):
                yield *found.span("value"), "secret"


def _kind(name: bytes, at: int, value: bytes, *, first: bytes) -> str:
    """Return what the argument at such a place is; empty for nothing."""
    if _BY_HOST.fullmatch(name):
        is_it = at == _THIRD and (
            is_strong_password(value) or looks_drawn(value) or is_passphrase(value)
        )
        return "password" if is_it else ""
    if _BY_USER.fullmatch(name):
        return "password" if at == 1 and may_be_password(value) else ""
    if _SIMPLE_LOGIN.fullmatch(name):
        if at == 1 and may_be_password(value) and b" " not in first:
            return "password"
        if at == 0 and looks_drawn(value):
            return "token"
    return "token" if looks_like_key(value) else ""
