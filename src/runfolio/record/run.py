"""One open run: what users call. Every method here is short; the work is done beside it."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from runfolio.errors import NoActiveRun
from runfolio.model.definitions import definition
from runfolio.model.run import Status
from runfolio.record.disabled import nothing
from runfolio.record.process import ending_of
from runfolio.record.rows import NO_VALUES, Rows
from runfolio.record.wandb.methods import WandbMethods

if TYPE_CHECKING:
    import os
    from datetime import timedelta

    from runfolio.model.metric import Definition
    from runfolio.record.alerts import AlertLevel
    from runfolio.record.config import Config
    from runfolio.record.life import Life
    from runfolio.record.summary import Summary

__all__ = ["Run", "override"]

T = TypeVar("T")

override: contextvars.ContextVar[Run | None] = contextvars.ContextVar("runfolio_run", default=None)
"""The run that ``with run.as_current():`` put in front of the process's own."""


class Run(WandbMethods):
    """A run that is being recorded.

    Made by :func:`runfolio.init`; ended by `finish`, by leaving ``with``, or by the end of the
    process. Attributes and methods carry the names that Weights & Biases scripts use; `life` is
    what stands behind them and belongs to the session.
    """

    def __init__(self, life: Life) -> None:
        super().__init__(life)
        self._rows = Rows(life)
        self._gate = life.writer.gate
        if life.disabled:
            # It costs what an empty call costs, until the end, when it raises as any other.
            self.__dict__["log"] = nothing

    # What is logged ------------------------------------------------------------------------

    def log(
        self,
        data: Mapping[str, Any] = NO_VALUES,
        step: float | None = None,
        commit: bool | None = None,
        sync: bool | None = None,  # noqa: ARG002 - W&B's, without meaning here
    ) -> None:
        """Record values at a step.

        Parameters
        ----------
        data : mapping of str to value
            Numbers of Python, numpy, torch, jax or TensorFlow; ``None`` is left out; nested
            mappings become ``outer.inner``. NaN and infinities are kept. Texts; `Image`, `Table`
            and the like; figures, frames and larger arrays. What cannot be logged warns once per
            key, is counted, and the rest of the row is kept. Without any, the step that
            ``commit=False`` left open is closed.
        step : int or float, optional
            Any step, in any order; without it each call takes the next whole number.
        commit : bool, optional
            ``False`` leaves the step open for the next call.
        sync : bool, optional
            Accepted for W&B's sake; it has no meaning here.

        Raises
        ------
        NoActiveRun
            The run has ended.
        StopRun
            Somebody asked the run to stop after this step.
        """
        # The hot path: touch little memory, encode elsewhere. A plain dict of plain numbers at a
        # plain step is appended as it is; everything else goes the longer way.
        if (
            (step is None or (type(step) is int and step.bit_length() < 64))
            and commit is None
            and type(data) is dict
        ):
            for value in data.values():
                if type(value) is not float and type(value) is not int:
                    break
            else:
                gate = self._gate
                now = gate.now()
                gate.append((step, now, data.copy()))
                if now >= gate.due:
                    self.life.writer.attend(now)
                return
        self._rows.add(data, step, commit=commit)

    def save(
        self,
        glob_str: str | os.PathLike[str] | None = None,
        base_path: str | os.PathLike[str] | None = None,
        policy: str = "live",
    ) -> list[str]:
        """Copy files into the run and return where they lie.

        Parameters
        ----------
        glob_str : str or path
            A file, a folder or a pattern. Without any, as W&B's older scripts call it to keep a
            new name, nothing is done: names are kept at once.
        base_path : str or path, optional
            Paths below it are kept; without it those below the current folder.
        policy : str
            ``live`` copies now and again at the end if changed, ``now`` once, ``end`` at the end.
        """
        self.require_open("save")
        if glob_str is None:
            return []
        return [str(path) for path in self.life.save(glob_str, base_path, policy)]

    def use_data(self, data: T, name: str | None = None) -> T:
        """Say what data the run uses, and have it recorded by its content.

        Parameters
        ----------
        data : path, text, table or array
            A file, a folder, a pattern (``"data/*.csv"``), a pointer of DVC, an address
            (``"s3://…"``, recorded and never fetched); a table of pandas, polars or pyarrow; an array
            of numpy, torch, JAX or CuPy.
        name : str, optional
            What it is called; without it the file's name, of data in memory ``table``,
            ``array``, ``array 2`` and so on.

        Returns
        -------
        path, text, table or array
            What was given, so that it can stand in the line that uses it:
            ``frame = pd.read_csv(run.use_data("train.csv"))``.

        Raises
        ------
        UsageError
            It is not there, cannot be read, or is nothing that could be described.

        Notes
        -----
        A file is read once to be hashed, on all cores; after that a run only looks whether it has
        changed. A table or an array is hashed by its values as it is now.
        """
        self.require_open("use_data")
        if not self.life.disabled and not self.life.disowned:
            from runfolio.record.data import data_of

            data_of(self.life).declare(data, name)
        return data

    def define_metric(
        self,
        name: str,
        step_metric: str | Definition | None = None,
        step_sync: bool | None = None,  # noqa: ARG002 - W&B's: the reader looks the step up
        hidden: bool | None = None,
        summary: str | Sequence[str] | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
    ) -> Definition:
        """Say how a metric is to be read; before or after it is logged.

        Parameters
        ----------
        name : str
            A metric, or a pattern in which ``*`` stands for any text: ``"val/*"``.
        step_metric : str, optional
            Another metric whose values are this one's x axis: ``"epoch"``.
        step_sync : bool, optional
            Accepted for W&B's sake; every point finds the step metric's value at its step, or
            the last one before.
        hidden : bool, optional
            Leave it out of charts unless they are asked for it.
        summary : str or sequence of str, optional
            Which figure stands for it: ``last`` (default), ``min``, ``max``, ``mean``, ``best``,
            ``none``; of several the first. ``best`` goes by the goal.
        goal : str, optional
            ``"minimize"`` or ``"maximize"``.
        overwrite : bool, optional
            Forget what was said of this very name before, instead of adding to it.

        Returns
        -------
        Definition
            What holds for the name now.

        Raises
        ------
        UsageError
            A rule, a goal or a step metric that cannot be meant.
        """
        said = definition(name, step_metric, summary, goal, hidden=hidden)
        return self.life.define(said, overwrite=bool(overwrite))

    def alert(
        self,
        title: str,
        text: str = "",
        level: str | AlertLevel | None = None,
        wait_duration: float | timedelta | None = None,
    ) -> None:
        """Record that something needs a person's eye, and show it.

        Parameters
        ----------
        title : str
            A few words; alerts of one title are shown at most once in `wait_duration`.
        text : str
            What happened.
        level : str or AlertLevel, optional
            ``info`` (default), ``warn`` or ``error``.
        wait_duration : float or timedelta, optional
            Seconds; 60 by default. Those held back meanwhile are counted with the next.

        Raises
        ------
        UsageError
            A level that does not exist.
        """
        self.require_open("alert")
        self.life.alerts.add(title, text, level, wait_duration)

    @property
    def config(self) -> Config:
        """Settings: ``run.config.lr``, ``run.config["lr"]``, ``run.config.update({…})``."""
        return self.life.config

    @property
    def summary(self) -> Summary:
        """One value per metric, by its rule; a value set here goes before the metric's own."""
        return self.life.summary

    @property
    def path(self) -> Path:
        """The run directory."""
        return self.life.folder

    @property
    def dir(self) -> str:
        """The folder inside the run where files of the user's own lie; it exists."""
        self.life.paths.files.mkdir(parents=True, exist_ok=True)
        return str(self.life.paths.files)

    @property
    def url(self) -> None:
        """``None``: there is no server."""
        return

    @property
    def step(self) -> float:
        """The step that the next ``log`` without one takes."""
        return self.life.next_step()

    @property
    def starting_step(self) -> float:
        """The first step of this process; above 0 in a resumed run."""
        return self.life.starting_step

    @property
    def start_time(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return self.life.document.started_ms / 1000

    @property
    def resumed(self) -> bool:
        """Whether earlier processes wrote to this run."""
        return self.life.segment > 1 and not self.life.document.joined

    @property
    def offline(self) -> bool:
        """``True``: nothing leaves the machine."""
        return True

    @property
    def disabled(self) -> bool:
        """Whether nothing is written."""
        return self.life.disabled

    @property
    def status(self) -> Status:
        """How the run stands."""
        return self.life.document.status

    # How it ends -----------------------------------------------------------------------------

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """End the run: everything is written, summed up and sealed. Doing it twice is harmless.

        Whoever opened a run closes it: an ``init`` that joined the run of a ``%%track`` cell
        only takes its leave here.

        Parameters
        ----------
        exit_code : int, optional
            Other than 0 marks the run as failed.
        quiet : bool, optional
            Print no closing line.
        """
        if self._leave():
            return
        status = Status.FAILED if exit_code else Status.FINISHED
        self.end(status, exit_code=exit_code, quiet=bool(quiet))

    def end(
        self,
        status: Status,
        *,
        reason: str = "",
        signal: str | None = None,
        exit_code: int | None = None,
        quiet: bool = False,
    ) -> None:
        """End the run as something else than finished.

        Parameters
        ----------
        status : Status
            ``finished``, ``failed``, ``interrupted``, ``stopped`` or ``pruned``.
        reason : str
            Why, in a few words: ``ValueError: shapes differ``.
        """
        self.life.end(status, reason=reason, signal=signal, exit_code=exit_code, quiet=quiet)
        self.__dict__.pop("log", None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if self._leave():
            return False
        ending = ending_of(error)
        self.end(
            ending.status, reason=ending.reason, signal=ending.signal, exit_code=ending.exit_code
        )
        # Somebody asked for the stop: the program goes on below the block.
        return ending.status is Status.STOPPED

    @contextlib.contextmanager
    def as_current(self) -> Iterator[Self]:
        """Let ``runfolio.log`` mean this run inside the block, in this thread or task."""
        token = override.set(self)
        try:
            yield self
        finally:
            override.reset(token)

    def _leave(self) -> bool:
        if self.life.joins == 0:
            return False
        self.life.joins -= 1
        self.life.writer.flush()
        return True

    def require_open(self, what: str) -> None:
        """Raise `NoActiveRun` where the run has ended.

        Parameters
        ----------
        what : str
            What is asked of it, for the message.
        """
        if self.life.ended:
            raise NoActiveRun(
                f"{what}: the run {self.name!r} has ended. Start one: runfolio.init()."
            )

    def __repr__(self) -> str:
        return f"<Run {self.name!r} {self.id} {self.status}>"
