"""The way to the disk of one run, which ends where somebody put another folder in its place."""

from __future__ import annotations

import errno
from pathlib import Path

from runfolio.format.lease import Heartbeat
from runfolio.model.ports import Files

__all__ = ["PinnedFiles"]


class PinnedFiles:
    """Writes by path only while the run's folder is the one in which this process began.

    A folder that was moved takes the open files along. What lies at its old place now, a link or
    another run, is nobody's business here.

    Parameters
    ----------
    files : Files
        How the disk is reached.
    heartbeat : Heartbeat
        This process's own file in the folder.
    """

    def __init__(self, files: Files, heartbeat: Heartbeat) -> None:
        self._heartbeat = heartbeat
        self._files = files
        # By descriptor the folder's name plays no part.
        self.write = files.write
        self.fsync = files.fsync
        self.close = files.close

    def create(self, path: Path) -> int:
        """Create `path` exclusively for appending and return its descriptor."""
        self._require_own(path)
        return self._files.create(path)

    def write_new(self, path: Path, data: bytes) -> None:
        """Create `path` exclusively with this content."""
        self._require_own(path)
        self._files.write_new(path, data)

    def put(self, path: Path, data: bytes) -> None:
        """Give `path` this content."""
        self._require_own(path)
        self._files.put(path, data)

    def replace(self, path: Path, data: bytes) -> None:
        """Give `path` this content, all or nothing."""
        self._require_own(path)
        self._files.replace(path, data)

    def clone(self, source: Path, path: Path) -> None:
        """Give `path` the content of a user's file."""
        self._require_own(path)
        self._files.clone(source, path)

    def adopt(self, path: Path, target: Path) -> None:
        """Give `target` the content of `path`, all or nothing."""
        self._require_own(target)
        self._files.adopt(path, target)

    def unlink(self, path: Path) -> None:
        """Remove the file."""
        self._require_own(path)
        self._files.unlink(path)

    def _require_own(self, path: Path) -> None:
        if not self._heartbeat.lies_where_it_began():
            raise FileNotFoundError(
                errno.ENOENT, "the run's folder was moved, and something else is in its place",
                str(path),
            )  # fmt: skip
