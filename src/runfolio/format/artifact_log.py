"""What is said of an artifact's versions: ``.artifacts/<name>/log/``, one small file each, never changed.

Numbers in the names order them, so that a clock that is set back moves nothing back.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format import codec
from runfolio.format.created_once import create_once
from runfolio.format.disk import read_small, unread
from runfolio.format.lease import this_process
from runfolio.model.artifact import check_alias
from runfolio.model.artifact_history import OPS, Checked, LogEntry
from runfolio.model.ports import BlobFiles, Clock

__all__ = ["ArtifactLog"]

_ENTRY: Final = re.compile(r"(?P<number>[0-9]{6,12})-[\w.-]+\.json\Z")
_LAST: Final = 10**12 - 1
_REMEMBERED: Final = 8192
MAX_BYTES: Final = 256 * 1024
"""No entry is larger; a larger one is refused unread."""
_ROOM: Final = 4096


class ArtifactLog:
    """The log of one artifact.

    Parameters
    ----------
    folder : Path
        The artifact's.
    """

    def __init__(self, folder: Path, files: BlobFiles, clock: Clock) -> None:
        self._folder, self._files, self._clock = folder, files, clock

    def read(self) -> tuple[list[LogEntry], list[str]]:
        """Return the entries in their order, and what could not be read."""
        found: list[tuple[int, str, str, LogEntry]] = []
        problems: list[str] = []
        log = os.fspath(self._folder / "log")
        for number, name in self._names():
            try:
                # As text: whoever logs a checkpoint asks for each entry again.
                path = os.path.join(log, name)  # noqa: PTH118
                info = os.lstat(path)
                stamp = (info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
                entry = _read(path, number, stamp)
                found.append((number, entry.time, name, entry))
            except FileNotFoundError:
                continue
            except OSError as error:
                problems.append(unread(f"log/{name}", error))
            except CorruptRecord as error:
                problems.append(f"log/{error}")
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                problems.append(f"log/{name} is not as it was written: {error}")
        return [entry for *_, entry in sorted(found, key=lambda one: one[:3])], problems

    def add(
        self, op: str, *, name: str = "", version: int | None, run_id: str = "", **more: Any
    ) -> LogEntry:
        """Add an entry and return it.

        Parameters
        ----------
        **more
            As in `LogEntry`: ``was``, ``why``, ``rules``, ``said``, ``forced``, ``rollback``,
            ``foreign``.

        Raises
        ------
        UsageError
            It is larger than readers take.
        CorruptRecord
            A link stands where the log should lie.
        OSError
            The file cannot be written.
        """
        who = this_process()
        last = max((number for number, _ in self._names()), default=0)
        us = self._clock.time_ns() // 1000
        entry = LogEntry(
            number=min(last + 1, _LAST), time=f"{codec.rfc3339(us // 1000)[:-1]}{us % 1000:03d}Z",
            op=op, name=name, version=version, by=who["user"], host=who["host"], run_id=run_id, **more,
        )  # fmt: skip
        body = _body(entry)
        if len(codec.dumps(body)) > MAX_BYTES - _ROOM:
            raise UsageError(
                f"What is said of {self._folder.name}:v{version} is larger than {MAX_BYTES // 1024} KiB; put "
                "it into a file of the next version."
            )
        host = re.sub(r"[^A-Za-z0-9-]+", "-", str(who["host"]))[:40] or "host"
        file = f"{entry.number:06d}-{host}-{who['pid']}-{os.urandom(3).hex()}.json"
        create_once(self._folder, f"log/{file}", body, self._files, limit=MAX_BYTES)
        return entry

    def _names(self) -> Iterator[tuple[int, str]]:
        log = self._folder / "log"
        try:
            names = [] if log.is_symlink() or self._folder.is_symlink() else os.listdir(log)  # noqa: PTH208 - names alone
        except OSError:
            names = []
        for name in sorted(names):
            if match := _ENTRY.match(name):
                yield int(match["number"]), name


@functools.lru_cache(_REMEMBERED)
def _read(path: str, number: int, _: tuple[int, ...]) -> LogEntry:
    """Return an entry; a file that has not changed since it was read is not read again."""
    body = codec.loads(read_small(Path(path), MAX_BYTES), os.path.basename(path))  # noqa: PTH119
    return _parsed(number, body)


def _body(entry: LogEntry) -> dict[str, Any]:
    body = asdict(entry)
    del body["number"]
    if name := body.pop("name"):
        body[entry.op] = name
    # What is not so is left out: most entries say little. By identity: v0 is equal to False.
    return {key: value for key, value in body.items() if key in ("version", "by", "run_id")
            or not (value is None or value is False or value in ("", (), {}))}  # fmt: skip


def _parsed(number: int, body: Any) -> LogEntry:
    if not codec.crc_matches(body):
        raise ValueError("it was edited by hand")
    op, version = body["op"], body.get("version")
    if op not in OPS:
        raise ValueError(f"this runfolio knows no {str(op)[:40]!r}")
    if not _is_number(version) and (version is not None or op in ("drop", "keep", "describe")):
        raise TypeError("version is no number")
    was = body.get("was")
    return LogEntry(
        number=number, time=_time(body["time"]), op=op, version=version,
        name=_name(op, body), was=was if _is_number(was) else None,
        why=_text(body.get("why")), rules=tuple(_checked(one) for one in body.get("rules") or ()),
        said=_said(body.get("said")) if op == "describe" else {},
        forced=body.get("forced") is True, rollback=body.get("rollback") is True,
        foreign=body.get("foreign") is True, by=_text(body.get("by")) or None,
        host=_text(body.get("host")) or None, run_id=_text(body.get("run_id")),
    )  # fmt: skip


def _name(op: str, body: Mapping[str, Any]) -> str:
    if op not in ("alias", "stage"):
        return ""
    try:
        return check_alias(body[op])
    except UsageError as error:
        raise ValueError(str(error)) from error


def _said(said: Any) -> dict[str, Any]:
    """Return what a description says, held against what a version may say of itself."""
    if not isinstance(said, dict):
        raise TypeError("what it says is no mapping")
    known = {key: said[key] for key in ("description", "metadata", "ttl_days") if key in said}
    if not isinstance(known.get("description"), (str, type(None))):
        raise TypeError("a description is no text")
    if not isinstance(known.get("metadata", {}), dict):
        raise TypeError("metadata is no mapping")
    days = known.get("ttl_days")
    if days is not None and not (type(days) in (int, float) and days > 0):
        raise TypeError("ttl_days is no number of days")
    return known


def _time(text: Any) -> str:
    if codec.parse_time(text) is None:
        raise ValueError("its time is none")
    return str(text)


def _is_number(value: object) -> bool:
    return type(value) is int and value >= 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _checked(body: Mapping[str, Any]) -> Checked:
    return Checked(str(body["rule"]), body["ok"] is True, str(body["found"]))
