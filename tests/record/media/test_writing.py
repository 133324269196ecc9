"""The thread that writes media: the training does not wait for it, and no event lies."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blake3 import blake3
from tests.faults.oracle import seeds, until
from tests.record.media.conftest import file_of, told, told_of

from runfolio.errors import RunfolioWarning
from runfolio.format.disk import Disk
from runfolio.format.events import read_events
from runfolio.format.series import read_series
from runfolio.model.media import media_items
from runfolio.record.api import init
from runfolio.record.media import shelf as shelves
from runfolio.record.media import writer as writers
from runfolio.record.media.files import Object3D
from runfolio.record.media.image import Image
from runfolio.record.media.medium import Medium, Taken
from runfolio.record.media.shelf import Shelf
from runfolio.record.media.writer import MediaWriter
from runfolio.record.run import Run
from runfolio.record.session import Session
from runfolio.testing import Fault, FaultyFiles

PICTURE = np.eye(8)
LONG_S = 60


class Slow(Medium):
    """A medium whose encoding takes until it is told to go on."""

    type = "html"

    def __init__(self, size: int = 10, error: Exception | None = None) -> None:
        super().__init__()
        self.size, self.error = size, error
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.hurried: bool | None = None

    def take(self, shelf: Shelf) -> Taken:
        return Taken(self.type, self.size, self.write)

    def write(self, shelf: Shelf) -> dict[str, Any]:
        self.begun.set()
        assert self.go_on.wait(LONG_S)
        self.hurried = shelf.is_hurried
        if self.error is not None:
            raise self.error
        return shelf.put(self.type, "html", b"x" * self.size)


class Told(list[dict[str, Any]]):
    """Events and refusals of a media writer that stands alone."""

    def __init__(self, folder: Path, files: Any = None, **options: Any) -> None:
        super().__init__()
        self.refused: list[tuple[str, str]] = []
        self.writer = MediaWriter(
            folder,
            files or Disk(),
            self.event,
            lambda *named: self.refused.append(named),
            **options,
        )

    def event(self, kind: str, **fields: Any) -> None:
        self.append({"kind": kind, **fields})

    def log(self, key: str, medium: Medium, step: int = 0) -> bool:
        job = self.writer.take(key, [medium])
        if job is not None:
            job.queue(step, 0)
            self.writer.start()
        return job is not None

    def log_and_finish(self, key: str, medium: Medium) -> bool:
        taken = self.log(key, medium)
        self.writer.finish(LONG_S)
        return taken


def test_log_returns_while_an_encoder_is_still_at_work(run: Run) -> None:
    slow = Slow()
    run.log({"slow": slow, "loss": 1})
    run.life.writer.flush()
    assert slow.begun.wait(LONG_S)
    for n in range(100):
        run.log({"loss": n, "also": slow})
    run.life.writer.flush()
    before = [event for event in read_events(run.path) if event["kind"] == "media"]
    slow.go_on.set()

    assert before == []
    assert len(told(run)) == 101
    assert len(read_series(run.path)["loss"].value) == 101


def test_the_same_content_is_one_file_however_often_it_is_logged(run: Run) -> None:
    for _ in range(1000):
        run.log({"x": Image(PICTURE)})
    items = told(run)

    assert len(items) == 1000
    assert len({item.path for item in items}) == 1
    assert len(list((run.path / "media/images").iterdir())) == 1


def test_a_file_bears_the_hash_of_its_content(run: Run) -> None:
    (item,) = told_of(run, {"x": Image(PICTURE)})

    assert Path(item.path or "").stem == blake3(file_of(run, item)).hexdigest(length=16)


def test_a_caller_waits_above_the_bound_until_there_is_room(tmp_path: Path) -> None:
    told = Told(tmp_path, held_bytes=100)
    first, second = Slow(60), Slow(60)
    assert told.log("first", first)
    caller = threading.Thread(target=told.log, args=("second", second))
    caller.start()
    until(lambda: told.writer.waits > 0, "the caller waits")
    first.go_on.set()
    second.go_on.set()
    caller.join(LONG_S)
    told.writer.finish(LONG_S)

    assert [event["key"] for event in told] == ["first", "second"]


def test_who_waited_in_vain_is_refused_and_the_next_one_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "_PATIENCE_S", 0.01)
    told, hangs, good = Told(tmp_path, held_bytes=100), Slow(90), Slow(20)
    assert told.log("hangs", hangs)
    with pytest.warns(RunfolioWarning, match="'second' is left out and counted"):
        assert not told.log("second", good)
    assert not told.log("third", good)
    hangs.go_on.set()
    good.go_on.set()
    until(lambda: len(told) == 1, "the first is written")
    until(lambda: told.log("fourth", good), "there is room again")
    told.writer.finish(LONG_S)

    assert [event["key"] for event in told][:2] == ["hangs", "fourth"]
    assert told.refused[:2] == [("second", "html"), ("third", "html")]


def test_threads_that_log_at_once_share_one_thread_that_writes(run: Run) -> None:
    def log(name: str) -> None:
        for n in range(20):
            run.log({name: Image(np.full((2, 2), n / 20))})

    callers = [threading.Thread(target=log, args=(f"t{n}",)) for n in range(8)]
    for caller in callers:
        caller.start()
    names = [thread.name for thread in threading.enumerate()]
    for caller in callers:
        caller.join(LONG_S)

    assert names.count("runfolio-media") <= 1
    assert sorted(item.key for item in told(run)) == sorted(
        f"t{n}" for n in range(8) for _ in range(20)
    )


def test_one_that_is_larger_than_the_bound_goes_alone(tmp_path: Path) -> None:
    told = Told(tmp_path, held_bytes=10)
    large = Slow(1000)
    large.go_on.set()

    assert told.log("large", large)
    told.writer.finish(LONG_S)
    assert len(told) == 1


def test_what_is_dropped_with_its_row_gives_its_room_back(tmp_path: Path) -> None:
    told = Told(tmp_path, held_bytes=100)

    for _ in range(10):
        assert told.writer.take("x", [Slow(90)]) is not None
    assert told.writer.waits == 0


def test_an_encoder_that_fails_is_named_and_the_next_one_is_written(run: Run) -> None:
    bad = Slow(error=ValueError("no such codec"))
    bad.go_on.set()
    with pytest.warns(
        RunfolioWarning, match=r"'bad' cannot be recorded: ValueError: no such codec"
    ):
        items = told_of(run, {"bad": bad, "good": Image(PICTURE)})

    assert [item.key for item in items] == ["good"]
    assert run.life.refused_values == {"bad": 1}


def test_what_no_reader_would_take_as_one_event_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "_EVENT_BYTES", 500)
    with pytest.warns(RunfolioWarning, match="log a part of it"):
        items = told_of(run, {"x": [Image(PICTURE)] * 9})

    assert items == []


def faulty_run(*faults: Fault) -> Run:
    return Session(files=FaultyFiles(*faults)).open({"id": "r"})


def test_a_full_disk_is_told_once_and_the_media_arrive_when_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writers, "_RETRY_S", 0.01)
    run = faulty_run(Fault("replace", errno.ENOSPC, times=5, name=".png"))
    with pytest.warns(RunfolioWarning, match="does not take an image") as warned:
        log_and_wait(run, {"a": Image(PICTURE), "b": Image(PICTURE)})
    run.log({"c": Image(PICTURE)})

    assert [item.key for item in told(run)] == ["a", "b", "c"]
    assert len(warned) == 1
    assert run.life.refused_values == {}


def log_and_wait(run: Run, values: dict[str, Any]) -> None:
    run.log(values)
    run.life.writer.flush()
    wait_until_written(run)


def wait_until_written(run: Run) -> None:
    media = run.life.media_writer()
    with media._changed:
        assert media._changed.wait_for(media._is_done, LONG_S)


def test_values_of_a_row_that_finds_no_room_are_all_counted(run: Run) -> None:
    writer = run.life.writer
    writer.gate.append = writer._refuse
    run.log({"a": 1, "text": "b", "image": Image(PICTURE)})

    assert writer.refused == 3
    assert told(run) == []


def test_a_disk_that_never_takes_them_costs_the_media_and_not_the_points() -> None:
    run = faulty_run(Fault("replace", errno.EIO, times=10**6, name=".png"))
    with pytest.warns(RunfolioWarning, match="[Dd]isk"):
        items = told_of(run, {"a": Image(PICTURE), "loss": 1})

    assert items == []
    assert run.life.refused_values == {"a": 1}
    assert read_series(run.path)["loss"].value.tolist() == [1]


class EndsWhileRefusing(FaultyFiles):
    """A disk that refuses once, while the run ends; by then there is room."""

    ends: threading.Event

    def replace(self, path: Path, data: bytes) -> None:
        try:
            super().replace(path, data)
        except OSError:
            self.ends.set()
            raise


def test_room_that_came_just_before_the_end_is_used(tmp_path: Path) -> None:
    files = EndsWhileRefusing(Fault("replace", errno.ENOSPC, name=".png"))
    told = Told(tmp_path, files)
    files.ends = told.writer._closing
    with pytest.warns(RunfolioWarning, match="does not take an image"):
        assert told.log_and_finish("a", Image(PICTURE))

    assert [event["key"] for event in told] == ["a"]
    assert told.refused == []


def test_while_the_disk_refuses_nobody_waits_for_room(tmp_path: Path) -> None:
    told = Told(tmp_path, held_bytes=100)
    told.writer._stuck = True
    first = told.writer.take("first", [Slow(90)])
    with pytest.warns(RunfolioWarning, match="'second' is left out and counted"):
        second = told.writer.take("second", [Slow(90)])

    assert (first is None, second) == (False, None)
    assert told.refused == [("second", "html")]


def test_finish_does_not_wait_for_an_encoder_that_hangs(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.record.closing.PATIENCE_S", 1.0)
    slow = Slow()
    run.log({"slow": slow, "loss": 1})
    run.log({"after": Image(PICTURE)})
    with pytest.warns(RunfolioWarning, match="2 of them .* are left out and counted"):
        run.finish(quiet=True)
    slow.go_on.set()

    assert run.life.refused_values == {"slow": 1, "after": 1}
    assert [event for event in read_events(run.path) if event["kind"] == "media"] == []


def test_an_encoder_that_comes_back_after_the_end_writes_no_event(tmp_path: Path) -> None:
    told, slow = Told(tmp_path), Slow()
    told.log("slow", slow)
    assert slow.begun.wait(LONG_S)
    with pytest.warns(RunfolioWarning, match="1 of them"):
        told.writer.finish(0.01)
    slow.go_on.set()
    assert told.writer._thread is not None
    told.writer._thread.join(LONG_S)

    assert (list(told), told.refused) == ([], [("slow", "html")])


@pytest.mark.parametrize(("left_s", "hurried"), [(60.0, False), (1.0, True)])
def test_what_can_be_done_without_is_left_out_only_where_the_time_runs_out(
    tmp_path: Path, left_s: float, hurried: bool
) -> None:
    told, slow = Told(tmp_path), Slow()
    told.log("slow", slow)
    assert slow.begun.wait(LONG_S)
    threading.Timer(0.2, slow.go_on.set).start()
    told.writer.finish(left_s)

    assert slow.hurried is hurried


def test_where_no_thread_may_start_the_caller_writes(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    run.log({"a": Image(PICTURE)})
    run.log({"b": Image(PICTURE)})

    assert [item.key for item in told(run)] == ["a", "b"]


def test_a_large_file_is_taken_as_it_is_at_log(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "IN_MEMORY", 4)
    Path("a.obj").write_bytes(b"first content")
    run.log({"x": Object3D("a.obj")})
    Path("a.obj").write_bytes(b"second content")
    run.log({"x": Object3D("a.obj")})
    items = told(run)

    assert [file_of(run, item) for item in items] == [b"first content", b"second content"]
    assert [path for path in (run.path / "media").rglob("*") if path.name.startswith(".")] == []


def test_a_file_that_is_gone_by_the_time_it_is_logged_is_refused(run: Run) -> None:
    Path("a.obj").write_bytes(b"content")
    shape = Object3D("a.obj")
    Path("a.obj").unlink()
    with pytest.warns(RunfolioWarning, match="FileNotFoundError"):
        run.log({"x": shape})

    assert run.life.refused_values == {"x": 1}


def test_media_of_another_rank_lie_in_its_own_folder(tmp_path: Path) -> None:
    told = Told(tmp_path, rank=3)
    told.log("x", Image(PICTURE))
    told.writer.finish(LONG_S)

    (item,) = media_items(told[0])
    assert str(item.path).startswith("rank3/media/images/")
    assert (tmp_path / str(item.path)).is_file()


def test_a_folder_that_was_removed_is_not_made_anew(run: Run) -> None:
    told = Told(run.path / "gone")
    with pytest.warns(RunfolioWarning, match="[Dd]isk"):
        told.log_and_finish("x", Image(PICTURE))

    assert not (run.path / "gone").exists()
    assert told.refused == [("x", "image")]


def test_a_link_planted_under_a_name_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    shelf = Shelf(tmp_path, Disk(), lambda _: False)
    path = tmp_path / shelf.put("html", "html", b"page")["path"]
    path.unlink()
    path.symlink_to(outside)
    Shelf(tmp_path, Disk(), lambda _: False).put("html", "html", b"page")

    assert (outside.read_bytes(), path.read_bytes(), path.is_symlink()) == (b"mine", b"page", False)


def test_a_disabled_run_takes_nothing() -> None:
    run = init(mode="disabled")
    slow = Slow()
    run.log({"x": slow, "y": [slow], "z": object()})

    assert (slow.begun.is_set(), run.life.media) == (False, None)


VICTIM = """
import numpy as np, runfolio
run = runfolio.init(id="victim")
n = 0
while True:
    run.log({"x": runfolio.Image(np.full((64, 64), n % 251, np.uint8)), "n": n})
    n += 1
    if n == 20: print("ready", flush=True)
