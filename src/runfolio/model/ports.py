"""What can be replaced from outside: small protocols, bound by the façade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from runfolio.model.artifact import Kept

__all__ = ["BlobFiles", "Blobs", "Clock", "Files", "Ids", "Lookup", "Observer"]


class Clock(Protocol):
    """Where the time comes from."""

    def time_ns(self) -> int:
        """Return nanoseconds since 1970-01-01 UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, for durations."""
        ...


class Ids(Protocol):
    """Where random parts of identifiers come from."""

    def token(self) -> str:
        """Return six hexadecimal digits, different at each call."""
        ...


class Files(Protocol):
    """The calls by which a run reaches the disk; the place where tests inject faults.

    Each raises ``OSError`` as the operating system does.
    """

    def create(self, path: Path) -> int:
        """Create `path` exclusively for appending and return its descriptor."""
        ...

    def write(self, fd: int, data: bytes) -> int:
        """Append bytes and return how many were taken, perhaps fewer than given."""
        ...

    def fsync(self, fd: int) -> None:
        """Return when what was written to `fd` is on stable storage."""
        ...

    def close(self, fd: int) -> None:
        """Close the descriptor."""
        ...

    def write_new(self, path: Path, data: bytes) -> None:
        """Create `path` exclusively with this content, on stable storage."""
        ...

    def put(self, path: Path, data: bytes) -> None:
        """Give `path` this content and do not wait for stable storage."""
        ...

    def replace(self, path: Path, data: bytes) -> None:
        """Give `path` this content, all or nothing, on stable storage."""
        ...

    def clone(self, source: Path, path: Path) -> None:
        """Give `path` the content of a user's file: a copy, which may share blocks with it."""
        ...

    def adopt(self, path: Path, target: Path) -> None:
        """Give `target` the content of `path`, which is gone then; all or nothing, on stable storage."""
        ...

    def unlink(self, path: Path) -> None:
        """Remove the file."""
        ...


class BlobFiles(Files, Protocol):
    """What contents are kept by, beside `Files`: large pieces, shared blocks, many files at once."""

    def append(self, fd: int, data: memoryview) -> None:
        """Append all of these bytes."""
        ...

    def make(self, path: Path) -> int:
        """Create `path` exclusively and return a descriptor to copy into and to read from."""
        ...

    def copy(self, source: int, target: int, at: int, count: int, *, soon: bool) -> int:
        """Copy a piece of a file to the same place of another; return how many bytes, 0 at its end.

        With `soon` they are on their way to stable storage then, without anybody waiting.
        """
        ...

    def share(self, source: Path, path: Path) -> bool:
        """Create `path` with the blocks of `source`; ``False`` where the file system cannot."""
        ...

    def share_open(self, source: int, target: int) -> bool:
        """Give an empty open file the blocks of another; ``False`` where the file system cannot."""
        ...

    def link(self, path: Path, target: Path) -> None:
        """Give the file a second name, `target`, which must be free."""
        ...

    def move(self, path: Path, target: Path) -> None:
        """Rename, all or nothing, and do not wait for stable storage."""
        ...

    def settle(self, folder: Path) -> None:
        """Return when all that was written to this folder's file system is on stable storage."""
        ...


class Blobs(Protocol):
    """Where contents lie, each once, under its hash, and never changed."""

    def add(self, source: Path, *, move: bool = False) -> Kept:
        """Keep the content of a file.

        Parameters
        ----------
        move : bool
            The file is given away: it may be renamed into the store, and is gone afterwards.

        Raises
        ------
        UsageError
            It is no regular file, or changed meanwhile.
        OSError
            It cannot be read, or there is no room for it.
        """
        ...

    def add_all(self, sources: Sequence[Path], *, move: bool = False) -> list[Kept | Exception]:
        """Keep many files; what became of each, in their order: a fault takes none of the others along."""
        ...

    def path_of(self, digest: str) -> Path:
        """Return where the content of this hash lies, if it does."""
        ...

    def holds(self, digest: str, size: int) -> bool:
        """Return whether a content is there, with so many bytes."""
        ...


class Observer(Protocol):
    """Who is told of a run's life (the journal, a live card); it reads what the directory holds."""

    def finished(self, path: Path) -> None:
        """Hear that the run directory `path` is complete, all but the seal."""
        ...


class Lookup(Protocol):
    """What a run that is written wants to know of those before it."""

    def metric_names(self, run: Path, project: str) -> Mapping[str, int]:
        """Return each metric of the project's earlier runs, and how many of them logged it.

        Parameters
        ----------
        run : Path
            The directory of the run that asks; it is not counted.
        """
        ...
