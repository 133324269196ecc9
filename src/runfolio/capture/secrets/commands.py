"""Secrets in command lines as they stand in text: ``docker login -p …``, ``%set_env KEY …``."""

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
from runfolio.capture.secrets.names import is_password_name, is_secret_name, own_name

__all__ = ["HINTS", "is_login_password", "secrets_in_commands"]

HINTS: Final = (b"redis-cli", b"unzip ", b"7z ", b"openssl ", b"sudo ", b"twine ", b"mysql", b" -u", b" -d", b"--user")
"""What a line with such a command holds, in small letters, beside the hints that names give."""

_USER: Final = (
    rb"(?<![\w\-])(?:-[uUDl]|--?(?:user(?:name)?|login|bind-?dn))[ =]?"
    rb"(?:\\*\"[^\"\n]{1,100}\"|'[^'\n]{1,100}'|[^\s\"'\-|;&][^\s\"'|;&]{0,100})"
)


def is_login_password(value: bytes) -> bool:
    """Return whether it may be a password, not a port or a folder."""
    return may_be_password(value) and (
        looks_drawn(value) or is_strong_password(value) or is_passphrase(value)
    )


_VALUE: Final = rb"[ =]*\\*[\"']?(?P<value>[^\s\"'\\\-][^\s\"'\\]{3,400})"
# What a line must hold in small letters, the command up to the secret, what the secret is like.
_COMMANDS: Final = tuple(
    (needed, lazily(command + _VALUE), kind, test)
    for needed, command, kind, test in (
        (b"sshpass", rb"\bsshpass\s+-p", "password", may_be_password),
        (b"mysql", rb"\bmysql\w*\b[^\n]{0,200}?\s-p(?! )", "password", may_be_password),
        (b"login", rb"\blogin\b[^\n|;&(]{0,200}?\s-p(?=[ =])", "password", may_be_password),
        (b"twine", rb"\btwine\b[^\n|;&(]{0,200}?\s-p(?=[ =])", "password", may_be_password),
        # Whatever the command: behind the option for a user's name, that for the password.
        (b" -", _USER + rb"(?:\s+[^\s\-|;&][^\s|;&]*|\s+--?[\w\-]+){0,8}?\s-(?:[pPwa]|pass)(?=[ =\"'])",
         "password", is_login_password),
        (b"redis-cli", rb"\bredis-cli\b[^\n]{0,200}?\s-a(?= )", "password", may_be_password),
        (b"htpasswd", rb"\bhtpasswd\s+-\w*b\w*\s+\S{1,200}\s+\S{1,100}(?=\s)", "password", may_be_password),
        (b"unzip ", rb"\bunzip\b[^\n]{0,200}?\s-P", "password", may_be_password),
        (b"7z ", rb"\b7z\s[^\n]{0,200}?\s-p(?! )", "password", may_be_password),
        (b"openssl ", rb"\bopenssl\b[^\n]{0,200}?\s-k(?= )", "password", may_be_password),
        (b"openssl ", rb"\bopenssl\b[^\n]{0,200}?\s-pass\w*\s+pass:", "password", may_be_password),
        (b"sudo ", rb"\bsudo\b[^\n]{0,20}\s-S\b[^\n]{0,200}?<<<", "password", may_be_password),
        (
            b"login",
            rb"\blogin(?:\s+--?[a-z][\w\-]*(?:=\S{1,200})?)*(?=\s)",
            "token",
            lambda value: len(value) >= len("0123456789" * 2) and looks_drawn(value),
        ),
        (b" -v ", rb"\bset\s+-n\s+key\s+-v(?= )", "key", looks_drawn),
    )
)
_ANY: Final = lazily(b"|".join(sorted({b"echo", b"set", b"env ", b"arg ", b"config", *(needed for needed, *_ in _COMMANDS)})))
# What sets a variable or a setting: the name, then the value.
_SET: Final = lazily(
    rb"(?:^|[\n!;&|%>$][ \t]*|^[ \t]+|[ \t])(?:ENV|ARG|setx|setenv|set_env|env|set(?:[ \t]+--?[A-Za-z][\w\-]*){0,3}|config(?:ure)?(?:[ \t]+set)?(?:[ \t]+--?[\w\-]+)*)"
    rb"[ \t]+(?P<name>[A-Za-z_][\w.\-]{1,80})[ \t]+(?P<quote>[\"']?)(?P<value>[^\s\"'=\-][^\s\"']{3,400})"
)
_PIPED: Final = lazily(
    rb"\becho\s+(?:-n\s+)?\\*[\"']?(?P<value>[^\s\"'\\|]{5,400})\\*[\"']?\s*\|"
    rb"[^\n]{0,200}?(?:--password-stdin|\bsudo\s+-S|\blogin\b|\bpasswd\b)"
)


def secrets_in_commands(line: bytes, lower: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of what commands of a shell take as secrets.

    Parameters
    ----------
    line, lower : bytes
        The line, and the same in small letters.
    """
    if not _ANY.search(lower):
        return
    for needed, pattern, kind, test in _COMMANDS:
        for found in pattern.finditer(line) if needed in lower else ():
            if test(found["value"]):
                yield *found.span("value"), kind
    for found in _SET.finditer(line):
        name, value = own_name(found["name"].decode()), found["value"]
        if is_secret_name(name) and (
            looks_drawn(value) or (is_password_name(name) and is_login_password(value))
        ):
            yield *found.span("value"), name
    if b"echo" in lower:
        for found in _PIPED.finditer(line):
            if may_be_password(found["value"]) or looks_like_key(found["value"]):
                yield *found.span("value"), "password"
