"""Hashes of files that were taken before, for all runs of a user."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import threading
from pathlib import Path
from typing import Final

from runfolio.capture.data_hash import Stamp

__all__ = ["FileHashes"]

_NAME: Final = "hashes.sqlite"
# Some million files; to count them took longer than to hash those that are new.
_MOST_PAGES: Final = 50_000
_PAGES: Final = "SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count"
_MOST_AT_ONCE: Final = 200_000
# Of names that are no UTF-8.
_UNWRITABLE: Final = re.compile("[\ud800-\udfff]")
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS hashes (path TEXT PRIMARY KEY, device INTEGER, inode INTEGER,"
    " size INTEGER, mtime_ns INTEGER, hash TEXT) WITHOUT ROWID"
)
# A busy disk or another process must not hold a training up: without it, a file is hashed again.
_PATIENCE_S: Final = 0.2
_ROW: Final = "(?, ?, ?, ?, ?, ?)"
# Rows in one statement: one a statement takes half as long again. And in one transaction.
_AT_ONCE, _MANY = 100, 1_000


class FileHashes:
    """A small table in the user's cache folder; whatever fails there, files are hashed again.

    Parameters
    ----------
    folder : Path, optional
        Where it lies; ``None`` for the user's cache folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._base: sqlite3.Connection | None = None
        self._fails = False
        self._new: list[tuple[Stamp, str]] = []
        self._folder_asked = ""
        self._of_folder: dict[str, tuple[Stamp, str]] = {}

    def look_up(self, folder: str) -> None:
        """Get all hashes of a folder's files at once: one by one they take ten times as long."""
        with self._lock, contextlib.suppress(sqlite3.Error, UnicodeError):
            base = self._open()
            if base is None:
                return
            start = folder.rstrip(os.sep)
            rows = base.execute(
                "SELECT path, device, inode, size, mtime_ns, hash FROM hashes WHERE path >= ? AND path < ?"
                " LIMIT ?", (f"{start}{os.sep}", f"{start}{chr(ord(os.sep) + 1)}", _MOST_AT_ONCE),
            ).fetchall()  # fmt: skip
            self._of_folder = {row[0]: (row[:5], row[5]) for row in rows}
            # Where there are more, those that are not among them are asked for singly.
            self._folder_asked = f"{start}{os.sep}" if len(rows) < _MOST_AT_ONCE else ""

    def may_know(self, path: str) -> bool:
        """Return whether the hash of a file at this path could be known."""
        return path in self._of_folder or not (
            self._folder_asked and path.startswith(self._folder_asked)
        )

    def get(self, stamp: Stamp) -> str | None:
        """Return the hash of a file that has not changed since."""
        found = self._of_folder.get(stamp[0])
        if found is not None and found[0] == stamp:
            return found[1]
        if not self.may_know(stamp[0]):
            return None
        with self._lock, contextlib.suppress(sqlite3.Error, UnicodeError, OverflowError):
            base = self._open()
            if base is not None:
                row = base.execute(
                    "SELECT hash FROM hashes WHERE path = ? AND device = ? AND inode = ? AND size = ?"
                    " AND mtime_ns = ?", stamp,
                ).fetchone()  # fmt: skip
                return row[0] if row else None
        return None

    def put(self, stamp: Stamp, digest: str) -> None:
        """Keep a hash; written with others, at `close` at the latest."""
        # Without the lock, which would take as long: the worst that may come of it is a row lost.
        self._new.append((stamp, digest))
        if len(self._new) >= _MANY:
            with self._lock:
                self._write()

    def close(self) -> None:
        """Write what is new, and let go of the table."""
        with self._lock:
            self._write()
            if self._base is not None:
                self._base.close()
            self._base = None
            self._folder_asked, self._of_folder = "", {}

    def _open(self) -> sqlite3.Connection | None:
        if self._base is None and not self._fails:
            try:
                self._base = self._connect()
            except (sqlite3.Error, OSError) as error:
                self._fails = not self._made_anew(error)
        return self._base

    def _made_anew(self, error: Exception) -> bool:
        """Put a new table in the place of one that is damaged; return whether it is there."""
        if not isinstance(error, sqlite3.DatabaseError) or isinstance(
            error, sqlite3.OperationalError
        ):
            return False  # busy, or no room: another time
        with contextlib.suppress(sqlite3.Error, OSError):
            (self._place() / _NAME).unlink()
            self._base = self._connect()
        return self._base is not None

    def _place(self) -> Path:
        import platformdirs

        return self._folder or Path(platformdirs.user_cache_dir("runfolio"))

    def _connect(self) -> sqlite3.Connection:
        from runfolio.capture.opened import unnoticed

        folder = self._place()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with unnoticed():
            base = sqlite3.connect(
                folder / _NAME, timeout=_PATIENCE_S, check_same_thread=False,
                isolation_level=None,
            )  # fmt: skip
        # A cache need not outlive a power cut: waiting for the disk took longer than to hash again.
        base.execute("PRAGMA synchronous=OFF")
        base.execute("PRAGMA journal_mode=MEMORY")
        base.execute(_TABLE)
        return base

    def _write(self) -> None:
        new, self._new = self._new, []
        with contextlib.suppress(sqlite3.Error, UnicodeError, OverflowError):
            base = self._open() if new else None
            if base is None:
                return
            base.execute("BEGIN IMMEDIATE")
            try:
                if base.execute(_PAGES).fetchone()[0] > _MOST_PAGES:
                    base.execute("DELETE FROM hashes")
                for start in range(0, len(new), _AT_ONCE):
                    some = _writable(new[start : start + _AT_ONCE])
                    if not some:
                        continue
                    rows = ", ".join([_ROW] * len(some))
                    values = [value for stamp, digest in some for value in (*stamp, digest)]
                    base.execute(f"INSERT OR REPLACE INTO hashes VALUES {rows}", values)  # noqa: S608
            finally:
                base.execute("COMMIT")


def _writable(rows: list[tuple[Stamp, str]]) -> list[tuple[Stamp, str]]:
    """Return rows without those whose paths are no UTF-8: one would cost all that go with it."""
    if "".join([stamp[0] for stamp, _ in rows]).isprintable():
        return rows
    return [row for row in rows if not _UNWRITABLE.search(row[0][0])]
