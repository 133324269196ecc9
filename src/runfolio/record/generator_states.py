"""Generator states on their way into a run: each content is one file, named by its hash."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from runfolio.format.codec import dumps
from runfolio.format.layout import RunPaths
from runfolio.model.ports import Files
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.capture.state_history import StateChange

__all__ = ["GeneratorStates"]


class GeneratorStates:
    """Writes states in a thread of its own, which is there only while there is something to write.

    Parameters
    ----------
    paths : RunPaths
    files : Files
    event : callable
        Takes an event: ``event(kind, **fields)``.
    """

    def __init__(self, paths: RunPaths, files: Files, event: Callable[..., object]) -> None:
        self._paths = paths
        self._files = files
        self._event = event
        self._waiting: deque[StateChange] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, change: StateChange) -> None:
        """Take what a cell found changed; it is written soon, then told as an event."""
        with self._lock:
            self._waiting.append(change)
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, name="runfolio-states", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # no thread can be started any more
                pass
            else:
                self._thread = thread
                return
        self._run()

    def put(self, state: Mapping[str, Any]) -> str:
        """Write a state unless it is there, and return its path in the run."""
        import blake3

        content = dumps(state, indent=True) + b"\n"
        path = self._paths.rng / f"{blake3.blake3(content).hexdigest()[:32]}.json"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            # Not synced one by one: the seal at the end names what has to be there.
            self._files.put(path, content)
        return path.relative_to(self._paths.root).as_posix()

    def wait(self, timeout_s: float) -> bool:
        """Return whether all that was taken is written, waiting for it at most so long."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
            return not thread.is_alive()
        return True

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                change = self._waiting.popleft()
            with guard("recording the states of the random generators"):
                self._write(change)

    def _write(self, change: StateChange) -> None:
        states = {
            key: self.put(state) if state is not None else None
            for key, state in change.states.items()
        }
        more = {"began": True} if change.began else {}
        self._event("rng", cell=change.cell, states=states, **more)
