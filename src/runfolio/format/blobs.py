"""Contents of a store: each lies once, under its hash, read-only; ``.blobs/<aa>/<blake3>``.

A file is read once: what is hashed is what is written. Where the file system can share blocks,
the copy is made first and hashed then. A hard link to a user's file is made only of one that is
given away: the next ``open(path, "wb")`` would overwrite the record.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runfolio._hashing import hasher
from runfolio.errors import UsageError
from runfolio.format.disk import NO_LINK, Disk
from runfolio.format.piping import copy_hashed
from runfolio.model.artifact import Kept
from runfolio.model.ports import BlobFiles

__all__ = [
    "ASIDE",
    "FOLDER",
    "NO_LINK",
    "BlobStore",
    "Staged",
    "hash_of",
    "is_digest",
    "is_file_with",
]

FOLDER: Final = ".blobs"
"""Name of the folder in a store."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")
_READ: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
# So many files wait for one sync of the file system; fewer are synced one by one.
_PORTION: Final = 2000
_FEW: Final = 8
# A content that one sweep puts back another may have moved aside before it is looked for again.
_ROUNDS: Final = 3
ASIDE: Final = re.compile(r"\.gone\.(?P<digest>[0-9a-f]{64})\.(?P<pid>[0-9]{1,9})-[0-9a-f]+\Z")
"""Name of a content that a sweep has moved aside and not decided on yet."""


def is_digest(text: str) -> bool:
    """Return whether a text is a hash as contents are named by."""
    return _DIGEST.match(text) is not None


def hash_of(path: Path) -> str:
    """Return the hash of one of the store's own files, which nobody cuts short.

    Raises
    ------
    OSError
        It cannot be read.
    """
    into = hasher()
    into.update_mmap(path)
    return into.hexdigest()


def is_file_with(path: Path, digest: str, size: int) -> bool:
    """Return whether a regular file lies there with this content."""
    try:
        found = path.lstat()
        return stat.S_ISREG(found.st_mode) and found.st_size == size and hash_of(path) == digest
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Staged:
    """A content that was taken and waits for its name.

    Attributes
    ----------
    temp : Path
        Where it waits, in the store.
    kept : Kept
    given : Path or None
        The file that was given away for it, gone once it is kept.
    """

    temp: Path
    kept: Kept
    given: Path | None = None


