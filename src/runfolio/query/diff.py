"""Everything that differs between two runs but their code, read from their directories.

The parts stand in the order in which they explain a result: config, cells, environment, data,
seeds, metrics, files. The code is compared by :mod:`runfolio.replay.trees`, which needs git.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord, RunfolioError
from runfolio.format.codec import loads
from runfolio.format.disk import read_small
from runfolio.model.context import CellExecution
from runfolio.model.run import RunRecord
from runfolio.query.compare import Change, Delta, difference, same
from runfolio.query.diff_cells import CellsDiff, cells_diff, cells_of
from runfolio.query.fields import ABSENT
from runfolio.store.reader import RunReader

__all__ = ["RunDiff", "run_diff"]

# What of the environment is told by its own name; distributions and variables come one by one.
_SAID: Final = ("python", "implementation", "platform", "cpu", "memory_bytes", "libc")

_STATE_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class RunDiff:
    """What differs between two runs, from the first to the second.

    Attributes
    ----------
    was, now : RunRecord
    config, environment, data, seeds, files : tuple of Change
        Files are those that were saved, by their hashes.
    cells : CellsDiff
    metrics : tuple of Delta
        Of all metrics of either run, equal ones included.
    n_packages, n_data, n_files : int
        How many are the same in both.
    unread : tuple of str
        What could not be read, and so is not compared.
    """

    was: RunRecord
    now: RunRecord
    config: tuple[Change, ...]
    cells: CellsDiff
    environment: tuple[Change, ...]
    data: tuple[Change, ...]
    seeds: tuple[Change, ...]
    metrics: tuple[Delta, ...]
    files: tuple[Change, ...]
    n_packages: int = 0
    n_files: int = 0
    unread: tuple[str, ...] = ()


def run_diff(was: RunReader, now: RunReader) -> RunDiff:
    """Return what differs between two runs; what cannot be read of one is named and left out."""
    unread: list[str] = []
    a, b = was.record, now.record
    short = difference(a, b)
    before, after = _environment(a, unread), _environment(b, unread)
    files = _files(a.path), _files(b.path)
    return RunDiff(
        a, b,
        config=short.config,
        cells=cells_diff(_cells(was, a, unread), _cells(now, b, unread)),
        environment=tuple(_changes(before, after)) if before and after else short.environment,
        data=short.data,
        seeds=tuple(_changes(_seeds(a, unread), _seeds(b, unread))),
        metrics=short.metrics,
        files=tuple(_changes(*files)),
        n_packages=_n_same(_packages(before), _packages(after)),
        n_files=_n_same(*files),
        unread=tuple(dict.fromkeys(unread)),
    )  # fmt: skip


def _cells(reader: RunReader, record: RunRecord, unread: list[str]) -> list[CellExecution]:
    try:
        return cells_of(record, reader.cells())
    except (RunfolioError, OSError) as error:
        unread.append(f"the cells of {record.short_id}: {error}")
        return []


def _environment(record: RunRecord, unread: list[str]) -> dict[str, Any]:
    """Return what a run ran in, by the names that a reader knows it by."""
    body = _read(record.path / "environment" / "environment.json", unread, record)
    found = {name: body[name] for name in _SAID if body.get(name) is not None}
    for place, gpu in enumerate(_list(body.get("gpus"))):
        if isinstance(gpu, Mapping):
            found[f"GPU {place}"] = gpu.get("name")
    container = body.get("container")
    if isinstance(container, Mapping):
        found["container"] = container.get("image") or container.get("kind")
    variables = body.get("variables")
    if isinstance(variables, Mapping):
        found |= {f"${name}": value for name, value in variables.items()}
    for one in _list(body.get("distributions")):
        if isinstance(one, Mapping) and isinstance(one.get("name"), str):
            version, origin = one.get("version"), one.get("origin")
            said = f"{version} from {origin}" if isinstance(origin, str) else version
            found[f"package {one['name']}"] = said
    return found


def _seeds(record: RunRecord, unread: list[str]) -> dict[str, Any]:
    """Return the seeds that were set, and the states of the generators by their hashes."""
    body = _read(record.path / "seeds.json", unread, record)
    given, states = body.get("set"), body.get("states")
    found = dict(given if isinstance(given, Mapping) else record.seeds)
    for name, file in states.items() if isinstance(states, Mapping) else ():
        digest = str(file).removeprefix("rng/").removesuffix(".json")
        found[f"state of {name}"] = digest[:_STATE_DIGITS]
    return found


def _packages(environment: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in environment.items() if k.startswith("package ")}


def _files(run: Path) -> dict[str, Any]:
    """Return the hash of each file that a run saved, as its seal has it."""
    body = _read(run / "seal.json", [], None)
    files = body.get("files")
    found = files.items() if isinstance(files, Mapping) else ()
    kept = ("files/", "artifacts/")
    return {str(path): digest for path, digest in found if str(path).startswith(kept)}


def _read(path: Path, unread: list[str], record: RunRecord | None) -> Mapping[str, Any]:
    try:
        body = loads(read_small(path), path.name)
    except FileNotFoundError:
        return {}
    except (CorruptRecord, OSError) as error:
        if record is not None:
            unread.append(f"{path.name} of {record.short_id}: {error}")
        return {}
    return body if isinstance(body, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterable[Change]:
    for name in dict.fromkeys([*was, *now]):
        before, after = was.get(name, ABSENT), now.get(name, ABSENT)
        if not same(before, after):
            yield Change(name, before, after)


def _n_same(was: Mapping[str, Any], now: Mapping[str, Any]) -> int:
    return sum(name in now and same(value, now[name]) for name, value in was.items())
