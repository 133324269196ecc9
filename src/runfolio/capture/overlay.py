"""What a patch cannot hold: notebooks without outputs, files whose old content is out of reach."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from runfolio.capture.left_out import LeftOut
from runfolio.capture.patch import Change
from runfolio.capture.reading import read_regular
from runfolio.capture.scratch import GITLINK, Scratch
from runfolio.capture.staging import (
    MAX_FILE_BYTES,
    MAX_NOTEBOOK_BYTES,
    NO_ROOM,
    Room,
    Staged,
    is_notebook,
)
from runfolio.capture.stripped import without_outputs
from runfolio.capture.tree import blob_id

__all__ = ["Overlay"]

_ABSENT: Final = b"000000"
_FILE: Final = b"100644"
_EXECUTABLE: Final = b"100755"
_LARGE: Final = 256 * 1024
_LINK: Final = b"120000"


@dataclass(frozen=True, slots=True)
class _Entry:
    """An index entry: mode and object id, both zeros where there is none."""

    mode: bytes
    object_id: bytes


class Overlay:
    """Sorts the changes: into the patch, beside it, or out of the record.

    Attributes
    ----------
    in_patch : list of Change
    files : dict of str to bytes
        Path → content of what is kept whole; of a link the path that it holds.
    modes : dict of str to str
        The modes of those that are no plain files.
    """

    def __init__(self, work: Scratch, staged: Staged, left_out: LeftOut, room: Room) -> None:
        self._work = work
        self._staged = staged
        self._left_out = left_out
        self._room = room
        self._before: dict[bytes, _Entry] = {}
        self.in_patch: list[Change] = []
        self.files: dict[str, bytes] = {}
        self.modes: dict[str, str] = {}

    def undo(self, unwanted: Iterable[Change]) -> None:
        """Give paths back the index entry that the base has for them."""
        self._set({change.path: _Entry(change.old_mode, change.old_id) for change in unwanted})

    def take(self, found: Iterable[Change]) -> None:
        """Decide for each change, and for each notebook that differs, where it goes."""
        by_path = {change.path: change for change in found}
        notebooks = dict.fromkeys(self._staged.notebooks)
        notebooks.update(
            (path, None)
            for path, change in by_path.items()
            if is_notebook(path) and change.new_mode not in (_ABSENT, _LINK, GITLINK)
        )
        others = [change for path, change in by_path.items() if path not in notebooks]
        before = {path: self._entry_before(path, by_path.get(path)) for path in notebooks}
        sizes = self._work.sizes(
            {*(c.old_id for c in others), *(entry.object_id for entry in before.values())}
        )
        self._take_notebooks(before, sizes)
        for change in others:
            self._take_other(change, sizes)

    @property
    def count(self) -> int:
        """How many files are in the patch and beside it."""
        return len(self.in_patch) + len(self.files)

    def leave_out_large(self, why: str) -> None:
        """Take the large files out of the patch: git could not compare all of them in time."""
        sizes = self._work.sizes(
            object_id for change in self.in_patch for object_id in (change.old_id, change.new_id)
        )
        large = [
            change
            for change in self.in_patch
            if change.letter != b"D"
            and max(sizes.get(change.old_id, 0), sizes.get(change.new_id, 0)) > _LARGE
        ]
        for change in large:
            self._left_out.add(change.path, why)
        self._set({change.path: _Entry(change.old_mode, change.old_id) for change in large})
        self.in_patch = [change for change in self.in_patch if change not in large]

    def changes(self) -> dict[bytes, tuple[bytes, bytes]]:
        """Return path → mode and object id, as they are to be, of all that is kept."""
        kept = {change.path: (change.new_mode, change.new_id) for change in self.in_patch}
        for name, content in self.files.items():
            mode = self.modes.get(name, _FILE.decode()).encode()
            kept[name.encode()] = mode, blob_id(content, self._work.base)
        return kept

    def take_out(self) -> None:
        """Make the index hold what the base has for all that is kept whole, for the patch."""
        self._set(self._before)

    def _entry_before(self, path: bytes, change: Change | None) -> _Entry:
        if change is not None:
            return _Entry(change.old_mode, change.old_id)
        mode, object_id = self._staged.entries.get(path, (_ABSENT, b""))
        return _Entry(mode, object_id)

    def _take_notebooks(self, before: Mapping[bytes, _Entry], sizes: Mapping[bytes, int]) -> None:
        olds = self._work.contents(
            e.object_id
            for e in before.values()
            if 0 <= sizes.get(e.object_id, -1) <= MAX_NOTEBOOK_BYTES
        )
        for path, entry in before.items():
            code, why = self._code_of(path)
            if code is None:
                self._left_out.add(path, why)
                self._set({path: entry})
                continue
            old = olds.get(entry.object_id)
            mode = self._mode_of(path, entry.mode)
            was_file = old is not None and entry.mode not in (_ABSENT, _LINK)
            if was_file and without_outputs(old or b"") == code:
                # Run, not changed: only outputs differ, and perhaps the mode.
                self._set({path: _Entry(mode, entry.object_id)})
                if mode != entry.mode:
                    same = entry.object_id
                    self.in_patch.append(Change(path, entry.mode, mode, same, same, b"M"))
                continue
            if not self._room.takes(len(code)):
                self._left_out.add(path, NO_ROOM)
                self._set({path: entry})
                continue
            self._before[path] = entry
            self._keep(path.decode(), code, mode)

    def _mode_of(self, path: bytes, before: bytes) -> bytes:
        known = before if before in (_FILE, _EXECUTABLE) else _FILE
        if not self._work.keeps_modes:
            return known
        try:
            mode = os.lstat(os.path.join(self._work.top, path)).st_mode  # noqa: PTH118 - bytes
        except OSError:
            return known
        return _EXECUTABLE if mode & 0o100 else _FILE

    def _keep(self, name: str, content: bytes, mode: bytes) -> None:
        self.files[name] = content
        if mode != _FILE:
            self.modes[name] = mode.decode()

    def _code_of(self, path: bytes) -> tuple[bytes | None, str]:
        """Return a notebook's content without outputs, or why it cannot be kept."""
        try:
            path.decode()
        except UnicodeDecodeError:
            return None, "a notebook whose name is not UTF-8"
        full = os.path.join(self._work.top, path)  # noqa: PTH118 - bytes
        content = read_regular(full, MAX_NOTEBOOK_BYTES)
        if content is None:
            return None, "a notebook that cannot be read"
        code = without_outputs(content)
        if code is None:
            return None, "no valid notebook: outputs cannot be told from code in it"
        if len(code) > MAX_FILE_BYTES:
            return None, f"larger than {MAX_FILE_BYTES >> 20} MB without its outputs"
        return code, ""

    def _take_other(self, change: Change, sizes: Mapping[bytes, int]) -> None:
        why = "in conflict, and it could not be read" if change.letter == b"U" else None
        why = why or self._why_not(change)
        if why is not None:
            self._left_out.add(change.path, why)
            self._set({change.path: _Entry(change.old_mode, change.old_id)})
            return
        changed = change.old_mode not in (_ABSENT, GITLINK) and change.new_mode not in (
            _ABSENT,
            GITLINK,
        )
        # A patch holds the old content, too: it must be there, and fit.
        old = sizes.get(change.old_id, -1)
        if changed and not (0 <= old <= MAX_FILE_BYTES and self._room.takes(old)):
            self._keep_whole(change)
            return
        self.in_patch.append(change)

    def _why_not(self, change: Change) -> str | None:
        """Return why a staged file is too large; staging only saw what was not staged."""
        if change.path in self._staged.counted or change.new_mode in (_ABSENT, _LINK, GITLINK):
            return None
        try:
            size = os.lstat(os.path.join(self._work.top, change.path)).st_size  # noqa: PTH118
        except OSError:
            return None
        if size > MAX_FILE_BYTES:
            return f"larger than {MAX_FILE_BYTES >> 20} MB"
        return None if self._room.takes(size) else NO_ROOM

    def _keep_whole(self, change: Change) -> None:
        content = self._content(change)
        try:
            name = change.path.decode()
        except UnicodeDecodeError:
            content = None
        if content is None:
            self._left_out.add(
                change.path, "its content in the commit is missing here or too large"
            )
            self._set({change.path: _Entry(change.old_mode, change.old_id)})
            return
        self._before[change.path] = _Entry(change.old_mode, change.old_id)
        self._keep(name, content, change.new_mode)

    def _content(self, change: Change) -> bytes | None:
        full = os.path.join(self._work.top, change.path)  # noqa: PTH118 - bytes
        if change.new_mode != _LINK:
            return read_regular(full, MAX_FILE_BYTES)
        try:
            return os.readlink(full)  # noqa: PTH115 - bytes
        except OSError:
            return None

    def _set(self, entries: Mapping[bytes, _Entry]) -> None:
        """Set index entries; those without an object are removed."""
        if not entries:
            return
        lines: list[bytes] = []
        for path, entry in entries.items():
            nothing = b"0" * len(self._work.base)
            # Removed first: an entry in conflict has three stages, and a folder may be in its place.
            lines.append(b"0 " + nothing + b"\t" + path + b"\0")
            if entry.mode != _ABSENT:
                lines.append(entry.mode + b" " + entry.object_id + b"\t" + path + b"\0")
        self._work.write("update-index", "-z", "--index-info", stdin=b"".join(lines))
