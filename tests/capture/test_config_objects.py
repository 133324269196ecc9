"""Objects that hold settings are known by their types, and nothing of the user's is called."""

from __future__ import annotations

import argparse
import dataclasses
import enum
import importlib
import types
from collections import OrderedDict, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import attrs
import numpy as np
import pydantic
import pydantic.v1
import pytest
from ml_collections import ConfigDict, FrozenConfigDict, config_dict
from omegaconf import OmegaConf

from runfolio.capture.config_objects import config_kind, settings_of
from runfolio.capture.found_settings import FoundSettings, in_cell


@dataclasses.dataclass
class Options:
    lr: float = 0.1
    depth: int = 3


@dataclasses.dataclass(slots=True)
class Slotted:
    lr: float = 0.1


class Model(pydantic.BaseModel):
    model_config = {"extra": "allow"}
    lr: float = 0.1
    login: pydantic.SecretStr = pydantic.SecretStr("hunter2")
    _own: int = 3


class OldModel(pydantic.v1.BaseModel):
    lr: float = 0.1


@attrs.define
class Attrs:
    lr: float = 0.1


@attrs.define(slots=False)
class OpenAttrs:
    lr: float = 0.1


class SubNamespace(argparse.Namespace):
    pass


LR = {"lr": 0.1}


