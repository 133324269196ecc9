"""Installed distributions, read from the first lines of their metadata."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import orjson

from runfolio.capture.reading import read_head, read_regular
from runfolio.capture.secrets.addresses import clean_remote
from runfolio.model.context import Distribution

__all__ = ["installed", "normalised", "path_stamp"]

_HEAD_BYTES: Final = 4096
_SMALL: Final = 1 << 20
_NAME: Final = re.compile(rb"^Name:[ \t]*([^\r\n]+)", re.MULTILINE | re.IGNORECASE)
_VERSION: Final = re.compile(rb"^Version:[ \t]*([^\r\n]+)", re.MULTILINE | re.IGNORECASE)
_END_OF_FIELDS: Final = re.compile(rb"\r?\n\r?\n")
_PROPER_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_SEPARATORS: Final = re.compile(r"[-_.]+")
_SITES: Final = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_ENDINGS: Final = (".dist-info", ".egg-info")

# A folder that was changed so shortly ago may change again within the same tick of its clock.
_SETTLED_NS: Final = 2_000_000_000
_MAX_KEPT: Final = 64

_kept: dict[tuple[str, int, str], tuple[Distribution, ...]] = {}


def installed(root: Path, path: Iterable[str] | None = None) -> tuple[Distribution, ...]:
    """Return what is installed, sorted by name; of two with one name the first on the path.

    Parameters
    ----------
    root : Path
        The project's root: an origin on this machine is told relative to it where it lies in
        it, else by its last name only.
    path : iterable of str, optional
        The folders to look in, by default ``sys.path``.

    Notes
    -----
    ``importlib.metadata`` parses the whole metadata as an email, which takes ten times as long.
    What a folder on the path holds is kept until the folder changes.
    """
    found: dict[str, Distribution] = {}
    for entry, mtime_ns in path_stamp(path):
        for distribution in _offered(entry, mtime_ns, str(root)):
            found.setdefault(normalised(distribution.name), distribution)
    return tuple(found[name] for name in sorted(found))


def path_stamp(path: Iterable[str] | None = None) -> tuple[tuple[str, int], ...]:
    """Return the folders of the path and when each was changed, in nanoseconds.

    Installing and removing a distribution changes the folder that it lies in.
    """
    folders = sys.path if path is None else path
    return tuple(_stamped(folder) for folder in dict.fromkeys(map(str, folders)))


def normalised(name: str) -> str:
    """Return the one spelling of a distribution's name, as indexes compare them."""
    return _SEPARATORS.sub("-", name).lower()


def _stamped(entry: str) -> tuple[str, int]:
    entry = entry or "."
    try:
        return os.path.abspath(entry), os.stat(entry).st_mtime_ns  # noqa: PTH100, PTH116 - hot
    except (OSError, ValueError):
        return entry, 0


def _offered(entry: str, mtime_ns: int, root: str) -> tuple[Distribution, ...]:
    key = (entry, mtime_ns, root)
    found = _kept.get(key)
    if found is None:
        found = _in_folder(entry, root)
        if time.time_ns() - mtime_ns > _SETTLED_NS:
            if len(_kept) >= _MAX_KEPT:
                _kept.clear()
            _kept[key] = found
    return found


def _in_folder(entry: str, root: str) -> tuple[Distribution, ...]:
    found: dict[str, Distribution] = {}
    for info in _info_paths(entry):
        one = _described(info, root)
        if one is None:
            continue
        other = found.get(normalised(one.name))
        # An installer may leave the metadata behind of what it wrote over.
        if other is None or _changed_ns(other) < _changed_ns(one):
            found[normalised(one.name)] = one
    return tuple(found.values())


def _changed_ns(one: Distribution) -> int:
    return _stamped(one.metadata)[1]


