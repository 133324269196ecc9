"""The time by which an answer has to be there."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from runfolio.capture.interruption import interrupted_at
from runfolio.errors import UsageError

__all__ = ["Deadline"]

Item = TypeVar("Item")


class Deadline:
    """So many seconds from now.

    Parameters
    ----------
    seconds : float
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def passed(self, what: str) -> UsageError:
        """Return the error for what took longer, as a subject and its verb."""
        return UsageError(
            f"{what} longer than {self._seconds:g} s and was given up; select fewer runs or "
            "metrics, or give it more time (timeout_s)."
        )

    def kept(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield items until it has passed.

        Raises
        ------
        UsageError
            It has.
        """
        for item in items:
            if time.monotonic() > self._end:
                raise self.passed("To read the tables took")
            yield item

    @contextlib.contextmanager
    def interrupting(self, connection: Any) -> Iterator[None]:
        """Interrupt what a connection does inside, once it has passed."""
        with interrupted_at(connection, self._end):
            yield
