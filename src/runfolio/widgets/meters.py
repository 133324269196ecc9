"""The machine in a line: the last readings of the sampler, as a card shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from runfolio.charts.figures import figure
from runfolio.widgets.protocol import Meter

__all__ = ["meters"]

_GIB: Final = 1 << 30
_THIN: Final = "\u2009"
_MOST_GPUS: Final = 4


def meters(readings: Mapping[str, float]) -> list[Meter]:
    """Return what a card shows of the last readings.

    Parameters
    ----------
    readings : mapping of str to float
        Name → value, as the sampler writes them.
    """
    found: list[Meter] = []
    if "cpu_percent" in readings:
        found.append(_meter("CPU", f"{readings['cpu_percent']:.0f}{_THIN}%"))
    if "memory_bytes" in readings:
        found.append(_meter("memory", _size(readings["memory_bytes"])))
    gpus = sorted({int(m[1]) for key in readings if (m := re.match(r"gpu\.(\d{1,3})\.", key))})
    found += [_gpu(number, readings) for number in gpus[:_MOST_GPUS]]
    if len(gpus) > _MOST_GPUS:
        found.append(_meter(f"{len(gpus) - _MOST_GPUS} more", "GPUs"))
    return found


def _gpu(number: int, readings: Mapping[str, float]) -> Meter:
    def of(name: str) -> float | None:
        return readings.get(f"gpu.{number}.{name}")

    rest = []
    if (held := of("memory_bytes")) is not None:
        rest.append(_size(held))
    if (power := of("power_w")) is not None:
        rest.append(f"{power:.0f}{_THIN}W")
    if (heat := of("temperature_c")) is not None:
        rest.append(f"{heat:.0f}{_THIN}°C")
    use = of("utilization_percent")
    return _meter(f"GPU {number}", "–" if use is None else f"{use:.0f}{_THIN}%",
                  "".join(f" · {words}" for words in rest))  # fmt: skip


def _size(size: float) -> str:
    if size < _GIB:
        return f"{size / (1 << 20):.0f}{_THIN}MiB"
    return f"{figure(size / _GIB)}{_THIN}GiB"


def _meter(label: str, value: str, rest: str = "") -> Meter:
    return {"label": label, "value": value, "rest": rest}
