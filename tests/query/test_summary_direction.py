"""Which way is better, who is best, and what comes first."""

from __future__ import annotations

import pytest
from tests.query.conftest import Maker

from runfolio.model.run import MetricSummary
from runfolio.query.summary import best, direction, figure, headline


@pytest.mark.parametrize(
    "metric",
    ["loss", "train/loss", "val_loss", "train_loss_epoch", "valLoss", "test/RMSE", "eval/perplexity",
     "error_rate", "acc_loss", "f1_loss", "loss/train", "val/loss2"],
)  # fmt: skip
def test_less_of_a_loss_is_better(metric: str) -> None:
    assert direction(metric) == "minimize"


@pytest.mark.parametrize("metric", ["val/acc", "accuracy", "top1_acc", "AUROC", "macro_f1", "valAcc",
                                    "train/acc5"])  # fmt: skip
def test_more_of_an_accuracy_is_better(metric: str) -> None:
    assert direction(metric) == "maximize"


@pytest.mark.parametrize(
    "metric", ["", "lr", "accelerate", "glossary", "epoch", "épaisseur", "\x00"]
)
def test_other_names_have_no_direction(metric: str) -> None:
    assert direction(metric) is None


def test_the_newest_declared_goal_goes_before_known_words(record: Maker) -> None:
    newer = record(metrics={"loss": MetricSummary(goal="maximize")})
    older = record(metrics={"loss": MetricSummary(goal="minimize")})
    assert direction("loss", [older, newer]) == "maximize"


def test_a_goal_that_is_no_goal_is_ignored(record: Maker) -> None:
    assert direction("loss", [record(metrics={"loss": MetricSummary(goal="win")})]) == "minimize"


def test_the_first_of_equal_runs_is_best(record: Maker) -> None:
    later, earlier = record(metrics={"acc": 1.0}), record(metrics={"acc": 1.0})
    assert best([later, earlier], "acc") is earlier


def test_without_a_direction_nobody_is_best(record: Maker) -> None:
    assert best([record(metrics={"depth": 1.0})], "depth") is None
    assert best([], "acc") is None


def test_the_rule_says_which_figure_stands_for_a_metric() -> None:
    summary = {"n": 3, "last": 2.0, "min": 1.0, "max": 3.0}
    assert figure(MetricSummary(**summary)) == 2.0
    assert figure(MetricSummary(**summary, rule="min")) == 1.0
    assert figure(MetricSummary(**summary, rule="max")) == 3.0
    assert figure(None) is None


def test_results_come_before_what_is_logged_beside_them(record: Maker) -> None:
    keys = ["lr", "epoch", "train/loss", "depth", "val/loss", "val/acc", "system/cpu", "grad_norm"]
    run = record(metrics=dict.fromkeys(keys, 1.0))
    assert headline(run) == ["val/acc", "val/loss", "train/loss", "depth"]


def test_a_declared_goal_comes_first(record: Maker) -> None:
    run = record(metrics={"val/acc": 1.0, "lr": MetricSummary(goal="minimize")})
    assert headline(run) == ["lr", "val/acc"]
