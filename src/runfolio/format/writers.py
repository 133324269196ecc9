"""The writers of a run: each has a manifest and files of its own, and a reader adds them up.

``run.json`` is that of the newest segment of rank 0 that opened the run. Beside it stand
``run.s2.json``, ``run.rank3.json``: those of the processes that joined, of the other ranks, and
of an older segment that was still at work when a newer one began. No point is counted by two.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from runfolio.errors import CorruptRecord
from runfolio.format import codec
from runfolio.format.disk import read_small, unread
from runfolio.format.layout import PartName, RunPaths
from runfolio.format.lease import heartbeats, judge
from runfolio.format.summaries import summary_from_json
from runfolio.format.tail import Remains, extend_from_log, remains
from runfolio.format.tally import folded
from runfolio.model.artifact_uses import united_uses
from runfolio.model.metric import Definitions
from runfolio.model.run import MetricSummary, RunRecord, Status

__all__ = [
    "Sums",
    "WriterManifest",
    "added_up",
    "filled",
    "merged",
    "metrics_upto",
    "other_writers",
    "parts_that_ended",
    "sums_of",
]


@dataclass(frozen=True, slots=True)
class WriterManifest:
    """What one writer of a run says.

    Attributes
    ----------
    rank, segment : int
        Which files are its own.
    body : mapping
        The manifest as it is on disk.
    """

    rank: int
    segment: int
    body: Mapping[str, Any]

    @staticmethod
    def of(body: Mapping[str, Any]) -> WriterManifest:
        """Return the writer that a manifest itself names; segment 1 of rank 0 where it does not."""
        rank, segment = body.get("rank"), body.get("segment")
        return WriterManifest(
            rank if type(rank) is int else 0, segment if type(segment) is int else 1, body
        )

    @property
    def joined(self) -> bool:
        """Whether it joined a run that another process had opened."""
        return self.body.get("joined") is True

    @property
    def is_running(self) -> bool:
        """Whether it did not say its end."""
        return self.body.get("status") == Status.RUNNING.value

    @property
    def upto(self) -> dict[str, int]:
        """Live file → how far its ``metrics`` have counted."""
        found = self.body.get("metrics_upto")
        known = found.items() if isinstance(found, dict) else ()
        return {name: end for name, end in known if type(end) is int and end >= 0}

    def wrote(self, name: PartName) -> bool:
        """Return whether a file is one of its own."""
        return (name.rank, name.segment) == (self.rank, self.segment)


@dataclass(slots=True)
class Sums:
    """What one writer has logged.

    Attributes
    ----------
    upto : mapping of file name to offset
        How far into its live files `metrics` have counted.
    newest_ms : int or None
        Time of the newest line that its manifest had not counted.
    taken_over : bool
        Whether ``run.json`` has counted all of it; then nothing is left to add.
    """

    writer: WriterManifest
    metrics: Mapping[str, MetricSummary] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    upto: Mapping[str, int] = field(default_factory=dict)
    newest_ms: int | None = None
    taken_over: bool = False

    @property
    def largest_step(self) -> float:
        """The largest step of any metric; -1 where nothing was logged."""
        # What was taken over stands with the owner's, but the writer's manifest knows it, too.
        known = _summaries(self.writer.body) if self.taken_over else self.metrics
        steps = (one.last_step for one in known.values() if one.n)
        return max((step for step in steps if step is not None), default=-1)


def other_writers(folder: Path) -> tuple[list[WriterManifest], list[str]]:
    """Return the manifests beside ``run.json``, by rank and newest first, and what is wrong with them."""
    found, problems = [], []
    for rank, segment, path in RunPaths(folder).other_manifests():
        try:
            body = codec.loads(read_small(path), path.name)
            if not isinstance(body, dict):
                raise CorruptRecord(f"{path.name}: expected an object.")
            if not codec.crc_matches(body):
                problems.append(f"{path.name} was edited by hand (its checksum does not match)")
        except CorruptRecord as error:
            problems.append(str(error))
        except OSError as error:
            problems.append(unread(path.name, error))
        else:
            found.append(WriterManifest(rank, segment, body))
    return found, problems


def metrics_upto(manifests: Iterable[WriterManifest]) -> dict[str, int]:
    """Return how far into each live file any of the manifests has counted."""
    upto: dict[str, int] = {}
    for manifest in manifests:
        for name, end in manifest.upto.items():
            upto[name] = max(end, upto.get(name, 0))
    return upto


def sums_of(
    folder: Path, owner: WriterManifest, others: Sequence[WriterManifest], *, tails: bool
) -> list[Sums]:
    """Return what each writer has logged, the owner of ``run.json`` first.

    Parameters
    ----------
    tails : bool
        Whether to count what stands in live files behind the manifests, too.
    """
    upto = metrics_upto((owner, *others))
    apart = {(other.rank, other.segment) for other in others}

    def is_owners(name: PartName) -> bool:
        return (name.rank, name.segment) not in apart

    # One look for all writers: a job may have hundreds of ranks.
    among = remains(folder) if tails else None
    found = [_sums(owner, upto, is_owners, among)]
    for other in others:
        taken_over = bool(other.upto) and all(
            owner.upto.get(name, -1) >= end for name, end in other.upto.items()
        )
        counted = replace(other, body={}) if taken_over else other
        sums = _sums(counted, upto, other.wrote, among)
        sums.writer, sums.taken_over = other, taken_over
        found.append(sums)
    return found


def _sums(
    writer: WriterManifest,
    upto: Mapping[str, int],
    of: Callable[[PartName], bool],
    among: Remains | None,
) -> Sums:
    body, counts = writer.body, writer.body.get("counts")
    summaries = _summaries(body)
    numbers = {
        key: n for key, n in (counts.items() if isinstance(counts, dict) else ()) if type(n) is int
    }
    if among is None:
        return Sums(writer, summaries, numbers, writer.upto)
    tail = extend_from_log(among.folder, summaries, upto, of=of, among=among)
    reached = writer.upto | tail.upto
    _define_new(tail.metrics, summaries, body.get("defined"))
    return Sums(writer, tail.metrics, _added([numbers, tail.counts]), reached, tail.newest_ms)


def _summaries(body: Mapping[str, Any]) -> dict[str, MetricSummary]:
    metrics = body.get("metrics")
    found = metrics.items() if isinstance(metrics, dict) else ()
    return {key: summary_from_json(one) for key, one in found if isinstance(one, dict)}


def _define_new(
    metrics: dict[str, MetricSummary], known: Mapping[str, MetricSummary], defined: object
) -> None:
    """Let what the run defined hold for metrics that its manifest had not seen yet."""
    if not defined:
        return
    definitions = Definitions(defined)
    for key in metrics.keys() - known.keys():
        said = definitions.of(key)
        if said is not None:
            metrics[key] = replace(
                metrics[key], goal=said.goal, rule=said.rule, step_metric=said.step_metric,
                hidden=bool(said.hidden), unit=said.unit,
            )  # fmt: skip


def parts_that_ended(folder: Path) -> list[Sums]:
    """Return what the writers beside the owner of ``run.json`` logged that will log no more."""
    others, _ = other_writers(folder)
    if not others:
        return []
    beats = heartbeats(folder)
    body: Mapping[str, Any] = {}
    with contextlib.suppress(CorruptRecord, OSError):
        found = codec.loads(read_small(RunPaths(folder).manifest), "run.json")
        body = found if isinstance(found, dict) else {}
    sums = sums_of(folder, WriterManifest.of(body), others, tails=True)
    open_still = (Status.RUNNING, Status.SILENT)
    return [one for one in sums[1:] if one.writer.joined and not one.taken_over
            and _end_of(one.writer, beats)[0] not in open_still]  # fmt: skip


def added_up(many: Sequence[Sums]) -> Sums:
    """Return what several writers have logged together, as that of the first."""
    first = many[0]
    upto = {name: end for one in many for name, end in one.upto.items()}
    newest = max((one.newest_ms for one in many if one.newest_ms is not None), default=None)
    return Sums(first.writer, _folded(many), _added([one.counts for one in many]), upto, newest)


def merged(
    record: RunRecord,
    sums: Sequence[Sums],
    beats: Mapping[tuple[int, int], int | None],
) -> RunRecord:
    """Return the record of the owner with what the other writers add to it.

    Settings and values set by hand fill what the owner left open, points and counts are added. The status stays the owner's; what became of another writer is told in
    ``note`` where it is not that, too.
    """
    others, together = sums[1:], added_up(sums)
    bodies = [one.writer.body for one in others]
    ends = [_end_of(one.writer, beats) for one in others]
    notes = [record.note] if record.note else []
    notes += _told(
        record.status, [(one.writer, end) for one, end in zip(others, ends, strict=True)]
    )
    return replace(
        record,
        metrics=together.metrics,
        counts=together.counts,
        config=filled(record.config, [body.get("config") for body in bodies]),
        config_source=filled(record.config_source, [body.get("config_source") for body in bodies]),
        summary=filled(record.summary, [body.get("summary") for body in bodies]),
        seeds=filled(record.seeds, [body.get("seeds") for body in bodies]),
        data=_united(record.data, [body.get("data") for body in bodies]),
        artifacts=united_uses(record.artifacts, [body.get("artifacts") for body in bodies]),
        note="; ".join(notes),
        unsettled=any(one.writer.is_running and not one.taken_over for one in others),
    )


def _folded(many: Sequence[Sums]) -> dict[str, MetricSummary]:
    # At equal steps rank 0 counts, and of one rank the newer segment: as when points are read.
    in_order = sorted(many, key=lambda one: (one.writer.rank, -one.writer.segment))
    found: dict[str, MetricSummary] = {}
    for one in in_order:
        for key, summary in one.metrics.items():
            found[key] = folded(found[key], summary) if key in found else summary
    # In the order in which the owner of run.json names them.
    return {key: found[key] for key in dict.fromkeys([*many[0].metrics, *found])}


def _added(many: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for counts in many:
        for key, n in counts.items():
            total[key] = total.get(key, 0) + n
    return total


def filled(mine: Mapping[str, Any], more: Iterable[object]) -> Mapping[str, Any]:
    """Return a mapping with what it lacks, at any depth, taken from others, the first one first."""
    for other in more:
        if isinstance(other, Mapping):
            mine = {**other, **mine} | {
                key: filled(value, [other[key]])
                for key, value in mine.items()
                if isinstance(value, Mapping) and isinstance(other.get(key), Mapping)
            }
    return mine


def _united(mine: Sequence[Mapping[str, Any]], more: Iterable[object]) -> tuple[Any, ...]:
    """Return data sets with those that only others used, each once."""
    found: dict[str, Any] = {}
    for item in itertools.chain(mine, *(other for other in more if isinstance(other, list))):
        if isinstance(item, Mapping):
            found.setdefault(repr([item.get(key) for key in ("name", "uri", "hash")]), item)
    return tuple(found.values())


def _end_of(writer: WriterManifest, beats: Mapping[tuple[int, int], int | None]) -> tuple[str, str]:
    """Return a writer's status, and why."""
    if writer.is_running:
        status, why = judge(writer.body, beats.get((writer.rank, writer.segment)))
        return status.value, why
    return str(writer.body.get("status"))[:40], str(writer.body.get("reason") or "")[:200]


def _told(status: Status, ends: Iterable[tuple[WriterManifest, tuple[str, str]]]) -> list[str]:
    """Return a sentence for each way to end that the run's own status does not tell."""
    groups: dict[str, list[WriterManifest]] = {}
    for writer, (end, why) in ends:
        # What joined under `run` fails with its program; that the run says itself.
        if end not in (Status.FINISHED, Status.RUNNING) and (end != status or writer.rank):
            groups.setdefault(why if end in (Status.CRASHED, Status.SILENT) else
                              f"{end}: {why}" if why else end, []).append(writer)  # fmt: skip
    return [f"{_named(writers)}: {what}" for what, writers in groups.items()]


def _named(writers: Sequence[WriterManifest]) -> str:
    ranks = sorted({writer.rank for writer in writers if writer.rank})
    segments = sorted({writer.segment for writer in writers if not writer.rank})
    words = []
    for word, numbers in (("rank", ranks), ("segment", segments)):
        if numbers:
            shown = ", ".join(map(str, numbers[:8])) + (" …" if len(numbers) > 8 else "")
            words.append(f"{word}{'s' if len(numbers) > 1 else ''} {shown}")
    return ", ".join(words)
