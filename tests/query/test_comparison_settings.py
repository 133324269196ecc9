"""Settings held against a metric: scales, parallel axes, importance, scatter, best so far."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from runfolio.errors import MissingDependency
from runfolio.model.run import RunRecord
from runfolio.query.comparison import Comparison
from runfolio.query.differing import Setting, differing, scale_of
from runfolio.query.fields import ABSENT
from runfolio.query.importance import FEWEST, importance
from runfolio.query.parallel import AXES, parallel
from runfolio.query.progress import progress
from runfolio.query.scatter import scatter
from runfolio.store.store import Store

Maker = Callable[..., RunRecord]


def setting(*values: object, key: str = "lr") -> Setting:
    return Setting(key, key, tuple(values))


def test_only_settings_that_differ_are_held_against_a_metric(record: Maker) -> None:
    records = [record(config={"lr": lr, "opt": {"name": "adam"}, "n": 5}) for lr in (0.1, 0.2)]
    assert [(s.key, s.values) for s in differing(records)[0]] == [("lr", (0.1, 0.2))]


def test_a_setting_that_one_run_lacks_differs(record: Maker) -> None:
    found, left_out = differing([record(config={"lr": 1}), record(config={})])
    assert [(s.key, s.values) for s in found] == [("lr", (1, ABSENT))]
    assert left_out == ()


def test_numbers_that_span_factors_lie_on_a_logarithmic_scale() -> None:
    scale = scale_of([1e-4, 1e-2, 1e-3])
    assert scale.kind == "log"
    assert scale.places == pytest.approx((0, 1, 0.5))


def test_numbers_of_one_size_lie_on_a_linear_scale() -> None:
    assert scale_of([10, 20, None, 15]).places == pytest.approx((0, 1, None, 0.5))


def test_a_number_that_is_not_finite_has_no_place() -> None:
    assert scale_of([math.nan, 1.0, math.inf, 2.0]).places == (None, 0, None, 1)


def test_the_largest_numbers_there_are_have_places() -> None:
    assert scale_of([-1.7e308, 0.0, 1.7e308]).places == pytest.approx((0, 0.5, 1))


def test_an_integer_that_no_float_can_hold_makes_an_ordered_scale() -> None:
    assert scale_of([10**400, 1]).places == (1, 0)


def test_texts_and_flags_are_ordered_equally_far_apart() -> None:
    assert scale_of(["sgd", "adam", "lion", "adam"]).places == (1, 0, 0.5, 0)
    assert scale_of([True, False]).places == (1, 0)


def test_different_types_under_one_key_share_an_ordered_scale() -> None:
    scale = scale_of(["auto", 3, True, [1, 2], None, ABSENT])
    assert scale.kind == "ordered"
    assert scale.values == (None, True, 3, "auto", [1, 2])
    assert scale.places[-2:] == (0, None)


def test_the_metric_is_the_last_axis_and_settings_without_room_are_named() -> None:
    settings = [setting(1, 2, key=f"s{n}") for n in range(AXES + 2)]
    found = parallel(settings, "acc", [0.5, None])
    assert found is not None
    assert [axis.is_metric for axis in found.axes] == [False] * AXES + [True]
    assert found.more == (f"s{AXES}", f"s{AXES + 1}")


def test_without_a_difference_or_a_figure_there_are_no_axes() -> None:
    assert parallel([], "acc", [1.0, 2.0]) is None
    assert parallel([setting(1, 2)], "acc", [None, None]) is None


@pytest.fixture
def thirty() -> tuple[list[Setting], list[float | None]]:
    """Return settings of which only the learning rate decides, and what came of them."""
    draw = np.random.default_rng(1)
    lr, opt = 10 ** draw.uniform(-4, -1, 30), draw.choice(["adam", "sgd"], 30)
    figures = (np.log10(lr) + draw.normal(0, 0.05, 30)).tolist()
    return [setting(*opt.tolist(), key="opt"), setting(*lr.tolist(), key="lr")], figures


def test_the_setting_that_decides_is_the_most_important_one(thirty) -> None:
    found = importance(*thirty)
    assert [share.key for share in found.shares] == ["lr", "opt"]
    assert found.shares[0].low > found.shares[1].high
    assert found.explained > 0.7


def test_every_importance_lies_within_its_interval(thirty) -> None:
    for share in importance(*thirty).shares:
        assert share.low <= share.mean <= share.high


def test_the_same_runs_give_the_same_importance(thirty) -> None:
    assert importance(*thirty) == importance(*thirty)


def test_one_diverged_run_does_not_decide_what_matters(thirty) -> None:
    settings, figures = thirty
    figures[0] = 1e300
    assert importance(settings, figures).shares[0].key == "lr"


def test_noise_explains_nothing_of_unseen_runs(thirty) -> None:
    settings, _ = thirty
    noise = np.random.default_rng(5).normal(size=30).tolist()
    assert importance(settings, noise).explained < 0.1


def test_too_few_runs_get_a_sentence_and_no_bars() -> None:
    found = importance([setting(*range(7))], [*map(float, range(6)), math.nan])
    assert found.shares == ()
    assert found.why == (
        f"Too few runs to tell which settings matter: 6 with a finite value, {FEWEST} are needed."
    )


def test_a_metric_that_never_changes_and_settings_that_never_differ_say_so() -> None:
    assert importance([setting(*range(9))], [1.0] * 9).why == "The metric is the same in all runs."
    assert importance([], [1.0] * 9).why == "The runs differ in no setting."


def test_settings_that_are_missing_mixed_or_huge_are_learnt_from_all_the_same() -> None:
    odd = [setting(*([None, "a", 1, True] * 3), key="mixed"),
           setting(*([1e308, -1e308, None, 0.0] * 3), key="huge"),
           setting(*([None] * 11), 1, key="once")]  # fmt: skip
    found = importance(odd, [float(n) for n in range(12)])
    assert {share.key for share in found.shares} == {"mixed", "huge", "once"}
    assert all(math.isfinite(share.mean) for share in found.shares)


def test_without_scikit_learn_the_line_that_installs_it_is_named(thirty, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(MissingDependency, match=r"pip install 'runfolio\[compare\]'"):
        importance(*thirty)


def test_a_correlation_is_told_of_eight_points_and_of_numbers_only() -> None:
    rising = [float(n) for n in range(8)]
    assert scatter(setting(*range(8)), rising).correlation == pytest.approx(1)
    assert scatter(setting(*range(7)), rising[:7]).correlation is None
    assert scatter(setting(*"abcdefgh"), rising).correlation is None


def test_a_run_without_the_setting_or_a_finite_figure_is_no_point() -> None:
    found = scatter(setting(1, None, 3, 4), [1.0, 2.0, math.inf, None])
    assert found.n == 1
    assert found.y == (1.0, 2.0, None, None)


def test_the_best_so_far_follows_the_start_of_runs_not_their_order(record: Maker) -> None:
    records = [record(metrics={"acc": value}) for value in (0.9, 0.5, math.nan, 0.7)]
    found = progress(records, "acc", "maximize")  # each began an hour before the one left of it
    assert [(one.place, one.best, one.is_better) for one in found] == [
        (3, 0.7, True), (1, 0.7, False), (0, 0.9, True),
    ]  # fmt: skip


def test_less_may_be_better_and_without_a_way_there_is_no_best(record: Maker) -> None:
    records = [record(metrics={"loss": value}) for value in (0.3, 0.2, 0.4)]
    assert [one.best for one in progress(records, "loss", "minimize")] == [0.4, 0.2, 0.2]
    assert progress(records, "loss", None) == ()


def test_of_very_many_settings_those_are_compared_that_most_runs_have(
    record: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runfolio.query.differing._CELLS", 4)
    monkeypatch.setattr("runfolio.query.differing._LEAST", 2)
    runs = [
        record(config={f"own{n}": n, "lr": n, "seed": n}, metrics={"loss": n}) for n in range(4)
    ]
    compared = Comparison(Store(Path("none")), runs, against="own2")

    assert [setting.key for setting in compared.settings] == ["lr", "seed"]
    assert compared.left_out == ("own0", "own1", "own2", "own3")
    assert compared.scatter is not None
    assert compared.scatter.setting.values == (ABSENT, ABSENT, 2, ABSENT)
    assert any("4 more settings" in remark for remark in compared.remarks)
