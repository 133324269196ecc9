"""Patches without secrets that still apply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from runfolio.capture.secrets.redact import Found, Redactor

__all__ = ["RedactedPatch", "redact_patch"]

_FILE: Final = re.compile(rb"^diff --git .*$", re.MULTILINE)
_HUNK: Final = re.compile(rb"@@ -\d+(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@")
_ID: Final = re.compile(rb"^index (?P<old>[0-9a-f]+)\.\.(?P<new>[0-9a-f]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RedactedPatch:
    """A patch of which only added lines were changed.

    Attributes
    ----------
    patch : bytes
    found : tuple of Found
        Their lines count from the beginning of each file's part.
    files : tuple of str
        The files that they stand in, as far as they are still in the patch.
    left_out : tuple of str
        Files whose old lines, or lines around a change, hold a secret: changing those would keep
        the patch from applying.
    """

    patch: bytes
    found: tuple[Found, ...]
    files: tuple[str, ...]
    left_out: tuple[str, ...]


def redact_patch(redactor: Redactor, patch: bytes) -> RedactedPatch:
    """Return a patch without secrets.

    Parameters
    ----------
    redactor : Redactor
    patch : bytes
        As ``git diff --binary --full-index`` writes it.
    """
    kept: list[bytes] = []
    found: list[Found] = []
    files: list[str] = []
    left_out: list[str] = []
    for part in _files(patch):
        clean, more = _redacted(redactor, part)
        found += more
        if clean is None:
            left_out.append(redactor.redact_text(_name(part))[0])
        else:
            kept.append(clean)
            files += [_name(part)] if more else []
    return RedactedPatch(b"".join(kept), tuple(found), tuple(files), tuple(left_out))


def _files(patch: bytes) -> Iterator[bytes]:
    starts = [match.start() for match in _FILE.finditer(patch)]
    # Only headers stand at the beginning of a line: content has a sign before it.
    for start, end in zip(starts, [*starts[1:], len(patch)], strict=True):
        yield patch[start:end]


def _redacted(redactor: Redactor, part: bytes) -> tuple[bytes | None, tuple[Found, ...]]:
    called = redactor.redact(part[: part.find(b"\n")]).found
    if called:
        return None, called
    first = part.find(b"\n@@ ")
    if first < 0:
        return part, ()  # binary, a mode, a name: no text
    head, body = part[: first + 1], part[first + 1 :]
    # The signs are no text: a key block in added lines is found as one.
    lines = body.split(b"\n")
    signs = list(_signs(lines))
    plain = b"\n".join(
        line[1:] if sign in b"+- " and sign else line
        for line, sign in zip(lines, signs, strict=True)
    )
    done = redactor.redact(plain)
    if done.withheld:
        return None, ()
    if not done.found:
        return part, ()
    redacted = []
    for line, sign, clean in zip(lines, signs, done.text.split(b"\n"), strict=True):
        before = line[1:] if sign else line
        if clean != before and sign != b"+":
            return None, done.found
        redacted.append(sign + clean)
    # The content is another now: git would not find the object that the header names.
    return _without_new_id(head) + b"\n".join(redacted), done.found


def _signs(lines: list[bytes]) -> Iterator[bytes]:
    """Yield what each line begins with: ``+``, ``-`` or a space; nothing for those of a header."""
    old = new = 0
    for line in lines:
        hunk = _HUNK.match(line) if not (old or new) else None
        if hunk is not None:
            old, new = (int(hunk[side] or 1) for side in ("old", "new"))
            yield b""
        elif line[:1] in (b"+", b"-", b" ") and (old or new):
            old -= line[:1] != b"+"
            new -= line[:1] != b"-"
            yield line[:1]
        else:
            yield b""


def _without_new_id(head: bytes) -> bytes:
    return _ID.sub(lambda match: b"index " + match["old"] + b".." + b"0" * len(match["new"]), head)


def _name(part: bytes) -> str:
    line = part[: part.find(b"\n")]
    return line.rpartition(b" b/")[2].decode("utf-8", "backslashreplace")
