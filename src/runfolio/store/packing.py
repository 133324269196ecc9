"""A record as the index keeps it: a few short texts of JSON, each read when it is asked for."""

from __future__ import annotations

import functools
import operator
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from runfolio.errors import RunNotFound
from runfolio.format.codec import NONFINITE, nonfinite_name
from runfolio.format.manifest import read_record
from runfolio.model.deferred import Figures
from runfolio.model.run import MetricSummary, RunRecord, Status

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
    "seeds": _OBJECT, "data": (list,), "cost": _OBJECT, "software": _OBJECT, "format": (int,),
}  # fmt: skip
_ENDED: Final = list(_HEAD).index("ended_at")
_TUPLES: Final = frozenset({"tags", "problems", "command"})
_DEFINED: Final = ("goal", "rule", "step_metric", "hidden", "unit")
_COUNTED: Final = ("n", "last", "min", "max", "last_step", "min_step", "max_step", "mean", "nonfinite")  # fmt: skip
_DEFINITION: Final = operator.attrgetter(*_DEFINED)
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
    summaries : bytes
        All figures of each.
    crc : int
        Of the last two, which are seldom asked for: it is compared when they are.
    """

    status: str
    created_us: int | None
    head: bytes
    config: bytes
    defined: bytes
    figures: bytes
    summaries: bytes
    rest: bytes
    crc: int


class _Wrong(Exception):
    """A piece is not as `pack` makes it."""


def pack(record: RunRecord) -> Packed | None:
    """Return a settled record in pieces, or ``None`` where they would be too large."""
    metrics = record.metrics
    head = [getattr(record, name) for name in _HEAD]
    head[_ENDED] = microseconds(record.ended_at)
    try:
        pieces = (
            orjson.dumps(head),
            orjson.dumps(record.config),
            _defined(tuple(zip(metrics, map(_DEFINITION, metrics.values()), strict=True))),
            _numbers([s.figure if s.rule else s.last for s in metrics.values()]),
            _numbers([n for summary in metrics.values() for n in _ALL_COUNTED(summary)]),
            orjson.dumps([getattr(record, name) for name in _REST]),
        )
    except (TypeError, ValueError):  # a lone surrogate, an object nested too deep
        return None
    if sum(map(len, pieces)) > MAX_BYTES:
        return None
    start = microseconds(record.created_at)
    return Packed(record.status.value, start, *pieces, crc=_crc(*pieces[-2:]))


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


_NEW: Final = functools.partial(object.__new__, RunRecord)
# Past the guard of a frozen class, and ten thousand times in a refresh.
_SET: Final = {name: getattr(RunRecord, name).__set__ for name in ("id", "status", "unsettled")}
_SET_LATER: Final = RunRecord._later.__set__  # type: ignore[attr-defined]  # noqa: SLF001
_STATUSES: Final[Mapping[str, Status]] = {status.value: status for status in Status}


def unpacked(store: str, run_id: str, packed: Packed) -> RunRecord:
    """Return the record of which these are the pieces.

    Whatever the pieces hold, the record can be read: where one is not as it should be, the run's
    folder is read instead.
    """
    record = _NEW()
    _SET["id"](record, run_id)
    _SET["unsettled"](record, False)  # noqa: FBT003
    status = _STATUSES.get(packed.status)
    if status is not None:
        _SET["status"](record, status)
    _SET_LATER(record, _Later(store, run_id, packed))
    return record


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
            return self._told(name)
        except (_Wrong, ValueError, TypeError):
            return {name: getattr(self.read(), name)}

    def _told(self, name: str) -> Mapping[str, Any]:
        packed = self._packed
        if name == "config":
            return {name: _checked(orjson.loads(packed.config), _OBJECT)}
        if name == "metrics":
            return {name: PackedMetrics(packed, definitions(packed.defined), self)}
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

    def may_hold(self, name: str, key: bytes) -> bool:
        """Return whether a mapping may have a key, at any depth."""
        packed = self._packed
        if name == "config":
            return key in packed.config
        return key in (packed.defined if name == "metrics" else packed.rest)

    def figure_of(self, metric: str) -> float | None:
        """Return the one value that stands for a metric."""
        packed = self._packed
        try:
            place = definitions(packed.defined).place.get(metric)
            if place is None:
                return None
            return _figure(_checked(orjson.loads(packed.figures), (list,))[place])
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


@dataclass(frozen=True, slots=True, eq=False)
class Definitions:
    """Names and definitions of metrics, the same object for all runs that agree in them."""

    rows: tuple[tuple[str, Mapping[str, Any]], ...]
    place: Mapping[str, int]
    headline: tuple[tuple[str, bool], ...]


@functools.lru_cache(maxsize=1024)
def definitions(piece: bytes) -> Definitions:
    """Return what a piece defines.

    Raises
    ------
    ValueError
        It is not as `pack` makes it.
    """
    kinds = (_MAYBE_TEXT, _MAYBE_TEXT, _MAYBE_TEXT, (bool,), _MAYBE_TEXT)
    rows = []
    try:
        for row in _checked(orjson.loads(piece), (list,)):
            key, *values = _checked(row, (list,))
            defined = zip(_DEFINED, values, kinds, strict=True)
            rows.append((_checked(key, _TEXT), {n: _checked(v, kind) for n, v, kind in defined}))
    except _Wrong as error:
        raise ValueError("the piece is damaged") from error
    return Definitions(
        tuple(rows),
        {key: n for n, (key, _) in enumerate(rows)},
        tuple((k, bool(d["goal"])) for k, d in rows if not d["hidden"] and d["rule"] != "none"),
    )


class PackedMetrics(Figures[MetricSummary]):
    """The metrics of a run; the names cost little, their figures are read when asked for."""

    __slots__ = ("_defined", "_later", "_packed", "_whole")

    def __init__(self, packed: Packed, defined: Definitions, later: _Later) -> None:
        self._packed = packed
        self._defined = defined
        self._later = later
        self._whole: Mapping[str, MetricSummary] | None = None

    def __getitem__(self, key: str) -> MetricSummary:
        if key not in self._defined.place:
            raise KeyError(key)
        return self.whole[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._defined.place)

    def __len__(self) -> int:
        return len(self._defined.place)

    def __contains__(self, key: object) -> bool:
        return key in self._defined.place

    def __repr__(self) -> str:
        return repr(self.whole)

    @property
    def headline(self) -> tuple[tuple[str, bool], ...]:
        """Name and whether a goal was said, of each metric that may stand in a headline."""
        return self._defined.headline

    @property
    def whole(self) -> Mapping[str, MetricSummary]:
        """All that is known of each metric."""
        if self._whole is None:
            try:
                self._whole = _summaries(_details(self._packed).summaries, self._defined)
            except (_Wrong, ValueError):
                there = self._later.read().metrics
                self._whole = {key: there.get(key, MetricSummary()) for key in self}
        return self._whole


def _figure(value: Any) -> float | None:
    kind = type(value)
    if kind is float or kind is int or value is None:
        return value  # type: ignore[no-any-return]
    if kind is str and value in NONFINITE:
        return NONFINITE[value]
    raise _Wrong


def _summaries(piece: bytes, defined: Definitions) -> dict[str, MetricSummary]:
    values = iter(_checked(orjson.loads(piece), (list,)))
    found = {}
    for key, definition in defined.rows:
        figures: dict[str, Any] = {name: _figure(next(values, "")) for name in _COUNTED}
        if type(figures["n"]) is not int or type(figures["nonfinite"]) is not int:
            raise _Wrong
        found[key] = MetricSummary(**figures, **definition)
    if next(values, None) is not None:
        raise _Wrong
    return found
