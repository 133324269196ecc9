"""What a saved notebook keeps of a run: small, offline, and harmless."""

from __future__ import annotations

import base64
import io
import json
import math
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from runfolio.charts.curves import Rows, draw, label_text
from runfolio.charts.export import (
    BUDGET_BYTES,
    VEGA_MIME,
    card_bundle,
    refuse_unsafe,
    size_bytes,
)
from runfolio.charts.theme import DARK, LIGHT
from runfolio.errors import CorruptRecord
from runfolio.model.run import MetricSummary, Status
from runfolio.query.alerts import Alert
from runfolio.query.curves import curves


def texts_of(spec: dict) -> set[str]:
    rows = [row for data in spec["data"] for row in data.get("values", [])]
    return {value for row in rows for value in row.values() if isinstance(value, str)}


def without_rows(spec: dict) -> str:
    bare = [{k: v for k, v in data.items() if k != "values"} for data in spec["data"]]
    return json.dumps(spec | {"data": bare})


def picture_of(made: dict) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(made["image/png"])))


@pytest.fixture
def card(run_of, found):
    """Make the bundle of one run from its metrics."""

    def make(values: dict, **fields) -> dict:
        return card_bundle([(run_of(**fields), found(values))])

    return make


def test_a_bundle_holds_compiled_vega_one_picture_and_text(card) -> None:
    made = card({"train/loss": np.geomspace(2, 0.1, 200)})
    picture = picture_of(made)
    assert made[VEGA_MIME]["$schema"].startswith("https://vega.github.io/schema/vega/v5")
    assert picture.mode == "P"
    assert len(picture.getcolors()) <= 32
    assert picture.convert("RGB").getpixel((40, 300)) == (255, 255, 255)
    assert picture.width == pytest.approx(2 * 728, abs=12)
    assert made["text/plain"].startswith("✓ wide")


def test_a_bundle_is_the_same_twice(card) -> None:
    values = {"train/loss": np.random.default_rng(0).normal(size=5000), "lr": [1.0, math.nan]}
    assert card(values) == card(values)


def test_what_a_card_without_curves_says_stands_in_lines_that_a_narrow_window_holds(card) -> None:
    texts = texts_of(card({})[VEGA_MIME])

    assert {"No number was logged.", 'runfolio.log({"loss": loss}) draws a curve here.'} <= texts


@pytest.mark.slow
def test_a_run_with_much_noise_stays_within_its_budget(card) -> None:
    noise = np.random.default_rng(0)
    values = {f"{a}/{b}": noise.normal(size=100_000) for a in "abcdefgh" for b in "uvwxyz"}
    assert size_bytes(card(values)) <= BUDGET_BYTES


def test_many_noisy_runs_stay_within_the_budget_together(run_of, found) -> None:
    noise = np.random.default_rng(0)
    shown = [
        (run_of(id=f"run-{n:06}"), found({k: noise.normal(size=2000) for k in "abcd"}))
        for n in range(30)
    ]
    assert size_bytes(card_bundle(shown)) <= BUDGET_BYTES


