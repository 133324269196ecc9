"""Every call by which a run reaches the disk fails once, in turn, and once for ever.

As SQLite's loops do it: the n-th call fails, for n = 1, 2, … until a whole life passes without
the fault coming up. How often it came up is a lower bound here: a sweep that shrinks has lost
sight of something.
"""

from __future__ import annotations

import errno
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.faults.oracle import FULL, Verdicts
from tests.faults.short_life import (
    KEY,
    Diary,
    check_that_all_loss_is_told,
    check_that_nothing_is_lost,
    live,
    values_found,
)

from runfolio.testing import Fault, FaultyFiles

REPLACING = ["replace", "adopt", "put", "clone", "unlink"]
EVER = 10**9


def sweep(
    store: Path,
    fault_at: Callable[[int], Fault],
    check: Callable[[Diary], None],
    *,
    recovers: bool = False,
) -> dict[str, int]:
    """Live with the fault at the first call, the second and so on; return figures of a verdict.

    Parameters
    ----------
    recovers : bool
        Whether the fault goes away before the run finishes.
    """
    counts: Counter[str] = Counter()
    while True:
        fault = fault_at(counts["fired"] + 1)

        def recover(fault: Fault = fault) -> None:
            fault.times = 0

        diary = live(store, FaultyFiles(fault), before_the_end=recover if recovers else int)
        if fault.fired:
            check(diary)
            found = len(values_found(diary.folder))
            counts.update(fired=1, acknowledged=len(diary.logged), safe=found, found=found)
        shutil.rmtree(store / "life", ignore_errors=True)
        if not fault.fired:
            return dict(counts)


@pytest.mark.parametrize(
    ("call", "number", "at_least"),
    [
        ("create", errno.ENOSPC, 5), ("write", errno.EIO, 15), ("write", errno.ENOSPC, 15),
        ("write", errno.EINTR, 15), ("fsync", errno.EIO, 6), ("close", errno.EIO, 4),
        ("replace", errno.EIO, 5), ("unlink", errno.EIO, 2), ("put", errno.ENOSPC, 1),
        ("adopt", errno.EIO, 2), ("clone", errno.ENOSPC, 1),
    ] + FULL * [
        ("create", errno.EIO, 5), ("create", errno.ESTALE, 5), ("write", errno.EDQUOT, 15),
        ("write", errno.EFBIG, 15), ("write", errno.EAGAIN, 15), ("fsync", errno.ENOSPC, 6),
        ("replace", errno.ENOSPC, 5), ("put", errno.EIO, 1),
    ],
)  # fmt: skip
def test_one_call_that_fails_loses_nothing(
    store: Path, verdicts: Verdicts, call: str, number: int, at_least: int
) -> None:
    counts = sweep(store, lambda at: Fault(call, number, at=at), check_that_nothing_is_lost)
    verdicts.add(f"F16 {errno.errorcode[number]} at the n-th {call}", **counts)
    assert counts["fired"] >= at_least


@pytest.mark.parametrize(
    ("call", "at_least"),
    [("create", 5), ("fsync", 6), ("replace", 5), ("unlink", 2), ("put", 1), ("adopt", 2)],
)
def test_a_call_that_does_its_work_and_says_it_failed_doubles_nothing(
    store: Path, verdicts: Verdicts, call: str, at_least: int
) -> None:
    counts = sweep(
        store, lambda at: Fault(call, errno.EIO, at=at, done=True), check_that_nothing_is_lost
    )
    verdicts.add(f"F23 n-th {call} done, and told as failed", **counts)
    assert counts["fired"] >= at_least


@pytest.mark.parametrize("number", [0, errno.EIO] + FULL * [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("taken", [1, -1])
def test_a_short_write_at_every_write_loses_nothing(
    store: Path, verdicts: Verdicts, number: int, taken: int
) -> None:
    counts = sweep(
        store, lambda at: Fault("write", number, at=at, taken=taken), check_that_nothing_is_lost
    )
    verdicts.add("F14 short n-th write", **counts)
    assert counts["fired"] >= 15


@pytest.mark.parametrize("number", [errno.ENOSPC] + FULL * [errno.EIO])
def test_a_line_cut_at_each_of_its_bytes_is_made_whole(
    store: Path, verdicts: Verdicts, number: int
) -> None:
    line = len(f'{{"step":0,"time":1795383045123,"values":{{"{KEY}":0.25,"lr":0.1}}}}\n'.encode())
    cuts = range(1, line) if FULL else [1, *range(line - 24, line, 3)]
    for taken in cuts:
        fault = Fault("write", number, at=2, taken=taken, name="metrics.jsonl")
        check_that_nothing_is_lost(live(store, FaultyFiles(fault)))
        assert fault.fired == 2
        shutil.rmtree(store / "life")
    verdicts.add("F14 write cut at each byte of a line", fired=2 * len(cuts))


@pytest.mark.parametrize("number", [errno.ENOSPC] + FULL * [errno.EIO, errno.EROFS])
@pytest.mark.parametrize("calls", [3, EVER], ids=["for three calls", "until the end comes"])
def test_a_disk_that_refuses_everything_for_a_while_loses_no_point(
    store: Path, verdicts: Verdicts, number: int, calls: int
) -> None:
    counts = sweep(
        store,
        lambda at: Fault("", number, at=at, times=calls),
        check_that_nothing_is_lost,
        recovers=True,
    )
    verdicts.add(f"F10 {errno.errorcode[number]} from the n-th call on, then none", **counts)
    assert counts["fired"] >= 20


@pytest.mark.parametrize("number", [errno.ENOSPC] + FULL * [errno.EIO, errno.EROFS])
@pytest.mark.parametrize(("call", "at_least"), [("", 35), ("write", 15), ("fsync", 6)])
def test_a_disk_that_refuses_for_ever_keeps_what_it_took_and_the_rest_is_told(
    store: Path, verdicts: Verdicts, number: int, call: str, at_least: int
) -> None:
    counts = sweep(
        store, lambda at: Fault(call, number, at=at, times=EVER), check_that_all_loss_is_told
    )
    what = call or "call"
    verdicts.add(f"F11 {errno.errorcode[number]} from the n-th {what} on for ever", **counts)
    assert counts["fired"] >= at_least
