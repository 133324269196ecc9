"""A forked child hashes by itself: the threads of its parent are not there any more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os
from runfolio.capture.data_hash import file_hash

class Unknown:
    def get(self, stamp): return None
    def put(self, stamp, digest): pass

first = file_hash("large", Unknown())
child = os.fork()
if child == 0:
    os._exit(file_hash("large", Unknown()) != first)
print(os.waitpid(child, 0)[1])
"""


def test_a_large_file_is_hashed_in_a_child_as_in_its_parent(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(os.urandom(8 << 20))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM], cwd=tmp_path, capture_output=True,
        timeout=60, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "0\n"
