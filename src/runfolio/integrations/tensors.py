"""How long tensors are and how their values are spread, read with few waits for their devices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from runfolio.record.media.histogram import Histogram

__all__ = ["dense", "histogram", "is_there", "norms", "samples", "wait_for"]

_SAMPLE: Final = 16_384
"""Values of a tensor that are counted: evenly spaced ones where it has more."""

_BINS: Final = 32


def dense(tensor: Any) -> Any:
    """Return a tensor's values as ordinary real numbers: of a sparse or sharded one those it holds."""
    tensor = tensor.detach()
    if hasattr(tensor, "to_local"):
        tensor = tensor.to_local()
    if tensor.layout != _torch().strided:
        tensor = tensor.coalesce().values()
    if tensor.is_complex():
        tensor = _torch().view_as_real(tensor)
    return tensor if tensor.is_floating_point() else tensor.float()


def norms(tensors: Sequence[Any]) -> list[float]:
    """Return the Euclidean length of each, with one wait for each device."""
    torch = _torch()
    by_device: dict[Any, list[int]] = {}
    for at, tensor in enumerate(tensors):
        by_device.setdefault(tensor.device, []).append(at)
    found = [0.0] * len(tensors)
    for places in by_device.values():
        # Squares of half precision would overflow.
        parts = [
            torch.linalg.vector_norm(tensors[at], dtype=_wide(tensors[at])).float() for at in places
        ]
        for at, length in zip(places, torch.stack(parts).tolist(), strict=True):
            found[at] = length
    return found


def samples(tensors: Sequence[Any]) -> list[Any]:
    """Return some values of each on the host, flat and in single precision, with one copy a device."""
    torch = _torch()
    some = [_thinned(tensor.reshape(-1)).float() for tensor in tensors]
    found: list[Any] = list(some)
    by_device: dict[Any, list[int]] = {}
    for at, sample in enumerate(some):
        if sample.device.type != "cpu":
            by_device.setdefault(sample.device, []).append(at)
    for places in by_device.values():
        whole = torch.cat([some[at] for at in places]).cpu()
        for at, part in zip(places, whole.split([len(some[at]) for at in places]), strict=True):
            found[at] = part
    return found


def histogram(sample: Any) -> Histogram | None:
    """Return how the values of a sample are spread; ``None`` where none is finite."""
    torch = _torch()
    low, high = _ends(sample)
    if not math.isfinite(high - low):  # both tell of a NaN, too
        sample = sample[torch.isfinite(sample)]
        if not len(sample):
            return None
        low, high = _ends(sample)
    if not low < high:
        low, high = low - (abs(low) or 1.0) / 2, low + (abs(low) or 1.0) / 2
    counts = torch.histc(sample, _BINS, low, high).tolist()
    width = (high - low) / _BINS
    # As few digits as keep the edges apart: there are many of them in a long training.
    digits = 6 if width > 1e-4 * max(abs(low), abs(high)) else 17
    edges = [float(f"{low + width * at:.{digits}g}") for at in range(_BINS + 1)]
    return Histogram(np_histogram=([int(count) for count in counts], edges))


def _ends(sample: Any) -> tuple[float, float]:
    low, high = _torch().aminmax(sample)
    return float(low), float(high)


def is_there(tensor: Any) -> bool:
    """Return whether a parameter has values: those of a lazy module get them at its first use."""
    return not hasattr(tensor, "materialize") and tensor.device.type != "meta"


def wait_for(tensors: Sequence[Any]) -> None:
    """Let the devices of tensors finish what they were given."""
    for kind in {tensor.device.type for tensor in tensors} - {"cpu", "meta"}:
        wait = getattr(getattr(_torch(), kind, None), "synchronize", None)
        if wait is not None:
            wait()


def _thinned(flat: Any) -> Any:
    return flat[:: -(-len(flat) // _SAMPLE)] if len(flat) > _SAMPLE else flat


def _wide(tensor: Any) -> Any:
    torch = _torch()
    return torch.float64 if tensor.dtype == torch.float64 else torch.float32


def _torch() -> Any:
    import torch

    return torch
