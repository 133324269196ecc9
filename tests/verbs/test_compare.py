"""``compare``: which runs are meant, what is said of them, and what bad input gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runfolio
from runfolio.charts.export import BUDGET_BYTES, VEGA_MIME, size_bytes
from runfolio.errors import RunNotFound, UsageError
from runfolio.record.api import init
from runfolio.verbs.table import dispatch

Make = Callable[..., Path]
EVIL = '<img src=x onerror="document.title=1">\x1b[31m"); alert(1)//[l](javascript:1)'


def sweep(make_run: Make, n: int) -> None:
    for at in range(n):
        make_run(f"run{at}", config={"lr": 10.0**-at, "opt": "ab"[at % 2]}, tags=["sweep"],
                 group="gh"[at % 2], points=at + 2)  # fmt: skip


def names(view: Any) -> list[str]:
    return [record.name for record in view.compared.records]


def test_runs_are_named_as_for_show_and_keep_their_order(make_run: Make) -> None:
    sweep(make_run, 3)
    assert names(runfolio.compare("run2", "run0")) == ["run2", "run0"]
    assert names(runfolio.compare("run2", "@last", "run1")) == ["run2", "run1"]


def test_a_query_is_taken_as_runs_takes_it_and_shows_the_best_first(make_run: Make) -> None:
    sweep(make_run, 4)
    assert names(runfolio.compare("tag:sweep opt:a")) == ["run2", "run0"]
    assert names(runfolio.compare("tag:sweep", "lr>=0.1")) == ["run1", "run0"]
    assert names(runfolio.compare("sort:name limit:2")) == ["run0", "run1"]


def test_runs_themselves_can_be_given(make_run: Make) -> None:
    sweep(make_run, 2)
    assert sorted(names(runfolio.compare(runfolio.runs()))) == ["run0", "run1"]


def test_few_runs_stand_beside_each_other_with_what_differs(make_run: Make) -> None:
    make_run("wide", config={"lr": 0.1, "opt": "adam", "n": 1})
    make_run("deep", config={"lr": 0.2, "opt": "adam"}, points=9)
    lines = str(runfolio.compare("wide", "deep")).splitlines()
    assert "wide" in lines[1]
    assert "deep" in lines[1]
    assert [line.split()[:3] for line in lines[2:4]] == [["lr", "0.1", "0.2"], ["n", "1", "–"]]
    assert not any(line.split()[:1] == ["opt"] for line in lines)


def test_sampled_settings_are_short_beside_each_other(make_run: Make) -> None:
    make_run("wide", config={"lr": 0.00012345678901234567})
    make_run("deep", config={"lr": 0.3})
    view = runfolio.compare("wide", "deep")
    assert str(view).splitlines()[2].split() == ["lr", "1.23e-4", "0.3"]
    assert "0.00012345678901234567" in view.to_json()


def test_many_runs_are_rows_and_what_matters_is_told(make_run: Make) -> None:
    sweep(make_run, 9)
    text = str(runfolio.compare("tag:sweep", by="opt"))
    assert "best val/acc  0.900  run8" in text
    assert "importance of settings" in text
    assert "val/acc by opt  mean ± deviation at the end" in text


def test_machines_get_every_part(make_run: Make) -> None:
    sweep(make_run, 9)
    said = json.loads(dispatch(["compare", "tag:sweep", "--by", "group", "--json"]).to_json())
    assert said["metric"] == "val/acc"
    assert said["goal"] == "maximize"
    assert len(said["figures"]) == len(said["runs"]) == 9
    assert {setting["key"] for setting in said["settings"]} == {"lr", "opt"}
    assert [band["value"] for band in said["groups"]["bands"]] == ["g", "h"]
    assert len(said["importance"]["shares"]) == 2


def test_the_metric_the_axis_and_the_setting_can_be_chosen(make_run: Make) -> None:
    sweep(make_run, 3)
    view = runfolio.compare("run0", "run1", "run2", metric="train/loss", x="val/acc", scatter="opt")
    assert view.compared.scatter is not None
    assert view.compared.scatter.setting.key == "opt"
    assert view.compared.panels.panels[0].title == "train/loss"
    assert view.compared.panels.panels[0].axis == "val/acc"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run0", "run7"], 'No run is named "run7". Did you mean'),
        (["run0"], "Only one run is meant, run0"),
        (["run0", "run0"], "Only one run is meant, run0"),
        (["tag:nobody"], "There is nothing to compare. No run matches the query tag:nobody"),
        (["lr<"], "Expected a value after lr<."),
        (["run0", "run1", "--metric", "val/ac"], 'There is no metric "val/ac". Did you mean'),
        (["run0", "run1", "--x", "epok"], 'x is "epok"; expected step, relative, time or a metric'),
        (["run0", "run1", "--by", "grop"], 'No run has "grop"'),
        (["run0", "run1", "--scatter", "batch"], 'The runs do not differ in a setting "batch".'),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_compared_gets_a_sentence(make_run: Make, words, sentence) -> None:
    sweep(make_run, 2)
    view = dispatch(["compare", *words])
    assert sentence in str(view)
    assert view.exit_code in (1, 2)


def test_a_call_without_runs_says_how_one_looks(make_run: Make) -> None:
    make_run("a")
    with pytest.raises(UsageError, match="compare takes runs or a query"):
        runfolio.compare()
    with pytest.raises(RunNotFound):
        runfolio.compare("a", 7)


def test_runs_without_numbers_still_tell_their_settings(make_run: Make) -> None:
    make_run("a", config={"lr": 1}, points=0)
    make_run("b", config={"lr": 2}, points=0)
    view = runfolio.compare("a", "b")
    assert "None of these runs logged a number." in str(view)
    assert "lr" in str(view)
    assert VEGA_MIME in view._repr_mimebundle_()[0]


def test_runs_without_a_metric_in_common_say_so(store_path: Path) -> None:
    for key in ("acc", "loss"):
        run = init("digits", name=key)
        run.log({key: 1.0})
        run.finish(quiet=True)
    text = str(runfolio.compare("acc", "loss"))
    assert "The runs have no metric in common" in text
    assert "The runs differ in no setting." in text


def test_a_metric_that_nobody_gave_a_way_has_no_best(store_path: Path) -> None:
    for n in range(2):
        run = init("digits", name=f"r{n}", config={"n": n})
        run.log({"score": n})
        run.finish(quiet=True)
    view = runfolio.compare("r0", "r1")
    assert view.compared.best is None
    assert 'Whether less or more of "score" is better is not known' in str(view)


def test_different_types_under_one_key_and_values_that_are_no_numbers(store_path: Path) -> None:
    for n, (value, config) in enumerate(
        [(np.nan, 3), (np.inf, "auto"), (1.0, [1, 2]), (2.0, None)]
    ):
        run = init("digits", name=f"r{n}", config={"size": config})
        run.log({"val/acc": 0.5}, step=0)
        run.log({"val/acc": value}, step=1)
        run.finish(quiet=True)
    bundle, _ = runfolio.compare("sort:name", by="size")._repr_mimebundle_()
    assert "image/png" in bundle
    assert "auto" in bundle["text/plain"]


def test_what_a_run_says_is_data_wherever_it_stands(store_path: Path) -> None:
    for n in range(9):
        run = init("digits", name=f"{EVIL}{n}", config={EVIL: f"{EVIL}{n}"}, group=EVIL)
        run.log({EVIL: float(n), "val/acc": n / 9}, step=1)
        run.finish(quiet=True)
    view = runfolio.compare(runfolio.runs(), by="group")
    bundle, _ = view._repr_mimebundle_()
    vega = bundle[VEGA_MIME]
    for source in vega["data"]:
        source.pop("values", None)
    assert "onerror" not in json.dumps(vega)
    assert "<img" not in view.to_html()
    assert "\x1b" not in str(view)


def test_a_saved_comparison_stays_within_the_budget_of_a_notebook(store_path: Path) -> None:
    draw = np.random.default_rng(0)
    for n in range(40):
        run = init("digits", name=f"r{n}", config={"lr": float(draw.random()), "k": n % 5})
        for step in range(120):
            run.log({"train/loss": draw.random(), "val/acc": draw.random()}, step=step)
        run.finish(quiet=True)
    bundle, about = runfolio.compare(runfolio.runs(), by="k")._repr_mimebundle_()
    assert size_bytes({k: v for k, v in bundle.items() if k != "text/plain"}) <= BUDGET_BYTES
    assert about["image/png"]["width"] == pytest.approx(732, abs=8)


def test_a_report_draws_the_charts_where_they_are_asked_for(make_run: Make) -> None:
    sweep(make_run, 8)
    runfolio.report("tag:sweep", "a.html", charts=True, journal=False)
    page = Path("a.html").read_text(encoding="utf-8")
    assert "<h2>Comparison</h2>" in page
    assert "<h2>Curves</h2>" not in page
    assert "importance of settings" in page
    runfolio.report("tag:sweep", "a.md", charts=True, journal=False)
    assert "## Comparison" in Path("a.md").read_text(encoding="utf-8")
