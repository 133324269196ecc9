"""Files kept by Git LFS: the repository holds a pointer, the work tree the file itself."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections.abc import Iterable, Mapping
from typing import Final

from runfolio.capture.reading import read_regular
from runfolio.capture.scratch import Scratch

__all__ = ["as_committed", "is_used"]

_ATTRIBUTES_BYTES: Final = 1 << 20
_POINTER_BYTES: Final = 1024
_POINTER: Final = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*"
    rb"oid sha256:(?P<oid>[0-9a-f]{64})\nsize (?P<size>[0-9]{1,18})\n"
)
_CHUNK: Final = 1 << 20
_SECONDS: Final = 2.0
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


def is_used(top: bytes, settings: Mapping[str, str]) -> bool:
    """Return whether a repository keeps files by Git LFS, as far as its top or its settings say."""
    if "filter.lfs.clean" in settings or "filter.lfs.process" in settings:
        return True
    attributes = read_regular(os.path.join(top, b".gitattributes"), _ATTRIBUTES_BYTES)  # noqa: PTH118
    return b"filter=lfs" in (attributes or b"")


def as_committed(work: Scratch, entries: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """Return the paths whose files are what the pointers in their places name.

    Without Git LFS, which is not to be run, such a file looks changed as soon as its date is.

    Parameters
    ----------
    work : Scratch
    entries : iterable of (path, object id)
        Files that seem to differ from the index, and what the index has for them.
    """
    until = time.monotonic() + _SECONDS
    ids: dict[bytes, list[bytes]] = {}
    for path, object_id in entries:
        ids.setdefault(object_id, []).append(path)
    same: set[bytes] = set()
    small = [object_id for object_id, size in work.sizes(ids).items() if size <= _POINTER_BYTES]
    for object_id, content in work.contents(small).items():
        pointer = _POINTER.fullmatch(content)
        if pointer is None:
            continue
        for path in ids[object_id]:
            full = os.path.join(work.top, path)  # noqa: PTH118 - bytes
            if _is(full, int(pointer["size"]), pointer["oid"].decode(), until):
                same.add(path)
    return frozenset(same)


def _is(full: bytes, size: int, oid: str, until: float) -> bool:
    try:
        fd = os.open(full, _FLAGS)
    except OSError:
        return False
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return False
        hasher = hashlib.sha256()
        while chunk := os.read(fd, _CHUNK):
            hasher.update(chunk)
            if time.monotonic() > until:
                return False
    except OSError:
        return False
    finally:
        os.close(fd)
    return hasher.hexdigest() == oid
