"""Curves of many runs: laid over each other line by line, and as means of groups with spread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.store.conftest import lines

from runfolio.errors import UsageError
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest
from runfolio.query.comparison import Comparison
from runfolio.query.overlaid import overlaid, thinned
from runfolio.query.spread import GROUPS, spread
from runfolio.store.store import Store


def write_run(folio: Path, run_id: str, values: Sequence[float], opt: object = "adam") -> None:
    folder = folio / run_id
    folder.mkdir(parents=True)
    figures = {"n": len(values), "last": values[-1], "min": min(values), "max": max(values)}
    document = {"format": 1, "id": run_id, "status": "finished", "config": {"opt": opt},
                "metrics": {"loss": figures, "epoch": figures}}  # fmt: skip
    write_manifest(folder, document, Disk())
    rows = [{"loss": value, "epoch": step // 2} for step, value in enumerate(values)]
    (folder / "metrics.jsonl").write_bytes(lines(*rows))


@pytest.fixture
def folio(tmp_path: Path) -> Path:
    return tmp_path / "folio"


def of(folio: Path, by: str = "opt", x: str = "step"):
    store = Store(folio)
    return spread(store, sorted(store.records(), key=lambda r: r.id), "loss", by, x=x)


def test_a_group_is_the_mean_of_its_runs_with_their_deviation(folio: Path) -> None:
    for run_id, level in (("a", 1.0), ("b", 3.0)):
        write_run(folio, run_id, [level] * 5)
    (band,) = of(folio).bands
    assert (band.value, band.n_runs) == ("adam", 2)
    assert band.mean == pytest.approx(np.full(len(band.x), 2.0))
    assert band.deviation == pytest.approx(np.full(len(band.x), np.sqrt(2)))


def test_runs_of_unlike_length_and_density_are_aligned_along_the_axis(folio: Path) -> None:
    write_run(folio, "a", [float(step) for step in range(1001)])
    write_run(folio, "b", [0.0, 1.0])
    write_run(folio, "c", [float(step) for step in range(1001)])
    (band,) = of(folio).bands
    assert band.mean == pytest.approx(band.x, abs=1e-9)


def test_a_mean_ends_where_fewer_than_half_of_the_runs_go_on(folio: Path) -> None:
    for run_id, n in (("a", 10), ("b", 10), ("c", 101)):
        write_run(folio, run_id, [1.0] * n)
    (band,) = of(folio).bands
    assert band.x[-1] <= 9


def test_one_run_alone_has_no_deviation(folio: Path) -> None:
    write_run(folio, "a", [1.0, 2.0])
    (band,) = of(folio).bands
    assert np.isnan(band.deviation).all()


def test_groups_stand_in_order_of_their_value_and_runs_without_it_first(folio: Path) -> None:
    for run_id, opt in (("a", 3), ("b", None), ("c", 1)):
        write_run(folio, run_id, [1.0, 2.0], opt)
    assert [band.value for band in of(folio).bands] == [None, 1, 3]


def test_groups_of_different_types_and_more_than_there_are_colours(folio: Path) -> None:
    for n, opt in enumerate(["a", True, [1], 2.5, "b", "c", "d", "e", "f", "f"]):
        write_run(folio, f"r{n}", [1.0, 2.0], opt)
    found = of(folio)
    assert len(found.bands) == GROUPS
    assert found.left_out == 1
    assert "f" in [band.value for band in found.bands]


def test_values_that_are_not_finite_do_not_count(folio: Path) -> None:
    write_run(folio, "a", [1.0, float("nan"), float("inf"), 1.0])
    (band,) = of(folio).bands
    assert set(band.mean.tolist()) == {1.0}


def test_another_metric_can_be_the_axis_of_groups(folio: Path) -> None:
    write_run(folio, "a", [0.0, 1.0, 2.0, 3.0])
    (band,) = of(folio, x="epoch").bands
    assert (band.x[0], band.x[-1]) == (0, 1)


def test_a_setting_that_no_run_has_is_a_mistake(folio: Path) -> None:
    write_run(folio, "a", [1.0, 2.0])
    with pytest.raises(UsageError, match='No run has "optt"'):
        of(folio, by="optt")


def laid(folio: Path, n_runs: int, values: Sequence[float], x: str = "step"):
    for n in range(n_runs):
        write_run(folio, f"r{n}", values)
    store = Store(folio)
    return overlaid(store, store.records(), ["loss"], direction=lambda key: "minimize", x=x)


def test_a_line_keeps_its_extremes_and_counts_all_its_points(folio: Path) -> None:
    values = np.sin(np.arange(5000) / 300).round(6)
    values[1234] = -9.5
    (panel,) = laid(folio, 2, values.tolist()).panels
    for line in panel.lines:
        assert line.y.min() == -9.5
        assert line.n_points == 5000
        assert len(line.x) < 1000
        assert line.best is not None
        assert (line.best.x, line.best.y) == (1234, -9.5)


def test_thinning_again_keeps_the_extremes(folio: Path) -> None:
    values = np.sin(np.arange(5000) / 300).round(6)
    values[1234] = -9.5
    panels = thinned(laid(folio, 2, values.tolist()), 200)
    assert all(line.y.min() == -9.5 for line in panels.panels[0].lines)
    assert panels.panels[0].n_shown < 400


def test_many_noisy_lines_stand_smoothed_without_the_raw_ones(folio: Path) -> None:
    noise = np.random.default_rng(0).normal(size=300).tolist()
    (panel,) = laid(folio, 9, noise).panels
    assert all(len(line.smooth_x) and not len(line.x) for line in panel.lines)


def test_runs_beyond_the_colours_are_grey_and_those_beyond_the_room_are_counted(
    folio: Path,
) -> None:
    (panel,) = laid(folio, 62, [1.0, 2.0]).panels
    assert [line.colour for line in panel.lines] == [*range(16), *[None] * 44]
    assert panel.hidden == 2


def test_curves_can_run_over_another_metric(folio: Path) -> None:
    (panel,) = laid(folio, 2, [4.0, 3.0, 2.0, 1.0], x="epoch").panels
    assert panel.axis == "epoch"
    assert panel.x_range == (0, 1)


def test_a_run_whose_series_is_gone_is_left_out_of_the_curves_alone(folio: Path) -> None:
    for run_id in ("a", "b", "c"):
        write_run(folio, run_id, [1.0, 2.0])
    (folio / "b" / "metrics.jsonl").unlink()
    store = Store(folio)
    compared = Comparison(store, sorted(store.records(), key=lambda r: r.id))
    assert [line.run_id for line in compared.panels.panels[0].lines] == ["a", "c"]
    assert compared.figures == (2.0, 2.0, 2.0)
