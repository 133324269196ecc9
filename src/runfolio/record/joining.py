"""Taking part in a run that another process opens: as a further writer, or as one of its ranks."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.capture import ranks
from runfolio.errors import CorruptRecord, UsageError, did_you_mean
from runfolio.format.layout import check_run_id, is_run_id
from runfolio.format.lease import this_process
from runfolio.format.manifest import read_manifest, read_record
from runfolio.format.writers import WriterManifest, other_writers, sums_of
from runfolio.model.ports import Files
from runfolio.record.config_sources import take_given
from runfolio.record.guard import warn_once
from runfolio.record.opening import Opening, awaits_rank_0, claim, free, newest
from runfolio.record.values import plain

if TYPE_CHECKING:
    from runfolio.record.joined_code import JoinedCode
    from runfolio.record.life import Life
    from runfolio.record.run import Run

__all__ = [
    "Place",
    "add_tags",
    "adopt_labels",
    "code_of",
    "join",
    "labels_given",
    "may_join",
    "means_another",
    "merge",
    "outer_run",
    "place_of",
    "place_to_join",
    "tell_of_another",
]

WAIT_S: Final = 1.0
"""So long a rank above 0 waits for rank 0 to begin the run; then it makes the folder itself."""

WAIT_FOR_NEXT_S: Final = 10.0
"""The same where a run of that id has ended: rank 0 decides what follows it."""

_LOOK_S: Final = 0.05

_LABELS: Final = ("name", "project", "group", "job_type", "notes")


@dataclass(frozen=True, slots=True)
class Place:
    """Where and as what a process takes part.

    Attributes
    ----------
    folder : Path
        The run directory.
    rank : int
        0 for a further writer beside the one that opened the run.
    """

    folder: Path
    rank: int = 0


def place_to_join(store: Path, run_id: str, asked: object) -> Place:
    """Return where a process takes part that names a run by its whole id.

    Parameters
    ----------
    asked : int, optional
        The rank; by default what the launcher says.

    Raises
    ------
    UsageError
        There is no such run; the message names the nearest. Or it had ended before this process
        was started, or was ended by it.
    """
    check_run_id(run_id)
    folder, rank = store / run_id, rank_asked(asked)
    if folder.is_dir() and not folder.is_symlink():
        if not rank:  # others end and go on as the first rank does
            _refuse_ended(folder)
        return Place(folder, rank)
    known: list[str] = []
    with contextlib.suppress(OSError):
        known = [path.name for path in store.iterdir() if is_run_id(path.name)]
    raise UsageError(
        f"There is no run {run_id!r} to attach to in {store}.{did_you_mean(run_id, known)} Give the "
        "whole id of a run that was opened with init(), and dir= if it lies in another store."
    )


def _folder_of_rank(store: Path, run_id: str, *, resume: bool) -> Path:
    """Return the directory of the run that rank 0 opens under this id, made here if need be.

    Rank 0 may come earlier or later. Where a run of that id has ended already, rank 0 begins a
    new one beside it, and that one is meant.

    Parameters
    ----------
    resume : bool
        Whether rank 0 goes on with a run that has ended.
    """
    check_run_id(run_id)
    settings.make_store(store)
    begun = time.monotonic()
    while True:
        found = newest(store, run_id)
        if found is not None and (resume or _is_open(store / found)):
            return store / found
        if time.monotonic() - begun >= (WAIT_FOR_NEXT_S if found else WAIT_S):
            break
        time.sleep(_LOOK_S)
    folder = store / (free(store, run_id) if found else run_id)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise settings.unusable(store, error) from error
    return folder


def _is_open(folder: Path) -> bool:
    """Return whether rank 0 is at work there, has yet to come, or was there for this very job."""
    if awaits_rank_0(folder):
        return True
    record = read_record(folder)
    if not record.status.ended or record.ended_at is None:
        return not record.status.ended
    # The run of a job before this one had ended when this process was started.
    return record.ended_at.timestamp() > _started_at()


def _refuse_ended(folder: Path) -> None:
    """Raise where a run has ended; a worker that comes too late still takes part."""
    if awaits_rank_0(folder):
        return
    record = read_record(folder)
    here = this_process()
    by_us = (record.pid, record.host) == (here["pid"], here["host"]) and record.status.ended
    if by_us or not _is_open(folder):
        raise UsageError(
            f"attach({folder.name!r}): the run has ended ({record.status.value}), and attach() takes "
            "part in one that goes on. To go on with it: "
            f"runfolio.init(id={folder.name!r}, resume='must')."
        )


def _started_at() -> float:
    """Return when this process was started, in seconds since 1970."""
    import psutil

    started = psutil.Process().create_time()
    if hasattr(time, "CLOCK_BOOTTIME"):
        # Linux tells when it booted in whole seconds: up to one too early, and a job that is
        # started again at once would take the run that it left for its own.
        booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        started += booted - psutil.boot_time()
    return started


def join(place: Place, files: Files) -> Opening:
    """Claim a segment of the run for this process.

    Returns
    -------
    Opening
        Without summaries of its own; ``before`` holds what the run is called and its settings.
    """
    record = read_record(place.folder)
    segment, heartbeat = claim(place.folder, files, rank=place.rank)
    before: dict[str, Any] = {}
    owner: Mapping[str, Any] = {}
    others, _ = other_writers(place.folder)
    with contextlib.suppress(CorruptRecord):
        owner = read_manifest(place.folder)
    if owner or others:
        before = {name: getattr(record, name) for name in _LABELS}
        before |= {"tags": list(record.tags), "config": dict(record.config)}
    sums = sums_of(place.folder, WriterManifest.of(owner), others, tails=True)
    mine = [one for one in sums if one.writer.rank == place.rank]
    if any(one.taken_over and one.writer.is_running for one in mine):
        mine.append(sums[0])  # what a killed one logged last, only the owner has counted
    return Opening(
        place.folder, segment, heartbeat, before,
        largest_step=max((one.largest_step for one in mine), default=-1), rank=place.rank, joined=True,
    )  # fmt: skip


def place_of(store: Path, run_id: str | None, *, resume: object) -> Place | None:
    """Return where this process takes part when it asks for a run; ``None``: in one of its own.

    It does in the run that ``runfolio run`` keeps of its program, and, as a rank above 0 of a
    distributed job, in the run of the id that the whole job was given.
    """
    rank = ranks.rank()
    attached = settings.read("attach")
    if attached:
        folder = Path(attached)
        if folder.is_dir():
            return Place(folder, rank)
        warn_once("attach", f"RUNFOLIO_ATTACH names {attached}, which is not there: a run of its own "
                  "is opened.")  # fmt: skip
    if rank and run_id:
        return Place(_folder_of_rank(store, run_id, resume=bool(resume)), rank)
    return None


def may_join(owner: str, given: Mapping[str, Any]) -> bool:
    """Return whether who opens a run takes one that another process opened, if there is one.

    A callback that says whose child its run is wants one of its own.
    """
    if owner == "callback":
        return given.get("parent") is None
    return owner == "init" and given.get("reinit") != "create_new"


def outer_run() -> str | None:
    """Return the id of the run inside which this process makes one of its own."""
    attached = settings.read("attach")
    return Path(attached).name if attached else None


def code_of(life: Life) -> JoinedCode | None:
    """Return what keeps the modules of a process that joined the run of a command."""
    attached = settings.read("attach")
    if not life.document.joined or not attached or not _is(life.folder, attached):
        return None
    from runfolio.record.joined_code import JoinedCode

    return JoinedCode(life.paths, life.files, life.redaction, life.segment)


def _is(folder: Path, attached: str) -> bool:
    try:
        return folder.samefile(attached)
    except OSError:
        return False


def means_another(given: Mapping[str, Any], first: Mapping[str, Any]) -> bool:
    """Return whether an ``init`` after the end of the first means another run, as for the next fold.

    It does where it names it otherwise, or has other settings: they would stand in one run as if
    all of its points came of the first.
    """
    return any(
        given.get(name) is not None and plain(given[name]) != plain(first.get(name))
        for name in ("id", "name", "group", "job_type", "config")
    )


def tell_of_another(given: Mapping[str, Any], first: Mapping[str, Any]) -> None:
    """Warn once where a tracked cell takes in what would be several runs by themselves."""
    if means_another(given, first):
        warn_once(
            "another run",
            "init() joins the run that a tracked cell or a callback opened, so several runs stand in "
            "one now: their points follow one another, and the last settings go for all. Leave %%track "
            "or the callback out, and each init() makes a run of its own.",
        )


def labels_given(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the labels that a program gave to an ``init`` that joined."""
    return {name: str(given[name]) for name in _LABELS if given.get(name)}


def adopt_labels(life: Life, given: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """Name a run as the first ``init`` that joins it does, where nobody named it before.

    Parameters
    ----------
    asked : mapping
        The keywords that the run was opened with.
    """
    before = labels_given(asked)
    for name, value in labels_given(given).items():
        if name not in before:
            life.set_label(name, value)


def merge(run: Run, given: Mapping[str, Any]) -> None:
    """Take what an ``init`` was given into the run that it joined."""
    take_given(run.life.config, given)
    if given.get("tags"):
        add_tags(run, given["tags"])
    if given.get("notes") and not run.notes:
        run.notes = str(given["notes"])


def add_tags(run: Run, tags: Any) -> None:
    """Give a run one tag more, or several."""
    run.tags = (*run.tags, *([tags] if isinstance(tags, str) else tags))


def rank_asked(asked: object) -> int:
    """Return the rank that somebody asked for, by default what the launcher says.

    Raises
    ------
    UsageError
        It is no whole number from 0 on.
    """
    if asked is None:
        return ranks.rank()
    if type(asked) is not int or not 0 <= asked < 10**9:
        raise UsageError(f"attach: rank is {asked!r}; expected a whole number from 0 on.")
    return asked
