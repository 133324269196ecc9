"""One metric of many runs in buckets: exact extremes, whatever the axis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.conftest import lines

from runfolio.errors import RunfolioWarning, UsageError
from runfolio.format.disk import Disk
from runfolio.format.finished import convert_part
from runfolio.format.lines import live_parts
from runfolio.format.manifest import write_manifest
from runfolio.query.overlay import _bucketed
from runfolio.query.runs import Runs
from runfolio.store.store import Store


def write_run(folio: Path, run_id: str, values: list[float], *, finished: bool) -> Path:
    folder = folio / run_id
    folder.mkdir(parents=True)
    metrics = {"loss": {"n": len(values)}, "epoch": {"n": len(values)}}
    write_manifest(
        folder, {"format": 1, "id": run_id, "status": "finished", "metrics": metrics}, Disk()
    )
    rows = [{"loss": value, "epoch": step // 2} for step, value in enumerate(values)]
    (folder / "metrics.jsonl").write_bytes(lines(*rows))
    for part in live_parts(folder, "metrics") if finished else ():
        convert_part(part, Disk())
    return folder


def test_live_and_finished_runs_answer_the_same(tmp_path: Path) -> None:
    values = [5.0, 1.0, 3.0, 9.0]
    write_run(tmp_path / "folio", "a", values, finished=True)
    write_run(tmp_path / "folio", "b", values, finished=False)
    found = Runs(Store(tmp_path / "folio")).overlay("loss", 2)

    assert found.run.tolist() == [0, 0, 1, 1]
    assert found.low.tolist() == [1, 3, 1, 3]
    assert found.high.tolist() == [5, 9, 5, 9]
    assert (found.start.tolist(), found.end.tolist()) == ([0, 2] * 2, [1, 3] * 2)
    assert (found.first.tolist(), found.last.tolist()) == ([5, 3] * 2, [1, 9] * 2)


def test_another_metric_can_be_the_axis(tmp_path: Path) -> None:
    write_run(tmp_path / "folio", "a", [5.0, 1.0, 3.0, 9.0], finished=True)
    found = Runs(Store(tmp_path / "folio")).overlay("loss", 4, x="epoch")
    assert found.start.tolist() == [0, 1]
    assert found.n.tolist() == [2, 2]


@given(
    st.lists(st.floats(width=32), min_size=1, max_size=200),
    st.integers(1, 50),
    st.floats(1e-3, 1e300),
)
def test_no_extreme_is_lost_and_every_point_counts(
    values: list[float], buckets: int, width: float
) -> None:
    y = np.array(values)
    x = np.linspace(-width, width, len(values))
    start, end, n, first, last, low, high = _bucketed(x, y, buckets, None)

    assert len(start) <= buckets
    assert n.sum() == len(values)
    assert (first[0], last[-1]) == (y[0], y[-1]) or np.isnan([y[0], y[-1]]).any()
    assert np.fmin.reduce(low) == np.fmin.reduce(y) or np.isnan(y).all()
    assert np.fmax.reduce(high) == np.fmax.reduce(y) or np.isnan(y).all()
    assert (start <= end).all()


def test_a_metric_that_no_run_has_is_named(tmp_path: Path) -> None:
    write_run(tmp_path / "folio", "a", [1.0], finished=True)
    with pytest.raises(UsageError, match='Did you mean "loss"'):
        Runs(Store(tmp_path / "folio")).overlay("los")


def test_a_damaged_run_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    write_run(tmp_path / "folio", "a", [1.0, 2.0], finished=True)
    broken = write_run(tmp_path / "folio", "b", [1.0], finished=True)
    (broken / "metrics.parquet").write_bytes(b"no Parquet")
    with pytest.warns(RunfolioWarning, match="run b are left out"):
        found = Runs(Store(tmp_path / "folio")).history("loss")
    assert found["value"].tolist() == [1, 2]
