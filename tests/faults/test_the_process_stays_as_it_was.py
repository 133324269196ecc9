"""Tracking changes nothing of the process it runs in: no random stream, no thread, no handler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

STATE = """
import decimal, gc, glob, json, locale, logging, multiprocessing, os, random, signal, socket
import sys, threading, time, warnings
import numpy as np
try:
    import torch
except ImportError:
    torch = None

def mask():
    now = os.umask(0)
    os.umask(now)
    return now

def open_files():
    links = glob.glob("/proc/self/fd/*")
    return sorted(path for path in map(os.path.realpath, links) if os.path.isfile(path))

def state():
    return {name: repr(value) for name, value in {
        "random": random.getstate(),
        "numpy": [np.asarray(part).tolist() for part in np.random.get_state()],
        "torch": torch and torch.get_rng_state().tolist(),
        "torch threads": torch and torch.get_num_threads(),
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "switch interval": sys.getswitchinterval(),
        "recursion limit": sys.getrecursionlimit(),
        "locale": locale.setlocale(locale.LC_ALL),
        "folder": os.getcwd(),
        "umask": mask(),
        "environment": dict(os.environ),
        "signals": {n: signal.getsignal(n) for n in signal.valid_signals()},
        "hooks": (sys.excepthook, sys.unraisablehook, sys.displayhook, threading.excepthook),
        "tracing": (sys.gettrace(), sys.getprofile()),
        "streams": (id(sys.stdin), id(sys.stdout), id(sys.stderr)),
        "warnings": warnings.filters,
        "showwarning": warnings.showwarning,
        "gc": (gc.isenabled(), gc.get_threshold(), gc.callbacks, gc.get_freeze_count()),
        "logging": (logging.root.handlers, logging.root.level, logging.root.disabled),
        "start method": multiprocessing.get_start_method(allow_none=True),
        "socket timeout": socket.getdefaulttimeout(),
        "decimal": decimal.getcontext(),
        "numpy errors": np.geterr(),
        "path": sys.path,
        "open files": open_files(),
    }.items()}

def changed(before, after):
    return {name: (before[name][:300], after[name][:300])
            for name in before if before[name] != after[name]}
"""

TRACKING = """
import runfolio
runfolio.init(name="first").finish()       # what is imported once is imported here
random.seed(3); np.random.seed(3)
before = state()
"""

TELLING = "\nprint(json.dumps(changed(before, state())))\n"


def differences(tmp_path: Path, body: str) -> dict[str, list[str]]:
    env = os.environ | {
        "RUNFOLIO_DIR": str(tmp_path / "folio"),
        "RUNFOLIO_SILENT": "true",
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    done = subprocess.run(
        [sys.executable, "-c", STATE + TRACKING + textwrap.dedent(body) + TELLING],
        capture_output=True, text=True, check=False, env=env, cwd=tmp_path, timeout=150,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    "body",
    [
        """
        run = runfolio.init(config={"lr": 0.1}, tags=["a"])
        for n in range(5000):
            run.log({"loss": 1 / (n + 1), "acc": np.float32(0.5)})
        run.summary["best"] = 1.0
        time.sleep(1.2)
        run.finish()
        """,
        """
        try:
            with runfolio.init() as run:
                run.log({"loss": 1.0}, step=7)
                raise KeyError("x")
        except KeyError:
            pass
        """,
        """
        for n in range(20):
            runfolio.init(reinit="finish_previous").log({"n": n})
        runfolio.finish()
        """,
        """
        with runfolio.init(mode="disabled") as run:
            run.log({"loss": 1.0})
        """,
        """
        os.rmdir(runfolio.init().dir)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            runfolio.log({"loss": object(), "of": [1, 2]})
            runfolio.finish()
        """,
    ],
    ids=["finished", "failed", "many", "disabled", "in trouble"],
)
def test_all_is_as_it_was_once_the_run_has_ended(tmp_path: Path, body: str) -> None:
    assert differences(tmp_path, body) == {}


def test_random_streams_go_on_as_without_tracking(tmp_path: Path) -> None:
    body = """
    own = np.random.default_rng(5)
    def draws(track):
        random.seed(1); np.random.seed(1); torch and torch.manual_seed(1)
        generator = np.random.default_rng(1)
        run = track and runfolio.init()
        found = []
        for n in range(300):
            drawn = [random.random(), float(np.random.rand()), float(generator.random())]
            found.append(drawn + ([float(torch.rand(()))] if torch else []))
            if track:
                run.log({"a": drawn[0], "b": np.float64(drawn[1])}, step=n)
                if n % 100 == 0:
                    time.sleep(0.1)
        if track:
            run.finish()
        return found
    assert draws(track=False) == draws(track=True)
    before = state()
    """
    assert differences(tmp_path, body) == {}


def test_while_it_runs_only_its_own_threads_and_handlers_are_there(tmp_path: Path) -> None:
    body = """
    mine = set(os.environ)
    run = runfolio.init()
    run.log({"loss": 1.0})
    time.sleep(1.2)
    found = changed(before, state())
    found = {name for name in found if name not in ("open files", "hooks", "signals")}
    assert found == {"threads", "environment"}, found
    assert set(os.environ) - mine == {"RUNFOLIO_OPENED"}
    assert {t.name for t in threading.enumerate()} == {
        "MainThread", "runfolio-data", "runfolio-output", "runfolio-sync", "runfolio-system",
        "runfolio-writer"}
    run.finish()
    """
    assert differences(tmp_path, body) == {}
