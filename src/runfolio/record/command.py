"""Any program as a run: what it prints and how it ends is recorded, no line of it is changed."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runfolio.capture.program import Program, program
from runfolio.errors import UsageError
from runfolio.format.writers import WriterManifest, filled, other_writers
from runfolio.model.run import Status
from runfolio.record.child import Child, awaitable_children
from runfolio.record.console import EVERY_S
from runfolio.record.data import data_of
from runfolio.record.guard import guard
from runfolio.record.output import KeptOutput, Lines
from runfolio.record.printed import unfinished
from runfolio.record.process import Ending
from runfolio.record.run import Run
from runfolio.record.session import Session, current, session

__all__ = ["STOP_GRACE_S", "CommandRun", "run_program"]

STOP_GRACE_S: Final = 10.0
"""A program that was asked to stop, and that writes to no run itself, gets SIGTERM after so long."""

_LOOK_S: Final = 1.0
# Whoever sends one of these interrupts; other signals are the program's own failure.
_INTERRUPTING: Final = frozenset({"SIGINT", "SIGTERM", "SIGHUP"})


@dataclass(frozen=True, slots=True)
class CommandRun:
    """The run of a program that has ended.

    Attributes
    ----------
    id, name : str
    path : Path
        The run directory.
    status : Status
    exit_code : int
        What a shell would say: the program's own, or 128 and the number of the signal.
    signal : str or None
        The signal that killed it.
    duration_s : float
    """

    id: str
    name: str
    path: Path
    status: Status
    exit_code: int
    signal: str | None
    duration_s: float


def run_program(argv: Sequence[str], *, as_wandb: bool = False, **labels: Any) -> CommandRun:
    """Run a program to its end as a run of its own.

    Parameters
    ----------
    argv : sequence of str
        The program and its arguments; no shell is involved.
    as_wandb : bool
        Whether ``import wandb`` means runfolio in it and in its children.
    **labels
        ``name``, ``project``, ``tags``, ``config``, ``notes``, ``group``, ``job_type``, ``dir``.

    Raises
    ------
    UsageError
        There is no such program, or it cannot be started.
    """
    started = program(argv)
    if started is None:
        raise UsageError(_no_program(argv))
    parent = current()
    own = Session(session.files, session.clock, session.ids, program=started)
    own.observers = session.observers
    run = own.open(
        {**labels, "reinit": "create_new", "parent": parent.id if parent else None}, owner="command"
    )
    supervised = _Supervised(run, {name for name, value in labels.items() if value})
    return supervised.carry_out(started, _environment(run, as_wandb=as_wandb))


def _no_program(argv: Sequence[str]) -> str:
    if not argv:
        return "run needs a program: runfolio run python train.py."
    hint = ""
    if Path(argv[0]).suffix == ".py":
        hint = f" Write: run python {argv[0]}."
    elif os.sep in argv[0] and Path(argv[0]).is_file():
        hint = " It is there but may not be executed: chmod +x, or name its interpreter."
    return f"There is no program {argv[0]!r} to run.{hint}"


def _child_of(
    started: Program, env: Mapping[str, str], keep: Mapping[str, Callable[[bytes], None]]
) -> Child:
    try:
        return Child(started.argv, env, keep)
    except OSError as error:
        hint = " It needs a first line that names its interpreter: #!/bin/sh."
        raise UsageError(
            f"{started.argv[0]!r} cannot be started: {error.strerror or error}."
            f"{hint if error.errno == errno.ENOEXEC else ''}"
        ) from error


def _environment(run: Run, *, as_wandb: bool) -> dict[str, str]:
    env = dict(os.environ)
    if not run.disabled:
        env["RUNFOLIO_ATTACH"] = str(run.path.absolute())
    if as_wandb:
        before = env.get("PYTHONPATH")
        env["PYTHONPATH"] = os.pathsep.join([str(_IMPORTABLE), *([before] if before else [])])
    return env


_IMPORTABLE: Final = Path(__file__).parent.parent / "importable_as"


class _Supervised:
    """Looks after one program: what it says of itself, whether it is to stop, how it ended."""

    def __init__(self, run: Run, given: set[str]) -> None:
        self._run = run
        self._given = given
        self._last_look = self._last_shown = 0.0
        self._asked_at: float | None = None
        self._child: Child | None = None
        self._terminated = False

    def carry_out(self, started: Program, env: Mapping[str, str]) -> CommandRun:
        """Run the program and end the run as it ended."""
        run = self._run
        output = KeptOutput(run.path, run.life.files)
        clean = functools.partial(run.life.redaction.data, place="the output")
        streams = {name: Lines(output, clean) for name in ("stdout", "stderr")}
        keep = {name: _nothing if run.disabled else lines.feed for name, lines in streams.items()}
        begun = time.monotonic()
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(awaitable_children())
                self._child = _child_of(started, env, keep)
                held.enter_context(self._child.forwarding())  # until the run has ended, too
                status = self._child.wait(lambda: self._tick(output, streams.values()))
            except BaseException as error:
                run.end(Status.FAILED, reason=f"{type(error).__name__}: {error}"[:500])
                raise
            ending = self._end(status, output, streams.values())
        return CommandRun(
            run.id, run.name, run.path, run.status, ending.exit_code or 0, ending.signal,
            time.monotonic() - begun,
        )  # fmt: skip

    def _end(self, status: int, output: KeptOutput, streams: Iterable[Lines]) -> Ending:
        """End the run as its program did."""
        run = self._run
        with guard("keeping the program's output"):
            for lines in streams:
                lines.finish()
            output.finish()
        with guard("taking over what the program said of itself"):
            self._adopt()
        with guard("taking in the last edits"):
            run.life.take_edits()
        ending = self._ending(status)
        run.end(
            ending.status, reason=ending.reason, signal=ending.signal, exit_code=ending.exit_code,
            quiet=session.in_notebook,
        )  # fmt: skip
        return ending

    def _tick(self, output: KeptOutput, streams: Iterable[Lines]) -> None:
        now = time.monotonic()
        if self._run.disabled:
            return
        if now - self._last_shown >= EVERY_S:
            self._last_shown = now
            with guard("keeping the program's output"):
                output.show_rest(unfinished(streams))
        if now - self._last_look < _LOOK_S:
            return
        self._last_look = now
        with guard("taking over what the program said of itself"):
            parts = self._adopt()
            if self._run.life.stop_requested:
                self._see_that_it_stops(now, parts)

    def _see_that_it_stops(self, now: float, parts: Sequence[WriterManifest]) -> None:
        """Terminate a program that cannot know that it is to stop: it writes to no run."""
        if self._asked_at is None or any(part.is_running for part in parts):
            self._asked_at = now
        elif now - self._asked_at >= STOP_GRACE_S and not self._terminated:
            self._terminated = True
            if self._child is not None:
                self._child.send(signal.SIGTERM)

    def _adopt(self) -> list[WriterManifest]:
        """Take over settings and labels that the program gave to its own ``init``."""
        parts = [part for part in other_writers(self._run.path)[0] if part.joined]
        for part in reversed(parts):  # the first to join goes before later ones
            config = part.body.get("config")
            whole = filled(self._run.config.recorded, [config])
            news = {k: v for k, v in whole.items() if v != self._run.config.recorded.get(k)}
            if news:
                self._run.life.config.take(news, "program")
            facts = self._run.life.document.facts
            facts["seeds"] = filled(facts.get("seeds", {}), [part.body.get("seeds")])
            data_of(self._run.life).add_of_part(part.body.get("data"))
            given = part.body.get("given")
            for name, value in given.items() if isinstance(given, dict) else ():
                if name not in self._given and isinstance(value, str):
                    self._given.add(name)
                    self._run.life.set_label(name, value)
        return parts

    def _ending(self, status: int) -> Ending:
        """Return how the run ends, by how the program did."""
        life, sent = self._run.life, self._interrupts_sent()
        if status >= 0:
            ending = Ending(Status.FAILED if status else Status.FINISHED, status)
            ending.reason = f"exit status {status}" if status else ""
        else:
            ending = Ending(Status.FAILED, 128 - status)
            ending.signal = _name(-status)
            ending.reason = f"killed by {ending.signal}"
        if life.stop_requested and (status >= 0 or self._terminated):
            ending.status = Status.STOPPED
        elif status and (ending.signal in _INTERRUPTING or sent):
            # Some take a signal in their own way and leave with an exit status.
            ending.status, ending.reason = Status.INTERRUPTED, ""
            ending.signal = ending.signal or sent[-1]
        return ending

    def _interrupts_sent(self) -> list[str]:
        names = map(_name, self._child.forwarded if self._child is not None else ())
        return [name for name in names if name in _INTERRUPTING]


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _nothing(_: bytes) -> None:
    pass
