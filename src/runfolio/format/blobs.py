"""Contents of a store: each lies once, under its hash, read-only; ``.blobs/<aa>/<blake3>``.

A user's file is read once: of a large one the copy is hashed as it is written. Where the file
system can share blocks, the copy is made first and hashed then. Of a content that is there already
no copy is made where that is seen in time. A hard link to a user's file is made only of one that is
given away: the next ``open(path, "wb")`` would overwrite the record.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runfolio.errors import UsageError
from runfolio.format.content_stamp import Stamp, stamp_of
from runfolio.format.disk import NO_LINK, Disk
from runfolio.format.taking import Taking, hash_of
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


def is_file_with(path: Path, digest: str, size: int) -> bool:
    """Return whether a regular file lies there with this content."""
    try:
        return _is_of_size(path, size) and hash_of(path) == digest
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

    Attributes
    ----------
    made : dict of str to Stamp
        Contents that were new when this object gave them their names; see `letting_go`.
    """

    def __init__(self, store: Path, files: BlobFiles | None = None) -> None:
        self.root = store / FOLDER
        self._files = files or Disk()
        self._taking = Taking(self._files, self._young)
        self.made: dict[str, Stamp] = {}

    def path_of(self, digest: str) -> Path:
        """Return where the content of this hash lies, if it does.

        Raises
        ------
        UsageError
            It is no hash: a name out of somebody's file leads nowhere else.
        """
        if not is_digest(digest):
            raise UsageError(f"{digest[:80]!r} is no blake3 hash; expected 64 hexadecimal digits.")
        # At once: joined part by part a path takes three times as long, and there are thousands.
        return Path(f"{self.root}{os.sep}{digest[:2]}{os.sep}{digest}")

    def holds(self, digest: str, size: int) -> bool:
        """Return whether a content is there, with so many bytes."""
        return _is_of_size(self.path_of(digest), size)

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

    def stage(self, source: Path, *, move: bool = False, likely: str = "") -> Staged:
        """Take the content of a file as it is now; it is kept once it is placed.

        Parameters
        ----------
        likely : str
            The hash it had before: where it is the same again, a large file is not copied.

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
            kept = self._taking.take(source, temp, move=move, likely=likely)
            return Staged(temp, kept, source if move else None)
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

    def _place(self, staged: Staged) -> Kept | Exception:
        """Give a file its name, on stable storage."""
        kept = staged.kept
        try:
            if self._has(kept):
                return Kept(kept.blake3, kept.size, "there")
            temp = _read_only(staged.temp)
            fd = os.open(temp, os.O_RDONLY)
            try:
                self._files.fsync(fd)
            finally:
                os.close(fd)
            self._name(temp, kept)
            self._files.adopt(temp, self._room_for(kept))
        except OSError as error:
            return error
        return kept

    def _place_all(self, staged: Sequence[Staged]) -> Iterator[Kept | Exception]:
        """Give many files their names: two syncs for all of them together."""
        if all(self._has(one.kept) for one in staged):
            yield from (Kept(one.kept.blake3, one.kept.size, "there") for one in staged)
            return
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
                    temp = _read_only(one.temp)
                    if not self._name(temp, one.kept):
                        self._files.move(temp, self._room_for(one.kept))
                    placed.append(one.kept)
            except OSError as error:
                placed.append(error)
        self._files.settle(self.root)
        yield from placed

    def _name(self, temp: Path, kept: Kept) -> bool:
        """Give a content its name unless it is taken meanwhile, and return whether it has it now.

        Of two processes that keep one content at the same moment one makes it, and the other asks.
        """
        path = self._room_for(kept)
        try:
            self._files.link(temp, path)
        except FileExistsError:
            return self._has(kept)
        except OSError as error:
            if error.errno not in NO_LINK:
                raise
            return False
        stamp = stamp_of(path)
        if stamp is not None:
            self.made[kept.blake3] = stamp
        return True

    def _room_for(self, kept: Kept) -> Path:
        path = self.path_of(kept.blake3)
        path.parent.mkdir(exist_ok=True)
        return path

    def _young(self, kept: Kept) -> Path | None:
        return self.path_of(kept.blake3) if self._has(kept) else None

    def _has(self, kept: Kept) -> bool:
        """Return whether a content is there and young again; what cannot be made so is kept anew."""
        try:
            return self._touched(kept.blake3, kept.size, strict=True)
        except OSError:
            return False

    def _touched(self, digest: str, size: int, *, strict: bool = False) -> bool:
        path = self.path_of(digest)
        if not _is_of_size(path, size):
            return False
        # What is new is young, and as long as nobody else has asked for it, it can be let go at once.
        own = None if strict else self.made.get(digest)
        if own is not None and own == stamp_of(path):
            return True
        # Young again: whoever sweeps leaves what has just been asked for.
        try:
            os.utime(path)
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


def _is_of_size(path: Path, size: int) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == size


def _read_only(path: Path) -> Path:
    # A file system without such bits keeps the content all the same.
    with contextlib.suppress(OSError):
        path.chmod(0o444)
    with contextlib.suppress(OSError):
        # A second ago: whoever asks for it in this very moment changes that.
        now = time.time_ns() - 10**9
        os.utime(path, ns=(now, now))
    return path


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _give_up(staged: Sequence[Staged], done: Sequence[Kept | Exception]) -> None:
    """Remove what was given away and is in the store now; last, so that a kill loses nothing."""
    for one, kept in zip(staged, done, strict=True):
        if isinstance(kept, Kept) and one.given is not None:
            _remove(one.given)
