"""What can be replaced from outside: small protocols, bound by the façade."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

__all__ = ["Clock", "Files", "Ids", "Lookup", "Observer"]


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
