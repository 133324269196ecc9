"""Secrets in command lines as they stand in text: ``docker login -p …``, ``%set_env KEY …``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runfolio.capture.secrets.allowed import (
    is_passphrase,
    is_strong_password,
    looks_drawn,
    looks_like_key,
    looks_scattered,
    may_be_password,
)
from runfolio.capture.secrets.expressions import lazily
from runfolio.capture.secrets.names import (
    is_password_name,
    is_secret_name,
    may_name_a_secret,
    own_name,
)

__all__ = ["HINTS", "is_login_password", "is_value_of", "secrets_in_commands"]

HINTS: Final = (
    b"redis-cli",
    b"zip ",
    b"7z ",
    b"chpasswd",
    b"kinit",
    b" /p:",
    b"net use",
    b"securestring",
    b"define",
    b"oracle",
    b"sqlplus",
    b"openssl ",
    b"sudo ",
    b"twine ",
    b"mysql",
    b" -u",
    b" -d",
    b"--user",
)
"""What a line with such a command holds, in small letters, beside the hints that names give."""

_USER: Final = (
    rb"(?<![\w\-])(?:-[uUDl]|--?(?:user(?:name)?|login|bind-?dn))[ =]?"
    rb"(?:\\*\"[^\"\n]{1,100}\"|'[^'\n]{1,100}'|[^\s\"'\-|;&][^\s\"'|;&]{0,100})"
)


def is_value_of(name: str, value: bytes) -> bool:
    """Return whether a value is what such a name stands for, where the two stand side by side."""
    if is_secret_name(name):
        return looks_drawn(value) or (is_password_name(name) and is_login_password(value))
    return may_name_a_secret(name) and (looks_like_key(value) or looks_scattered(value))


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
        (
            b" -",
            _USER + rb"(?:\s+[^\s\-|;&][^\s|;&]*|\s+--?[\w\-]+){0,8}?\s-(?:[pPwa]|pass)(?=[ =\"'])",
            "password",
            is_login_password,
        ),
        (b"redis-cli", rb"\bredis-cli\b[^\n]{0,200}?\s-a(?= )", "password", may_be_password),
        (
            b"securestring",
            rb"\bConvertTo-SecureString(?:\s+-String)?(?=\s)",
            "password",
            may_be_password,
        ),
        (
            b"net use",
            rb"(?i:\bnet\s+use)\s[^\n]{0,120}?\\\S{1,100}(?=\s)",
            "password",
            is_login_password,
        ),
        (b"oracle", rb":thin:\w{1,60}/", "password", may_be_password),
        (b"sqlplus", rb"\bsqlplus\s+(?:-\w+\s+)*\w{1,60}/", "password", may_be_password),
        (
            b" /p:",
            rb"\s/u(?:ser)?:\S{1,80}(?:\s+\S{1,80}){0,3}?\s/p:",
            "password",
            is_login_password,
        ),
        (
            b"htpasswd",
            rb"\bhtpasswd\s+-\w*b\w*\s+\S{1,200}\s+\S{1,100}(?=\s)",
            "password",
            may_be_password,
        ),
        (b"zip ", rb"\b(?:un)?zip\b[^\n]{0,200}?\s-P", "password", may_be_password),
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
_ANY: Final = lazily(
    b"|".join(
        sorted(
            {b"echo", b"set", b"env ", b"arg ", b"config", *(needed for needed, *_ in _COMMANDS)}
        )
    )
)
# What sets a variable or a setting: the name, then the value.
_SET: Final = lazily(
    rb"(?:^|[\n!;&|%>$][ \t]*|^[ \t]+|[ \t])(?:#?define|ENV|ARG|setx|setenv|set_env|env|set(?:[ \t]+--?[A-Za-z][\w\-]*){0,3}|config(?:ure)?(?:[ \t]+set)?(?:[ \t]+--?[\w\-]+)*)"
    rb"[ \t]+(?P<name>[A-Za-z_][\w.\-]{1,80})(?:[ \t]+--?[A-Za-z][\w\-]*)?[ \t]+(?P<quote>[\"']?)(?P<value>[^\s\"'=\-][^\s\"']{3,400})"
)
_PIPED: Final = lazily(
    rb"\becho\s+(?:-n\s+)?\\*[\"']?(?:[\w.\-]{1,60}:(?=[^|\n]{1,200}\|[^|\n]{0,60}chpasswd))?(?P<value>[^\s\"'\\|]{5,400})\\*[\"']?\s*\|"
    rb"[^\n]{0,200}?(?:--password-stdin|\bsudo\s+-S|\blogin\b|passwd\b|\bkinit\b)"
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
        if is_value_of(name, value):
            yield *found.span("value"), name
    if b"echo" in lower:
        for found in _PIPED.finditer(line):
            if may_be_password(found["value"]) or looks_like_key(found["value"]):
                yield *found.span("value"), "password"