@pytest.mark.parametrize(
    ("value", "kind", "held"),
    [
        (argparse.Namespace(lr=0.1), "argparse", LR),
        (SubNamespace(lr=0.1), "argparse", LR),
        (types.SimpleNamespace(lr=0.1), "namespace", LR),
        (Options(), "dataclass", LR | {"depth": 3}),
        (Slotted(), "dataclass", LR),
        (Attrs(), "attrs", LR),
        (OpenAttrs(), "attrs", LR),
        (OldModel(), "pydantic", LR),
        (Model(more=1), "pydantic", LR | {"login": "[redacted:login]", "more": 1}),
        (OmegaConf.create(LR), "omegaconf", LR),
        (OmegaConf.structured(Options), "omegaconf", LR | {"depth": 3}),
        (OmegaConf.create({"a": "???"}), "omegaconf", {"a": "???"}),
        (ConfigDict(LR), "ml_collections", LR),
        (FrozenConfigDict(LR), "ml_collections", LR),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_an_object_holds_is_told_by_its_type(value: Any, kind: str, held: dict) -> None:
    assert (config_kind(value), settings_of(value)) == (kind, held)


@pytest.mark.parametrize(
    "value", [3, "x", {"lr": 0.1}, [1], Options, Model, pytest, object(), np.zeros(2), (1, 2)]
)
def test_other_objects_hold_no_settings(value: Any) -> None:
    assert (config_kind(value), settings_of(value)) == (None, None)


def test_interpolations_are_resolved_and_one_that_fails_stays_as_it_is_written() -> None:
    config = OmegaConf.create(
        {"lr": 0.1, "a": "${lr}", "lost": "${nowhere}", "env": "${oc.env:NO_SUCH_VARIABLE_9}"}
    )
    assert settings_of(config) == {
        "lr": 0.1, "a": 0.1, "lost": "${nowhere}", "env": "${oc.env:NO_SUCH_VARIABLE_9}",
    }  # fmt: skip


def test_a_placeholder_is_what_has_to_be_given() -> None:
    config = ConfigDict({"lr": 0.1})
    config.steps = config_dict.required_placeholder(int)
    config.twice = config.get_ref("lr") * 2
    assert settings_of(config) == {"lr": 0.1, "steps": "???", "twice": 0.2}


def test_nothing_that_a_class_defines_itself_is_called() -> None:
    @dataclasses.dataclass
    class Touchy:
        lr: float = 0.1

        def __getattribute__(self, name: str) -> Any:
            raise ZeroDivisionError

        def __getattr__(self, name: str) -> Any:
            raise ZeroDivisionError

        def __hash__(self) -> int:
            raise ZeroDivisionError

        def __repr__(self) -> str:
            raise ZeroDivisionError

    assert in_cell("t = Touchy()", ["t"], [], {"t": Touchy()}) == [
        FoundSettings("dataclass", {"t": {"lr": 0.1}})
    ]


def test_of_a_large_data_class_that_is_installed_what_was_chosen_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "training_lib.py").write_text(
        "from dataclasses import dataclass, field\n"
        "PLAN = {'a': 1}\n"
        "@dataclass\n"
        "class Arguments:\n"
        "    out: str\n"
        "    lr: float = 0.1\n"
        "    steps: int = -1\n"
        "    names: list = field(default_factory=list)\n"
        "    plan: dict = field(default_factory=lambda: PLAN)\n"
        "    is_fast: bool = False\n"
        "    id2label: dict = field(default_factory=lambda: {0: 'LABEL_0'})\n"
        + "".join(f"    more{n}: int = 0\n" for n in range(35))
        + "@dataclass\nclass Few:\n    lr: float = 0.1\n    steps: int = 5\n"
    )
    monkeypatch.syspath_prepend(str(site))
    lib = importlib.import_module("training_lib")

    def found(**given: Any) -> list[FoundSettings]:
        return in_cell("a = Arguments()", ["a"], [], {"a": lib.Arguments("x", **given)})

    assert found() == [FoundSettings("dataclass", {"a": {"out": "x", "plan": {"a": 1}}})]
    (more,) = found(lr=0.2, steps=0, names=["n"], plan={}, is_fast=True)
    assert more.values == {
        "a": {"out": "x", "lr": 0.2, "steps": 0, "names": ["n"], "plan": {}, "is_fast": True}
    }
    (few,) = in_cell("a = Few()", ["a"], [], {"a": lib.Few()})
    assert few.values == {"a": {"lr": 0.1, "steps": 5}}  # one looks through them


class Pair(NamedTuple):
    lr: float
    decay: float


class Colour(enum.Enum):
    RED = "red"


def found(source: str, read: tuple[str, ...] = (), **variables: Any) -> dict[str, Any]:
    bound = [name for name in variables if name not in read]
    every = in_cell(source, bound, read, variables)
    return {name: value for one in every for name, value in one.values.items()}


def test_values_are_numbers_texts_and_what_is_made_of_them() -> None:
    value = types.SimpleNamespace(
        n=np.float32(0.5), i=np.int64(3), c=Colour.RED, t=(1, [2]), s={"b", "a"},
        deep={"o": Options()}, none=None, model=object(), big="x" * 2000, many=list(range(999)),
        f=float("inf"), _own=1, nothing=np.zeros(3), pair=Pair(1, 2.5), tenth=Decimal("0.1"),
        kind=np.dtype("float32"), ordered=OrderedDict(a=1), counted=defaultdict(int, b=2),
        truth=np.bool_(1), rows=np.array([(1,)], dtype=[("a", int)])[0],
    )  # fmt: skip
    assert found("v = SimpleNamespace()", v=value) == {
        "v": {
            "n": 0.5, "i": 3, "c": "red", "t": [1, [2]], "s": ["a", "b"],
            "deep": {"o": {"lr": 0.1, "depth": 3}}, "none": None, "f": "Infinity",
            "pair": {"lr": 1, "decay": 2.5}, "tenth": 0.1, "kind": "float32", "ordered": {"a": 1},
            "counted": {"b": 2}, "truth": True,
        }
    }  # fmt: skip


def test_a_private_variable_is_left_out() -> None:
    assert found("_args = p()", _args=argparse.Namespace(lr=0.1)) == {}


def test_a_secret_is_a_mark_and_a_truth_value_is_none() -> None:
    options = argparse.Namespace(hf_token="abc", password=5, use_auth=True)
    assert found("args = p()", args=options, api_key=options) == {
        "args": {
            "hf_token": "[redacted:hf_token]", "password": "[redacted:password]", "use_auth": True,
        },
        "api_key": "[redacted:api_key]",
    }  # fmt: skip


def test_what_holds_itself_and_what_is_endless_comes_to_an_end() -> None:
    loop = argparse.Namespace(lr=0.1)
    loop.self = loop
    wide = argparse.Namespace(**{f"k{i}": {f"j{j}": 1 for j in range(100)} for i in range(100)})
    assert found("a = p()", a=loop) == {"a": {"lr": 0.1}}
    assert sum(map(len, found("a = p()", a=wide)["a"].values())) <= 500


@pytest.mark.parametrize(
    "made",
    ["o = Options(lr=0.1)", "o: Options = Options()", "o = conf.Options()", "o = Options.load(f)",
     "o = replace(old, lr=0.1)", "o = tyro.cli(Options)", "o, = p.parse_args_into_dataclasses()"],
)  # fmt: skip
def test_a_data_class_that_the_cell_made_holds_settings(made: str) -> None:
    assert found(made, o=Options()) == {"o": {"lr": 0.1, "depth": 3}}


def test_what_another_call_returned_may_be_a_result() -> None:
    assert found("o = train()", o=Options()) == {}
    assert found("o = model(x).logits", o=Options()) == {}


def test_what_the_cell_used_holds_settings_whoever_made_it() -> None:
    assert found("train(o)", read=("o",), o=Options()) == {"o": {"lr": 0.1, "depth": 3}}


@pytest.mark.parametrize(
    "made", ["d = dict(lr=lr)", "d = {'lr': lr}", "d = yaml.safe_load(f)", "d = json.load(f)"]
)
def test_a_dictionary_that_is_written_down_holds_settings(made: str) -> None:
    assert found(made, d={"lr": 0.1}) == {"d": {"lr": 0.1}}


@pytest.mark.parametrize(
    "made",
    ["d = train()", "d = {'loss': x}\nfor x in y:\n    d['loss'].append(x)",
     "d = dict(a=b)\nd['lr'] = 2", "d = {k: v for k, v in x}", "d = model.load(f)"],
)  # fmt: skip
def test_a_dictionary_that_is_collected_or_returned_is_a_result(made: str) -> None:
    assert found(made, d={"lr": 0.1}) == {}


def test_literals_are_settings_as_far_as_the_cell_came_and_nothing_filled_them() -> None:
    source = "lr, sizes = 0.1, (1, 2)\nlosses = []\napi_key = 'abc'\nlr2 = 1\nnever = 2"
    variables = {"lr": 0.1, "sizes": (1, 2), "losses": [0.5], "api_key": "abc", "lr2": object()}
    assert found(source, **variables) == {
        "lr": 0.1, "sizes": [1, 2], "api_key": "[redacted:api_key]",
    }  # fmt: skip