def _info_paths(entry: str) -> Iterator[str]:
    if entry.endswith(".egg"):
        yield f"{entry}/EGG-INFO"
    try:
        with os.scandir(entry) as folder:
            # What begins with a tilde was left behind by an installer that was interrupted.
            names = [
                item.path
                for item in folder
                if item.name.endswith(_ENDINGS) and not item.name.startswith("~")
            ]
    except (OSError, ValueError):
        return
    yield from sorted(names)


def _described(info: str, root: str) -> Distribution | None:
    files = _names_in(info)
    fields = _fields(info, files)
    name, version = _NAME.search(fields), _VERSION.search(fields)
    text = name[1].decode("utf-8", "replace").strip() if name is not None else ""
    # A name that is none could pose as another line of a lock file.
    if not _PROPER_NAME.fullmatch(text):
        return _broken(info)
    number = version[1].decode("utf-8", "replace").strip() if version is not None else "unknown"
    kind, origin, folder = _origin(info, files, root)
    return Distribution(text, number, kind, origin, metadata=info, folder=folder)


def _names_in(info: str) -> Collection[str]:
    try:
        return os.listdir(info)  # noqa: PTH208 - hundreds of them
    except (OSError, ValueError):
        return ()


def _fields(info: str, files: Collection[str]) -> bytes:
    """Return the first fields of the metadata; what comes after them is a description."""
    named = [name for name in ("METADATA", "PKG-INFO") if name in files]
    # An .egg-info may be the metadata file itself.
    path = f"{info}/{named[0]}" if named else info
    return _END_OF_FIELDS.split(read_head(path, _HEAD_BYTES), maxsplit=1)[0]


def _broken(info: str) -> Distribution | None:
    name, _, version = os.path.basename(info).removesuffix(".dist-info").partition("-")  # noqa: PTH119
    if not info.endswith(".dist-info") or not version or not _PROPER_NAME.fullmatch(name):
        return None
    return Distribution(name, version, "broken", metadata=info)


def _origin(info: str, files: Collection[str], root: str) -> tuple[str, str | None, str]:
    """Return the kind, the origin as it may be told, and the folder of an editable one."""
    if "direct_url.json" in files:
        content = read_regular(f"{info}/direct_url.json", _SMALL)
        if content is not None:
            return _direct(content, root)
    if info.endswith(".egg-info"):
        if any(part in info for part in _SITES):
            return ("index" if "installed-files.txt" in files else "unlisted"), None, ""
        # Left by `setup.py develop`, or by building in the source folder that is on the path.
        folder = os.path.dirname(info)  # noqa: PTH120 - text in, text out
        return "editable", _shown(folder, root), folder
    if "INSTALLER" in files:
        installer = read_regular(f"{info}/INSTALLER", _SMALL) or b""
        if installer.strip() == b"conda":
            return "conda", None, ""
    return ("index" if "RECORD" in files else "unlisted"), None, ""


def _direct(content: bytes, root: str) -> tuple[str, str | None, str]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return "directory", None, ""
    if not isinstance(document, dict) or not isinstance(document.get("url"), str):
        return "directory", None, ""
    url = document["url"]
    local = _local_path(url)
    shown = _shown(local, root) if local is not None else clean_remote(url)
    if isinstance(vcs := document.get("vcs_info"), dict):
        return "vcs", _vcs(vcs, shown), ""
    if isinstance(about := document.get("dir_info"), dict):
        editable = about.get("editable") is True
        return ("editable" if editable else "directory"), shown, (local or "") if editable else ""
    return "archive", shown, ""


def _vcs(info: Mapping[str, Any], shown: str | None) -> str | None:
    commit = info.get("commit_id")
    return f"{shown}@{commit}" if isinstance(commit, str) and commit.isalnum() else shown


def _local_path(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return unquote(parts.path) if parts.scheme == "file" else None


def _shown(path: str, root: str) -> str | None:
    relative = os.path.relpath(path, root)
    if relative.startswith(".."):
        return os.path.basename(path.rstrip("/")) or None  # noqa: PTH119
    return Path(relative).as_posix()
