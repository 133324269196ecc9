"""The other runs of the store: what killed ones left is converted, beside the training."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runfolio import settings
from runfolio.record.guard import guard

__all__ = ["convert_later", "converted_together", "look_after"]

LOOK_AFTER_S: Final = 5.0
"""A run is at work for so long before it looks around: a short one never pays for it."""

_MOST: Final = 500
"""So many of the newest runs are looked at, whatever the store holds."""

# The process in between ends at once, so that nobody has to wait for the one that converts: it is
# no zombie of this process, and an interrupt of the terminal does not reach it.
_DETACHED: Final = """
import os, sys
if os.fork() == 0:
    os.setsid()
    os.nice(19)
    os.execv(sys.executable, sys.argv[1:])
"""

_looked_at: set[Path] = set()
_together: list[set[Path]] = []


def look_after(store: Path) -> None:
    """Have what killed runs of a store left converted, by a process of lowest priority.

    Returns at once. A process is started only where there is something to do, once per store; in
    this one it costs a look at the folders, in a thread of its own.
    """
    if store in _looked_at or not _may_start():
        return
    _looked_at.add(store)
    threading.Thread(target=_look, args=(store,), name="runfolio-look", daemon=True).start()


def convert_later(store: Path) -> None:
    """Have what the end of a very long run left live converted, by a process of lowest priority."""
    if _together:
        _together[-1].add(store)
    elif _may_start():
        _start(store)


@contextlib.contextmanager
def converted_together() -> Iterator[None]:
    """Have one process a store convert what all runs leave that end in the block, not one a run."""
    _together.append(set())
    try:
        yield
    finally:
        for store in _together.pop():
            with guard("having the rest converted"):
                convert_later(store)


def _may_start() -> bool:
    return os.name == "posix" and settings.flag("upkeep")


def _look(store: Path) -> None:
    from runfolio.format.conversion import is_waiting
    from runfolio.format.finished import pyarrow_is_installed

    with guard("looking after runs that crashed"):
        if pyarrow_is_installed() and any(map(is_waiting, _newest(store))):
            _start(store)


def _newest(store: Path) -> Iterator[Path]:
    with os.scandir(store) as entries:
        found = [
            (entry.stat(follow_symlinks=False).st_mtime_ns, entry.path)
            for entry in entries
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
        ]
    yield from (Path(path) for _, path in sorted(found, reverse=True)[:_MOST])


def _start(store: Path) -> None:
    import subprocess  # here, for `import runfolio` does without it

    if not sys.executable:  # this interpreter is a part of another program
        return
    # -P: what lies in the current folder must not be taken for a module of ours.
    words = [sys.executable, "-P", "-m", "runfolio", "gc", "--convert"]
    environment = os.environ | {"RUNFOLIO_DIR": str(store), "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", _DETACHED, *words],
        env=environment, cwd=store, check=False, timeout=60,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
