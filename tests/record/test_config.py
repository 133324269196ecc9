"""Settings: by attribute and item, nested, frozen in scripts, each with its source."""

from __future__ import annotations

import argparse
import copy
import enum
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest

import runfolio
from runfolio.errors import ConfigFrozen, NoActiveRun
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.record.api import init
from runfolio.record.run import Run
from runfolio.record.session import session


@dataclass
class Model:
    depth: int = 3
    sizes: list[int] = field(default_factory=lambda: [1, 2])


def recorded(run: Run) -> dict[str, Any]:
    run.finish()
    return dict(read_record(run.path).config)


def test_settings_are_read_by_attribute_and_item() -> None:
    run = init(config={"lr": 0.1, "model": {"depth": 3}})
    assert run.config.lr == run.config["lr"] == 0.1
    assert run.config.model.depth == run.config["model"]["depth"] == 3
    assert "lr" in run.config
    assert run.config.get("absent", 7) == 7
    with pytest.raises(AttributeError, match="no setting 'absent'; it has lr, model"):
        _ = run.config.absent


def test_new_settings_may_come_at_any_time() -> None:
    run = init(config={"lr": 0.1})
    run.config.batch = 64
    run.config["epochs"] = 5
    run.config.update({"model": {"depth": 3}})
    assert recorded(run) == {"lr": 0.1, "batch": 64, "epochs": 5, "model": {"depth": 3}}


def test_each_setting_says_where_it_came_from() -> None:
    run = init(config={"lr": 0.1, "m": {"d": 1}})
    run.config.batch = 64
    run.config.setdefaults({"batch": 1, "seed": 7})
    run.config.take_literals({"lr": 0.5, "m": {"d": 2}, "dropout": 0.3})
    run.finish()
    record = read_record(run.path)
    assert record.config == {"lr": 0.1, "m": {"d": 1}, "batch": 64, "seed": 7, "dropout": 0.3}
    assert record.config_source == {
        "lr": "argument", "m.d": "argument", "batch": "update", "seed": "default",
        "dropout": "cell",
    }  # fmt: skip


def test_a_literal_of_an_earlier_part_gives_way_to_that_of_the_cell_that_goes_on() -> None:
    first = init(id="goes-on", config={"given": 1})
    first.config.take_literals({"lr": 0.1, "depth": 3})
    first.finish()
    run = init(id="goes-on", resume="must")
    run.config.take_literals({"lr": 0.3})
    run.finish()
    record = read_record(run.path)
    assert record.config == {"given": 1, "lr": 0.3, "depth": 3}
    assert record.config_source == {"given": "resumed", "lr": "cell", "depth": "cell"}


def test_in_a_script_a_setting_stays_as_it_is() -> None:
    run = init(config={"lr": 0.1})
    with pytest.raises(ConfigFrozen, match=r"config\.lr is 0\.1 and was set to 0\.2"):
        run.config.lr = 0.2
    run.config.lr = 0.1
    run.config.update({"lr": 0.3}, allow_val_change=True)
    assert recorded(run) == {"lr": 0.3}


def test_a_refused_change_takes_nothing_in() -> None:
    run = init(config={"lr": 0.1})
    with pytest.raises(ConfigFrozen):
        run.config.update({"batch": 64, "lr": 0.2})
    assert recorded(run) == {"lr": 0.1}


def test_in_a_notebook_a_setting_may_change_and_the_change_is_an_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "in_notebook", True)
    run = init(config={"lr": 0.1})
    run.config.lr = 0.2
    assert recorded(run) == {"lr": 0.2}
    changes = [event["changes"] for event in read_events(run.path) if event["kind"] == "config"]
    assert changes[-1] == {"lr": {"value": 0.2, "was": 0.1, "source": "update"}}


def test_a_change_deep_inside_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "in_notebook", True)
    run = init(config={"model": {"head": {"size": 8}}})
    run.config.model.head.size = 16
    run.config.model["depth"] = 2
    assert recorded(run) == {"model": {"head": {"size": 16}, "depth": 2}}
    assert read_record(run.path).config_source["model.head.size"] == "update"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Model(), {"depth": 3, "sizes": [1, 2]}),
        (argparse.Namespace(lr=0.1, name=None), {"lr": 0.1, "name": None}),
        ([("a", 1)], {"a": 1}),
        ({7: "x"}, {"7": "x"}),
    ],
)
def test_settings_come_in_many_forms(given: Any, expected: dict[str, Any]) -> None:
    assert recorded(init(config=given)) == expected


