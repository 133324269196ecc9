"""By what a content of a store is known that nobody has asked for since it got its name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Stamp", "stamp_of"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a content is known that nobody has asked for since.

    Attributes
    ----------
    inode, mtime_ns, size : int
        Whoever asks for a content makes it young: its date changes.
    named_ns : int
        When it got its name, by the clock of its disk; not compared.
    """

    inode: int
    mtime_ns: int
    size: int
    named_ns: int = field(compare=False)


def stamp_of(path: Path) -> Stamp | None:
    """Return what the system says of a content; ``None`` where none is there."""
    try:
        info = path.lstat()
    except OSError:
        return None
    return Stamp(info.st_ino, info.st_mtime_ns, info.st_size, info.st_ctime_ns)
