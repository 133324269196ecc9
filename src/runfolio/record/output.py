"""``output.log``: what a program printed, kept as a person would have read it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from runfolio.format.layout import PartName
from runfolio.model.ports import Files
from runfolio.record.guard import warn_once
from runfolio.record.screen import Screen, goes_up, shown

__all__ = ["KeptOutput", "Lines"]

LIMIT: Final = 64 * 1024 * 1024
"""What is kept at most: so much of the beginning and of the end, each the half."""

_PARTS: Final = 4
_WHOLE: Final = PartName("output", ext="log")
# A line that grows beyond is written in pieces.
_LONGEST: Final = 64 * 1024
_MOVE_BYTES: Final = 5


class KeptOutput:
    """The file, bounded: its head is written at once, its tail in parts of which the last stay.

    Parameters
    ----------
    folder : Path
        The run directory.
    files : Files
    limit : int
        Bytes kept at most.
    name : PartName
        Of the file; that of the program of ``runfolio run`` by default.
    """

    def __init__(
        self, folder: Path, files: Files, limit: int = LIMIT, *, name: PartName = _WHOLE
    ) -> None:
        self._folder = folder
        self._files = files
        self._head_bytes = limit // 2
        self._part_bytes = limit // 2 // _PARTS
        self._head = self._name = name
        self._fd: int | None = None
        self._rest = b""
        self._size = 0
        self._tail: list[tuple[PartName, int, int]] = []
        self._lines = 0
        self._gap_bytes = self._gap_lines = 0
        self._broken = False

    def write(self, lines: bytes) -> None:
        """Keep whole lines; a disk that refuses is told of once, and they are counted as a gap."""
        if not lines:
            return
        self.show_rest(b"")
        if self._size and self._size + len(lines) > self._room:
            self._begin_part()
        try:
            self._append(lines)
        except OSError as error:
            self._gap_bytes += len(lines)
            self._gap_lines += lines.count(b"\n")
            warn_once("output", f"The disk does not take the program's output ({error.strerror}); "
                      "the program goes on.")  # fmt: skip

    def show_rest(self, rest: bytes) -> None:
        """Let the file end with an unfinished line, in the place of the one shown before.

        A program that is killed in the middle of a line leaves it in the file; if the program goes
        on, the whole line takes its place.
        """
        if rest == self._rest:
            return
        with contextlib.suppress(OSError):
            if self._rest and self._fd is not None:
                os.ftruncate(self._fd, self._size)
            self._rest = b""
            if rest:
                fd, self._rest = self._open(), rest
                self._files.write(fd, rest)

    @property
    def _room(self) -> int:
        return self._head_bytes if self._name.part == 1 else self._part_bytes

    def _append(self, lines: bytes) -> None:
        fd, view = self._open(), lines
        while view:
            taken = self._files.write(fd, view)
            view = view[taken:]
            self._size += taken
        self._lines += lines.count(b"\n")

    def _open(self) -> int:
        if self._fd is None:
            self._fd = self._files.create(self._folder / self._name.filename)
        return self._fd

    def _begin_part(self) -> None:
        self._close()
        if self._name.part > 1:
            self._tail.append((self._name, self._size, self._lines))
        self._name, self._size, self._lines = self._name.next_part(), 0, 0
        while len(self._tail) >= _PARTS:
            name, size, lines = self._tail.pop(0)
            self._gap_bytes, self._gap_lines = self._gap_bytes + size, self._gap_lines + lines
            with contextlib.suppress(OSError):
                self._files.unlink(self._folder / name.filename)

    def _close(self) -> None:
        if self._fd is not None:
            with contextlib.suppress(OSError):
                self._files.fsync(self._fd)
            with contextlib.suppress(OSError):
                self._files.close(self._fd)
            self._fd = None

    def finish(self) -> None:
        """Put head and tail together, with a line between them that says what is left out.

        Raises
        ------
        OSError
            The disk refused; the parts are still there.
        """
        self.show_rest(b"")
        self._close()
        names = [name for name, _, _ in self._tail] + ([self._name] if self._name.part > 1 else [])
        gap = (
            f"… {self._gap_bytes:,} bytes in {self._gap_lines:,} lines are left out here …\n".encode()
            if self._gap_bytes
            else b""
        )
        if not names and not gap:
            return
        head = self._folder / self._head.filename
        fd = os.open(head, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            for content in (gap, *((self._folder / name.filename).read_bytes() for name in names)):
                view = content
                while view:
                    view = view[self._files.write(fd, view) :]
            self._files.fsync(fd)
        finally:
            self._files.close(fd)
        for name in names:
            self._files.unlink(self._folder / name.filename)


class Lines:
    """Turns what one stream prints into whole lines: of a progress bar only its last state.

    Parameters
    ----------
    kept : KeptOutput
        Takes the lines; several streams may share it.
    without_secrets : callable
        Returns lines as they may be written.
    """

    def __init__(self, kept: KeptOutput, without_secrets: Callable[[bytes], bytes]) -> None:
        self._kept = kept
        self._without_secrets = without_secrets
        self._rest = b""
        self._screen: Screen | None = None

    def feed(self, data: bytes) -> None:
        """Take what was printed next."""
        if self._screen is None and goes_up(self._rest[-_MOVE_BYTES:] + data):
            self._screen, data, self._rest = Screen(), self._rest + data, b""
        if self._screen is not None:
            self._show(self._screen, data)
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        if lines:
            self._keep(lines)
        if b"\r" in self._rest:
            # A bar may go on for hours without a newline: only what it shows now is kept.
            returned = b"\r" if self._rest.endswith(b"\r") else b""
            self._rest = shown(self._rest) + returned
        if len(self._rest) > _LONGEST:
            self._kept.write(self._without_secrets(self._rest))
            self._rest = b""

    @property
    def unfinished(self) -> bytes:
        """What a terminal shows of the line that goes on, secrets and all."""
        return b"\n".join(self._screen.rows) if self._screen is not None else shown(self._rest)

    def finish(self) -> None:
        """Keep a last line that has no newline."""
        self._leave_screen()
        if self._rest.rstrip(b"\r"):
            self._keep([self._rest])
        self._rest = b""

    def _show(self, screen: Screen, data: bytes) -> None:
        """Keep what no later output can write over."""
        gone = screen.feed(data)
        if gone:
            self._keep(gone)
        if screen.size > _LONGEST:
            self._leave_screen()
            self.feed(b"")

    def _leave_screen(self) -> None:
        if self._screen is not None:
            *lines, self._rest = self._screen.rows
            self._screen = None
            if lines:
                self._keep(lines)

    def _keep(self, lines: list[bytes]) -> None:
        self._kept.write(self._without_secrets(b"".join(shown(line) + b"\n" for line in lines)))
