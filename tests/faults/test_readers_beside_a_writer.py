"""Two processes read a run while a third writes and finishes it: it never shrinks or doubles."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from runfolio.format.manifest import read_record
from runfolio.format.series import read_series

WRITER = """
import sys, time
from runfolio.record.api import init
with init(id="watched") as run:
    for n in range(10_000):
        run.log({"a": n * 0.5})
        if n % 100 == 0: time.sleep(0.01)
"""

READER = """
import sys, time
from pathlib import Path
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
folder, seen, looks = Path(sys.argv[1]), 0, 0
while not (folder / "run.json").exists(): time.sleep(0.01)
while True:
    ended = (folder / "seal.json").exists()
    series = read_series(folder).get("a")
    n = series.logged if series else 0
    assert n >= seen, f"fell from {seen} to {n}"
    assert series is None or series.step.tolist() == list(range(n)), f"doubled at {n}"
    assert series is None or series.value.tolist() == [k * 0.5 for k in range(n)]
    record = read_record(folder)
    assert record.problems == (), record.problems
    assert record.status in ("running", "finished"), record.status
    seen, looks = n, looks + 1
    if ended: break
assert seen == 10_000, seen
print(looks)
"""


def test_two_readers_see_a_run_grow_and_finish(tmp_path: Path) -> None:
    env = os.environ | {"RUNFOLIO_DIR": str(tmp_path), "RUNFOLIO_CAPTURE": "0",
                        "RUNFOLIO_SILENT": "1"}  # fmt: skip
    folder = str(tmp_path / "watched")
    readers = [
        subprocess.Popen([sys.executable, "-c", READER, folder], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    subprocess.run([sys.executable, "-c", WRITER], env=env, check=True, timeout=60)
    told = [reader.communicate(timeout=60)[0] for reader in readers]
    assert [reader.returncode for reader in readers] == [0, 0]
    assert all(int(looks) >= 2 for looks in told)
    assert read_record(tmp_path / "watched").metrics["a"].n == 10_000
    assert len(read_series(tmp_path / "watched")["a"]) == 10_000
