"""Installed distributions, read from the first lines of their metadata."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import orjson

from runfolio.capture.reading import read_regular
from runfolio.capture.secrets.addresses import clean_remote
from runfolio.model.context import Distribution

__all__ = ["installed"]

_HEAD_BYTES: Final = 4096
_SMALL: Final = 1 << 20
_NAME: Final = re.compile(rb"^Name:[ \t]*([^\r\n]+)", re.MULTILINE | re.IGNORECASE)
_VERSION: Final = re.compile(rb"^Version:[ \t]*([^\r\n]+)", re.MULTILINE | re.IGNORECASE)
_PROPER_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_SEPARATORS: Final = re.compile(r"[-_.]+")


def installed(root: Path) -> tuple[Distribution, ...]:
    """Return what ``sys.path`` offers, sorted by name; of two with one name the first on the path.

    Parameters
    ----------
    root : Path
        The project's root: an origin on this machine is told relative to it where it lies in
        it, else by its last name only.

    Notes
    -----
    ``importlib.metadata`` parses the whole metadata as an email, which takes ten times as long.
    The answer is kept until a folder on the path changes.
    """
    return _installed(tuple(_stamped(entry) for entry in dict.fromkeys(sys.path)), str(root))


@functools.lru_cache(maxsize=4)
def _installed(stamped: tuple[tuple[str, int], ...], root: str) -> tuple[Distribution, ...]:
    found: dict[str, Distribution] = {}
    for entry, _ in stamped:
        for info in _info_paths(entry):
            distribution = _described(info, root)
            if distribution is not None:
                found.setdefault(_SEPARATORS.sub("-", distribution.name).lower(), distribution)
    return tuple(found[name] for name in sorted(found))


def _stamped(entry: str) -> tuple[str, int]:
    entry = entry or "."
    try:
        return os.path.abspath(entry), os.stat(entry).st_mtime_ns  # noqa: PTH100, PTH116 - hot
    except (OSError, ValueError):
        return entry, 0


def _info_paths(entry: str) -> Iterator[str]:
    try:
        with os.scandir(entry) as folder:
            names = [
                item.path for item in folder if item.name.endswith((".dist-info", ".egg-info"))
            ]
    except (OSError, ValueError):
        return
    yield from sorted(names)


def _described(info: str, root: str) -> Distribution | None:
    head = _head(info)
    name, version = _NAME.search(head), _VERSION.search(head)
    if name is None:
        return None
    text = name[1].decode("utf-8", "replace").strip()
    # A name that is none could pose as another line of a lock file.
    if not _PROPER_NAME.fullmatch(text):
        return None
    number = version[1].decode("utf-8", "replace").strip() if version is not None else "unknown"
    kind, origin = _origin(info, root)
    return Distribution(text, number, kind, origin)


def _head(info: str) -> bytes:
    # An .egg-info may be the metadata file itself.
    for path in (f"{info}/METADATA", f"{info}/PKG-INFO", info):
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - hundreds of them
                return file.read(_HEAD_BYTES)
        except OSError:
            continue
    return b""


def _origin(info: str, root: str) -> tuple[str, str | None]:
    address = read_regular(f"{info}/direct_url.json", _SMALL)
    if address is not None:
        return _direct(address, root)
    if info.endswith(".egg-info") and not info.startswith((sys.prefix, sys.base_prefix)):
        # Left by `setup.py develop`, or by building in the source folder that is on the path.
        return "editable", _shown(os.path.dirname(info), root)  # noqa: PTH120 - text in, text out
    installer = read_regular(f"{info}/INSTALLER", _SMALL) or b""
    return ("conda" if installer.strip() == b"conda" else "index"), None


def _direct(content: bytes, root: str) -> tuple[str, str | None]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return "directory", None
    if not isinstance(document, dict) or not isinstance(document.get("url"), str):
        return "directory", None
    url = document["url"]
    local = _local_path(url)
    shown = _shown(local, root) if local is not None else clean_remote(url)
    if isinstance(vcs := document.get("vcs_info"), dict):
        return "vcs", _vcs(vcs, shown)
    if isinstance(folder := document.get("dir_info"), dict):
        return ("editable" if folder.get("editable") is True else "directory"), shown
    return "archive", shown


def _vcs(info: Mapping[str, Any], shown: str | None) -> str | None:
    commit = info.get("commit_id")
    return f"{shown}@{commit}" if isinstance(commit, str) and commit.isalnum() else shown


def _local_path(url: str) -> str | None:
    parts = urlsplit(url)
    return unquote(parts.path) if parts.scheme == "file" else None


def _shown(path: str, root: str) -> str | None:
    relative = os.path.relpath(path, root)
    if relative.startswith(".."):
        return os.path.basename(path.rstrip("/")) or None  # noqa: PTH119
    return Path(relative).as_posix()
