"""Work on files that may lie on a disk that hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Begun", "within"]

_T = TypeVar("_T")


class Begun(Generic[_T]):
    """Work that goes on in a thread of its own, from now.

    Parameters
    ----------
    work : callable

    Attributes
    ----------
    started : bool
        Whether a thread could be started.
    """

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self._found: list[_T] = []
        self._raised: list[Exception] = []
        self._thread = threading.Thread(target=self._run, name="runfolio-looking", daemon=True)
        self.started = True
        try:
            self._thread.start()
        except RuntimeError:  # at the very end of the interpreter none may start any more
            self.started = False

    @property
    def is_done(self) -> bool:
        """Whether it has come to its end."""
        return bool(self._found or self._raised)

    def result(self, seconds: float) -> _T | None:
        """Return what the work returns, ``None`` if it is not there after so long.

        Raises
        ------
        Exception
            What the work raised in time.
        """
        if self.started:
            self._thread.join(seconds)
        if self._raised:
            raise self._raised[0]
        return self._found[0] if self._found else None

    def _run(self) -> None:
        try:
            self._found.append(self._work())
        except Exception as error:  # noqa: BLE001 - told in the thread that waits
            self._raised.append(error)


def within(seconds: float, work: Callable[[], _T]) -> _T | None:
    """Return what `work` returns, ``None`` if it takes longer or no thread can be started.

    Raises
    ------
    Exception
        What the work raised in time.
    """
    return Begun(work).result(seconds)
