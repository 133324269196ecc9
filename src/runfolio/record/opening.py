"""Where a new run goes: its id, its folder, its segment, and what earlier segments left."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from runfolio import settings
from runfolio.capture.ranks import world_size
from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.codec import rfc3339
from runfolio.format.layout import RunPaths, check_run_id, manifest_name, run_id_at
from runfolio.format.lease import Heartbeat, claim_segment, judge, this_process
from runfolio.format.manifest import put_back, read_manifest, write_manifest
from runfolio.format.writers import WriterManifest, added_up, other_writers, sums_of
from runfolio.model.ports import Clock, Files, Ids
from runfolio.model.run import MetricSummary, Status
from runfolio.record.guard import warn_once

__all__ = [
    "Opening",
    "awaits_rank_0",
    "claim",
    "existing",
    "free",
    "newest",
    "open_folder",
]

_TRIES: Final = 1000
_COUNTED: Final = ("config", "config_source", "metrics", "summary", "counts", "metrics_upto")
RESUME: Final = ("allow", "must", "never", "auto")


@dataclass(frozen=True, slots=True)
class Opening:
    """A run directory this process may write, and what it takes over.

    Attributes
    ----------
    segment : int
        1 for a new run.
    before : mapping
        The manifest of earlier segments; empty for a new run.
    metrics : mapping of str to MetricSummary
        Their summaries, the unfinished tail of a crashed one included.
    counts : mapping of str to int
        Their counts of points, and of those that were late, doubled, not finite or refused.
    counted : mapping of str to int
        Live files of earlier segments and how far `metrics` has counted into them.
    rerun_of : str or None
        The run whose id was asked for and taken.
    largest_step : float
        The largest step that was logged so far; -1 for a new run.
    rank : int
        Process of a distributed run.
    joined : bool
        Whether another process opened the run.
    """

    folder: Path
    segment: int
    heartbeat: Heartbeat
    before: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, MetricSummary] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    counted: Mapping[str, int] = field(default_factory=dict)
    rerun_of: str | None = None
    largest_step: float = -1
    rank: int = 0
    joined: bool = False


def open_folder(
    store: Path,
    run_id: str | None,
    resume: str | bool | None,
    *,
    files: Files,
    clock: Clock,
    ids: Ids,
) -> Opening:
    """Create a run directory, or take the next segment of one.

    Parameters
    ----------
    run_id : str or None
        The user's own id; without it one is made from the time.
    resume : bool or str, optional
        ``allow``, ``must``, ``never`` or ``auto``; ``True`` means ``allow``. Without an id
        ``auto`` begins a new run: whoever calls has looked for the one to go on with.

    Raises
    ------
    UsageError
        The id is not allowed, ``must`` finds no run, ``never`` finds one.
    StoreUnusable
        The store cannot be made.
    """
    policy = _policy(resume)
    settings.make_store(store)
    if run_id is None:
        if policy == "must":
            raise UsageError("resume='must' needs the id of the run: init(id=…, resume='must').")
        return _new(store, None, files=files, clock=clock, ids=ids)
    check_run_id(run_id)
    begun = _begun_by_other_ranks(store, run_id)
    if begun is not None:
        segment, heartbeat = claim(store / begun, files)
        return Opening(store / begun, segment, heartbeat,
                       rerun_of=run_id if begun != run_id else None)  # fmt: skip
    there = existing(store, run_id)
    if there is None:
        if policy == "must":
            raise UsageError(
                f"There is no run {run_id!r} to resume in {store}. Leave resume out to begin it."
            )
        return _new(store, run_id, files=files, clock=clock, ids=ids)
    if policy == "never":
        raise UsageError(f"The run {run_id!r} exists already and resume is 'never'.")
    if policy is not None:
        return _next_segment(store / there, files)
    opening = _new(store, free(store, run_id), files=files, clock=clock, ids=ids, rerun_of=there)
    warn_once(
        f"id {run_id}",
        f"A run {run_id!r} exists; this one is {opening.folder.name!r}, linked as its re-run. "
        "Pass resume='allow' to go on with the old one.",
    )
    return opening


def _policy(resume: str | bool | None) -> str | None:
    if resume is None or resume is False:
        return None
    policy = "allow" if resume is True else str(resume).lower()
    if policy in ("true", "1"):
        policy = "allow"
    if policy not in RESUME:
        raise UsageError(f"resume is {resume!r}; expected one of {', '.join(RESUME)}.")
    return policy


def existing(store: Path, run_id: str) -> str | None:
    """Return the folder that has this id, whatever its case: some file systems do not tell."""
    wanted = run_id.casefold()
    with contextlib.suppress(OSError):
        for path in store.iterdir():
            if path.name.casefold() == wanted:
                return path.name
    return None


def newest(store: Path, run_id: str) -> str | None:
    """Return the newest of ``x``, ``x-2``, ``x-3`` … that is there: those begun under one id."""
    found = existing(store, run_id)
    number = int(free(store, run_id).rpartition("-")[2]) - 1
    return existing(store, f"{run_id}-{number}") if found and number > 1 else found


def awaits_rank_0(folder: Path) -> bool:
    """Return whether a run was begun by other ranks, and nobody opened it yet."""
    beats = RunPaths(folder).parts("heartbeat", "")
    return not RunPaths(folder).manifest.exists() and all(name.rank for name, _ in beats)


def _begun_by_other_ranks(store: Path, run_id: str) -> str | None:
    """Return the run of this id that the other ranks of this process's job have begun."""
    if world_size() == 1:
        return None
    found = newest(store, run_id)
    return found if found is not None and awaits_rank_0(store / found) else None


