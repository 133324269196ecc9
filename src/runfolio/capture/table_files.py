"""Tables in files, read by DuckDB, which reaches these files and nothing else.

No extension is loaded or fetched, memory and time are bounded, and what does not fit is put into
a folder that goes with the engine. Columns are called ``c0``, ``c1`` … inside: what a file calls
them never becomes part of a statement.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from runfolio.capture.interruption import interrupted_at
from runfolio.errors import UsageError

__all__ = ["MOST_FILES", "Table", "TableFiles", "TableGroup", "form_of", "grouped"]

_FORMS: Final = {
    ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".pq": "parquet", ".json": "json",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".arrow": "arrow", ".feather": "arrow",
}  # fmt: skip
# For what cannot be read as it is said to be: all texts, and lines that are none left out.
_LAX: Final = {
    "csv": "all_varchar=true, strict_mode=false, null_padding=true, ignore_errors=true",
    "jsonl": "ignore_errors=true",
}
_PACKED: Final = (".gz", ".zst")
_DIGITS: Final = re.compile("[0-9]+")
_MEMORY: Final = 1 << 30
_SPILL: Final = 16 << 30
_THREADS: Final = 4
_LONG: Final = 200
_NOTE: Final = ".table.json"

MOST_FILES: Final = 1000
"""More are not read as one table."""


@dataclass(frozen=True, slots=True)
class TableGroup:
    """Files that are one table, such as ``part-0.parquet`` and ``part-1.parquet``.

    Attributes
    ----------
    name : str
        Of one file its path, of several with ``*`` for the numbers in them.
    form : str
        ``csv``, ``parquet``, ``json``, ``jsonl`` or ``arrow``.
    paths : tuple of str
        Inside the artifact.
    """

    name: str
    form: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that statements may name.

    Attributes
    ----------
    view : str
        How it is called in a statement.
    columns : tuple of (str, str)
        What the file calls them, and their types; inside they are ``c0``, ``c1`` …
    note : str
        How it had to be read.
    """

    view: str
    columns: tuple[tuple[str, str], ...]
    note: str = ""


def form_of(path: str) -> str:
    """Return in which form a table lies in a file, by its name; empty where it is none."""
    stem, ending = os.path.splitext(path.lower())  # noqa: PTH122 - a name inside an artifact
    if ending in _PACKED:
        form = _FORMS.get(os.path.splitext(stem)[1], "")  # noqa: PTH122
        return form if form in ("csv", "json", "jsonl") else ""
    return _FORMS.get(ending, "")


def grouped(paths: Iterable[str]) -> list[TableGroup]:
    """Return the tables among some files; those whose names differ in numbers alone are one.

    The note ``rows.table.json`` that an artifact has of a table beside its rows is none.
    """
    found: dict[tuple[str, str], list[str]] = {}
    known = set(paths)
    for path in sorted(known):
        is_note = path.endswith(_NOTE) and f"{path.removesuffix('json')}parquet" in known
        if not is_note and (form := form_of(path)):
            folder, slash, name = path.rpartition("/")
            found.setdefault((f"{folder}{slash}{_DIGITS.sub('*', name)}", form), []).append(path)
    return [
        TableGroup(name if len(of) > 1 else of[0], form, tuple(of))
        for (name, form), of in found.items()
    ]


