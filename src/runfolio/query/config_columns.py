"""The settings of many runs, column by column; no run's settings are made flat for it.

Runs of one program have the same names at the same places, so these are found once for all of
them: to give each of ten thousand runs two hundred dotted names takes most of a second, and a
fifth of a gigabyte.
"""

from __future__ import annotations

import collections
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from runfolio.format.codec import flatten
from runfolio.model.run import RunRecord
from runfolio.query.compare import same
from runfolio.query.fields import ABSENT

__all__ = ["ConfigColumns"]

_NOTHING: Final[Mapping[str, Any]] = {}

Path = tuple[str, ...]


class ConfigColumns:
    """What runs have under each dotted name, as `runfolio.format.codec.flatten` writes them.

    Parameters
    ----------
    records : sequence of RunRecord

    Attributes
    ----------
    names : tuple of str
        Every name once, in the order in which they come.
    n_runs : counter
        How many runs have each.
    """

    def __init__(self, records: Sequence[RunRecord]) -> None:
        configs: list[Mapping[str, Any]] = []
        alike: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        often: collections.Counter[tuple[Any, ...]] = collections.Counter()
        for record in records:
            config = record.config
            configs.append(config)
            shape = _shape(config)
            alike.setdefault(shape, config)
            often[shape] += 1
        self._parents: dict[Path, list[Mapping[str, Any]]] = {(): configs}
        self._paths: dict[str, Path] = {}
        self.n_runs = collections.Counter[str]()
        for shape, config in alike.items():
            for name, path in zip(flatten(config), _paths(config), strict=True):
                self._paths.setdefault(name, path)
                self.n_runs[name] += often[shape]
        self.names = tuple(self._paths)

    def column(self, name: str) -> list[Any]:
        """Return what each run has; ``ABSENT`` where it has nothing."""
        path = self._paths.get(name)
        if path is None:
            return [ABSENT] * len(self._parents[()])
        last = path[-1]
        found = [mapping.get(last, ABSENT) for mapping in self._rows(path[:-1])]
        if any(issubclass(kind, Mapping) for kind in set(map(type, found))):
            return list(map(_leaf, found))
        return found

    def value(self, name: str, place: int) -> Any:
        """Return what one run has."""
        path = self._paths.get(name)
        if path is None:
            return ABSENT
        return _leaf(self._rows(path[:-1])[place].get(path[-1], ABSENT))

    def equal(self, names: Sequence[str]) -> set[str]:
        """Return those of some names that every run has, and the same."""
        beside: dict[Path, list[str]] = {}
        for name in names:
            if name in self._paths:
                beside.setdefault(self._paths[name][:-1], []).append(name)
        found = set()
        for parent, some in beside.items():
            found |= self._alike(self._rows(parent), some)
        return found

    def _alike(self, rows: Sequence[Mapping[str, Any]], names: list[str]) -> set[str]:
        """Go through the rows once: they lie far from each other, the columns of one beside."""
        last = {name: self._paths[name][-1] for name in names}
        first = {name: _leaf(rows[0].get(last[name], ABSENT)) for name in names}
        left = [name for name in names if first[name] is not ABSENT]
        got: Callable[[Any], Any] = len
        expected = kinds = None
        for row in rows:
            if expected is None:
                if not left:
                    break
                got = operator.itemgetter(*(last[name] for name in left))
                expected = got(rows[0])
                kinds = _types(expected)
            try:
                values = got(row)
                if values == expected and _types(values) == kinds:
                    continue
            except KeyError:
                pass
            still = [n for n in left if same(first[n], _leaf(row.get(last[n], ABSENT)))]
            if len(still) < len(left):
                left, expected = still, None
        return set(left)

    def _rows(self, path: Path) -> list[Mapping[str, Any]]:
        """Return the mapping that each run has at a place; an empty one where it has none."""
        rows = self._parents.get(path)
        if rows is None:
            inner = [row.get(path[-1]) for row in self._rows(path[:-1])]
            rows = [row if isinstance(row, Mapping) else _NOTHING for row in inner]
            self._parents[path] = rows
        return rows


def _types(values: Any) -> Any:
    # 1 is True to Python; of one name alone the value comes without a tuple around it.
    return tuple(map(type, values)) if type(values) is tuple else type(values)


def _shape(config: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return something that is equal for settings whose dotted names are the same."""
    if not any(issubclass(kind, Mapping) for kind in set(map(type, config.values()))):
        return tuple(config)
    inner = [
        (place, _shape(value))
        for place, value in enumerate(config.values())
        if isinstance(value, Mapping) and value
    ]
    return *config, *inner


def _paths(config: Mapping[str, Any], above: Path = ()) -> list[Path]:
    """Return where each name stands, in the order of `flatten`."""
    found = []
    for key, value in config.items():
        here = (*above, key)
        found += _paths(value, here) if isinstance(value, Mapping) and value else [here]
    return found


def _leaf(value: Any) -> Any:
    return ABSENT if isinstance(value, Mapping) and value else value
