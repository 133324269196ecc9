"""Listens to what this process prints: on the stream objects themselves, which stay in place.

Only the ``write`` of `sys.stdout` and `sys.stderr` is stood in front of, on the very objects: so
the terminal stays one, whoever holds a stream already is heard, too, and text goes to the screen
first and by the same way as ever. What is printed below Python is seen where the stream itself
sees it, as in a Jupyter kernel; of a script, ``runfolio run`` sees all.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from threading import get_ident
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.format.layout import PartName
from runfolio.record.guard import guard, warn_once
from runfolio.record.output import KeptOutput
from runfolio.record.printed import STDERR, STDOUT, Printed

if TYPE_CHECKING:
    from runfolio.record.life import Life
    from runfolio.record.run import Run

__all__ = ["Console", "console"]

EVERY_S: Final = 0.25
"""What was printed is written this often."""

FINISH_S: Final = 2.0
"""What is left at the end of a run may take this long."""

_OFF: Final = frozenset({"off", "false", "0"})
# Output from below Python is on its way through a pipe and a thread of the kernel's.
_ARRIVES_S: Final = 0.005
_ARRIVED_S: Final = 0.3


class Console:
    """What this process prints, and the runs that want it.

    Attributes
    ----------
    current : callable
        Returns the run that whoever asks prints in; set by the session.
    """

    def __init__(self) -> None:
        self.current: Callable[[], Run | None] = lambda: None
        self._taps: list[_Tap] = []
        self._start_anew()

    def _start_anew(self) -> None:
        self._lives: list[Life] = []
        self._outputs: list[Printed] = []
        self._thread: threading.Thread | None = None
        self._changing = threading.Lock()
        self._due = threading.Event()

    def keep_for(self, life: Life, mode: object = None) -> None:
        """Keep from here on what is printed while the run is the current one.

        Parameters
        ----------
        life : Life
        mode : object
            What `init` was given as ``console``; the setting counts without it.
        """
        if not _is_wanted(mode) or _is_kept_from_outside(life):
            return
        name = PartName("output", life.paths.rank, life.segment, ext="log")
        output = Printed(KeptOutput(life.folder, life.files, name=name), life.redaction)
        with self._changing:
            self._lives.append(life)
            self._outputs.append(output)
            life.output = output
            self._listen()
            if self._thread is None:
                thread = threading.Thread(
                    target=self._write_on, name="runfolio-output", daemon=True
                )
                with contextlib.suppress(RuntimeError):  # then it is written at the end
                    thread.start()
                    self._thread = thread

    def take(self, stream: int, text: str | bytes) -> None:
        """Take what was printed, for the run that is the current one, else for the newest."""
        run, lives = self.current(), self._lives
        life = run.life if run is not None else lives[-1] if lives else None
        if life is not None and life.output is not None:
            life.output.take(stream, text)

    def finish_for(self, life: Life) -> None:
        """Write what is left of the run's output; with its last run the streams are let go of."""
        output = life.output
        if output is None:
            return
        self._let_arrive()
        life.output = None
        with self._changing:
            self._lives = [one for one in self._lives if one is not life]
            if not self._lives:
                self._taps = [tap for tap in self._taps if not tap.remove()]
            writer = self._thread
        output.ends = True
        self._due.set()
        if writer is None:
            output.write()
        elif not output.finished.wait(FINISH_S):
            warn_once(
                "output unwritten", "The disk did not take the last output of the run in time."
            )
        elif not self._lives:
            writer.join(FINISH_S)  # it has nothing left to do

    def after_fork(self) -> None:
        """Let go in a forked child of what its parent prints into."""
        for life in self._lives:
            life.output = None
        self._start_anew()
        _Tap.inside.clear()

    def _listen(self) -> None:
        for number, stream in ((STDOUT, sys.stdout), (STDERR, sys.stderr)):
            for target, tap in ((stream, _TextTap), (getattr(stream, "buffer", None), _BytesTap)):
                if target is not None and all(one.target is not target for one in self._taps):
                    self._taps.append(tap(target, number, self))

    def _write_on(self) -> None:
        while True:
            self._due.wait(EVERY_S)
            self._due.clear()
            for output in tuple(self._outputs):
                with guard("keeping the program's output"):
                    output.write()
            with self._changing:
                self._outputs = [one for one in self._outputs if not one.finished.is_set()]
                if not self._outputs:
                    self._thread = None
                    return

    def _let_arrive(self) -> None:
        """Wait for what the kernel has still to hand on from below Python."""
        pipes = [
            pipe for tap in self._taps if (pipe := getattr(tap.target, "_fid", None)) is not None
        ]
        pause = threading.Event()
        waited = 0.0
        while pipes and waited < _ARRIVED_S:
            pause.wait(_ARRIVES_S)
            waited += _ARRIVES_S
            if not any(_unread(pipe) for pipe in pipes):
                break


