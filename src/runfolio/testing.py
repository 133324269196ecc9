"""The public test kit: fixed clocks and ids, a disk that fails on purpose, contracts of the ports.

An implementation of a port passes when a test class of its own inherits the contract and gives
``make``::

    class TestDisk(FilesContract):
        def make(self):
            return Disk()
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from runfolio._fixed import FixedClock, FixedIds
from runfolio.format.disk import Disk
from runfolio.model.ports import BlobFiles, Blobs, Clock, Files, Ids

__all__ = [
    "BlobsContract",
    "ClockContract",
    "Fault",
    "FaultyFiles",
    "FilesContract",
    "FixedClock",
    "FixedIds",
    "IdsContract",
]


_T = TypeVar("_T")


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes
    ----------
    call : str
        Method of `Files`: ``write``, ``fsync`` …; empty for whichever comes.
    errno : int
        Error number of the ``OSError``; 0 for none (a short write alone).
    at : int
        Which of the calls fails, from 1, counted from when the fault was set.
    times : int
        How many calls in a row fail.
    taken : int or None
        The first of them is a ``write`` that puts so many bytes on the disk and says so; the
        ones after it fail, unless `errno` is 0: then all are short, a ``copy`` likewise.
    done : bool
        The call does all of its work before it fails, as one over a network whose answer is lost.
    name : str
        Only calls on files whose name ends so.
    """

    call: str
    errno: int = 0
    at: int = 1
    times: int = 1
    taken: int | None = None
    done: bool = False
    name: str = ""
    seen: int = 0
    fired: int = 0

    def error(self, name: str) -> OSError:
        """Return what the operating system would raise."""
        return OSError(self.errno, os.strerror(self.errno), *([name] if name else []))


class FaultyFiles:
    """A real disk, but for the faults that are set; see `Fault`.

    Parameters
    ----------
    *faults : Fault
        What goes wrong; more may be set later by `fail`.
    """

    def __init__(self, *faults: Fault) -> None:
        self._disk: BlobFiles = Disk()
        self._faults = list(faults)
        self._names: dict[int, str] = {}

    @property
    def fired(self) -> int:
        """How many faults have come up so far."""
        return sum(fault.fired for fault in self._faults)

    def fail(self, fault: Fault) -> None:
        """Set one more fault."""
        self._faults.append(fault)

    def create(self, path: Path) -> int:
        """Create `path` exclusively for appending and return its descriptor."""
        fd = self._do("create", path.name, lambda: self._disk.create(path))
        self._names[fd] = path.name
        return fd

    def write(self, fd: int, data: bytes) -> int:
        """Append bytes and return how many were taken."""
        fault = self._due("write", self._names.get(fd, ""))
        if fault is None:
            return self._disk.write(fd, data)
        if fault.taken is not None and (fault.seen == fault.at or not fault.errno):
            # Never none of them: a write that takes nothing and says no error does not exist.
            return self._disk.write(fd, data[: fault.taken] or data[:1])
        raise fault.error("")

    def fsync(self, fd: int) -> None:
        """Return when the bytes are on stable storage."""
        self._do("fsync", self._names.get(fd, ""), lambda: self._disk.fsync(fd))

    def close(self, fd: int) -> None:
        """Close the descriptor, also where that fails."""
        fault = self._due("close", self._names.pop(fd, ""))
        self._disk.close(fd)
        if fault is not None:
            raise fault.error("")

    def write_new(self, path: Path, data: bytes) -> None:
        """Create `path` exclusively with this content."""
        self._do("write_new", path.name, lambda: self._disk.write_new(path, data))

    def put(self, path: Path, data: bytes) -> None:
        """Give `path` this content."""
        self._do("put", path.name, lambda: self._disk.put(path, data))

    def replace(self, path: Path, data: bytes) -> None:
        """Give `path` this content, all or nothing."""
        self._do("replace", path.name, lambda: self._disk.replace(path, data))

    def clone(self, source: Path, path: Path) -> None:
        """Give `path` the content of a user's file."""
        self._do("clone", path.name, lambda: self._disk.clone(source, path))

    def adopt(self, path: Path, target: Path) -> None:
        """Give `target` the content of `path`, all or nothing."""
        self._do("adopt", target.name, lambda: self._disk.adopt(path, target))

    def unlink(self, path: Path) -> None:
        """Remove the file."""
        self._do("unlink", path.name, lambda: self._disk.unlink(path))

    def append(self, fd: int, data: memoryview) -> None:
        """Append all of these bytes."""
        self._do("append", self._names.get(fd, ""), lambda: self._disk.append(fd, data))

    def make(self, path: Path) -> int:
        """Create `path` exclusively and return a descriptor to copy into."""
        fd = self._do("make", path.name, lambda: self._disk.make(path))
        self._names[fd] = path.name
        return fd

    def copy(self, source: int, target: int, at: int, count: int, *, soon: bool) -> int:
        """Copy a piece of a file to the same place of another."""
        fault = self._due("copy", self._names.get(target, ""))
        if fault is not None and not fault.done and fault.errno:
            raise fault.error("")
        most = count if fault is None else min(count, fault.taken or count)
        done = self._disk.copy(source, target, at, most, soon=soon)
        if fault is not None and fault.errno:
            raise fault.error("")
        return done

    def share(self, source: Path, path: Path) -> bool:
        """Create `path` with the blocks of `source`."""
        return self._do("share", path.name, lambda: self._disk.share(source, path))

    def share_open(self, source: int, target: int) -> bool:
        """Give an empty open file the blocks of another."""
        return self._do("share", "", lambda: self._disk.share_open(source, target))

    def link(self, path: Path, target: Path) -> None:
        """Give the file a second name."""
        self._do("link", target.name, lambda: self._disk.link(path, target))

    def move(self, path: Path, target: Path) -> None:
        """Rename, all or nothing."""
        self._do("move", target.name, lambda: self._disk.move(path, target))

    def settle(self, folder: Path) -> None:
        """Return when what was written there is on stable storage."""
        self._do("settle", folder.name, lambda: self._disk.settle(folder))

    def _due(self, call: str, name: str) -> Fault | None:
        for fault in self._faults:
            if fault.call in ("", call) and name.endswith(fault.name):
                fault.seen += 1
                more = call == "write" and fault.taken is not None and fault.errno != 0
                if fault.at <= fault.seen < fault.at + fault.times + more:
                    fault.fired += 1
                    return fault
        return None

    def _do(self, call: str, name: str, work: Callable[[], _T]) -> _T:
        fault = self._due(call, name)
        if fault is None:
            return work()
        if fault.done:
            work()
        raise fault.error(name)


