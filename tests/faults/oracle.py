"""The oracle of the fault tests: what a program was promised, against what its folder holds.

A child process logs seeded streams of points (`tests.faults.victim`) and tells over a pipe when
each ``log`` had returned. Whatever then happens to it, the folder is read as it lies, by the
package's own reader and by DuckDB with nothing of ours, and every difference is named.

The promise under test: a point is safe once its ``log`` returned more than 100 ms before the
child was killed. Those 100 ms are the child's own. On a busy machine it gets no processor for
longer than that now and then, its writer thread included; so a pause between two acknowledged
points counts as 20 ms at most (`how_many_are_safe`), and a bound that no starved process could
keep is not asked of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import numpy as np
from tests.faults import victim

from runfolio.format.check import check_run
from runfolio.format.manifest import read_record
from runfolio.format.series import read_points, read_series

ROOT = Path(__file__).parents[2]
FULL = os.environ.get("RUNFOLIO_FAULTS") == "full"
PROMISE_NS = 100_000_000
PAUSE_NS = 20_000_000
PATIENCE_S = 60.0
DUCKDB_COLUMNS = "{step: 'DOUBLE', time: 'BIGINT', values: 'MAP(VARCHAR, DOUBLE)'}"

Rows = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Told:
    """One stream of a child: from which number on, how many came back, how many are safe."""

    seed: int
    stream: int
    start: int
    acknowledged: int
    safe: int


@dataclass
class Verdict:
    """What became of the points of one folder.

    Attributes
    ----------
    fired : int
        How often the fault came up.
    problems : list of str
        Everything that is not as it was promised, in words; empty for a sound folder.
    """

    acknowledged: int = 0
    safe: int = 0
    found: int = 0
    lost: int = 0
    doubled: int = 0
    invented: int = 0
    fired: int = 1
    problems: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """The figures alone."""
        return {key: value for key, value in asdict(self).items() if key != "problems"}


def how_many_are_safe(times: Sequence[int], killed_at: int) -> int:
    """Return how many acknowledgements came long enough before the kill, as the child lived it.

    A pause between two points counts as 20 ms at most: on a busy machine the child, its writer
    thread included, gets no processor for longer than that now and then.
    """
    age, later = 0, killed_at
    for place in range(len(times) - 1, -1, -1):
        age += min(later - times[place], PAUSE_NS)
        later = times[place]
        if age > PROMISE_NS:
            return place + 1
    return 0


class Child:
    """A process that logs `tests.faults.victim.Points` until something happens to it.

    Parameters
    ----------
    source : str or Path
        Python, or a file of it; it makes ``Points()`` itself.
    store : Path
        ``RUNFOLIO_DIR`` of the child.
    *arguments : object
        ``sys.argv[1:]``.
    under : sequence of str
        A command in front of it: ``strace …``, ``prlimit …``.
    env : mapping, optional
        Further variables.
    keywords : object
        For ``subprocess.Popen``.
    """

    def __init__(
        self, source: str | Path, store: Path, *arguments: object, seed: int = 0, start: int = 0,
        under: Sequence[str] = (), env: Mapping[str, str] | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        self.seed, self.start = seed, start
        self._told = bytearray()
        self._killed_at: int | None = None
        self._exited = False
        program = [str(source)] if isinstance(source, Path) else ["-c", source]
        reading, writing = os.pipe()
        variables = os.environ | {
            "RUNFOLIO_DIR": str(store), "RUNFOLIO_SILENT": "1", "RUNFOLIO_CAPTURE": "0",
            "RUNFOLIO_STRICT": "0", "PYTHONPATH": f"{ROOT}:{ROOT}/src", "PYTHONFAULTHANDLER": "",
            victim.PIPE: str(writing), victim.SEED: str(seed), victim.START: str(start),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [*under, sys.executable, *program, *map(str, arguments)],
            pass_fds=[writing], env=variables | dict(env or {}),
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
               "text": True} | keywords,
        )  # fmt: skip
        os.close(writing)
        self._reader = threading.Thread(target=self._drain, args=[reading], daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self._reader.join(PATIENCE_S)

    def _drain(self, pipe: int) -> None:
        with open(pipe, "rb", buffering=0) as file:
            while chunk := file.read(1 << 16):
                self._told += chunk

    @property
    def acknowledged(self) -> int:
        """How many points came back so far, of all streams."""
        return len(self._told) // victim.ACKNOWLEDGED.size

    @property
    def moments(self) -> list[int]:
        """When each point came back, in nanoseconds of the monotonic clock."""
        whole = self.acknowledged * victim.ACKNOWLEDGED.size
        return [at for _, _, at in victim.ACKNOWLEDGED.iter_unpack(bytes(self._told[:whole]))]

    def wait_for(self, points: int) -> None:
        """Return once so many points came back."""
        deadline = time.monotonic() + PATIENCE_S
        while self.acknowledged < points:
            if self.process.poll() is not None or time.monotonic() > deadline:
                stderr = self.process.stderr.read() if self.process.stderr else ""
                raise AssertionError(f"{self.acknowledged} of {points} points came: {stderr}")
            time.sleep(0.001)

    def tell(self, line: str) -> None:
        """Give the child a line on its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        """Return the next line of the child's standard output."""
        assert self.process.stdout is not None
        return str(self.process.stdout.readline()).rstrip("\n")

    def kill(self, number: int = signal.SIGKILL) -> list[Told]:
        """Kill the child and return what it had told."""
        self._killed_at = time.monotonic_ns()
        self.process.send_signal(number)
        return self.wait()

    def wait(self, *, exited: bool = False) -> list[Told]:
        """Wait for the child's end and return what it had told.

        Parameters
        ----------
        exited : bool
            It ended in order: every point is safe. Otherwise it died, at the latest when
            somebody killed it, and at the earliest after its last word.
        """
        self.stdout, self.stderr = self.process.communicate(timeout=PATIENCE_S)
        self._reader.join(PATIENCE_S)
        self._exited = exited
        return self._streams()

    def _streams(self) -> list[Told]:
        size = victim.ACKNOWLEDGED.size
        times: dict[int, list[int]] = defaultdict(list)
        everybody: list[int] = []
        whole = len(self._told) // size * size
        for stream, number, at in victim.ACKNOWLEDGED.iter_unpack(bytes(self._told[:whole])):
            assert number == self.start + len(times[stream])
            times[stream].append(at)
            everybody.append(at)
        everybody.sort()
        last = everybody[-1] if everybody else 0
        safe = how_many_are_safe(everybody, self._killed_at or last)
        until = everybody[safe - 1] if safe else -1
        return [
            Told(self.seed, stream, self.start, len(mine),
                 len(mine) if self._exited else sum(at <= until for at in mine))
            for stream, mine in sorted(times.items())
        ]  # fmt: skip


