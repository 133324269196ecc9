"""``Table``: rows of values, images among them."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from runfolio._optional import require
from runfolio.errors import UsageError, did_you_mean
from runfolio.format.codec import MAX_BYTES
from runfolio.format.finished import pyarrow_is_installed
from runfolio.record.guard import warn_once
from runfolio.record.media.arrays import is_array
from runfolio.record.media.columns import parquet, stored_column, table_json
from runfolio.record.media.figures import figure_of, is_of
from runfolio.record.media.image import Image
from runfolio.record.media.medium import Medium, Taken, warn_of_unknown
from runfolio.record.media.shelf import Shelf
from runfolio.record.values import clean, plain

__all__ = ["Table", "is_frame"]

_KNOWN: Final = ("columns", "data", "rows", "dataframe", "dtype", "optional", "allow_mixed_types",
                 "log_mode")  # fmt: skip
_LOG_MODES: Final = ("IMMUTABLE", "MUTABLE", "INCREMENTAL")
# Nobody can change these: they are taken as they stand.
_UNCHANGING: Final = frozenset(
    {type(None), bool, int, float, str, bytes, datetime, date, time, timedelta, Decimal}
)
_SHOWN_ROWS: Final = 10
_MANY_ROWS: Final = 1_000_000
# About what a cell takes in memory: a reference and a small object.
_CELL_BYTES: Final = 64


class Table(Medium):
    """Rows of values to log, as W&B's.

    Parameters
    ----------
    columns : sequence of str, optional
        Names of the columns; without them, and without a frame, ``Input``, ``Output`` and
        ``Expected``, as W&B has it.
    data : sequence of sequence, array or frame, optional
        The rows.
    rows : sequence of sequence, optional
        The same, under its older name.
    dataframe : frame, optional
        Of pandas, polars or Arrow; copied as it is, columns and types included.
    dtype, optional, allow_mixed_types
        Accepted for W&B's sake: a column whose cells are of several types is kept as text, and
        says which types it had.
    log_mode : str
        Accepted for W&B's sake: each ``log`` records the table as it is then.

    Raises
    ------
    UsageError
        Columns that are no names, or a row of another length.

    Examples
    --------
    >>> table = Table(columns=["image", "guess"])
    >>> table.add_data("seven.png", 7)
    >>> table
    <Table of 1 row and 2 columns>
    """

    type = "table"
    MAX_ROWS = 10_000
    MAX_ARTIFACT_ROWS = 200_000

    def __init__(
        self,
        columns: Sequence[Any] | None = None,
        data: Any = None,
        rows: Any = None,
        dataframe: Any = None,
        dtype: Any = None,  # noqa: ARG002
        optional: Any = True,  # noqa: ARG002, FBT002
        allow_mixed_types: bool = False,  # noqa: ARG002, FBT002
        log_mode: str | None = "IMMUTABLE",
        **unknown: Any,
    ) -> None:
        warn_of_unknown("Table", unknown, _KNOWN)
        super().__init__()
        if log_mode not in (None, *_LOG_MODES):
            raise UsageError(f"log_mode is {log_mode!r}; expected one of {', '.join(_LOG_MODES)}.")
        self.log_mode = log_mode
        self._rows: list[list[Any]] = []
        # Columns of a frame, until somebody asks for rows.
        self._frame: list[Any] | None = None
        frame = dataframe if dataframe is not None else data if is_frame(data) else None
        if frame is not None:
            self.columns, self._frame = _columns_of(frame)
            return
        self.columns = _names(["Input", "Output", "Expected"] if columns is None else columns)
        given = data if data is not None else rows
        for row in [] if given is None else given:
            self.add_data(*row)

    @property
    def data(self) -> list[list[Any]]:
        """The rows; they may be changed in place."""
        if self._frame is not None:
            columns = [_cells_of(column) for column in self._frame]
            self._rows, self._frame = [list(row) for row in zip(*columns, strict=True)], None
        return self._rows

    @data.setter
    def data(self, rows: Sequence[Sequence[Any]]) -> None:
        self._rows, self._frame = [], None
        for row in rows:
            self.add_data(*row)

    def __len__(self) -> int:
        if self._frame is not None:
            return len(self._frame[0]) if self._frame else 0
        return len(self._rows)

    def add_data(self, *data: Any) -> None:
        """Add a row of as many values as there are columns.

        Raises
        ------
        UsageError
            There are more or fewer.
        """
        if len(data) != len(self.columns):
            raise UsageError(
                f"a row of {len(data)} values; this table has {len(self.columns)} columns: "
                f"{', '.join(map(str, self.columns[:12]))}."
            )
        self.data.append(list(data))

    def add_row(self, *row: Any) -> None:
        """Add a row; the older name of `add_data`."""
        self.add_data(*row)

    def add_column(self, name: str, data: Any, optional: bool = False) -> None:  # noqa: ARG002, FBT002
        """Add a column of as many values as there are rows.

        Raises
        ------
        UsageError
            The name is taken, or there are more or fewer values.
        """
        cells = _cells_of(data)
        if name in self.columns:
            raise UsageError(f"this table has a column {name!r} already.")
        if self.columns and len(cells) != len(self):
            raise UsageError(f"a column of {len(cells)} values; this table has {len(self)} rows.")
        held = self.data if self.columns else [[] for _ in cells]
        for row, cell in zip(held, cells, strict=True):
            row.append(cell)
        self._rows = held
        self.columns.append(str(name))

    def add_computed_columns(self, fn: Callable[[int, dict[str, Any]], Mapping[str, Any]]) -> None:
        """Add what a function of the row's number and the row, as a dictionary, returns by name."""
        computed: dict[str, list[Any]] = {}
        for index, row in self.iterrows():
            for name, cell in fn(index, dict(zip(self.columns, row, strict=True))).items():
                computed.setdefault(name, []).append(cell)
        for name, cells in computed.items():
            self.add_column(name, cells)

    def get_index(self) -> list[int]:
        """Return the numbers of the rows."""
        return list(range(len(self)))

    def get_column(self, name: str, convert_to: str | None = None) -> Any:
        """Return the values of a column.

        Parameters
        ----------
        name : str
        convert_to : str, optional
            ``"numpy"`` for an array.

        Raises
        ------
        UsageError
            There is no such column.
        """
        if name not in self.columns:
            raise UsageError(
                f"this table has no column {name!r}.{did_you_mean(name, map(str, self.columns))}"
            )
        at = self.columns.index(name)
        cells = [row[at] for row in self.data]
        if convert_to != "numpy":
            return cells
        return require("numpy", feature="a column as an array", install="numpy").array(cells)

    def get_dataframe(self) -> Any:
        """Return the table as a frame of pandas."""
        pandas = require("pandas", feature="a table as a frame", install="pandas")
        return pandas.DataFrame.from_records(self.data, columns=self.columns)

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield each row's number and its values."""
        yield from enumerate(self.data)

    def take(self, shelf: Shelf) -> Taken:
        """Return the table as it is now: its cells are copied."""
        names, count = _distinct(self.columns), len(self)
        if count > _MANY_ROWS:
            warn_once(
                "large table",
                f"A table of {count:,} rows: recording it takes a while and much memory. Log a "
                "part of it, or save it as a file with run.save().",
            )
        if self._frame is not None:
            columns = list(self._frame)
        else:
            columns = [list(column) for column in zip(*self._rows, strict=True)]
            columns = columns or [[] for _ in names]
        held = [_taken_cells(column, shelf) if isinstance(column, list) else column
                for column in columns]  # fmt: skip

        def write(shelf: Shelf) -> dict[str, Any]:
            return _written(names, held, count, shelf)

        media = sum(c.size_bytes for column in held if isinstance(column, list)
                    for c in column if type(c) is Taken)  # fmt: skip
        return Taken(self.type, count * len(names) * _CELL_BYTES + media, write)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(str(name))}</th>" for name in self.columns)
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_shown(cell))}</td>" for cell in row) + "</tr>"
            for row in self.data[:_SHOWN_ROWS]
        )
        left = len(self) - _SHOWN_ROWS
        more = f"<p>… and {left:,} more rows</p>" if left > 0 else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}"

    def __repr__(self) -> str:
        rows, columns = len(self), len(self.columns)
        return (
            f"<Table of {rows:,} row{'s'[: rows != 1]} and {columns} column{'s'[: columns != 1]}>"
        )


