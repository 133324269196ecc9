"""Folders seen through a file system that errs when it is told to (`tests.faults.passthrough`)."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from tests.faults.oracle import PATIENCE_S, ROOT, until


class ErringMount:
    """A mount of its own process over a folder; needs root, `/dev/fuse` and what `make faults-deep` installs.

    Parameters
    ----------
    folder : Path
        Where everything that is written comes to lie.
    at : Path
        Where it is mounted.
    """

    def __init__(self, folder: Path, at: Path) -> None:
        self.path = at
        self.fired = 0
        self._answers = 0
        self._said: list[str] = []
        if not os.access("/dev/fuse", os.W_OK) or os.geteuid() != 0:
            pytest.skip("no FUSE here")
        if importlib.util.find_spec("mfusepy") is None:
            pytest.skip("mfusepy is not installed")
        at.mkdir()
        self._server = subprocess.Popen(
            [sys.executable, ROOT / "tests" / "faults" / "passthrough.py", folder, at],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._server.stdout is not None
        if self._server.stdout.readline() != "mounted\n":
            pytest.skip(f"FUSE cannot mount here: {self._server.communicate()[1].strip()[-80:]}")
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        subprocess.run(["umount", "--lazy", self.path], capture_output=True, check=False)
        try:
            self._server.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._server.kill()
        self._listener.join(PATIENCE_S)
        self._server.communicate()

    def _listen(self) -> None:
        assert self._server.stdout is not None
        for line in self._server.stdout:
            if line == "\n":
                self._answers += 1
            else:
                self._said.append(line.strip())
                self.fired += 1

    def fail(self, *faults: Mapping[str, object]) -> None:
        """Let these faults come up from now on, and no others; see `passthrough.MountFault`."""
        assert self._server.stdin is not None
        wanted = self._answers + 1
        self._server.stdin.write(json.dumps(faults) + "\n")
        self._server.stdin.flush()
        until(lambda: self._answers >= wanted, "an answer of the file system")
