"""Media of many runs side by side: what is shown at a step, and what is read for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runfolio.model.run import RunRecord
from runfolio.query import gallery
from runfolio.query.gallery import Gallery, Strip

Record = Callable[..., RunRecord]
Laid = Callable[..., RunRecord]


def event(key: str, step: float, *paths: str, kind: str = "image", **more: Any) -> dict[str, Any]:
    items = [{"path": f"media/images/{path}.png"} for path in paths]
    return {
        "kind": "media",
        "time": 0,
        "key": key,
        "step": step,
        "type": kind,
        "items": items,
    } | more


@pytest.fixture
def laid(tmp_path: Path, record: Record) -> Laid:
    """Return a function that lays out a run with these events."""

    def make(*events: dict[str, Any]) -> RunRecord:
        made = record()
        folder = tmp_path / made.id
        folder.mkdir()
        lines = "".join(json.dumps(one) + "\n" for one in events)
        (folder / "events.jsonl").write_text(lines, encoding="utf-8")
        return record(id=made.id, path=folder)

    return make


def strip(found: Gallery, key: str, kind: str = "images", place: int = 0) -> Strip:
    return found.run(place).strips[kind, key]


def test_a_step_shows_the_latest_at_or_before_it(laid: Laid) -> None:
    found = strip(Gallery([laid(event("x", 2, "a"), event("x", 7, "b"))]), "x")

    at = [found.at(step) for step in (2, 6.5, 7, 1000, None)]

    assert [one and one[0] for one in at] == [2, 2, 7, 7, 7]
    assert found.at(1) is None
    assert [found.exactly(2)[0].path, found.exactly(3)] == ["media/images/a.png", ()]


def test_of_two_calls_at_a_step_the_later_counts_and_each_process_for_itself(laid: Laid) -> None:
    other = event("x", 1, "r") | {"items": [{"path": "rank1/media/images/r.png"}]}
    found = strip(Gallery([laid(event("x", 1, "a", "b"), event("x", 1, "c", time=5), other)]), "x")

    assert found.steps == [1]
    assert {item.path for item in found.groups[0]} == {
        "media/images/c.png",
        "rank1/media/images/r.png",
    }


def test_each_type_is_of_a_kind_and_a_key_may_be_of_two(laid: Laid) -> None:
    run = laid(event("x", 0, "a"), event("x", 1, "a", kind="audio"), event("y", 0, kind="later"),
               event("f", 0, "a", kind="figure"))  # fmt: skip

    found = Gallery([run]).run(0).strips

    assert {kind for kind, key in found if key == "x"} == {"images", "sounds"}
    assert [kind for kind, key in found if key == "f"] == ["images"]


def test_keys_and_steps_are_those_of_the_runs_read_so_far(laid: Laid) -> None:
    found = Gallery([laid(event("x", 1, "a")), laid(event("x", 5, "a"), event("y", 3, "b"))])

    found.run(0)
    before = dict(found.keys["images"]), found.steps("images", ["x", "y"]).tolist(), found.n_read
    found.read(10)

    assert before == ({"x": 1}, [1], 1)
    assert found.keys["images"] == {"x": 2, "y": 1}
    assert found.steps("images", ["x", "y"]).tolist() == [1, 3, 5]
    assert found.steps("images", ["x"], 1).tolist() == [5]


def test_only_keys_that_are_wanted_are_kept(laid: Laid) -> None:
    found = Gallery([laid(event("a/x", 1, "a"), event("b/x", 1, "a"))], lambda key: key == "a/x")

    assert list(found.run(0).strips) == [("images", "a/x")]


def test_memory_does_not_grow_with_the_number_of_runs(
    laid: Laid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "_MOST_ITEMS", 10)
    found = Gallery([laid(*(event("x", step, "a") for step in range(4))) for _ in range(9)])

    for place in range(9):
        found.run(place)

    assert len(found._held) == 2
    assert found.keys["images"] == {"x": 9}
    assert len(found.run(0).strips["images", "x"].steps) == 4
    assert found.keys["images"] == {"x": 9}


def test_a_run_whose_folder_is_gone_has_nothing(record: Record) -> None:
    assert Gallery([record()]).run(0).strips == {}
