"""What a name in a query means: a field of every run, a setting, a metric."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.errors import did_you_mean
from runfolio.format.codec import dumps, flatten
from runfolio.model.run import RunRecord
from runfolio.query.run_faults import fault
from runfolio.store.words import project_words

__all__ = [
    "ABSENT",
    "FIELDS",
    "Absent",
    "Field",
    "flat_settings",
    "known_names",
    "no_such_metric",
    "printable",
    "resolve",
    "shadowed",
    "unknown_name",
]


class Absent(enum.Enum):
    """The value of a name that a run does not have; ``None`` is a value of its own."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = Absent.ABSENT

Getter = Callable[[RunRecord], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A name that was understood.

    Attributes
    ----------
    name : str
        As the record has it: ``created_at`` for ``started``, the full key of a metric.
    kind : str
        ``status``, ``tags``, ``text``, ``id``, ``number``, ``duration``, ``time``, ``flag``,
        ``metric`` or ``value`` (a setting: of any type).
    get : callable
        Takes a record, returns its value or `ABSENT`.
    """

    name: str
    kind: str
    get: Getter


def _attribute(name: str) -> Getter:
    def get(record: RunRecord) -> Any:
        value = getattr(record, name)
        return ABSENT if value is None or value == "" else value

    return get


def _git(key: str, kind: type) -> Getter:
    def get(record: RunRecord) -> Any:
        value = record.git.get(key)
        # Inside these mappings a stranger's manifest may hold anything.
        return value if isinstance(value, kind) else ABSENT

    return get


def _data_words(record: RunRecord) -> Any:
    words = [item.get(what) for item in record.data for what in ("name", "uri", "hash")]
    return tuple(word for word in words if isinstance(word, str) and word) or ABSENT


def _data_hash(name: str) -> Getter:
    def get(record: RunRecord) -> Any:
        for item in record.data:
            if name in (item.get("name"), item.get("uri")):
                found = item.get("hash")
                return found if isinstance(found, str) else ABSENT
        return ABSENT

    return get


_BUILT_IN: Final[tuple[tuple[str, str, Getter], ...]] = (
    ("status", "status", _attribute("status")),
    ("tag tags", "tags", _attribute("tags")),
    ("name", "text", _attribute("name")),
    ("id", "id", _attribute("id")),
    *((name, "text", _attribute(name)) for name in (
        "project", "group", "job_type", "notes", "note", "host", "user", "notebook", "parent",
        "rerun_of", "sweep", "signal",
    )),
    ("created_at created started", "time", _attribute("created_at")),
    ("ended_at ended", "time", _attribute("ended_at")),
    ("duration_s duration took", "duration", _attribute("duration_s")),
    ("exit_code", "number", _attribute("exit_code")),
    ("branch git.branch", "text", _git("branch", str)),
    ("sha git.sha commit", "id", _git("sha", str)),
    ("dirty git.dirty", "flag", _git("dirty", bool)),
    ("data", "tags", _data_words),
    ("fault", "text", lambda record: fault(record) or ABSENT),
)  # fmt: skip

FIELDS: Final[Mapping[str, Field]] = {
    alias: Field(names.split()[0], kind, get)
    for names, kind, get in _BUILT_IN
    for alias in names.split()
}
"""Every built-in name; the first of several is the record's own."""

_MAPPINGS: Final = ("config", "summary", "git", "seeds", "software", "counts", "complete", "cost")
_FIGURES: Final = ("last", "min", "max", "n", "last_step", "min_step", "max_step")


def resolve(name: str, records: Sequence[RunRecord]) -> Field | None:
    """Return what a name means for these records, or ``None`` where none of them has it.

    Looked up as a built-in field, then as a setting, then as a metric, then in what was put
    into the summary by hand. ``config.x``, ``metrics.x``, ``summary.x``, ``git.x``, ``seeds.x``
    and the like say where; ``data`` is the names and hashes of the data sets, ``data.x`` the hash
    of one; ``.min``, ``.max``, ``.last``, ``.n`` behind a metric say which figure.
    """
    if name in FIELDS:
        return FIELDS[name]
    prefix, _, rest = name.partition(".")
    if rest and prefix == "metrics":
        return _metric(rest, records) or _by_another_name(rest, records)
    if rest and prefix == "data" and any(_data_hash(rest)(r) is not ABSENT for r in records):
        return Field(name, "id", _data_hash(rest))
    if rest and prefix in _MAPPINGS and (found := _setting(prefix, rest, records)) is not None:
        return found
    return (
        _setting("config", name, records)
        or _metric(name, records)
        or _setting("summary", name, records)
        or _by_another_name(name, records)
    )


def _by_another_name(name: str, records: Sequence[RunRecord]) -> Field | None:
    """Return the metric that the project's ``metrics.toml`` calls otherwise now."""
    store = records[0].path.parent if records else None
    called = project_words(store).name_of(name)
    return _metric(called, records) if called != name else None


def shadowed(name: str, meant: Field | None, records: Sequence[RunRecord]) -> list[str]:
    """Return the longer names under which a name's other meanings can be had."""
    prefix, _, rest = name.partition(".")
    if meant is None or meant.kind == "metric" or prefix in ("config", "metrics"):
        return []
    others = [
        (f"config.{name}", _setting("config", name, records)),
        (f"metrics.{name}", _metric(name, records)),
    ]
    placed = rest and prefix in _MAPPINGS and _setting(prefix, rest, records) is not None
    if meant.kind == "value" and not placed:
        del others[0]
    return [longer for longer, found in others if found is not None]


def flat_settings(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings with dotted names; most are flat already and stay as they are."""
    nested = [
        key for key, value in config.items() if type(value) is dict or "." in key or "\\" in key
    ]
    if not nested:
        return config
    flat = {key: value for key, value in config.items() if key not in nested}
    for key in nested:
        flat |= flatten({key: config[key]})
    return flat


def known_names(records: Iterable[RunRecord]) -> list[str]:
    """Return every name that a query over these records may use."""
    names = dict.fromkeys(FIELDS)
    for record in records:
        names.update(dict.fromkeys(record.metrics))
        names.update(dict.fromkeys(flatten(record.config)))
        names.update(dict.fromkeys(flatten(record.summary)))
    return list(names)


def unknown_name(name: str, records: Iterable[RunRecord]) -> str:
    """Return the sentence for a name that nothing is called, with the nearest known one."""
    # A comparison with every metric of every run would take minutes where they are hostile.
    known = [printable(other) for other in known_names(records) if len(other) <= 100][:5000]
    return (
        f'No run has "{printable(name)}": it is no field, setting or metric.'
        f"{did_you_mean(printable(name), known)}"
    )


def no_such_metric(key: str, known: Iterable[str]) -> str:
    """Return the sentence for a metric that is not there, with the nearest one."""
    near = did_you_mean(printable(key), list(map(printable, known))[:5000])
    return f'There is no metric "{printable(key)}".{near}'


def printable(text: str, width: int = 100) -> str:
    """Return text of a run for a message: on one line, nothing invisible, of bounded length."""
    text = text if len(text) <= width else text[: width - 1] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _metric(name: str, records: Sequence[RunRecord]) -> Field | None:
    if any(name in record.metrics for record in _holders("metrics", [name], records)):
        return Field(name, "metric", _figure_getter(name, None))
    stem, _, suffix = name.rpartition(".")
    if suffix in _FIGURES and any(
        stem in record.metrics for record in _holders("metrics", [stem], records)
    ):
        return Field(name, "metric", _figure_getter(stem, suffix))
    return None


def _figure_getter(key: str, which: str | None) -> Getter:
    def get(record: RunRecord) -> Any:
        if which is None:
            value = record.figure_of(key)
        else:
            value = getattr(record.metrics.get(key), which, None)
        return ABSENT if value is None else value

    return get


_DOT: Final = re.compile(r"(?<!\\)\.")


def _setting(mapping: str, name: str, records: Sequence[RunRecord]) -> Field | None:
    get = _digger(mapping, name)
    holders = _holders(mapping, {name, _pieces(name)[-1]}, records)
    if any(get(record) is not ABSENT for record in holders):
        return Field(name, "value", get)
    return None


def _holders(
    mapping: str, keys: Collection[str], records: Sequence[RunRecord]
) -> Iterator[RunRecord]:
    """Yield the records that may have one of the keys: to read them all takes ten times as long."""
    try:
        words = [dumps(key)[1:-1] for key in keys]
    except TypeError:  # a lone surrogate, which no run can hold but of which nothing is known
        yield from records
        return
    last: bytes | None = None
    holds = True
    for record in records:
        text = record.written(mapping)
        if text is not last:  # the metrics of most runs are the same object
            last, holds = text, text is None
            for word in words:
                holds = holds or (text is not None and word in text)
        if holds:
            yield record


def _pieces(name: str) -> list[str]:
    return [piece.replace("\\.", ".").replace("\\\\", "\\") for piece in _DOT.split(name)]


def _digger(mapping: str, name: str) -> Getter:
    # Walking into the nested mapping costs a tenth of making every record's settings flat.
    path = _pieces(name)
    # Settings are read anew in less time than it takes to keep them; the rest comes together.
    mapping_of = RunRecord.peek if mapping == "config" else getattr

    def get(record: RunRecord) -> Any:
        here: Any = mapping_of(record, mapping)
        if name in here:  # a key that holds dots itself
            return here[name]
        for piece in path:
            if not isinstance(here, Mapping) or piece not in here:
                return ABSENT
            here = here[piece]
        return here

    return get
