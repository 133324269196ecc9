"""Real disks with real limits, made for one test: they need no cleaning up.

A disk is mounted in a mount namespace of its own, which a sleeping process holds. With that
process it goes, whatever becomes of the test. The child under test joins the namespace; the test
itself looks in through ``/proc``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

_INSIDE = "/mnt"
_HOLD = "mount {} /mnt && chmod 777 /mnt && echo ready && read -r end"


class SmallDisk:
    """A file system in memory with a limit.

    Parameters
    ----------
    options : str
        Of the mount: ``size=256k``, ``nr_inodes=20``.

    Attributes
    ----------
    path : Path
        The disk as this process sees it.
    inside : Path
        The same as the child sees it.
    under : list of str
        What is put in front of the child's command.
    """

    def __init__(self, options: str) -> None:
        self._mount("-t", "tmpfs", "-o", options, "tmpfs")

    def _mount(self, *given: str) -> None:
        as_root = os.geteuid() == 0
        self._holder = subprocess.Popen(
            ["unshare", *([] if as_root else ["--user", "--map-root-user"]), "--mount",
             "sh", "-c", _HOLD.format('"$@"'), "mount", *given],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "ready\n":
            self._end()
            pytest.skip("no file system can be mounted here")
        self.inside = Path(_INSIDE)
        self.path = Path(f"/proc/{self._holder.pid}/root{_INSIDE}")
        user = [] if as_root else ["--user", "--preserve-credentials"]
        self.under = ["nsenter", f"--target={self._holder.pid}", *user, "--mount"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._end()

    def _end(self) -> None:
        self._holder.communicate("\n")

    def remount(self, options: str) -> None:
        """Give the disk other limits."""
        subprocess.run(
            [*self.under, "mount", "-o", f"remount,{options}", _INSIDE], check=True,
            capture_output=True,
        )  # fmt: skip

    def fill(self) -> Path:
        """Take all the room that is left, and return the file to remove to give it back."""
        filler = self.path / "filler"
        with filler.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass
        return filler


class SharingDisk(SmallDisk):
    """A file system whose files can share blocks, in an image below a folder.

    Skips the test where none can be made: it takes root, and the programs of XFS or Btrfs.
    """

    def __init__(self, folder: Path) -> None:
        image = folder / "disk.img"
        with image.open("wb") as file:
            file.truncate(400 << 20)
        for command in (["mkfs.xfs", "-q", "-m", "reflink=1"], ["mkfs.btrfs", "-q"]):
            found = shutil.which(command[0], path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
            if found and os.geteuid() == 0:
                subprocess.run([found, *command[1:], str(image)], check=True, capture_output=True)
                self._mount("-o", "loop", str(image))
                return
        pytest.skip("no file system whose files share blocks can be made here")
