"""What a patch cannot hold: notebooks without outputs, files whose old content is out of reach."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runfolio.capture.left_out import LeftOut
from runfolio.capture.patch import Change
from runfolio.capture.reading import read_regular
from runfolio.capture.scratch import GITLINK, Scratch
from runfolio.capture.staging import (
    MAX_FILE_BYTES,
    MAX_NOTEBOOK_BYTES,
    Staged,
    is_notebook,
)
from runfolio.capture.stripped import without_outputs

__all__ = ["Overlay"]

_ABSENT: Final = b"000000"
_FILE: Final = b"100644"
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
        Path → content of what is kept whole.
    """

    def __init__(self, work: Scratch, staged: Staged, left_out: LeftOut) -> None:
        self._work = work
        self._staged = staged
        self._left_out = left_out
        self._before: dict[bytes, _Entry] = {}
        self._stripped: dict[bytes, bytes] = {}
        self.in_patch: list[Change] = []
        self.files: dict[str, bytes] = {}

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
        sizes = self._sizes(
            {*(c.old_id for c in others), *(entry.object_id for entry in before.values())}
        )
        self._take_notebooks(before, sizes)
        for change in others:
            self._take_other(change, sizes)

    def put_in(self) -> None:
        """Make the index hold the notebooks without outputs, for the tree."""
        paths = list(self._stripped)
        if not paths:
            return
        folder = Path(self._work.folder) / "stripped"
        folder.mkdir()
        names = []
        for number, path in enumerate(paths):
            file = folder / str(number)
            file.write_bytes(self._stripped[path])
            names.append(os.fsencode(file))
        ids = self._work.write(
            "hash-object", "-w", "--no-filters", "--stdin-paths", stdin=b"\n".join(names) + b"\n"
        ).output.split()
        self._set(
            {
                # A file put over what the commit has keeps the mode it finds there.
                path: _Entry(
                    _FILE if (mode := self._before[path].mode) == _ABSENT else mode, object_id
                )
                for path, object_id in zip(paths, ids, strict=True)
            }
        )

    def take_out(self) -> None:
        """Make the index hold what the base has for all that is kept whole, for the patch."""
        self._set(self._before)

    def _entry_before(self, path: bytes, change: Change | None) -> _Entry:
        if change is not None:
            return _Entry(change.old_mode, change.old_id)
        mode, object_id = self._staged.entries.get(path, (_ABSENT, b""))
        return _Entry(mode, object_id)

    def _sizes(self, ids: set[bytes]) -> dict[bytes, int]:
        """Return the size of each object; those that are missing are not in the answer."""
        asked = sorted(object_id for object_id in ids if object_id.strip(b"0"))
        if not asked:
            return {}
        answer = self._work.read(
            "cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=b"\n".join(asked) + b"\n"
        )
        pairs = (line.split() for line in answer.output.splitlines())
        return {pair[0]: int(pair[1]) for pair in pairs if pair[1].isdigit()}

    def _take_notebooks(self, before: Mapping[bytes, _Entry], sizes: Mapping[bytes, int]) -> None:
        olds = self._contents(
            [
                e.object_id
                for e in before.values()
                if 0 <= sizes.get(e.object_id, -1) <= MAX_NOTEBOOK_BYTES
            ],
            sizes,
        )
        for path, entry in before.items():
            code, why = self._code_of(path)
            if code is None:
                self._left_out.add(path, why)
                self._set({path: entry})
                continue
            old = olds.get(entry.object_id)
            if (
                old is not None
                and entry.mode not in (_ABSENT, _LINK)
                and without_outputs(old) == code
            ):
                # Run, not changed: only outputs differ.
                self._set({path: entry})
                continue
            self._before[path] = entry
            self._stripped[path] = code
            self.files[path.decode()] = code

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

    def _contents(self, ids: list[bytes], sizes: Mapping[bytes, int]) -> dict[bytes, bytes]:
        if not ids:
            return {}
        asked = list(dict.fromkeys(ids))
        output = self._work.read("cat-file", "--batch", stdin=b"\n".join(asked) + b"\n").output
        contents: dict[bytes, bytes] = {}
        place = 0
        for object_id in asked:
            # Each answer: a line of facts, the content, a newline.
            place = output.index(b"\n", place) + 1
            contents[object_id] = output[place : place + sizes[object_id]]
            place += sizes[object_id] + 1
        return contents

    def _take_other(self, change: Change, sizes: Mapping[bytes, int]) -> None:
        if change.letter == b"U" or self._too_large(change):
            self._left_out.add(change.path, "in conflict, and it could not be read")
            self._set({change.path: _Entry(change.old_mode, change.old_id)})
            return
        changed = change.old_mode not in (_ABSENT, GITLINK) and change.new_mode not in (
            _ABSENT,
            GITLINK,
        )
        if changed and not 0 <= sizes.get(change.old_id, -1) <= MAX_FILE_BYTES:
            self._keep_whole(change)
            return
        self.in_patch.append(change)

    def _too_large(self, change: Change) -> bool:
        """Return whether a staged file is over the limit; staging only saw what was not staged."""
        if change.new_mode in (_ABSENT, _LINK, GITLINK):
            return False
        try:
            size = os.lstat(os.path.join(self._work.top, change.path)).st_size  # noqa: PTH118
        except OSError:
            return False
        if size > MAX_FILE_BYTES:
            self._left_out.add(change.path, f"larger than {MAX_FILE_BYTES >> 20} MB")
        return size > MAX_FILE_BYTES

    def _keep_whole(self, change: Change) -> None:
        full = os.path.join(self._work.top, change.path)  # noqa: PTH118 - bytes
        link = change.new_mode == _LINK
        content = None if link else read_regular(full, MAX_FILE_BYTES)
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
        self.files[name] = content

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
