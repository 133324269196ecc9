"""What a saved notebook keeps of a run: small, offline, and harmless."""

from __future__ import annotations

import base64
import io
import json
import math
import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runfolio.charts.card import run_card, to_chart
from runfolio.charts.curves import Rows, label_text
from runfolio.charts.export import BUDGET_BYTES, VEGA_MIME, card_bundle, refuse_unsafe, size_bytes
from runfolio.charts.theme import DARK, LIGHT
from runfolio.errors import CorruptRecord
from runfolio.model.run import MetricSummary, RunRecord, Status
from runfolio.model.series import Series
from runfolio.query.curves import Panels, curves


def series(key: str, values) -> Series:
    value = np.asarray(values, dtype=np.float64)
    n = len(value)
    return Series(key, np.arange(n), np.arange(n, dtype=np.int64) * 10, value, n)


def run_of(found: dict[str, Series], **fields) -> RunRecord:
    metrics = {
        key: MetricSummary(n=len(s), last=float(s.value[-1])) for key, s in found.items() if len(s)
    }
    start = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
    return RunRecord(id="20261123T140200-7f3a9c", path=Path("x"), name=fields.pop("name", "wide"),
                     status=fields.pop("status", Status.FINISHED), created_at=start,
                     duration_s=7.7, metrics=metrics, **fields)  # fmt: skip


def texts_of(spec: dict) -> set[str]:
    return {row["t"] for data in spec["data"] for row in data.get("values", []) if "t" in row}


def test_a_bundle_holds_compiled_vega_and_one_picture() -> None:
    found = {"train/loss": series("train/loss", np.geomspace(2, 0.1, 200))}
    made = card_bundle([(run_of(found), found)])
    picture = Image.open(io.BytesIO(base64.b64decode(made["image/png"])))
    assert made[VEGA_MIME]["$schema"].startswith("https://vega.github.io/schema/vega/v5")
    assert picture.mode == "P"
    assert picture.width > 1200


@pytest.mark.slow
def test_a_run_with_much_noise_stays_within_its_budget() -> None:
    noise = np.random.default_rng(0)
    found = {
        f"{a}/{b}": series(f"{a}/{b}", noise.normal(size=100_000)) for a in "abcd" for b in "xyz"
    }
    assert size_bytes(card_bundle([(run_of(found), found)])) <= BUDGET_BYTES


HOSTILE = [
    "<img src=x onerror=alert(1)>", "a.b[0]", "back\\slash", "it's \"quoted\"", "new\nline",
    "datum.x", "x" * 65_536, "🙂 \u202e", "{expr: 1}",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_metric_name_is_only_ever_data(name: str) -> None:
    found = {name: series(name, [1.0, 2.0, 3.0])}
    spec = card_bundle([(run_of(found, name=name), found)])[VEGA_MIME]
    outside = json.dumps({k: v for k, v in spec.items() if k not in ("data", "scales")})
    assert label_text(name) in texts_of(spec)
    assert name[:40] not in outside or name == "datum.x"


@pytest.mark.parametrize("bad", [{"url": "x"}, {"href": {"value": "x"}}, {"type": "image"}])
def test_a_spec_that_would_fetch_something_is_refused(bad: dict) -> None:
    with pytest.raises(CorruptRecord, match="not shown"):
        refuse_unsafe({"marks": [{"encode": bad, **bad}]})


def test_a_run_that_logged_nothing_says_what_to_do_next() -> None:
    spec = card_bundle([(run_of({}), {})])[VEGA_MIME]
    assert any("Call runfolio.log" in text for text in texts_of(spec))


def test_the_card_tells_why_a_run_failed_and_what_is_late() -> None:
    record = run_of({}, status=Status.FAILED, note="ValueError: shapes", counts={"late": 3})
    card = run_card(record, Panels(()))
    assert card.notes == ("failed: ValueError: shapes", "3 points at an earlier step")


def test_the_caption_says_how_many_points_are_shown() -> None:
    found = {"loss": series("loss", np.sin(np.arange(50_000)))}
    rows = Rows()
    to_chart(run_card(run_of(found), curves([(run_of(found), found)])), rows=rows)
    said = {row.get("t") for data in rows.datasets.values() for row in data}
    assert any(text and text.endswith("of 50,000 points") for text in said)


def test_every_piece_of_a_card_is_valid_vega_lite() -> None:
    found = {"train/loss": series("train/loss", np.geomspace(2, 1e-4, 60)),
             "train/aux": series("train/aux", [1.0, 2.0])}  # fmt: skip
    chart = to_chart(run_card(run_of(found), curves([(run_of(found), found)])))
    assert chart.to_dict(validate=True)["vconcat"]


def test_a_chart_takes_the_colours_of_a_dark_page() -> None:
    found = {"train/loss": series("train/loss", np.geomspace(2, 0.1, 200))}
    spec = card_bundle([(run_of(found), found)])[VEGA_MIME]

    text = json.dumps(spec)
    assert spec["usermeta"]["embedOptions"]["renderer"] == "svg"
    assert spec["background"] == "transparent"
    assert f"light-dark({LIGHT.series[0]}, {DARK.series[0]})" in text
    assert set(re.findall("(.)#[0-9a-f]{6}", text)) <= {"(", " "}


def test_a_metric_with_the_name_of_a_colour_keeps_it() -> None:
    name = LIGHT.series[0]
    found = {name: series(name, [1.0, 2.0, 3.0])}
    spec = card_bundle([(run_of(found), found)])[VEGA_MIME]

    domains = [scale["domain"] for scale in spec["scales"] if scale["type"] == "ordinal"]
    assert name in texts_of(spec)
    assert [name] in domains


@pytest.mark.parametrize(("n", "steps"), [(1, [0]), (2, [0, 1]), (3, [0, 1, 2])])
def test_few_steps_are_named_whole(n: int, steps: list[int]) -> None:
    found = {"loss": series("loss", np.arange(n))}
    spec = card_bundle([(run_of(found), found)])[VEGA_MIME]

    named = [axis["values"] for axis in axes_of(spec) if "values" in axis]
    assert steps in named


def axes_of(node) -> list[dict]:
    if isinstance(node, dict):
        return node.get("axes", []) + [a for v in node.values() for a in axes_of(v)]
    return [a for item in node for a in axes_of(item)] if isinstance(node, list) else []


def test_a_metric_without_a_finite_value_says_so() -> None:
    found = {"loss": series("loss", [math.nan, math.inf])}
    spec = card_bundle([(run_of(found), found)])[VEGA_MIME]

    assert "No finite value to draw." in texts_of(spec)
    assert axes_of(spec) == []


def test_points_that_cannot_be_read_are_not_called_missing() -> None:
    record = run_of({"loss": series("loss", [1.0])})
    spec = card_bundle([(record, {})])[VEGA_MIME]

    assert any(text.startswith("The points cannot be read.") for text in texts_of(spec))


def test_long_names_are_cut_where_something_else_begins() -> None:
    found = {"a" * 90: series("a" * 90, [1.0, 2.0, 3.0])}
    spec = card_bundle([(run_of(found, name="n" * 90), found)])[VEGA_MIME]

    assert json.dumps(spec).count('"limit"') >= 5
