"""Artifacts: what is kept of a file, and what a version of an artifact is made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from runfolio.errors import UsageError

__all__ = ["LONGEST", "ArtifactVersion", "Entry", "Kept", "check_alias", "check_paths", "folded"]

LONGEST: Final = 1000
"""Bytes of the path of a file inside an artifact."""

_LONGEST_PART: Final = 255
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_VERSION: Final = re.compile(r"v[0-9]+\Z")
_ALIAS: Final = re.compile(r"[\w.+-][\w.+ -]{0,126}(?<! )\Z")


@dataclass(frozen=True, slots=True)
class Kept:
    """A content that lies in a store.

    Attributes
    ----------
    blake3 : str
        64 hexadecimal digits.
    size : int
        Bytes.
    how : str
        ``copied``, ``shared`` (its blocks are those of the user's file), ``moved``, or ``there``
        where the store had it already.
    """

    blake3: str
    size: int
    how: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a version, or an address that stands for one.

    Attributes
    ----------
    path : str
        Its name inside the artifact, with ``/``.
    blake3 : str
        Hash of the content; empty for an address.
    size : int or None
        Bytes.
    uri, etag : str
        Of an address: where, and what its server called the content.
    """

    path: str
    blake3: str = ""
    size: int | None = None
    uri: str = ""
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactVersion:
    """A version: files under a name and a number, which never change.

    Attributes
    ----------
    digest : str
        blake3 of the entries: two versions of one digest hold the same.
    created_at : str
        RFC 3339, UTC.
    run_id : str
        The run that made it; empty where none did.
    ttl_days : float or None
        How long it is wanted; ``None`` for good.
    """

    name: str
    number: int
    type: str
    digest: str
    entries: tuple[Entry, ...]
    created_at: str = ""
    run_id: str = ""
    description: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    ttl_days: float | None = None

    @property
    def size(self) -> int:
        """Bytes of its files, those of addresses as far as they are known."""
        return sum(entry.size or 0 for entry in self.entries)


def check_alias(alias: str) -> str:
    """Return an alias that may be given.

    Raises
    ------
    UsageError
        It is ``latest`` or a version, which nobody gives, or no short name.
    """
    if alias == "latest" or _VERSION.match(alias) or not _ALIAS.match(alias):
        raise UsageError(
            f"{alias[:80]!r} cannot be given as an alias: expected a short name such as 'best'; "
            "'latest' and 'v3' are what the versions themselves are called."
        )
    return alias


def check_paths(paths: Iterable[str]) -> None:
    """Hold the names of files against what every system can keep below one folder.

    Raises
    ------
    UsageError
        One leads out of it, is too long, or another has it on some system.
    """
    seen: dict[str, str] = {}
    for path in paths:
        fault = _fault_of(path)
        if fault:
            raise UsageError(
                f"{path[:120]!r} is no name inside an artifact: it {fault}; give one like 'model/best.pt'."
            )
        same = folded(path)
        if same in seen:
            raise UsageError(
                f"{path!r} and {seen[same]!r} are one name on some systems; rename one of them."
            )
        seen[same] = path
    for name in seen:
        above = name
        while "/" in above:
            above = above.rpartition("/")[0]
            if above in seen:
                raise UsageError(f"{seen[above]!r} is a file and a folder; rename one of them.")


def folded(path: str) -> str:
    """Return what two names have in common that are one on some system."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _fault_of(path: str) -> str:
    try:
        size = len(path.encode("utf-8"))
    except UnicodeEncodeError:
        return "is no text"
    if not path or size > LONGEST:
        return f"has {size:,} bytes, of 1 to {LONGEST:,}"
    longest = max(len(part.encode("utf-8")) for part in path.split("/"))
    if longest > _LONGEST_PART:
        return f"has a part of {longest} bytes, of at most {_LONGEST_PART}"
    if not path.isprintable():
        return "holds characters that cannot be seen"
    # Few names are encoded, and there may be many names.
    for text in (path, unquote(path), unquote(unquote(path))) if "%" in path else (path,):
        parts = re.split(r"[/\\]", text)
        if _DRIVE.match(text) or any(part in ("", ".", "..") for part in parts) or "\0" in text:
            return "leads out of it, or may do so somewhere"
    return "holds a backslash" if "\\" in path else ""
