"""GPUs read again and again; what errs is left out, what is lost is dropped and told once."""

from __future__ import annotations

import sys

import pynvml
import pytest
from tests.capture.nvml_playback import Playback

from runfolio.capture.gpus import Gpus


@pytest.fixture
def nvml(monkeypatch: pytest.MonkeyPatch) -> Playback:
    played = Playback()
    monkeypatch.setitem(sys.modules, "pynvml", played)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return played


def numbers(readings: dict[str, float]) -> set[int]:
    return {int(name.split(".")[1]) for name in readings}


def test_each_gpu_tells_use_memory_power_and_temperature(nvml: Playback) -> None:
    gpus = Gpus()
    gpus.read()
    found = gpus.read()
    assert {name: value for name, value in found.items() if name.startswith("gpu.0.")} == {
        "gpu.0.utilization_percent": 97,
        "gpu.0.memory_bytes": 61847109632,
        "gpu.0.power_w": 512.377,
        "gpu.0.temperature_c": 44,
    }


def test_what_a_device_never_tells_is_asked_once(nvml: Playback) -> None:
    gpus = Gpus()
    found = [gpus.read() for _ in range(4)][-1]
    told = {name for name in found if name.startswith("gpu.2.")}
    assert told == {"gpu.2.utilization_percent", "gpu.2.temperature_c"}
    assert nvml.asked[2, "power"] == nvml.asked[2, "memory"] == 1


def test_a_reading_that_errs_is_left_out_that_once(nvml: Playback) -> None:
    gpus = Gpus()
    found = [gpus.read() for _ in range(4)]
    assert ["gpu.1.utilization_percent" in one for one in found] == [True, True, False, True]
    assert all("gpu.1.power_w" in one for one in found)


def test_a_lost_device_is_dropped_and_told_once_and_the_others_go_on(nvml: Playback) -> None:
    gpus = Gpus()
    found = [gpus.read() for _ in range(8)]
    assert gpus.lost == [(1, "GPU is lost")]
    assert [1 in numbers(one) for one in found] == [True] * 4 + [False] * 4
    assert numbers(found[-1]) == {0, 2}
    assert nvml.asked[1, "utilization"] == 5


@pytest.mark.parametrize(
    ("visible", "seen"),
    [
        ("0,2", {0, 2}),
        ("2", {2}),
        ("", set()),
        ("-1", set()),
        ("NoDevFiles", set()),
        ("0,7,2", {0}),
        ("GPU-a1f0e2d4", {2}),
        ("GPU-5c89852c-0000, 0", {0, 1}),
        ("MIG-5c89852c-0000-41d2-9d42-2b6a1b7c3f10", set()),
    ],
)
def test_only_gpus_that_the_process_can_see_are_read(
    nvml: Playback, monkeypatch: pytest.MonkeyPatch, visible: str, seen: set[int]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert numbers(Gpus().read()) == seen


def test_gpus_chosen_after_the_first_look_are_those_read(
    nvml: Playback, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpus = Gpus()
    gpus.read()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2")
    assert numbers(gpus.read()) == {2}


@pytest.mark.parametrize(
    "code", [pynvml.NVML_ERROR_DRIVER_NOT_LOADED, pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH]
)
def test_without_a_driver_there_are_no_gpus_and_it_is_not_asked_again(
    nvml: Playback, code: int
) -> None:
    nvml.failing["nvmlInit"] = code
    gpus = Gpus()
    assert gpus.read() == {}
    del nvml.failing["nvmlInit"]
    assert gpus.read() == {}
    assert gpus.lost == []


def test_nvml_that_somebody_else_shut_down_is_opened_again(nvml: Playback) -> None:
    gpus = Gpus()
    assert numbers(gpus.read()) == {0, 1, 2}
    nvml.users = 0
    gpus.read()
    assert numbers(gpus.read()) == {0, 1, 2}
    assert nvml.users == 1


def test_nvml_that_stays_shut_is_left_alone_in_the_end(nvml: Playback) -> None:
    gpus = Gpus()
    for _ in range(10):
        nvml.users = 0
        gpus.read()
    assert gpus.read() == {}


def test_a_driver_that_goes_away_between_two_looks_costs_only_its_readings(nvml: Playback) -> None:
    gpus = Gpus()
    gpus.read()
    nvml.failing = dict.fromkeys(
        ("utilization", "memory", "power", "temperature"), pynvml.NVML_ERROR_UNKNOWN
    )
    assert gpus.read() == {}
    nvml.failing.clear()
    assert numbers(gpus.read()) == {0, 1, 2}


def test_a_field_without_a_value_is_no_reading(nvml: Playback) -> None:
    nvml.devices[0]["memory"] = [2**64 - 1]
    assert "gpu.0.memory_bytes" not in Gpus().read()


def test_the_driver_is_let_go_of(nvml: Playback) -> None:
    gpus = Gpus()
    gpus.read()
    gpus.close()
    assert nvml.users == 0
    assert gpus.read() == {}


def test_without_the_bindings_there_are_no_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert Gpus().read() == {}