def _written(names: Sequence[str], held: Sequence[Any], count: int, shelf: Shelf) -> dict[str, Any]:
    columns = [stored_column(name, cells, shelf) for name, cells in zip(names, held, strict=True)]
    if pyarrow_is_installed():
        data, columns = parquet(columns)
        file = shelf.put("table", "parquet", data)
    else:
        data = table_json(columns)
        if len(data) > MAX_BYTES:
            raise UsageError(
                f"as JSON it has {len(data):,} bytes, and no reader takes more than {MAX_BYTES:,}; "
                "install pyarrow, with which it becomes a Parquet file, or log a part of it"
            )
        file = shelf.put("table", "table.json", data)
    return file | {"rows": count, "columns": [column.as_json() for column in columns]}


def is_frame(value: object) -> bool:
    """Return whether a value is a frame of pandas or polars, or a table of Arrow."""
    if is_of(value, "pandas") or is_of(value, "polars"):
        return type(value).__name__ == "DataFrame"
    return is_of(value, "pyarrow") and type(value).__name__ == "Table"


def _columns_of(frame: Any) -> tuple[list[Any], list[Any]]:
    """Return names and columns of a frame, copied where somebody could change them."""
    if not is_frame(frame):
        raise UsageError(
            f"dataframe is a {type(frame).__name__}; expected one of pandas, polars or Arrow."
        )
    if is_of(frame, "pandas"):
        parts = (frame.iloc[:, at] for at in range(frame.shape[1]))
        columns = [part.tolist() if part.dtype == object else part.copy() for part in parts]
        return [str(name) for name in frame.columns], columns
    names = list(frame.columns) if is_of(frame, "polars") else list(frame.column_names)
    if is_of(frame, "polars"):
        with contextlib.suppress(ImportError):  # without Arrow its cells as they are
            return names, list(frame.to_arrow().columns)
        return names, [series.to_list() for series in frame.get_columns()]
    return names, list(frame.columns)


