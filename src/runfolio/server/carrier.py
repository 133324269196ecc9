"""The comm of a widget that lives in this process: what it says goes to a page by HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["HttpComm"]

Put = Callable[[Mapping[str, Any], Sequence[Any]], None]
"""Takes the data of a message, and its buffers."""


class HttpComm:
    """Stands where a widget has the comm of a kernel.

    Parameters
    ----------
    comm_id : str
        The id of the widget.
    """

    def __init__(self, comm_id: str) -> None:
        self.comm_id = comm_id
        self._put: Put | None = None
        self._hear: Callable[[dict[str, Any]], object] | None = None

    def speak(self, put: Put) -> None:
        """Let the page be told from now on; what it was made with it has as its first state."""
        self._put = put

    def send(
        self,
        data: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        buffers: Sequence[Any] | None = None,
    ) -> None:
        """Send what the widget says; an echo of what its only page said is none."""
        del metadata
        if self._put is None or data is None or data.get("method") not in ("update", "custom"):
            return
        if data["method"] == "update":
            state = {key: value for key, value in data["state"].items() if not key.startswith("_")}
            data = {"method": "update", "state": state}
            if not state:
                return
        self._put(data, buffers or ())

    def close(self, *args: Any, **named: Any) -> None:
        """Carry nothing any more."""
        del args, named
        self._put = None
        self._hear = None

    def on_msg(self, callback: Callable[[dict[str, Any]], object] | None) -> None:
        """Have the widget hear what its page says."""
        self._hear = callback

    def on_close(self, callback: Callable[[dict[str, Any]], object] | None) -> None:
        """Take what nobody calls: a page closes its view by a request."""

    def hear(self, data: Mapping[str, Any]) -> None:
        """Let the widget hear what its page said."""
        if self._hear is not None:
            self._hear({"content": {"data": data}, "buffers": []})
