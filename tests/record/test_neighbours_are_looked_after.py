"""A run that goes on has what killed runs of its store left converted, by a process beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from runfolio.format.manifest import read_record

KILLED = """
import os, runfolio
run = runfolio.init(id="killed", quiet=True)
for n in range(30):
    run.log({"loss": 1 / (n + 1)})
run.life.writer.flush()
os._exit(9)
"""

TRAINING = """
import subprocess, sys, time
from pathlib import Path
import psutil
from runfolio.record import upkeep
upkeep.LOOK_AFTER_S = 0.1
started = []
run_it = subprocess.run
subprocess.run = lambda *a, **k: (started.append(a), run_it(*a, **k))[1]
import runfolio
with runfolio.init(id="training", quiet=True) as run:
    ends = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < ends and not Path(run.path.parent, "killed", "metrics.parquet").exists():
        run.log({"x": 1})
        time.sleep(0.05)
    children = [child.status() for child in psutil.Process().children()]
print(len(started), children)
"""


LONG = """
import runfolio
from runfolio.record import closing
closing._BYTES_PER_S = 1
with runfolio.init(id="long", quiet=True) as run:
    for n in range(1000):
        run.log({"loss": 1 / (n + 1)})
print((run.path / "metrics.jsonl").exists())
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "RUNFOLIO_DIR": str(tmp_path / "folio"), "RUNFOLIO_CAPTURE": "false",
            "RUNFOLIO_UPKEEP": "true", "RUNFOLIO_STRICT": "1"}  # fmt: skip


def carry_out(source: str, environment: dict[str, str], *words: str) -> str:
    done = subprocess.run([sys.executable, "-W", "error", "-c", source, *words], env=environment,
                          capture_output=True, text=True, check=False, timeout=150)  # fmt: skip
    assert done.stderr == ""
    return done.stdout.strip()


def test_a_killed_run_is_converted_while_another_trains(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    carry_out(KILLED, environment)
    killed = tmp_path / "folio" / "killed"
    before = read_record(killed)
    assert carry_out(TRAINING, environment, "100") == "1 []"
    assert (killed / "metrics.parquet").is_file()
    until(lambda: not (killed / "metrics.jsonl").exists() and not list(killed.glob("*.claim")))
    assert read_record(killed) == before
    until(lambda: not (tmp_path / "folio" / ".gc.claim").exists())


def until(holds: object, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.mark.parametrize("why", ["nothing to do", "switched off", "disabled"])
def test_no_process_is_started_for_nothing(
    tmp_path: Path, environment: dict[str, str], why: str
) -> None:
    if why != "nothing to do":
        carry_out(KILLED, environment)
    switches = {
        "switched off": {"RUNFOLIO_UPKEEP": "false"},
        "disabled": {"RUNFOLIO_MODE": "disabled"},
    }
    assert carry_out(TRAINING, environment | switches.get(why, {}), "1.6") == "0 []"


def test_what_converts_is_of_lowest_priority_and_nobodys_child(
    tmp_path: Path, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from runfolio.record import neighbours

    words = ["-c", f"import time; open({str(tmp_path / 'up')!r}, 'w').close(); time.sleep(60)"]
    monkeypatch.setattr(neighbours, "_DETACHED", neighbours._DETACHED.replace(
        "sys.argv[1:]", f"[sys.executable, *{words!r}]"))  # fmt: skip
    neighbours._start(tmp_path)
    until((tmp_path / "up").exists)
    (found,) = (
        p for p in psutil.process_iter(["cmdline"]) if (p.info["cmdline"] or [])[1:] == words
    )
    assert found.nice() == 19
    assert found.pid not in [child.pid for child in psutil.Process().children(recursive=True)]
    assert os.getsid(found.pid) == found.pid
    found.kill()


def test_what_a_long_run_leaves_at_its_end_is_converted_beside_what_comes_next(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    assert carry_out(LONG, environment) == "True"
    long = tmp_path / "folio" / "long"
    until(lambda: not (long / "metrics.jsonl").exists() and not list(long.glob("*.claim")))
    assert (long / "metrics.parquet").is_file()
    assert read_record(long).metrics["loss"].n == 1000
    until(lambda: not (tmp_path / "folio" / ".gc.claim").exists())


def test_nothing_is_started_at_the_end_where_upkeep_is_off(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    quiet = LONG + "\nimport psutil; print([c.name() for c in psutil.Process().children()])"
    assert carry_out(quiet, environment | {"RUNFOLIO_UPKEEP": "false"}) == "True\n[]"
    time.sleep(1)
    assert (tmp_path / "folio" / "long" / "metrics.jsonl").exists()
