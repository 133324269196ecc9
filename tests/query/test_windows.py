"""Parts of curves for a panel: each pixel column's extremes are exact, whatever part is looked at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from runfolio.format.codec import dumps
from runfolio.format.disk import Disk
from runfolio.format.finished import convert_part
from runfolio.format.layout import PartName
from runfolio.format.lines import live_parts
from runfolio.format.manifest import write_manifest
from runfolio.format.parquet import read_parquet
from runfolio.query.decimation import smoothed
from runfolio.query.windows import Piece, Window, Windows
from runfolio.store.store import Store

N = 3000


def values_of(seed: int) -> NDArray[np.float64]:
    draw = np.random.default_rng(seed)
    return np.exp(-np.arange(N) / 900) + draw.normal(size=N) / 9


def row(step: int, value: float) -> bytes:
    odd = {"nonfinite": {"loss": "NaN" if np.isnan(value) else "Infinity"}}
    told = {"step": step, "time": 1000 * step, "values": {"loss": value, "epoch": step // 30}}
    return dumps(told | ({} if np.isfinite(value) else odd)) + b"\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Three runs, in row groups of 128 points; one is still a live file, one has gaps."""
    folio = tmp_path_factory.mktemp("windows") / "folio"
    for seed, name in enumerate(("a", "b", "c")):
        folder = folio / name
        folder.mkdir(parents=True)
        values = values_of(seed).tolist()
        if name == "c":
            values[700:705] = [float("nan"), 1.0, float("inf"), float("nan"), 2.0]
        (folder / "metrics.jsonl").write_bytes(b"".join(map(row, range(N), values)))
        metrics = {key: {"n": N, "last_step": N - 1} for key in ("loss", "epoch")}
        write_manifest(folder, {"format": 1, "id": name, "status": "finished",
                                "metrics": metrics}, Disk())  # fmt: skip
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("runfolio.format.finished.ROW_GROUP", 128)
            for part in live_parts(folder, "metrics") if name != "b" else ():
                convert_part(part, Disk())
    return Store(folio)


def piece(windows: Windows, store: Store, run: str, window: Window) -> Piece:
    ((_, found),) = windows.pieces([store.record(run)], window)
    return found["loss"]


def extremes_of(
    x: NDArray[np.float64], y: NDArray[np.float64], window: Window, ends: tuple[float, float]
) -> list[tuple[float, float]]:
    """Return the smallest and largest value of each column, by asking every point."""
    edges = ends[0] + (ends[1] - ends[0]) * (np.arange(1, window.columns) / window.columns)
    inside = (x >= ends[0]) & (x <= ends[1]) & ~np.isnan(y)
    column = np.searchsorted(edges, x[inside], side="right")
    found = y[inside]
    return [(found[column == c].min(), found[column == c].max()) for c in np.unique(column)]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(
    st.sampled_from("abc"), st.floats(0, N), st.floats(1, N), st.integers(16, 60),
    st.sampled_from(("step", "relative", "epoch")),
)  # fmt: skip
def test_every_column_of_a_part_keeps_its_exact_extremes(
    store: Store, run: str, begin: float, wide: float, columns: int, x: str
) -> None:
    windows = Windows(store, store.records())
    whole = piece(windows, store, run, Window(("loss",), x, None, 2 * N, 0.0))
    ends = (whole.x[0] + (whole.x[-1] - whole.x[0]) * begin / N,
            whole.x[0] + (whole.x[-1] - whole.x[0]) * (begin + wide) / N)  # fmt: skip
    window = Window(("loss",), x, ends, columns, 0.0)
    part = piece(windows, store, run, window)

    assert extremes_of(part.x, part.y, window, ends) == extremes_of(whole.x, whole.y, window, ends)
    assert part.n == ((whole.x >= ends[0]) & (whole.x <= ends[1])).sum()
    assert part.of == N


def test_only_the_row_groups_of_a_part_are_read(store: Store) -> None:
    path = store.record("a").path / "metrics.parquet"
    found = read_parquet(path, ["loss"], PartName("metrics"), steps=(1000, 1010))
    (points,) = found["loss"]
    assert len(points.step) <= 2 * 128
    assert set(range(1000, 1011)) <= set(points.step.tolist())


@pytest.mark.parametrize("weight", [0.6, 0.97])
def test_the_mean_of_a_part_is_that_of_the_whole(store: Store, weight: float) -> None:
    windows = Windows(store, store.records())
    piece(windows, store, "a", Window(("loss",), smooth=weight))
    part = piece(windows, store, "a", Window(("loss",), x_range=(2000.0, 2100.0), smooth=weight))
    expected = smoothed(values_of(0), weight)[part.smooth_x.astype(int)]
    assert np.allclose(part.smooth_y, expected, atol=1e-5)
    assert part.weight == weight


def test_a_line_goes_on_to_its_neighbours_outside(store: Store) -> None:
    windows = Windows(store, store.records())
    for ends in (None, (99.5, 100.5), (200.2, 200.4)):
        part = piece(windows, store, "a", Window(("loss",), x_range=ends, smooth=0.0))
    assert part.x.tolist() == [200, 201]
    assert part.n == 0


def test_what_jitters_is_smoothed_by_itself_and_what_is_not_finite_is_a_gap(store: Store) -> None:
    windows = Windows(store, store.records())
    found = piece(windows, store, "c", Window(("loss",), columns=4000, raw=False))
    assert found.weight == 0.98
    assert len(found.x) == 0
    assert found.nonfinite == 3
    assert np.isnan(found.smooth_y).sum() == 3
