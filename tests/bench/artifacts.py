"""What it costs to log and to fetch artifacts, beside ``cp`` and the blake3 library in the same run.

All of a round is measured one after the other, on the same files in memory. A row beside the longer
of hash and copy is the median over the rounds of its ratio in one round; the seconds are medians,
too. A version waits for the disk, and ``cp`` does not: so there is a ``cp`` that waits, and the same
work of ours without waiting, and like is to be held against like. A machine within another one may
get its memory only as it is first used, at two seconds a gibibyte: before each row a copy of the
large file gives back what it lay in, so that all rows find room alike. Small files are removed at
the end, since a file system that has just removed thousands is slow to make new ones for a minute,
for ``cp`` as well as for us.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import blake3
from report import publish, table

import runfolio
from runfolio.format import kernel_copy
from runfolio.format.disk import Disk
from runfolio.record.run import Run

DIGITS: Final = {"seconds": 3, "beside": 2, "beside waiting": 2}


def seconds(work: Callable[[Path], object], to: Path, room: Path | None = None) -> float:
    """Return how long a piece of work takes that writes below a folder of its own.

    Parameters
    ----------
    room : Path, optional
        The file for whose size there is to be memory that was in use until now.
    """
    to.mkdir()
    if room is not None:
        shutil.copyfile(room, to / "room")
        os.sync()
        (to / "room").unlink()
    os.sync()
    begun = time.perf_counter()
    work(to)
    return time.perf_counter() - begun


def hashed(path: Path) -> None:
    """Hash a file as fast as the library can."""
    blake3.blake3(max_threads=blake3.blake3.AUTO).update_mmap(path)


def copied(source: Path, to: Path, *, waits: bool = False) -> None:
    """Copy a file or a folder by ``cp``."""
    subprocess.run(["cp", "-r", source, to / "copy"], check=True)
    if waits:
        if source.is_dir():
            os.sync()
        else:
            fd = os.open(to / "copy", os.O_RDONLY)
            os.fsync(fd)
            os.close(fd)


@contextlib.contextmanager
def nobody_waits() -> Iterator[None]:
    """Have no content wait for the disk."""
    was = Disk.adopt, Disk.fsync, Disk.settle, kernel_copy.begin_writing
    try:
        Disk.adopt = Disk.move  # type: ignore[method-assign]
        Disk.fsync = lambda *_: None  # type: ignore[method-assign]
        Disk.settle = lambda *_: None  # type: ignore[method-assign]
        kernel_copy.begin_writing = lambda *_: None
        yield
    finally:
        Disk.adopt, Disk.fsync, Disk.settle, kernel_copy.begin_writing = was  # type: ignore[method-assign]


@contextlib.contextmanager
def recording(store: Path) -> Iterator[Run]:
    """Give a run in a store of its own."""
    os.environ["RUNFOLIO_DIR"] = str(store)
    run = runfolio.init()
    try:
        yield run
    finally:
        run.finish()


def logged(run: Run, source: Path) -> None:
    """Log a file or a folder, and see that it is whole."""
    if not run.log_artifact(str(source), name="net", type="model").size:
        raise SystemExit("it was not kept")


def one_round(source: Path, beside: Path) -> dict[str, float]:
    """Return the seconds of all that is done with a file or a folder, in stores that are new."""
    beside.mkdir()
    large = source if source.is_file() else None
    files = [source] if large else sorted(source.iterdir())

    def took(work: Callable[[Path], object], name: str) -> float:
        return seconds(work, beside / name, large)

    found = {
        "blake3 alone": took(lambda _: [hashed(path) for path in files], "hash"),
        "cp": took(lambda to: copied(source, to), "cp"),
        "cp, then wait for the disk": took(lambda to: copied(source, to, waits=True), "cp-sync"),
    }
    with recording(beside / "unsynced") as run, nobody_waits():
        found["log_artifact, waiting for no disk"] = took(lambda _: logged(run, source), "u")
    with recording(beside / "synced") as run:
        found["log_artifact"] = took(lambda _: logged(run, source), "s")
        found["log_artifact again, nothing changed"] = took(lambda _: logged(run, source), "a")
        artifact = run.use_artifact("net:latest")
        found["download"] = took(lambda to: artifact.download(str(to / "got")), "d")
    return found


def in_rounds(source: Path, beside: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Return medians of seconds, and of what they are beside those of the same round."""
    found = []
    for n in range(rounds + 1):
        folder = beside / f"{source.name}-{n}"
        found.append(one_round(source, folder))
        if source.is_file():
            shutil.rmtree(folder)
    kept = found[1:] or found  # the first warms up
    longer = [max(one["blake3 alone"], one["cp"]) for one in kept]
    waited = [one["cp, then wait for the disk"] for one in kept]
    return {
        name: {
            "seconds": statistics.median(one[name] for one in kept),
            "beside": statistics.median(one[name] / x for one, x in zip(kept, longer, strict=True)),
            "beside waiting": statistics.median(
                one[name] / x for one, x in zip(kept, waited, strict=True)
            ),
        }
        for name in kept[0]
    }


def large_file(path: Path, size: int) -> Path:
    """Write a large file of random bytes."""
    with path.open("wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
    return path


def small_files(folder: Path, count: int) -> Path:
    """Write many files of 4 KiB."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:05d}.bin").write_bytes(os.urandom(4096))
    return folder


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure all."""
    with tempfile.TemporaryDirectory(dir=options.room) as folder:
        beside = Path(folder)
        small = small_files(beside / "small", options.files)
        found = {"small": in_rounds(small, beside, options.rounds)}
        large = large_file(beside / "large", options.mebibytes << 20)
        return found | {"large": in_rounds(large, beside, options.rounds)}


def as_lines(result: dict[str, Any]) -> list[str]:
    """Return the figures as tables."""
    heads = "s | beside the longer of hash and cp | beside cp that waits"
    return [
        line
        for what, key in (("one large file", "large"), ("a folder of files of 4 KiB", "small"))
        for line in table(
            f"{what} | {heads}",
            {
                name: tuple(f"{one[of]:.{digits}f}" for of, digits in DIGITS.items())
                for name, one in result[key].items()
            },
        )
    ]


if __name__ == "__main__":
    publish("artifacts", __doc__, measure, as_lines, rounds=3, files=10_000, mebibytes=1024)
