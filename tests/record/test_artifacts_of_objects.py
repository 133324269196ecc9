"""Objects that become files of an artifact, and come back as they were; nothing is pickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import runfolio as wandb
from runfolio.errors import MissingDependency, UsageError
from runfolio.record.api import init
from runfolio.verbs.check import check

FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", None]})


@pytest.mark.parametrize(
    ("given", "ending"),
    [
        (np.arange(6.0).reshape(2, 3), "npy"),
        ({"w": np.ones(3), "file": np.zeros((2, 2), "int8")}, "npz"),
        (FRAME, "parquet"),
        (pl.DataFrame(FRAME), "parquet"),
        ({"lr": 0.1, "layers": [64, 10], "name": "näm"}, "json"),
        ([1, None, "x"], "json"),
    ],
)
def test_an_object_comes_back_as_it_was_in_another_run(given: Any, ending: str) -> None:
    first = init()
    first.log_artifact(given, name="thing", type="result")
    first.finish()
    artifact = init().use_artifact("thing:latest")
    assert list(artifact.manifest.entries) == [f"thing.{ending}"]
    found = artifact.load()
    if ending == "parquet":
        pd.testing.assert_frame_equal(found, FRAME)
    else:
        np.testing.assert_equal(found, given)


@pytest.mark.parametrize("given", [np.ones(3), {"a": np.ones(3)}, FRAME, {"x": 1}])
def test_the_same_object_is_the_same_version(given: Any) -> None:
    run = init()
    versions = [run.log_artifact(given, name="thing").version for _ in range(2)]
    assert versions == ["v0", "v0"]


@pytest.mark.parametrize(
    "given", [object(), {1, 2}, np.array([object()]), {"a": np.array([{}])}, {"a": object()}, print]
)
def test_what_only_pickle_could_hold_is_refused_with_what_to_do(given: Any) -> None:
    with pytest.raises(UsageError, match="a file"):
        init().log_artifact(given, name="thing")


def test_an_object_needs_a_name() -> None:
    with pytest.raises(UsageError, match="give name="):
        init().log_artifact(np.ones(3))


def test_several_objects_are_loaded_by_their_names() -> None:
    artifact = wandb.Artifact("parts", type="result")
    artifact.add_object(np.ones(3), "weights/first")
    artifact.add_object({"lr": 1}, "settings")
    init().log_artifact(artifact)
    assert artifact.load("settings") == artifact.load("settings.json") == artifact["settings"] == {"lr": 1}  # fmt: skip
    assert artifact.get_entry("weights/first.npy").load().sum() == 3
    with pytest.raises(UsageError, match="holds 2 files; name one of"):
        artifact.load()
    with pytest.raises(UsageError, match="0 files that 'gone' could mean"):
        artifact.load("gone")


def test_tensors_without_safetensors_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    tensor = type("Tensor", (), {"__module__": "torch", "detach": None})
    monkeypatch.setitem(__import__("sys").modules, "safetensors.torch", None)
    with pytest.raises(MissingDependency, match=r"pip install .*'safetensors'"):
        init().log_artifact({"weight": tensor()}, name="net", type="model")


def test_a_table_and_an_image_come_back_in_another_run() -> None:
    Path("x.png").write_bytes(wandb_png())
    artifact = wandb.Artifact("guesses", type="result")
    artifact.add(wandb.Table(columns=["a", "b"], data=[[1, "x"], [2, "y"]]), "rows")
    artifact.add(wandb.Image("x.png", caption="seven"), "digits/first")
    with init() as run:
        run.log_artifact(artifact)
    again = init().use_artifact("guesses:v0")
    assert again.get("rows").data == [[1, "x"], [2, "y"]]
    assert again.get("digits/first").caption == "seven"
    assert again.get("gone") is None


@pytest.mark.parametrize("arrow", [True, False])
def test_images_in_cells_come_back_with_what_stands_below_them(
    arrow: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("runfolio.record.media.table.pyarrow_is_installed", lambda: arrow)
    Path("x.png").write_bytes(wandb_png())
    cells = [wandb.Image("x.png", caption=said) for said in ("a seven", None, "a one")]
    table = wandb.Table(columns=["n", "image"], data=[[n, cell] for n, cell in enumerate(cells)])
    artifact = wandb.Artifact("guesses", type="result")
    artifact.add(table, "rows")
    with init() as run:
        run.log_artifact(artifact)
        run.log({"seen": table})
    other = init()
    for name in ("guesses:v0/rows", f"run-{run.id}-seen:v0/seen"):
        used, _, inner = name.partition("/")
        found = other.use_artifact(used).get(inner)
        assert [row[1].caption for row in found.data] == ["a seven", "", "a one"]
    assert not check().exit_code


def wandb_png() -> bytes:
    from runfolio.record.media.png import png

    return png(bytes(12), 2, 2, 3)


@pytest.mark.parametrize(
    "given",
    [
        np.array(3.5),
        np.arange(4, dtype=">f8"),
        np.array([(1, 2.5, "x")], dtype=[("a", ">i4"), ("b", "f8"), ("c", "U3")]),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.empty((0, 3)),
        np.array(["2020-01-01"], dtype="M8[D]"),
    ],
    ids=["0-d", "big-endian", "structured", "columns first", "empty", "dates"],
)
def test_an_array_keeps_its_shape_and_its_type(given: Any) -> None:
    found = init().log_artifact(given, name="thing").load()
    assert (found.dtype, found.shape) == (given.dtype, given.shape)
    np.testing.assert_array_equal(found, given)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (np.array([(1, None)], dtype=[("a", "i4"), ("o", "O")]), "Object arrays cannot be saved"),
        ({0: np.ones(2), "0": np.zeros(2)}, "expected a text as the name"),
        (pd.DataFrame({"a": [1, "x", {}]}), "cannot be kept as .parquet"),
        (pd.DataFrame({"a": [1 + 2j]}), "cannot be kept as .parquet"),
        (pl.DataFrame({"a": [object()]}), "cannot be kept as .parquet"),
        (pd.Series([1]), r"Give what its to_frame\(\) returns"),
        (pl.DataFrame({"a": [1]}).lazy(), r"Give what its collect\(\) returns"),
    ],
)
def test_what_a_format_has_no_room_for_is_refused_whole(given: Any, told: str, store: Path) -> None:
    with pytest.raises(UsageError, match=told):
        init().log_artifact(given, name="thing")
    assert not (store / ".artifacts").exists()


def test_a_frame_keeps_its_index_and_its_types() -> None:
    given = pd.DataFrame(
        {"a": pd.Categorical(["x", "y"]), "t": pd.to_datetime(["2020", "2021"]).tz_localize("UTC")},
        index=pd.MultiIndex.from_tuples([(1, "a"), (2, "b")]),
    )
    pd.testing.assert_frame_equal(init().log_artifact(given, name="thing").load(), given)
