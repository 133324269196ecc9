"""The interpreter ends while threads, exit hooks and destructors still log: all is flushed, quietly."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from tests.faults.oracle import Child, Verdicts

from runfolio.format.manifest import read_record
from runfolio.format.series import read_series

# Each logs 0, 1, 2 … up to the given number of points before the run ends, and perhaps more after.
PROGRAMS = {
    "a destructor": (1, """
        run = runfolio.init(id="x")
        class Late:
            def __del__(self): run.log({"a": 1}); runfolio.log({"a": 2})
        late = Late()
        run.log({"a": 0})
    """),
    "a destructor in a cycle": (1, """
        run = runfolio.init(id="x")
        class Late:
            def __del__(self): run.log({"a": 1}); runfolio.log({"a": 2})
        late = Late(); late.me = late
        run.log({"a": 0})
    """),
    "an exit hook from before the run": (1, """
        atexit.register(lambda: run.log({"a": 1}))
        run = runfolio.init(id="x"); run.log({"a": 0})
    """),
    "an exit hook from after its start": (2, """
        run = runfolio.init(id="x"); run.log({"a": 0})
        atexit.register(lambda: run.log({"a": 1}))
    """),
    "exit hooks that finish it": (1, """
        atexit.register(runfolio.finish)
        run = runfolio.init(id="x"); run.log({"a": 0})
        atexit.register(run.finish)
    """),
    "daemon threads that go on": (None, """
        run = runfolio.init(id="x")
        def work():
            for n in itertools.count(): run.log({"a": n})
        threading.Thread(target=work, daemon=True).start()
        time.sleep(0.05)
    """),
    "threads the interpreter waits for": (300, """
        run = runfolio.init(id="x")
        def work():
            for n in range(300): run.log({"a": n}); time.sleep(0.0005)
        threading.Thread(target=work).start()
    """),
    "a thread that finishes it": (1, """
        run = runfolio.init(id="x"); run.log({"a": 0})
        threading.Thread(target=run.finish, daemon=True).start()
    """),
    "a thread that calls sys.exit": (2, """
        run = runfolio.init(id="x"); run.log({"a": 0})
        thread = threading.Thread(target=lambda: sys.exit(3)); thread.start(); thread.join()
        run.log({"a": 1})
    """),
    "a sys.exit that is caught": (2, """
        run = runfolio.init(id="x"); run.log({"a": 0})
        try: sys.exit(3)
        except SystemExit: run.log({"a": 1})
    """),
    "a pool that was never shut down": (200, """
        from concurrent.futures import ThreadPoolExecutor
        run, pool = runfolio.init(id="x"), ThreadPoolExecutor(1)
        for n in range(200): pool.submit(run.log, {"a": n})
    """),
    "standard streams that are gone": (1, """
        run = runfolio.init(id="x"); run.log({"a": 0})
        sys.stdout = sys.stderr = None
        run.log({"b": object()})
    """),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_may_end_however_it_likes(store: Path, verdicts: Verdicts, name: str) -> None:
    points, source = PROGRAMS[name]
    imports = "import atexit, itertools, sys, threading, time, runfolio\n"
    with Child(imports + textwrap.dedent(source), store) as child:
        child.wait(exited=True)
    assert child.process.returncode == 0
    assert "Traceback" not in child.stderr
    record, series = read_record(store / "x"), read_series(store / "x")["a"]
    assert (record.status, record.signal) == ("finished", None)
    assert series.value.tolist() == list(range(series.logged if points is None else points))
    assert (store / "x" / "seal.json").exists()
    verdicts.add("F31 " + name, acknowledged=series.logged, found=series.logged)


def test_a_log_that_comes_too_late_is_told_once(store: Path) -> None:
    source = 'import atexit, runfolio\natexit.register(lambda: [run.log({"a": 1}) for _ in "ab"])\n'
    with Child(source + 'run = runfolio.init(id="x")', store) as child:
        child.wait(exited=True)
    assert child.stderr.count("came after the run had ended with its process") == 1


def test_a_status_knows_an_exit_that_was_caught_from_one_that_was_not(store: Path) -> None:
    source = """
        import sys, runfolio
        run = runfolio.init(id="x")
        try: sys.exit(2)
        except SystemExit: pass
        def leave():
            try: sys.exit(5)
            finally: run.log({"a": 1})
        leave()
    """
    with Child(textwrap.dedent(source), store) as child:
        child.wait(exited=True)
    record = read_record(store / "x")
    assert (child.process.returncode, record.status, record.exit_code) == (5, "failed", 5)
