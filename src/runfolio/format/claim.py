"""Work on a run that one process at a time shall do: claimed by creating a file, without any lock.

The claim of a piece of work is ``<work>.claim``. One that is stale (its process is gone, or it is
older than ten minutes) is not removed by who takes over, for two that do so would remove each
other's: they create ``<work>.2.claim`` exclusively, and so on. The highest number holds the work.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format import codec
from runfolio.format.disk import SystemClock, read_small
from runfolio.format.lease import started_at, this_process
from runfolio.model.ports import Clock, Files

__all__ = ["STALE_S", "Claim", "all_claims", "claim", "claims", "fault_of", "is_stale"]

STALE_S: Final = 600.0
"""A claim that is older is taken over; nothing that is claimed takes so long."""

_PLACE: Final = ("host", "boot_id", "pid_namespace")
_NAME: Final = re.compile(r"(?P<work>[a-z.].*?)(?:\.(?P<number>[0-9]{1,6}))?\.claim\Z")


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece of work that is this process's own until it is given back.

    Attributes
    ----------
    path : Path
        The file that says so.
    """

    path: Path
    _work: str
    _files: Files

    def release(self) -> None:
        """Give the work back: the claim is removed, and the stale ones that it replaced."""
        found = claims(self.path.parent, self._work).values()
        # One that another has just created is not ours to remove: it may hold the work by now.
        self._remove(path for path in found if path == self.path or is_stale(path))

    def keep_fault(self, fault: str) -> None:
        """Leave word of why the work cannot be done, so that it is not tried again and again."""
        body = dict(_read(self.path)) | {"fault": fault}
        self._files.replace(self.path, codec.dumps(body) + b"\n")
        found = claims(self.path.parent, self._work).values()
        self._remove(path for path in found if path != self.path)

    def _remove(self, paths: Iterable[Path]) -> None:
        for path in paths:
            with contextlib.suppress(OSError):
                self._files.unlink(path)


def claim(folder: Path, work: str, files: Files, clock: Clock | None = None) -> Claim | None:
    """Claim a piece of work, or return ``None`` where another process has it.

    Parameters
    ----------
    work : str
        Its name, ``convert.metrics.jsonl``. Whoever gets it looks again whether there is still
        something to do.
    """
    clock = clock or SystemClock()
    before = claims(folder, work)
    if not all(is_stale(path, clock) for path in before.values()):
        return None
    number = max(before, default=0) + 1
    path = folder / (f"{work}.claim" if number == 1 else f"{work}.{number}.claim")
    who = {key: this_process()[key] for key in (*_PLACE, "pid", "pid_started_at")}
    body = {**who, "time": clock.time_ns() // 1_000_000}
    try:
        files.write_new(path, codec.dumps(body) + b"\n")
    except FileExistsError:
        return None
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()  # half written
        raise
    mine = Claim(path, work, files)
    # Whoever held it may have given it back since it was looked at, and others taken it.
    others = [other for other in claims(folder, work).values() if other != path]
    if all(is_stale(other, clock) for other in others):
        return mine
    with contextlib.suppress(OSError):
        files.unlink(path)
    return None


def claims(folder: Path, work: str) -> dict[int, Path]:
    """Return the claims of a piece of work by number, the highest last."""
    found: dict[int, Path] = {}
    for path in all_claims(folder):
        match = _NAME.match(path.name)
        if match is not None and match["work"] == work:
            found[int(match["number"] or 1)] = path
    return dict(sorted(found.items()))


def all_claims(folder: Path) -> list[Path]:
    """Return every claim in a folder, stale ones too."""
    with contextlib.suppress(OSError):
        return sorted(path for path in folder.glob("*.claim") if _NAME.match(path.name))
    return []


def is_stale(path: Path, clock: Clock | None = None) -> bool:
    """Return whether nobody works under a claim any more."""
    body = _read(path)
    if body.get("fault"):
        return True
    now_ms, said_ms = (clock or SystemClock()).time_ns() // 1_000_000, body.get("time")
    if type(said_ms) is not int:
        try:
            said_ms = path.lstat().st_mtime_ns // 1_000_000  # just created, or damaged
        except OSError:
            return True
    if abs(now_ms - said_ms) >= STALE_S * 1000:
        return True
    mine = this_process()
    here = all(body.get(key) == mine[key] for key in _PLACE)
    pid = body.get("pid")
    return here and type(pid) is int and started_at(pid) != body.get("pid_started_at")


def fault_of(folder: Path, work: str) -> str:
    """Return why a piece of work was given up; empty where it was not."""
    found = claims(folder, work)
    return str(_read(found[max(found)]).get("fault") or "") if found else ""


def _read(path: Path) -> Mapping[str, Any]:
    with contextlib.suppress(OSError, CorruptRecord):
        body = codec.loads(read_small(path), path.name)
        if isinstance(body, dict):
            return body
    return {}
