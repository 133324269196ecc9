"""Arrays of numpy, torch, jax and TensorFlow as copies that nobody else holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["array_of", "is_array", "is_channels_first", "side_by_side", "stretched", "to_bytes"]

_NUMBERS: Final = "biuf"

_IN_A_ROW: Final = 8
_GAP: Final = 2


def is_array(value: object) -> bool:
    """Return whether a value is an array of numbers, or a column of them."""
    return (
        getattr(value, "shape", None) is not None
        and hasattr(value, "dtype")
        and not isinstance(value, type)
    )


def is_channels_first(value: object) -> bool:
    """Return whether pictures of this type are (channel, height, width), as those of torch are."""
    return any(kind.__module__.partition(".")[0] == "torch" for kind in type(value).__mro__)


def array_of(value: Any, what: str) -> np.ndarray[Any, Any]:
    """Return a copy of an array as numpy's, on the host.

    Parameters
    ----------
    value : array
        Of numpy, torch (any device), jax or TensorFlow, or a sequence of numbers.
    what : str
        What it is wanted for, for the message: ``"Image"``.

    Raises
    ------
    UsageError
        It holds something else than real numbers.
    MissingDependency
        numpy is not installed.
    """
    numpy: Any = require("numpy", feature=f"{what} of an array", install="numpy")
    if hasattr(value, "detach"):
        value = value.detach()
        if "bfloat16" in str(value.dtype):  # numpy has no such type
            value = value.float()
        value = value.cpu()
    if not isinstance(value, numpy.ndarray) and callable(getattr(value, "numpy", None)):
        value = value.numpy()
    array: np.ndarray[Any, Any] = numpy.array(value, order="C", copy=True)
    if array.dtype.kind not in _NUMBERS:
        if array.dtype.kind != "V":
            raise UsageError(
                f"{what}: expected an array of real numbers, not one of dtype {array.dtype}."
            )
        array = array.astype(numpy.float32)  # jax's bfloat16 and the 8-bit floats
    return array


def side_by_side(batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the pictures of a batch (picture, channel, height, width) as one, eight in a row."""
    import numpy as np

    number, channels, height, width = batch.shape
    columns = min(number, _IN_A_ROW)
    rows = -(-number // columns)
    high, wide = height + _GAP, width + _GAP
    shape = (channels, rows * high + _GAP, columns * wide + _GAP)
    sheet: np.ndarray[Any, Any] = np.full(shape, np.fmin.reduce(batch, axis=None), batch.dtype)
    for place, picture in enumerate(batch):
        top, left = place // columns * high + _GAP, place % columns * wide + _GAP
        sheet[:, top : top + height, left : left + width] = picture
    return sheet


def stretched(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the values of a tensor within 0 to 1, the smallest black and the largest white.

    So W&B shows tensors: networks are fed with what was shifted and scaled by mean and deviation.
    Whole numbers, and values within 0 to 1 or -1 to 1, stay as they are.
    """
    import numpy as np

    if array.dtype.kind != "f":
        return array
    finite = array[np.isfinite(array)]
    if finite.size == 0 or (finite.min() >= -1 and finite.max() <= 1):
        return array
    low, high = float(finite.min()), float(finite.max())
    with np.errstate(all="ignore"):
        scaled = (array.astype(np.float64) - low) / max(high - low, np.finfo(np.float64).tiny)
    return np.nan_to_num(scaled, nan=0.0, posinf=1.0, neginf=0.0)


def to_bytes(array: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], bool]:
    """Return values as 8-bit intensities, guessing their range as W&B does.

    Values that all lie within 0 to 1 are multiplied by 255, those within -1 to 1 are mapped from
    there; all others are clipped to 0 to 255.

    Returns
    -------
    pixels : array of uint8
    clipped : bool
        Whether there were values outside every known range.
    """
    import numpy as np

    if array.size == 0:
        return array.astype(np.uint8), False
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        array = np.nan_to_num(array, nan=0.0, posinf=255.0, neginf=0.0)
    if array.dtype == np.float16:  # 255 times a value would not be exact
        array = array.astype(np.float32)
    low, high = array.min(), array.max()
    if low >= 0 and high <= 1:
        return (array * np.float32(255)).astype(np.uint8), False
    if low >= -1 and high <= 1:
        return ((array + np.float32(1)) * np.float32(127.5)).astype(np.uint8), False
    if array.dtype == np.uint8:
        return array, False
    return array.clip(0, 255).astype(np.uint8), bool(low < 0 or high > 255)
