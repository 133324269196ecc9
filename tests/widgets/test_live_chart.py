"""A chart of one's own, fed while its runs go on."""

from __future__ import annotations

import altair as alt
import pytest
from tests.widgets.conftest import Page

import runfolio
from runfolio.charts.streamed import streamed
from runfolio.widgets.chart import LiveChart


def chart_of(key: str) -> alt.Chart:
    frame = runfolio.runs().history([key])
    return alt.Chart(frame).mark_line().encode(x="step", y="value", color="name")


def page_of(ended: list[bool]) -> Page:
    paths = {record.id: record.path for record in runfolio.runs().records}
    made = LiveChart(streamed(chart_of("loss")), paths, ended=lambda: ended.append(True))
    return Page(made)


def turn(page: Page) -> None:
    page.card._looked_s = float("-inf")
    page.card.turn()


def test_runs_that_go_on_are_followed_and_others_are_drawn() -> None:
    with runfolio.init(name="old") as old:
        for step in range(5):
            old.log({"loss": 1.0 * step, "acc": 0.0})
    new = runfolio.init(name="new")
    new.log({"loss": 7.0})
    new.life.writer.flush()
    ended: list[bool] = []
    page = page_of(ended)
    turn(page)
    new.log({"loss": 8.0})
    new.finish()
    turn(page)
    turn(page)

    assert sorted(page.points().values()) == [[0.0, 1.0, 2.0, 3.0, 4.0], [7.0, 8.0]]
    assert (page.card.over, ended) == (True, [True])


def test_the_verb_takes_names_or_one_chart() -> None:
    with runfolio.init(name="a") as run:
        run.log({"loss": 1.0})

    assert "a" in str(runfolio.live("loss*"))
    assert runfolio.live(chart_of("loss")).data() == [{"run": run.id, "key": "loss"}]
    with pytest.raises(runfolio.UsageError, match="either names of metrics, or one Altair chart"):
        runfolio.live(chart_of("loss"), "loss")
    with pytest.raises(runfolio.RunNotFound):
        runfolio.live(
            alt.Chart(runfolio.runs().history().assign(run_id="x"))
            .mark_line()
            .encode(x="step", y="value")
        )
