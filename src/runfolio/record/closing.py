"""The end of a run, step by step; each step leaves a directory that can be read."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from runfolio.errors import CorruptRecord
from runfolio.format.seal import write_seal
from runfolio.record.console import console
from runfolio.record.greeting import goodbye
from runfolio.record.guard import guard, warn_once
from runfolio.record.monitor import monitor
from runfolio.record.neighbours import convert_later
from runfolio.record.patience import within
from runfolio.record.process import HeldSignals

if TYPE_CHECKING:
    from runfolio.record.life import Life
    from runfolio.record.media.writer import MediaWriter

__all__ = ["close"]

PATIENCE_S: Final = 5.0
"""``finish`` takes at most about this long, whatever is left to do; so does the end of a process."""

# Of several runs that end with their process the last ones get this much at least for their points.
_LEAST_S: Final = 0.5

# Of it so much is kept for what comes after the media.
_KEPT_S: Final = 1.5

# Sealing takes about this long at least, if there is so much; what captured code is worth hangs on it.
_SEALING_S: Final = 0.5

# What is left of the generators' states, a few files of 10 kB, takes a few milliseconds.
_STATES_S: Final = 1.0

# Local modules that a later cell imported: reading and searching a few files takes milliseconds.
_MODULES_S: Final = 1.0

# To which distributions some thousand modules belong: 10 to 50 ms.
_USED_S: Final = 1.0

# What was read last, and could not be hashed beside the training.
_DATA_S: Final = 1.0

# Samples of the machine, some lines, that the disk still has to confirm.
_SAMPLES_S: Final = 1.0

# Converting is about this fast on a busy machine; a part that would not fit is left for later.
_BYTES_PER_S: Final = 12_000_000


def close(life: Life, settled: Callable[[], None], *, quiet: bool) -> None:
    """Write, sum up and seal a run that has ended.

    Parameters
    ----------
    settled : callable
        Called when points and status are on the disk: an interrupt of what follows leaves a
        run that says how it ended.
    """
    deadline = min(time.monotonic() + PATIENCE_S, life.ends_by)
    if life.media is not None:
        _finish_media(life, life.media, settled, deadline)
    if life.snapshot is not None:
        life.snapshot.finish_states(_STATES_S)  # they are told as events, which end now
    with HeldSignals():
        written = life.writer.close(_at_most(PATIENCE_S / 2, deadline))
        with guard("writing the manifest"):
            life.refresh(final=True)
    settled()
    sampled = _finish_beside(life, deadline)
    if not life.document.joined:
        with guard("writing the executed cells"):
            _write_cells(life)
    left = False
    if written:
        with guard("converting the metrics to Parquet"):
            left = _convert(life, deadline, sampled=sampled)
    else:
        _say_what_is_lost(life)
    _take_snapshot(life, deadline)
    with guard("writing the manifest"):
        life.refresh(final=True, whole=True)
    _complete(life, deadline, sampled=sampled)
    if life.heartbeat is not None:
        life.heartbeat.close()
    if left:
        with guard("having the rest converted"):
            convert_later(life.folder.parent)
    if not quiet and not life.document.joined and not life.shows_its_end():
        _say_goodbye(life)


def _at_most(seconds: float, deadline: float) -> float:
    return max(min(seconds, _LEAST_S), min(seconds, deadline - time.monotonic()))


def _finish_beside(life: Life, deadline: float) -> bool:
    """End what goes on beside the points.

    Returns
    -------
    bool
        Whether the file of samples is closed: one that a hanging disk holds is not converted, and
        nothing is sealed that may still change.
    """
    sampled = monitor.leave(life, _at_most(_SAMPLES_S, deadline))
    with guard("keeping the program's output"):
        console.finish_for(life)
    if life.data is not None:
        with guard("writing the data down"):
            life.data.finish(_at_most(_DATA_S, deadline))
    with guard("comparing the names of the metrics"):
        life.upkeep.naming.look_at_the_end()
    with guard("saving files at the end"):
        life.saved.finish()
    with guard("taking in the last edits"):
        life.take_edits()
    return sampled


def _finish_media(
    life: Life, media: MediaWriter, settled: Callable[[], None], deadline: float
) -> None:
    """Write what waits of images and the like; the points and the status are safe before."""
    life.writer.flush()
    with guard("writing the manifest"):
        life.refresh(final=True)
    settled()
    with guard("writing the last media"):
        media.finish(deadline - time.monotonic() - _KEPT_S)


def _complete(life: Life, deadline: float, *, sampled: bool) -> None:
    """Write the page of the run and seal it; who joined seals only what is its own."""
    joined = life.document.joined
    if life.heartbeat is None or not life.heartbeat.lies_where_it_began():
        return  # the folder was moved: its page and its seal have no place
    # A page can be made anew at any time; points and status are there already.
    late = time.monotonic() > deadline
    for observer in [] if joined or late else life.observers:
        with guard("writing the journal"):
            observer.finished(life.folder)
    if life.writer.is_closing or not sampled:
        return  # the last sums are still to come
    with guard("sealing the run"):
        part = (life.paths.rank, life.segment) if joined or life.upkeep.is_superseded() else None
        within_s = max(_SEALING_S, deadline - time.monotonic())
        write_seal(life.folder, life.files, part_of=part, within_s=within_s)


def _take_snapshot(life: Life, deadline: float) -> None:
    if life.snapshot is None:
        return
    # It began with the run: for all but the shortest runs it was done long ago.
    if not life.snapshot.wait(max(0.1, deadline - time.monotonic())):
        warn_once("capture", "The capture of code and environment was not done in time.")
    else:
        with guard("copying the modules imported since"):
            within(_MODULES_S, life.snapshot.take_modules)
        with guard("recording what was imported"):
            within(_USED_S, life.snapshot.write_used)
    life.document.facts |= life.snapshot.facts


def _say_what_is_lost(life: Life) -> None:
    if life.writer.is_closing:
        warn_once(
            "unconfirmed",
            f"The disk has not confirmed in time what the run {life.document.run_id} wrote last. It "
            "is in its files, and safe from a power cut once the disk has caught up.",
        )
        return
    left, refused = life.writer.unwritten, life.writer.refused
    if not left and not refused:
        return  # a disk that hung took all of it at last
    more = f", and {refused:,} values found no room in memory" if refused else ""
    warn_once(
        "unwritten",
        f"The disk did not take {left:,} rows of the run {life.document.run_id} before it "
        f"ended{more}; they are lost. What it took is whole.",
    )


def _write_cells(life: Life) -> None:
    from runfolio.format.cells import cells_notebook, executed_cells

    cells = executed_cells(life.folder)
    if cells:
        life.paths.code.mkdir(exist_ok=True)
        life.files.replace(life.paths.code / "cells.ipynb", cells_notebook(cells))


def _convert(life: Life, deadline: float, *, sampled: bool) -> bool:
    """Turn the live parts of this segment into Parquet while the time lasts.

    Parameters
    ----------
    sampled : bool
        Whether the samples of the machine may be converted, too.

    Returns
    -------
    bool
        Whether the time was too short for some; they are readable as they are.
    """
    from runfolio.format.finished import convert_part, pyarrow_is_installed, unconverted

    if not pyarrow_is_installed():
        return False
    for kind in ("metrics", "system") if sampled else ("metrics",):
        first_row = 0
        for part in unconverted(life.folder, kind):
            if (part.name.rank, part.name.segment) != (life.paths.rank, life.segment):
                continue
            size = part.path.stat().st_size
            if time.monotonic() + size / _BYTES_PER_S > deadline:
                return True
            try:
                first_row += convert_part(part, life.files, first_row=first_row)
            except CorruptRecord as error:
                warn_once("conversion", str(error))
                return False
    return False


def _say_goodbye(life: Life) -> None:
    document = life.document
    goodbye(
        document.status,
        document.run_id,
        str(document.labels["name"]),
        points=life.upkeep.counts.get("points", 0),
        duration_s=document.duration_s or 0.0,
        folder=life.folder,
        # Who has nothing captured knows that it is not there.
        complete=life.upkeep.complete if life.snapshot is not None else {},
    )