def _cells_of(column: Any) -> list[Any]:
    if isinstance(column, list):
        return column
    for method in ("to_pylist", "tolist"):
        if hasattr(column, method):
            return list(getattr(column, method)())
    return list(column)


def _names(columns: Any) -> list[Any]:
    if isinstance(columns, (str, bytes)) or not isinstance(columns, Sequence):
        columns = columns.tolist() if hasattr(columns, "tolist") else columns
        if not isinstance(columns, list):
            raise UsageError('columns: expected a list of names: ["image", "guess"].')
    return list(columns)


def _distinct(names: Sequence[Any]) -> list[str]:
    """Return the names as text, a repeated one with a number: many readers take no two alike."""
    distinct: dict[str, None] = {}
    for name in names:
        wanted = clean(str(name))
        text, number = wanted, 2
        while text in distinct:
            text, number = f"{wanted}_{number}", number + 1
        distinct[text] = None
    return list(distinct)


def _taken_cells(cells: list[Any], shelf: Shelf) -> list[Any]:
    return [cell if type(cell) in _UNCHANGING else _taken(cell, shelf) for cell in cells]


def _taken(cell: Any, shelf: Shelf) -> Any:
    """Return a cell that nobody changes any more; of a stranger's object that raises its name."""
    try:
        return _as_taken(cell, shelf)
    except Exception:  # noqa: BLE001 - one cell must not cost the table
        return plain(cell)


def _as_taken(cell: Any, shelf: Shelf) -> Any:
    if isinstance(cell, Medium):
        return cell.take(shelf)
    if is_of(cell, "PIL"):
        return Image(cell).take(shelf)
    figure = figure_of(cell)
    if figure is not None:
        return figure.take(shelf)
    if is_of(cell, "pandas") and type(cell).__name__ in ("NaTType", "NAType"):
        return None
    if is_of(cell, "pandas") and hasattr(cell, "to_pydatetime"):
        return cell.to_pydatetime(warn=False)
    if is_array(cell):
        if hasattr(cell, "detach"):
            cell = cell.detach().cpu()
        return cell.tolist()
    return plain(cell)


def _shown(cell: Any) -> str:
    text = repr(cell) if isinstance(cell, Medium) else str(cell)
    return text if len(text) <= 200 else text[:199] + "…"
