"""SQL over the selected runs: DuckDB in memory, fenced, with only the tables that are named.

Nothing outside can be reached: no file, no network, no extension, no Python variable, no setting.
A statement is one SELECT; memory, threads, time and the size of the answer are bounded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import QueryError, UsageError
from runfolio.format.events import read_events
from runfolio.model.run import RunRecord
from runfolio.query.arrow import arrow_frame, as_arrow, as_kind, check_kind
from runfolio.query.deadline import Deadline
from runfolio.query.fields import printable
from runfolio.query.frame import long_history, points_told
from runfolio.query.frame_columns import names_of
from runfolio.query.sql_errors import engine_error, in_words
from runfolio.query.sql_fence import check_names, nodes
from runfolio.query.wanted_keys import wanted_columns, wanted_keys
from runfolio.store.series import each_series
from runfolio.store.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TABLES", "ask"]

TABLES: Final = ("runs", "metrics", "events", "artifacts")
MAX_BYTES: Final = 2 * 1024**3
"""What the engine may use, and how large an answer may be."""

_BATCH: Final = 100_000
# More the engine would take minutes and gigabytes for.
_CELLS: Final = 50_000_000
_OTHERS: Final = {
    "metrics": ("run_id", "key", "step", "time", "value"),
    "events": ("run_id", "n", "time", "kind", "data"),
    "artifacts": ("run_id", "time", "kind", "key", "step", "path"),
}


def ask(
    store: Store,
    records: Sequence[RunRecord],
    statement: str,
    *,
    as_: str = "pandas",
    timeout_s: float = 60.0,
) -> Any:
    """Return what a SELECT finds in some runs.

    ``runs`` has ``run_id`` and the columns of ``frame()``; ``metrics`` has ``run_id``, ``key``,
    ``step``, ``time``, ``value``; ``events`` has ``run_id``, ``n``, ``time``, ``kind``, ``data``
    (JSON); ``artifacts``, the saved files, media and versions of artifacts, has ``run_id``, ``time``, ``kind``,
    ``key``, ``step``, ``path``. Names with dots go into double quotation marks: ``"config.lr"``.

    Parameters
    ----------
    as_ : str
        ``pandas``, ``polars`` or ``arrow``.
    timeout_s : float
        After so many seconds it is given up, whether the tables are read or the statement runs;
        the run that is just read is read to its end.

    Raises
    ------
    QueryError
        It is no SQL; the error knows the character.
    UsageError
        It is no single SELECT, names what is not there, or needs too much.
    MissingDependency
        polars was asked for and is not installed.
    """
    import duckdb

    check_kind(as_)
    deadline = Deadline(timeout_s)
    connection = _fenced()
    try:
        tree = _tree(connection, statement)
        for name in _named(tree):
            connection.register(name, _table(name, store, records, tree, deadline))
        return as_kind(_answer(connection, statement, deadline), as_)
    except duckdb.InterruptException as error:
        raise deadline.passed("The statement took") from error
    except duckdb.OutOfMemoryException as error:
        raise UsageError("The statement needs more than 2 GiB of memory; select less.") from error
    except duckdb.Error as error:
        raise UsageError(in_words(str(error), TABLES, _columns(tree, records))) from error
    finally:
        connection.close()


def _fenced() -> Any:
    import duckdb

    connection = duckdb.connect(
        ":memory:",
        config={
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "memory_limit": f"{MAX_BYTES}B",
            "threads": min(os.cpu_count() or 1, 4),
            "temp_directory": "",
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _tree(connection: Any, statement: str) -> dict[str, Any]:
    """Return the statement as its syntax tree: what is one, is a SELECT and nothing else."""
    found = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [statement]).fetchall()[0][
        0
    ]
    try:
        tree: dict[str, Any] = json.loads(found)
    except RecursionError as error:
        raise UsageError("The statement nests too deep; write it with fewer operators.") from error
    if tree.get("error"):
        if tree.get("error_type") == "parser":
            place = str(tree.get("position", "0"))
            message = printable(str(tree.get("error_message")), 300)
            shown = "".join(char if char.isprintable() else " " for char in statement)
            raise QueryError(
                f"This is no SQL: {message.rstrip('.')}.",
                shown,
                int(place) if place.isdigit() else 0,
            )
        raise UsageError("sql() takes a SELECT; nothing can be changed, set, copied or loaded.")
    if len(tree.get("statements", ())) != 1:
        raise UsageError("sql() takes one SELECT at a time.")
    check_names(tree, TABLES)
    return tree


def _named(tree: dict[str, Any]) -> list[str]:
    said = {str(n.get("table_name", "")).lower() for n in nodes(tree)}
    # SHOW TABLES names none and tells of all that there are.
    shows = any(n.get("type") == "SHOW_REF" and not n.get("query") for n in nodes(tree))
    return [t for t in TABLES if t in said or (shows and t != "metrics")]


def _columns(tree: dict[str, Any], records: Sequence[RunRecord]) -> list[str]:
    """Return what the columns of the named tables are called, those that were not made, too."""
    found: list[str] = []
    for name in _named(tree):
        found += _OTHERS[name] if name in _OTHERS else ("run_id", *names_of(records))
    return found


def _table(
    name: str,
    store: Store,
    records: Sequence[RunRecord],
    tree: dict[str, Any],
    deadline: Deadline,
) -> pa.Table:
    timely = deadline.kept(records)
    if name == "runs":
        wanted = wanted_columns(tree)
        if wanted is None and (n := len(names_of(records))) * len(records) > _CELLS:
            raise UsageError(
                f"The statement takes all {n:,} columns of {len(records):,} runs; name those that "
                "it needs, or select fewer runs."
            )
        table = arrow_frame(
            timely,
            lambda column: column == "id" or wanted is None or column.lower() in wanted,
            deadline.kept,
        )
        return table.add_column(0, "run_id", table.column("id"))
    if name == "metrics":
        keys = wanted_keys(tree)
        found = long_history(each_series(store, timely, keys), points_told(records, keys))
        return as_arrow(found.drop(columns="name"))
    if name == "events":
        return _events(timely)
    return _artifacts(timely)


def _events(records: Iterable[RunRecord]) -> pa.Table:
    import pyarrow as pa

    rows = [
        {"run_id": record.id, "n": n, "time": _ms(event), "kind": str(event.get("kind")),
         "data": json.dumps({k: v for k, v in event.items() if k not in ("time", "kind")})}
        for record in records if record.path.is_dir() and not record.path.is_symlink()
        for n, event in enumerate(read_events(record.path))
    ]  # fmt: skip
    schema = [("run_id", pa.string()), ("n", pa.int64()), ("time", pa.timestamp("ms", "UTC")),
              ("kind", pa.string()), ("data", pa.string())]  # fmt: skip
    return pa.Table.from_pylist(rows, pa.schema(schema))


def _artifacts(records: Iterable[RunRecord]) -> pa.Table:
    import pyarrow as pa

    rows: list[dict[str, Any]] = []
    for record in records:
        if not record.path.is_dir() or record.path.is_symlink():
            continue
        for event in read_events(record.path, ("saved", "media", "artifact")):
            if event["kind"] == "artifact":
                rows += _version_row(record, event)
                continue
            items = event.get("items") if event["kind"] == "media" else [event]
            kind = str(event.get("type")) if event["kind"] == "media" else "file"
            key, step = event.get("key"), event.get("step")
            rows += [
                {"run_id": record.id, "time": _ms(event), "kind": kind,
                 "key": key if isinstance(key, str) else None,
                 "step": float(step) if isinstance(step, (int, float)) else None,
                 "path": item["path"]}
                for item in (items if isinstance(items, list) else ())
                if isinstance(item, dict) and isinstance(item.get("path"), str)
            ]  # fmt: skip
    schema = [("run_id", pa.string()), ("time", pa.timestamp("ms", "UTC")), ("kind", pa.string()),
              ("key", pa.string()), ("step", pa.float64()), ("path", pa.string())]  # fmt: skip
    return pa.Table.from_pylist(rows, pa.schema(schema))


def _version_row(record: RunRecord, event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the row of a version that the run made or used."""
    name, number, op = event.get("name"), event.get("version"), event.get("op")
    if op in ("made", "used") and isinstance(name, str) and type(number) is int:
        lies = f"artifacts/{name}/v{number}" if op == "made" else None
        kind = "artifact" if op == "made" else "used artifact"
        yield {"run_id": record.id, "time": _ms(event), "kind": kind,
               "key": f"{name}:v{number}", "step": None, "path": lies}  # fmt: skip


def _ms(event: dict[str, Any]) -> int | None:
    time = event.get("time")
    return time if type(time) is int and abs(time) < 2**62 else None


def _answer(connection: Any, statement: str, deadline: Deadline) -> pa.Table:
    import pyarrow as pa

    try:
        with deadline.interrupting(connection):
            asked = connection.sql(statement)
            stream = getattr(asked, "to_arrow_reader", None) or asked.fetch_arrow_reader
            reader, batches, size = stream(_BATCH), [], 0
            for batch in reader:
                size += batch.nbytes
                if size > MAX_BYTES:
                    raise UsageError("The answer is larger than 2 GiB; select less, or aggregate.")
                batches.append(batch)
        return pa.Table.from_batches(batches, reader.schema)
    except (pa.ArrowException, OSError) as error:  # the engine's own, on its way through Arrow
        raise engine_error(str(error)) from error
