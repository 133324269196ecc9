"""How runs begin, end, are re-run and resumed; every way out leaves the right status."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runfolio.errors import NoActiveRun, RunfolioWarning, StopRun, StoreUnusable, UsageError
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.model.run import Status
from runfolio.record import api
from runfolio.record.api import finish, init, log
from runfolio.record.session import Session, current
from runfolio.testing import Fault, FaultyFiles

Script = Callable[..., subprocess.CompletedProcess[str]]


def the_run(store: Path) -> Path:
    (folder,) = [path for path in store.iterdir() if path.is_dir()]
    return folder


def test_a_run_is_one_plain_folder(store: Path) -> None:
    with init(project="digits", tags=["a"], notes="n", group="g", job_type="t") as run:
        run.log({"loss": 0.5})
    assert the_run(store).name == run.id
    record = read_record(run.path)
    assert (record.status, record.project, record.tags) == (Status.FINISHED, "digits", ("a",))
    assert (record.notes, record.group, record.job_type) == ("n", "g", "t")
    assert sorted(path.name for path in run.path.iterdir()) == [
        "events.jsonl", "events.sums", "heartbeat", "metrics.parquet", "run.json", "seal.json",
    ]  # fmt: skip


def test_the_store_is_marked_ignored_by_git_and_the_users_own(store: Path) -> None:
    init().finish()
    assert (store / ".runfolio").is_file()
    assert (store / ".gitignore").read_text() == "*\n"
    assert store.stat().st_mode & 0o777 == 0o700


def test_finishing_twice_is_harmless() -> None:
    run = init()
    run.finish()
    before = (run.path / "run.json").read_bytes()
    run.finish(exit_code=1)
    finish()
    assert (run.path / "run.json").read_bytes() == before


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("shapes differ"), "failed"),
        (KeyboardInterrupt(), "interrupted"),
        (SystemExit(3), "failed"),
        (SystemExit(0), "finished"),
        (StopRun(), "stopped"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value),
)
def test_leaving_the_block_by_an_exception_decides_the_status(
    error: BaseException, status: str
) -> None:
    run = init()
    raised = contextlib.nullcontext() if status == "stopped" else pytest.raises(type(error))
    with raised, run:
        raise error
    record = read_record(run.path)
    assert record.status == status
    assert "shapes differ" in record.note or status != "failed" or isinstance(error, SystemExit)


@pytest.mark.parametrize(
    ("exit_code", "status"), [(0, "finished"), (None, "finished"), (2, "failed")]
)
def test_an_exit_code_decides_the_status(exit_code: int | None, status: str) -> None:
    run = init()
    run.finish(exit_code)
    record = read_record(run.path)
    assert (record.status, record.exit_code) == (status, exit_code)


def test_after_the_end_nothing_can_be_logged() -> None:
    run = init()
    run.finish()
    for call in (
        lambda: run.log({"a": 1}),
        lambda: run.log({"a": 1}, step=4),
        lambda: log({"a": 1}),
    ):
        with pytest.raises(NoActiveRun):
            call()
    assert current() is None


def test_without_a_run_every_call_says_how_to_start_one() -> None:
    with pytest.raises(NoActiveRun, match=r"runfolio\.init\(\)"):
        api.log({"a": 1})


def test_in_a_script_a_second_init_joins_the_open_run() -> None:
    run = init(config={"a": 1}, tags=["x"])
    assert init(config={"b": 2}, tags=["y"]) is run
    assert (run.config.as_dict(), run.tags) == ({"a": 1, "b": 2}, ("x", "y"))


def test_in_a_notebook_a_second_init_finishes_the_first_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from runfolio.record.session import session

    monkeypatch.setattr(session, "in_notebook", True)
    first = init()
    second = init()
    assert first is not second
    assert read_record(first.path).status is Status.FINISHED
    assert read_record(second.path).status is Status.RUNNING


def test_an_id_that_exists_gives_a_new_run_linked_to_the_old() -> None:
    init(id="mine").finish()
    with pytest.warns(RunfolioWarning, match="'MINE' exists"):
        run = init(id="MINE")
    run.finish()
    assert run.id == "MINE-2"
    assert read_record(run.path).rerun_of == "mine"


@pytest.mark.parametrize("resume", ["allow", "must", "auto", True])
def test_a_resumed_run_is_one_run_with_a_second_segment(resume: Any) -> None:
    first = init(id="mine", config={"lr": 1}, name="old", tags=["t"])
    first.log({"a": 1})
    first.finish()
    run = init(id="mine", resume=resume)
    assert (run.config.lr, run.name, run.tags, run.resumed) == (1, "old", ("t",), True)
    run.log({"a": 2})
    run.finish()
    assert read_series(run.path)["a"].value.tolist() == [1, 2]
    assert (run.path / "metrics.s2.parquet").is_file()


@pytest.mark.parametrize(
    ("existing", "resume", "says"),
    [
        (False, "must", "no run 'mine' to resume"),
        (True, "never", "exists already"),
        (True, "sometimes", "expected one of allow, must, never, auto"),
    ],
)
def test_a_resume_that_cannot_be_carried_out_says_why(
    existing: bool, resume: str, says: str
) -> None:
    if existing:
        init(id="mine").finish()
    with pytest.raises(UsageError, match=says):
        init(id="mine", resume=resume)


@pytest.mark.parametrize("run_id", ["../x", "CON", "a/b", "x" * 200])
def test_an_id_that_is_no_name_for_a_folder_is_refused(store: Path, run_id: str) -> None:
    with pytest.raises(UsageError, match="cannot be a run's id"):
        init(id=run_id)


@pytest.mark.parametrize("how", ["argument", "RUNFOLIO_MODE", "WANDB_MODE", "WANDB_DISABLED"])
def test_a_disabled_run_writes_nothing(
    store: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how != "argument":
        monkeypatch.setenv(how, "true" if how == "WANDB_DISABLED" else "disabled")
    run = init(mode="disabled" if how == "argument" else None, config={"a": 1})
    Path("x.pt").write_text("x")
    run.log({"loss": 1})
    run.log({"loss": "text"}, step=3, commit=False)
    run.config.b, run.summary["c"], run.tags = 2, 3, ("t",)
    run.save("x.pt")
    run.finish()
    assert not store.exists()
    with pytest.raises(NoActiveRun):
        run.log({"loss": 1})


def test_an_unknown_keyword_warns_once_at_the_users_line_and_is_ignored() -> None:
    with pytest.warns(RunfolioWarning, match="'colour'.*'tag'.*Did you mean \"tags\"") as told:
        init(colour="blue", tag=["x"], entity="me", anonymous="allow").finish()
    assert [warning.filename for warning in told] == [__file__]


def test_labels_changed_while_running_are_recorded() -> None:
    run = init(name="first")
    run.name, run.notes = "second", "it works"
    run.tags += ("good",)
    run.finish()
    record = read_record(run.path)
    assert (record.name, record.notes, record.tags) == ("second", "it works", ("good",))


def test_a_store_that_is_a_file_is_an_error_that_says_what_to_do(store: Path) -> None:
    store.write_text("not a folder")
    with pytest.raises(StoreUnusable, match=r"it is a file\. Move it away, or set RUNFOLIO_DIR"):
        init()


def test_a_store_that_cannot_be_written_is_an_error_that_says_what_to_do() -> None:
    files = FaultyFiles(Fault("create", errno.EROFS))
    with pytest.raises(StoreUnusable, match=r"Read-only file system\. Make the folder writable"):
        Session(files).open({})


def test_a_disk_that_is_full_at_the_start_does_not_stop_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RUNFOLIO_STRICT", "0")
    files = FaultyFiles(Fault("replace", errno.ENOSPC))
    with pytest.warns(RunfolioWarning, match="writing the manifest failed"):
        run = Session(files).open({"name": "later"})
    run.log({"a": 1})
    run.finish()
    assert read_record(run.path).name == "later"


WAYS_OUT = {
    "end of the script": ("run.log({'a': 1})", "finished", 0),
    "uncaught exception": ("raise ValueError('no')", "failed", 1),
    "sys.exit(3)": ("import sys; sys.exit(3)", "failed", 3),
    "sys.exit(0)": ("import sys; sys.exit(0)", "finished", 0),
    "keyboard interrupt": ("raise KeyboardInterrupt", "interrupted", 130),
    "with and exception": ("with run: 1 / 0", "failed", None),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_the_end_of_the_process_ends_the_run(script: Script, store: Path, way: str) -> None:
    code, status, exit_code = WAYS_OUT[way]
    script(f"import runfolio\nrun = runfolio.init()\nrun.log({{'a': 0}})\n{code}")
    record = read_record(the_run(store))
    assert (record.status, record.exit_code) == (status, exit_code)
    assert "a" in read_series(record.path)


def test_an_interrupt_ends_the_process_whatever_is_executed_at_its_end(script: Script) -> None:
    done = script("""
        import atexit, runfolio
        runfolio.init()
        atexit.register(lambda: exec("x = 1"))  # as an import of a data class does
        raise KeyboardInterrupt
    """)
    assert done.returncode == -signal.SIGINT


def test_the_process_exits_as_it_would_have(script: Script) -> None:
    begin = "import runfolio, sys; run = runfolio.init(); "
    assert script(begin + "sys.exit(3)").returncode == 3
    assert script(begin + "run.log({'a': 1})").returncode == 0
    failed = script(begin + "1 / 0")
    assert failed.returncode == 1
    assert "ZeroDivisionError" in failed.stderr


@pytest.mark.parametrize(("way", "code"), [("sys.exit(3)", 3), ("1 / 0", 1)])
def test_a_later_run_is_told_through_what_was_put_over_the_hooks_of_the_first(
    script: Script, way: str, code: int
) -> None:
    done = script(f"""
        import sys, runfolio
        runfolio.init().finish()
        first = runfolio.init()
        leave, hook = sys.exit, sys.excepthook
        sys.exit = lambda code=None: leave(code)
        sys.excepthook = lambda *told: hook(*told)
        first.finish()
        print(runfolio.init(id="later").path)
        {way}
    """)
    assert (done.returncode, "RecursionError" in done.stderr) == (code, False), done.stderr
    record = read_record(Path(done.stdout.strip()))
    assert (record.status, record.exit_code) == (Status.FAILED, code)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("block", ["", "with run:"])
def test_a_signal_ends_the_run_as_interrupted(store: Path, name: str, block: str) -> None:
    source = textwrap.dedent(f"""
        import runfolio, time
        run = runfolio.init()
        {block or "if True:"}
            for n in range(100_000):
                run.log({{"a": n}})
                if n == 3: print("ready", flush=True)
                time.sleep(0.01)
    """)
    child = subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"RUNFOLIO_STRICT": "0"},
    )  # fmt: skip
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(getattr(signal, name))
    child.communicate(timeout=30)
    record = read_record(the_run(store))
    assert (record.status, record.signal) == (Status.INTERRUPTED, name)
    assert record.exit_code == 128 + getattr(signal, name)
    assert len(read_series(record.path)["a"]) >= 4


def test_the_manifest_can_be_parsed_at_any_time(store: Path, script: Script) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent("""
            import runfolio
            from runfolio.record import life
            life.REFRESH_S = 0
            run = runfolio.init(config={"x": "y" * 5000})
            for n in range(200):
                run.log({"a": n}); run.life.refresh()
        """)], env=os.environ | {"RUNFOLIO_STRICT": "0"},
    )  # fmt: skip
    seen = 0
    while child.poll() is None:
        for manifest in store.glob("*/run.json"):
            body = json.loads(manifest.read_bytes())
            assert body["config"]["x"] == "y" * 5000
            seen += 1
    assert child.returncode == 0
    assert seen > 10


def test_an_init_joins_the_run_that_was_put_in_front_and_leaves_it_open() -> None:
    with init(name="outer") as outer, init(name="inner", reinit="create_new") as inner:
        with inner.as_current():
            with init(config={"lr": 1}, tags=["x"], notes="n") as joined:
                log({"a": 1})
            finish_nothing = init()
            finish_nothing.finish()
            log({"a": 2})
            other = init(reinit="create_new")
            other.finish()
        assert current() is outer
    assert joined is inner
    assert other not in (inner, outer)
    record = read_record(inner.path)
    assert (record.metrics["a"].n, record.config, record.tags) == (2, {"lr": 1}, ("x",))
    assert read_record(outer.path).metrics == {}


def test_an_init_opens_another_run_where_the_one_in_front_has_ended() -> None:
    inner = init(reinit="create_new")
    inner.finish()
    with inner.as_current(), pytest.raises(NoActiveRun):
        log({"a": 1})
    with inner.as_current(), init() as other:
        other.log({"a": 1})
    assert other is not inner


def test_a_run_that_is_recorded_afterwards_stands_where_it_took_place() -> None:
    run = init()
    run.life.document.took_place(1_000, 3_500)
    run.finish()
    record = read_record(run.path)
    assert (record.created_at.timestamp(), record.ended_at.timestamp()) == (1, 3.5)
    assert (record.duration_s, record.problems) == (2.5, ())
