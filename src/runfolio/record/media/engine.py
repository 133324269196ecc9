"""Charts compiled and drawn in a process beside this one, which is ended when it takes too long.

V8 takes half a second to start and what it draws may never end. So one process is started at the
first card, or the first figure that is logged, and stays; a picture that takes longer than the limit, or ends the process, costs that
picture, never the kernel.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import importlib.util
import json
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.record.media import vega

if TYPE_CHECKING:
    from subprocess import Popen

__all__ = ["LIMIT_S", "Engine", "engine"]

LIMIT_S: Final = 20.0
"""How long one chart may take."""

_PATIENCE_S: Final = 5.0

_Message = dict[str, Any]


class Engine:
    """Compiles and draws charts: in a process of its own, or here where none can be started.

    Safe from any thread, one chart at a time. A forked process gets a process of its own.

    Parameters
    ----------
    limit_s : float
        How long one chart may take, in seconds.

    Attributes
    ----------
    limit_s : float
        The same, for the charts to come.
    """

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self.limit_s = limit_s
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._is_here = False
        self._asked = 0

    @property
    def pid(self) -> int | None:
        """The process that draws; ``None`` where there is none."""
        process = self._process
        return process.pid if process is not None else None

    def begin(self) -> None:
        """Start the process, if there is none, and do not wait for it."""
        with self._lock:
            self._started()

    def compiled(self, spec: _Message, *, version: str) -> _Message:
        """Return a Vega-Lite specification as a Vega one.

        Parameters
        ----------
        spec : dict
        version : str
            Which Vega-Lite compiles it: ``"5.21"``.

        Raises
        ------
        MissingDependency
            vl-convert-python is not installed.
        ValueError
            It cannot be compiled.
        TimeoutError
            It takes too long.
        ChildProcessError
            It ended the process that compiles.
        """
        made: _Message = self._answer({"do": "compile", "spec": spec, "version": version})
        return made

    def drawn(self, spec: _Message, *, scale: float) -> bytes:
        """Return a Vega specification as a PNG.

        Parameters
        ----------
        spec : dict
        scale : float
            Dots for each pixel.

        Raises
        ------
        MissingDependency
            vl-convert-python is not installed.
        ValueError
            It cannot be drawn.
        TimeoutError
            It takes too long.
        ChildProcessError
            It ended the process that draws.
        """
        return base64.b64decode(self._answer({"do": "draw", "spec": spec, "scale": scale}))

    def pictured(self, document: str, *, limit_s: float) -> bytes:
        """Return a Vega-Lite specification as a PNG, as its own version is drawn.

        Parameters
        ----------
        document : str
            JSON.
        limit_s : float
            How long it may take.

        Raises
        ------
        MissingDependency, ValueError, TimeoutError, ChildProcessError
            As `drawn`.
        """
        request = {"do": "picture", "spec": document}
        return base64.b64decode(self._answer(request, limit_s))

    def close(self) -> None:
        """End the process; the next chart starts another."""
        with self._lock:
            self._discard()

    def disown(self) -> None:
        """Leave the process to the parent; for the child after a fork."""
        self._lock = threading.Lock()
        process, self._process = self._process, None
        if process is not None:
            process.disown()

    def _answer(self, request: _Message, limit_s: float | None = None) -> Any:
        with self._lock:
            self._asked += 1
            limit_s = self.limit_s if limit_s is None else limit_s
            request = request | {"id": self._asked, "limit_s": limit_s}
            if self._process is not None:
                # It may have ended since: for want of work, or by somebody's hand.
                with contextlib.suppress(ChildProcessError):
                    return self._asked_of(self._process, request)
            process = self._started()
            if process is not None:
                try:
                    return self._asked_of(process, request)
                except _NoStartError:
                    self._is_here = True
        return vega.answer(request)

    def _asked_of(self, process: _Process, request: _Message) -> Any:
        try:
            said = process.ask(request, request["limit_s"])
        except BaseException:
            # What it says after an interrupt would be taken for the answer to the next request.
            self._discard()
            raise
        if "error" in said:
            raise ValueError(said["error"])
        return said["answer"]

    def _started(self) -> _Process | None:
        """Return the process; ``None`` where charts are made in this one."""
        if self._process is None and not self._is_here:
            # No program, no room for another process, an interpreter at its end: made here, then.
            with contextlib.suppress(OSError, RuntimeError, ValueError):
                self._process = _Process()
        return self._process

    def _discard(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()


class _NoStartError(ChildProcessError):
    """What was started never said a word: it is no Python, or lacks what it needs."""


class _Process:
    """The process that draws, and the two pipes to it."""

    def __init__(self) -> None:
        import subprocess  # here, for nothing of this is loaded before the first card

        folder = _folder_of_vl_convert()
        if not sys.executable or getattr(sys, "frozen", False):
            raise OSError("this interpreter is a part of another program")
        self.is_used = False
        # -P: what lies beside the file or in the current folder must not be taken for a module.
        # A group of its own: an interrupt of the cell goes to all of the kernel's.
        self._popen: Popen[bytes] = subprocess.Popen(
            [sys.executable, "-P", str(Path(vega.__file__).absolute())], bufsize=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            process_group=0 if os.name == "posix" else None,
        )  # fmt: skip
        atexit.register(self.end)
        with contextlib.suppress(ChildProcessError):
            self._send({"folder": folder})

    @property
    def pid(self) -> int:
        return self._popen.pid

    def ask(self, request: _Message, limit_s: float) -> _Message:
        """Return the answer to a request, within a time limit."""
        ended = threading.Event()

        def end() -> None:
            ended.set()
            self._popen.kill()

        timer = threading.Timer(limit_s, end)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError as error:  # no room for another thread
            raise _NoStartError(str(error)) from error
        try:
            said = self._exchange(request)
        except ChildProcessError as error:
            if ended.is_set() and self.is_used:
                raise TimeoutError(f"a chart took longer than {limit_s:g} s") from error
            raise
        finally:
            timer.cancel()
        return said

    def _exchange(self, request: _Message) -> _Message:
        if not self.is_used:
            try:
                self._receive()
            except ChildProcessError as error:
                raise _NoStartError(str(error)) from error
            self.is_used = True
        self._send(request)
        said = self._receive()
        if said.get("id") != request["id"]:
            raise ChildProcessError("the answer belongs to another chart")
        return said

    def _send(self, message: _Message) -> None:
        data = json.dumps(message, separators=(",", ":")).encode()
        left = memoryview(vega.LENGTH.pack(len(data)) + data)
        pipe: Any = self._popen.stdin
        try:
            while left:
                left = left[pipe.write(left) :]
        except OSError as error:
            raise ChildProcessError("the process that draws charts has ended") from error

    def _receive(self) -> _Message:
        (length,) = vega.LENGTH.unpack(self._exactly(vega.LENGTH.size))
        message: _Message = json.loads(self._exactly(length))
        return message

    def _exactly(self, n: int) -> bytes:
        pipe: Any = self._popen.stdout
        found = bytearray()
        while len(found) < n:
            part = pipe.read(n - len(found))
            if not part:
                raise ChildProcessError("the process that draws charts has ended")
            found += part
        return bytes(found)

    def end(self) -> None:
        """End the process and wait until it is gone."""
        from subprocess import TimeoutExpired

        atexit.unregister(self.end)
        # Not for ever: what waits for a disk that hangs cannot be killed.
        with contextlib.suppress(OSError, TimeoutExpired):
            self._popen.kill()
            self._popen.wait(_PATIENCE_S)
        self._close()

    def disown(self) -> None:
        """Close this process's ends of the pipes; the process itself is the parent's."""
        atexit.unregister(self.end)
        self._close()
        self._popen.returncode = 0  # else it would be waited for as one of ours

    def _close(self) -> None:
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _folder_of_vl_convert() -> str:
    """Return where vl_convert was found, without importing it: its path may be set by hand."""
    found = importlib.util.find_spec("vl_convert")
    if found is None or found.origin is None:
        require("vl_convert", feature="charts", install="vl-convert-python")
        raise OSError("vl_convert is no file")
    path = Path(found.origin)
    return str((path.parent if found.submodule_search_locations else path).parent)


engine: Engine = Engine()
"""The one of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=engine.disown)