class ClockContract:
    """What every `Clock` has to do."""

    def make(self) -> Clock:
        """Return the clock under test."""
        raise NotImplementedError

    def test_time_is_in_nanoseconds_of_this_age(self) -> None:
        """The time lies between the years 2001 and 2286."""
        _expect(10**18 <= self.make().time_ns() < 10**19, "not nanoseconds since 1970")

    def test_durations_never_run_backwards(self) -> None:
        """Two readings of the monotonic clock do not fall."""
        clock = self.make()
        first = clock.monotonic()
        _expect(clock.monotonic() >= first, "the monotonic clock went back")


class IdsContract:
    """What every `Ids` has to do."""

    def make(self) -> Ids:
        """Return the source of tokens under test."""
        raise NotImplementedError

    def test_a_token_is_six_hexadecimal_digits(self) -> None:
        """A token fits into a run's id."""
        token = self.make().token()
        _expect(len(token) == 6 and set(token) <= set("0123456789abcdef"), f"token {token!r}")

    def test_tokens_differ(self) -> None:
        """Two tokens of one source are not the same."""
        ids = self.make()
        _expect(ids.token() != ids.token(), "the same token twice")


class FilesContract:
    """What every `Files` has to do; ``tmp_path`` is pytest's."""

    def make(self) -> Files:
        """Return the way to the disk under test."""
        raise NotImplementedError

    def test_creating_twice_is_refused(self, tmp_path: Path) -> None:
        """A name is taken by the first who creates it."""
        files = self.make()
        files.close(files.create(tmp_path / "a"))
        _raises(FileExistsError, lambda: files.create(tmp_path / "a"))

    def test_writes_are_appended_in_order(self, tmp_path: Path) -> None:
        """What is written comes after what was written."""
        files = self.make()
        fd = files.create(tmp_path / "a")
        for data in (b"one\n", b"two\n"):
            while data:
                data = data[files.write(fd, data) :]  # noqa: PLW2901 - the rest of it
        files.fsync(fd)
        files.close(fd)
        _expect((tmp_path / "a").read_bytes() == b"one\ntwo\n", "not in order")

    def test_a_new_file_does_not_take_the_place_of_another(self, tmp_path: Path) -> None:
        """``write_new`` leaves an existing file as it is."""
        files = self.make()
        files.write_new(tmp_path / "a", b"first")
        _raises(FileExistsError, lambda: files.write_new(tmp_path / "a", b"second"))
        _expect((tmp_path / "a").read_bytes() == b"first", "the first content is gone")

    def test_replacing_leaves_the_new_content_alone(self, tmp_path: Path) -> None:
        """``replace`` leaves no second file beside the new one."""
        files = self.make()
        for content in (b"old", b"new"):
            files.replace(tmp_path / "a", content)
        _expect((tmp_path / "a").read_bytes() == b"new", "not the new content")
        _expect([p.name for p in tmp_path.iterdir()] == ["a"], "something was left beside it")

    def test_replacing_in_a_folder_that_is_gone_is_an_error(self, tmp_path: Path) -> None:
        """An error of the system is raised, never swallowed."""
        _raises(OSError, lambda: self.make().replace(tmp_path / "gone" / "a", b""))

    def test_a_link_is_not_written_through(self, tmp_path: Path) -> None:
        """A link planted under the name leads nowhere."""
        (tmp_path / "a").symlink_to(tmp_path / "outside")
        _raises(OSError, lambda: self.make().create(tmp_path / "a"))
        _expect(not (tmp_path / "outside").exists(), "written through the link")

    def test_a_content_that_is_put_replaces_a_longer_one(self, tmp_path: Path) -> None:
        """``put`` leaves nothing of what was there."""
        files = self.make()
        for content in (b"longer", b"new"):
            files.put(tmp_path / "a", content)
        _expect((tmp_path / "a").read_bytes() == b"new", "not the new content")

    def test_nothing_is_put_through_a_link(self, tmp_path: Path) -> None:
        """``put`` and ``write_new`` follow no link, and ``replace`` takes its place."""
        files = self.make()
        (tmp_path / "outside").write_bytes(b"mine")
        (tmp_path / "a").symlink_to(tmp_path / "outside")
        _raises(OSError, lambda: files.put(tmp_path / "a", b"x"))
        _raises(OSError, lambda: files.write_new(tmp_path / "a", b"x"))
        files.replace(tmp_path / "a", b"x")
        _expect((tmp_path / "outside").read_bytes() == b"mine", "written through the link")

    def test_what_is_not_there_cannot_be_removed_or_adopted(self, tmp_path: Path) -> None:
        """An error of the system is raised, and the target is as it was."""
        files = self.make()
        (tmp_path / "b").write_bytes(b"old")
        _raises(FileNotFoundError, lambda: files.unlink(tmp_path / "a"))
        _raises(FileNotFoundError, lambda: files.adopt(tmp_path / "a", tmp_path / "b"))
        _expect((tmp_path / "b").read_bytes() == b"old", "the old content is gone")

    def test_a_cloned_file_does_not_follow_its_source(self, tmp_path: Path) -> None:
        """A clone has a content of its own: what becomes of the source is nothing to it."""
        (tmp_path / "a").write_bytes(b"old")
        self.make().clone(tmp_path / "a", tmp_path / "b")
        with (tmp_path / "a").open("r+b") as file:
            file.write(b"new")
        _expect((tmp_path / "b").read_bytes() == b"old", "it changed with its source")

    def test_an_adopted_file_takes_the_place_of_another(self, tmp_path: Path) -> None:
        """``adopt`` leaves the content under the new name alone."""
        (tmp_path / "a").write_bytes(b"new")
        (tmp_path / "b").write_bytes(b"old")
        self.make().adopt(tmp_path / "a", tmp_path / "b")
        _expect((tmp_path / "b").read_bytes() == b"new", "not the new content")
        _expect([p.name for p in tmp_path.iterdir()] == ["b"], "the old name is still there")

    def test_a_removed_file_is_gone(self, tmp_path: Path) -> None:
        """``unlink`` removes the file."""
        (tmp_path / "a").write_bytes(b"")
        self.make().unlink(tmp_path / "a")
        _expect(not (tmp_path / "a").exists(), "it is still there")


class BlobsContract:
    """What every `Blobs` has to do."""

    def make(self) -> Blobs:
        """Return a new one, empty."""
        raise NotImplementedError

    def test_a_content_lies_under_its_hash_and_stays(self, tmp_path: Path) -> None:
        """The source may change afterwards."""
        blobs, source = self.make(), tmp_path / "a"
        source.write_bytes(b"old")
        kept = blobs.add(source)
        with source.open("r+b") as file:
            file.write(b"new")
        _expect(blobs.holds(kept.blake3, 3), "it is not there")
        _expect(blobs.path_of(kept.blake3).read_bytes() == b"old", "it changed with its source")
        _expect(blobs.add(source).blake3 != kept.blake3, "another content has the same hash")


def _expect(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)


def _raises(kind: type[BaseException], call: Callable[[], object]) -> None:
    try:
        call()
    except kind:
        return
    raise AssertionError(f"expected {kind.__name__}")
