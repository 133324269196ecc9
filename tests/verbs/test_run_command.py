"""``run COMMAND``: any program as a run, with no line of it changed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from runfolio.errors import UsageError
from runfolio.format.check import check_run
from runfolio.format.edits import write_edit
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.model.run import RunRecord
from runfolio.record import command
from runfolio.record.output import KeptOutput
from runfolio.record.session import reset_for_tests
from runfolio.store.store import Store
from runfolio.verbs.run_command import run_command

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups here")
PYTHON = sys.executable


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    work = tmp_path / "work"
    work.mkdir()
    for name in list(os.environ):
        if name.startswith(("RUNFOLIO_", "WANDB_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    monkeypatch.setenv("RUNFOLIO_SILENT", "true")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(work)
    reset_for_tests()
    yield tmp_path / "folio"
    reset_for_tests()


def write(source: str, name: str = "train.py") -> str:
    Path(name).write_text(textwrap.dedent(source))
    return name


def runfolio(*words: str, **keywords: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, "-m", "runfolio", *words],
        check=False, capture_output=True, text=True, timeout=120, **keywords,
    )  # fmt: skip


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PYTHON, "-m", "runfolio", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def the_record(store: Path) -> RunRecord:
    (record,) = Store(store).records()
    return record


def says(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() == word


def until(found: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not found():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def faults(folder: Path) -> list[str]:
    return [str(found) for found in check_run(folder) if found.severity == "fault"]


def test_a_program_is_recorded_and_left_as_it_is(store: Path) -> None:
    script = write("import sys; print('out', sys.argv[1:]); print('err', file=sys.stderr)")
    done = runfolio(
        "run", "--name", "n", "-t", "a", "-c", "lr=3", PYTHON, script, "--lr", "3", "-x"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "out ['--lr', '3', '-x']\n", "err\n")
    record = the_record(store)
    assert (record.name, record.tags, record.config) == ("n", ("a",), {"lr": 3})
    assert (record.status, record.exit_code) == ("finished", 0)
    assert record.command == ("python", "train.py", "--lr", "3", "-x")
    kept = (record.path / "output.log").read_text().splitlines()
    assert sorted(kept) == ["err", "out ['--lr', '3', '-x']"]
    assert faults(record.path) == []


@pytest.mark.parametrize(
    ("program", "code", "status", "by"),
    [
        ("exit 0", 0, "finished", None),
        ("exit 7", 7, "failed", None),
        ("kill -KILL $$", 137, "failed", "SIGKILL"),
        ("kill -TERM $$", 143, "interrupted", "SIGTERM"),
        ("kill -INT $$", 130, "interrupted", "SIGINT"),
        ("kill -HUP $$", 129, "interrupted", "SIGHUP"),
        ("kill -ABRT $$", 134, "failed", "SIGABRT"),
    ],
)
def test_the_run_ends_as_the_program_did(
    store: Path, program: str, code: int, status: str, by: str | None
) -> None:
    ended = run_command(["sh", "-c", program])
    record = the_record(store)
    assert (ended.exit_code, record.status, record.signal) == (code, status, by)
    assert record.exit_code == code


def test_a_program_that_is_not_there_makes_no_run(store: Path) -> None:
    with pytest.raises(UsageError, match="no program 'nosuch'"):
        run_command(["nosuch"])
    with pytest.raises(UsageError, match=r"Write: run python train\.py"):
        run_command([write("")])
    with pytest.raises(UsageError, match="takes a list, not the text"):
        run_command("python train.py")
    assert not store.exists()


def test_init_in_the_program_joins_its_run(store: Path) -> None:
    script = write("""
        import runfolio
        run = runfolio.init(project="digits", name="mine", tags=["b"], config={"lr": 1, "depth": 2})
        for n in range(10): run.log({"loss": n})
    """)
    ended = run_command([PYTHON, script], tags=["a"], config={"lr": 9})
    record = the_record(store)
    assert record.id == ended.ended.id
    assert (record.project, record.name, set(record.tags)) == ("digits", "mine", {"a", "b"})
    assert record.config == {"lr": 9, "depth": 2}
    assert (record.metrics["loss"].n, record.metrics["loss"].last) == (10, 9.0)
    whole = orjson.loads((record.path / "run.json").read_bytes())
    assert (whole["metrics"]["loss"]["n"], whole["config"]["depth"]) == (10, 2)
    assert faults(record.path) == []


def test_what_was_named_on_the_command_line_stays(store: Path) -> None:
    script = write("import runfolio; runfolio.init(project='digits', name='mine', id='own')")
    run_command([PYTHON, script], name="given", project="other")
    record = the_record(store)
    assert (record.name, record.project) == ("given", "other")


def test_two_inits_one_after_another_and_children_of_children_join(store: Path) -> None:
    script = write("""
        import subprocess, sys, runfolio
        for n in range(2):
            with runfolio.init() as run: run.log({"loss": n})
        subprocess.run([sys.executable, "-c", "import runfolio; runfolio.init().log({'child': 1.0})"])
    """)
    ended = runfolio("run", "bash", "-c", f"{PYTHON} {script}")
    assert ended.returncode == 0, ended.stderr
    record = the_record(store)
    assert read_series(record.path)["loss"].step.tolist() == [0, 1]
    assert {key: one.n for key, one in record.metrics.items()} == {"loss": 2, "child": 1}


@pytest.mark.parametrize("told", ["name=f'fold-{n}'", "config={'fold': n}, reinit=True"])
def test_a_later_init_of_another_name_or_other_settings_is_a_run_of_its_own(
    store: Path, told: str
) -> None:
    script = write(f"""
        import runfolio
        for n in range(3):
            with runfolio.init(id=f"f{{n}}" if n else None, {told}) as run: run.log({{"loss": n}})
    """)
    outer = run_command([PYTHON, script]).ended
    records = {record.id: record for record in Store(store).records()}
    assert set(records) == {outer.id, "f1", "f2"}
    assert {records["f1"].parent, records["f2"].parent} == {outer.id}
    assert [records[of].metrics["loss"].last for of in (outer.id, "f1", "f2")] == [0, 1, 2]


def test_data_that_a_program_reads_after_it_joined_counts_in_what_is_complete(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    script = write("import runfolio; runfolio.init(); open('rows.csv').read()")
    Path("rows.csv").write_text("a,b\n1,2\n")
    run_command([PYTHON, script])
    record = the_record(store)
    assert [item["name"] for item in record.data] == ["rows.csv"]
    assert record.complete["data"] == "whole"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("open('rows.csv').read()", "missing: no data set was declared"),
        ("import runfolio; open('rows.csv').read()", "whole"),
        ("import runfolio; runfolio.init()",
         "missing: no data set was declared, and no file was seen to be read"),
    ],
)  # fmt: skip
def test_of_a_program_that_nobody_listened_in_nothing_is_said_of_what_it_read(
    store: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    script = write(program)
    Path("rows.csv").write_text("a,b\n1,2\n")
    run_command([PYTHON, script])
    complete = the_record(store).complete
    assert complete["data"] == said
    assert ("no data set was declared" in complete["replayable"]) == said.endswith("declared")


def test_modules_below_wandb_are_found_or_named_where_it_means_runfolio(store: Path) -> None:
    script = write("""
        import wandb, wandb.plot, wandb.errors, runfolio
        from wandb.errors import UsageError
        from wandb.integration.lightgbm import wandb_callback
        from wandb.sdk.wandb_run import Run
        assert (UsageError, Run) == (runfolio.UsageError, runfolio.Run)
        assert wandb.errors.UsageError is UsageError and wandb.plot.line and callable(wandb_callback())
        try:
            import wandb.nonsense
        except ImportError as error:
            print(error)
    """)
    done = runfolio("run", "--as-wandb", PYTHON, script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("runfolio stands for wandb here, and has no wandb.nonsense: ")


def test_a_rank_in_the_program_joins_as_that_rank(store: Path) -> None:
    script = write("""
        import os, subprocess, sys
        if "RANK" not in os.environ:
            jobs = [subprocess.Popen([sys.executable, __file__], env=os.environ | {
                "RANK": str(rank), "WORLD_SIZE": "2"}) for rank in range(2)]
            sys.exit(sum(job.wait() for job in jobs))
        import runfolio
        runfolio.init(id="given").log({"loss": float(os.environ["RANK"])})
    """)
    assert run_command([PYTHON, script]).exit_code == 0
    record = the_record(store)
    assert record.metrics["loss"].n == 2
    assert (record.path / "metrics.rank1.parquet").exists()


def test_a_run_of_its_own_may_be_made_inside(store: Path) -> None:
    script = write("import runfolio; runfolio.init(reinit='create_new').finish()")
    outer = run_command([PYTHON, script]).ended
    inner = next(record for record in Store(store).records() if record.id != outer.id)
    assert inner.parent == outer.id


def test_all_points_of_a_killed_program_are_there(store: Path) -> None:
    script = write("""
        import os, runfolio
        run = runfolio.init()
        for n in range(500): run.log({"loss": n})
        run.life.writer.flush(); os.kill(os.getpid(), 9)
    """)
    assert run_command([PYTHON, script]).exit_code == 137
    record = the_record(store)
    assert (record.status, record.signal) == ("failed", "SIGKILL")
    assert (record.metrics["loss"].n, record.counts["points"]) == (500, 500)
    assert len(read_series(record.path)["loss"]) == 500


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_reaches_the_program_once(store: Path, name: str) -> None:
    script = write("""
        import signal, sys, time
        came = []
        for name in ("SIGINT", "SIGTERM"):
            signal.signal(getattr(signal, name), lambda number, frame: came.append(number))
        print("up", flush=True)
        while not came: time.sleep(0.05)
        time.sleep(0.5); print(*came, flush=True); sys.exit(5)
    """)
    process = started("run", PYTHON, script)
    says(process, "up")
    process.send_signal(getattr(signal, name))
    out, err = process.communicate(timeout=60)
    assert (out.split(), process.returncode) == ([str(int(getattr(signal, name)))], 5), err
    assert (the_record(store).status, the_record(store).signal) == ("interrupted", name)


def test_an_interrupt_of_the_whole_group_reaches_the_program_once(store: Path) -> None:
    script = write("""
        import time
        try: print("up", flush=True); time.sleep(60)
        except KeyboardInterrupt: print("once", flush=True)
        time.sleep(0.3)
    """)
    process = subprocess.Popen(
        [PYTHON, "-m", "runfolio", "run", PYTHON, script],
        stdout=subprocess.PIPE, text=True, process_group=0,
    )  # fmt: skip
    says(process, "up")
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "once\n"
    assert process.returncode == 0
    assert the_record(store).status == "finished"


def test_stop_is_raised_in_a_program_that_logs(store: Path) -> None:
    script = write("""
        import time, runfolio
        with runfolio.init() as run:
            print("up", flush=True)
            for n in range(2000): run.log({"n": n}); time.sleep(0.05)
        print("gently", flush=True)
    """)
    process = started("run", PYTHON, script)
    says(process, "up")
    write_edit(the_record(store).path, "stop", "run", value=True)
    out, err = process.communicate(timeout=90)
    assert (out, process.returncode) == ("gently\n", 0), err
    assert the_record(store).status == "stopped"


def test_stop_terminates_a_program_that_writes_to_no_run(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "STOP_GRACE_S", 0.5)
    script = write(f"""
        import time
        from pathlib import Path
        from runfolio.format.edits import write_edit
        (folder,) = [path for path in Path({str(store)!r}).iterdir() if path.is_dir()]
        write_edit(folder, "stop", "run", value=True)
        time.sleep(120)
    """)
    assert run_command([PYTHON, script]).exit_code == 143
    assert the_record(store).status == "stopped"


def test_a_killed_supervisor_leaves_a_crashed_run_that_its_program_goes_on_with(
    store: Path,
) -> None:
    script = write("""
        import os, time, runfolio
        run = runfolio.init(); run.log({"n": 0}); print("up", flush=True)
        while not os.path.exists("go"): time.sleep(0.05)
        for n in range(50): run.log({"n": n})
        run.finish(); open("done", "w").close()
    """)
    process = started("run", PYTHON, script)
    says(process, "up")
    process.kill()
    process.communicate()
    assert the_record(store).status == "crashed"
    Path("go").touch()
    until(Path("done").exists)
    record = the_record(store)
    assert (record.status, record.metrics["n"].n) == ("crashed", 51)


def test_an_unfinished_line_is_there_while_the_program_goes_on(store: Path) -> None:
    script = write("""
        import os, time
        print("whole"); print("step 1 ...", end="", flush=True)
        while not os.path.exists("go"): time.sleep(0.05)
        print(" done")
    """)
    process = started("run", PYTHON, script)
    says(process, "whole")
    log = the_record(store).path / "output.log"
    until(lambda: log.read_text() == "whole\nstep 1 ...")
    Path("go").touch()
    process.communicate(timeout=60)
    assert log.read_text() == "whole\nstep 1 ... done\n"


def test_a_progress_bar_leaves_its_last_state(store: Path) -> None:
    script = write(r"""
        import sys
        for n in range(101): sys.stderr.write(f"\r{n:3d}%|####|"); sys.stderr.flush()
        sys.stderr.write("\nnext\r\nno newline")
    """)
    run_command([PYTHON, script])
    assert (the_record(store).path / "output.log").read_text() == "100%|####|\nnext\nno newline\n"


def test_the_program_sees_a_terminal_where_there_is_one(store: Path) -> None:
    pty = pytest.importorskip("pty")
    script = write("import os, sys; print(sys.stdout.isatty(), *os.get_terminal_size())")
    seen: list[bytes] = []

    def read(fd: int) -> bytes:
        seen.append(os.read(fd, 1024))
        return seen[-1]

    status = pty.spawn([PYTHON, "-m", "runfolio", "run", PYTHON, script], read)
    assert os.waitstatus_to_exitcode(status) == 0
    assert b"True " in b"".join(seen)
    assert (the_record(store).path / "output.log").read_bytes().startswith(b"True ")


def test_who_reads_no_further_ends_the_program_as_usual(store: Path) -> None:
    done = subprocess.run(
        f"{PYTHON} -m runfolio run yes | head -1",
        shell=True, check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "y\n"
    assert the_record(store).signal == "SIGPIPE"


def test_a_process_left_behind_does_not_hold_the_run_open(store: Path) -> None:
    begun = time.monotonic()
    run_command(["sh", "-c", "sleep 30 & echo up"])
    assert time.monotonic() - begun < 25
    assert the_record(store).status == "finished"


def test_a_process_left_behind_that_goes_on_printing_does_not_either(store: Path) -> None:
    begun = time.monotonic()
    run_command(["sh", "-c", "(for n in $(seq 250); do echo $n; sleep 0.1; done) & echo up"])
    assert time.monotonic() - begun < 20
    assert "up" in (the_record(store).path / "output.log").read_text().split()


def test_streams_that_are_closed_from_the_start_cost_nothing(store: Path) -> None:
    words = "run sh -c 'echo out; echo err >&2; exit 3'"
    done = subprocess.run(
        f"{PYTHON} -m runfolio {words} <&- >&- 2>&-", shell=True, check=False, timeout=60,
        env={**os.environ, "RUNFOLIO_SILENT": "0"},
    )  # fmt: skip
    assert done.returncode == 3
    log = (the_record(store).path / "output.log").read_text()
    assert sorted(log.split()) == ["err", "out"]


def test_the_exit_status_is_known_where_children_are_ignored(store: Path) -> None:
    source = """
        import signal, sys
        from runfolio.cli.main import main
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        sys.exit(main())
    """
    words = [PYTHON, write(source), "run", "sh", "-c", "exit 5"]
    assert subprocess.run(words, check=False, timeout=60).returncode == 5
    assert the_record(store).exit_code == 5


def test_a_program_that_cannot_be_started_is_told_as_such(store: Path) -> None:
    path = Path(write("echo hi\n", "job.sh"))
    path.chmod(0o755)
    with pytest.raises(UsageError, match="cannot be started"):
        run_command([f"./{path}"])
    assert the_record(store).status == "failed"


def test_a_signal_that_comes_while_the_run_ends_does_not_cut_it_short(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeptOutput, "finish", lambda _: os.kill(os.getpid(), signal.SIGTERM))
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        assert run_command(["true"]).ended.status == "finished"
        assert not heard
    finally:
        signal.signal(signal.SIGTERM, before)
    assert the_record(store).status == "finished"


def test_import_wandb_means_runfolio_where_asked_for(store: Path) -> None:
    source = """
        import wandb
        wandb.init(project="p", config={"lr": 1}); wandb.log({"loss": 0.5}); wandb.finish()
    """
    script, other = write(source), write("import sitecustomize, subprocess, sys\n"
                                         "subprocess.run([sys.executable, 'train.py'], check=True)",
                                         "outer.py")  # fmt: skip
    Path("wandb").mkdir()  # where its own runs lie beside a script
    Path("custom").mkdir()
    Path("custom/sitecustomize.py").touch()
    for words in ([script], [other]):
        env = os.environ | {"PYTHONPATH": str(Path("custom").absolute())}
        done = runfolio("run", "--as-wandb", PYTHON, *words, env=env)
        assert done.returncode == 0, done.stderr
    assert [record.metrics["loss"].last for record in Store(store).records()] == [0.5, 0.5]


def test_code_and_environment_are_the_programs_own(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    script = write("import random; random.seed(11)")
    run_command([tmp_path / "venv/bin/python", script])
    record = the_record(store)
    assert (record.path / "code/script/train.py").read_text() == "import random; random.seed(11)"
    environment = orjson.loads((record.path / "environment/environment.json").read_bytes())
    assert (environment["interpreter"], environment["distributions"]) == ("venv", [])
    assert record.seeds == {"random": 11}
    assert record.command == ("python", "train.py")


def test_a_program_in_another_language_says_what_was_not_captured(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    run_command(["bash", write("echo hi", "train.sh")])
    record = the_record(store)
    assert (record.path / "code/script/train.sh").read_text() == "echo hi"
    left = orjson.loads((record.path / "code/not_captured.json").read_bytes())
    assert {"what": "the program's environment",
            "why": "bash is no Python; runfolio's own is recorded"} in left  # fmt: skip


def test_a_secret_in_an_address_is_not_kept(store: Path) -> None:
    run_command(["echo", "cloning https://ann:" + "hunter2" + "@example.org/x"])
    record = the_record(store)
    assert b"hunter2" not in (record.path / "output.log").read_bytes()
    assert "hunter2" not in str(record.command)


def test_a_disabled_run_still_runs_the_program(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_MODE", "disabled")
    done = runfolio("run", "sh", "-c", "echo hi; exit 4")
    assert (done.returncode, done.stdout) == (4, "hi\n")
    assert not store.exists()


def test_the_view_says_how_it_ended(store: Path) -> None:
    view = run_command(["sh", "-c", "exit 3"], name="n")
    assert str(view).startswith("✕ n ")
    assert "failed · exit status 3" in str(view)
    assert view.data()["exit_code"] == view.exit_code == 3
    assert read_record(view.ended.path).status == "failed"


def test_generator_states_of_the_program_are_kept(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    script = write("""
        import os, random, runfolio
        random.seed(int(os.environ["SEED"]))
        with runfolio.init() as run: run.log({"a": 1.0})
    """)
    states = []
    for seed in ("5", "6"):
        monkeypatch.setenv("SEED", seed)
        path = run_command([PYTHON, script]).ended.path
        states.append(orjson.loads((path / "seeds.s2.json").read_bytes())["states"]["random"])
        assert (path / states[-1]).is_file()
        assert read_record(path).complete["seeds"] == "whole"
        assert faults(path) == []
    assert states[0] != states[1]
