"""What hearing of opened files costs a program, and how fast data is hashed beside the library alone.

Each figure is the best of several rounds. The audit hook cannot be taken out again, so that its
third column is what a process pays after its last run.
"""

from __future__ import annotations

import argparse
import copy
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import blake3
from report import publish, table

from runfolio.capture import opened
from runfolio.capture.data_files import use_of_path
from runfolio.capture.data_hash import file_hashes, patient_file_hash, stamp_of
from runfolio.record.file_hashes import FileHashes
from runfolio.record.listening import Listening

SHAPES = {
    "5,000 files of 20 kB": (5000, 20_000),
    "1,600 of 256 KiB": (1600, 1 << 18),
    "400 of 1 MiB": (400, 1 << 20),
    "40 of 8 MiB": (40, 8 << 20),
}
WAYS = ("library, files in turn", "library, a pool", "declared")
STATES = ("no hook", "a run is open", "no run any more")


def best(work: Callable[[], object], rounds: int) -> float:
    """Return the seconds of the fastest call."""
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


def calls(paths: list[str], rounds: int) -> dict[str, float]:
    """Return the µs of calls that Python reports to the hook."""
    things = [{"n": n} for n in range(2000)]

    def read(path: str) -> None:
        os.close(os.open(path, os.O_RDONLY))

    def fresh() -> None:
        opened.mark()
        for path in paths:
            read(path)

    n = len(paths)
    return {
        "open a file again": best(lambda: [read(paths[0]) for _ in paths], rounds) / n * 1e6,
        "open a file for the first time": best(fresh, rounds) / n * 1e6,
        "id()": best(lambda: [id(n) for _ in range(100_000)], rounds) * 10,
        "deepcopy of 2,000 dicts": best(lambda: copy.deepcopy(things), rounds) * 1e6,
    }


def rates(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Return the GB/s of hashing one file, and the µs of looking at one that is known."""
    large, size = folder / "large.bin", options.mebibytes << 20
    large.write_bytes(os.urandom(1 << 20) * options.mebibytes)
    os.utime(large, (1, 1))
    path, auto = str(large), blake3.blake3.AUTO

    class Nothing:
        """No hash is known, and none is kept."""

        def may_know(self, _: object) -> bool:
            return False

        def get(self, _: object) -> None:
            return

        def put(self, *_: object) -> None:
            return

    ways: dict[str, Callable[[], object]] = {
        "library, all cores": lambda: blake3.blake3(max_threads=auto).update_mmap(path),
        "declared": lambda: file_hashes([path], Nothing()),
        "library, one core": lambda: blake3.blake3().update_mmap(path),
        "detected, when in haste": lambda: patient_file_hash(
            stamp_of(path), Nothing(), lambda: True
        ),
    }
    found = dict.fromkeys(ways, float("inf"))
    for _ in range(options.rounds):  # in turns: the machine is not the same all the time
        found = {name: min(found[name], best(way, 1)) for name, way in ways.items()}
    known = FileHashes(folder / "cache")
    file_hashes([path], known)
    known.close()
    again = best(lambda: file_hashes([path], known), options.rounds)
    return {name: size / s / 1e9 for name, s in found.items()} | {"known, µs": again * 1e6}


def shape(folder: Path, rounds: int, count: int, size: int) -> dict[str, float]:
    """Return the GB/s of a folder of so many files of so many bytes: the library's ways, and ours."""
    place = folder / f"{count}x{size}"
    place.mkdir()
    paths = [str(place / f"{n:05d}") for n in range(count)]
    for path in paths:
        Path(path).write_bytes(os.urandom(size))
        os.utime(path, (1, 1))

    def one(path: str) -> object:
        return blake3.blake3().update_mmap(path).hexdigest()

    def pooled() -> None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(one, paths))

    def in_turn() -> None:
        for path in paths:
            blake3.blake3(max_threads=blake3.blake3.AUTO).update_mmap(path).hexdigest()

    def declared() -> None:
        known = FileHashes(Path(tempfile.mkdtemp(dir=folder)))
        known.look_up(str(place))  # as use_data does
        use_of_path(place, "", "", lambda paths: file_hashes(paths, known))
        known.close()

    ways = dict(zip(WAYS, (in_turn, pooled, declared), strict=True))
    found = dict.fromkeys(ways, float("inf"))
    for _ in range(2 * rounds):
        found = {name: min(found[name], best(way, 1)) for name, way in ways.items()}
    return {name: count * size / s / 1e9 for name, s in found.items()}


def folders(folder: Path, paths: list[str]) -> dict[str, float]:
    """Return the µs a file of a folder takes that is declared, and known; and the end of a run, s."""
    known = FileHashes(folder / "many")
    found = {}
    for way in ("declared, a file", "known, a file"):
        found[way] = best(
            lambda: use_of_path(folder / "files", "", "", lambda paths: file_hashes(paths, known)), 1
        ) / len(paths) * 1e6  # fmt: skip
        known.close()
    listening = Listening(folder, (), children_only=False)
    listening.begin(lambda: None)
    for path in paths:
        os.close(os.open(path, os.O_RDONLY))
    found["end of a run that read them all, s"] = best(lambda: listening.finish(1.0), 1)
    return found


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Return all figures."""
    with tempfile.TemporaryDirectory(dir=options.room) as name:
        folder = Path(name)
        (folder / "files").mkdir()
        paths = [str(folder / "files" / str(n)) for n in range(options.files)]
        for path in paths:
            Path(path).write_bytes(os.urandom(1000))
            os.utime(path, (1, 1))
        found: dict[str, Any] = {"GB/s": rates(folder, options), "calls": {}}
        for state in STATES:
            if state == "a run is open":
                opened.begin()
            found["calls"][state] = calls(paths, options.rounds)
            if state == "a run is open":
                opened.end()
        found["shapes"] = {
            name: shape(folder, options.rounds, *given) for name, given in SHAPES.items()
        }
        return found | {"folder": folders(folder, paths)}


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as tables."""
    by_state = result["calls"]
    return [
        *table(
            f"µs | {' | '.join(STATES)}",
            {name: tuple(f"{by_state[state][name]:,.2f}" for state in STATES) for name in by_state[STATES[0]]},
        ),
        *table("one file | GB/s", {name: f"{rate:,.2f}" for name, rate in result["GB/s"].items()}),
        *table(
            f"GB/s | {' | '.join(SHAPES)}",
            {way: tuple(f"{result['shapes'][name][way]:,.2f}" for name in SHAPES) for way in WAYS},
        ),
        *table("a folder of 1-kB files | ", {name: f"{n:,.2f}" for name, n in result["folder"].items()}),
    ]  # fmt: skip


if __name__ == "__main__":
    publish("data", __doc__, measure, as_lines, rounds=7, files=10_000, mebibytes=256)
