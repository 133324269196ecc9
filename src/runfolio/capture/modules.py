"""Local modules that were imported, and whether their files are still what was imported."""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
import types
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any, Final

import blake3

__all__ = [
    "changed_since_import",
    "imported_hash",
    "is_elsewhere",
    "is_installed",
    "local_file",
    "look_at_imports",
    "look_at_updates",
    "was_imported",
]

_MAX_MODULES: Final = 20_000
_MAX_BYTES: Final = 4 * 1024 * 1024
_OWN: Final = f"{Path(__file__).parents[1]}{os.sep}"
_ELSEWHERE: Final = tuple(
    f"{folder}{os.sep}"
    for name in ("stdlib", "platstdlib", "purelib", "platlib")
    for folder in {sysconfig.get_path(name), os.path.realpath(sysconfig.get_path(name))}
)
_SOURCE: Final = (".py",)
_COMPILED: Final = (*EXTENSION_SUFFIXES, *BYTECODE_SUFFIXES)
_INSTALLED: Final = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


@dataclass(frozen=True, slots=True)
class _Seen:
    """A module's file when the module was seen first, or after it was imported anew."""

    spec: Any
    file: str
    stat: tuple[int, int]
    hash: str


# Without a lock, which a fork would leave taken: two threads that look at once find the same.
_seen: dict[str, _Seen | None] = {}
# Name → hashes of all that was imported by it, for those that are local.
_imported: dict[str, set[str]] = {}
_moments: dict[str, float] = {}
_count = 0


def look_at_imports() -> None:
    """Take note of modules that were imported since the last look, or anew; cheap where none was.

    A module that is edited between its import and the next look is not known to have changed.
    """
    global _count
    for name in _imported.copy():
        _look_again(name)
    if len(sys.modules) == _count:
        return
    _count = len(sys.modules)
    for name, module in sys.modules.copy().items():
        if name not in _seen and len(_seen) < _MAX_MODULES:
            _note(name, module)


def changed_since_import() -> list[str]:
    """Return the local modules whose files differ from what was imported, sorted by name."""
    look_at_imports()
    changed = []
    for name in _imported.copy():
        seen = _seen.get(name)
        if seen is not None and type(sys.modules.get(name)) is types.ModuleType and _differs(seen):
            changed.append(name)
    return sorted(changed)


def imported_hash(name: str) -> str | None:
    """Return the hash of a local module's file when it was imported: 64 hex digits of BLAKE3.

    That is, when it was seen first, or after it was imported anew.
    """
    _look_again(name)
    seen = _seen.get(name)
    return seen.hash if seen is not None else None


def was_imported(name: str, digest: str) -> bool:
    """Return whether a module was imported with this content once; one that nobody saw was.

    Parameters
    ----------
    name : str
    digest : str
        The first digits of its file's hash.
    """
    _look_again(name)
    return name not in _imported or any(one.startswith(digest) for one in _imported[name])


def look_at_updates(moments: Mapping[str, float], failed: Collection[float] = ()) -> None:
    """Take note of modules that somebody brought up to date without importing them anew.

    Parameters
    ----------
    moments : mapping of str to float
        Module → the date that its file had when it was last brought up to date. The first one that
        is given may be that of its import.
    failed : collection of float
        Dates at which it was tried in vain.
    """
    for name in _imported.copy():
        moment, before = moments.get(name), _moments.get(name)
        if moment is None or moment == before:
            continue
        _moments[name] = moment
        seen = _seen.get(name)
        if before is None or seen is None or moment in failed:
            continue
        with contextlib.suppress(OSError):
            if os.stat(seen.file).st_mtime == moment:  # noqa: PTH116 - as above
                _note(name, sys.modules.get(name))


def local_file(module: object, *, compiled: bool = False) -> str | None:
    """Return the source file of a module that is neither installed nor part of Python.

    Parameters
    ----------
    compiled : bool
        Whether modules built from C and the like count, too, and those without their source.
    """
    if type(module) is not types.ModuleType:
        return None
    file = module.__dict__.get("__file__")
    ends = _SOURCE + _COMPILED if compiled else _SOURCE
    if type(file) is not str or not file.endswith(ends):
        return None
    path = os.path.abspath(file)  # noqa: PTH100 - links stay
    return None if is_elsewhere(path) else path


def is_elsewhere(path: str) -> bool:
    """Return whether a file is installed, or part of Python."""
    return path.startswith((_OWN, *_ELSEWHERE)) or is_installed(path)


def is_installed(path: str) -> bool:
    """Return whether a file belongs to an installed package."""
    return any(part in path for part in _INSTALLED)


def _look_again(name: str) -> None:
    """Take note of a module that was reloaded."""
    seen, module = _seen.get(name), sys.modules.get(name)
    if (
        seen is not None
        and type(module) is types.ModuleType
        and getattr(module, "__spec__", None) is not seen.spec
    ):
        _note(name, module)


def _note(name: str, module: object) -> None:
    seen = _seen[name] = _look(module)
    if seen is not None:
        _imported.setdefault(name, set()).add(seen.hash)


def _look(module: object) -> _Seen | None:
    file = local_file(module)
    if file is None:
        return None
    with contextlib.suppress(OSError):
        about = os.stat(file)  # noqa: PTH116 - thousands of modules
        if about.st_size <= _MAX_BYTES:
            spec = getattr(module, "__spec__", None)
            return _Seen(spec, file, (about.st_mtime_ns, about.st_size), _hash(file))
    return None


def _differs(seen: _Seen) -> bool:
    try:
        about = os.stat(seen.file)  # noqa: PTH116 - thousands of modules
        if (about.st_mtime_ns, about.st_size) == seen.stat:
            return False
        return about.st_size > _MAX_BYTES or _hash(seen.file) != seen.hash
    except OSError:
        return True  # gone


def _hash(file: str) -> str:
    return blake3.blake3(Path(file).read_bytes()).hexdigest()
