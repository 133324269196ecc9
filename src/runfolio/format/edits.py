"""What others than the writer say about a run: one small file each, added and never changed."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format import codec
from runfolio.format.disk import Disk, SystemClock, read_small, unread
from runfolio.format.layout import RunPaths
from runfolio.format.lease import this_process
from runfolio.model.ports import Clock, Files
from runfolio.model.run import RunRecord

__all__ = ["OPS", "Edit", "apply", "overtaken", "read_edits", "write_edit"]

OPS: Final = ("set", "add", "remove", "words", "stop", "verdict")
"""What an edit can do; see `Edit`."""

_FIELDS: Final = {"set": ("name", "notes"), "add": ("tags",), "remove": ("tags",)}


class _Moments:
    """Gives times that rise from edit to edit of one process, however fast they follow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last_us = 0

    def next(self, now_us: int) -> str:
        """Return the time as text, at least a microsecond after the one before."""
        with self._lock:
            # A clock that was set back for good must not hold later edits to the old time.
            behind = 0 <= self._last_us - now_us < 1_000_000
            self._last_us = self._last_us + 1 if behind else now_us
            us = self._last_us
        return f"{codec.rfc3339(us // 1000)[:-1]}{us % 1000:03d}Z"


_moments = _Moments()


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing somebody said about a run.

    Attributes
    ----------
    id : str
        The file's name without its ending; unique.
    time : str
        RFC 3339, UTC, microseconds; edits apply in this order.
    op : str
        ``set`` (name, notes) · ``add``, ``remove`` (tags) · ``words`` (journal headings) ·
        ``stop`` · ``verdict``.
    field : str
        What it is about; for ``words`` the heading.
    value, was
        The new value, and the one its author saw.
    """

    id: str
    time: str
    by: str | None
    host: str | None
    op: str
    field: str
    value: Any
    was: Any = None


def write_edit(
    folder: Path,
    op: str,
    field: str,
    value: Any = None,
    *,
    was: Any = None,
    files: Files | None = None,
    clock: Clock | None = None,
) -> Edit:
    """Add an edit to a run directory and return it.

    Raises
    ------
    UsageError
        `op` is unknown, or does not go with `field`.
    CorruptRecord
        The run's ``edits`` is a link.
    OSError
        The file cannot be written.
    """
    if op not in OPS or field not in _FIELDS.get(op, (field,)):
        raise UsageError(f"An edit cannot {op!r} {field!r}; the operations are {', '.join(OPS)}.")
    who = this_process()
    moment = _moments.next((clock or SystemClock()).time_ns() // 1000)
    host = re.sub(r"[^A-Za-z0-9-]+", "-", str(who["host"]))[:40] or "host"
    edits = RunPaths(folder).edits
    if edits.is_symlink():
        raise CorruptRecord("edits is a link; nothing is written through it.")
    edits.mkdir(exist_ok=True)
    for n in itertools.count(1):
        name = f"{re.sub('[-:]', '', moment)}-{host}-{who['pid']}-{n}"
        edit = Edit(name, moment, who["user"], who["host"], op, field, value, was)
        body = {slot: getattr(edit, slot) for slot in Edit.__slots__}
        with contextlib.suppress(FileExistsError):
            (files or Disk()).write_new(edits / f"{name}.json", codec.with_crc(body))
            return edit
    raise AssertionError  # pragma: no cover - itertools.count does not end


def read_edits(folder: Path) -> tuple[list[Edit], list[str]]:
    """Return the edits of a run in order of time, and what could not be read."""
    edits: list[Edit] = []
    problems: list[str] = []
    if RunPaths(folder).edits.is_symlink():
        return [], ["edits is a link; it is not followed"]
    try:
        entries = [entry for entry in os.scandir(RunPaths(folder).edits) if _is_edit(entry)]
    except (FileNotFoundError, NotADirectoryError):
        return [], []
    except OSError as error:
        return [], [unread("edits", error)]
    for entry in sorted(entries, key=lambda entry: entry.name):
        try:
            body = codec.loads(read_small(Path(entry.path)), f"edits/{entry.name}")
            edits.append(_parse(entry.name.removesuffix(".json"), body))
        except CorruptRecord as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(unread(f"edits/{entry.name}", error))
    edits.sort(key=lambda edit: (edit.time, edit.id))
    return edits, problems


def _is_edit(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(".json") and not entry.name.startswith(".")


def _parse(name: str, body: object) -> Edit:
    if not isinstance(body, Mapping):
        raise CorruptRecord(f"edits/{name}.json: expected an object.")
    if "crc32" in body and not codec.crc_matches(body):
        raise CorruptRecord(f"edits/{name}.json is not as it was written; it does not count.")
    text = {key: body.get(key) for key in ("id", "time", "op", "field")}
    wrong = [key for key, value in text.items() if not isinstance(value, str)]
    if wrong or text["op"] not in OPS:
        raise CorruptRecord(f"edits/{name}.json: {', '.join(wrong) or 'op'} is not as expected.")
    by, host = (body.get(key) if isinstance(body.get(key), str) else None for key in ("by", "host"))
    return Edit(
        str(text["id"]), str(text["time"]), by, host, str(text["op"]), str(text["field"]),
        body.get("value"), body.get("was"),
    )  # fmt: skip


def apply(record: RunRecord, edits: Iterable[Edit], applied: Iterable[str] = ()) -> RunRecord:
    """Return the record as the edits make it.

    Tags are added and removed one by one, so that two people's edits both count; two texts that
    were set from the same earlier one are kept side by side.

    Parameters
    ----------
    applied : iterable of str
        Ids the manifest already took in; they are not applied again.
    """
    edits, done = list(edits), set(applied)
    late = overtaken(edits, done)
    for edit in edits:
        if edit.id in done or edit.id in late:
            continue
        done.add(edit.id)
        record = _apply_one(record, edit)
    return record


def overtaken(edits: Sequence[Edit], applied: Collection[str]) -> set[str]:
    """Return ids of edits that came after a later one about the same had been taken in.

    Two machines' edits may be copied together at any time: what is said last holds, also where
    the manifest heard of it first. Notes are no part of this: both texts are kept.

    Parameters
    ----------
    edits : sequence of Edit
        In order of time.
    applied : collection of str
        Ids the manifest has taken in.
    """
    last = {_about(edit): n for n, edit in enumerate(edits) if edit.id in applied}
    return {
        edit.id
        for n, edit in enumerate(edits)
        if edit.field != "notes" and edit.op in _FIELDS and n < last.get(_about(edit), -1)
    }


def _about(edit: Edit) -> tuple[str, str]:
    tag = str(edit.value) if edit.field == "tags" else ""
    return edit.field, tag


def _apply_one(record: RunRecord, edit: Edit) -> RunRecord:
    value = edit.value
    if not isinstance(value, str):
        return record
    if edit.op == "add" and value not in record.tags:
        return replace(record, tags=(*record.tags, value))
    if edit.op == "remove":
        return replace(record, tags=tuple(tag for tag in record.tags if tag != value))
    if edit.op == "set" and edit.field == "name":
        return replace(record, name=value or record.id)  # as a manifest without a name is read
    if edit.op == "set" and edit.field == "notes":
        return replace(record, notes=merge_text(record.notes, value, edit.was))
    return record


def merge_text(now: str, value: str, was: Any) -> str:
    """Return `value`, or both texts where `now` is not what the author of `value` saw."""
    if not now or now == value or was is None or was == now:
        return value
    return f"{now}\n\n{value}"
