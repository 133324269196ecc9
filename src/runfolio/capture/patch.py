"""The difference between a commit and a tree, as a patch that ``git apply`` takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from runfolio.capture.scratch import GITLINK, Scratch

__all__ = ["Change", "changes", "deletion", "patch", "quoted"]

_NEEDS_QUOTES: Final = re.compile(rb'[\x00-\x1f"\\\x7f-\xff]')
_ESCAPES: Final = {
    0x07: b"\\a", 0x08: b"\\b", 0x09: b"\\t", 0x0A: b"\\n", 0x0B: b"\\v", 0x0C: b"\\f", 0x0D: b"\\r",
    0x22: b'\\"', 0x5C: b"\\\\",
}  # fmt: skip
# What git writes for a file that becomes empty: the delta needs nothing of the old content.
_NOTHING_LEFT: Final = b"GIT binary patch\nliteral 0\nHcmV?d00001\n\n"


@dataclass(frozen=True, slots=True)
class Change:
    """One path that differs: modes and object ids before and after, and git's letter for it.

    Modes are six octal digits; ``000000`` where there is no file.
    """

    path: bytes
    old_mode: bytes
    new_mode: bytes
    old_id: bytes
    new_id: bytes
    letter: bytes


def changes(work: Scratch) -> list[Change]:
    """Return what differs between the base and the scratch index."""
    items = work.read("diff-index", "--cached", "--raw", "-z", "--no-renames", work.base).items()
    found: dict[bytes, Change] = {}
    for facts, path in zip(items[::2], items[1::2], strict=True):
        old_mode, new_mode, old_id, new_id, letter = facts.removeprefix(b":").split()
        change = Change(path, old_mode, new_mode, old_id, new_id, letter[:1])
        # A path in conflict comes twice; that it is in conflict is what counts.
        if path not in found or change.letter == b"U":
            found[path] = change
    return list(found.values())


def patch(work: Scratch, deleted: Iterable[Change]) -> bytes:
    """Return the patch from the base to the scratch index.

    Parameters
    ----------
    work : Scratch
    deleted : iterable of Change
        The paths that are gone. They are written without their old content, which the commit
        has: a deleted notebook would bring its outputs into the patch, a deleted data set its
        whole size. Such a patch applies forward only.
    """
    answer = work.read(
        "diff-index", "--cached", "--patch", "--binary", "--full-index", "--no-renames",
        "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short",
        "--src-prefix=a/", "--dst-prefix=b/", "--diff-filter=d", work.base, "--",
    )  # fmt: skip
    # Deletions first: a folder may have come in the place of a file.
    return b"".join(deletion(change) for change in deleted) + answer.output


def deletion(change: Change) -> bytes:
    """Return the part of a patch that deletes one path."""
    old, new = quoted(b"a/" + change.path), quoted(b"b/" + change.path)
    nothing = b"0" * len(change.old_id)
    head = (
        b"diff --git " + old + b" " + new + b"\n"
        b"deleted file mode " + change.old_mode + b"\n"
        b"index " + change.old_id + b".." + nothing + b"\n"
    )
    if change.old_mode == GITLINK:
        gone = b"-Subproject commit " + change.old_id + b"\n"
        return head + b"--- " + old + b"\n+++ /dev/null\n@@ -1 +0,0 @@\n" + gone
    return head + _NOTHING_LEFT


def quoted(name: bytes) -> bytes:
    """Return a name as git writes it in a patch: in C's quotes where it needs them."""
    if _NEEDS_QUOTES.search(name) is None:
        return name
    return b'"' + b"".join(_escaped(byte) for byte in name) + b'"'


def _escaped(byte: int) -> bytes:
    if byte in _ESCAPES:
        return _ESCAPES[byte]
    return bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte
