"""A forked child lets the parent's run alone; a process of its own may have a run of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from runfolio.format.manifest import read_record
from runfolio.format.series import read_series

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
Script = Callable[..., subprocess.CompletedProcess[str]]

SCRIPT = """
    import os, sys, pathlib, runfolio
    run = runfolio.init(id="parent")
    for n in range(100):
        run.log({"a": n})
    pathlib.Path("x.pt").write_text("x")
    pid = os.fork()
    if pid == 0:
        LOOK
        sys.exit(0)
    _, status = os.waitpid(pid, 0)
    assert status == 0, status
    run.log({"a": 100})
"""


@pytest.mark.parametrize(
    "look",
    [
        "run.log({'a': -1}); run.log({'b': 1}, step=7)",
        "run.config.update({'child': 1}); run.summary['a']",
        "run.tags = ('child',); run.name = 'child'; len(run.summary)",
        "run.finish(exit_code=1)",
        "run.save('x.pt')",
        "runfolio.finish()",
    ],
)
def test_a_forked_child_does_not_touch_the_parents_run(
    script: Script, store: Path, look: str
) -> None:
    done = script(SCRIPT.replace("LOOK", look))
    assert done.returncode == 0, done.stderr
    record = read_record(store / "parent")
    assert (record.status, record.tags, record.name) == ("finished", (), "parent")
    assert record.config == {}
    assert read_series(record.path)["a"].value.tolist() == list(range(101))
    assert sorted(path.name for path in record.path.iterdir() if path.suffix != ".md") == [
        "events.jsonl", "events.sums", "heartbeat", "metrics.parquet", "run.json", "seal.json",
    ]  # fmt: skip


def test_a_forked_child_may_open_a_run_of_its_own(script: Script, store: Path) -> None:
    look = "child = runfolio.init(id='child'); child.log({'c': 1}); child.finish()"
    done = script(SCRIPT.replace("LOOK", look))
    assert done.returncode == 0, done.stderr
    assert read_series(store / "child")["c"].value.tolist() == [1]
    assert read_series(store / "parent")["a"].logged == 101


def test_a_fork_in_the_middle_of_logging_hangs_nobody(script: Script, store: Path) -> None:
    done = script("""
        import os, threading, runfolio
        run = runfolio.init(id="parent")
        go = True
        def work():
            n = 0
            while go:
                run.log({"a": n}); n += 1
        thread = threading.Thread(target=work)
        thread.start()
        for _ in range(30):
            pid = os.fork()
            if pid == 0:
                run.log({"a": -1})
                os._exit(0)
            os.waitpid(pid, 0)
        go = False
        thread.join()
        print(run.summary["a"])
    """)
    assert done.returncode == 0, done.stderr
    values = read_series(store / "parent")["a"].value
    assert (values >= 0).all()
    assert int(values[-1]) == len(values) - 1 == int(float(done.stdout))


def test_what_the_capture_imports_can_be_imported_in_a_child(script: Script, store: Path) -> None:
    done = script("""
        import os, signal
        os.environ["RUNFOLIO_CAPTURE"] = "true"
        import runfolio
        run = runfolio.init(id="parent")
        for _ in range(40):
            pid = os.fork()
            if pid == 0:
                signal.alarm(20)  # ends a child that waits for ever
                import configparser, ctypes.util, hashlib, locale, logging, subprocess
                import blake3, git, psutil, runfolio.capture.environment, runfolio.capture.snapshot
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
            if run.life.snapshot.wait(0.002):
                break
    """)
    assert done.returncode == 0, done.stderr
    assert (store / "parent" / "code" / "not_captured.json").is_file()


def test_no_thread_imports_what_a_fork_could_tear(script: Script) -> None:
    done = script("""
        import os, sys, threading
        os.environ["RUNFOLIO_CAPTURE"] = "true"
        import runfolio
        from runfolio.capture.loading import is_loading
        class Finder:
            def find_spec(self, name, *_):
                if threading.current_thread() is not threading.main_thread() and not is_loading():
                    print(name)
        sys.meta_path.insert(0, Finder())
        runfolio.init().log({"a": 1})
        runfolio.finish()
    """)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
