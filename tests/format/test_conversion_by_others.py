"""What a killed run left live is converted by others, and a reader finds the same as before."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from runfolio.format import seal
from runfolio.format.cells import executed_cells
from runfolio.format.check import check_run
from runfolio.format.claim import STALE_S, all_claims, claim
from runfolio.format.conversion import ABANDONED_S, convert_run, convertible
from runfolio.format.disk import Disk
from runfolio.format.lease import this_process
from runfolio.format.manifest import read_manifest, read_record, write_manifest
from runfolio.format.series import read_points, read_series
from runfolio.model.run import RunRecord
from runfolio.testing import Fault, FaultyFiles, FixedClock

TRAINING = """
import math, os, sys
from runfolio.format.lines import LineWriter
LineWriter.__init__.__kwdefaults__["roll_bytes"] = int(sys.argv[2])
import runfolio
run = runfolio.init(id=sys.argv[1], resume="allow", quiet=True)
first = int(run.life.starting_step)
for n in range(first, first + 40):
    run.log({"loss": 1 / (n + 1), "acc": math.nan if n % 9 == 8 else n / 50}, step=n)
    run.life.writer.flush()
    if n == first + 20:
        run.log({"loss": 7.0}, step=n - 3)
        run.life.refresh()
run.log({"loss": 8.0}, step=n)
run.log({"late": 1, "loss": -1.0}, step=first + 2)
run.life.writer.flush()
if sys.argv[3] == "wait":
    print("ready", flush=True)
    sys.stdin.read()
