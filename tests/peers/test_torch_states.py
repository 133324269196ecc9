"""The states of torch, its settings of determinism, and its seeds, are recorded and come back."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import Any

import orjson
import pytest

from runfolio.capture import seeds
from runfolio.capture.generators import as_json, generator_states
from runfolio.capture.held_generators import held_generators
from runfolio.capture.restoring import restore
from runfolio.record.seeding import seed


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch):
    """The package, as it was again afterwards."""
    monkeypatch.setattr(seeds, "_given", {})
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    import torch

    before, python = torch.get_rng_state(), random.getstate()
    yield torch
    torch.set_rng_state(before)
    random.setstate(python)
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.deterministic = torch.backends.cudnn.benchmark = False


def taken(namespace: dict[str, Any] | None = None) -> Any:
    """Return the states as they come back from a file."""
    states = {key: as_json(state) for key, state in generator_states(namespace).items()}
    return json.loads(orjson.dumps(states))


def test_the_state_of_the_processor_comes_back(torch) -> None:
    torch.seed()
    states = taken()
    drawn = torch.rand(3).tolist() + torch.randn(3).tolist()
    assert restore({"torch": states["torch"]}) == {}
    assert torch.rand(3).tolist() + torch.randn(3).tolist() == drawn


def test_a_generator_in_a_variable_comes_back_and_is_made_where_it_is_missing(torch) -> None:
    here = {"g": torch.Generator().manual_seed(3)}
    state = {"variable:g": taken(here)["variable:g"]}
    there: dict[str, Any] = {}
    drawn = torch.rand(3, generator=here["g"]).tolist()
    assert restore(state, there) == {}
    assert restore(state, here) == {}
    assert torch.rand(3, generator=there["g"]).tolist() == drawn
    assert torch.rand(3, generator=here["g"]).tolist() == drawn


def test_a_generator_in_a_data_loader_comes_back_where_it_lies(torch) -> None:
    data = torch.utils.data
    sampler = data.RandomSampler(range(50), generator=torch.Generator())
    here = {"loaders": {"train": data.DataLoader(range(50), sampler=sampler)}}
    path = 'loaders["train"].sampler.generator'
    states = generator_states(here, held=held_generators(here))
    order = list(here["loaders"]["train"])
    assert list(here["loaders"]["train"]) != order
    assert restore({f"variable:{path}": as_json(states[f"variable:{path}"])}, here) == {}
    assert list(here["loaders"]["train"]) == order


def test_the_settings_of_determinism_come_back(torch) -> None:
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.deterministic = True
    states = taken()
    torch.use_deterministic_algorithms(False)
    torch.backends.cudnn.deterministic = False
    assert restore({"torch.flags": states["torch.flags"]}) == {}
    assert torch.is_deterministic_algorithms_warn_only_enabled()
    assert torch.backends.cudnn.deterministic
    assert taken()["torch.flags"] == states["torch.flags"]


def test_a_seed_that_somebody_chose_is_known_and_no_other(torch) -> None:
    torch.manual_seed(5)
    assert seeds.known_seeds()["torch"] == 5
    torch.seed()
    assert "torch" not in seeds.known_seeds()


def test_seed_reaches_torch_and_makes_it_deterministic_on_request(torch) -> None:
    assert "torch" in seed(11)
    drawn = torch.rand(2).tolist()
    assert not torch.are_deterministic_algorithms_enabled()
    seed(11, deterministic=True)
    assert torch.rand(2).tolist() == drawn
    assert torch.are_deterministic_algorithms_enabled()
    assert generator_states()["environment"].value["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


def test_a_device_that_is_not_there_is_named(torch) -> None:
    state = {"kind": "torch.cuda", "device": 99, "state": "00" * 16}
    assert "CUDA" in restore({"torch.cuda:99": state})["torch.cuda:99"]


def test_every_cuda_device_in_use_comes_back(torch) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    torch.cuda.init()
    states = taken()
    drawn = torch.rand(3, device="cuda").tolist()
    assert restore({"torch.cuda:0": states["torch.cuda:0"]}) == {}
    assert torch.rand(3, device="cuda").tolist() == drawn


def test_torch_is_seeded_as_it_is_imported_and_cuda_is_not_started() -> None:
    source = (
        "import runfolio; runfolio.seed(7)\n"
        "import torch; from runfolio.capture.generators import generator_states\n"
        "drawn = torch.rand(1).item(); torch.manual_seed(7)\n"
        "assert torch.rand(1).item() == drawn\n"
        "assert 'torch' in generator_states()\n"
        "assert not torch.cuda.is_initialized()"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_the_precision_of_matrix_products_comes_back(torch) -> None:
    torch.backends.cuda.matmul.allow_tf32 = True
    states = taken()
    torch.backends.cuda.matmul.allow_tf32 = False
    assert taken()["torch.flags"] != states["torch.flags"]
    assert restore({"torch.flags": states["torch.flags"]}) == {}
    assert torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
