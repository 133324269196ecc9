"""Which step a log belongs to; none is given twice, none is lost, across threads too."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.record.api import finish, init
from runfolio.record.run import Run


def points(run: Run, key: str = "a") -> list[tuple[float, float]]:
    """Return what the run holds, once it has ended."""
    run.finish()
    series = read_series(run.path)[key]
    return list(zip(series.step.tolist(), series.value.tolist(), strict=True))


def test_without_a_step_each_log_takes_the_next_one() -> None:
    run = init()
    for value in (5, 6, 7):
        run.log({"a": value})
    assert points(run) == [(0, 5), (1, 6), (2, 7)]


def test_after_an_explicit_step_counting_goes_on_behind_it() -> None:
    run = init()
    run.log({"a": 1}, step=10)
    run.log({"a": 2})
    run.log({"a": 3}, step=4)
    run.log({"a": 4})
    assert points(run) == [(4, 3), (10, 1), (11, 2), (12, 4)]


def test_after_a_fractional_step_the_next_whole_one_follows() -> None:
    run = init()
    run.log({"a": 1}, step=2.5)
    run.log({"a": 2})
    run.log({"a": 3}, step=3.75)
    assert points(run) == [(2.5, 1), (3, 2), (3.75, 3)]


def test_a_log_that_is_not_committed_leaves_its_step_open() -> None:
    run = init()
    run.log({"a": 1}, commit=False)
    run.log({"b": 2}, commit=False)
    run.log({"c": 3})
    run.log({"c": 4})
    run.finish()
    found = read_series(run.path)
    assert {key: series.step.tolist() for key, series in found.items()} == {
        "a": [0], "b": [0], "c": [0, 1],
    }  # fmt: skip


def test_an_explicit_step_may_stay_open_too() -> None:
    run = init()
    run.log({"a": 1}, step=7, commit=False)
    run.log({"b": 2})
    run.log({"b": 3})
    run.finish()
    assert read_series(run.path)["b"].step.tolist() == [7, 8]


def test_logs_at_one_step_are_merged() -> None:
    run = init()
    run.log({"a": 1, "b": 1}, step=3)
    run.log({"b": 2, "c": 2}, step=3)
    run.finish()
    found = {key: series.value.tolist() for key, series in read_series(run.path).items()}
    assert found == {"a": [1], "b": [2], "c": [2]}


def test_late_and_repeated_steps_are_kept_and_counted() -> None:
    run = init()
    for step, value in ((5, 1), (6, 2), (2, 3), (6, 4)):
        run.log({"a": value}, step=step)
    assert points(run) == [(2, 3), (5, 1), (6, 4)]
    record = read_record(run.path)
    assert (record.counts["points"], record.counts["late"], record.counts["duplicate"]) == (4, 1, 1)


def test_another_metric_at_the_same_step_is_no_repetition() -> None:
    run = init()
    run.log({"a": 1}, step=5)
    run.log({"b": 1}, step=5)
    run.log({"b": 1}, step=4)
    run.finish()
    counts = read_record(run.path).counts
    assert (counts["late"], counts["duplicate"]) == (1, 0)


def test_a_metric_left_out_now_and_then_is_neither_late_nor_repeated() -> None:
    run = init()
    for step in range(30):
        run.log({"a": step, "b": step * 2.0 if step % 3 == 0 else None}, step=step)
    run.finish()
    record = read_record(run.path)
    assert record.counts == {"points": 40, "late": 0, "duplicate": 0, "nonfinite": 0, "refused": 0}
    assert (record.metrics["a"].last, record.metrics["b"].last_step) == (29, 27)


def test_the_last_of_equal_steps_counts_whatever_else_its_row_holds() -> None:
    run = init()
    run.log({"a": 1.0}, step=1)
    run.log({"a": 2.0, "b": 0.0}, step=1)
    run.log({"a": 3.0}, step=1)
    run.finish()
    found = read_record(run.path).metrics["a"]
    assert (found.last, found.n) == (read_series(run.path)["a"].value[-1], 3) == (3.0, 3)


@pytest.mark.parametrize("step", [2**53, 2**63, 2**70, -(2**70), 1e300, -3, 0.1])
def test_any_finite_step_is_kept_and_takes_no_other_point_with_it(step: float) -> None:
    run = init()
    for value in range(5):
        run.log({"a": value})
    run.log({"a": 9}, step=step)
    for value in range(5):
        run.log({"b": value})
    run.finish()
    found = read_series(run.path)
    assert len(found["a"]) == 6
    assert float(step) in found["a"].step.astype(float).tolist()
    # Beyond 2⁵³ neighbouring steps are one number to most readers; the points are there.
    assert found["b"].logged == 5


@pytest.mark.parametrize("step", [float("nan"), float("inf"), "x", [1], object()])
def test_a_step_that_is_no_number_raises_at_once(step: object) -> None:
    run = init()
    with pytest.raises(TypeError, match="step is"):
        run.log({"a": 1}, step=step)
    run.log({"a": 1}, step=True)
    assert points(run) == [(1, 1)]


def test_a_resumed_run_goes_on_behind_its_last_step() -> None:
    run = init(id="again")
    run.log({"a": 1}, step=6.5)
    run.finish()
    run = init(id="again", resume="must")
    assert run.step == run.starting_step == 7
    run.log({"a": 2})
    assert points(run) == [(6.5, 1), (7, 2)]


def test_eight_threads_lose_no_point_and_take_no_step_twice() -> None:
    run = init()

    def work(thread: int) -> None:
        for n in range(5000):
            run.log({f"t{thread}": n, "all": thread * 5000 + n})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.finish()
    found = read_series(run.path)
    assert found["all"].step.tolist() == list(range(40_000))
    assert sorted(found["all"].value.tolist()) == list(range(40_000))
    assert all(found[f"t{n}"].value.tolist() == list(range(5000)) for n in range(8))


def test_threads_that_mix_explicit_and_counted_steps_lose_nothing() -> None:
    run = init()

    def work(thread: int) -> None:
        for n in range(500):
            run.log({f"t{thread}": n}, step=None if n % 3 else thread * 10_000 + n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.finish()
    assert [series.logged for series in read_series(run.path).values()] == [500] * 4


def test_a_metric_is_read_back_by_another_process_while_the_run_is_open(store: Path) -> None:
    run = init()
    run.log({"a": 1})
    assert read_series(run.path)["a"].value.tolist() == [1]
    finish()


def test_a_log_without_values_closes_the_open_step(store) -> None:
    with init() as run:
        run.log({"a": 1}, commit=False)
        run.log({"b": 2}, commit=False)
        run.log()
        run.log({"a": 3})
    series = read_series(run.path)
    assert (series["a"].step.tolist(), series["b"].step.tolist()) == ([0, 1], [0])
