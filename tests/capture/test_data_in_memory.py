"""A table or an array has a hash of its values: the same in every library, another for any change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from runfolio.capture.data_objects import use_of_object

COLUMNS: dict[str, list[Any]] = {
    "n": [3, 1, 2], "x": [1.5, None, -0.0], "t": ["a", None, "üß"], "f": [True, False, None],
    "l": [[1], [], [2, 3]],
}  # fmt: skip
TABLE = pa.table(COLUMNS)


def hash_of(value: object) -> str:
    use = use_of_object(value, None)
    assert use is not None
    assert use.hash is not None
    return use.hash


def in_chunks() -> pa.Table:
    return pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1, 0), TABLE.slice(1)])


SAME: dict[str, Callable[[], object]] = {
    "in chunks": in_chunks,
    "sliced": lambda: pa.concat_tables([TABLE, TABLE]).slice(3, 3),
    "a batch": lambda: TABLE.to_batches()[0],
    "polars": lambda: pl.DataFrame(COLUMNS),
    "dictionaries": lambda: TABLE.set_column(2, "t", TABLE["t"].dictionary_encode()),
    "large texts": lambda: TABLE.set_column(2, "t", TABLE["t"].cast(pa.large_string())),
}


@pytest.mark.parametrize("form", SAME)
def test_how_a_table_lies_in_memory_makes_no_difference(form: str) -> None:
    assert hash_of(SAME[form]()) == hash_of(TABLE)


def test_pandas_polars_and_arrow_agree() -> None:
    columns = {"n": [1, 2], "x": [0.5, None], "t": ["a", "b"]}

    hashes = {hash_of(make(columns)) for make in (pd.DataFrame, pl.DataFrame, pa.table)}

    assert len(hashes) == 1


CHANGED: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "a value": lambda f: f.replace({"n": {1: 9}}),
    "a text": lambda f: f.replace({"t": {"a": "b"}}),
    "a missing value": lambda f: f.assign(x=f.x.where(f.n > 1)),
    "the order of rows": lambda f: f.iloc[::-1].reset_index(drop=True),
    "the order of columns": lambda f: f[["t", "n", "x"]],
    "a name": lambda f: f.rename(columns={"x": "y"}),
    "a type": lambda f: f.astype({"n": "int32"}),
    "the index": lambda f: f.set_axis(["p", "q", "r"]),
    "texts cut elsewhere": lambda f: f.assign(t=["ab", "c", ""]),
    "fewer rows": lambda f: f.iloc[:2],
}


@pytest.mark.parametrize("change", CHANGED)
def test_any_change_of_a_table_is_another_hash(change: str) -> None:
    frame = pd.DataFrame({"n": [1, 2, 3], "x": [0.5, 1, 2], "t": ["a", "bc", ""]})

    assert hash_of(CHANGED[change](frame)) != hash_of(frame)


@given(st.lists(st.one_of(st.none(), st.text(max_size=5)), max_size=8), st.integers(0, 8))
def test_texts_hash_alike_wherever_they_are_cut(texts: list[str | None], at: int) -> None:
    whole = pa.array(texts, pa.string())
    cut = pa.chunked_array([whole.slice(0, at), whole.slice(at)], pa.string())

    assert hash_of(pa.table({"t": cut})) == hash_of(pa.table({"t": whole}))


def test_a_frame_of_anything_is_hashed_by_what_it_shows() -> None:
    mixed = pd.DataFrame({"m": [1, "a", {2: 3}], "d": pd.to_datetime(["2020"] * 3)})

    assert hash_of(mixed) == hash_of(mixed.copy())
    assert use_of_object(mixed, None).schema["m"] == "object"


def test_rows_columns_and_types_of_a_table_are_told() -> None:
    use = use_of_object(TABLE, "mine")

    assert (use.name, use.kind, use.rows, use.columns) == ("mine", "table", 3, 5)
    assert use.schema["t"] == "string"


ARRAY = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.mark.parametrize(
    "same", [ARRAY.copy(order="F"), ARRAY.astype(">f4"), np.repeat(ARRAY, 2, 1)[:, ::2]],
    ids=["column by column", "big end first", "a view"],
)  # fmt: skip
def test_how_an_array_lies_in_memory_makes_no_difference(same: np.ndarray) -> None:
    same = same if same.dtype == ARRAY.dtype else same.astype(ARRAY.dtype)

    assert hash_of(same) == hash_of(ARRAY)


@pytest.mark.parametrize("other", [ARRAY.T, ARRAY.astype("f8"), ARRAY + 1, ARRAY.reshape(4, 3)])
def test_any_change_of_an_array_is_another_hash(other: np.ndarray) -> None:
    assert hash_of(other) != hash_of(ARRAY)


def test_a_sparse_matrix_has_the_hash_of_its_values() -> None:
    dense = np.eye(3)
    first, second = scipy.sparse.csr_array(dense), scipy.sparse.coo_array(dense)

    assert hash_of(first) == hash_of(second)
    assert hash_of(first) != hash_of(scipy.sparse.csr_array(dense * 2))


def test_what_is_masked_is_missing_whatever_lies_below() -> None:
    masked = hash_of(np.ma.array([1, 2], mask=[False, True]))
    assert masked == hash_of(np.ma.array([1, 3], mask=[False, True]))
    assert masked != hash_of(np.ma.array([1, 2], mask=[True, False]))
    assert masked != hash_of(np.array([1, 0]))


def test_a_frame_of_objects_that_show_nothing_has_no_hash() -> None:
    use = use_of_object(pd.DataFrame({"n": [1], "o": [object()]}), None)
    assert use is not None
    assert (use.hash, use.why) == (None, "the objects in o have no content of their own")
    assert (use.rows, use.schema) == (1, {"n": "int64", "o": "object"})


def test_an_array_of_objects_is_described_without_a_hash() -> None:
    use = use_of_object(np.array([object()]), None)

    assert use.hash is None
    assert "Python objects" in use.why


@pytest.mark.parametrize("other", [1, {"a": 1}, [ARRAY], pl.LazyFrame(), object()])
def test_what_is_neither_is_none(other: object) -> None:
    assert use_of_object(other, None) is None
