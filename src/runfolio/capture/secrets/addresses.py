"""Addresses without what opens them: user names, passwords, signatures, paths of this machine."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from runfolio.capture.secrets.names import is_secret_name, mark, words_of

__all__ = ["clean_remote", "redact_urls"]

_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30}://)(?P<user>[^\s/@'\"<>?#]{1,400})@"
)
_QUERY: Final = re.compile(
    r"(?P<before>[?&](?P<name>[A-Za-z0-9_.%-]{1,80})=)(?P<value>[^&#\s'\"]+)"
)
_SCP_LIKE: Final = re.compile(
    r"(?:[^@/\s:]+@)?(?P<host>[A-Za-z0-9._-]{2,}|\[[0-9A-Fa-f:]+\]):(?!:)(?P<path>[^\s?#]+)"
)
_SIGNED: Final = frozenset({"sig", "signature", "token", "key", "code", "jwt"})
_LOCAL_SCHEMES: Final = frozenset({"file"})


def redact_urls(text: str) -> str:
    """Return `text` with user names, passwords and signatures in addresses replaced by marks.

    The login of an ``ssh`` address without a password (``ssh://git@host``) is no secret and stays.
    """
    return _QUERY.sub(_redacted_query, _URL.sub(_redacted_user, text))


def clean_remote(address: str) -> str | None:
    """Return the address of a git remote without user, password, query and local path.

    Returns
    -------
    str or None
        ``https://host/path``, ``ssh://host/path`` or ``host:path``; for a folder of this machine
        its last name; ``None`` for anything that is no address of these forms.
    """
    address = address.strip()
    if (
        not address
        or not address.isprintable()
        or "::" in address.partition("/")[0].partition("[")[0]
    ):
        return None
    if "://" in address:
        return _clean_url(address)
    scp = _SCP_LIKE.fullmatch(address)
    if scp is not None:
        return f"{scp['host']}:{scp['path']}"
    return _last_name(address)


def _clean_url(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() in _LOCAL_SCHEMES or not host:
        return _last_name(parts.path)
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"


def _last_name(path: str) -> str | None:
    names = [name for name in re.split(r"[/\\]", path) if name not in ("", ".", "..", "~", ".git")]
    return names[-1] if names else None


def _redacted_user(match: re.Match[str]) -> str:
    bare_login = ":" not in match["user"]
    if bare_login and match["scheme"].lower().endswith("ssh://"):
        return match[0]
    return f"{match['scheme']}{mark('user-info')}@"


def _redacted_query(match: re.Match[str]) -> str:
    name = match["name"]
    words = set(words_of(name))
    if is_secret_name(name) or not words.isdisjoint(_SIGNED):
        return f"{match['before']}{mark(name)}"
    return match[0]
