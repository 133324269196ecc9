"""One short run in this process that does a little of everything, on a disk that may fail.

The same calls in the same order each time: no thread, a clock that moves when it is read. So "the
n-th ``fsync``" means the same in every life, and a sweep can let each call fail in turn.
"""

from __future__ import annotations

import os
import re
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from tests.faults.oracle import fingerprint

from runfolio.errors import StoreUnusable
from runfolio.format.check import check_run
from runfolio.format.edits import write_edit
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.format.series import read_points
from runfolio.model.ports import Files
from runfolio.record.guard import guard
from runfolio.record.run import Run
from runfolio.record.session import Session
from runfolio.record.writer import Writer
from runfolio.testing import FixedClock, FixedIds

STEPS = 14
KEY = "Größe"
"""Two bytes in UTF-8 for two of its letters: short writes end inside of them."""


@dataclass
class Diary:
    """What the program was told while it ran.

    Attributes
    ----------
    logged : list of float
        The value of each ``log`` that returned, by step.
    events : Counter
        What else was said: kind of the event → how often.
    saved : dict
        Path of a saved file → content it had.
    refused : str
        Why there is no run at all.
    told : list of str
        The warnings.
    """

    folder: Path
    logged: list[float] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    saved: dict[str, bytes] = field(default_factory=dict)
    refused: str = ""
    told: list[str] = field(default_factory=list)


def live(
    store: Path, files: Files, *, steps: int = STEPS, before_the_end: Callable[[], None] = int
) -> Diary:  # fmt: skip
    """Live one run from its beginning to its end and return what was promised.

    Parameters
    ----------
    before_the_end : callable
        Called when all is logged and the run is about to finish.
    """
    diary = Diary(store / "life")
    quiet = {"RUNFOLIO_DIR": str(store), "RUNFOLIO_SILENT": "1", "RUNFOLIO_CAPTURE": "0",
             "RUNFOLIO_STRICT": "0"}  # fmt: skip
    with (
        warnings.catch_warnings(record=True) as told,
        mock.patch.dict(os.environ, quiet),
        mock.patch.object(Writer, "start"),
    ):
        warnings.simplefilter("always")
        session = Session(files, FixedClock(tick_ms=1), FixedIds())
        try:
            run = session.open({"id": "life", "tags": ["first"]})
        except StoreUnusable as error:
            diary.refused = str(error)
        else:
            _train(run, diary, steps)
            before_the_end()
            run.finish()
    diary.told = [str(warning.message) for warning in told]
    return diary


def _train(run: Run, diary: Diary, steps: int) -> None:
    writer = run.life.writer
    for n in range(steps):
        run.log({KEY: n + 0.25, "lr": 0.1} | ({"note": "Grüße"} if n == 3 else {}))
        diary.logged.append(n + 0.25)
        if n == 3:
            _say_more(run, diary)
        if n == 7:
            write_edit(run.path, "add", "tags", "by another")
        if n % 2:
            writer.flush()
        if n % 4 == 3:
            writer._sync_beside()
            with guard("the writer's housekeeping"):
                writer._tick()


def _say_more(run: Run, diary: Diary) -> None:
    run.tags = ("first", "second")
    run.config.update({"lr": 0.1})
    run.define_metric(KEY, summary="max")
    diary.events.update(["text", "tags", "config", "define", "status"])
    source = run.path.parent / "weights.bin"
    source.write_bytes(bytes(range(256)))
    try:
        saved = run.save(source, base_path=source.parent, policy="now")
    except OSError:
        return  # told to the caller, who asked for just this
    diary.saved |= {path: source.read_bytes() for path in saved}
    diary.events.update(["saved"] * len(saved))


def what_is_wrong(diary: Diary) -> list[str]:
    """Return, in words, where the folder is not what the program was promised."""
    if diary.refused:
        return [f"a run of {len(diary.logged)} points was refused"] if diary.logged else []
    found = values_found(diary.folder)
    missing = Counter(diary.logged) - Counter(found)
    extra = Counter(found) - Counter(diary.logged)
    problems = [
        f"{what}: {sorted(points)}"
        for what, points in (("lost", missing), ("doubled or invented", extra))
        if points
    ]
    before = fingerprint(diary.folder)
    problems += _what_run_json_says(diary)
    events = Counter(str(event["kind"]) for event in read_events(diary.folder))
    if events != diary.events:
        problems.append(f"events {dict(events)}, said {dict(diary.events)}")
    problems += [
        f"{path} is not what was saved"
        for path, content in diary.saved.items()
        if not Path(path).is_file() or Path(path).read_bytes() != content
    ]
    problems += _what_check_finds(diary.folder)
    left = sorted(path.name for path in diary.folder.rglob("*.tmp"))
    if left or fingerprint(diary.folder) != before:
        problems.append(f"left behind or changed by reading: {left}")
    return problems + _said_twice(diary)


def _what_run_json_says(diary: Diary) -> list[str]:
    record = read_record(diary.folder)
    summary = record.metrics.get(KEY)
    wanted: dict[str, Any] = {
        "status": "finished", "tags": {"first", "second", "by another"}, "n": len(diary.logged),
        "refused": 0,
    }  # fmt: skip
    found: dict[str, Any] = {
        "status": record.status.value, "tags": set(record.tags), "n": summary.n if summary else 0,
        "refused": record.counts.get("refused"),
    }  # fmt: skip
    wrong = [f"run.json says {found}, expected {wanted}"] if found != wanted else []
    return [*record.problems, *wrong]


def what_was_kept_quiet(diary: Diary) -> list[str]:
    """Return, in words, what is missing without a word, where the disk refuses for ever.

    What it took must be whole: the first points without a hole.
    """
    if diary.refused:
        return what_is_wrong(diary)
    found = values_found(diary.folder)
    problems = [] if found == diary.logged[: len(found)] else [f"a hole: {found}"]
    told = re.search(r"did not take ([\d,]+) rows", "\n".join(diary.told))
    lost, said = len(diary.logged) - len(found), int(told[1]) if told else 0
    # What was written and never synced is told as lost, though it may be there.
    if said < lost:
        problems.append(f"{lost} lost, {said} told")
    return problems + _said_twice(diary)


def values_found(folder: Path) -> list[float]:
    pieces = read_points(folder, [KEY]).get(KEY, [])
    return sorted(float(value) for piece in pieces for value in piece.value)


def _what_check_finds(folder: Path) -> list[str]:
    return [f"{one.file}: {one.fault}" for one in check_run(folder) if one.severity == "fault"]


def _said_twice(diary: Diary) -> list[str]:
    return [f"said {n} times: {words}" for words, n in Counter(diary.told).items() if n > 1]


def check_that_nothing_is_lost(diary: Diary) -> None:
    """Assert that the folder holds all the program was promised, and each thing once."""
    problems = what_is_wrong(diary)
    assert problems == [], "\n".join(problems)


def check_that_all_loss_is_told(diary: Diary) -> None:
    """Assert that the folder is whole as far as it goes, and that the rest was told as lost."""
    problems = what_was_kept_quiet(diary)
    assert problems == [], "\n".join(problems)
