"""What is known of the tables in a version of a data set: schema, statistics, a few rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

__all__ = ["DATA_SET", "KEY", "Clean", "ColumnProfile", "DataProfile", "Scalar", "TableProfile"]

DATA_SET: Final = "dataset"
"""The type of the artifacts that are versions of data."""

KEY: Final = "data_profile"
"""Under which a version's metadata has it."""

Scalar = str | int | float | None
Clean = Callable[[str, str], str]
"""Takes a text and the name of its column, which may say that it is a secret; returns it without."""

_STATISTICS: Final = ("min", "max", "mean", "std", "q25", "q50", "q75")


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column.

    Attributes
    ----------
    type : str
        As DuckDB names it.
    nulls : float or None
        Share of the rows that have no value, from 0 to 1.
    distinct : int or None
        How many values there are, about.
    min, max, mean, std, q25, q50, q75
        ``None`` where its values have none; texts for what is no number.
    """

    name: str
    type: str
    nulls: float | None = None
    distinct: int | None = None
    min: Scalar = None
    max: Scalar = None
    mean: float | None = None
    std: float | None = None
    q25: Scalar = None
    q50: Scalar = None
    q75: Scalar = None

    def cleaned(self, clean: Clean) -> ColumnProfile:
        """Return it with each text as `clean` returns it."""
        texts: dict[str, Any] = {
            key: clean(value, self.name)
            for key in _STATISTICS
            if isinstance(value := getattr(self, key), str)
        }
        return replace(self, name=clean(self.name, ""), **texts)


@dataclass(frozen=True, slots=True)
class TableProfile:
    """One table.

    Attributes
    ----------
    name : str
        Path of its file in the artifact; of several files with ``*``.
    more_columns : int
        How many there are beyond those that are described.
    preview : tuple of tuple of str or None
        The first rows, cut.
    note : str
        How it had to be read, or why it could not be.
    """

    name: str
    form: str
    files: int = 1
    rows: int | None = None
    columns: tuple[ColumnProfile, ...] = ()
    more_columns: int = 0
    preview: tuple[tuple[str | None, ...], ...] = ()
    note: str = ""

    def cleaned(self, clean: Clean) -> TableProfile:
        """Return it with each text as `clean` returns it."""
        columns = tuple(column.cleaned(clean) for column in self.columns)
        preview = tuple(
            tuple(
                None if value is None else clean(value, column.name)
                for value, column in zip(row, self.columns, strict=False)
            )
            for row in self.preview
        )
        return replace(self, name=clean(self.name, ""), columns=columns, preview=preview,
                       note=clean(self.note, ""))  # fmt: skip


@dataclass(frozen=True, slots=True)
class DataProfile:
    """The tables of a version.

    Attributes
    ----------
    more : int
        How many tables there are beyond these.
    """

    tables: tuple[TableProfile, ...] = ()
    more: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return all that is known; what is not, is left out."""
        return {"tables": [_known(table) for table in self.tables], "more": self.more}

    @staticmethod
    def from_json(body: object) -> DataProfile | None:
        """Return what a version's metadata says; ``None`` where that is no profile."""
        try:
            if not isinstance(body, Mapping):
                return None
            return DataProfile(tuple(_table(one) for one in body["tables"]), int(body["more"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            return None


def _known(table: TableProfile) -> dict[str, Any]:
    body = {key: value for key, value in asdict(table).items() if value not in (None, "", 0, ())}
    columns = [
        {key: value for key, value in asdict(one).items() if value is not None}
        for one in table.columns
    ]
    return body | {"columns": columns, "preview": [list(row) for row in table.preview]}


def _table(body: Mapping[str, Any]) -> TableProfile:
    return TableProfile(
        str(body["name"]), str(body["form"]), _count(body.get("files")) or 1, _count(body.get("rows")),
        tuple(_column(one) for one in body.get("columns", ())), _count(body.get("more_columns")) or 0,
        tuple(tuple(None if one is None else str(one) for one in row) for row in body.get("preview", ())),
        str(body.get("note", "")),
    )  # fmt: skip


def _column(body: Mapping[str, Any]) -> ColumnProfile:
    statistics: dict[str, Any] = {
        key: _scalar(body.get(key)) for key in ("min", "max", "q25", "q50", "q75")
    }
    statistics |= {key: _number(body.get(key)) for key in ("mean", "std", "nulls")}
    return ColumnProfile(
        str(body["name"]), str(body["type"]), distinct=_count(body.get("distinct")),
        **statistics,
    )  # fmt: skip


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _number(value: object) -> float | None:
    return float(value) if type(value) in (int, float) else None  # type: ignore[arg-type]


def _scalar(value: object) -> Scalar:
    return value if type(value) in (str, int, float) else None  # type: ignore[return-value]
