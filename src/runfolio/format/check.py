"""Is a run directory as the format says? Names what is not, and mends nothing."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from runfolio.errors import CorruptRecord
from runfolio.format import seal
from runfolio.format.check_logs import check_logs
from runfolio.format.check_media import check_media
from runfolio.format.claim import all_claims, fault_of, is_stale
from runfolio.format.disk import SystemClock, read_small
from runfolio.format.edits import read_edits
from runfolio.format.finding import Finding
from runfolio.format.layout import RunPaths, is_run_id
from runfolio.format.lease import SKEW_S
from runfolio.format.manifest import read_record

__all__ = ["check_run"]


def check_run(folder: Path) -> list[Finding]:
    """Return what is wrong with a run directory; an empty list means it is sound.

    Raises
    ------
    RunNotFound
        The folder is not there.
    """
    record = read_record(folder)
    found = [_problem(problem) for problem in record.problems]
    if not is_run_id(folder.name):
        found.append(Finding(".", None, f"{folder.name!r} is no valid run id"))
    found += [_problem(problem) for problem in read_edits(folder)[1]
              if problem not in record.problems]  # fmt: skip
    found += check_logs(folder)
    found += check_media(folder)
    found += _heartbeats(folder)
    found += _claims(folder)
    found += _strangers(folder, "")
    try:
        found += [Finding(name, None, fault) for name, fault in seal.faults(folder)]
    except CorruptRecord as error:
        found.append(Finding("seal.json", None, str(error)))
    return found


def _problem(problem: str) -> Finding:
    """Return what a reader found as a finding of the file that it names first."""
    name = problem.partition(" ")[0].rstrip(":")
    return Finding(name if name.endswith(".json") else "run.json", None, problem)


def _heartbeats(folder: Path) -> Iterator[Finding]:
    latest_ms = SystemClock().time_ns() / 1e6 + SKEW_S * 1000
    for _, path in RunPaths(folder).parts("heartbeat", ""):
        try:
            content = read_small(path, 64)
            if content and not (len(content) == 14 and content[:13].isdigit()):
                raise CorruptRecord(f"{content[:20]!r} is no time")
            if content and int(content[:13]) > latest_ms:
                yield Finding(path.name, None, "lies in the future", "note")
        except (CorruptRecord, OSError) as error:
            yield Finding(path.name, 0, str(error), "note")


def _claims(folder: Path) -> Iterator[Finding]:
    for path in all_claims(folder):
        fault = fault_of(folder, path.name.removesuffix(".claim"))
        if fault:
            yield Finding(path.name, None, f"given up: {fault}", "note")
        elif is_stale(path):
            yield Finding(path.name, None, "nobody works under it any more; gc removes it", "note")


def _strangers(folder: Path, inside: str) -> Iterator[Finding]:
    """Name what is neither a file nor a folder; nothing of it is opened or followed."""
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        yield Finding(inside or ".", None, f"cannot be listed: {error.strerror or error}")
        return
    for path in paths:
        mode, name = path.lstat().st_mode, inside + path.name
        if stat.S_ISDIR(mode):
            yield from _strangers(path, f"{name}/")
        elif stat.S_ISLNK(mode):
            yield Finding(name, None, "is a link; a run holds files of its own")
        elif not stat.S_ISREG(mode):
            yield Finding(name, None, "is neither a file nor a folder")