class BlobStore:
    """The contents of a store; the `Blobs` port on a disk.

    Parameters
    ----------
    store : Path
    files : BlobFiles, optional
        How the disk is reached.
    """

    def __init__(self, store: Path, files: BlobFiles | None = None) -> None:
        self.root = store / FOLDER
        self._files = files or Disk()
        self._unshared: set[int] = set()

    def path_of(self, digest: str) -> Path:
        """Return where the content of this hash lies, if it does.

        Raises
        ------
        UsageError
            It is no hash: a name out of somebody's file leads nowhere else.
        """
        if not is_digest(digest):
            raise UsageError(f"{digest[:80]!r} is no blake3 hash; expected 64 hexadecimal digits.")
        return self.root / digest[:2] / digest

    def holds(self, digest: str, size: int) -> bool:
        """Return whether a content is there, with so many bytes."""
        try:
            found = self.path_of(digest).lstat()
        except OSError:
            return False
        return stat.S_ISREG(found.st_mode) and found.st_size == size

    def add(self, source: Path, *, move: bool = False) -> Kept:
        """Keep the content of a file; see `Blobs.add`.

        Raises
        ------
        UsageError
            It is no regular file, or changed meanwhile; nothing is kept then.
        OSError
            It cannot be read, or there is no room for it.
        """
        (done,) = self.add_all([source], move=move)
        if isinstance(done, Exception):
            raise done
        return done

    def add_all(self, sources: Sequence[Path], *, move: bool = False) -> list[Kept | Exception]:
        """Keep many files; what became of each, in their order."""
        done: list[Kept | Exception] = []
        for begin in range(0, len(sources), _PORTION):
            staged = [self._tried(one, move=move) for one in sources[begin : begin + _PORTION]]
            placed = iter(self.place([one for one in staged if isinstance(one, Staged)]))
            done += [next(placed) if isinstance(one, Staged) else one for one in staged]
        return done

    def _tried(self, source: Path, *, move: bool) -> Staged | Exception:
        try:
            return self.stage(source, move=move)
        except (OSError, UsageError) as error:
            return error

    def stage(self, source: Path, *, move: bool = False) -> Staged:
        """Take the content of a file as it is now; it is kept once it is placed.

        Raises
        ------
        UsageError
            It is no regular file, or changed meanwhile.
        OSError
            It cannot be read, or there is no room for it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        temp = self._new_name()
        try:
            return Staged(temp, self._take(source, temp, move=move), source if move else None)
        except BaseException:
            _remove(temp)
            raise

    def place(self, staged: Sequence[Staged]) -> list[Kept | Exception]:
        """Keep what was taken, on stable storage; what became of each, in their order."""
        done: list[Kept | Exception] = []
        for begin in range(0, len(staged), _PORTION):
            portion = staged[begin : begin + _PORTION]
            try:
                if len(staged) <= _FEW:
                    placed = [self._place(one) for one in portion]
                else:
                    placed = list(self._place_all(portion))
            finally:
                self.forget(portion)
            _give_up(portion, placed)
            done += placed
        return done

    def ask(self, wanted: Mapping[str, int]) -> set[str]:
        """Return which contents are not there, and have whoever sweeps leave the others for a while.

        What a sweep has moved aside is taken back.

        Parameters
        ----------
        wanted : mapping of str to int
            Hash → size in bytes.

        Notes
        -----
        A sweep that does not know a version yet may be at its contents while the version is made.
        Whoever asks once the version is there finds each content in its place, aside, or gone.
        """
        missing = {
            digest: size for digest, size in wanted.items() if not self._touched(digest, size)
        }
        for _ in range(_ROUNDS):
            if not missing:
                break
            for path in self._entries():
                aside = ASIDE.match(path.name)
                if aside is not None and aside["digest"] in missing:
                    with contextlib.suppress(OSError):  # put back or removed just now
                        self.put_back(path)
            missing = {d: size for d, size in missing.items() if not self._touched(d, size)}
        return set(missing)

    def put_aside(self, path: Path) -> Path:
        """Move a content out of its place, from where `put_back` and `ask` take it back.

        Raises
        ------
        OSError
            It is not there, or cannot be moved.
        """
        aside = self.root / f".gone.{path.name}.{os.getpid()}-{os.urandom(3).hex()}"
        path.replace(aside)
        return aside

    def put_back(self, aside: Path) -> None:
        """Give a content that was moved aside its place again, unless it was kept anew meanwhile.

        Raises
        ------
        OSError
            It is not there any more, or cannot be moved.
        """
        path = self.path_of(aside.name.split(".")[2])
        path.parent.mkdir(exist_ok=True)
        try:
            self._files.link(aside, path)
        except FileExistsError:
            pass
        except OSError as error:
            if error.errno not in NO_LINK:
                raise
            if not path.exists():
                aside.replace(path)
                return
        aside.unlink(missing_ok=True)

    def forget(self, staged: Iterable[Staged]) -> None:
        """Let go of what was taken and is not wanted any more."""
        for one in staged:
            _remove(one.temp)

    def _new_name(self) -> Path:
        return self.root / f".new.{os.getpid()}-{os.urandom(6).hex()}.tmp"

    def _take(self, source: Path, temp: Path, *, move: bool) -> Kept:
        """Make `temp` a file with the content of the user's, and return its hash."""
        fd = os.open(source, _READ)
        try:
            before = os.fstat(fd)
            if not stat.S_ISREG(before.st_mode):
                raise UsageError(f"{str(source)!r} is no regular file; only such are kept.")
            if move and before.st_nlink == 1 and self._linked(source, temp):
                kept = Kept(hash_of(temp), before.st_size, "moved")
            elif self._shared(source, before.st_dev, temp):
                kept = Kept(hash_of(temp), temp.stat().st_size, "shared")
            else:
                kept = self._copied(fd, before.st_size, temp)
            after = os.fstat(fd)
        finally:
            os.close(fd)
        same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
        if not same or kept.size != before.st_size:
            raise UsageError(
                f"{str(source)!r} changed while it was kept, so it is not; log it again when it is "
                "written to the end."
            )
        return kept

    def _linked(self, source: Path, temp: Path) -> bool:
        try:
            self._files.link(source, temp)
        except OSError as error:
            if error.errno in NO_LINK:
                return False
            raise
        return True

    def _shared(self, source: Path, device: int, temp: Path) -> bool:
        if device in self._unshared:
            return False
        if self._files.share(source, temp):
            return True
        temp.unlink(missing_ok=True)
        self._unshared.add(device)
        return False

    def _copied(self, fd: int, size: int, temp: Path) -> Kept:
        new = self._files.create(temp)
        try:
            digest, size = copy_hashed(fd, size, new, self._files)
        finally:
            self._files.close(new)
        return Kept(digest, size, "copied")

    def _place(self, staged: Staged) -> Kept | Exception:
        """Give a file its name, on stable storage."""
        kept = staged.kept
        try:
            if self._has(kept):
                return Kept(kept.blake3, kept.size, "there")
            self._files.adopt(_read_only(staged.temp), self._room_for(kept))
        except OSError as error:
            return error
        return kept

    def _place_all(self, staged: Sequence[Staged]) -> Iterator[Kept | Exception]:
        """Give many files their names: two syncs for all of them together."""
        try:
            self._files.settle(self.root)
        except OSError as error:
            yield from [error] * len(staged)
            return
        placed: list[Kept | Exception] = []
        for one in staged:
            try:
                if self._has(one.kept):
                    placed.append(Kept(one.kept.blake3, one.kept.size, "there"))
                else:
                    self._files.move(_read_only(one.temp), self._room_for(one.kept))
                    placed.append(one.kept)
            except OSError as error:
                placed.append(error)
        self._files.settle(self.root)
        yield from placed

    def _room_for(self, kept: Kept) -> Path:
        path = self.path_of(kept.blake3)
        path.parent.mkdir(exist_ok=True)
        return path

    def _has(self, kept: Kept) -> bool:
        """Return whether a content is there and young again; what cannot be made so is kept anew."""
        try:
            return self._touched(kept.blake3, kept.size, strict=True)
        except OSError:
            return False

    def _touched(self, digest: str, size: int, *, strict: bool = False) -> bool:
        if not self.holds(digest, size):
            return False
        # Young again: whoever sweeps leaves what has just been asked for.
        try:
            os.utime(self.path_of(digest))
        except FileNotFoundError:
            return False
        except OSError:  # a colleague's, or the disk is read-only: it is there all the same
            if strict:
                raise
        return True

    def _entries(self) -> list[Path]:
        try:
            return list(self.root.iterdir())
        except OSError:
            return []


def _read_only(path: Path) -> Path:
    # A file system without such bits keeps the content all the same.
    with contextlib.suppress(OSError):
        path.chmod(0o444)
    with contextlib.suppress(OSError):
        os.utime(path)
    return path


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _give_up(staged: Sequence[Staged], done: Sequence[Kept | Exception]) -> None:
    """Remove what was given away and is in the store now; last, so that a kill loses nothing."""
    for one, kept in zip(staged, done, strict=True):
        if isinstance(kept, Kept) and one.given is not None:
            _remove(one.given)
