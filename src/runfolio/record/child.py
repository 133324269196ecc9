"""A program as a child of this process: its output passed on, signals forwarded, once each.

The child has a process group of its own, so that a signal from a terminal, from a kernel or
from a shell reaches it exactly once: through this process, or, where it was lent the terminal,
from the terminal itself.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, BinaryIO, Final, TextIO

__all__ = ["Child", "awaitable_children"]

# Whoever sends these means everything that runs in the foreground; others mean the program.
_TO_THE_GROUP: Final = frozenset({"SIGINT", "SIGHUP", "SIGQUIT", "SIGWINCH"})
_FORWARDED: Final = (*_TO_THE_GROUP, "SIGTERM", "SIGUSR1", "SIGUSR2")

_LOOK_S: Final = 0.1
_QUIET_S: Final = 0.5
_DRAIN_S: Final = 2.0
_CHUNK: Final = 65_536


class Child:
    """One run of a program.

    Parameters
    ----------
    argv : sequence of str
    env : mapping
        Its whole environment.
    keep : mapping of str to callable
        ``stdout`` and ``stderr`` → who is told each piece of output.

    Attributes
    ----------
    forwarded : list of int
        The signals it was sent through this process.
    """

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        keep: Mapping[str, Callable[[bytes], None]],
    ) -> None:
        self._keep = keep
        self.forwarded: list[int] = []
        self._selector = selectors.DefaultSelector()
        self._terminal = _Terminal()
        with contextlib.ExitStack() as opened:
            out, err = self._streams(opened)
            self._process = subprocess.Popen(
                list(argv), env=dict(env), stdout=out, stderr=err, process_group=0
            )

    def _streams(self, opened: contextlib.ExitStack) -> tuple[int, int]:
        """Return the ends that the child writes to; a terminal for what is one here."""
        ends: dict[str, int] = {}
        slave: int | None = None
        for name in ("stdout", "stderr"):
            stream: TextIO | None = getattr(sys, name)  # None: it was closed from the start
            if slave is not None and _is_terminal(stream):
                ends[name] = slave
                continue
            if stream is not None and _is_terminal(stream):
                read, slave = self._terminal.open_like(stream)
                ends[name] = slave
            else:
                read, ends[name] = os.pipe()
            opened.callback(os.close, ends[name])
            self._selector.register(read, selectors.EVENT_READ, (name, _writer(stream)))
        return ends["stdout"], ends["stderr"]

    @property
    def pid(self) -> int:
        """Its process, which is its process group as well."""
        return self._process.pid

    def send(self, number: int) -> None:
        """Send a signal: to all of the foreground what a terminal sends, else to the program."""
        name = signal.Signals(number).name
        if self._process.returncode is not None:
            return  # its number may be another's by now
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if name in _TO_THE_GROUP:
                os.killpg(self.pid, number)
            else:
                os.kill(self.pid, number)

    def wait(self, tick: Callable[[], None]) -> int:
        """Pass on what it prints until it has ended.

        Parameters
        ----------
        tick : callable
            Called several times a second.

        Returns
        -------
        int
            Its exit status; a signal that killed it as a negative number.
        """
        with self._terminal.lent_to(self.pid):
            status: int | None = None
            while status is None:
                self._pass_on(_LOOK_S)
                tick()
                status = self._ended()
            self._drain()
        return status

    def _ended(self) -> int | None:
        pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
        if not pid:
            return None
        if os.WIFSTOPPED(status):
            self._terminal.stopped(self.pid)
            return None
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return self._process.returncode

    def _pass_on(self, timeout_s: float) -> int:
        """Pass on what was printed meanwhile; return how many bytes."""
        found = 0
        if not self._selector.get_map():
            time.sleep(min(timeout_s, 0.02))
            return 0
        for key, _ in self._selector.select(timeout_s):
            name, show = key.data
            try:
                data = os.read(key.fd, _CHUNK)
            except OSError:  # how a terminal without a writer ends
                data = b""
            if data:
                found += len(data)
                self._keep[name](data)
            if not data or not show(data):
                # Nobody reads on: then the program is to learn it, as it would without us.
                self._selector.unregister(key.fd)
                os.close(key.fd)
        return found

    def _drain(self) -> None:
        """Read what is left; a process that it left behind may hold its output open."""
        own = sum(_unread(key.fd) for key in self._selector.get_map().values())
        begun = last = now = time.monotonic()
        while self._selector.get_map() and now - last < _QUIET_S:
            found = self._pass_on(0.05)
            now, own = time.monotonic(), own - found
            if found:
                last = now
            if own <= 0 and now - begun > _DRAIN_S:
                break  # what comes still is another process's, which may go on for ever
        for key in list(self._selector.get_map().values()):
            os.close(key.fd)
        self._selector.close()

    @contextlib.contextmanager
    def forwarding(self) -> Iterator[None]:
        """Let signals for this process go to the child, each once; to nobody once it has ended."""
        handlers: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            for name in _FORWARDED:
                number = getattr(signal, name, None)
                if number is not None:
                    handlers[number] = signal.signal(number, self._on_signal)
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        if number == getattr(signal, "SIGWINCH", None):
            self._terminal.resize()
        elif self._process.returncode is None:
            self.forwarded.append(number)
        self.send(number)


class _Terminal:
    """The terminal that the child gets in the place of ours, and ours while it may read from it."""

    def __init__(self) -> None:
        self._ours: TextIO | None = None
        self._master: int | None = None
        self._lent = False

    def open_like(self, stream: TextIO) -> tuple[int, int]:
        """Return the two ends of a terminal of the same size and settings as the stream's."""
        import pty
        import termios

        self._master, slave = pty.openpty()
        self._ours = stream
        with contextlib.suppress(OSError, termios.error):
            attributes = termios.tcgetattr(stream.fileno())
            attributes[1] &= ~termios.OPOST  # ours adds the carriage returns already
            termios.tcsetattr(slave, termios.TCSANOW, attributes)
        self.resize()
        return self._master, slave

    def resize(self) -> None:
        """Give the child's terminal the size of ours."""
        if self._master is None or self._ours is None:
            return
        import fcntl
        import termios

        with contextlib.suppress(OSError):
            size = fcntl.ioctl(self._ours.fileno(), termios.TIOCGWINSZ, b"\0" * 8)
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    @contextlib.contextmanager
    def lent_to(self, group: int) -> Iterator[None]:
        """Let a process group read from our terminal, where we may ourselves."""
        self._lend(group)
        try:
            yield
        finally:
            self._take_back()

    def _lend(self, group: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            if os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp():
                os.tcsetpgrp(0, group)
                self._lent = True
                os.killpg(group, signal.SIGCONT)  # it may have tried to read already

    def _take_back(self) -> None:
        if not self._lent:
            return
        self._lent = False
        before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        with contextlib.suppress(OSError):
            os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, before)

    def stopped(self, group: int) -> None:
        """Stop with the child (Ctrl-Z), and let it go on when somebody lets us."""
        if self._lent:
            self._take_back()
            os.kill(os.getpid(), signal.SIGSTOP)
            self._lend(group)
            with contextlib.suppress(OSError):
                os.killpg(group, signal.SIGCONT)


@contextlib.contextmanager
def awaitable_children() -> Iterator[None]:
    """Let it be told how children end, also where whoever started us ignores that they do."""
    ignored = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN
    )
    if ignored:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        yield
    finally:
        if ignored:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def _unread(fd: int) -> int:
    """Return how many bytes wait to be read."""
    import fcntl
    import termios

    with contextlib.suppress(OSError):
        return int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4), sys.byteorder)
    return 0


def _is_terminal(stream: TextIO | None) -> bool:
    with contextlib.suppress(AttributeError, OSError, ValueError):
        return stream is not None and os.isatty(stream.fileno())
    return False


def _writer(stream: TextIO | None) -> Callable[[bytes], bool]:
    """Return what shows bytes on a stream of ours, and says whether anybody reads it still."""
    if stream is None:
        return lambda _: True
    binary: BinaryIO | None = getattr(stream, "buffer", None)
    if binary is None:
        import codecs

        decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def show(data: bytes) -> bool:
        try:
            if binary is not None:
                binary.write(data)
                binary.flush()
            else:
                stream.write(decoder.decode(data))
                stream.flush()
        except BrokenPipeError:
            return False
        except (OSError, ValueError):
            pass  # a cell that was cleared, a closed stream: the log goes on
        return True

    return show
