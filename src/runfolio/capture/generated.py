"""Folders of untracked files that programs made by themselves: they are named, not copied."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Final

__all__ = ["CODE_ENDS", "ENVIRONMENT", "HYDRA", "Generated", "generated"]

ENVIRONMENT: Final = "a virtual environment: its packages are listed, not copied"
HYDRA: Final = "what jobs of Hydra wrote, told by their .hydra/hydra.yaml: no code is in it"

CODE_ENDS: Final = (
    b".py", b".ipynb", b".pyi", b".pyx", b".sh", b".r", b".jl", b".sql", b".cu", b".cpp", b".cc",
    b".c", b".h", b".rs",
)  # fmt: skip

_PYVENV: Final = b"/pyvenv.cfg"
_JOB: Final = b"/.hydra/hydra.yaml"
_SWEEP: Final = b"/multirun.yaml"


class Generated:
    """Which files lie in folders that programs made.

    Parameters
    ----------
    folders : iterable of bytes

    Attributes
    ----------
    named : dict
        Folder → why it is left out; those of many jobs are named by one that holds them all.
    """

    def __init__(self, folders: Iterable[bytes]) -> None:
        self.named: dict[bytes, str] = {}
        self._lies: dict[bytes, bool] = {b"": False} | dict.fromkeys(folders, True)

    def holds(self, path: bytes) -> bool:
        """Return whether a file lies in one of the folders."""
        above, asked = _above(path), []
        while above not in self._lies:
            asked.append(above)
            above = _above(above)
        answer = self._lies[above]
        self._lies.update(dict.fromkeys(asked, answer))
        return answer


def generated(untracked: Sequence[bytes], tracked: Callable[[], Iterable[bytes]]) -> Generated:
    """Find folders of virtual environments, and those that jobs of Hydra wrote to.

    A job's folder in which there is code, a repository or a tracked file is somebody's work.

    Parameters
    ----------
    untracked : sequence of bytes
        Paths; those of repositories end with a slash.
    tracked : callable
        Gives the tracked paths; called only where there is a job's folder.
    """
    environments = _holding(untracked, _PYVENV)
    jobs, work = _holding(untracked, _JOB), set[bytes]()
    if jobs:
        own = (path for path in untracked if path.lower().endswith((*CODE_ENDS, b"/")))
        work = _folders_above(itertools.chain(tracked(), own))
        jobs -= work
        jobs |= (_holding(untracked, _SWEEP) & _folders_above(jobs)) - work
    found = Generated(environments | jobs)
    found.named = dict.fromkeys(sorted(environments), ENVIRONMENT)
    if jobs:
        work |= _folders_above(path for path in untracked if not found.holds(path))
        found.named |= dict.fromkeys(sorted({_highest(job, work) for job in jobs}), HYDRA)
    return found


def _holding(paths: Iterable[bytes], name: bytes) -> set[bytes]:
    return {path.removesuffix(name) for path in paths if path.endswith(name)}


def _folders_above(paths: Iterable[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    for path in paths:
        above = _above(path)
        while above and above not in found:
            found.add(above)
            above = _above(above)
    return found


def _highest(folder: bytes, work: set[bytes]) -> bytes:
    """Return the highest folder above in which nothing else lies."""
    while (above := _above(folder)) and above not in work:
        folder = above
    return folder


def _above(path: bytes) -> bytes:
    return path.rpartition(b"/")[0]
