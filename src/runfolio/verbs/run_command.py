"""``run``: any program as a run, with no line of it changed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from runfolio.errors import UsageError
from runfolio.record.command import CommandRun, run_program
from runfolio.verbs.door import Door
from runfolio.verbs.lookup import short_path
from runfolio.verbs.start import options
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import STYLES, Message, View

__all__ = ["RunCommandView", "run", "run_command"]


class RunCommandView(View):
    """How a program ended that was run as a run.

    Parameters
    ----------
    ended : CommandRun
    """

    def __init__(self, ended: CommandRun) -> None:
        self.ended = ended
        self.exit_code = ended.exit_code

    def text(self, width: int | None = None) -> Text:
        """Return one line: name, how it ended, where it lies."""
        del width
        ended = self.ended
        # Without a name of its own it is called by its id, which stands beside it.
        name = one_line(ended.name.removesuffix(f"-{ended.id[-6:]}"), 40)
        how = ended.signal or (f"exit status {ended.exit_code}" if ended.exit_code else "")
        facts = [ended.status.value, *([how] if how else []), f"{ended.duration_s:.1f} s",
                 short_path(ended.path)]  # fmt: skip
        return Text.assemble(
            (ended.status.glyph, STYLES[ended.status.value]), " ",
            (name, "bold"), " ", (ended.id[-6:], STYLES["secondary"]),
            " · ", " · ".join(facts),
        )  # fmt: skip

    def data(self) -> dict[str, Any]:
        """Return id, name, path, status, exit code, signal and seconds."""
        ended = self.ended
        return {"id": ended.id, "name": ended.name, "path": ended.path,
                "status": ended.status.value, "exit_code": ended.exit_code,
                "signal": ended.signal, "duration_s": round(ended.duration_s, 3)}  # fmt: skip


def run_command(
    command: Sequence[str | os.PathLike[str]],
    *,
    name: str | None = None,
    project: str | None = None,
    tags: Sequence[str] | None = None,
    config: Mapping[str, Any] | None = None,
    notes: str | None = None,
    group: str | None = None,
    job_type: str | None = None,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002 - as init has it
    as_wandb: bool = False,
) -> RunCommandView:
    """Run a program as a run and return how it ended.

    Code, environment, command, all it prints (``output.log``) and its exit status are recorded. What
    it prints is passed on as it comes, signals are forwarded. ``runfolio.init()`` in it, or in any
    of its children, joins the run.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments; no shell is involved.
    name, project, tags, config, notes, group, job_type, dir
        As for :func:`runfolio.init`.
    as_wandb : bool
        Whether ``import wandb`` means runfolio in it and in its children.

    Raises
    ------
    UsageError
        `command` is no list, or names no program that can be started.

    Examples
    --------
    >>> ended = run_command(["python", "train.py", "--lr", "3"], tags=["sweep"])  # doctest: +SKIP
    >>> ended.exit_code  # doctest: +SKIP
    0
    """
    if isinstance(command, (str, bytes)):
        raise UsageError(
            f"run_command takes a list, not the text {command!r}: no shell is involved. "
            "Write run_command(['python', 'train.py', '--lr', '3'])."
        )
    argv = [os.fspath(word) for word in command]
    ended = run_program(
        argv, as_wandb=as_wandb, name=name, project=project, tags=tags, config=config, notes=notes,
        group=group, job_type=job_type, dir=dir,
    )  # fmt: skip
    return RunCommandView(ended)


def run(command: Sequence[str], given: Mapping[str, Any], *, door: Door) -> View:
    """Carry out the verb; see `run_command`."""
    asked = options({**given, "name": (given["name"],) if given["name"] else ()})
    ended = run_program(
        command, as_wandb=given["as_wandb"], name=asked.name, project=asked.project,
        tags=asked.tags or None, config=asked.config or None, notes=asked.notes, group=asked.group,
        job_type=asked.job_type,
    )  # fmt: skip
    view = RunCommandView(ended)
    if door.start is not None:
        return view
    # In a shell the output is the program's: the run said its end on standard error.
    return Message("", view.data(), exit_code=view.exit_code)
