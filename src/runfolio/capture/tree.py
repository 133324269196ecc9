"""Git's id of a tree that nobody writes: that of the base with some files changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from runfolio.capture.scratch import Scratch

__all__ = ["blob_id", "changed_tree"]

_TREE: Final = b"40000"
_ABSENT: Final = b"000000"

_Entries = dict[bytes, tuple[bytes, bytes]]


def blob_id(content: bytes, like: str) -> bytes:
    """Return git's id of a file's content, in the format of another id."""
    return _id(b"blob", content, like).encode()


def changed_tree(work: Scratch, changes: Mapping[bytes, tuple[bytes, bytes]]) -> str:
    """Return the id of the base's tree with some of its files changed.

    Git would write a tree for each folder into the scratch directory, the unchanged ones too,
    which takes longer than all the rest of a snapshot.

    Parameters
    ----------
    work : Scratch
    changes : mapping
        Path → mode and object id; of a file that is gone the mode is six zeros.

    Raises
    ------
    GitFailed
        A tree of the base is missing.
    """
    above = {folder for path in changes for folder in _folders(path)}
    folders = _read(work, above)
    for path, (mode, _) in changes.items():
        if mode == _ABSENT:
            _place(folders, path).pop(_name(path), None)
    # Now: what came may lie in the place of what is gone.
    for path, entry in changes.items():
        if entry[0] != _ABSENT:
            _place(folders, path)[_name(path)] = entry
    for folder in sorted(folders.keys() - {b""}, key=lambda path: -path.count(b"/")):
        parent, name = _place(folders, folder), _name(folder)
        if folders[folder]:
            parent[name] = _TREE, _tree_id(folders[folder], work.base)
        elif parent.get(name, (b"",))[0] == _TREE:
            del parent[name]
    return _tree_id(folders[b""], work.base).decode()


def _read(work: Scratch, wanted: set[bytes]) -> dict[bytes, _Entries]:
    """Return what the base has in those folders that it has, level by level."""
    width = len(work.base) // 2
    folders: dict[bytes, _Entries] = {folder: {} for folder in wanted}
    level = {b"": work.base.encode()}
    while level:
        contents = work.contents(level.values())
        below: dict[bytes, bytes] = {}
        for folder, object_id in level.items():
            entries = folders[folder] = _parsed(contents[object_id], width)
            for name, (mode, inner) in entries.items():
                path = folder + b"/" + name if folder else name
                if mode == _TREE and path in wanted:
                    below[path] = inner
        level = below
    return folders


def _parsed(content: bytes, width: int) -> _Entries:
    entries: _Entries = {}
    place = 0
    while place < len(content):
        # Each entry: mode, a space, the name, a zero byte, the bytes of the id.
        end = content.index(b"\0", place)
        mode, _, name = content[place:end].partition(b" ")
        place = end + 1 + width
        entries[name] = mode, content[end + 1 : place].hex().encode()
    return entries


def _tree_id(entries: _Entries, like: str) -> bytes:
    ordered = sorted(entries.items(), key=lambda one: one[0] + b"/" * (one[1][0] == _TREE))
    content = b"".join(
        mode + b" " + name + b"\0" + bytes.fromhex(object_id.decode())
        for name, (mode, object_id) in ordered
    )
    return _id(b"tree", content, like).encode()


def _id(kind: bytes, content: bytes, like: str) -> str:
    make = hashlib.sha256 if len(like) == 64 else hashlib.sha1
    return make(kind + b" %d\0" % len(content) + content).hexdigest()


def _folders(path: bytes) -> Iterable[bytes]:
    parts = path.split(b"/")
    return (b"/".join(parts[:depth]) for depth in range(len(parts)))


def _place(folders: dict[bytes, _Entries], path: bytes) -> _Entries:
    return folders[path.rpartition(b"/")[0]]


def _name(path: bytes) -> bytes:
    return path.rpartition(b"/")[2]
