"""What may stand in ``log``: known without an import, and whatever else costs its own value only."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pillow
from tests.record.media.conftest import told

from runfolio.errors import RunfolioWarning
from runfolio.record.media.histogram import Histogram
from runfolio.record.media.image import Image
from runfolio.record.media.table import Table
from runfolio.record.run import Run

PICTURE = np.eye(3)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Pillow.fromarray(np.zeros((2, 2), np.uint8)), "image"),
        (pd.DataFrame({"a": [1]}), "table"),
        (np.arange(33), "histogram"),
        (np.zeros((6, 6), np.float32), "histogram"),
        (pd.Series(range(40)), "histogram"),
        (Table(columns=["a"]), "table"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_bare_value_is_known_for_what_it_is(run: Run, value: object, kind: str) -> None:
    run.log({"x": value, "loss": 0.5})

    assert [(item.key, item.type, item.step) for item in told(run)] == [("x", kind, 0)]
    assert run.summary["loss"] == 0.5


def test_several_at_once_are_one_event_in_their_order(run: Run) -> None:
    run.log({"x": [Image(PICTURE, caption="a"), Pillow.new("L", (2, 2))]})

    assert [(item.index, item.caption) for item in told(run)] == [(0, "a"), (1, "")]


def test_several_of_different_types_are_an_event_each(run: Run) -> None:
    run.log({"x": (Image(PICTURE), Histogram([1]), Histogram([2]))})

    assert [(i.type, i.index) for i in told(run)] == [
        ("image", 0), ("histogram", 0), ("histogram", 1),
    ]  # fmt: skip


def test_media_in_nested_mappings_have_the_names_that_numbers_would_have(run: Run) -> None:
    run.log({"val": {"image": Image(PICTURE), "loss": 1}})

    assert [item.key for item in told(run)] == ["val.image"]


def test_a_medium_has_the_step_of_its_row(run: Run) -> None:
    run.log({"a": Image(PICTURE)}, commit=False)
    run.log({"b": Image(PICTURE)})
    run.log({"c": Image(PICTURE)}, step=7.5)
    run.log({"d": Image(PICTURE)})

    assert [(item.key, item.step) for item in told(run)] == [
        ("a", 0), ("b", 0), ("c", 7.5), ("d", 8),
    ]  # fmt: skip


class RaisesInShape:
    @property
    def shape(self) -> Any:
        raise RuntimeError("no shape today")


class RaisesInArray:
    shape, dtype = (40,), "float32"

    def __array__(self, *_: object, **__: object) -> Any:
        raise RuntimeError("no array today")


class RaisesAlways:
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("nothing today")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.arange(32), "name its elements"), ([1, 2, 3], "a name of its own"),
        (list(range(99)), "Histogram"), ([], "an empty list"), ([Image(PICTURE), 3], "wrap"),
        ([np.zeros(40)], "wrap"), ([Image(PICTURE)] * 10_001, "at most 10,000"),
        (np.zeros(40, complex), "real numbers"), (np.array(["a"] * 40), "real numbers"),
        (object(), "no single number"), (RaisesInShape(), "no shape today"),
        (RaisesInArray(), "no array today"), (RaisesAlways(), "RuntimeError"),
    ],
    ids=range(13),
)  # fmt: skip
def test_what_cannot_be_recorded_is_named_and_costs_only_itself(
    run: Run, value: object, words: str
) -> None:
    with pytest.warns(RunfolioWarning, match=words):
        run.log({"x": value, "loss": 0.5, "image": Image(PICTURE)})

    assert [item.key for item in told(run)] == ["image"]
    assert run.life.refused_values == {"x": 1}
    assert run.summary["loss"] == 0.5


class Pretends:
    """Says it comes from a package, and is nothing that comes from there."""

    def __init__(self, package: str, **attributes: Any) -> None:
        self.__class__ = type("DataFrame", (Pretends,), {"__module__": f"{package}.core"})
        vars(self).update(attributes)

    def to_dict(self) -> Any:
        return {"a": {1, 2}}


def truncated() -> Pillow.Image:
    Pillow.new("RGB", (200, 200)).save(file := io.BytesIO(), "png")
    return Pillow.open(io.BytesIO(file.getvalue()[:80]))


@pytest.mark.parametrize(
    "value",
    [
        Pretends("numpy", shape=5, dtype="f"), Pretends("jax", shape=(None, 3), dtype="f"),
        Pretends("jax", shape=("a",), dtype="f"), Pretends("jax", shape=(-1, -50), dtype="f"),
        Pretends("pandas"), Pretends("polars"), Pretends("pyarrow"), Pretends("altair"),
        Pretends("matplotlib"), Pretends("plotly", to_plotly_json=1), Pretends("PIL", getbands=1),
        Pretends("matplotlib", figure=None), truncated(), np.full(40, np.nan, object),
        np.zeros((0, 40)), np.array(["2026"] * 40, "datetime64[Y]"),
    ],
    ids=range(16),
)  # fmt: skip
def test_whatever_only_looks_like_something_costs_only_itself(run: Run, value: object) -> None:
    with pytest.warns(RunfolioWarning, match="cannot be logged"):
        run.log({"x": value, "loss": 0.5})

    assert told(run) == []
    assert (run.life.refused_values, run.summary["loss"]) == ({"x": 1}, 0.5)


def test_the_generators_of_the_program_are_left_alone(run: Run) -> None:
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - the legacy generator is what many scripts use
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    run.log({"i": Image(PICTURE), "h": np.arange(99), "t": pd.DataFrame({"a": [1]})})
    told(run)

    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


def test_nothing_heavy_is_imported_to_find_out_what_a_value_is(tmp_path: Path) -> None:
    source = """
import sys, warnings, runfolio
warnings.simplefilter("ignore")
with runfolio.init(mode="offline") as run:
    run.log({"a": [1, 2], "b": object(), "c": runfolio.Html("<p>"), "d": {1, 2}, "e": sys})
    loaded = sorted(set("numpy PIL pandas matplotlib plotly altair pyarrow torch".split()) & set(sys.modules))
print(loaded)
"""
    env = os.environ | {
        "RUNFOLIO_DIR": str(tmp_path / "folio"), "RUNFOLIO_CAPTURE": "false", "RUNFOLIO_STRICT": "0",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", source],
        capture_output=True, text=True, check=True, timeout=120, env=env,
    )  # fmt: skip

    assert done.stdout.strip() == "[]"
