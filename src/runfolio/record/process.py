"""How this process ends: hooks that tell an open run, put in and taken out in pairs."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import atexit
import contextlib
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final, Self

from runfolio.errors import StopRun
from runfolio.model.run import Status

__all__ = ["Ending", "HeldSignals", "ProcessHooks", "ending_of", "status_of"]

_SIGNALS: Final = ("SIGTERM", "SIGHUP")
# Those whose handlers usually raise.
_INTERRUPTS: Final = tuple(
    int(getattr(signal, name))
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM")
    if hasattr(signal, name)
)


_INTERRUPTED: Final = 130


class HeldSignals:
    """Lets a block of the main thread come to its end before a signal's handler runs.

    An interrupt that rose between taking rows from the buffer and writing them would lose
    them, and one between writing bytes and noting it would write them twice. A second signal
    does not wait. In other threads no handler runs: there this does nothing.
    """

    __slots__ = ("_came", "_handlers", "_held")

    def __init__(self) -> None:
        self._handlers: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._held: list[int] = []
        self._came: dict[int, FrameType | None] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is not threading.main_thread():
            return self
        try:
            # The functions of C: those above them spend microseconds on making enums.
            for number in _INTERRUPTS:
                handler = _signal.getsignal(number)
                if callable(handler):
                    # Noted first: one that came just before still rises here.
                    self._handlers[number] = handler
                    self._held.append(number)
                    _signal.signal(number, self._hold)
        except BaseException:
            self._put_back()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let the handlers run: of what came meanwhile now, and of what comes from here on."""
        self._put_back()
        came, self._came = self._came, {}
        for number, frame in came.items():
            self._handlers[number](number, frame)

    def _hold(self, number: int, frame: FrameType | None) -> None:
        if number in self._came:
            self._handlers[number](number, frame)
        self._came[number] = frame

    def _put_back(self) -> None:
        while self._held:
            number = self._held.pop()
            _signal.signal(number, self._handlers[number])


class Ending:
    """What is known of the end of the process so far.

    Attributes
    ----------
    status : Status
        ``finished`` until something else is heard.
    signal : str or None
        Name of the signal that ends the process.
    exit_code : int or None
        ``None`` where the process goes on.
    reason : str
        The exception, in a few words.
    """

    def __init__(self, status: Status = Status.FINISHED, exit_code: int | None = None) -> None:
        self.status = status
        self.signal: str | None = None
        self.exit_code = exit_code
        self.reason = ""


