"""A PostgreSQL of the tests' own: a new cluster, on a socket in a folder that goes with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def programs() -> Path | None:
    """Return the folder with ``initdb`` and ``pg_ctl``; Debian does not put it on the PATH."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    return Path(found).resolve().parent if found else folders[-1] if folders else None


class Server:
    """A cluster that can be stopped and started again.

    Parameters
    ----------
    programs, folder : Path
        The folder is short: a socket's path has at most 107 characters.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._data = str(folder / "data")
        # The server refuses to be root.
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._user = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(folder, "postgres", "postgres")
        folder.chmod(0o755)
        self._call("initdb", "--auth=trust", "--username=tests", "--no-sync", "--no-locale",
                   "--encoding=UTF8")  # fmt: skip

    @property
    def url(self) -> str:
        """What SQLAlchemy calls it."""
        return f"postgresql+psycopg2://tests@/postgres?host={self._folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off"
        log = str(self._folder / "log")
        self._call("pg_ctl", "start", "--wait", f"--log={log}", f"--options={options}")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; ``immediate`` breaks off everything, as a crash does."""
        self._call("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def _call(self, program: str, *arguments: str) -> None:
        # Where it is not told, it writes where the tests' own output goes, as long as it runs.
        done = subprocess.run(
            [str(self._programs / program), f"--pgdata={self._data}", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
            text=True, timeout=60, cwd=self._folder, **self._user,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """Yield a server that runs, and leave nothing of it."""
    folder = Path(tempfile.mkdtemp(prefix="rf-pg-"))
    try:
        server = Server(programs, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder)
