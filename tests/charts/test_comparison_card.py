"""The card of a comparison: colours that follow the page, sizes that stay bounded, true words."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runfolio.charts.comparison import comparison_bundle, comparison_lines
from runfolio.charts.export import BUDGET_BYTES, VEGA_MIME, size_bytes
from runfolio.charts.theme import LIGHT
from runfolio.model.run import MetricSummary, RunRecord
from runfolio.query.comparison import Comparison
from runfolio.store.store import Store

RunOf = Callable[..., RunRecord]
START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def compared(run_of: RunOf, tmp_path: Path) -> Callable[[int], Comparison]:
    """Compare so many runs of which nothing but the manifests is known."""

    def make(n: int) -> Comparison:
        draw = np.random.default_rng(0)
        records = [
            run_of(id=f"r{at:06}", name="same", created_at=START + timedelta(hours=at),
                   config={"lr": float(draw.random()), "opt": "ab"[at % 2]},
                   metrics={"val/acc": MetricSummary(n=1, last=float(draw.random()))})
            for at in range(n)
        ]  # fmt: skip
        return Comparison(Store(tmp_path / "folio"), records)

    return make


def without_data(vega: dict[str, Any]) -> str:
    sources = [{k: v for k, v in source.items() if k != "values"} for source in vega["data"]]
    return json.dumps(vega | {"data": sources})


def test_a_comparison_takes_its_colours_from_the_page(compared) -> None:
    made, _ = comparison_bundle(compared(20))
    drawn = {k: v for k, v in made[VEGA_MIME].items() if k != "signals"}
    assert not [colour for colour in LIGHT.series if colour in without_data(drawn | {"data": []})]


def test_runs_of_one_name_stay_apart(compared) -> None:
    made, _ = comparison_bundle(compared(20))
    rows = [row for source in made[VEGA_MIME]["data"] for row in source.get("values", [])]
    names = {row["k"] for row in rows if isinstance(row, dict) and "k" in row}
    assert len(names) == 20


def test_three_thousand_runs_stay_within_the_budget(compared) -> None:
    made, _ = comparison_bundle(compared(3000))
    assert "image/png" in made
    assert size_bytes(made) <= BUDGET_BYTES


def test_the_words_tell_the_best_and_how_often_it_was_beaten(compared) -> None:
    found = compared(12)
    lines = comparison_lines(found)
    top = max(value for value in found.figures if value is not None)
    n = sum(attempt.is_better for attempt in found.progress) - 1
    assert lines[0].startswith(f"best val/acc  {top:.3f}  same")
    assert f"over 12 runs, better {n} times" in lines[1]