"""


@pytest.mark.parametrize("seed", seeds(3, 200))
def test_killed_at_any_moment_no_event_is_without_its_file(store: Path, seed: int) -> None:
    pause_s = random.Random(seed).uniform(0, 0.2)
    env = os.environ | {"RUNFOLIO_STRICT": "0"}
    with subprocess.Popen(
        [sys.executable, "-c", VICTIM], stdout=subprocess.PIPE, env=env, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(pause_s)
        child.send_signal(signal.SIGKILL)
    folder = store / "victim"
    items = [item for event in read_events(folder) for item in media_items(event)]

    for item in items:
        data = (folder / str(item.path)).read_bytes()
        assert blake3(data).hexdigest(length=16) == Path(str(item.path)).stem
    assert [item.step for item in items] == list(range(len(items)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_media_of_a_forked_child_are_refused_and_the_parents_are_whole(store: Path) -> None:
    source = """
import os, numpy as np, runfolio
run = runfolio.init(id="parent")
run.log({"x": runfolio.Image(np.eye(4))})
pid = os.fork()
if pid == 0:
    run.log({"x": runfolio.Image(np.eye(5))})
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
run.log({"x": runfolio.Image(np.eye(6))})
run.finish()
"""
    env = os.environ | {"RUNFOLIO_STRICT": "0"}
    subprocess.run([sys.executable, "-c", source], check=True, timeout=LONG_S, env=env)
    items = [i for event in read_events(store / "parent") for i in media_items(event)]

    assert [(item.step, item.extra["width"]) for item in items] == [(0, 4), (1, 6)]
