"""A file system of its own process that passes every call on to a folder, but for the faults that are set.

    python passthrough.py FOLDER MOUNTPOINT

Each line on its standard input is a JSON list of faults, which take the place of those before; it
answers with an empty line once they hold, and writes the call and the name for each that comes up.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mfusepy as fuse

from runfolio.testing import Fault

_STAT = ("st_atime_ns", "st_ctime_ns", "st_gid", "st_mode", "st_mtime_ns", "st_nlink", "st_size",
         "st_uid", "st_ino", "st_blocks")  # fmt: skip


@dataclass
class MountFault(Fault):
    """A fault of a mounted file system.

    Attributes
    ----------
    hang_s : float
        The call first does nothing for so long.
    stale : bool
        Only calls on files that were open already when the fault was set.
    drops : bool
        What was written to the file since its last sync turns to zeros: the system had said
        that it took it, and could not bring it to the disk.
    """

    hang_s: float = 0.0
    stale: bool = False
    drops: bool = False
    newest: int = 0


class PassThrough(fuse.Operations):
    """Passes calls on to `folder`."""

    use_ns = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._faults: list[MountFault] = []
        self._files: dict[int, tuple[int, str]] = {}
        self._synced: dict[int, int] = {}
        self._newest = 0
        self._lock = threading.Lock()

    def listen(self) -> None:
        """Take the faults that come in, until nobody is there any more."""
        for line in sys.stdin:
            faults = [MountFault(**fault, newest=self._newest) for fault in json.loads(line)]
            with self._lock:
                self._faults = faults
            _say("")

    def _meet(self, call: str, name: str, handle: int = 0) -> MountFault | None:
        """Return the fault that comes up at a call, after its time of doing nothing."""
        with self._lock:
            fault = next((f for f in self._faults if self._is_due(f, call, name, handle)), None)
        if fault is None:
            return None
        _say(f"{call} {name}")
        time.sleep(fault.hang_s)
        if fault.drops:
            self._drop(handle)
        if fault.errno:
            raise fuse.FuseOSError(fault.errno)
        return fault

    def _is_due(self, fault: MountFault, call: str, name: str, handle: int) -> bool:
        if fault.call not in ("", call) or not name.endswith(fault.name):
            return False
        if fault.stale and not 0 < handle <= fault.newest:
            return False
        fault.seen += 1
        return fault.at <= fault.seen < fault.at + fault.times

    def _drop(self, handle: int) -> None:
        fd, synced = self._files[handle][0], self._synced.get(handle, 0)
        os.pwrite(fd, bytes(max(0, os.fstat(fd).st_size - synced)), synced)

    def _path(self, path: str) -> Path:
        return Path(f"{self._folder}{path}")

    def _open(self, path: str, flags: int, mode: int = 0) -> int:
        # The kernel of the mount has seen to O_APPEND: it gives the place of each write.
        fd = os.open(self._path(path), flags & ~os.O_APPEND, mode)
        with self._lock:
            self._newest += 1
            self._files[self._newest] = (fd, Path(path).name)
            return self._newest

    def init(self, path: str) -> None:
        threading.Thread(target=self.listen, daemon=True).start()
        _say("mounted")

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        found = self._path(path).lstat()
        return {name.removesuffix("_ns"): getattr(found, name) for name in _STAT}

    def statfs(self, path: str) -> dict[str, Any]:
        found = os.statvfs(self._path(path))
        return {name: getattr(found, name) for name in dir(found) if name.startswith("f_")}

    def access(self, path: str, amode: int) -> int:
        if not os.access(self._path(path), amode):
            raise fuse.FuseOSError(errno.EACCES)
        return 0

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *os.listdir(self._path(path))]  # noqa: PTH208 - the kernel wants names

    def mkdir(self, path: str, mode: int) -> int:
        self._meet("mkdir", Path(path).name)
        self._path(path).mkdir(mode)
        return 0

    def rmdir(self, path: str) -> int:
        self._path(path).rmdir()
        return 0

    def symlink(self, target: str, source: str) -> int:
        self._path(target).symlink_to(source)
        return 0

    def readlink(self, path: str) -> str:
        return str(self._path(path).readlink())

    def link(self, target: str, source: str) -> int:
        self._path(target).hardlink_to(self._path(source))
        return 0

    def chmod(self, path: str, mode: int) -> int:
        self._path(path).chmod(mode)
        return 0

    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        os.utime(self._path(path), ns=times)
        return 0

    def unlink(self, path: str) -> int:
        self._meet("unlink", Path(path).name)
        self._path(path).unlink()
        return 0

    def rename(self, old: str, new: str) -> int:
        self._meet("rename", Path(new).name)
        self._path(old).replace(self._path(new))
        return 0

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        os.truncate(self._path(path), length)
        return 0

    def create(self, path: str, mode: int, fi: Any = None) -> int:
        self._meet("create", Path(path).name)
        return self._open(path, os.O_RDWR | os.O_CREAT, mode)

    def open(self, path: str, flags: int) -> int:
        return self._open(path, flags)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return os.pread(self._files[fh][0], size, offset)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        fd, name = self._files[fh]
        fault = self._meet("write", name, fh)
        if fault is not None and fault.taken is not None:
            data = data[: max(1, fault.taken if fault.taken >= 0 else len(data) + fault.taken)]
        return os.pwrite(fd, data, offset)

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        fd, name = self._files[fh]
        self._meet("fsync", name, fh)
        reached = os.fstat(fd).st_size
        os.fsync(fd)
        self._synced[fh] = reached
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self._meet("fsyncdir", Path(path).name)
        return 0

    def flush(self, path: str, fh: int) -> int:
        self._meet("flush", self._files[fh][1], fh)
        return 0

    def release(self, path: str, fh: int) -> int:
        with self._lock:
            fd, _ = self._files.pop(fh)
            self._synced.pop(fh, None)
        os.close(fd)
        return 0


def _say(line: str) -> None:
    os.write(1, (line + "\n").encode())


if __name__ == "__main__":
    folder, mountpoint = sys.argv[1:]
    # A file that is removed while it is open is gone, as on a disk, and gets no hidden name.
    fuse.FUSE(
        PassThrough(Path(folder)), mountpoint, foreground=True, hard_remove=True, allow_other=True,
        big_writes=True,
    )  # fmt: skip
