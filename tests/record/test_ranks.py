"""A distributed job: one id on every rank is one run, whoever comes first, slow or dead ranks named."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from runfolio.format import seal
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.check import check_run
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.format.series import read_points, read_series
from runfolio.record.api import attach, init
from runfolio.record.session import Session
from runfolio.store.store import Store

STEPS = 200
TRAIN = """
    import os, sys, time, runfolio
    rank = int(os.environ["RANK"])
    if rank == int(os.environ.get("LATE", -1)):
        time.sleep(2)
    with runfolio.init(id="ddp", config={"lr": 0.1}, tags=["ddp"]) as run:
        for step in range(200):
            run.log({"loss": 1000.0 * rank + step, f"rank{rank}/loss": float(step)}, step=step)
            if step == 100:
                run.life.writer.flush()
                if rank == int(os.environ.get("DIES", -1)):
                    os.kill(os.getpid(), 9)
                if rank == int(os.environ.get("SLOW", -1)):
                    time.sleep(3)
        print(run.id)
"""


def launch(ranks: int, source: str = TRAIN, **variables: Any) -> list[subprocess.Popen[str]]:
    """Start the processes of a job as torchrun does."""
    common = os.environ | {"RUNFOLIO_STRICT": "0", "WORLD_SIZE": str(ranks)}
    common |= {name: str(value) for name, value in variables.items()}
    return [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(source)],
            env=common | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for rank in range(ranks)
    ]  # fmt: skip


def ends_of(job: list[subprocess.Popen[str]]) -> list[tuple[int, str]]:
    found = []
    for process in job:
        out, err = process.communicate(timeout=150)
        found.append((process.returncode, out.strip() or err))
    return found


def faults(folder: Path) -> list[str]:
    return [str(found) for found in check_run(folder) if found.severity == "fault"]


@pytest.mark.parametrize("late", [0, 1])
def test_both_ranks_write_one_run_whoever_comes_first(store: Path, late: int) -> None:
    assert ends_of(launch(2, LATE=late)) == [(0, "ddp"), (0, "ddp")]
    (record,) = Store(store).records()
    assert (record.status, record.note, record.tags) == ("finished", "", ("ddp",))
    assert (record.name, record.config) == ("ddp", {"lr": 0.1})
    assert (record.metrics["loss"].n, record.metrics["loss"].last) == (2 * STEPS, STEPS - 1)
    assert record.metrics["loss"].max == 1000.0 + STEPS - 1
    assert record.counts["points"] == 4 * STEPS
    assert record.counts["late"] == 0
    series = read_series(record.path)
    assert len(series["rank0/loss"]) == len(series["rank1/loss"]) == STEPS
    assert series["loss"].value.tolist() == list(range(STEPS))
    assert faults(record.path) == []


def test_one_of_eight_ranks_dies_and_one_is_slow_and_the_others_do_not_notice(store: Path) -> None:
    ends = ends_of(launch(8, DIES=3, SLOW=5))
    assert [code for code, _ in ends] == [0, 0, 0, -9, 0, 0, 0, 0], ends
    record = read_record(store / "ddp")
    assert (record.status, record.note) == ("finished", "rank 3: process gone")
    for rank in range(8):
        expected = 101 if rank == 3 else STEPS
        assert record.metrics[f"rank{rank}/loss"].n == expected
        assert len(read_series(record.path)[f"rank{rank}/loss"]) == expected
    assert record.metrics["loss"].n == 7 * STEPS + 101
    assert faults(record.path) == []
    assert seal.grade(record.path) == "own"


def test_live_lines_and_finished_tables_of_ranks_resolve_alike(store: Path) -> None:
    runs = [Session().open({"id": "r"}), Session().attach("r", 1), Session().attach("r", 0)]
    for place, run in enumerate(runs):
        for step in range(5 + place):
            run.log({"a": 10.0 * place + step}, step=step)
        run.life.writer.flush()
    live = read_series(store / "r")["a"]
    last = read_record(store / "r").metrics["a"].last
    for run in reversed(runs):
        run.finish()
    finished = read_series(store / "r")["a"]
    assert not list((store / "r").glob("metrics*.jsonl"))
    # The process that joined rank 0 logged later than its owner, and both go before rank 1.
    assert live.value.tolist() == [20, 21, 22, 23, 24, 25, 26]
    assert np.array_equal(live.value, finished.value)
    assert last == read_record(store / "r").metrics["a"].last == 26.0


def test_rank_0_counts_where_all_log_one_step(store: Path) -> None:
    runs = [Session().open({"id": "r"}), Session().attach("r", 1)]
    for place, run in enumerate(runs):
        run.log({"a": float(place)}, step=7)
    for run in runs:
        run.finish()
    assert read_series(store / "r")["a"].value.tolist() == [0.0]
    assert read_record(store / "r").metrics["a"].last == 0.0
    assert sorted(points.rank for points in read_points(store / "r")["a"]) == [0, 1]


def test_files_of_a_rank_lie_in_its_own_folder(store: Path) -> None:
    run = init(id="r")
    part = Session().attach("r", 3)
    for place, writer in enumerate((run, part)):
        Path("model.pt").write_text(str(place))
        writer.save("model.pt", policy="now")
    part.finish()
    run.finish()
    assert (store / "r/files/model.pt").read_text() == "0"
    assert (store / "r/rank3/files/model.pt").read_text() == "1"
    assert {"files/model.pt", "rank3/files/model.pt"} <= set(seal.read_seal(store / "r"))
    assert faults(store / "r") == []


def test_each_rank_has_a_manifest_and_a_heartbeat(store: Path) -> None:
    run = init(id="r")
    for _ in range(2):
        attach_and_finish("r", 3)
    run.finish()
    names = {path.name for path in (store / "r").iterdir()}
    assert {"run.rank3.json", "run.s2.rank3.json", "heartbeat.rank3", "heartbeat.s2.rank3"} <= names
    body = orjson.loads((store / "r/run.rank3.json").read_bytes())
    assert (body["rank"], body["segment"], body["joined"]) == (3, 1, True)


def attach_and_finish(run_id: str, rank: int) -> None:
    Session().attach(run_id, rank).finish()


def test_a_rank_goes_on_after_its_own_largest_step(store: Path) -> None:
    run = init(id="r")
    run.log({"a": 1.0}, step=100)
    part = Session().attach("r", 2)
    part.log({"a": 1.0}, step=4)
    part.finish()
    parts = [Session().attach("r", rank) for rank in (1, 2)]
    assert [part.step for part in parts] == [0, 5]
    for one in (*parts, run):
        one.finish()


def test_a_rank_whose_part_the_owner_took_over_goes_on_all_the_same(store: Path) -> None:
    run, part = Session().open({"id": "r"}), Session().attach("r", 2)
    part.log({"a": 1.0}, step=4)
    part.finish()
    run.finish()
    part = Session().attach("r", 2)
    assert part.step == 5
    part.finish()


def test_the_environment_says_which_rank_attaches(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Session().open({"id": "r"})
    monkeypatch.setenv("RANK", "2")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert attach("r").life.paths.rank == 2
    run.finish()


def test_a_job_without_an_id_has_a_run_per_process(store: Path) -> None:
    ends = ends_of(launch(2, "import runfolio; runfolio.init(group='g').finish()"))
    assert [code for code, _ in ends] == [0, 0], ends
    assert [record.group for record in Store(store).records()] == ["g", "g"]


def test_a_job_that_runs_twice_makes_a_second_run(store: Path) -> None:
    assert ends_of(launch(2)) == [(0, "ddp"), (0, "ddp")]
    assert ends_of(launch(2, LATE=0)) == [(0, "ddp-2"), (0, "ddp-2")]
    newest, oldest = Store(store).records()
    assert (newest.rerun_of, oldest.id) == ("ddp", "ddp")
    assert newest.metrics["loss"].n == oldest.metrics["loss"].n == 2 * STEPS


def test_a_job_that_is_resumed_goes_on_on_every_rank(store: Path) -> None:
    resumed = TRAIN.replace('id="ddp"', 'id="ddp", resume="allow"').replace(", step=step)", ")")
    for _ in range(2):
        assert ends_of(launch(2, resumed)) == [(0, "ddp"), (0, "ddp")]
    series = read_series(store / "ddp")
    assert series["rank1/loss"].step.tolist() == list(range(2 * STEPS))
    assert read_record(store / "ddp").metrics["loss"].n == 4 * STEPS


def test_a_rank_whose_rank_0_never_comes_is_listed_all_the_same(store: Path) -> None:
    source = "import runfolio\nwith runfolio.init(id='x', name='n') as run: run.log({'a': 1.0})"
    only_rank_1 = launch(2, "import os\nif os.environ['RANK'] == '0': raise SystemExit\n" + source)
    assert [code for code, _ in ends_of(only_rank_1)] == [0, 0]
    (record,) = Store(store).records()
    assert (record.name, record.status, record.note) == ("n", "finished", "rank 0 has not begun")
    assert record.metrics["a"].n == 1


def test_ranks_that_are_listed_while_they_run_are_counted_live(store: Path) -> None:
    job = launch(
        2, TRAIN.replace("step == 100", "False").replace("print(run.id)", "time.sleep(30)")
    )
    try:
        wait_for(lambda: (store / "ddp").is_dir() and total(store) == 4 * STEPS)
        assert Store(store).records()[0].status == "running"
    finally:
        for process in job:
            process.kill()
        ends_of(job)
    record = read_record(store / "ddp")
    assert record.status == "crashed"
    assert record.counts["points"] == 4 * STEPS


def total(store: Path) -> int:
    return read_record(store / "ddp").counts.get("points", 0)


def wait_for(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not found():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


READER = """
    import sys, time
    from pathlib import Path
    from runfolio.format.manifest import read_record
    folder, seen, looks = Path(sys.argv[1]), 0, 0
    while not (folder / "run.json").exists(): time.sleep(0.01)
    while True:
        ended = Path("ended").exists()
        record = read_record(folder)
        n = record.counts.get("points", 0)
        assert n >= seen, f"fell from {seen} to {n}"
        assert n == record.metrics["loss"].n + sum(
            one.n for key, one in record.metrics.items() if key != "loss") if n else True
        assert record.problems == (), record.problems
        seen, looks = n, looks + 1
        if ended: break
    assert seen == 1600, seen
