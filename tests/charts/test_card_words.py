"""What a card says of a run, and how it says that there is nothing to draw."""

from __future__ import annotations

import numpy as np
import pytest

from runfolio.charts.card import compare_card, run_card
from runfolio.charts.curves import label_text
from runfolio.charts.heading import footer
from runfolio.charts.lettering import Lettering
from runfolio.charts.plain import plain_card
from runfolio.charts.sheet import caption
from runfolio.model.run import MetricSummary, Status
from runfolio.query.alerts import Alert
from runfolio.query.curves import curves
from runfolio.query.panel import Panels

NONE = Panels(())


def test_the_card_names_the_run_its_time_and_its_code(run_of) -> None:
    card = run_card(
        run_of(
            tags=("first",),
            git={"sha": "13e8c94aa", "branch": "main", "files_changed": 2},
            software={"python": "3.11.7"},
            seeds={"random": 0, "numpy": 0},
            data=({"name": "digits"},),
        ),
        NONE,
    )
    assert (card.title, card.ident, card.tags, card.took) == (
        "wide",
        "7f3a9c",
        ("first",),
        "7.7\u2009s",
    )
    assert card.facts == "main @ 13e8c94 + 2 files · Python 3.11.7 · seed 0 · data digits"


@pytest.mark.parametrize(
    ("complete", "said"),
    [
        ({"replayable": "yes"}, ()),
        ({"replayable": "no: a; b; c"}, ("not replayable: a and 2 more reasons",)),
        ({"code": "whole"}, ()),
    ],
)
def test_the_card_warns_of_a_run_that_cannot_be_replayed(run_of, complete, said) -> None:
    assert run_card(run_of(complete=complete), NONE).warnings == said


def test_a_run_that_can_be_replayed_is_no_reason_to_warn(run_of) -> None:
    assert run_card(run_of(complete={"replayable": "yes"}), NONE).facts.endswith("replayable")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": Status.FAILED, "note": "ValueError: shapes"}, "failed: ValueError: shapes"),
        ({"status": Status.FAILED, "exit_code": 3}, "failed: exit code 3"),
        ({"status": Status.INTERRUPTED, "signal": "SIGTERM"}, "interrupted: SIGTERM"),
        ({"status": Status.STOPPED}, "stopped"),
        ({"status": Status.FINISHED}, ""),
        ({"status": Status.RUNNING}, ""),
    ],
)
def test_the_card_tells_why_a_run_ended_as_it_did(run_of, fields, reason) -> None:
    assert run_card(run_of(**fields), NONE).reason == reason


def test_what_is_late_or_not_finite_is_a_warning(run_of) -> None:
    card = run_card(run_of(counts={"late": 3, "nonfinite": 1, "points": 90}), NONE)
    assert card.warnings == ("3 points at an earlier step", "1 point not finite")


def test_many_tags_are_cut_and_counted(run_of) -> None:
    assert run_card(run_of(tags=tuple("abcde")), NONE).tags == ("a", "b", "c", "+2")


def test_metrics_without_a_place_are_named(run_of, found) -> None:
    given = found({f"p{n:02}": [1.0, 2.0] for n in range(16)})
    more = run_card(run_of(), curves([(run_of(), given)])).more
    assert more.startswith("and 10 more metrics: p06, p07")
    assert more.endswith("p13…")


def test_a_run_that_logged_nothing_says_what_to_do_next(run_of) -> None:
    assert 'runfolio.log({"loss": loss}) draws' in run_card(run_of(), NONE).empty
    assert "yet" in run_card(run_of(status=Status.RUNNING), NONE).empty


def test_a_run_whose_points_are_lost_sends_to_the_check(run_of) -> None:
    assert "check" in run_card(run_of(metrics={"loss": MetricSummary(n=3)}), NONE).empty


def test_several_runs_are_listed_with_their_colours(run_of) -> None:
    card = compare_card([run_of(name=f"r{n}") for n in range(20)], NONE)
    assert card.title == "20 runs"
    assert card.legend[1] == ("r1", 1)
    assert card.legend[-1] == ("4 more runs, drawn grey", None)


