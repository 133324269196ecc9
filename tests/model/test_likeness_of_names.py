"""Which names of metrics are likely to mean one thing, and which are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.model.likeness import alike, likeness


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("training_loss", "train/loss"),
        ("loss/train", "train/loss"),
        ("trainLoss", "train/loss"),
        ("val-acc", "Val/Acc"),
        ("validation/accuracy", "val/acc"),
        ("valAccuracy", "val_acc"),
        ("learning_rate", "lr"),
        ("LearningRate", "lr"),
        ("val.loss", "val/loss"),
        ("grad norm", "gradient/norm"),
    ],
)
def test_names_of_one_thing_are_alike(one: str, other: str) -> None:
    assert likeness(one) == likeness(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("loss_1", "loss_2"),
        ("layer1/norm", "layer2/norm"),
        ("train/loss", "val/loss"),
        ("gen/disc/loss", "disc/gen/loss"),
        ("acc", "acc5"),
        ("loss", "loss/total"),
        ("train/val/loss", "val/train/loss"),
        ("eval/loss", "val/loss"),
        ("学習", "損失"),
        ("α", "β"),
    ],
)
def test_names_of_two_things_are_not(one: str, other: str) -> None:
    assert likeness(one) != likeness(other)


def test_groups_keep_the_order_in_which_the_names_came() -> None:
    names = ["val/acc", "lr", "train/loss", "training_loss", "Val/Acc", "learning_rate"]
    assert alike(names) == [
        ["val/acc", "Val/Acc"], ["lr", "learning_rate"], ["train/loss", "training_loss"],
    ]  # fmt: skip


@given(st.text())
def test_any_name_is_like_itself_and_its_own_upper_case_words(name: str) -> None:
    assert likeness(name) == likeness(name)
    assert alike([name, name]) == []


def test_a_name_as_long_as_a_file_is_like_nothing_else() -> None:
    assert likeness("a/" * 10_000) != likeness("a_" * 10_000)
