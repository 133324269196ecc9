"""Following files of lines that grow: only what was appended is read."""

from __future__ import annotations

from collections.abc import Callable

from runfolio.format.lines import Part, read_blocks

__all__ = ["LineTail"]


class LineTail:
    """How far one file of lines has been read.

    Parameters
    ----------
    restart : callable
        Called when everything read before must be forgotten: the file was replaced, or a later
        part took over at a place before the one that was reached.
    """

    def __init__(self, restart: Callable[[], None]) -> None:
        self._restart = restart
        self._offset = 0
        self._inode: int | None = None

    def read_blocks(self, part: Part) -> list[bytes]:
        """Return the whole lines that are new, as blocks.

        Raises
        ------
        FileNotFoundError
            The file is gone: a finished table has taken its place.
        """
        info = part.path.lstat()
        size = info.st_size if part.limit is None else min(info.st_size, part.limit)
        if self._inode is not None and (info.st_ino != self._inode or size < self._offset):
            self._offset = 0
            self._restart()
        self._inode = info.st_ino
        if size == self._offset:
            return []
        found: list[bytes] = []
        for offset, block in read_blocks(part.path, self._offset, part.limit):
            found.append(block)
            self._offset = offset + len(block)
        return found

    def read(self, part: Part) -> list[bytes]:
        """Return the lines that are new, without their newline; raises as `read_blocks`."""
        return [line for block in self.read_blocks(part) for line in block[:-1].split(b"\n")]