HOSTILE = [
    "<img src=x onerror=alert(1)>", "a.b[0]", "back\\slash", "it's \"quoted\"", "new\nline",
    "datum.x", "x" * 65_536, "🙂 \u202e", "{expr: 1}", "data:text,x", "'+alert(1)+'",
    LIGHT.series[0], "__proto__", "url",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_only_ever_a_value_in_the_data(card, name: str) -> None:
    spec = card({name: [1.0, 2.0, 3.0]}, name=name, tags=(name,), note=name)[VEGA_MIME]
    plain = card({"quantity": [1.0, 2.0, 3.0]}, name="x", tags=("x",), note="x")[VEGA_MIME]
    assert label_text(name) in texts_of(spec)
    assert max(map(len, texts_of(spec))) < 300
    same = without_rows(spec) == without_rows(plain)
    assert same  # said apart: a difference of such texts takes a minute to print


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_step_metric_names_its_axis_and_acts_nowhere(run_of, found, name: str) -> None:
    def spec_of(axis: str) -> dict:
        run = run_of(metrics={"loss": MetricSummary(step_metric=axis)})
        points = found({"loss": [3.0, 2.0, 1.0], axis: [1.0, 2.0, 3.0]})
        return card_bundle([(run, points)])[VEGA_MIME]

    spec = spec_of(name)
    assert label_text(name) in texts_of(spec)
    same = without_rows(spec) == without_rows(spec_of("quantity"))
    assert same


def test_an_alert_is_drawn_in_a_hostile_runs_own_words_as_data(run_of, found) -> None:
    alerts = [Alert(1, "</script>" * 100, "datum.x", "error")]
    made = card_bundle([(run_of(), found({"loss": [1.0]}))], alerts=alerts)
    assert any(text.startswith("error: </script>") for text in texts_of(made[VEGA_MIME]))
    assert max(map(len, texts_of(made[VEGA_MIME]))) < 300
    assert "</script>" not in without_rows(made[VEGA_MIME])


def test_nothing_a_run_says_can_widen_the_rows(card) -> None:
    hostile = {"sha": "a'b\"c<d>" * 400, "branch": "\n" * 5000, "files_changed": True}
    made = card({"x": [1.0]}, git=hostile, software={"python": ["x"]}, seeds={"a": {"b": 1}},
                data=({"name": 3}, {"name": "y" * 9000}), signal="z" * 9000,
                status=Status.INTERRUPTED)  # fmt: skip
    assert max(map(len, texts_of(made[VEGA_MIME]))) < 300


@pytest.mark.parametrize("bad", [{"url": "x"}, {"href": {"value": "x"}}, {"type": "image"}])
def test_a_spec_that_would_fetch_something_is_refused(bad: dict) -> None:
    with pytest.raises(CorruptRecord, match="not shown"):
        refuse_unsafe({"marks": [{"encode": bad, **bad}]})


def test_a_metric_without_a_finite_value_says_so(card) -> None:
    spec = card({"loss": [math.nan, math.inf]})[VEGA_MIME]
    assert "No value is a finite number." in texts_of(spec)
    assert "∞" in texts_of(spec)


def test_every_status_has_a_sign(card) -> None:
    for status in Status:
        shapes = json.dumps(card({}, status=status)[VEGA_MIME]["marks"])
        assert '"shape"' in shapes


def test_every_piece_of_a_panel_is_valid_vega_lite(run_of, found) -> None:
    noise = np.random.default_rng(0).normal(size=300)
    values = {"a": np.geomspace(2, 1e-7, 60), "b/x": noise, "b/y": noise, "c": [1.0, math.inf]}
    for x in ("step", "relative", "time"):
        panels = curves([(run_of(), found(values))], direction=lambda _: "minimize", x=x)
        for panel in panels.panels:
            rows = Rows()
            assert draw(panel, rows=rows, x=x).to_dict(validate=True)["layer"]
            json.dumps(rows.datasets, allow_nan=False)


def test_more_runs_than_colours_are_dashed_and_then_grey(run_of, found) -> None:
    shown = [(run_of(id=f"r-{n:06}", name=f"r{n}"), found({"loss": [1.0, n]})) for n in range(20)]
    spec = card_bundle(shown)[VEGA_MIME]
    assert '"strokeDash": {"value": [5, 3]}' in json.dumps(spec)
    assert "4 more runs, drawn grey" in texts_of(spec)


def test_a_chart_takes_the_colours_of_a_dark_page(card) -> None:
    spec = card({"train/loss": np.geomspace(2, 0.1, 200)})[VEGA_MIME]
    signals = {signal["name"]: signal.get("update", "") for signal in spec["signals"]}
    assert f"dark ? '{DARK.series[0]}' : '{LIGHT.series[0]}'" in signals.values()
    assert "background" not in spec
    named = json.dumps({key: spec[key] for key in ("marks", "scales")})
    assert not any(colour in named for colour in (*LIGHT.series, LIGHT.text, LIGHT.ground))


@pytest.mark.parametrize("ground", [None, "#333"])
def test_the_chart_draws_itself_light_and_dark(card, ground) -> None:
    import vl_convert

    spec = card({"train/loss": np.geomspace(2, 0.1, 200)})[VEGA_MIME]
    page = spec | {"config": spec["config"] | ({"background": ground} if ground else {})}
    svg = vl_convert.vega_to_svg(page, allowed_base_urls=[])
    theme = DARK if ground else LIGHT
    assert all(colour in svg for colour in (theme.series[0], theme.text, theme.hairline))


def test_drawing_loads_its_heavy_packages_only_when_it_draws() -> None:
    code = (
        "import sys, runfolio.charts.export\n"
        "print({'altair', 'vl_convert', 'PIL', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
