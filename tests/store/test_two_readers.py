"""Two processes read while a third one writes and finishes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runfolio.store.reader import RunReader

POINTS = 20_000

_WRITER = f"""
import sys
from runfolio.record import api
run = api.init("digits")
print(run.path, flush=True)
sys.stdin.readline()
for step in range({POINTS}):
    run.log({{"loss": 1.0 / (step + 1), "acc": step * 1e-5}}, step=step)
run.finish(quiet=True)
"""

_READER = """
import json, sys, time
from pathlib import Path
from runfolio.store.reader import RunReader
reader = RunReader(Path(sys.argv[1]))
reader.series()
print("ready", flush=True)
seen = []
ended = False
while not ended:
    ended = reader.record.status.ended
    found = reader.series()
    seen.append([found[key].logged if key in found else 0 for key in ("acc", "loss")])
    time.sleep(0.002)
print(json.dumps({"seen": seen, "sum": [float(found[k].value.sum()) for k in ("acc", "loss")]}))
"""


def _start(source: str, *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", source, *map(str, words)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.usefixtures("folio")
def test_counts_never_fall_and_end_equal() -> None:
    with _start(_WRITER) as writer:
        assert writer.stdout is not None
        path = Path(writer.stdout.readline().strip())
        readers = [_start(_READER, path) for _ in range(2)]
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        writer.communicate("\n", timeout=60)
        answers = [json.loads(reader.communicate(timeout=60)[0]) for reader in readers]

    truth = RunReader(path).series()
    for answer in answers:
        counts = answer["seen"]
        assert counts == sorted(counts)
        assert all(acc <= POINTS and loss <= POINTS for acc, loss in counts)
        assert counts[-1] == [POINTS, POINTS]
        assert answer["sum"] == [float(truth[key].value.sum()) for key in ("acc", "loss")]