def judge(
    folder: Path, told: Sequence[Told], *, status: str | Sequence[str] = "crashed", every_one: bool = False,
    fired: int = 1, stepped: bool = True, counted: bool = True,
) -> Verdict:  # fmt: skip
    """Hold a folder against what its writers were told.

    Parameters
    ----------
    told : sequence of Told
        Streams, those of one name in the order in which they were written.
    status : str or sequence of str
        What the run must be listed as, or one of which.
    every_one : bool
        Whether every acknowledged point is safe (slow loops, ends in order).
    stepped : bool
        Whether each point's step is its number.
    counted : bool
        Whether every value of the folder is of these streams, so that its counts must agree.
    """
    verdict = Verdict(fired=fired)
    before = fingerprint(folder)
    for stream in sorted({one.stream for one in told}):
        mine = [one for one in told if one.stream == stream]
        ours, theirs = by_our_reader(folder, stream), by_duckdb(folder, stream)
        if ours.shape != theirs.shape or not np.array_equal(_bits(ours), _bits(theirs)):
            verdict.problems.append(
                f"stream {stream}: {len(ours)} rows by our reader, {len(theirs)} others by DuckDB"
            )
        _judge_points(verdict, ours, mine, every_one=every_one, stepped=stepped)
    _judge_record(verdict, folder, [status] if isinstance(status, str) else status, counted=counted)
    if fingerprint(folder) != before:
        verdict.problems.append("reading changed the folder")
    return verdict


def _judge_points(
    verdict: Verdict, rows: Rows, told: Sequence[Told], *, every_one: bool, stepped: bool
) -> None:
    claimed = 0
    for one, following in zip(told, [*told[1:], None], strict=True):
        end = following.start if following else np.inf
        mine = rows[(rows[:, 2] >= one.start) & (rows[:, 2] < end)]
        claimed += len(mine)
        _judge_stream(verdict, mine, one, one.acknowledged if every_one else one.safe)
    strangers = len(rows) - claimed
    wrong_step = int((rows[:, 0] != rows[:, 2]).sum()) if stepped else 0
    verdict.invented += strangers + wrong_step
    if strangers or wrong_step:
        verdict.problems.append(f"{strangers} rows of nobody, {wrong_step} at a wrong step")


def _judge_stream(verdict: Verdict, rows: Rows, told: Told, safe: int) -> None:
    numbers = rows[:, 2].astype(np.int64)
    places = np.unique(numbers - told.start)
    # One more may have been on the disk before it was acknowledged; a hole is a loss, however old
    # what comes after it.
    reach = max(safe, int(places[-1]) + 1 if len(places) else 0)
    lost, doubled = reach - len(places), len(numbers) - len(places)
    beyond = int((places > told.acknowledged).sum())
    stream = victim.values(told.seed, told.stream)
    drawn = np.array([stream.random() for _ in range(reach)])
    changed = int((drawn[numbers - told.start].view("i8") != _bits(rows)[:, 1]).sum())
    verdict.acknowledged += told.acknowledged
    verdict.safe += safe
    verdict.found += len(places)
    verdict.lost += lost
    verdict.doubled += doubled
    verdict.invented += beyond + changed
    if lost or doubled or beyond or changed:
        verdict.problems.append(
            f"{told}: {lost} lost, {doubled} doubled, {beyond} never logged, {changed} of another "
            "value"
        )