class _Tap:
    """Stands in front of the ``write`` of one stream object."""

    # Whoever is inside a text stream now: what it hands on to the bytes below is known already.
    inside: Final[set[int]] = set()

    def __init__(self, target: Any, number: int, owner: Console) -> None:
        self.target = target
        self._number = number
        self._owner = owner
        self._ours: dict[str, tuple[Any, Any]] = {}
        # A stream that takes no attributes is left alone.
        with contextlib.suppress(AttributeError, TypeError):
            self._stand()

    def _stand(self) -> None:
        raise NotImplementedError

    def _put(self, name: str, ours: Any) -> None:
        before = vars(self.target).get(name)
        holder = _holder(before, self.target, name)
        if holder is not None:
            # IPython stands there while a cell runs, and puts back what it found: that is ours then.
            holder.cell_contents, before = ours, None
        else:
            setattr(self.target, name, ours)
        self._ours[name] = (ours, before)

    def _found(self, name: str) -> Any:
        holder = _holder(vars(self.target).get(name), self.target, name)
        return getattr(self.target, name) if holder is None else holder.cell_contents

    def remove(self) -> bool:
        """Take it away, unless somebody stands in front of it by now; return whether it is."""
        if any(vars(self.target).get(name) is not ours for name, (ours, _) in self._ours.items()):
            return False
        for name, (_, before) in self._ours.items():
            if before is None:
                delattr(self.target, name)
            else:
                setattr(self.target, name, before)
        return True


class _TextTap(_Tap):
    def _stand(self) -> None:
        stream, number, owner, inside = self.target, self._number, self._owner, self.inside
        write, flush = self._found("write"), self._found("flush")

        def kept_write(text: str) -> Any:
            me = get_ident()
            within = me in inside  # a signal's handler prints in the middle of a print
            inside.add(me)
            try:
                written = write(text)
            finally:
                if not within:
                    inside.discard(me)
            owner.take(number, text)
            return written

        def marked_flush() -> Any:
            me = get_ident()
            within = me in inside
            inside.add(me)
            try:
                return flush()
            finally:
                if not within:
                    inside.discard(me)

        self._put("write", kept_write)
        if isinstance(stream, io.TextIOWrapper):
            self._put("flush", marked_flush)


class _BytesTap(_Tap):
    def _stand(self) -> None:
        number, owner, inside = self._number, self._owner, self.inside
        write = self._found("write")

        def kept_write(data: Any) -> Any:
            written = write(data)
            if get_ident() not in inside:
                owner.take(number, memoryview(data).tobytes())
                return written
            # Unbuffered (python -u), a write that is interrupted, as by a child process that some
            # thread starts, takes a part; the text stream above would drop what is left of it.
            while written and written < len(data) and (more := write(data[written:])):
                written += more
            return written

        self._put("write", kept_write)


def _holder(front: Any, stream: Any, name: str, depth: int = 4) -> CellType | None:
    """Return where a function that stands in front of a stream keeps the stream's own method."""
    for cell in getattr(front, "__closure__", None) or ():
        with contextlib.suppress(ValueError):  # an empty one
            held = cell.cell_contents
            if isinstance(held, FunctionType):
                below = _holder(held, stream, name, depth - 1) if depth else None
                if below is not None:
                    return below
            elif (
                getattr(held, "__self__", None) is stream
                and getattr(held, "__name__", None) == name
            ):
                return cell  # type: ignore[no-any-return]
    return None


def _unread(pipe: int) -> int:
    """Return how many bytes wait in a pipe."""
    import fcntl
    import termios

    with contextlib.suppress(OSError):
        return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4), sys.byteorder)
    return 0


def _is_wanted(mode: object) -> bool:
    mode = settings.read("console") if mode is None else mode
    return str(mode).lower() not in _OFF and settings.flag("capture")


def _is_kept_from_outside(life: Life) -> bool:
    """Return whether ``runfolio run`` started this program, and writes down what it prints."""
    attached = settings.read("attach")
    return attached is not None and Path(attached) == life.folder


console: Final = Console()
"""That of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=console.after_fork)
