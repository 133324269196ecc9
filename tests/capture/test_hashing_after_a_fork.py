"""A forked child hashes by itself: the threads of its parent are not there any more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os
from runfolio.capture.data_hash import file_hashes

class Unknown:
    def get(self, stamp): return None
    def put(self, stamp, digest): pass

first = file_hashes(["large", "a", "b"], Unknown())
child = os.fork()
if child == 0:
    os._exit(file_hashes(["large", "a", "b"], Unknown()) != first)
print(os.waitpid(child, 0)[1])
"""

ARRAY = """
import os
import numpy as np
from runfolio.capture.data_objects import use_of_object

array = np.zeros(4_000_000)
first = use_of_object(array, "a").hash
child = os.fork()
if child == 0:
    os._exit(use_of_object(array, "a").hash != first)
print(os.waitpid(child, 0)[1])
"""


def test_a_large_array_is_hashed_in_a_child_as_in_its_parent(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ARRAY], cwd=tmp_path, capture_output=True,
        timeout=60, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "0\n"


def test_a_large_file_is_hashed_in_a_child_as_in_its_parent(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(os.urandom(17 << 20))
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(os.urandom(1 << 20))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM], cwd=tmp_path, capture_output=True,
        timeout=60, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "0\n"
