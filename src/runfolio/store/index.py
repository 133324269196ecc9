"""The index of a store: what its records say, in one SQLite file of the user's cache folder.

It is never the truth. Each row holds for the stamp of a run's files that it was read under, and
for nothing else; a row that is not as it was written is none. Whatever fails here, the folders
are read: a slower answer, never another one.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import sqlite3
import time
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypeAlias

import runfolio.format
import runfolio.model
from runfolio import settings
from runfolio.store.packing import MAX_BYTES, Packed

__all__ = ["Index", "Row", "remove_forgotten"]

SCHEMA: Final = 2
"""To be raised where a row would mean something else than before."""

_APPLICATION: Final = 0x666F6C69  # "foli"
_TABLES: Final = {
    # What is said of the metrics of a run: the same for most, under the hash of its own content.
    "outlines": "CREATE TABLE outlines (digest BLOB PRIMARY KEY, defined BLOB)",
    "runs": (
        "CREATE TABLE runs (id TEXT PRIMARY KEY, stamp BLOB, crc INTEGER, status TEXT,"
        " created_us INTEGER, head BLOB, config BLOB, outline BLOB, figures BLOB, rest_crc INTEGER,"
        " summaries BLOB, rest BLOB)"
    ),
    "store": "CREATE TABLE store (path BLOB)",
}
_INSERT: Final = "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ENTRIES: Final = [
    ("index", "sqlite_autoindex_outlines_1", None),
    ("index", "sqlite_autoindex_runs_1", None),
    *(("table", name, sql) for name, sql in _TABLES.items()),
]
# Past the constructor with names, ten thousand times in a refresh.
_MADE: Final = tuple.__new__
# Readers meet a lock only where somebody opens after a kill, or closes as the last one.
_PATIENCE_S: Final = 0.2
_MOST: Final = 1_000_000
_NAME: Final = re.compile(r"[0-9a-f]{32}\.sqlite")

FORGOTTEN_S: Final = 30 * 86_400
"""So long an index outlives its store: a disk may be away for a while."""

# Busy, read-only, full, not to be opened: the index may be as sound as ever.
_FAILURES: Final = (sqlite3.OperationalError, OSError, OverflowError, UnicodeError, MemoryError)


class _NotOurs(Exception):
    """What stands where the index should is damaged, another release's, or somebody else's."""


Row: TypeAlias = tuple[bytes, Packed]
"""What the files of a run looked like when it was read, and its record in pieces."""


class Index:
    """The index of one store; nothing here raises, and nothing waits for another process.

    Parameters
    ----------
    store : Path
        The store's folder; links to it lead to the same index.
    folder : Path, optional
        Where indexes lie; ``None`` for none.
    """

    def __init__(self, store: Path, folder: Path | None) -> None:
        self._store = os.fsencode(os.path.realpath(store))
        self.file = None if folder is None else folder / f"{_key(self._store)}.sqlite"
        self._is_damaged = False
        self._unused: set[bytes] = set()

    @classmethod
    def of(cls, store: Path) -> Index:
        """Return the index of a store, where the settings say it is."""
        return cls(store, settings.index_dir())

    def load(self) -> dict[str, Row]:
        """Return all rows that are as they were written, by the id of their run."""
        if self.file is None or not self.file.is_file():
            return {}
        try:
            with contextlib.suppress(*_FAILURES):
                found, self._unused = _rows(self.file)
                return found
        except sqlite3.DatabaseError:
            self._is_damaged = True
        return {}

    def update(
        self, changed: Iterable[tuple[str, bytes, Packed | None]], gone: Iterable[str] = ()
    ) -> None:
        """Write rows anew and take others away: all of it, or nothing where that is not possible.

        Parameters
        ----------
        changed : iterable of tuple
            Id, stamp and pieces; taken from only where the index can be written. A run without
            pieces has no row.
        gone : iterable of str
            Ids.
        """
        if self.file is None:
            return
        with contextlib.suppress(*_FAILURES):
            if self._is_damaged:
                _remove(self.file)
            self._is_damaged = False
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with contextlib.closing(_writable(self.file, self._store)) as base:
                    _write(base, changed, gone, self._unused)
                remove_forgotten(self.file.parent)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                _remove(self.file)  # the next refresh makes it anew

    def remove(self) -> None:
        """Delete the index; the next refresh makes it anew."""
        if self.file is not None:
            _remove(self.file)

    def fault(self) -> str:
        """Return why the index cannot be used or written as it is; empty where it can.

        Runs are listed all the same, from their folders.
        """
        if self.file is None:
            return ""
        folder = next(one for one in (self.file, *self.file.parents) if one.exists())
        if not os.access(folder, os.W_OK):
            return f"{'it' if folder == self.file else 'its folder'} cannot be written"
        if folder != self.file:
            return "" if folder.is_dir() else f"{folder} is not a folder"
        try:
            return _fault(self.file)
        except sqlite3.OperationalError as error:
            return f"it cannot be opened now: {error}"
        except (sqlite3.DatabaseError, *_FAILURES) as error:
            return f"it is damaged and will be made anew: {error}"

    def size_bytes(self) -> int | None:
        """Return how large it is, or ``None`` where there is none."""
        if self.file is None:
            return None
        try:
            return self.file.stat().st_size
        except OSError:
            return None


def _write(
    base: sqlite3.Connection,
    changed: Iterable[tuple[str, bytes, Packed | None]],
    gone: Iterable[str],
    unused: Iterable[bytes],
) -> None:
    base.execute("BEGIN IMMEDIATE")
    base.executemany("DELETE FROM runs WHERE id = ?", ((name,) for name in gone))
    base.executemany(
        "DELETE FROM outlines WHERE digest = ? AND digest NOT IN (SELECT outline FROM runs)",
        ((digest,) for digest in unused),
    )
    digests: dict[bytes, bytes] = {}
    for name, stamp, packed in changed:
        if packed is None:
            continue
        piece = packed.defined
        if piece not in digests:
            digests[piece] = _digest(piece)
            base.execute("INSERT OR REPLACE INTO outlines VALUES (?, ?)", (digests[piece], piece))
        p = packed._replace(defined=digests[piece])
        about = name, p.status, p.created_us, p.crc
        crc = _crc(about, stamp, p.head, p.config, p.defined, p.figures)
        base.execute(_INSERT, (name, stamp, crc, *p))
    base.execute("COMMIT")


def _rows(file: Path) -> tuple[dict[str, Row], set[bytes]]:
    """Return the rows that are as they were written, and the outlines that none of them has."""
    found: dict[str, Row] = {}
    with contextlib.closing(_connect(file)) as base:
        if not _is_ours(base):
            return found, set()
        base.execute("BEGIN")  # both tables as one refresh left them
        outlines = base.execute("SELECT * FROM outlines LIMIT ?", (_MOST,))
        defined = {key: of for key, of in outlines if type(of) is bytes and key == _digest(of)}
        used = set()
        rows = base.execute("SELECT * FROM runs LIMIT ?", (_MOST,))
        for name, stamp, crc, status, us, head, config, outline, figures, of_rest, *rest in rows:
            about = name, status, us, of_rest
            try:
                if crc == _crc(about, stamp, head, config, outline, figures):
                    pieces = (status, us, head, config, defined[outline], figures, of_rest, *rest)
                    found[name] = stamp, _MADE(Packed, pieces)
                    used.add(outline)
            except (KeyError, TypeError):  # other types than were written
                continue
    return found, defined.keys() - used


def _fault(file: Path) -> str:
    with contextlib.closing(_connect(file)) as base:
        if not _is_ours(base):
            return "another release made it, or something else; it will be made anew"
        base.execute("BEGIN IMMEDIATE")
        base.execute("ROLLBACK")
        written = int(base.execute("SELECT count(*) FROM runs").fetchone()[0])
        damaged = written - len(_rows(file)[0])
    return f"{damaged} of its {written} rows are damaged; their runs are read" if damaged else ""


def remove_forgotten(folder: Path, *, older_than_s: float = FORGOTTEN_S) -> None:
    """Delete the indexes of stores that are gone and that nobody has written for a month."""
    for file in folder.glob("*.sqlite"):
        with contextlib.suppress(sqlite3.DatabaseError, *_FAILURES):
            written_s = max(one.stat().st_mtime for one in folder.glob(f"{file.name}*"))
            if _NAME.fullmatch(file.name) and time.time() - written_s > older_than_s:
                store = _store_of(file)
                if store is not None and not Path(os.fsdecode(store)).is_dir():
                    _remove(file)


def _store_of(file: Path) -> bytes | None:
    with contextlib.closing(_connect(file)) as base:
        if base.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            return None
        (path,) = base.execute("SELECT path FROM store").fetchone() or (None,)
        return path if type(path) is bytes else None


def _writable(file: Path, store: bytes) -> sqlite3.Connection:
    """Return a connection to an index of ours; what stands in its place is put away first."""
    with contextlib.suppress(_NotOurs):
        return _made(file, store)
    _remove(file)
    return _made(file, store)


def _made(file: Path, store: bytes) -> sqlite3.Connection:
    base = _connect(file)
    try:
        if _is_new(base):
            _make_tables(base, store)
        if _is_ours(base):
            return base
    except sqlite3.OperationalError:  # busy, read-only, full: it may be as sound as ever
        base.close()
        raise
    except sqlite3.DatabaseError:  # damaged, or never was one
        pass
    base.close()
    raise _NotOurs


def _remove(file: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{file}{ending}").unlink(missing_ok=True)


def _key(store: bytes) -> str:
    import blake3

    return blake3.blake3(store).hexdigest(16)


def _connect(file: Path) -> sqlite3.Connection:
    from runfolio.capture.opened import unnoticed

    with unnoticed():
        base = sqlite3.connect(file, timeout=_PATIENCE_S, isolation_level=None)
    try:
        base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2 * MAX_BYTES)
        base.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0",
                       # A power cut may spoil a row, whose checksum tells; it is no record.
                       "synchronous = OFF"):  # fmt: skip
            base.execute(f"PRAGMA {pragma}")
    except BaseException:
        base.close()
        raise
    return base


def _is_ours(base: sqlite3.Connection) -> bool:
    """Return whether this runfolio made the tables, and nobody added to them."""
    marks = [
        base.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    ]
    entries = base.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name LIMIT 9")
    return marks == [_APPLICATION, _version()] and entries.fetchall() == _ENTRIES


def _is_new(base: sqlite3.Connection) -> bool:
    return not base.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _make_tables(base: sqlite3.Connection, store: bytes) -> None:
    base.execute("PRAGMA page_size = 65536")
    base.execute("PRAGMA journal_mode = WAL")  # who reads sees the last whole refresh meanwhile
    base.execute("BEGIN IMMEDIATE")
    if _is_new(base):  # nobody was faster
        for statement in _TABLES.values():
            base.execute(statement)
        base.execute("INSERT INTO store VALUES (?)", (store,))
        base.execute(f"PRAGMA application_id = {_APPLICATION}")
        base.execute(f"PRAGMA user_version = {_version()}")
    base.execute("COMMIT")


@functools.cache
def _version() -> int:
    """Return a number that another release, which may read a run otherwise, has not."""
    folders = (*runfolio.format.__path__, *runfolio.model.__path__, str(Path(__file__).parent))
    sizes = sorted(
        (entry.name, entry.stat().st_size)
        for folder in folders
        for entry in os.scandir(folder)
        if entry.name.endswith(".py")
    )
    return zlib.crc32(repr((SCHEMA, sizes)).encode()) >> 1


def _digest(piece: bytes) -> bytes:
    import blake3

    return blake3.blake3(piece).digest(16)


def _crc(about: tuple[str, str, int | None, int], *pieces: bytes) -> int:
    """Return the checksum of what a list of runs is made from; the rest has its own."""
    name, status, us, of_rest = about
    said = f"{name} {status} {us} {of_rest}".encode("utf-8", "surrogatepass")
    return zlib.crc32(b"\n".join((said, *pieces)))
