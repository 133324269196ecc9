"""A process whose children log an artifact and are gone at the n-th call by which that reaches the disk.

It loads what a run needs once and forks for each attempt, so that an attempt takes moments. `Lives`
is its other end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import runfolio
from runfolio.record.artifacts import keeping
from runfolio.store import gc_contents

ROOT = Path(__file__).parents[2]
FILES = {"a.txt": "a" * 100, "deep/b.txt": "b" * 5000, "large.bin": "c" * 3_000_000}
GIVEN = "given away"
CALLS = ("write", "fsync", "fdatasync", "close", "readv", "read", "lseek")
EVENTS = (
    "open", "os.rename", "os.remove", "os.rmdir", "os.link", "os.mkdir", "os.chmod", "os.utime",
    "os.listdir", "os.scandir", "ctypes.dlopen", "fcntl.ioctl",
)  # fmt: skip
"""What Python tells of before it is done, and what it does not: functions of ``os``."""


class Lives:
    """The process, and its other end here.

    Parameters
    ----------
    store : Path
    """

    def __init__(self, store: Path) -> None:
        env = os.environ | {
            "RUNFOLIO_DIR": str(store), "RUNFOLIO_CAPTURE": "false", "RUNFOLIO_SILENT": "true",
            "RUNFOLIO_UPKEEP": "false",
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.artifact_lives"], cwd=ROOT, env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._process.communicate()

    def live(self, folder: Path, run_id: str, at: int) -> int:
        """Log the files of a folder and one that is given away; return the status of the process.

        Parameters
        ----------
        at : int
            The call before which it is gone; 0 for none.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(folder), run_id, at]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class _Calls:
    """Counts the calls of this thread, and ends the process before one of them is done."""

    def __init__(self, at: int) -> None:
        self._left, self._thread, self.on = at, threading.get_ident(), False
        for name in CALLS:
            setattr(os, name, self._counted(getattr(os, name)))
        sys.addaudithook(lambda event, _: self._count() if event in EVENTS else None)

    def _count(self) -> None:
        if self.on and threading.get_ident() == self._thread:
            self._left -= 1
            if self._left == 0:
                os._exit(9)

    def _counted(self, call: Any) -> Any:
        def counted(*given: Any) -> Any:
            self._count()
            return call(*given)

        return counted


def _lived(folder: str, run_id: str, at: int) -> None:
    calls = _Calls(at)
    run = runfolio.init(id=run_id)
    artifact = runfolio.Artifact("net", type="model")
    calls.on = True
    artifact.add_dir(f"{folder}/files")
    artifact.add_file(f"{folder}/given", move=True)
    run.log_artifact(artifact, aliases=["best"])
    calls.on = False
    run.finish()


def main() -> None:
    """Live as the lines of standard input say."""
    assert keeping
    assert gc_contents
    for line in sys.stdin:
        folder, run_id, at = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                _lived(folder, run_id, at)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
