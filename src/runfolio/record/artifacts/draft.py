"""The files of an artifact that is not logged yet: their contents are taken when they are added."""

from __future__ import annotations

import contextlib
import os
import stat
import weakref
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from runfolio import settings
from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.blobs import BlobStore, Staged
from runfolio.format.codec import parse_time
from runfolio.format.piping import SMALL
from runfolio.model.artifact import Entry, Kept, check_paths, folded
from runfolio.record.artifacts.folders import files_below
from runfolio.record.artifacts.whole import GONE, lost_of
from runfolio.record.guard import warn_once
from runfolio.record.values import clean

__all__ = ["Draft", "Item"]

_NAMED: Final = 3


@dataclass(slots=True)
class Item:
    """One file of a draft.

    Attributes
    ----------
    entry : Entry
    staged : Staged or None
        Its content, where it waits in the store.
    local : Path or None
        The user's file.
    """

    entry: Entry
    staged: Staged | None = None
    local: Path | None = None


class Draft:
    """What will be a version.

    Parameters
    ----------
    store : Path or None
        Where contents are taken to; ``None`` where nothing is recorded.
    called : str
        The artifact, as messages name it.

    Attributes
    ----------
    items : dict of str to Item
    missing : dict of str to str
        Files that could not be taken, and why.
    """

    def __init__(self, store: Path | None, called: str) -> None:
        self.called = called
        self.items: dict[str, Item] = {}
        self.missing: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        self._before: dict[str, str] | None = None
        self._made_at: datetime | None = None
        self._blobs = BlobStore(store) if store is not None else None
        self._waiting: dict[Path, Staged] = {}
        weakref.finalize(self, _forget, self._blobs, self._waiting, os.getpid())

    @property
    def records(self) -> bool:
        """Whether contents are taken: nothing is where no run is recorded."""
        return self._blobs is not None

    @property
    def store(self) -> Path:
        """Where its contents lie, or would."""
        return settings.store_dir() if self._blobs is None else self._blobs.root.parent

    @property
    def entries(self) -> list[Entry]:
        """All of it, in order of the paths."""
        return [self.items[path].entry for path in sorted(self.items)]

    def add_file(
        self, source: Path, path: str, *, move: bool = False, overwrite: bool = False
    ) -> Entry:
        """Add a file under a name, as it is now.

        Raises
        ------
        UsageError
            It is no regular file that can be read, the name leads out of the artifact, or another
            content has it.
        """
        check_paths([path])
        self._check_readable(source)
        item = self._taken(source, path, move=move)
        if item is not None:
            self._put(item, overwrite=overwrite)
            return item.entry
        return Entry(path)

    def add_folder(self, folder: Path, prefix: str, *, overwrite: bool = False) -> None:
        """Add all files below a folder; what cannot be kept is told in one warning."""
        left_out: dict[str, str] = {}
        own = self._blobs.root.parent if self._blobs is not None else None
        for found in files_below(folder, own):
            path = f"{prefix}/{found.path}" if prefix else found.path
            why = found.why or self._fault(path)
            if not why:
                try:
                    item = self._item(found.file, path)
                except (OSError, UsageError) as error:
                    why = _why(error)
                else:
                    self._put(item, overwrite=overwrite)
            if why:
                left_out[path or "."] = why
        self.missing |= left_out
        self._tell(folder, left_out)

    def add_entry(self, entry: Entry, *, overwrite: bool = False) -> Entry:
        """Add an address, or a content that the store has already."""
        check_paths([entry.path])
        self._put(Item(entry), overwrite=overwrite)
        return entry

    def remove(self, path: str) -> bool:
        """Take out a file, or all below a folder; return whether there was one."""
        gone = [one for one in self.items if one == path or one.startswith(f"{path}/")]
        for one in gone:
            self._let_go(self.items.pop(one))
            self._folded.pop(folded(one), None)
        return bool(gone)

    def rename(self, path: str, new: str) -> Entry:
        """Give a file of it another name."""
        item = self.items.pop(path)
        self._folded.pop(folded(path), None)
        item.entry = replace(item.entry, path=new)
        self._put(item, overwrite=True)
        return item.entry

    def keep(self, store: BlobStore) -> dict[str, str]:
        """Have all contents in the store, and return which files could not be, and why."""
        items = [item for item in self.items.values() if item.staged is not None]
        staged = [item.staged for item in items if item.staged is not None]
        if self._blobs is not None and self._blobs.root != store.root:
            done = store.add_all([one.temp for one in staged])  # the run has a store of its own
            self._forget_given(staged, done)
        else:
            done = store.place(staged)
        for item, one in zip(items, done, strict=True):
            self._let_go(item)
            item.staged = None
            if isinstance(one, Exception):
                self.missing[item.entry.path] = _why(one)
                del self.items[item.entry.path]
        for path in lost_of(self.entries, store):
            self.missing[path] = GONE
            del self.items[path]
        return self.missing

    # How a content is taken --------------------------------------------------------------------

    def _taken(self, source: Path, path: str, *, move: bool) -> Item | None:
        try:
            item = self._item(source, path, move=move)
        except (OSError, UsageError) as error:
            if settings.flag("strict"):
                raise
            self.missing[path] = _why(error)
            warn_once(
                f"artifact file {path}",
                f"Artifact {self.called!r}: the file {str(source)!r} is not kept: {_why(error)}. The rest "
                "of it is, and the run says what is missing.",
            )
            return None
        self.missing.pop(path, None)
        return item

    def _item(self, source: Path, path: str, *, move: bool = False) -> Item:
        """Return a file with its content taken."""
        from runfolio.capture.opened import unnoticed

        if self._blobs is None:
            return Item(Entry(path, size=source.stat().st_size), local=source)
        with unnoticed():  # it is no data that the run reads
            try:
                staged = self._blobs.stage(source, move=move, likely=self._likely(source, path))
            except UsageError:  # it changed meanwhile: a program may be done with it by now
                staged = self._blobs.stage(source, move=move)
        self._waiting[staged.temp] = staged
        return Item(Entry(path, staged.kept.blake3, staged.kept.size), staged, source)

    def _likely(self, source: Path, path: str) -> str:
        """Return the hash of a large file that was not written to since the version before; or ''.

        A guess: it is hashed again. Of a file that is written anew each time that would be in vain.
        """
        info = source.stat()
        if self._blobs is None or info.st_size <= SMALL:
            return ""
        if self._before is None:
            self._before = {}
            with contextlib.suppress(CorruptRecord, OSError, UsageError, IndexError):
                versions = ArtifactVersions(self._blobs.root.parent, self.called)
                last = versions.read(versions.numbers()[-1])
                self._before = {entry.path: entry.blake3 for entry in last.entries}
                self._made_at = parse_time(last.created_at)
        made = self._made_at
        is_old = made is not None and info.st_mtime < made.timestamp()
        return self._before.get(path, "") if is_old else ""

    def _check_readable(self, source: Path) -> None:
        try:
            info = source.stat()
        except OSError as error:
            raise UsageError(
                f"Artifact {self.called!r}: there is no file {str(source)!r} to add."
            ) from error
        if not stat.S_ISREG(info.st_mode):
            raise UsageError(
                f"Artifact {self.called!r}: {str(source)!r} is no file with a content; add_dir() adds a "
                "folder."
            )
        if not os.access(source, os.R_OK):
            raise UsageError(
                f"Artifact {self.called!r}: {str(source)!r} cannot be read; it is locked."
            )

    def _fault(self, path: str) -> str:
        try:
            check_paths([path])
        except UsageError:
            return "its name cannot be kept on every system"
        other = self._folded.get(folded(path), path)
        return f"{other!r} is the same name on some systems" if other != path else ""

    def _put(self, item: Item, *, overwrite: bool) -> None:
        path = item.entry.path
        before = self.items.get(path)
        if before is not None:
            if before.entry != item.entry and not overwrite:
                self._let_go(item)
                raise UsageError(
                    f"Artifact {self.called!r}: {path!r} was added with another content; give "
                    "overwrite=True, or remove() it first."
                )
            self._let_go(before)
        self.items[path] = item
        self._folded.setdefault(folded(path), path)

    def _let_go(self, item: Item) -> None:
        staged = item.staged
        if staged is not None and staged.temp in self._waiting and self._blobs is not None:
            del self._waiting[staged.temp]
            self._blobs.forget([staged])

    def _forget_given(self, staged: Iterable[Staged], done: Iterable[Kept | Exception]) -> None:
        for one, kept in zip(staged, done, strict=True):
            if isinstance(kept, Kept) and one.given is not None:
                one.given.unlink(missing_ok=True)

    def _tell(self, folder: Path, left_out: dict[str, str]) -> None:
        if not left_out:
            return
        named = ", ".join(
            f"{clean(path)!r} ({why})" for path, why in list(left_out.items())[:_NAMED]
        )
        more = len(left_out) - _NAMED
        warn_once(
            f"artifact folder {folder}",
            f"Artifact {self.called!r}: of the folder {str(folder)!r} is left out: {named}"
            + (f", and {more:,} more" if more > 0 else "")
            + ". The run says which.",
        )


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return str(error.strerror or error)
    return str(error).partition("; ")[0].rstrip(".")


def _forget(blobs: BlobStore | None, waiting: dict[Any, Staged], pid: int) -> None:
    # A forked child has a copy of this object, and not of the files.
    if blobs is not None and os.getpid() == pid:
        blobs.forget(waiting.values())