class TableFiles:
    """An engine over files that are named one by one; to be left as a context.

    Parameters
    ----------
    files : iterable of Path
        All that may be read.
    seconds : float
        After so many, whatever is asked is given up.
    memory : int
        Bytes.
    """

    def __init__(
        self, files: Iterable[Path], *, seconds: float = 60.0, memory: int = _MEMORY
    ) -> None:
        self._seconds, self._end = seconds, time.monotonic() + seconds
        self._folder = Path(tempfile.mkdtemp(prefix="runfolio-tables-"))
        try:
            self._links = {file: self._link(n, file) for n, file in enumerate(dict.fromkeys(files))}
            self._connection = self._opened(memory)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._views = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _link(self, n: int, file: Path) -> str:
        # A store may lie in a folder whose name the engine would take for a pattern.
        link = self._folder / f"f{n}"
        link.symlink_to(file.absolute())
        return str(link)

    def _opened(self, memory: int) -> Any:
        import duckdb

        connection = duckdb.connect(
            ":memory:",
            config={
                "python_enable_replacements": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
                "memory_limit": f"{memory}B",
                "max_temp_directory_size": f"{_SPILL}B",
                "threads": min(os.cpu_count() or 1, _THREADS),
                "temp_directory": str(self._folder / "spill"),
            },
        )
        connection.execute("SET TimeZone = 'UTC'")
        reached = [*self._links.values(), *map(os.path.realpath, self._links)]
        quoted = ", ".join(_literal(path) for path in reached)
        with contextlib.suppress(
            duckdb.CatalogException
        ):  # DuckDB before 1.2 fences all or nothing
            connection.execute(f"SET allowed_paths = [{quoted}]")
            connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

    def table(self, form: str, files: Sequence[Path], *, compressed: str = "") -> Table:
        """Return files as a table.

        Parameters
        ----------
        form : str
            See `TableGroup`.
        compressed : str
            Ending of a packed file, ``.gz`` or ``.zst``.

        Raises
        ------
        UsageError
            They are no table; says why.
        """
        if len(files) > MOST_FILES:
            raise UsageError(f"it has {len(files):,} files; {MOST_FILES:,} are read as one table")
        if form == "arrow":
            return self._seen(self._arrow(files), kept=False)
        links = "[" + ", ".join(_literal(self._links[file]) for file in files) + "]"
        packed = {".gz": ", compression='gzip'", ".zst": ", compression='zstd'"}.get(compressed, "")
        if form == "parquet":
            return self._seen(f"read_parquet({links}, union_by_name=true)", kept=False)
        lines = ", format='newline_delimited'" if form == "jsonl" else ""
        reader = "read_csv" if form == "csv" else "read_json"
        read = f"{reader}({links}, union_by_name=true{packed}{lines}"
        try:
            return self._seen(f"{read})")
        except UsageError as error:
            if form not in _LAX:
                raise
            note = f"read with what cannot be read left out: {error}"
            return self._seen(f"{read}, {_LAX[form]})", note=note)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what a statement finds.

        Raises
        ------
        UsageError
            It took too long or too much, or the files hold something else than they seemed to.
        """
        import duckdb

        if time.monotonic() > self._end:
            raise self._late()
        try:
            with interrupted_at(self._connection, self._end):
                return self._connection.execute(statement).fetchall()  # type: ignore[no-any-return]
        except duckdb.InterruptException as error:
            raise self._late() from error
        except duckdb.OutOfMemoryException as error:
            raise UsageError("it needs more memory than it may have") from error
        except duckdb.Error as error:
            raise UsageError(_first_line(str(error))) from error

    def _late(self) -> UsageError:
        return UsageError(f"it took longer than {self._seconds:g} s")

    def _arrow(self, files: Sequence[Path]) -> str:
        import pyarrow as pa
        import pyarrow.dataset as ds

        name = f"arrow{self._views}"
        try:
            found = ds.dataset([str(file) for file in files], format="ipc")
            self._connection.register(name, found)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise UsageError(_first_line(str(error))) from error
        return name

    def _seen(self, source: str, *, kept: bool = True, note: str = "") -> Table:
        """Return a table under inner names; what is read slowly is kept by the engine."""
        described = self.rows(f"DESCRIBE SELECT * FROM {source}")
        columns = tuple((str(row[0]), str(row[1]).strip('"')) for row in described)
        inner = ", ".join(f"c{n}" for n in range(len(columns)))
        view = f"t{self._views}"
        self._views += 1
        what = "TEMP TABLE" if kept else "TEMP VIEW"
        self.rows(f"CREATE {what} {view} AS SELECT * FROM {source} AS t({inner})")
        return Table(view, columns, note)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _first_line(message: str) -> str:
    """Return what an engine says in one line, without where its links lie."""
    line = re.sub(r'"?\S*runfolio-tables-\S*', "the file", message.strip().partition("\n")[0])
    return line if len(line) <= _LONG else f"{line[: _LONG - 1]}…"