class Signalled(SystemExit):
    """The exit a signal asked for; a ``with`` block that it leaves knows it from any other.

    Parameters
    ----------
    number : int
        The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.signal = signal.Signals(number).name


class ProcessHooks:
    """Watches for an uncaught exception, ``sys.exit``, a signal and the interpreter's end.

    Parameters
    ----------
    at_end : callable
        Told once, at the interpreter's end, with what was heard.
    """

    def __init__(self, at_end: Callable[[Ending], None]) -> None:
        self._at_end = at_end
        self._ending = Ending(exit_code=0)
        self._installed = False
        self._pid = 0
        # Ours, and what was there before: one each time they are put in, for somebody may have put
        # theirs over an earlier one, which it still calls.
        self._excepthook: tuple[Any, Any] | None = None
        self._exit: tuple[Any, Any] | None = None
        self._handlers: dict[int, Any] = {}

    def install(self, *, process_wide: bool) -> None:
        """Put the hooks in that are not in yet; a kernel gets only the one for the interpreter's end.

        Parameters
        ----------
        process_wide : bool
            Whether exceptions, exits and signals of the process belong to the run.
        """
        if not self._installed:
            self._installed = True
            self._pid = os.getpid()
            self._ending = Ending(exit_code=0)
            atexit.register(self._end)
        if not process_wide:
            return
        if self._excepthook is None:
            hook = functools.partial(self._on_exception, sys.excepthook)
            self._excepthook, sys.excepthook = (hook, sys.excepthook), hook
        if self._exit is None:
            leave = functools.partial(self._on_exit, sys.exit)
            self._exit, sys.exit = (leave, sys.exit), leave
        # A signal that came has its second one end the process.
        if threading.current_thread() is threading.main_thread() and self._ending.signal is None:
            for name in _SIGNALS:
                number = getattr(signal, name, None)
                # Somebody else's handler stays: it knows what its program needs.
                if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                    self._handlers[number] = signal.signal(number, self._on_signal)

    def remove(self) -> None:
        """Take out what was put in, unless somebody has put theirs over it since."""
        if not self._installed:
            return
        self._installed = False
        atexit.unregister(self._end)
        if self._excepthook is not None and sys.excepthook is self._excepthook[0]:
            sys.excepthook = self._excepthook[1]
        if self._exit is not None and sys.exit is self._exit[0]:
            sys.exit = self._exit[1]
        self._excepthook = self._exit = None
        if threading.current_thread() is threading.main_thread():
            for number, handler in self._handlers.items():
                if signal.getsignal(number) == self._on_signal:
                    signal.signal(number, handler)
            self._handlers.clear()

    def _on_exception(
        self,
        before: Callable[..., Any],
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        heard = ending_of(error)
        self._ending.status, self._ending.reason = heard.status, heard.reason
        self._ending.exit_code = _INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
        before(kind, error, trace)

    def _on_exit(self, leave: Callable[[Any], Any], code: Any = None, /) -> Any:
        if code is None or code == 0 or threading.current_thread() is not threading.main_thread():
            return leave(code)
        before = self._ending
        self._ending = Ending(Status.FAILED, code if isinstance(code, int) else 1)
        try:
            return leave(code)
        except SystemExit as error:
            vars(error)["runfolio"] = _Leaving(lambda: self._stays(before))
            raise

    def _stays(self, before: Ending) -> None:
        self._ending = before

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        if os.getpid() != self._pid:
            # A forked child that nobody told yet: it ends as it would without a run. An exception
            # that is swallowed, as in a hook of the fork itself, would let it live.
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        self._ending.status = Status.INTERRUPTED
        self._ending.signal = signal.Signals(number).name
        self._ending.exit_code = 128 + number
        # The program unwinds as at sys.exit; a second signal ends it at once.
        signal.signal(number, signal.SIG_DFL)
        raise Signalled(number)

    def _end(self) -> None:
        self._at_end(self._ending)
        if self._ending.exit_code == _INTERRUPTED and self._ending.signal is None:
            _interrupt_again()


class _Leaving:
    """Goes with the exception of a ``sys.exit``, and tells if the process stays after all.

    Parameters
    ----------
    stays : callable
        Called when somebody has caught the exception.
    """

    def __init__(self, stays: Callable[[], None]) -> None:
        self._stays = stays

    def __del__(self) -> None:
        # One that nobody catches is freed below all Python; one that was caught, in a function.
        if sys._getframe().f_back is not None:  # noqa: SLF001 - `inspect` has only the same
            self._stays()


def _interrupt_again() -> None:
    """Have Python remember that an interrupt ends the process, so that it dies of SIGINT.

    It forgets when any text is executed, as every import of a data class does, and exits with 1
    then: a shell's loop around the program would go on. Only such a text tells it anew.
    """
    with contextlib.suppress(KeyboardInterrupt):
        exec("raise KeyboardInterrupt", {})  # noqa: S102


def status_of(error: BaseException | None) -> Status:
    """Return how a run ends that was left by this exception."""
    if error is None:
        return Status.FINISHED
    if isinstance(error, StopRun):
        return Status.STOPPED
    if isinstance(error, (KeyboardInterrupt, Signalled)):
        return Status.INTERRUPTED
    if isinstance(error, SystemExit):
        return Status.FINISHED if error.code in (None, 0) else Status.FAILED
    return Status.FAILED


def ending_of(error: BaseException | None) -> Ending:
    """Return what an exception that leaves a block tells of the end."""
    ending = Ending(status_of(error))
    if isinstance(error, Signalled):
        ending.signal = error.signal
    if isinstance(error, SystemExit):
        ending.exit_code = error.code if isinstance(error.code, int) else None
    if error is not None:
        # Its own text may raise.
        with contextlib.suppress(Exception):
            name, text = type(error).__name__, str(error)
            ending.reason = (f"{name}: {text}" if text else name)[:500]
    return ending
