"""``metrics.toml``: the project's own words for its metrics, as a file beside the code.

::

    ["val/acc"]
    goal = "maximize"
    unit = "%"
    step = "epoch"
    aliases = ["val-acc", "Val/Acc"]

    ["train/*"]
    aliases = ["training/*"]

A table a metric, or a pattern with one ``*``. What cannot be understood is named and passed over;
the rest of the file holds.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord, UsageError, did_you_mean
from runfolio.format.disk import read_small
from runfolio.model.definitions import definition
from runfolio.model.metric import Definition
from runfolio.model.vocabulary import Alias, Vocabulary, vocabulary

__all__ = ["NAME", "MetricsToml", "as_alias", "read_metrics_toml"]

NAME: Final = "metrics.toml"

_MAX_BYTES: Final = 1 << 20
_LONGEST_UNIT: Final = 20
_FIELDS: Final[Mapping[str, tuple[type, str]]] = {
    "goal": (str, 'a text, "minimize" or "maximize"'),
    "unit": (str, 'a text such as "s" or "nats"'),
    "step": (str, 'the name of a metric, such as "epoch"'),
    "summary": (str, 'a text such as "min" or "best"'),
    "hidden": (bool, "true or false"),
    "aliases": (list, 'a list of names, such as ["training_loss"]'),
}


@dataclass(frozen=True, slots=True)
class MetricsToml:
    """The file, read.

    Attributes
    ----------
    path : Path
    vocabulary : Vocabulary
        What was understood.
    faults : tuple of str
        A sentence for each thing that was not; each says where, and what was expected.
    """

    path: Path
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    faults: tuple[str, ...] = ()


def read_metrics_toml(path: Path) -> MetricsToml:
    """Return what a ``metrics.toml`` says; one that is not there says nothing.

    In one process it is read again only when it changed.
    """
    try:
        info = path.stat()
    except OSError:
        return MetricsToml(path)
    return _read(path, info.st_mtime_ns, info.st_size, info.st_ino)


def as_alias(name: str, *aliases: str) -> str:
    """Return the line of a ``metrics.toml`` that says these are other names of a metric."""
    listed = ", ".join(map(_quoted, aliases))
    return f"{_quoted(name)} = {{ aliases = [{listed}] }}"


def _quoted(text: str) -> str:
    import json

    # A basic string of TOML escapes what JSON escapes, and DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@functools.lru_cache(maxsize=8)
def _read(path: Path, *_stamp: int) -> MetricsToml:
    import tomllib

    try:
        tables = tomllib.loads(read_small(path, _MAX_BYTES).decode())
    except (ValueError, CorruptRecord, OSError) as error:
        return MetricsToml(path, faults=(f"{path} cannot be read: {error}",))
    faults: list[str] = []
    said: list[Definition] = []
    aliases: list[Alias] = []
    for name, table in _tables(tables, faults):
        try:
            said.append(_definition(name, table))
        except UsageError as error:
            faults.append(str(error))
        aliases += _aliases(name, table.get("aliases", ()), faults)
    _refuse_chains(aliases, {one.name for one in said}, faults)
    named = tuple(fault.replace("define_metric(", f"{path.name}: (") for fault in faults)
    return MetricsToml(path, vocabulary(said, aliases), named)


def _tables(
    tables: Mapping[str, Any], faults: list[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each metric's table with only those of its fields that have the right type."""
    for name, table in tables.items():
        if not isinstance(table, dict):
            faults.append(
                f'{NAME}: "{name}" stands outside of a table; expected ["METRIC"] above it.'
            )
            continue
        if name.count("*") > 1:
            faults.append(f'{NAME}, ["{name}"]: a pattern has one * at most.')
            continue
        yield name, dict(_fields(name, table, faults))


def _fields(name: str, table: Mapping[str, Any], faults: list[str]) -> Iterator[tuple[str, Any]]:
    where = f'{NAME}, ["{name}"]'
    for key, value in table.items():
        if key not in _FIELDS:
            nested = isinstance(value, dict)
            # A bare table's name is no part of the metric's.
            meant = key if name in {"metric", "metrics"} else f"{name}/{key}"
            hint = f' Write ["{meant}"] for a metric of that name.' if nested else ""
            faults.append(f"{where}: there is no field {key!r}; expected {', '.join(_FIELDS)}."
                          f"{did_you_mean(key, _FIELDS)}{hint}")  # fmt: skip
            continue
        kind, expected = _FIELDS[key]
        if type(value) is not kind or (type(value) is list and not all(map(_is_name, value))):
            faults.append(f"{where}: {key} is {value!r}; expected {expected}.")
        elif key == "unit" and len(str(value)) > _LONGEST_UNIT:
            faults.append(f"{where}: the unit has {len(str(value))} characters; expected "
                          f"{_LONGEST_UNIT} at most.")  # fmt: skip
        else:
            yield key, value


def _is_name(value: object) -> bool:
    return type(value) is str and bool(value)


def _definition(name: str, table: Mapping[str, Any]) -> Definition:
    said = definition(
        name, table.get("step"), table.get("summary"), table.get("goal"), hidden=table.get("hidden")
    )
    return replace(said, unit=table.get("unit") or None)


def _aliases(name: str, given: Iterable[str], faults: list[str]) -> Iterator[Alias]:
    for alias in given:
        if alias.count("*") != name.count("*"):
            faults.append(f'{NAME}, ["{name}"]: the alias "{alias}" has {alias.count("*")} *; expected '
                          f"as many as the name, {name.count('*')}.")  # fmt: skip
        elif alias != name:
            yield Alias(alias, name)


def _refuse_chains(aliases: list[Alias], names: set[str], faults: list[str]) -> None:
    """Drop an alias that is itself a metric of the file, or that two metrics claim."""
    claimed: dict[str, str] = {}
    for one in list(aliases):
        if one.alias in names:
            faults.append(f'{NAME}, ["{one.name}"]: the alias "{one.alias}" is a metric of this file '
                          "itself; expected a name that has no table of its own.")  # fmt: skip
            aliases.remove(one)
        elif claimed.setdefault(one.alias, one.name) != one.name:
            faults.append(f'{NAME}, ["{one.name}"]: the alias "{one.alias}" belongs to '
                          f'["{claimed[one.alias]}"] already.')  # fmt: skip
            aliases.remove(one)
