"""``autolog`` switches and tells, in a notebook; a shell has nothing that trains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import runfolio
from runfolio.verbs.door import Door
from runfolio.verbs.table import dispatch

UNKNOWN = (
    "autolog knows no library 'sklern'. Did you mean \"sklearn\"? It knows sklearn, xgboost, "
    "lightgbm, keras, lightning, transformers, accelerate, tensorboard."
)
NOTEBOOK = Door(prog="%track", start=lambda options: None)


@pytest.fixture(autouse=True)
def _off_again(store_path: Path) -> Iterator[None]:
    yield
    runfolio.autolog(on=False)


def test_it_is_switched_and_told() -> None:
    assert str(dispatch(["autolog"], NOTEBOOK)) == "Nothing logs by itself."
    on = dispatch(["autolog", "on", "sklearn"], NOTEBOOK)
    assert on.data()["on"] == ["sklearn"]
    assert "scikit-learn" in str(on)
    assert dispatch(["autolog", "status", "--json"], NOTEBOOK).data()["on"] == ["sklearn"]
    assert dispatch(["autolog", "off"], NOTEBOOK).data() == {"on": [], "loaded": []}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["sklearn"], '"sklearn" is none of on, off, status. Did you mean: autolog on sklearn?'),
        (["maybe"], '"maybe" is none of on, off, status.'),
        (["status", "sklearn"], "autolog status takes no library: it tells of all of them."),
        (["on", "sklern"], UNKNOWN),
    ],
)  # fmt: skip
def test_mistakes_are_one_sentence(words: list[str], sentence: str) -> None:
    answer = dispatch(["autolog", *words], NOTEBOOK)
    assert (str(answer), answer.exit_code) == (sentence, 2)


def test_a_shell_is_told_where_it_belongs() -> None:
    answer = dispatch(["autolog", "on"], Door())
    assert answer.exit_code == 2
    assert "runfolio.autolog() in a script" in str(answer)
