"""Moving run directories out of sight and back, whatever links somebody plants meanwhile.

Folders are renamed between two folders that are held open: a rename moves a link itself and
never what it points to. Nothing is deleted but by `empty`. Layers (``.trash``,
``.trash/~2`` …) let a run be trashed although an earlier one with its id lies there.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runfolio.errors import RunNotFound, StoreError, UsageError

__all__ = ["empty", "layers", "lying", "put", "take_back"]

TRASH: Final = ".trash"
MAX_LAYERS: Final = 100

_FOLDER: Final = (
    os.O_RDONLY
    | getattr(os, "O_DIRECTORY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def layers(store: Path) -> list[Path]:
    """Return the folders of a store's trash, the one filled last first; links are left out."""
    top = store / TRASH
    found = [top / f"~{n}" for n in range(MAX_LAYERS, 1, -1)] + [top]
    if top.is_symlink():
        return []
    return [folder for folder in found if folder.is_dir() and not folder.is_symlink()]


def put(store: Path, run_id: str) -> Path:
    """Move a run directory into the trash and return where it lies.

    Raises
    ------
    RunNotFound
        There is no folder of that name.
    StoreError
        The trash is a link, or the folder was swapped for one.
    """
    with _opened(store) as here:
        if not _is_folder(run_id, here):
            raise RunNotFound(f"There is no run {run_id}.")
        for n in range(1, MAX_LAYERS + 1):
            with _layer(here, n) as there:
                if not _moved(run_id, here, there):
                    continue
                if not _is_folder(run_id, there):
                    raise StoreError(f"{run_id} was swapped for a link; the link is in the trash.")
            return _path_of(store, n) / run_id
    raise StoreError(
        f"The trash holds {MAX_LAYERS} runs called {run_id} already. Empty it: {store / TRASH}."
    )


def take_back(store: Path, run_id: str) -> Path:
    """Move a run directory from the trash back into the store and return its folder.

    Raises
    ------
    RunNotFound
        It is not there.
    UsageError
        The store has a run of that name.
    """
    with _opened(store) as here:
        for folder in layers(store):
            if not (folder / run_id).is_dir():
                continue
            with _opened(folder) as there:
                if not _is_folder(run_id, there):
                    continue
                if not _moved(run_id, there, here):
                    raise UsageError(
                        f"The store has a run {run_id} already. Move that one to the trash first."
                    )
            return store / run_id
    raise RunNotFound(f"The run {run_id} is not in the trash.")


def lying(store: Path, older_than_s: float) -> list[Path]:
    """Return the run directories that have lain in the trash for so long.

    The move into the trash is the last change of the folder itself that nobody can date back.
    """
    found = []
    for folder in layers(store):
        for entry in os.scandir(folder):
            if entry.name.startswith("~") or not entry.is_dir(follow_symlinks=False):
                continue
            if time.time() - entry.stat(follow_symlinks=False).st_ctime >= older_than_s:
                found.append(Path(entry.path))
    return sorted(found)


def empty(path: Path) -> None:
    """Delete one run directory of the trash for good; a link in it is removed, never followed.

    Raises
    ------
    OSError
        Something in it cannot be removed.
    """
    with _opened(path.parent) as folder:
        if _is_folder(path.name, folder):
            shutil.rmtree(path.name, dir_fd=folder)


@contextlib.contextmanager
def _opened(folder: Path | str, parent: int | None = None) -> Iterator[int]:
    try:
        fd = os.open(folder, _FOLDER, dir_fd=parent)
    except FileNotFoundError as error:
        raise RunNotFound(f"There is no {folder}, and so no run in it.") from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise StoreError(f"{folder} is a link or no folder; it is not followed.") from error
        raise
    try:
        yield fd
    finally:
        os.close(fd)


@contextlib.contextmanager
def _layer(store: int, n: int) -> Iterator[int]:
    """Open the n-th folder of the trash, made where it is missing."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(TRASH, 0o700, dir_fd=store)
    with _opened(TRASH, store) as top:
        if n == 1:
            yield top
            return
        with contextlib.suppress(FileExistsError):
            os.mkdir(f"~{n}", 0o700, dir_fd=top)
        with _opened(f"~{n}", top) as inner:
            yield inner


def _path_of(store: Path, n: int) -> Path:
    return store / TRASH if n == 1 else store / TRASH / f"~{n}"


def _is_folder(name: str, parent: int) -> bool:
    try:
        info = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISDIR(info.st_mode)


def _moved(name: str, source: int, target: int) -> bool:
    """Move a folder, or return ``False`` where something of that name stands there."""
    with contextlib.suppress(FileNotFoundError):
        os.stat(name, dir_fd=target, follow_symlinks=False)
        return False
    try:
        os.rename(name, name, src_dir_fd=source, dst_dir_fd=target)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR):
            return False
        raise
    return True
