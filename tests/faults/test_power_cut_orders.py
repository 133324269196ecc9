"""What may be left of a run after a power cut, by the letter of what was synced: all of it is tried.

The system calls of a whole life are written down. For the moment after each, every state is laid
out that a file system may leave: bytes that were not synced are there, missing, or there in part;
creations, renames and removals that were not synced happened, each by itself, or did not. In each
of those folders our reader must find every point whose bytes had been synced, once, and nothing
that was never logged.

Of the file system it is assumed that syncing a new file keeps its name, too, as ext4, xfs, btrfs
and APFS do.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from tests.faults.oracle import FULL, Verdicts
from tests.faults.short_life import KEY, live, values_found

from runfolio.errors import CorruptRecord
from runfolio.format.disk import Disk
from runfolio.format.manifest import read_manifest

Call = tuple[Any, ...]


class Calls:
    """Writes down what reaches the files below a folder.

    Parameters
    ----------
    root : Path
        Calls on other files are let through without a note.
    """

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.made: list[Call] = []
        self._files: dict[int, int] = {}
        self._folders: dict[int, str] = {}
        self._next = itertools.count()
        self._known: dict[str, int] = {}

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note calls for the length of the block."""
        with ExitStack() as stack:
            for name in ("open", "write", "fsync", "fdatasync", "close", "rename", "replace",
                         "unlink"):  # fmt: skip
                real = getattr(os, name)
                note = getattr(self, "_moved" if name in ("rename", "replace") else f"_{name}")
                stack.enter_context(mock.patch.object(os, name, self._around(real, note)))
            yield

    def _around(self, real: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            result = real(*arguments, **keywords)
            note(result, *arguments)
            return result

        return call

    def _inside(self, path: Any) -> str | None:
        name = os.fspath(path) if not isinstance(path, int) else ""
        return os.path.relpath(name, self.root) if str(name).startswith(self.root) else None

    def _open(self, fd: int, path: Any, flags: int, *_: Any) -> None:
        name = self._inside(path)
        if name is None:
            return
        if Path(path).is_dir():
            self._folders[fd] = name
        elif name in self._known and not flags & os.O_EXCL:
            self._files[fd] = self._known[name]
        else:
            # One that came from elsewhere, as a copied file does, is noted with what it holds.
            self._files[fd] = self._known[name] = number = next(self._next)
            self.made.append(("create", name, number))
            if not flags & os.O_CREAT:
                self.made.append(("write", number, Path(path).read_bytes()))

    def _write(self, taken: int, fd: int, data: Any) -> None:
        if fd in self._files:
            self.made.append(("write", self._files[fd], bytes(data)[:taken]))

    def _fsync(self, _: None, fd: int) -> None:
        if fd in self._files:
            self.made.append(("sync", self._files[fd]))
        elif fd in self._folders:
            self.made.append(("sync folder", self._folders[fd]))

    _fdatasync = _fsync

    def _close(self, _: None, fd: int) -> None:
        self._files.pop(fd, None)
        self._folders.pop(fd, None)

    def _moved(self, _: None, source: Any, target: Any, **__: Any) -> None:
        before, after = self._inside(source), self._inside(target)
        if before is not None and after is not None:
            self._known[after] = self._known.pop(before)
            self.made.append(("rename", before, after, self._known[after]))

    def _unlink(self, _: None, path: Any, **__: Any) -> None:
        name = self._inside(path)
        if name is not None:
            self._known.pop(name, None)
            self.made.append(("unlink", name))


class Disks:
    """What a disk holds for certain after some calls, and what it may hold beside.

    Attributes
    ----------
    certain : dict
        Name → number of the file, as far as folders were synced.
    open_changes : list of Call
        Creations, renames and removals that no sync covered yet.
    """

    def __init__(self) -> None:
        self.certain: dict[str, int] = {}
        self.open_changes: list[Call] = []
        self.now: dict[int, bytes] = {}
        self.synced: dict[int, bytes] = {}

    def take(self, call: Call) -> None:
        """Take in the next call."""
        if call[0] == "write":
            self.now[call[1]] += call[2]
        elif call[0] == "sync":
            self.synced[call[1]] = self.now[call[1]]
            self._settle(lambda change: change[0] == "create" and change[2] == call[1])
        elif call[0] == "sync folder":
            self._settle(lambda change: str(Path(change[-2 if change[0] == "rename" else 1]).parent)
                         == call[1])  # fmt: skip
        else:
            if call[0] == "create":
                self.now[call[2]] = self.synced[call[2]] = b""
            self.open_changes.append(call)

    def _settle(self, covered: Callable[[Call], bool]) -> None:
        self.certain = applied(self.certain, [one for one in self.open_changes if covered(one)])
        self.open_changes = [one for one in self.open_changes if not covered(one)]

    def states(self) -> Iterator[dict[str, bytes]]:
        """Yield every state that may be left: name → content."""
        changes = self.open_changes[-4:]
        before = applied(self.certain, self.open_changes[:-4])
        for which in itertools.product((False, True), repeat=len(changes)):
            names = applied(before, list(itertools.compress(changes, which)))
            for part in (0.0, 0.5, 1.0):
                yield {name: self.content(number, part) for name, number in names.items()}

    def content(self, number: int, part: float) -> bytes:
        """Return what is there of a file when so much of its unsynced bytes is."""
        synced, now = self.synced[number], self.now[number]
        return now[: len(synced) + round(part * (len(now) - len(synced)))]


def applied(names: dict[str, int], changes: list[Call]) -> dict[str, int]:
    """Return the names after some changes."""
    names = dict(names)
    for change in changes:
        if change[0] == "create":
            names[change[1]] = change[2]
        elif change[0] == "rename":
            names.pop(change[1], None)
            names[change[2]] = change[3]
        else:
            names.pop(change[1], None)
    return names


def synced_values(disk: Disks) -> list[float]:
    """Return the values of all whole lines of points that are on stable storage now."""
    return [
        json.loads(line)["values"][KEY]
        for content in disk.synced.values()
        if content.startswith(b'{"step"')
        for line in content.split(b"\n")[:-1]
    ]


def check_every_power_cut(calls: list[Call], logged: list[float], folder: Path) -> int:
    """Assert, for every state that a power cut after any call may leave, that it is sound.

    Returns
    -------
    int
        How many different states there were.
    """
    disk, safe, has_manifest = Disks(), set[float](), False
    # What is read of a state stays the same; what it must hold grows.
    seen: dict[bytes, tuple[list[float], bool]] = {}
    for call in calls:
        disk.take(call)
        safe.update(synced_values(disk))
        has_manifest = has_manifest or "life/run.json" in disk.certain
        for state in disk.states():
            key = hashlib.sha256(repr(sorted(state.items())).encode()).digest()
            if key not in seen:
                seen[key] = what_is_found(laid_out(folder / str(len(seen)), state))
            found, is_whole = seen[key]
            assert safe <= set(found), f"after {call[:2]}: {sorted(safe - set(found))} lost"
            assert len(found) == len(set(found)), f"after {call[:2]}: doubled"
            assert set(found) <= set(logged), f"after {call[:2]}: invented"
            assert is_whole or not has_manifest, f"after {call[:2]}: run.json is none"
    return len(seen)


def what_is_found(run: Path) -> tuple[list[float], bool]:
    """Return the values of a run, and whether its manifest can be read."""
    try:
        is_whole = read_manifest(run)["id"] == "life"
    except CorruptRecord:
        is_whole = False
    try:
        return values_found(run) if run.is_dir() else [], is_whole
    except CorruptRecord:
        return [], is_whole


def laid_out(folder: Path, state: dict[str, bytes]) -> Path:
    """Write a state as a folder and return the run in it."""
    for name, content in state.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder / "life"


@pytest.fixture
def life(store: Path) -> tuple[list[Call], list[float]]:
    """The calls of a whole life, and what it logged."""
    calls = Calls(store)
    with calls.noted():
        diary = live(store, Disk(), steps=40 if FULL else 14)
    return calls.made, diary.logged


def test_a_power_cut_after_any_call_loses_nothing_that_was_synced(
    life: tuple[list[Call], list[float]], tmp_path: Path, verdicts: Verdicts
) -> None:
    calls, logged = life
    assert {call[0] for call in calls} == {
        "create", "write", "sync", "sync folder", "rename", "unlink"
    }  # fmt: skip
    states = check_every_power_cut(calls, logged, tmp_path)
    verdicts.add("F05 power cut, all orders", fired=states, acknowledged=len(logged),
                 safe=len(logged), found=len(logged))  # fmt: skip
    assert states >= 150


@pytest.mark.parametrize("left_out", ["sync", "sync folder"])
def test_a_recorder_that_leaves_a_sync_out_is_caught(
    life: tuple[list[Call], list[float]], tmp_path: Path, left_out: str
) -> None:
    calls, logged = life
    tables = {call[2] for call in calls if call[0] == "create" and "parquet" in call[1]}
    without = [
        call for call in calls
        if not (call[0] == left_out and (left_out == "sync folder" or call[1] in tables))
    ]  # fmt: skip
    with pytest.raises(AssertionError, match=r"lost|is none"):
        check_every_power_cut(without, logged, tmp_path)
