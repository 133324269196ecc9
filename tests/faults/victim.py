"""What runs in the process that is going to be hurt: seeded points, told when ``log`` came back.

Nothing but the standard library is loaded, so that a child is soon at work. `tests.faults.oracle`
holds what was told against what the run directory has.
"""

from __future__ import annotations

import os
import random
import struct
import time
from typing import Any

ACKNOWLEDGED = struct.Struct("=qqq")
"""Stream, number of the point, and nanoseconds of the monotonic clock after ``log`` returned."""

PIPE, SEED, START = "FAULTS_PIPE", "FAULTS_SEED", "FAULTS_START"


def values(seed: int, stream: int) -> random.Random:
    """Return the generator of a stream's values; both sides draw the same."""
    return random.Random(f"{seed}/{stream}")


def keys(stream: int) -> tuple[str, str]:
    """Return the names under which a stream logs its value and its number."""
    return (f"a{stream}", f"b{stream}") if stream else ("a", "b")


class Points:
    """Points of one stream, numbered and told one by one; for one thread at a time.

    Parameters
    ----------
    stream : int
        Who logs them: a thread, a rank, a process.
    tells : bool
        Whether it tells; a process that was spawned does not have the pipe.
    """

    def __init__(self, stream: int = 0, *, tells: bool = True) -> None:
        self.stream = stream
        self.number = int(os.environ[START])
        self._pipe = int(os.environ[PIPE]) if tells else -1
        self._values = values(int(os.environ[SEED]), stream)
        self._keys = keys(stream)

    def log(self, run: Any, **keywords: Any) -> None:
        """Log the next point, and tell when that returned."""
        value, number = self._keys
        run.log({value: self._values.random(), number: self.number}, **keywords)
        if self._pipe >= 0:
            # Shorter than PIPE_BUF: whole, whoever else tells at the same time.
            os.write(self._pipe, ACKNOWLEDGED.pack(self.stream, self.number, time.monotonic_ns()))
        self.number += 1
