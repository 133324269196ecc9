"""The manifest ``run.json``: written whole, read field by field, whatever it holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord, RunNotFound
from runfolio.format import codec
from runfolio.format.disk import read_small, unread
from runfolio.format.edits import apply, read_edits
from runfolio.format.layout import FORMAT, RunPaths
from runfolio.format.lease import SKEW_S, heartbeats, judge
from runfolio.format.summaries import summary_from_json
from runfolio.format.writers import Sums, WriterManifest, merged, other_writers, sums_of
from runfolio.model.ports import Files
from runfolio.model.run import MetricSummary, RunRecord, Status

__all__ = ["put_back", "read_manifest", "read_record", "write_manifest"]

CONFIG_INLINE: Final = 256 * 1024
"""A config whose JSON is larger lies in ``config.json``."""

METRICS_INLINE: Final = 1000
"""Summaries of more metrics than this lie in ``summary.json``."""

_TRIES: Final = 4

_ASIDE: Final = {"config": "config.json", "metrics": "summary.json"}


def write_manifest(
    folder: Path,
    document: Mapping[str, Any],
    files: Files,
    *,
    apart: str | None = None,
) -> None:
    """Replace the manifest; what is too large for it goes into a file beside it first.

    Parameters
    ----------
    apart : str, optional
        Name of the manifest of a writer that does not own ``run.json``; it is written whole.
    """
    if apart is not None:
        files.replace(folder / apart, codec.with_crc(document))
        return
    body = dict(document)
    metrics = body.get("metrics") or {}
    if len(metrics) > METRICS_INLINE or sum(map(len, metrics)) > CONFIG_INLINE:
        _set_aside(folder, body, "metrics", files)
    # Most configs are far below the limit: measuring 30 settings or fewer is not worth it.
    if len(body.get("config") or ()) and len(codec.dumps(body["config"])) > CONFIG_INLINE:
        _set_aside(folder, body, "config", files)
    files.replace(RunPaths(folder).manifest, codec.with_crc(body))


def _set_aside(folder: Path, body: dict[str, Any], key: str, files: Files) -> None:
    content = codec.with_crc({key: body[key]}, indent=False)
    if len(content) > codec.MAX_BYTES and key == "metrics":
        kept = _readable(body[key])
        body["metrics_left_out"] = len(body[key]) - len(kept)
        content = codec.with_crc({key: kept}, indent=False)
    files.replace(folder / _ASIDE[key], content)
    body[key] = {"$file": _ASIDE[key]}


def _readable(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return as many summaries as a reader takes, the shortest names first."""
    room, kept = codec.MAX_BYTES - 1024, set[str]()
    for key in sorted(metrics, key=len):
        room -= len(codec.dumps({key: metrics[key]}))
        if room < 0:
            break
        kept.add(key)
    return {key: summary for key, summary in metrics.items() if key in kept}


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest as it is on disk, larger parts put back.

    Raises
    ------
    CorruptRecord
        It is missing, or no JSON object.
    """
    path = RunPaths(folder).manifest
    try:
        body = codec.loads(read_small(path), path.name)
    except OSError as error:
        raise CorruptRecord(unread(path.name, error)) from error
    if not isinstance(body, dict):
        raise CorruptRecord(f"{path.name}: expected an object, found {type(body).__name__}.")
    return body


def read_record(folder: Path, *, counted: bool = True) -> RunRecord:
    """Return a run as its manifest, edits and signs of life tell it.

    Bad content never raises: the fields that could not be understood are named in
    ``problems``, the gravest first, and the run is listed all the same.

    Parameters
    ----------
    counted : bool
        Whether what writers at work have logged since they wrote their manifests counts: that
        reads the ends of their logs.

    Raises
    ------
    RunNotFound
        The folder is not there, or was removed while it was read.
    """
    try:
        for _ in range(_TRIES):
            changed_ns = folder.lstat().st_mtime_ns
            record, at_work = _read(folder, counted)
            # A writer that ended meanwhile swapped its manifest, then its lines: told anew.
            if not at_work or changed_ns == folder.lstat().st_mtime_ns:
                break
    except (FileNotFoundError, NotADirectoryError) as error:
        if folder.is_dir():
            raise
        raise _not_there(folder) from error
    return record


def _not_there(folder: Path) -> RunNotFound:
    return RunNotFound(f"There is no run directory {folder.name!r}.")


def _read(folder: Path, counted: bool) -> tuple[RunRecord, bool]:
    """Return a run as it is told now, and whether a writer of it may be at work."""
    others, problems = other_writers(folder)
    try:
        body = read_manifest(folder)
    except CorruptRecord as error:
        if not others:
            if not folder.is_dir():  # removed while it was read
                raise _not_there(folder) from error
            nothing = RunRecord(id=folder.name, path=folder, name=folder.name,
                                status=Status.CRASHED, note=str(error).rstrip("."),
                                problems=(str(error), *problems))  # fmt: skip
            return nothing, False
        owner, *others = others
        body = dict(owner.body)
        if RunPaths(folder).manifest.exists():
            problems.insert(0, str(error))
    edits, faults = read_edits(folder)
    problems += faults
    if not codec.crc_matches(body):
        problems.append("run.json was edited by hand (its checksum does not match)")
    # What it does to the record is graver than that somebody did it.
    graver: list[str] = []
    put_back(folder, body, graver)
    record = _parse(folder, body, graver, problems)
    owner = WriterManifest.of(body)
    at_work = owner.is_running or any(other.is_running for other in others)
    if others or at_work or owner.rank:
        record = _with_others(
            folder, owner, others, record, at_work=at_work, tails=at_work and counted
        )
    return apply(record, edits, _strings(body.get("applied"))), at_work


def put_back(folder: Path, body: dict[str, Any], problems: list[str]) -> None:
    """Put what lies in files beside a manifest back into it; what cannot be read is named."""
    for key, filename in _ASIDE.items():
        if body.get(key) == {"$file": filename}:
            try:
                beside = codec.loads(read_small(folder / filename), filename)
                if not isinstance(beside, dict) or key not in beside:
                    raise CorruptRecord(f"{filename}: expected an object with {key}.")
                if not codec.crc_matches(beside):
                    problems.append(f"{filename} was edited by hand (its checksum does not match)")
                body[key] = beside[key]
            except (CorruptRecord, OSError) as error:
                told = unread(filename, error) if isinstance(error, OSError) else str(error)
                problems.append(told)
                body[key] = {}


def _with_others(
    folder: Path,
    owner: WriterManifest,
    others: Sequence[WriterManifest],
    record: RunRecord,
    *,
    at_work: bool,
    tails: bool,
) -> RunRecord:
    """Return the record with what the other writers say, and what can be seen of those at work."""
    beats = heartbeats(folder) if at_work else {}
    sums = sums_of(folder, owner, others, tails=tails)
    if owner.is_running:
        record = _look_closer(owner, others, record, sums, beats)
    if owner.rank:
        record = replace(
            record, note="; ".join(["rank 0 has not begun", *filter(None, [record.note])])
        )
    return merged(record, sums, beats)


def _look_closer(
    owner: WriterManifest,
    others: Sequence[WriterManifest],
    record: RunRecord,
    sums: Sequence[Sums],
    beats: Mapping[tuple[int, int], int | None],
) -> RunRecord:
    """Return what can be seen of a run that did not say its end: is it alive, how far did it come."""
    apart = {(other.rank, other.segment) for other in others}
    own = [ms for name, ms in beats.items() if name[0] == owner.rank and name not in apart]
    status, note = judge(owner.body, max(filter(None, own), default=None))
    latest_ms = (time.time() + SKEW_S) * 1000
    signs = [ms or 0 for ms in (*beats.values(), *(one.newest_ms for one in sums))]
    seen_ms = max((ms for ms in signs if ms <= latest_ms), default=0)
    duration_s = record.duration_s
    if record.created_at is not None and seen_ms:
        duration_s = max(0.0, seen_ms / 1000 - record.created_at.timestamp())
    ended_at = record.ended_at
    if status is Status.CRASHED and seen_ms:
        ended_at = codec.parse_time(codec.rfc3339(seen_ms))
    return replace(record, status=status, note=note, duration_s=duration_s, ended_at=ended_at)


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(item for item in value if isinstance(item, str))


class _Fields:
    """Takes fields out of a document one by one and says which were not as expected."""

    def __init__(self, body: Mapping[str, Any], problems: list[str]) -> None:
        self._body = body
        self._problems = problems

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """Return the field if it is of the kind (a bool is no number), else the default."""
        value = self._body.get(key)
        if value is None:
            return default
        if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
            return value
        wanted = kind.__name__ if isinstance(kind, type) else "number"
        self._problems.append(
            f"run.json: {key} is {type(value).__name__}, expected {_WORDS.get(wanted, wanted)}"
        )
        return default

    def moment(self, key: str) -> datetime | None:
        """Return a time, if it is one."""
        text = self.take(key, str)
        moment = codec.parse_time(text)
        if text is not None and moment is None:
            self._problems.append(f"run.json: {key} is no RFC 3339 time")
        return moment


_WORDS: Final = {
    "str": "text",
    "dict": "an object",
    "list": "a list",
    "int": "a whole number",
}
_NUMBER: Final = (int, float)


def _parse(
    folder: Path, body: Mapping[str, Any], problems: list[str], lighter: Sequence[str]
) -> RunRecord:
    fields = _Fields(body, problems)
    version = fields.take("format", int, 0)
    if version > FORMAT:  # which explains all else
        problems.insert(0, f"written in format {version}; this runfolio reads up to {FORMAT}")
    status = _status(fields.take("status", str), problems)
    created, ended = fields.moment("created_at"), fields.moment("ended_at")
    left_out = fields.take("metrics_left_out", int, 0)
    if left_out:
        problems.append(f"summary.json has no room for {left_out} metrics; their points are there")
    duration = fields.take("duration_s", _NUMBER)
    if duration is not None and not 0 <= duration < 1e11:
        problems.append(f"run.json: duration_s is {duration}, expected seconds")
        duration = None
    if created is not None and ended is not None and ended < created:
        problems.append("run.json: ended_at lies before created_at")
        ended = None
    text: Callable[..., Any] = fields.take
    return RunRecord(
        id=folder.name, path=folder, format=version,
        name=text("name", str, "") or folder.name, project=text("project", str, ""),
        group=text("group", str), job_type=text("job_type", str),
        tags=_strings(fields.take("tags", list, [])), notes=text("notes", str, ""),
        status=status, signal=text("signal", str),
        note=text("reason", str, ""),
        exit_code=fields.take("exit_code", int), created_at=created, ended_at=ended,
        duration_s=duration if duration is not None else _between(created, ended),
        host=text("host", str), user=text("user", str), pid=fields.take("pid", int),
        command=_strings(fields.take("command", list, [])), notebook=text("notebook", str),
        kernel_id=text("kernel_id", str), parent=text("parent", str),
        rerun_of=text("rerun_of", str), sweep=text("sweep", str),
        config=fields.take("config", dict, {}),
        config_source=fields.take("config_source", dict, {}),
        metrics=_metrics(fields.take("metrics", dict, {}), problems),
        summary=fields.take("summary", dict, {}),
        counts={k: v for k, v in fields.take("counts", dict, {}).items() if type(v) is int},
        complete=fields.take("complete", dict, {}), git=fields.take("git", dict, {}),
        seeds=fields.take("seeds", dict, {}),
        data=tuple(item for item in fields.take("data", list, []) if isinstance(item, dict)),
        artifacts=fields.take("artifacts", dict, {}),
        cost=fields.take("cost", dict, {}), software=fields.take("software", dict, {}),
        problems=(*problems, *_other_id(folder, body), *lighter),
    )  # fmt: skip


def _other_id(folder: Path, body: Mapping[str, Any]) -> Iterator[str]:
    if body.get("id") != folder.name:
        yield f"run.json names the run {_short(body.get('id'))}; the folder's name counts"


def _status(text: str | None, problems: list[str]) -> Status:
    try:
        return Status(text or "")
    except ValueError:
        problems.append(f"run.json: status {_short(text)} is none of {', '.join(Status)}")
        return Status.CRASHED


def _short(value: object) -> str:
    """Return a value out of the file for a message: a stranger's text may have any length."""
    text = repr(value[:80]) if isinstance(value, str) else repr(value)
    return text if len(text) <= 100 else text[:99] + "…"


def _between(created: datetime | None, ended: datetime | None) -> float | None:
    return (ended - created).total_seconds() if created and ended else None


def _metrics(found: Mapping[str, Any], problems: list[str]) -> dict[str, MetricSummary]:
    metrics = {
        key: summary_from_json(body) for key, body in found.items() if isinstance(body, dict)
    }
    wrong = [key for key in found if key not in metrics]
    if wrong:
        problems.append(f"run.json: metrics of {_short(wrong[0])} is no object ({len(wrong)} such)")
    return metrics


def created_order(record: RunRecord) -> tuple[datetime, str]:
    """Return what runs are ordered by: start, then id; a run without a start comes first."""
    return record.created_at or datetime.min.replace(tzinfo=UTC), record.id
