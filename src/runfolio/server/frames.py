"""What a page is told over its one stream: frames of JSON and buffers, in order, within a bound."""

from __future__ import annotations

import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson

__all__ = ["BEAT", "Outbox", "frame"]

_MOST_BYTES: Final = 64 * 1024 * 1024
_AT_ONCE: Final = 4 * 1024 * 1024


def frame(told: Mapping[str, Any], buffers: Sequence[Any] = ()) -> bytes:
    """Return a frame: lengths of the JSON and the buffers (u32, little endian), then they themselves."""
    text = orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    parts = [bytes(one) for one in buffers]
    lengths = [len(text), len(parts), *map(len, parts)]
    return b"".join([struct.pack(f"<{len(lengths)}I", *lengths), text, *parts])


BEAT: Final = frame({})
"""Says only that the stream is alive."""


class Outbox:
    """What waits for a page; any thread may put, one stream takes.

    Parameters
    ----------
    ready : callable
        Called, in whatever thread, when something has come.
    """

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready = ready
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        # Changes of a view's state that no stream has taken yet: the later holds.
        self._states: dict[str, dict[str, Any]] = {}
        self._notes: dict[str, Any] = {}
        self._bytes = 0

    def put(self, view: str, data: Mapping[str, Any], buffers: Sequence[Any] = ()) -> None:
        """Have a message of a view sent."""
        with self._lock:
            if data["method"] == "update" and not buffers:
                self._states.setdefault(view, {}).update(data["state"])
            else:
                self._settle(view)
                self._add(frame({"view": view, "data": data}, buffers))
        self._ready()

    def note(self, told: Mapping[str, Any]) -> None:
        """Have something said that is of no view; what waits is told together with it."""
        with self._lock:
            for name, value in told.items():
                before = self._notes.get(name)
                if isinstance(value, list) and isinstance(before, list):
                    value = [*dict.fromkeys([*before, *value])]  # noqa: PLW2901
                self._notes[name] = value
        self._ready()

    def forget(self, view: str) -> None:
        """Send nothing more of a view's state."""
        with self._lock:
            self._states.pop(view, None)

    def take(self) -> bytes:
        """Return frames, some megabytes at most; empty where nothing waits."""
        with self._lock:
            for view in list(self._states):
                self._settle(view)
            if self._notes:
                notes, self._notes = self._notes, {}
                self._add(frame(notes))
            taken, size = [], 0
            while self._waiting and size < _AT_ONCE:
                taken.append(self._waiting.popleft())
                size += len(taken[-1])
            self._bytes -= size
        return b"".join(taken)

    def _settle(self, view: str) -> None:
        state = self._states.pop(view, None)
        if state is not None:
            self._add(frame({"view": view, "data": {"method": "update", "state": state}}))

    def _add(self, one: bytes) -> None:
        if self._bytes + len(one) > _MOST_BYTES:
            # Nobody takes it: a page that comes back makes its views anew.
            self._waiting.clear()
            self._bytes = 0
            self._notes["lost"] = True
        self._waiting.append(one)
        self._bytes += len(one)