def test_the_caption_says_how_many_points_are_shown_and_what_was_done(run_of, found) -> None:
    values = np.random.default_rng(0).normal(size=50_000)
    values[7] = float("inf")
    (panel,) = curves([(run_of(), found({"loss": values}))]).panels
    words = caption(panel).split(" · ")
    assert words[0].endswith(" of 50,000 points")
    assert words[1:] == ["smoothed 0.9988", "1 not finite"]


def test_one_point_is_one_point(run_of, found) -> None:
    (panel,) = curves([(run_of(), found({"loss": [1.0]}))]).panels
    assert caption(panel) == "1 of 1 point"


def test_a_card_in_plain_text_has_figures_and_small_curves(run_of, found) -> None:
    panels = curves([(run_of(), found({"train/loss": [3.0, 2.0, 1.0]}))],
                    direction=lambda _: "minimize")  # fmt: skip
    first, _, line = plain_card(run_card(run_of(), panels)).splitlines()
    assert first == "✓ wide  7f3a9c"
    assert line.split() == ["train/loss", "1", "█▅▁", "best", "1", "at", "2"]


def test_a_card_in_plain_text_stays_on_its_lines(run_of, found) -> None:
    name = "a\nb\x1b[31m" + "x" * 70_000
    text = plain_card(run_card(run_of(name=name, tags=(name,)), curves(
        [(run_of(), found({name: [1.0, float("nan")]}))])))  # fmt: skip
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) < 200


def test_a_label_is_cut_and_shows_what_cannot_be_printed() -> None:
    assert label_text("a\tb") == "a\N{REPLACEMENT CHARACTER}b"
    assert len(label_text("x" * 65_536)) == 64


def over_epochs(run_of, found, name: str, **said: object) -> tuple:
    summary = MetricSummary(step_metric=name, **said)
    run = run_of(metrics={"val/acc": summary})
    return run, found({"val/acc": [0.1, 0.3, 0.2], name: [1, 2, 3]})


def test_a_card_in_plain_text_names_the_figure_that_stands_for_a_metric(run_of, found) -> None:
    run = over_epochs(run_of, found, "epoch", rule="max", max=0.3, goal="maximize")
    text = plain_card(run_card(run[0], curves([run], direction=lambda _: None)))
    assert "val/acc  max 0.300  " in text


def test_alerts_stand_above_the_charts_with_the_urgency_of_the_gravest(run_of) -> None:
    alerts = [
        Alert(1, "first"),
        Alert(2, "Loss\nis\x1b NaN", "at 3", "error", held=3),
        Alert(3, "by the way"),
    ]
    card = run_card(run_of(), NONE, alerts)
    assert card.alert == "6 alerts · error: Loss\ufffdis\ufffd NaN: at 3"
    assert card.alert_level == "error"
    assert card.alert in plain_card(card)
    assert run_card(run_of(), NONE).alert == ""


def test_a_command_is_told_among_the_facts(run_of) -> None:
    card = run_card(run_of(command=("python", "train.py", "--name", "a b")), NONE)
    assert card.facts == "python train.py --name 'a b'"


@pytest.mark.parametrize(
    ("since", "lines"),
    [
        ("since best (a): lr 0.1 → 0.2 · 1 cell edited", 1),
        (" · ".join(["since best (a): lr 0.1 → 0.2"] + [f"setting{n} 1 → 2" for n in range(9)]), 2),
        ("x" * 400, 1),
        ("", 0),
    ],
)
def test_what_changed_since_the_best_run_takes_two_lines_at_most(run_of, since, lines) -> None:
    words = Lettering()
    footer(run_card(run_of(), NONE, since=since), words)
    told = [data["values"][0]["t0"] for data in words.data][-lines or len(words.data) :]
    assert " · ".join(told) == since
    assert len(told) == lines
