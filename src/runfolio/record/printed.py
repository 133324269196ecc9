"""What the program printed while a run was open, on its way into the run's ``output.log``."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Final

from runfolio.record.output import KeptOutput, Lines
from runfolio.record.redaction import Redaction, redactor

__all__ = ["STDERR", "STDOUT", "Printed", "unfinished"]

STDOUT: Final = 0
STDERR: Final = 1

WAITING: Final = 8 * 1024 * 1024
"""Bytes that wait in memory at most; what is printed faster than it can be written is a gap."""

# What an object in the queue takes beside its text.
_EACH: Final = 64
# Secrets are looked for in about so much at once: meanwhile no other thread runs, about 2 ms.
_PIECE: Final = 32 * 1024


class Printed:
    """Takes what is printed, at once and without a lock; writes it when it is told to.

    Parameters
    ----------
    kept : KeptOutput
    redaction : Redaction
        Takes the secrets out.

    Attributes
    ----------
    ends : bool
        Set by whoever puts nothing in any more: the next `write` closes the file.
    finished : threading.Event
        Set when that is done.
    """

    def __init__(self, kept: KeptOutput, redaction: Redaction) -> None:
        self._kept = kept
        self._lines = tuple(
            Lines(kept, lambda text: redaction.data(text, "the output")) for _ in (STDOUT, STDERR)
        )
        self._waiting: deque[tuple[int, str | bytes]] = deque()
        self._size = 0
        self._left_out = 0
        self.ends = False
        self.finished = threading.Event()

    def take(self, stream: int, text: str | bytes) -> None:
        """Take what was printed next.

        It may be called from a signal's handler in the middle of another call of itself: so it
        holds no lock.
        """
        size = len(text) + _EACH
        if self._size > WAITING:
            self._left_out += len(text)
            return
        self._size += size
        self._waiting.append((stream, text))

    def write(self) -> None:
        """Write what was taken, an unfinished line as it stands by now."""
        if self.ends:
            self._finish()
        elif self._waiting:
            self._feed()
            self._kept.show_rest(unfinished(self._lines))

    def _finish(self) -> None:
        try:
            self._feed()
            for lines in self._lines:
                lines.finish()
            self._kept.finish()
        finally:
            self.finished.set()

    def _feed(self) -> None:
        taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
        self._size -= sum(len(text) + _EACH for _, text in taken)
        for stream, group in itertools.groupby(taken, key=itemgetter(0)):
            for piece in _pieces(_encoded(text) for _, text in group):
                self._lines[stream].feed(piece)
        left_out, self._left_out = self._left_out, 0
        if left_out:
            self._kept.write(
                f"… {left_out:,} characters are left out here: they came too fast …\n".encode()
            )


def unfinished(streams: Iterable[Lines]) -> bytes:
    """Return what streams show that later output may write over, without secrets."""
    # Not noted: the secrets of a line are counted once it is whole.
    rest = b"\n".join(filter(None, (lines.unfinished for lines in streams)))
    return redactor().redact(rest).text if rest else b""


def _pieces(texts: Iterable[bytes]) -> Iterator[bytes]:
    """Join short texts; none is cut, for a key of many lines is known by its first one."""
    piece: list[bytes] = []
    size = 0
    for text in texts:
        piece.append(text)
        size += len(text)
        if size >= _PIECE:
            yield b"".join(piece)
            piece, size = [], 0
    yield b"".join(piece)


def _encoded(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
