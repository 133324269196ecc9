"""What a live card tells its pages, and what it does when they speak."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import numpy as np
import pytest
from tests.widgets.conftest import Page

import runfolio
from runfolio.errors import UsageError
from runfolio.widgets import streaming

PageOf = Callable[..., Page]


@pytest.fixture
def run() -> runfolio.Run:
    return runfolio.init(name="mine", tags=["first"], config={"steps": 100})


def turn(page: Page) -> None:
    page.card.turn()


def test_points_reach_the_page_each_once_and_in_order(run: runfolio.Run, page_of: PageOf) -> None:
    page = page_of(run.path, fresh=run.life.writer.flush)
    for step in range(90):
        run.log({"loss": 1.0 * step, "acc": 2.0 * step}, step=step)
        if step % 7 == 0:
            turn(page)
    turn(page)

    assert page.points() == {0: [1.0 * n for n in range(90)], 1: [2.0 * n for n in range(90)]}


def test_a_metric_runs_over_its_step_metric_from_its_first_point_on(
    run: runfolio.Run, page_of: PageOf
) -> None:
    page = page_of(run.path, fresh=run.life.writer.flush)
    run.define_metric("val/*", step_metric="epoch")
    run.log({"epoch": 1, "val/acc": 0.5, "loss": 1.0})
    turn(page)
    told = {one["key"]: one for one in page.card.card["series"]}

    assert told["val/acc"]["along"] == told["epoch"]["id"]
    assert (told["val/acc"]["over"], told["loss"]["along"]) == ("epoch", None)


def test_a_step_metric_nobody_asked_for_comes_along_and_is_not_drawn(
    run: runfolio.Run, page_of: PageOf
) -> None:
    run.define_metric("val/*", step_metric="epoch")
    run.log({"epoch": 3, "val/acc": 0.5, "loss": 1.0})
    page = page_of(run.path, fresh=run.life.writer.flush, metrics=["val/*"])
    turn(page)
    (acc,) = page.card.card["series"]

    assert acc["key"] == "val/acc"
    assert page.points()[acc["along"]] == [3.0]
    assert [panel["title"] for panel in page.card.card["panels"]] == ["val"]


def test_a_page_that_misses_points_gets_them_again(run: runfolio.Run, page_of: PageOf) -> None:
    page = page_of(run.path, fresh=run.life.writer.flush)
    for step in range(10):
        run.log({"loss": 1.0 * step}, step=step)
    turn(page)
    page.messages.clear()
    page.says(kind="want", **{"from": {"0": 4}})
    turn(page)

    content, _ = next(message for message in page.messages if message[0]["kind"] == "points")
    assert content["parts"] == [{"s": 0, "from": 4, "n": 6}]


def test_a_page_that_opens_late_gets_everything(run: runfolio.Run, page_of: PageOf) -> None:
    page = page_of(run.path, fresh=run.life.writer.flush)
    run.log({"loss": 1.0})
    turn(page)
    page.messages.clear()
    page.says(kind="ready")
    turn(page)

    assert page.points() == {0: [1.0]}


def test_a_page_that_takes_in_slowly_is_not_flooded(
    run: runfolio.Run, page_of: PageOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "_PORTION", 10)
    page = page_of(run.path, fresh=run.life.writer.flush)
    page.says(kind="ready")
    for step in range(100):
        run.log({"loss": 1.0 * step}, step=step)
    turn(page)
    assert page.kinds().count("points") == 3
    page.says(kind="got", at=20)
    turn(page)

    assert page.kinds().count("points") == 5


def test_a_page_that_cannot_speak_is_told_again(
    run: runfolio.Run, page_of: PageOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "_AGAIN_S", (0.0,))
    run.log({"loss": 1.0})
    page = page_of(run.path, fresh=run.life.writer.flush)
    page.card._points._again.clear()
    turn(page)
    page.card._points._again.append(0.0)
    turn(page)

    assert page.kinds().count("points") == 2


def test_the_card_says_how_far_the_run_is(run: runfolio.Run, page_of: PageOf) -> None:
    for step in range(40):
        run.log({"train/loss": 1.0, "train/acc": 0.5, "lr": 0.1}, step=step)
    page = page_of(run.path, fresh=run.life.writer.flush)
    turn(page)
    card = page.card.card

    assert (card["name"], card["status"], card["tags"]) == ("mine", "running", ["first"])
    assert (card["step"], card["total"]) == (39, 100)
    assert [panel["title"] for panel in card["panels"]] == ["train", "train", "lr"]


def test_a_button_does_what_it_says_and_tells_why_it_cannot(
    run: runfolio.Run, page_of: PageOf
) -> None:
    def refuse(text: str) -> None:
        raise UsageError(f"{text} is no tag.")

    noted: list[str] = []
    page = page_of(run.path, actions={"note": noted.append, "tag": refuse})
    page.says(kind="do", id=1, verb="note", text="good")
    page.says(kind="do", id=2, verb="tag", text="x")
    page.says(kind="do", id=3, verb="rm", text="")

    answers = [content for content, _ in page.messages if content["kind"] == "answer"]
    assert noted == ["good"]
    assert [answer["error"] for answer in answers] == [
        None, "x is no tag.", "This card cannot 'rm'."]  # fmt: skip


@pytest.mark.parametrize(
    "said", [None, 3, [], {"kind": "rm"}, {"kind": "want", "from": {"0": -1, "x": "y"}}]
)
def test_nonsense_from_a_page_changes_nothing(
    said: object, run: runfolio.Run, page_of: PageOf
) -> None:
    run.log({"loss": 1.0})
    page = page_of(run.path, fresh=run.life.writer.flush)
    page.card.take(said)
    turn(page)

    assert page.points() == {0: [1.0]}


def test_a_run_that_ends_is_shown_to_its_end_and_then_left(
    run: runfolio.Run, page_of: PageOf
) -> None:
    ended: list[bool] = []
    page = page_of(run.path, fresh=run.life.writer.flush, ended=lambda: ended.append(True))
    run.log({"loss": 1.0})
    turn(page)
    run.log({"loss": 2.0})
    run.finish()
    for _ in range(3):
        page.card._told_s = float("-inf")
        turn(page)

    assert page.points() == {0: [1.0, 2.0]}
    assert (page.card.card["status"], page.card.over, ended) == ("finished", True, [True])


def test_a_run_directory_deleted_under_the_card_ends_it(run: runfolio.Run, page_of: PageOf) -> None:
    run.log({"loss": 1.0})
    run.finish()
    page = page_of(run.path)
    turn(page)
    shutil.rmtree(run.path)
    page.card.over = page.card._ended = False
    turn(page)

    assert page.card.over


def test_hidden_metrics_are_not_drawn(run: runfolio.Run, page_of: PageOf) -> None:
    run.define_metric("secret", hidden=True)
    run.log({"secret": 1.0, "loss": 1.0})
    run.life.writer.flush()
    run.life.refresh()
    page = page_of(run.path, fresh=run.life.writer.flush)
    turn(page)

    assert [one["key"] for one in page.card.card["series"]] == ["loss"]


def test_where_no_widget_can_live_the_card_says_how_to_see_the_run(
    run: runfolio.Run, page_of: PageOf
) -> None:
    page = page_of(run.path)

    assert f"%track show {run.id[-6:]}" in repr(page.card)


def test_the_farthest_step_counts_whichever_came_last(run: runfolio.Run, page_of: PageOf) -> None:
    page = page_of(run.path, fresh=run.life.writer.flush)
    for step in (3, 90, 4):
        run.log({"loss": 1.0}, step=step)
    turn(page)

    assert page.card.card["step"] == 90


def test_a_deleted_run_that_had_not_ended_has_no_status_and_no_buttons(
    run: runfolio.Run, page_of: PageOf
) -> None:
    copy = shutil.copytree(run.path, run.path.parent.parent / run.id)
    page = page_of(copy, actions={"stop": print})
    turn(page)
    shutil.rmtree(copy)
    turn(page)

    told = page.card.card
    assert (told["status"], told["can"]) == ("silent", [])
    assert "The run directory is gone." in told["warnings"]


def test_a_page_forgets_what_the_kernel_forgot(run: runfolio.Run, page_of: PageOf) -> None:
    run.log({"loss": 1.0, "acc": 1.0})
    page = page_of(run.path, fresh=run.life.writer.flush)
    turn(page)
    page.card._points.forget()
    page.card._points.add(0, *np.ones((3, 1)))
    page.messages.clear()
    page.card._points.send()

    assert [content["kind"] for content, _ in page.messages] == ["reset", "points"]
    assert page.messages[0][0]["series"] == [0, 1]


def test_more_points_than_a_page_can_hold_are_counted_and_not_kept(
    run: runfolio.Run, page_of: PageOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "MOST", 100)
    page = page_of(run.path, fresh=run.life.writer.flush)
    for step in range(150):
        run.log({"loss": 1.0 * step}, step=step)
        if step in (60, 149):
            page.card._told_s = float("-inf")
            turn(page)

    assert len(page.points()[0]) == 61
    assert page.card.card["more"] == [
        "89 more points, not drawn here; the card that stays has them"
    ]
