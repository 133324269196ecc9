"""Tensors of torch as artifacts: they come back as they were, or are refused with what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runfolio.errors import UsageError
from runfolio.record.api import init
from runfolio.record.session import reset_for_tests

torch: Any = pytest.importorskip("torch", reason="scripts/test-peers has it")


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "DIR": tmp_path / "folio",
        "STRICT": 1,
        "SILENT": "true",
        "CAPTURE": "false",
    }.items():
        monkeypatch.setenv(f"RUNFOLIO_{name}", str(value))
    monkeypatch.chdir(tmp_path)
    reset_for_tests()
    yield
    reset_for_tests()


class Tied(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inside, self.out = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)
        self.out.weight = self.inside.weight
        self.norm = torch.nn.BatchNorm1d(4)


WHOLE = torch.arange(12.0).reshape(3, 4)
KEPT: dict[str, dict[str, torch.Tensor]] = {
    "tied weights": Tied().state_dict(),
    "views of one tensor": {"whole": WHOLE, "rows": WHOLE[1:], "column": WHOLE[:, 1], "turned": WHOLE.t()},
    "types": {
        "a": torch.randn(3).bfloat16(), "b": torch.randn(3).half(), "c": torch.tensor([True]),
        "d": torch.tensor(3), "e": torch.ones(2, dtype=torch.int8), "f": torch.empty(0, 3),
    },
    "conjugated in the mind": {"w": torch.tensor([1 + 2j, 3 - 1j]).conj()},
    "negated in the mind": {"w": torch.tensor([1 + 2j]).conj().imag},
    "expanded": {"w": torch.ones(1).expand(50)},
    "with gradients": {"w": torch.nn.Parameter(torch.ones(2))},
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_tensors_come_back_as_they_were(name: str) -> None:
    given = KEPT[name]
    first = init()
    first.log_artifact(given, name="net", type="model")
    first.finish()
    artifact = init().use_artifact("net:latest")
    assert list(artifact.manifest.entries) == ["net.safetensors"]
    found = artifact.get("net")
    assert found.keys() == given.keys()
    for key, tensor in given.items():
        assert (found[key].dtype, found[key].shape) == (tensor.dtype, tensor.shape)
        assert torch.equal(found[key], tensor.detach()), key


def test_a_model_is_loaded_again_from_its_state() -> None:
    model, again = Tied(), Tied()
    again.load_state_dict(init().log_artifact(model.state_dict(), name="net").load())
    assert torch.equal(again.out.weight, model.inside.weight)


def test_one_tensor_comes_back_as_one_and_a_dict_of_one_as_a_dict() -> None:
    run = init()
    assert torch.equal(run.log_artifact(WHOLE, name="one").load(), WHOLE)
    assert list(run.log_artifact({"tensor": WHOLE}, name="dict").load()) == ["tensor"]


def optimizer() -> Any:
    model = torch.nn.Linear(2, 2)
    made = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 2)).sum().backward()
    made.step()
    return made.state_dict()


REFUSED: dict[str, tuple[Any, str]] = {
    "optimizer": (optimizer(), "as the state of an optimizer does"),
    "checkpoint": ({"model": Tied().state_dict(), "epoch": 3}, "one dict of tensors"),
    "list": ([torch.ones(2)], "one dict of tensors"),
    "sparse": ({"w": torch.eye(3).to_sparse()}, "'w' is a tensor of the layout sparse_coo"),
    "meta": ({"w": torch.empty(3, device="meta")}, "'w' is on the meta device"),
    "numbers as names": ({0: torch.ones(2)}, "expected a text as the name"),
    "module": (torch.nn.Linear(2, 2), r"Give its state_dict\(\)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_format_has_no_room_for_is_refused_and_nothing_is_pickled(
    name: str, tmp_path: Path
) -> None:
    given, told = REFUSED[name]
    with pytest.raises(UsageError, match=told):
        init().log_artifact(given, name="net", type="model")
    assert not (tmp_path / "folio/.artifacts").exists()


def test_a_type_that_numpy_does_not_know_says_to_import_torch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    artifact = init().log_artifact({"w": torch.ones(2).bfloat16()}, name="net")
    monkeypatch.delitem(sys.modules, "torch")
    with pytest.raises(UsageError, match="import torch first"):
        artifact.load()
