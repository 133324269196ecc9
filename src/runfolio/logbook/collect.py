"""Facts of an entry: one run, beside the run before it and the best of those before it."""

from __future__ import annotations

import itertools
import math
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from runfolio.charts.since import best_words, since_parts
from runfolio.format.completeness import verdict
from runfolio.format.events import read_events
from runfolio.logbook.code import code_changes, code_recorded
from runfolio.logbook.entry import Change, Data, Facts, Other, Result
from runfolio.logbook.history import History
from runfolio.model.run import RunRecord
from runfolio.query.alerts import alert_words, read_alerts
from runfolio.query.compare import difference
from runfolio.query.fields import ABSENT
from runfolio.query.run_names import run_name
from runfolio.query.since_best import since_best
from runfolio.query.since_files import FilesSince, files_since
from runfolio.query.staleness import KINDS, run_staleness
from runfolio.query.summary import MAXIMIZE, figure, headline
from runfolio.store.recent import RECENT

__all__ = ["collect"]

_MAX_CHANGES: Final = 12
_MAX_RESULTS: Final = 4
_MAX_DATA: Final = 4
_MAX_FILES: Final = 2
_HASH_DIGITS: Final = 6
_MAX_WORDS: Final = 64
_COUNTS: Final = {
    "late": "late",
    "duplicate": "duplicate",
    "nonfinite": "non-finite",
    "refused": "refused",
}


def collect(record: RunRecord, history: History) -> Facts:
    """Return the facts of a run.

    Parameters
    ----------
    history : History
        The runs of the store; those of the same project that began earlier are compared with.
    """
    previous = history.previous(record)
    files = FilesSince() if previous is None else files_since(previous, record)
    changes = [] if previous is None else list(_changes(previous, record, files))
    figures = [
        (key, value)
        for key in headline(record)
        if (value := figure(record.metrics.get(key))) is not None
    ]
    since = since_best(record, history.earlier(record)[-RECENT:])
    # What changed since the run before is told already: then only that it is the best is.
    told = since is not None and previous is not None and since.best.id == previous.id
    git = record.git
    return Facts(
        run_id=record.id,
        name=run_name(record),
        status=record.status,
        project=record.project,
        note=record.note,
        notes=record.notes,
        tags=record.tags,
        started=record.created_at,
        took_s=record.duration_s,
        sha=_text(git.get("sha")),
        branch=_text(git.get("branch")),
        files_changed=_whole(git.get("files_changed")),
        previous=None if previous is None else Other(previous.id, run_name(previous)),
        changes=tuple(changes[:_MAX_CHANGES]),
        changes_left_out=max(0, len(changes) - _MAX_CHANGES),
        code_recorded=previous is None or (code_recorded(previous) and code_recorded(record)),
        other_states=files.states,
        results=tuple(_result(record, history, *found) for found in figures[:_MAX_RESULTS]),
        results_left_out=max(0, len(figures) - _MAX_RESULTS),
        data=tuple(itertools.islice(_data(previous, record), _MAX_DATA)),
        counts={said: n for key, said in _COUNTS.items() if (n := record.counts.get(key, 0)) > 0},
        command=shlex.join(record.command[:_MAX_WORDS]),
        alerts=alert_words(read_alerts(record.path)),
        stale=tuple(run_staleness(record, read_events(record.path, KINDS)).lines),
        replayable=verdict(record.complete),
        since=None if since is None or told else since_parts(since),
        best=best_words(since) if since is not None and told else "",
        problems=record.problems,
    )


def _changes(was: RunRecord, now: RunRecord, more: FilesSince) -> Iterator[Change]:
    found = difference(was, now)
    yield from (Change("config", item.name, item.was, item.now) for item in found.config)
    yield from (Change("seed", f"seed of {i.name}", i.was, i.now) for i in found.seeds)
    sha_was, sha_now = _text(was.git.get("sha")), _text(now.git.get("sha"))
    if sha_was and sha_now and sha_was != sha_now:
        yield Change("code", "code", sha_was[:7], sha_now[:7])
    names = list(code_changes(was, now))
    if more.files and all(name.startswith("cell") for name in names):
        names.append("files")  # local modules: no commit has them
    for name in names:
        yield Change("code", _counted(name, more), ABSENT, ABSENT)
    before, after = _python(was), _python(now)
    if before and after and before != after:
        yield Change("environment", "Python", before, after)
    for one in more.packages:
        yield Change("environment", one.name, one.was, one.now)


def _counted(name: str, found: FilesSince) -> str:
    """Return what of the code changed: how many cells, which files; its name where neither is known."""
    if name.startswith("cell"):
        cells = Counter(found.cells)
        n = cells["edited"] + max(cells["added"], cells["removed"])
        return f"{n} cells" if n > 1 else name
    files = found.files
    more = [f"{len(files) - _MAX_FILES} more files"] if len(files) > _MAX_FILES else []
    return ", ".join([*files[:_MAX_FILES], *more]) or name


def _python(record: RunRecord) -> str:
    python = record.software.get("python")
    return ".".join(python.split(".")[:2]) if isinstance(python, str) else ""


def _result(record: RunRecord, history: History, key: str, value: float) -> Result:
    way = history.direction(record, key)
    reference = None if way is None else history.best(record, key, way)
    if reference is None or not math.isfinite(value):
        return Result(key, value)
    delta = value - reference
    better = None if delta == 0 else (delta > 0) == (way == MAXIMIZE)
    return Result(key, value, delta, better)


def _data(previous: RunRecord | None, record: RunRecord) -> Iterator[Data]:
    earlier = () if previous is None else previous.data
    before = {str(item.get("name")): _text(item.get("hash")) for item in earlier}
    for item in record.data:
        name, digest = str(item.get("name") or item.get("uri") or "data"), _text(item.get("hash"))
        known = before.get(name)
        changed = None if known is None or digest is None else known != digest
        yield Data(name, _short(digest), changed)


def _short(digest: str | None) -> str | None:
    if digest is None:
        return None
    kind, colon, rest = digest.rpartition(":")
    return f"{kind}{colon}{rest[:_HASH_DIGITS]}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: object) -> int:
    return value if type(value) is int and value > 0 else 0


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