def free(store: Path, run_id: str) -> str:
    """Return the first of ``<id>-2``, ``<id>-3`` … that no run has."""
    number = 2
    while existing(store, f"{run_id}-{number}") is not None:
        number += 1
    return f"{run_id}-{number}"


def _new(
    store: Path,
    run_id: str | None,
    *,
    files: Files,
    clock: Clock,
    ids: Ids,
    rerun_of: str | None = None,
) -> Opening:
    for _ in range(_TRIES):
        name = run_id or run_id_at(rfc3339(clock.time_ns() // 1_000_000), ids.token())
        try:
            (store / name).mkdir()
        except FileExistsError:
            # Another process took it between the look and the making: one of our own ranks?
            if run_id is not None and name != _begun_by_other_ranks(store, run_id):
                run_id = free(store, run_id)
                continue
            if run_id is None:
                continue
        except OSError as error:
            raise settings.unusable(store, error) from error
        segment, heartbeat = claim(store / name, files)
        return Opening(store / name, segment, heartbeat, rerun_of=rerun_of)
    raise UsageError(f"No free name for a run in {store} after {_TRIES} tries.")


def claim(folder: Path, files: Files, *, rank: int = 0) -> tuple[int, Heartbeat]:
    """Return the next free segment of a run and its heartbeat.

    Raises
    ------
    StoreUnusable
        The folder cannot be written.
    """
    try:
        return claim_segment(folder, files, rank=rank)
    except OSError as error:
        raise settings.unusable(folder.parent, error) from error


def _give_a_manifest_of_its_own(folder: Path, before: Mapping[str, Any], files: Files) -> None:
    """Leave a segment that is still at work what it would write within seconds, if it lives.

    Killed before, its points would be nobody's: ``run.json`` is about to be the newer one's.
    """
    old = WriterManifest.of(before)
    another = before.get("pid") != this_process()["pid"]
    if another and old.is_running and judge(before, None)[0] is Status.RUNNING:
        counted_nothing: dict[str, Any] = {key: {} for key in _COUNTED}
        apart = manifest_name(old.segment, old.rank)
        write_manifest(folder, {**before, **counted_nothing}, files, apart=apart)


def _next_segment(folder: Path, files: Files) -> Opening:
    segment, heartbeat = claim(folder, files)
    opening = Opening(folder, segment, heartbeat)
    with contextlib.suppress(CorruptRecord):
        before = read_manifest(folder)
        put_back(folder, before, [])
        others, _ = other_writers(folder)
        # For a crashed segment this counts what it had logged past its last manifest.
        sums = sums_of(folder, WriterManifest.of(before), others, tails=True)
        # Those that joined, and other ranks, go on telling their own part themselves.
        mine = added_up([one for one in sums if not one.writer.rank and not one.writer.joined])
        largest = max(one.largest_step for one in sums if not one.writer.rank)
        with contextlib.suppress(OSError):
            _give_a_manifest_of_its_own(folder, before, files)
        return replace(opening, before=before, metrics=mine.metrics, counts=mine.counts,
                       counted=mine.upto, largest_step=largest)  # fmt: skip
    return opening