class Colour(enum.Enum):
    RED = "red"


class Broken:
    def __repr__(self) -> str:
        raise ZeroDivisionError


LOOP: dict[str, Any] = {}
LOOP["self"] = LOOP


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(0.5), 0.5), (np.int64(3), 3), (np.array([1, 2]), [1, 2]), ((1, 2), [1, 2]),
        (PurePosixPath("a/b"), "a/b"), (date(2026, 11, 22), "2026-11-22"), (Colour.RED, "red"),
        (float("nan"), "NaN"), (10**30, str(10**30)), (None, None), (True, True),
        (np.bool_(1), True), ({"b", "c", "a"}, ["a", "b", "c"]),
        (Model(depth=1), {"depth": 1, "sizes": [1, 2]}), (len, "len"), (Model, "Model"),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 1}]}}),
    ],
)  # fmt: skip
def test_a_setting_is_recorded_as_json(value: object, expected: object) -> None:
    assert recorded(init(config={"x": value})) == {"x": expected}


@pytest.mark.parametrize("value", [Broken(), LOOP, [LOOP], {"a": {"b": LOOP}}], ids=range(4))
def test_a_setting_no_json_holds_does_not_stop_the_run(value: object) -> None:
    run = init(config={"x": value, "lr": 0.1})
    assert recorded(run)["lr"] == 0.1


def test_a_large_config_lies_beside_the_manifest() -> None:
    big = {"text": "x" * 300_000, "lr": 0.1}
    run = init(config=big)
    assert recorded(run) == big
    assert (run.path / "config.json").is_file()


def test_keys_to_keep_and_keys_to_leave_out() -> None:
    given = {"a": 1, "b": 2, "c": 3}
    assert recorded(init(config=given, config_include_keys=["a", "b"])) == {"a": 1, "b": 2}
    assert recorded(init(config=given, config_exclude_keys=["a"])) == {"b": 2, "c": 3}


def test_after_the_end_settings_stay_as_they_are() -> None:
    run = init(config={"lr": 0.1})
    run.finish()
    with pytest.raises(NoActiveRun):
        run.config.batch = 1
    assert run.config.lr == 0.1


def test_the_program_reads_back_what_it_gave() -> None:
    given = Path("x")
    run = init(config={"path": given})
    assert run.config.path is given
    assert run.config.as_dict() == {"path": "x"}


def test_config_of_a_subprocess_may_come_from_the_environment(script: Callable[..., Any]) -> None:
    done = script("""
        import os
        os.environ.update(WANDB_NAME="from-env", WANDB_TAGS="a, b", WANDB_PROJECT="p")
        import runfolio
        run = runfolio.init()
        print(run.name, run.tags, run.project)
    """)
    assert done.stdout.strip() == "from-env ('a', 'b') p"


def test_the_settings_of_the_open_run_take_all_that_its_own_take() -> None:
    """``wandb.config.update(args)``, the most usual line of all."""
    run = init(config={"lr": 0.1})
    runfolio.config.update(argparse.Namespace(epochs=3))
    runfolio.config.update(Model(depth=5))
    runfolio.config.update({"lr": 0.3}, allow_val_change=True)
    runfolio.summary.update({"best": 1})

    assert run.summary["best"] == 1
    assert recorded(run) == {"lr": 0.3, "epochs": 3, "depth": 5, "sizes": [1, 2]}


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda settings: pickle.loads(pickle.dumps(settings))]
)
def test_a_checkpoint_or_a_worker_gets_the_settings_and_changes_none(
    copied: Callable[[Any], Any],
) -> None:
    run = init(config={"lr": 0.1, "model": {"depth": 3}})
    for settings in (run.config, runfolio.config):
        taken = copied(settings)
        assert (taken.lr, taken.model.depth) == (0.1, 3)
        taken.lr = 9
    inner = copied(run.config.model)
    inner.depth = 9

    assert recorded(run) == {"lr": 0.1, "model": {"depth": 3}}


def test_without_a_run_the_name_of_its_settings_can_be_copied() -> None:
    taken = pickle.loads(pickle.dumps(runfolio.config))

    with pytest.raises(NoActiveRun):
        _ = taken.lr
