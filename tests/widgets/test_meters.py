"""The machine in a line."""

from __future__ import annotations

from runfolio.widgets.meters import meters


def words(readings: dict[str, float]) -> list[str]:
    return [
        f"{m['label']} {m['value']}{m['rest']}".replace("\u2009", " ") for m in meters(readings)
    ]


def test_a_reading_is_told_with_its_unit() -> None:
    told = words({"cpu_percent": 82.6, "memory_bytes": 1.2 * 2**30})

    assert told == ["CPU 83 %", "memory 1.20 GiB"]


def test_what_a_gpu_does_not_tell_is_left_out() -> None:
    told = words(
        {"gpu.0.utilization_percent": 91, "gpu.0.power_w": 212.4, "gpu.1.memory_bytes": 2**20}
    )

    assert told == ["GPU 0 91 % · 212 W", "GPU 1 – · 1 MiB"]


def test_many_gpus_are_counted() -> None:
    told = words({f"gpu.{n}.utilization_percent": 1 for n in range(8)})

    assert told[-1] == "4 more GPUs"


def test_nothing_read_is_nothing_told() -> None:
    assert words({}) == []
