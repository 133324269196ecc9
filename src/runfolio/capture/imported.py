"""Which of the installed distributions a process imported, told by the files of its modules."""

from __future__ import annotations

import functools
import os
import re
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Final

from runfolio.capture.distributions import normalised
from runfolio.capture.reading import read_regular
from runfolio.model.context import Distribution

__all__ = ["imported_versions"]

# The list of files of the largest distributions has some ten thousand lines.
_MAX_RECORD: Final = 16 * 1024 * 1024
_TOP: Final = re.compile(
    rb"^\"?([A-Za-z_][A-Za-z0-9_]*)(?:/|\.py,|\.[A-Za-z0-9_.-]+\.(?:so|pyd),|\.so,)", re.MULTILINE
)
_VERSION: Final = "__version__"


def imported_versions(found: Iterable[Distribution]) -> dict[str, str]:
    """Return the distributions of which a module is loaded: name → version in memory.

    The version in memory is another than the installed one after an upgrade without a restart;
    it is known where the module says it in ``__version__``.

    Parameters
    ----------
    found : iterable of Distribution
        As `distributions.installed` returns them.
    """
    loaded = _loaded_files()
    versions: dict[str, str] = {}
    by_folder: dict[str, list[Distribution]] = {}
    for one in found:
        if one.metadata:
            by_folder.setdefault(_below(os.path.dirname(one.metadata)), []).append(one)  # noqa: PTH120
    for folder, members in by_folder.items():
        unlinked = [one for one in members if not one.folder]
        versions |= _of_folder(folder, unlinked, loaded)
    elsewhere = tuple(by_folder)
    for one in found:
        if one.folder:
            # An environment may lie within the folder whose code is edited.
            below = _below(one.folder)
            apart = tuple(folder for folder in elsewhere if folder != below)
            names = [
                top
                for top, files in loaded.items()
                if any(f.startswith(below) and not f.startswith(apart) for f in files)
            ]
            if names:
                versions[one.name] = _version(names, one)
    return versions


def _below(folder: str) -> str:
    return os.path.join(os.path.realpath(folder), "")  # noqa: PTH118 - text in, text out


def _of_folder(
    start: str, members: list[Distribution], loaded: dict[str, set[str]]
) -> dict[str, str]:
    """Return the imported ones of those whose files lie in one folder of the path."""
    here: dict[str, set[str]] = {}
    for top, files in loaded.items():
        inside = {file[len(start) :] for file in files if file.startswith(start)}
        if inside:
            here[top] = inside
    owners: dict[str, list[Distribution]] = {}
    for one in members:
        for top in _tops(one):
            if top in here:
                owners.setdefault(top, []).append(one)
    versions: dict[str, str] = {}
    for top, candidates in owners.items():
        for one in candidates:
            # Several distributions put modules into one namespace: the files decide.
            if len(candidates) == 1 or _owns(one, here[top]):
                versions.setdefault(one.name, _version([top], one))
    return versions


def _loaded_files() -> dict[str, set[str]]:
    """Return the files of all loaded modules by the first part of their names."""
    found: dict[str, set[str]] = {}
    for name, module in sys.modules.copy().items():
        # Asked for an attribute, a lazy module would begin to load.
        file = _says(module, "__file__")
        if file is not None:
            found.setdefault(name.partition(".")[0], set()).add(_real(file))
    return found


@functools.lru_cache(maxsize=32768)
def _real(file: str) -> str:
    folder, name = os.path.split(file)
    return os.path.join(_real_folder(folder), name)  # noqa: PTH118


@functools.lru_cache(maxsize=8192)
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)


def _says(module: object, name: str) -> str | None:
    if not isinstance(module, types.ModuleType):
        return None
    value = types.ModuleType.__getattribute__(module, "__dict__").get(name)
    return value if type(value) is str else None


def _tops(one: Distribution) -> Iterator[str]:
    """Yield the names that a distribution may be imported by."""
    said = read_regular(f"{one.metadata}/top_level.txt", 1 << 16)
    if said is not None:
        for line in said.decode("utf-8", "replace").split():
            yield line.rpartition("/")[2]
        return
    names = set(_recorded_tops(one.metadata, _size(one.metadata)))
    yield from names or {normalised(one.name).replace("-", "_")}


def _size(info: str) -> int:
    try:
        return os.stat(f"{info}/RECORD").st_size  # noqa: PTH116 - hundreds of them
    except OSError:
        return 0


@functools.lru_cache(maxsize=4096)
def _recorded_tops(info: str, size: int) -> frozenset[str]:
    del size  # part of the key only: another list of files is read again
    return frozenset(name.decode() for name in set(_TOP.findall(_record(info))))


def _record(info: str) -> bytes:
    return read_regular(f"{info}/RECORD", _MAX_RECORD) or b""


def _owns(one: Distribution, files: set[str]) -> bool:
    record = b"\n" + _record(one.metadata)
    return any(f"\n{file.replace(os.sep, '/')},".encode() in record for file in files)


def _version(names: Iterable[str], one: Distribution) -> str:
    for name in names:
        version = _says(sys.modules.get(name), _VERSION)
        if version is not None:
            return version
    return one.version
