"""Settings that nobody gave: of Hydra, of argparse, of the objects in a script."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pydantic
import pytest
from ml_collections import ConfigDict
from omegaconf import OmegaConf

from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord
from runfolio.record.api import init
from runfolio.record.session import session


@dataclasses.dataclass
class Inner:
    depth: int = 3


class Model(pydantic.BaseModel):
    lr: float = 0.1
    inner: Inner = pydantic.Field(default_factory=Inner)


@attrs.define
class Attrs:
    lr: float = 0.1
    inner: Inner = attrs.Factory(Inner)


NESTED = {"lr": 0.1, "inner": {"depth": 3}}
GIVEN = [
    argparse.Namespace(lr=0.1, inner=argparse.Namespace(depth=3)), Model(), Attrs(),
    OmegaConf.create({"lr": 0.1, "inner": {"depth": "${d}"}, "d": 3}), ConfigDict(NESTED),
]  # fmt: skip


@pytest.mark.parametrize("given", GIVEN, ids=lambda given: type(given).__name__)
def test_objects_of_many_libraries_are_taken_whole(given: Any) -> None:
    run = init(config=given)
    run.config.update({"again": given})
    seen = (run.config.lr, run.config["inner"]["depth"])
    run.finish()
    config = dict(read_record(run.path).config)
    config.pop("d", None)
    config["again"].pop("d", None)

    assert seen == (0.1, 3)
    assert config == {**NESTED, "again": NESTED}


def test_one_setting_that_was_not_given_costs_none_of_the_others() -> None:
    run = init(config=OmegaConf.create({"lr": 0.1, "steps": "???", "lost": "${nowhere}"}))
    run.finish()
    assert read_record(run.path).config == {"lr": 0.1, "steps": "???", "lost": "${nowhere}"}


def the_run(store: Path) -> RunRecord:
    (path,) = store.glob("*/run.json")
    return read_record(path.parent)


def test_what_argparse_parsed_in_the_script_is_recorded_and_not_given_to_it(
    script: Callable[..., Any], store: Path
) -> None:
    done = script("""
        import argparse, sys, runfolio
        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("--lr", type=float, default=0.1)
            parser.add_argument("--depth", type=int, default=3)
            args = parser.parse_args(["--lr", "0.5"])
            with runfolio.init(config={"depth": 9}) as run:
                print(dict(run.config), "lr" in run.config)
        main()
    """)
    record = the_run(store)
    assert done.stdout.strip() == "{'depth': 9} False"
    assert record.config == {"depth": 9, "lr": 0.5}
    assert record.config_source == {"depth": "argument", "lr": "argparse"}


def test_what_runfolio_has_returned_is_no_setting(script: Callable[..., Any], store: Path) -> None:
    script("""
        import runfolio
        from sklearn.linear_model import Ridge
        ridge = Ridge().fit([[0], [1], [2]], [0, 1, 2])
        with runfolio.init(id="first"):
            found = runfolio.sklearn.log_evaluation(ridge, [[3], [4]], [3, 4])
        runfolio.init(id="second").finish()
    """)
    assert read_record(store / "second").config == {}


def test_a_script_may_set_what_was_found_to_another_value(
    script: Callable[..., Any], store: Path
) -> None:
    script("""
        import argparse, dataclasses, runfolio
        @dataclasses.dataclass
        class Options:
            depth: int = 3
            login_password: str = "hunter2hunter2"
        args, options = argparse.Namespace(lr=0.5), Options()
        runfolio.init(id="found").finish()
        run = runfolio.init(id="set")
        run.config.update({"lr": 0.1})
        run.config.setdefaults({"options": 1})
        run.finish()
    """)
    found, changed = read_record(store / "found"), read_record(store / "set")

    assert found.config == {
        "lr": 0.5, "options": {"depth": 3, "login_password": "[redacted:login_password]"},
    }  # fmt: skip
    assert found.config_source["options.depth"] == "dataclass"
    assert changed.config == {"lr": 0.1, "options": 1}
    assert changed.config_source == {"lr": "update", "options": "default"}


def test_what_hydra_composed_is_recorded_resolved(script: Callable[..., Any], store: Path) -> None:
    script("""
        import hydra, runfolio
        from hydra.core.config_store import ConfigStore
        @hydra.main(version_base=None, config_path=None, config_name="main")
        def main(cfg):
            with runfolio.init():
                pass
        ConfigStore.instance().store(
            "main", {"lr": 0.1, "model": {"lr": "${lr}", "steps": "???"},
                     "hydra": {"run": {"dir": "."}, "output_subdir": None}})
        import sys
        sys.argv[1:] = ["lr=0.5"]
        main()
    """)
    record = the_run(store)
    assert record.config == {"lr": 0.5, "model": {"lr": 0.5, "steps": "???"}}
    assert set(record.config_source.values()) == {"hydra"}


def test_settings_that_were_found_are_found_settings_when_the_run_goes_on() -> None:
    run = init(id="r", config={"given": 1})
    run.config.note({"lr": 0.5, "args": {"depth": 3}}, "argparse")
    run.finish()
    again = init(id="r", resume="must")
    assert dict(again.config) == {"given": 1}
    again.config.update({"lr": 0.1})
    again.finish()
    record = read_record(again.path)
    assert record.config == {"given": 1, "lr": 0.1, "args": {"depth": 3}}
    assert record.config_source["args.depth"] == "argparse"


def test_in_a_notebook_a_secret_literal_is_noted_and_not_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "in_notebook", True)
    run = init()
    run.config.take_literals({"lr": 0.1, "hf_token": "[redacted:hf_token]"})
    assert dict(run.config) == {"lr": 0.1}
    run.finish()
    assert read_record(run.path).config == {"lr": 0.1, "hf_token": "[redacted:hf_token]"}
