"""Events on their way to the disk; they are written with the next rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from runfolio.format.codec import dumps, loads
from runfolio.format.lines import LineWriter
from runfolio.record.guard import guard
from runfolio.record.values import plain

__all__ = ["EventQueue"]


class EventQueue:
    """Takes events from any thread, needs no lock, and gives them out as lines.

    Parameters
    ----------
    lines : LineWriter
        Where they go.
    now : callable
        Returns the time in ns UTC.
    without_secrets : callable
        Given the kind and the fields of an event, returns the fields as they may be written.
    """

    def __init__(
        self,
        lines: LineWriter,
        now: Callable[[], int],
        without_secrets: Callable[[str, Mapping[str, Any]], Mapping[str, Any]],
    ) -> None:
        self.lines = lines
        self._now = now
        self._without_secrets = without_secrets
        self._waiting: deque[bytes | Callable[[], bytes]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def note(self, kind: str, **fields: Any) -> int:
        """Take an event and return its time."""
        now = self._now()
        self._waiting.append(_line(now, kind, fields))
        return now

    def note_unsaid(self, kind: str, fields: Callable[[], Mapping[str, Any]]) -> None:
        """Take an event whose fields are asked for when it is written.

        Parameters
        ----------
        kind : str
        fields : callable
            Returns them; called in the thread that writes, of what does not change meanwhile.
        """
        now = self._now()
        self._waiting.append(lambda: _line(now, kind, fields()))

    def take(self) -> bytes:
        """Return the lines that wait, without secrets, and forget them."""
        lines: list[bytes] = []
        for _ in range(len(self._waiting)):
            waiting = self._waiting.popleft()
            with guard("telling what happened"):
                line = waiting if isinstance(waiting, bytes) else waiting()
                lines.append(self._clean(line) + b"\n")
        return b"".join(lines)

    def _clean(self, line: bytes) -> bytes:
        # Here, not when it is noted: looking for secrets is no work for whoever calls.
        cleaned: list[bytes] = []
        event = loads(line, "an event")
        with guard("looking for secrets"):
            clean = self._without_secrets(event["kind"], event)
            cleaned.append(line if clean == event else dumps(clean))
        # Nothing goes to the disk that was not looked through.
        if not cleaned:
            cleaned.append(
                dumps({"time": event["time"], "kind": "withheld", "what": event["kind"]})
            )
        return cleaned[0]

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()


def _line(now: int, kind: str, fields: Mapping[str, Any]) -> bytes:
    event = {"time": now // 1_000_000, "kind": kind, **fields}
    try:
        return dumps(event)
    except TypeError:  # a text that no UTF-8 holds, a number that no JSON reader takes
        return dumps(plain(event))
