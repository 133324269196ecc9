"""The data sets of two runs beside each other: content, size, columns, and the files in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.format.disk import read_small
from runfolio.format.layout import RunPaths
from runfolio.model.run import RunRecord
from runfolio.query.compare import Change, changes
from runfolio.query.diff_records import both_lack, listed, mapping, no_file

__all__ = ["DataDiff", "DataSetDiff", "MembersDiff", "data_diff"]

_FACTS: Final = {
    "hash": "content", "rows": "rows", "columns": "columns", "bytes": "bytes", "files": "files",
    "uri": "path", "kind": "kind", "found": "found",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MembersDiff:
    """The files of a data set of several files.

    Attributes
    ----------
    added, removed, changed : tuple of str
        Paths below the data set.
    partial : bool
        Whether a run lists only the first of its files, so that others may differ, too.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class DataSetDiff:
    """One data set that is not the same.

    Attributes
    ----------
    name : str
    kind : str
        ``added``, ``removed`` or ``changed``.
    facts : tuple of Change
        ``content`` (the hash), ``rows``, ``columns``, ``bytes``, ``files``, ``path``, ``kind``,
        ``found``.
    schema : tuple of Change
        Columns or arrays, and their types.
    members : MembersDiff
    note : str
        Why its content cannot be compared; empty where it could.
    """

    name: str
    kind: str
    facts: tuple[Change, ...] = ()
    schema: tuple[Change, ...] = ()
    members: MembersDiff = field(default_factory=MembersDiff)
    note: str = ""


@dataclass(frozen=True, slots=True)
class DataDiff:
    """The data sets that differ, and the names of those that are the same."""

    sets: tuple[DataSetDiff, ...] = ()
    same: tuple[str, ...] = ()


def data_diff(a: RunRecord, b: RunRecord) -> tuple[DataDiff, list[str]]:
    """Return which data sets differ between two runs, and what was not compared."""
    why: list[str] = []
    was, now = _sets(a, why), _sets(b, why)
    why = both_lack(a, b, "data.json", why)
    pairs = _pairs(was, now)
    found = [_set(name, was.get(left), now.get(right)) for name, left, right in pairs]
    differ = tuple(one for one in found if one.facts or one.schema or one.note)
    told = {one.name for one in differ}
    return DataDiff(differ, tuple(one.name for one in found if one.name not in told)), why


def _pairs(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the data sets of both: by name, then what lay at the same place or is the same."""
    pairs = [(name, name, name) for name in was if name in now]
    left = [name for name in was if name not in now]
    right = [name for name in now if name not in was]
    for what in ("uri", "hash"):
        by_fact = {now[name].get(what): name for name in right if now[name].get(what)}
        for name in list(left):
            match = by_fact.pop(was[name].get(what), None)
            if match is not None:
                left.remove(name)
                right.remove(match)
                pairs.append((match, name, match))
    return [*pairs, *((name, name, "") for name in left), *((name, "", name) for name in right)]


def _set(name: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> DataSetDiff:
    before, after = was or {}, now or {}
    kind = "added" if was is None else "removed" if now is None else "changed"
    facts = tuple(changes(_facts(before), _facts(after)))
    if kind != "changed":
        return DataSetDiff(name, kind, facts)
    note = ""
    if not (before.get("hash") and after.get("hash")):
        words = str(before.get("why") or after.get("why") or "it was not hashed")
        note = f"its content is not compared: {words}"
    return DataSetDiff(name, kind, facts, tuple(changes(*map(_schema, (before, after)))),
                       _members(before, after), note)  # fmt: skip


def _facts(item: Mapping[str, Any]) -> dict[str, Any]:
    # A scalar, whatever the file holds: it is shown as one.
    return {
        words: item[key] for key, words in _FACTS.items() if isinstance(item.get(key), (str, int))
    }


def _schema(item: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): str(kind) for name, kind in mapping(item.get("schema")).items()}


def _members(was: Mapping[str, Any], now: Mapping[str, Any]) -> MembersDiff:
    before, after = (
        {str(one.get("path")): one.get("hash") for one in listed(item.get("members"))}
        for item in (was, now)
    )
    partial = any(
        isinstance(item.get("files"), int) and item["files"] > len(known)
        for item, known in ((was, before), (now, after))
        if known
    )
    return MembersDiff(
        tuple(path for path in after if path not in before),
        tuple(path for path in before if path not in after),
        tuple(path for path in before if path in after and before[path] != after[path]),
        partial,
    )


def _sets(record: RunRecord, why: list[str]) -> dict[str, Mapping[str, Any]]:
    """Return the data sets of a run by their names, those of all its writers."""
    items: list[Mapping[str, Any]] = []
    parts = RunPaths(record.path).parts("data", "json")
    for _, path in parts:
        try:
            items += listed(mapping(loads(read_small(path), path.name)).get("used"))
        except (CorruptRecord, OSError) as error:
            why.append(f"{path.name} of {record.short_id} cannot be read: {error}")
    if not items:
        items = list(record.data)
        if items and parts:
            why.append(f"all of {record.short_id} but what its manifest says")
    if not parts and not items:
        why.append(no_file(record, "data.json"))
    return _named(items)


def _named(items: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for place, item in enumerate(items, start=1):
        name = str(item.get("name") or item.get("uri") or f"data {place}")
        n = 1
        while (key := name if n == 1 else f"{name} ({n})") in found:
            n += 1
        found[key] = item
    return found
