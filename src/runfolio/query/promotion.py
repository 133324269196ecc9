"""Whether a version meets the rules of a stage, and what was found for each of them."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord, QueryError, RunNotFound, UsageError
from runfolio.format import codec
from runfolio.format.below import opened_below
from runfolio.format.blobs import BlobStore
from runfolio.format.edits import read_edits
from runfolio.format.layout import is_run_id
from runfolio.format.manifest import read_record
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.model.artifact_history import Checked
from runfolio.model.run import MetricSummary, RunRecord, Status
from runfolio.query.fields import ABSENT, printable, resolve
from runfolio.query.filter import parse
from runfolio.query.stage_rules import StageRules
from runfolio.query.terms import AllOf, AnyOf, Compare, Missing, Not, Term
from runfolio.record.redaction import redactor
from runfolio.store import trash
from runfolio.store.artifacts import copies_of
from runfolio.store.words import in_words, project_words

__all__ = ["checked", "is_whole", "maker_of"]

_ENDED_WELL: Final = (Status.FINISHED, Status.STOPPED, Status.PRUNED)
_LARGEST: Final = 4 * 1024 * 1024
_SECONDS: Final = 10.0
_HEAD: Final = 8192
_HERE: Final = " in the version's metadata"


def maker_of(store: Path, version: ArtifactVersion) -> tuple[RunRecord | None, str]:
    """Return the run that made a version, or ``None`` and why there is none."""
    if not version.run_id:
        return None, "no run made it"
    if not is_run_id(version.run_id):
        return None, f"{printable(version.run_id)} is no run's id"
    for place in (store, *trash.layers(store)):
        folder = place / version.run_id
        if folder.is_dir() and not folder.is_symlink():
            try:
                return in_words(read_record(folder), project_words()), ""
            except RunNotFound:
                continue
    return None, f"the run that made it, {version.run_id}, is gone"


def is_whole(store: Path, version: ArtifactVersion) -> bool:
    """Return whether the content of each file is there, by its size; whoever sweeps leaves it then."""
    own = [entry for entry in version.entries if not entry.uri]
    missing = BlobStore(store).ask({entry.blake3: entry.size or 0 for entry in own})
    copies = copies_of(store, version) if missing else []
    return all(entry.blake3 not in missing or _in_run(copies, entry) for entry in own)


def checked(rules: StageRules, store: Path, version: ArtifactVersion) -> tuple[Checked, ...]:
    """Return each rule with what was found."""
    run, why = maker_of(store, version)
    own = _own_figures(version)
    asked = run and replace(run, metrics={**run.metrics, **_in_place_of(run, own)})
    done = [_where(query, asked, why, own) for query in rules.where]
    if rules.finished:
        done.append(_finished(run, why))
    if rules.verified:
        done.append(_verified(run, why))
    if rules.no_secrets:
        done.append(_no_secrets(store, version, run))
    return tuple(done)


def _own_figures(version: ArtifactVersion) -> dict[str, float]:
    """Return the numbers that are noted beside a version: a checkpoint is not what its run ended as."""
    return {
        name: float(value)
        for name, value in version.metadata.items()
        if type(value) in (int, float) or (isinstance(value, str) and value in codec.NONFINITE)
    }


def _in_place_of(run: RunRecord, own: Mapping[str, float]) -> dict[str, MetricSummary]:
    """Return metrics whose figure is that of a version; what says ``.max`` asks the run all the same."""
    return {
        name: replace(run.metrics.get(name, MetricSummary()), last=one, rule="last")
        for name, one in own.items()
    }


def _where(query: str, run: RunRecord | None, why: str, own: Collection[str]) -> Checked:
    if run is None:
        return Checked(query, ok=False, found=why)
    read = parse(query)
    try:
        ok = bool(read.select([run]))
    except QueryError as error:
        return Checked(query, ok=False, found=error.message)
    found = [
        f"{name} is {_told(run, name)}{_HERE if _is_own(run, name, own) else ''}"
        for name in dict.fromkeys(_names(read.where))
    ] or ["as it says" if ok else "not so"]
    return Checked(query, ok, ", ".join(found))


def _names(term: Term | None) -> Iterator[str]:
    if isinstance(term, (Compare, Missing)):
        yield term.name
    elif isinstance(term, Not):
        yield from _names(term.term)
    elif isinstance(term, (AllOf, AnyOf)):
        for one in term.terms:
            yield from _names(one)


def _is_own(run: RunRecord, name: str, own: Collection[str]) -> bool:
    meant = resolve(name, [run])
    return meant is not None and meant.kind == "metric" and name.removeprefix("metrics.") in own


def _told(run: RunRecord, name: str) -> str:
    meant = resolve(name, [run])
    value = ABSENT if meant is None else meant.get(run)
    if value is ABSENT:
        return "not there"
    if isinstance(value, float):
        return f"{value:.6g}"
    return printable(", ".join(map(str, value)) if isinstance(value, tuple) else str(value))


def _finished(run: RunRecord | None, why: str) -> Checked:
    if run is None:
        return Checked("finished", ok=False, found=why)
    return Checked("finished", run.status in _ENDED_WELL, f"the run is {run.status.value}")


def _verified(run: RunRecord | None, why: str) -> Checked:
    if run is None:
        return Checked("verified", ok=False, found=why)
    verdicts = [edit for edit in read_edits(run.path)[0] if edit.op == "verdict"]
    if not verdicts:
        return Checked(
            "verified", ok=False, found="nobody has repeated the run and compared it yet"
        )
    last = verdicts[-1]
    value = last.value.get("verdict") if isinstance(last.value, Mapping) else last.value
    told = f"{printable(str(value))}, on {last.time[:10]}" + (f" by {last.by}" if last.by else "")
    return Checked("verified", value == "verified", told)


@dataclass(slots=True)
class _Search:
    """What was searched for secrets by now."""

    found: list[str]
    texts: int = 0
    unread: int = 0


def _no_secrets(store: Path, version: ArtifactVersion, run: RunRecord | None) -> Checked:
    done = _Search([])
    until = time.monotonic() + _SECONDS
    about: Any = {"metadata": dict(version.metadata), "description": version.description}
    _search(codec.dumps(about), "its metadata", done, until)
    done.texts = 0
    own = [entry for entry in version.entries if not entry.uri]
    copies = functools.cache(lambda: copies_of(store, version))
    for n, entry in enumerate(own):
        if time.monotonic() > until:
            done.unread += len(own) - n
            break
        text = _text(store, entry, copies, done)
        if text is not None:
            _search(text, entry.path, done, until)
    if done.found:
        parts = [f"in {', '.join(map(printable, done.found[:3]))}"]
    elif done.texts:
        parts = [f"none in {done.texts} text file{'' if done.texts == 1 else 's'}"]
    else:
        parts = ["none; it has no text file that was searched"]
    parts += [f"and {len(done.found) - 3} more files"] if len(done.found) > 3 else []
    parts += [f"{done.unread} too large, or not searched in time"] if done.unread else []
    withheld = run.counts.get("redacted", 0) if run is not None else 0
    parts += [f"the run's record left {withheld} out"] if withheld else []
    return Checked("no_secrets", not done.found, "; ".join(parts))


def _search(text: bytes, place: str, done: _Search, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        done.unread += 1
        return
    result = redactor().redact(text, max_seconds=left)
    done.texts += not result.withheld
    done.unread += result.withheld
    if result.found:
        done.found.append(f"{place} line {result.found[0].line}")


def _text(
    store: Path, entry: Entry, copies: Callable[[], list[Path]], done: _Search
) -> bytes | None:
    """Return the content of a text file; ``None`` for another, or one that is too large."""
    for folder, name in _places(store, entry, copies):
        try:
            with opened_below(folder, name) as (fd, info):
                head = os.read(fd, _HEAD)
                if b"\0" in head:
                    return None
                if info.st_size > _LARGEST:
                    done.unread += 1
                    return None
                with os.fdopen(os.dup(fd), "rb") as file:
                    return head + file.read(_LARGEST)
        except (OSError, CorruptRecord, UsageError):
            continue
    done.unread += 1
    return None


def _places(
    store: Path, entry: Entry, copies: Callable[[], list[Path]]
) -> Iterator[tuple[Path, str]]:
    """Yield where a content may lie; runs are looked through only where the store has it not."""
    yield BlobStore(store).path_of(entry.blake3).parent, entry.blake3
    yield from ((folder, entry.path) for folder in copies())


def _in_run(copies: Iterable[Path], entry: Entry) -> bool:
    for folder in copies:
        try:
            with opened_below(folder, entry.path) as (_, info):
                if info.st_size == entry.size:
                    return True
        except (OSError, CorruptRecord):
            continue
    return False
