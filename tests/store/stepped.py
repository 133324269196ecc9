"""A sweep and savers that stop at their n-th step, in a process of their own, until they are told to go on.

A step is a call by which names in the store are read or changed, as Python's audit events tell of
them. The process reads a line of JSON, works, and answers; `Stepped` is its other end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import runfolio
from runfolio.errors import CorruptRecord
from runfolio.format import codec
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.record.artifacts.artifact import Artifact
from runfolio.record.run import Run
from runfolio.store import gc_contents

ROOT = Path(__file__).parents[2]
CHANGES = ("os.rename", "os.remove", "os.link", "os.rmdir", "os.mkdir")
READS = ("open", "os.listdir", "os.scandir")
LONG_AGO = 1_600_000_000


class Stepped:
    """A process that does `WORK`, and its other end here.

    Attributes
    ----------
    told : str
        What the last work came to.
    """

    def __init__(self, store: Path) -> None:
        env = os.environ | {"RUNFOLIO_DIR": str(store), "RUNFOLIO_STRICT": "1"}
        self.told = ""
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.store.stepped"], cwd=ROOT, env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._process.communicate()

    def starts(self, at: int, work: str, *given: Any) -> bool:
        """Return whether the work stops at this step; else it is done."""
        self._say(json.dumps([at, work, *given]))
        return self._hear() == "stopped"

    def goes_on(self) -> None:
        """Return when the work is done."""
        self._say("")
        assert self._hear() == "done"

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        word, _, self.told = self._process.stdout.readline().rstrip("\n").partition(" ")
        return word


# What is done -------------------------------------------------------------------------------------


def swept(store: str, young_s: float) -> str:
    """Sweep; what was asked for within so many seconds stays."""
    gc_contents.YOUNG_S = young_s  # type: ignore[misc]
    return " ".join(deed.what for deed in gc_contents.sweep_contents(Path(store)))


def made_long_ago(path: Path) -> None:
    """Have a version be made years before it was."""
    body = codec.loads(path.read_bytes(), path.name)
    path.write_bytes(codec.with_crc(body | {"created_at": "2020-01-01T00:00:00.000000Z"}))


class Saver:
    """A run that keeps files in the ways that there are, each under a name of its own.

    A way is prepared first: whatever could go lies in the store, aged. What `save` returns is then
    what a program sees.
    """

    def __init__(self) -> None:
        self._run: Run | None = None
        self._before: dict[str, Artifact] = {}

    @property
    def run(self) -> Run:
        """The run of this process, begun when it is first asked for."""
        if self._run is None:
            self._run = runfolio.init()
        return self._run

    def log(self, name: str, content: str, *, ttl: bool = False, **more: Any) -> Artifact:
        """Log a content under a name."""
        artifact = Artifact(name, **more)
        artifact.ttl = timedelta(days=30) if ttl else None
        with artifact.new_file(f"{content[:5]}.txt") as file:
            file.write(f"{content} of {name}")
        return self.run.log_artifact(artifact)

    def prepare(self, way: str, name: str) -> None:
        """Have a version whose content will go, or went, and another."""
        versions = ArtifactVersions(self.run.path.parent, name)
        if way == "unnamed":
            self.log(f"{name}-was", f"first of {name}")
            for path in versions.folder.with_name(f"{name}-was").glob("*.json"):
                path.unlink()
            (self.run.path.parent.parent / "file").write_text(f"first of {name} of {name}-was")
        else:
            self._before[name] = self.log(name, "first", ttl=way == "expired")
            if way == "incremental":
                self.log(name, "second")
                versions.drop(1, "not among the best")
            elif way == "expired":
                made_long_ago(versions.folder / "v0.json")
            else:
                versions.drop(0, "not among the best")
        for path in (self.run.path.parent / ".blobs").rglob("*"):
            os.utime(path, (LONG_AGO, LONG_AGO))

    def save(self, way: str, name: str) -> str:
        """Return the version that came of it, or ``gone`` where its content had been swept."""
        try:
            return self._saved(way, name).name
        except (CorruptRecord, OSError) as error:
            return "gone" if "not in the store any more" in str(error) else str(error)

    def _saved(self, way: str, name: str) -> Artifact:
        before = self._before.get(name)
        if way == "unnamed":
            return self.run.log_artifact(self.run.path.parent.parent / "file", name=name)
        if way in ("same", "expired"):
            return self.log(name, "first", ttl=way == "expired")
        if way == "incremental":
            return self.log(name, "third", incremental=True)
        assert before is not None
        if way == "linked":
            return before.link(f"registry/{name}-zoo")
        assert way == "again"
        return self.run.log_artifact(before)


WAYS = ("unnamed", "same", "expired", "incremental", "linked", "again")
"""A content that lies there already · one whose version was dropped · one whose days are over ·
what a version before held · a dropped version linked, and logged once more, as it is."""

# The process --------------------------------------------------------------------------------------


class _Steps:
    """Counts the steps of one work and stops at one of them."""

    def __init__(self) -> None:
        self.left, self.thread = 0, threading.get_ident()
        sys.addaudithook(self._heard)

    def _heard(self, event: str, given: tuple[Any, ...]) -> None:
        if not self.left or threading.get_ident() != self.thread:
            return
        is_read = event in READS and isinstance(given[0], (str, os.PathLike))
        if event in CHANGES or (is_read and ".artifacts" in str(given[0])):
            self.left -= 1
            if not self.left:
                print("stopped", flush=True)
                sys.stdin.readline()


def main() -> None:
    """Work as the lines of standard input say."""
    steps, saver = _Steps(), Saver()
    work: dict[str, Callable[..., str]] = {"sweep": swept, "save": saver.save}
    for line in sys.stdin:
        at, what, *given = json.loads(line)
        if what == "save":
            saver.prepare(*given)
        steps.left = at
        told = work[what](*given)
        steps.left = 0
        print(f"done {told}", flush=True)


if __name__ == "__main__":
    main()
