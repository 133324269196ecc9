"""A record as the index keeps it: a few short texts of JSON, each read when it is asked for."""

from __future__ import annotations

import functools
import operator
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from runfolio.errors import RunNotFound
from runfolio.format.codec import NONFINITE, nonfinite_name
from runfolio.format.manifest import read_record
from runfolio.model.deferred import DEFINED, Figures, Outline
from runfolio.model.run import MetricSummary, RunRecord, Status, told_later

__all__ = ["Packed", "microseconds", "pack", "unpacked"]

MAX_BYTES: Final = 1024 * 1024
"""A run that takes more is read from its folder each time."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_TEXT: Final = (str,)
_MAYBE_TEXT: Final = (str, type(None))
_OBJECT: Final = (dict,)
_HEAD: Final[Mapping[str, tuple[type, ...]]] = {
    "name": _TEXT, "project": _TEXT, "group": _MAYBE_TEXT, "job_type": _MAYBE_TEXT,
    "tags": (list,), "notes": _TEXT, "note": _TEXT, "signal": _MAYBE_TEXT,
    "exit_code": (int, type(None)), "ended_at": (int, type(None)),
    "duration_s": (int, float, type(None)), "host": _MAYBE_TEXT, "user": _MAYBE_TEXT,
    "notebook": _MAYBE_TEXT, "sweep": _MAYBE_TEXT, "problems": (list,),
}  # fmt: skip
_REST: Final[Mapping[str, tuple[type, ...]]] = {
    "pid": (int, type(None)), "command": (list,), "kernel_id": _MAYBE_TEXT,
    "parent": _MAYBE_TEXT, "rerun_of": _MAYBE_TEXT, "config_source": _OBJECT,
    "summary": _OBJECT, "counts": _OBJECT, "complete": _OBJECT, "git": _OBJECT,
    "seeds": _OBJECT, "data": (list,), "artifacts": _OBJECT, "cost": _OBJECT, "software": _OBJECT, "format": (int,),
}  # fmt: skip
_ENDED: Final = list(_HEAD).index("ended_at")
_TUPLES: Final = frozenset({"tags", "problems", "command"})
_COUNTED: Final = ("n", "last", "min", "max", "last_step", "min_step", "max_step", "mean", "nonfinite")  # fmt: skip
_DEFINITION: Final = operator.attrgetter(*DEFINED)
_ALL_COUNTED: Final = operator.attrgetter(*_COUNTED)


class Packed(NamedTuple):
    """One record in pieces; everything is bytes of JSON but the status and the start.

    Attributes
    ----------
    created_us : int or None
        Start in microseconds UTC.
    defined : bytes
        Names and definitions of the metrics: the same for most runs of a store.
    figures : bytes
        The one figure of each metric.
    crc : int
        Of the last two, which are seldom asked for: it is compared when they are.
    summaries : bytes
        All figures of each.
    """

    status: str
    created_us: int | None
    head: bytes
    config: bytes
    defined: bytes
    figures: bytes
    crc: int
    summaries: bytes
    rest: bytes


class _Wrong(Exception):
    """A piece is not as `pack` makes it."""


def pack(record: RunRecord) -> Callable[[], Packed | None]:
    """Return what puts a settled record into pieces, later; ``None`` where they would be too large.

    What somebody could change in the record meanwhile, such as its settings, is taken now.
    """
    head = [getattr(record, name) for name in _HEAD]
    head[_ENDED] = microseconds(record.ended_at)
    try:
        taken = (
            orjson.dumps(head),
            orjson.dumps(record.config),
            orjson.dumps([getattr(record, name) for name in _REST]),
        )
    except (TypeError, ValueError):  # a lone surrogate, an object nested too deep
        return _nothing
    start = microseconds(record.created_at)
    return functools.partial(_packed, record.status.value, start, taken, dict(record.metrics))


def _nothing() -> None:
    return None


def _packed(
    status: str,
    created_us: int | None,
    taken: tuple[bytes, bytes, bytes],
    metrics: Mapping[str, MetricSummary],
) -> Packed | None:
    head, config, rest = taken
    try:
        figures = (
            _defined(tuple(zip(metrics, map(_DEFINITION, metrics.values()), strict=True))),
            _numbers([s.figure if s.rule else s.last for s in metrics.values()]),
        )
        summaries = _numbers([n for summary in metrics.values() for n in _ALL_COUNTED(summary)])
    except (TypeError, ValueError):
        return None
    if sum(map(len, (*taken, *figures, summaries))) > MAX_BYTES:
        return None
    crc = _crc(summaries, rest)
    return Packed(status, created_us, head, config, *figures, crc, summaries, rest)


def _crc(summaries: bytes, rest: bytes) -> int:
    return zlib.crc32(rest, zlib.crc32(summaries))


@functools.lru_cache(maxsize=64)
def _defined(metrics: tuple[tuple[str, tuple[Any, ...]], ...]) -> bytes:
    return orjson.dumps([[key, *definition] for key, definition in metrics])


def _numbers(values: list[float | None]) -> bytes:
    piece = orjson.dumps(values)
    # JSON has no word for what is not finite: it would be nulls that nobody wrote.
    if piece.count(b"null") == values.count(None):
        return piece
    return orjson.dumps([v if v is None else nonfinite_name(v) or v for v in values])


def microseconds(moment: datetime | None) -> int | None:
    """Return a time in microseconds UTC since 1970, exactly."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def _moment(us: int | None) -> datetime | None:
    try:
        return None if us is None else _EPOCH + timedelta(microseconds=us)
    except OverflowError as error:
        raise _Wrong from error


_STATUSES: Final[Mapping[str, Status]] = {status.value: status for status in Status}