os._exit(9)
"""


def train(store: Path, run_id: str = "killed", *, roll: int = 10**9, wait: bool = False) -> Any:
    """Let a process of its own log 84 points and die, or wait to be killed."""
    environment = os.environ | {"RUNFOLIO_DIR": str(store), "RUNFOLIO_CAPTURE": "false"}
    words = [sys.executable, "-c", TRAINING, run_id, str(roll), "wait" if wait else "die"]
    child = subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if wait:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        return child
    child.communicate(timeout=120)
    return store / run_id


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("original") / "folio")


@pytest.fixture(scope="module")
def rolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("rolled") / "folio", roll=1500)


@pytest.fixture
def killed(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / original.name)


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Any]:
    child = train(tmp_path / "folio", wait=True)
    yield child
    child.kill()
    child.communicate()


def told(folder: Path) -> RunRecord:
    return replace(read_record(folder), path=folder)


def points(folder: Path) -> dict[str, list[tuple[float, ...]]]:
    return {key: [(*series.step, *series.time_ms, *series.value.astype(str))]
            for key, series in read_series(folder).items()}  # fmt: skip


def test_nothing_that_a_reader_finds_changes(killed: Path) -> None:
    before, values = told(killed), points(killed)
    assert before.status.value == "crashed"
    assert before.counts["points"] == 84
    done = convert_run(killed, Disk())
    assert [one.file for one in done.converted] == ["metrics.parquet"]
    assert told(killed) == before
    assert points(killed) == values
    assert not list(killed.glob("metrics*.jsonl"))


def test_a_sound_run_is_sound_after_it(killed: Path) -> None:
    convert_run(killed, Disk())
    assert check_run(killed) == []
    assert all_claims(killed) == []
    assert convertible(killed) == []


def test_parts_are_numbered_through_and_the_figures_stay(rolled: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(rolled, tmp_path / rolled.name)
    before, values = told(folder), points(folder)
    done = convert_run(folder, Disk())
    assert len(done.converted) >= 3
    assert (told(folder), points(folder)) == (before, values)
    tables = sorted(folder.glob("metrics*.parquet"), key=lambda path: (len(path.name), path.name))
    spans = [pq.read_table(path).column("seq").to_pylist() for path in tables]
    assert [min(span) for span in spans[1:]] == [max(span) + 1 for span in spans[:-1]]


STOPS = [("replace", ".tail"), ("put", ".tmp"), ("adopt", ".parquet"), ("unlink", ".jsonl"),
         ("unlink", ".sums")]  # fmt: skip


@pytest.mark.parametrize(("call", "name"), STOPS)
@pytest.mark.parametrize("at", [1, 2])
def test_wherever_a_conversion_stops_the_run_reads_the_same(
    rolled: Path, tmp_path: Path, call: str, name: str, at: int
) -> None:
    folder = shutil.copytree(rolled, tmp_path / rolled.name)
    before, values = told(folder), points(folder)
    stopping = FaultyFiles(Fault(call, errno.EIO, at=at, name=name))
    convert_run(folder, stopping)
    assert stopping.fired == 1
    assert (told(folder), points(folder)) == (before, values)
    convert_run(folder, Disk())
    assert (told(folder), points(folder)) == (before, values)
    assert not list(folder.glob("*.jsonl.claim")) + list(folder.glob("metrics*.jsonl"))


def test_a_resumed_run_counts_on_from_what_was_converted(tmp_path: Path) -> None:
    folder = train(tmp_path / "folio")
    convert_run(folder, Disk())
    train(tmp_path / "folio")
    resumed = told(folder)
    assert resumed.counts["points"] == 2 * 84
    assert resumed.metrics["loss"].n == 2 * 43
    assert resumed.metrics["loss"].last_step == 79
    convert_run(folder, Disk())
    assert told(folder) == resumed
    assert len(read_points(folder)["loss"]) == 2


def test_a_run_that_is_written_is_left_alone(waiting: Any, tmp_path: Path) -> None:
    folder = tmp_path / "folio" / "killed"
    assert convertible(folder, abandoned=True) == []
    waiting.send_signal(signal.SIGSTOP)
    assert convertible(folder, abandoned=True) == []
    waiting.send_signal(signal.SIGCONT)
    waiting.kill()
    waiting.wait(60)
    assert [part.path.name for part in convertible(folder)] == ["metrics.jsonl"]


def test_a_file_that_some_process_has_open_is_left_alone(killed: Path) -> None:
    with (killed / "metrics.jsonl").open("ab"):
        assert convertible(killed) == []
    assert len(convertible(killed)) == 1


def from_elsewhere(folder: Path, silent_s: float) -> None:
    write_manifest(folder, read_manifest(folder) | {"host": "far", "boot_id": "b"}, Disk())
    beat = int(read_manifest_time()) - int(silent_s * 1000)
    (folder / "heartbeat").write_text(f"{beat:013d}\n")


def read_manifest_time() -> float:
    import time

    return time.time() * 1000


def test_a_silent_run_of_another_machine_is_converted_only_when_asked_after_a_week(
    killed: Path,
) -> None:
    from_elsewhere(killed, ABANDONED_S - 60)
    assert convertible(killed, abandoned=True) == []
    from_elsewhere(killed, ABANDONED_S + 60)
    assert convertible(killed) == []
    assert len(convertible(killed, abandoned=True)) == 1


def test_a_damaged_part_is_kept_live_and_named(killed: Path) -> None:
    live = killed / "metrics.jsonl"
    live.write_bytes(live.read_bytes().replace(b'"loss":0.5', b'"loss":0.6', 1))
    (killed / "metrics.sums").write_text('{"end":200,"crc32":"00000000"}\n')
    done = convert_run(killed, Disk())
    assert done.converted == []
    ((name, why),) = done.kept
    assert (name, "not as they were written" in why) == ("metrics.jsonl", True)
    assert live.exists()
    assert convert_run(killed, Disk(), again=False).kept == []  # it is known
    assert len(convert_run(killed, Disk()).kept) == 1


def test_a_full_disk_leaves_the_run_as_it_was(killed: Path) -> None:
    before, values = told(killed), points(killed)
    done = convert_run(killed, FaultyFiles(Fault("write_new", errno.ENOSPC)))
    assert [why for _, why in done.kept] == ["the disk is full"]
    done = convert_run(killed, FaultyFiles(Fault("replace", errno.ENOSPC)))
    assert [why for _, why in done.kept] == ["the disk is full"]
    assert (told(killed), points(killed)) == (before, values)
    assert len(convert_run(killed, Disk()).converted) == 1


def test_the_claim_of_another_process_is_respected_until_it_is_stale(killed: Path) -> None:
    work, clock = "convert.metrics.jsonl", FixedClock()
    held = claim(killed, work, Disk(), clock)
    assert held is not None
    assert claim(killed, work, Disk(), clock) is None
    clock.advance(STALE_S)
    second = claim(killed, work, Disk(), clock)
    assert second is not None
    assert second.path.name == f"{work}.2.claim"
    second.release()
    assert all_claims(killed) == []


def test_a_claim_whose_process_is_gone_is_taken_over_by_one(killed: Path) -> None:
    gone = dict(this_process()) | {"pid_started_at": "1", "time": int(read_manifest_time())}
    import orjson

    (killed / "convert.metrics.jsonl.claim").write_bytes(orjson.dumps(gone))
    taken = [claim(killed, "convert.metrics.jsonl", Disk()) for _ in range(3)]
    assert [one is not None for one in taken] == [True, False, False]


CONVERTING = """
import sys
from pathlib import Path
from runfolio.format.conversion import convert_run
from runfolio.format.disk import Disk
sys.stdin.readline()
print(len(convert_run(Path(sys.argv[1]), Disk()).converted))
"""


def test_of_many_converters_at_once_each_part_has_one(rolled: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(rolled, tmp_path / rolled.name)
    before, values, parts = told(folder), points(folder), len(convertible(folder))
    words = [sys.executable, "-W", "error", "-c", CONVERTING, str(folder)]
    crowd = [subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
             for _ in range(4)]  # fmt: skip
    for one in crowd:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    answers = [int(one.communicate(timeout=120)[0]) for one in crowd]
    assert sum(answers) == parts
    assert (told(folder), points(folder)) == (before, values)
    assert check_run(folder) == []


def test_the_seal_of_ones_own_run_goes_over_to_the_tables(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_manifest(killed, read_manifest(killed) | {"status": "finished"}, Disk())
    seal.write_seal(killed, Disk())
    convert_run(killed, Disk())
    assert "metrics.parquet" in seal.read_seal(killed)
    assert "metrics.jsonl" not in seal.read_seal(killed)
    assert seal.grade(killed) == "own"
    assert check_run(killed) == []


def test_the_cells_of_a_killed_notebook_are_made_into_one(killed: Path) -> None:
    with (killed / "events.jsonl").open("ab") as file:
        file.write(
            b'{"time":1,"kind":"cell","order":1,"hash":"h","source":"x = 1","status":"ok"}\n'
        )
    assert convert_run(killed, Disk()).cells
    assert b"x = 1" in (killed / "code" / "cells.ipynb").read_bytes()
    assert len(executed_cells(killed)) == 1


def test_who_finds_another_at_the_work_after_claiming_it_gives_way(killed: Path) -> None:
    work = "convert.metrics.jsonl"
    stale = killed / f"{work}.claim"
    stale.write_text('{"time": 1}')

    class Slow(Disk):
        def write_new(self, path: Path, data: bytes) -> None:
            super().write_new(path, data)
            stale.write_bytes(data)  # whoever held it gave it back meanwhile, and another took it

    assert claim(killed, work, Slow()) is None
    assert all_claims(killed) == [stale]


def test_a_part_that_says_how_far_a_damaged_one_counts_stays_live_with_it(tmp_path: Path) -> None:
    (source,) = (Path(__file__).parents[1] / "golden" / "broken-disk").glob("*/")
    folder = shutil.copytree(source, tmp_path / source.name)
    live = folder / "metrics.jsonl"
    live.write_bytes(live.read_bytes().replace(b"2.3", b"2.4", 1))
    before, values = told(folder), points(folder)
    done = convert_run(folder, Disk())
    assert ([name for name, _ in done.kept], done.converted) == (["metrics.jsonl"], [])
    assert (told(folder), points(folder)) == (before, values)


def test_a_damaged_part_of_many_does_not_hold_the_others_back(rolled: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(rolled, tmp_path / rolled.name)
    values, parts = points(folder), len(convertible(folder))
    (folder / "metrics.sums").write_text('{"end":200,"crc32":"00000000"}\n')
    done = convert_run(folder, Disk())
    assert ([name for name, _ in done.kept], len(done.converted)) == (["metrics.jsonl"], parts - 1)
    assert points(folder) == values