"""


def test_a_reader_never_sees_a_job_shrink_or_double(store: Path) -> None:
    reader = subprocess.Popen([sys.executable, "-c", textwrap.dedent(READER), store / "ddp"])
    slow = TRAIN.replace("if step == 100:", "if step % 20 == 0: time.sleep(0.05 * (rank + 1))\n"
                         "            if step == 100:")  # fmt: skip
    assert [code for code, _ in ends_of(launch(4, slow))] == [0] * 4
    Path("ended").touch()
    assert reader.wait(timeout=60) == 0


def test_a_run_of_very_many_metrics_is_resumed_with_all_of_them(store: Path) -> None:
    for _ in range(2):
        run = init(id="r", resume="allow", config={"long": "x" * 300_000})
        run.log({f"m{n}": float(n) for n in range(1200)})
        run.finish()
    record = read_record(store / "r")
    assert record.counts["points"] == 2400
    assert (len(record.metrics), record.metrics["m7"].n) == (1200, 2)
    assert record.config["long"] == "x" * 300_000


def test_each_rank_keeps_its_own_seeds(store: Path) -> None:
    source = """
        import os, random, runfolio
        random.seed(100 + int(os.environ["RANK"]))
        with runfolio.init(id="x") as run: run.log({"a": random.random()})
    """
    assert [code for code, _ in ends_of(launch(2, source, RUNFOLIO_CAPTURE="true"))] == [0, 0]
    states = [
        orjson.loads((store / "x" / name).read_bytes())["states"]["random"]
        for name in ("seeds.json", "seeds.rank1.json")
    ]
    assert len(set(states)) == 2
    assert all((store / "x" / state).is_file() for state in states)
    assert faults(store / "x") == []


def test_each_rank_that_logs_an_artifact_makes_a_version_that_its_own_events_tell_of(
    store: Path,
) -> None:
    source = """
        import os, runfolio
        rank = os.environ["RANK"]
        with runfolio.init(id="ddp") as run:
            artifact = runfolio.Artifact("shards", type="result")
            with artifact.new_file("shard.txt") as file:
                file.write(rank)
            run.log_artifact(artifact, aliases=[f"rank-{rank}"])
            assert [one.digest for one in run.logged_artifacts() if one.version == artifact.version]
    """
    ends = ends_of(launch(4, source))
    assert [code for code, _ in ends] == [0] * 4, ends
    versions = ArtifactVersions(store, "shards")
    assert versions.numbers() == [0, 1, 2, 3]
    assert all(versions.read(number).run_id == "ddp" for number in versions.numbers())
    told = [event for event in read_events(store / "ddp", ("artifact",)) if event["op"] == "made"]
    assert sorted(event["version"] for event in told) == [0, 1, 2, 3]
    number = versions.aliases()["rank-3"]
    kept = store / "ddp" / "rank3" / "artifacts/shards" / f"v{number}"
    assert (kept / "shard.txt").read_text() == "3"
    assert faults(store / "ddp") == []