def unpacked(store: str, run_id: str, packed: Packed) -> RunRecord:
    """Return the record of which these are the pieces.

    Whatever the pieces hold, the record can be read: where one is not as it should be, the run's
    folder is read instead.
    """
    return told_later(_Later(store, run_id, packed), run_id, _STATUSES.get(packed.status))


class _Later:
    """Tells the fields of a record when they are asked for."""

    __slots__ = ("_packed", "_run_id", "_store")

    def __init__(self, store: str, run_id: str, packed: Packed) -> None:
        self._store = store
        self._run_id = run_id
        self._packed = packed

    def __call__(self, name: str) -> Mapping[str, Any]:
        """Return the value of a field by its name, and those of others that come with it."""
        try:
            if name == "config":
                return {name: _checked(orjson.loads(self._packed.config), _OBJECT)}
            return self._told(name)
        except (_Wrong, ValueError, TypeError):
            return {name: getattr(self.read(), name)}

    def _told(self, name: str) -> Mapping[str, Any]:
        packed = self._packed
        if name == "metrics":
            return {name: PackedMetrics(packed, self)}
        if name == "created_at":
            return {name: _moment(packed.created_us)}
        if name == "path":
            return {name: self._path()}
        if name in _HEAD:
            head = _fields(packed.head, _HEAD)
            head["ended_at"] = _moment(head["ended_at"])
            return head
        if name in _REST:
            rest = _fields(_details(packed).rest, _REST)
            rest["data"] = tuple(_checked(item, _OBJECT) for item in rest["data"])
            return rest
        if name == "status":
            raise _Wrong
        return {}

    def written(self, name: str) -> bytes | None:
        """Return JSON that has each key of a mapping, at any depth."""
        packed = self._packed
        if name == "config":
            return packed.config
        return packed.defined if name == "metrics" else packed.rest

    def figure_of(self, metric: str) -> float | None:
        """Return the one value that stands for a metric."""
        packed = self._packed
        try:
            place = _outline(packed.defined).place.get(metric)
            return None if place is None else _figure(_each_figure(packed.figures)[place])
        except (_Wrong, ValueError, IndexError):
            return self.read().figure_of(metric)

    def read(self) -> RunRecord:
        """Return the record as its folder tells it."""
        try:
            return read_record(self._path())
        except RunNotFound:
            return RunRecord(id=self._run_id, path=self._path(), name=self._run_id)

    def _path(self) -> Path:
        return Path(self._store, self._run_id)


def _details(packed: Packed) -> Packed:
    if not {type(packed.summaries), type(packed.rest)} <= {bytes}:
        raise _Wrong
    if packed.crc != _crc(packed.summaries, packed.rest):
        raise _Wrong
    return packed


def _fields(piece: bytes, kinds: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:
    values = _checked(orjson.loads(piece), (list,))
    if len(values) != len(kinds):
        raise _Wrong
    found = {
        name: _checked(value, kind)
        for (name, kind), value in zip(kinds.items(), values, strict=True)
    }
    for name in _TUPLES & found.keys():
        found[name] = tuple(_checked(item, _TEXT) for item in found[name])
    return found


def _checked(value: Any, kinds: tuple[type, ...]) -> Any:
    if type(value) not in kinds:
        raise _Wrong
    return value


@functools.lru_cache(maxsize=1024)
def _outline(piece: bytes) -> Outline:
    kinds = (_MAYBE_TEXT, _MAYBE_TEXT, _MAYBE_TEXT, (bool,), _MAYBE_TEXT)
    found = {}
    for row in _checked(orjson.loads(piece), (list,)):
        key, *values = _checked(row, (list,))
        defined = zip(DEFINED, values, kinds, strict=True)
        found[_checked(key, _TEXT)] = {name: _checked(v, kind) for name, v, kind in defined}
    return Outline(found)


@functools.lru_cache(maxsize=16)  # a table asks for one metric of a run after the other
def _each_figure(piece: bytes) -> list[Any]:
    return _checked(orjson.loads(piece), (list,))  # type: ignore[no-any-return]


class PackedMetrics(Figures[MetricSummary]):
    """The metrics of a run as its record has them in pieces."""

    __slots__ = ("_later", "_packed", "_whole")

    def __init__(self, packed: Packed, later: _Later) -> None:
        super().__init__(_outline(packed.defined))
        self._packed = packed
        self._later = later
        self._whole: Mapping[str, MetricSummary] | None = None

    @property
    def whole(self) -> Mapping[str, MetricSummary]:
        """All that is known of each metric."""
        if self._whole is None:
            try:
                self._whole = _summaries(_details(self._packed).summaries, self.outline)
            except (_Wrong, ValueError):
                there = self._later.read().metrics
                self._whole = {key: there.get(key, MetricSummary()) for key in self}
        return self._whole

    def figure_of(self, metric: str) -> float | None:
        """Return the one value that stands for a metric; ``None`` where there is none."""
        return self._later.figure_of(metric)


def _figure(value: Any) -> float | None:
    kind = type(value)
    if kind is float or kind is int or value is None:
        return value  # type: ignore[no-any-return]
    if kind is str and value in NONFINITE:
        return NONFINITE[value]
    raise _Wrong


def _summaries(piece: bytes, outline: Outline) -> dict[str, MetricSummary]:
    values = iter(_checked(orjson.loads(piece), (list,)))
    found = {}
    for key, definition in outline.defined.items():
        figures: dict[str, Any] = {name: _figure(next(values, "")) for name in _COUNTED}
        if type(figures["n"]) is not int or type(figures["nonfinite"]) is not int:
            raise _Wrong
        found[key] = MetricSummary(**figures, **definition)
    if next(values, None) is not None:
        raise _Wrong
    return found
