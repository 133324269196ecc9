"""The functions that scripts call: each finds the open run and passes the call on."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runfolio.record import frameworks, training
from runfolio.record.guard import guard
from runfolio.record.needed_run import needed_run, no_run
from runfolio.record.rows import NO_VALUES
from runfolio.record.run import Run, T, override
from runfolio.record.session import current, session

if TYPE_CHECKING:
    from datetime import timedelta

    from runfolio.model.metric import Definition
    from runfolio.record.alerts import AlertLevel
    from runfolio.record.artifacts.artifact import Artifact

__all__ = [
    "alert", "attach", "define_metric", "finish", "init", "log", "log_artifact", "login", "save",
    "use_artifact", "use_data",
]  # fmt: skip


def init(
    project: str | None = None,
    *,
    config: Any = None,
    name: str | None = None,
    tags: Sequence[str] | None = None,
    **keywords: Any,
) -> Run:
    """Open a run and make it the one that ``runfolio.log`` means.

    Parameters
    ----------
    project : str, optional
        Without it: ``RUNFOLIO_PROJECT``, ``[tool.runfolio]``, the repository's or folder's name.
    config : mapping, namespace or data class, optional
        Settings.
    name : str, optional
        What to call the run; without it, its id.
    tags : sequence of str, optional
    **keywords
        The others of W&B's ``init``: ``notes``, ``group``, ``job_type``, ``id``, ``resume``,
        ``dir`` (the parent of ``folio/``), ``mode`` (``on`` or ``disabled``), ``reinit``,
        ``allow_val_change``, ``config_include_keys``, ``config_exclude_keys``, ``settings``,
        ``console`` (``off``: what is printed is not kept), ``system`` (``False``: no samples of the
        machine), ``sync_tensorboard`` (``True``: what a SummaryWriter writes is logged, too). Those that only mean something to a server are taken in silence, unknown ones
        warn once.

    Returns
    -------
    Run
        Usable in ``with``. In a script a second call returns the open run, with the settings
        merged; in a notebook it finishes the first; under ``%%track`` it joins that run.

    Raises
    ------
    UsageError
        An id, a mode or a resume policy that cannot be carried out.
    StoreUnusable
        The store's folder cannot be made.
    """
    training.end_left(session.run)
    run = session.open(
        {"project": project, "config": config, "name": name, "tags": tags, **keywords}
    )
    if keywords.get("sync_tensorboard") or keywords.get("tensorboard"):
        with guard("mirroring SummaryWriters"):
            frameworks.of("tensorboard").mirror(run)
    return run


def attach(
    id: str,  # noqa: A002 - as init has it
    rank: int | None = None,
    *,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002
) -> Run:
    """Join a run that another process opened, and make it the one that ``runfolio.log`` means.

    Each process writes files of its own beside those of the others; readers add them up. Steps
    go on after the largest one logged so far. `Run.finish` ends only this process's part.

    Parameters
    ----------
    id : str
        The whole id of a run of the store.
    rank : int, optional
        Which process of a distributed run this is; by default what its launcher says in the
        environment. 0 is a further writer beside the one that opened the run.
    dir : path, optional
        The parent of ``folio/``, as for `init`.

    Raises
    ------
    UsageError
        There is no such run, it has ended before (``init(id=…, resume="must")`` goes on with it),
        or another one is open in this process.

    Examples
    --------
    In a worker process that was handed ``run.id``::

        with runfolio.attach(run_id, rank=worker) as run:
            run.log({"worker/loss": loss})
    """
    return session.attach(id, rank, dir)


def log(
    data: Mapping[str, Any] = NO_VALUES, step: float | None = None, commit: bool | None = None
) -> None:
    """Record values of the open run; see `Run.log`.

    Raises
    ------
    NoActiveRun
        No run is open.
    """
    run = override.get() or session.run
    if run is None:
        raise no_run("log")
    run.log(data, step, commit)


def save(
    glob_str: str | os.PathLike[str] | None = None,
    base_path: str | os.PathLike[str] | None = None,
    policy: str = "live",
) -> list[str]:
    """Copy files into the open run; see `Run.save`."""
    return needed_run("save").save(glob_str, base_path, policy)


def use_data(data: T, name: str | None = None) -> T:
    """Say what data the open run uses; see `Run.use_data`."""
    return needed_run("use_data").use_data(data, name)


def log_artifact(
    artifact_or_path: Any,
    name: str | None = None,
    type: str | None = None,  # noqa: A002 - as W&B has it
    aliases: Any = None,
    tags: Any = None,
    **more: Any,
) -> Artifact:
    """Keep files under a name, as a version of an artifact; see `Run.log_artifact`."""
    return needed_run("log_artifact").log_artifact(
        artifact_or_path, name, type, aliases, tags, **more
    )


def use_artifact(
    artifact_or_name: Any,
    type: str | None = None,  # noqa: A002
    aliases: Any = None,
    use_as: str | None = None,
) -> Artifact:
    """Say that the open run uses a version of an artifact; see `Run.use_artifact`."""
    return needed_run("use_artifact").use_artifact(artifact_or_name, type, aliases, use_as)


def define_metric(
    name: str,
    step_metric: str | Definition | None = None,
    step_sync: bool | None = None,
    hidden: bool | None = None,
    summary: str | Sequence[str] | None = None,
    goal: str | None = None,
    overwrite: bool | None = None,
) -> Definition:
    """Say how a metric of the open run is to be read; see `Run.define_metric`."""
    return needed_run("define_metric").define_metric(
        name, step_metric, step_sync, hidden, summary, goal, overwrite
    )


def alert(
    title: str,
    text: str = "",
    level: str | AlertLevel | None = None,
    wait_duration: float | timedelta | None = None,
) -> None:
    """Record in the open run that something needs a person's eye; see `Run.alert`."""
    needed_run("alert").alert(title, text, level, wait_duration)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """End the open run; without one, nothing happens."""
    run = current()
    if run is not None:
        run.finish(exit_code, quiet)


def login(*_: Any, **__: Any) -> bool:
    """Return ``True``: there is no account."""
    return True