def _judge_record(verdict: Verdict, folder: Path, status: Sequence[str], *, counted: bool) -> None:
    record = read_record(folder)
    gone = record.status != "crashed" or record.note.startswith("process gone")
    if record.status not in status or not gone:
        verdict.problems.append(f"status {record.status} ({record.note!r}), expected {status}")
    verdict.problems += record.problems
    points = read_points(folder)
    for key, pieces in points.items():
        values = sum(len(piece) for piece in pieces)
        if record.metrics[key].n != values:
            verdict.problems.append(f"{key}: {values} values, {record.metrics[key].n} in run.json")
    total = sum(len(piece) for pieces in points.values() for piece in pieces)
    wanted = {"points": total, "late": 0, "duplicate": 0, "nonfinite": 0, "refused": 0}
    found = {name: record.counts.get(name, 0) for name in wanted}
    if counted and found != wanted:
        verdict.problems.append(f"counts {found}, expected {wanted}")
    verdict.problems += [
        f"{finding.file}: {finding.fault}"
        for finding in check_run(folder)
        if finding.severity == "fault"
    ]


def by_our_reader(folder: Path, stream: int = 0) -> Rows:
    """Return step, value and number of a stream's points, unresolved, in order of number."""
    value, number = victim.keys(stream)
    found = read_points(folder, [value, number])
    if not found:
        return np.empty((0, 3))
    columns = [
        np.concatenate([column.astype(np.float64) for column in pieces])
        for pieces in (
            [piece.step for piece in found[number]],
            [piece.value for piece in found[value]],
            [piece.value for piece in found[number]],
        )
    ]
    rows = np.stack(columns, axis=1)
    series = read_series(folder, [number])[number]
    assert series.logged == len(rows)
    return rows[np.argsort(rows[:, 2], kind="stable")]


def by_duckdb(folder: Path, stream: int = 0) -> Rows:
    """Return the same with nothing of ours, by what the documentation says of the format."""
    value, number = victim.keys(stream)
    rows: list[tuple[float, ...]] = []
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as beside:
        for live in _live_files(folder, Path(beside)):
            rows += connection.execute(
                f"SELECT step, values[?], values[?] FROM read_json(?, "
                f"format='newline_delimited', columns={DUCKDB_COLUMNS}, ignore_errors=true) "
                "WHERE values[?] IS NOT NULL",
                [value, number, str(live), number],
            ).fetchall()
        for table in map(str, folder.glob("metrics*.parquet")):
            rows += connection.execute(
                "SELECT n.step::DOUBLE, v.value, n.value FROM read_parquet(?) v JOIN "
                "read_parquet(?) n USING (segment, rank, seq) WHERE v.key = ? AND n.key = ?",
                [table, table, value, number],
            ).fetchall()
    found = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return found[np.argsort(found[:, 2], kind="stable")]


def _live_files(folder: Path, beside: Path) -> Iterator[Path]:
    """Yield the live files that count, as far as they count."""
    limits: dict[str, int] = {}
    for sums in folder.glob("metrics*.sums"):
        first = sums.read_bytes().partition(b"\n")[0]
        with contextlib.suppress(json.JSONDecodeError):
            after = json.loads(first or b"{}").get("after")
            if after and sums.with_suffix(".jsonl").exists():
                limits[after[0]] = after[1]
    for path in sorted(folder.glob("metrics*.jsonl")):
        if path.with_suffix(".parquet").exists():
            continue
        text = path.read_bytes()
        whole = text[: limits.get(path.name)].rpartition(b"\n")
        copy = beside / path.name
        copy.write_bytes(whole[0] + whole[1])
        yield copy


def _bits(rows: Rows) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.ascontiguousarray(rows).view(np.int64)


def fingerprint(folder: Path) -> dict[str, str]:
    """Return what lies in a folder: path → hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Verdicts:
    """Collects what was judged: one line of JSON each, whichever process judged it.

    Parameters
    ----------
    path : Path or None
        The file they are added to; ``None`` keeps none.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def add(self, fault: str, **counts: int) -> None:
        """Add the figures of one `Verdict`; those left out are 0, and ``fired`` is 1."""
        if self._path is not None:
            line = json.dumps({"fault": fault} | Verdict(**counts).counts) + "\n"
            with self._path.open("a", encoding="utf-8") as file:  # appended whole: one short write
                file.write(line)

    def judge(self, fault: str, folder: Path, told: Sequence[Told], **keywords: Any) -> Verdict:
        """Judge a folder, add the verdict, and fail where it is not sound."""
        verdict = judge(folder, told, **keywords)
        self.add(fault, **verdict.counts)
        assert verdict.problems == [], "\n".join(verdict.problems)
        return verdict


def seeds(short: int, full: int = 200, *, base: int = 0) -> range:
    """Return the seeds of a scenario: a few, or all with ``RUNFOLIO_FAULTS=full``."""
    return range(base, base + (full if FULL else short))


def until(holds: Callable[[], bool], what: str) -> None:
    """Return once something holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_S:.0f} s"
        time.sleep(0.005)
