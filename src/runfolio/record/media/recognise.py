"""What a logged value is, if it is no number and no text; nothing is imported to find out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from runfolio.record.media.arrays import is_array
from runfolio.record.media.figures import figure_of, is_of
from runfolio.record.media.histogram import Histogram
from runfolio.record.media.image import Image
from runfolio.record.media.medium import Medium
from runfolio.record.media.table import Table, is_frame
from runfolio.record.values import Unsupported

__all__ = ["media_of"]

MOST_ITEMS: Final = 10_000
"""More things under one key at one step are a mistake."""

_FEW: Final = 32
_BINS: Final = 32


def media_of(value: object) -> list[Medium]:
    """Return what a value stands for: one medium, those of a list, or nothing.

    Raises
    ------
    Unsupported
        It holds numbers or a mixture; the message says what could be logged in its place.
    """
    if isinstance(value, (list, tuple)):
        return _of_list(value)
    medium = _medium_of(value)
    return [] if medium is None else [medium]


def _of_list(values: Sequence[object]) -> list[Medium]:
    if len(values) > MOST_ITEMS:
        raise Unsupported(f"a list of {len(values):,} things; at most {MOST_ITEMS:,} are taken")
    media = []
    for value in values:
        medium = None if is_array(value) else _medium_of(value)
        if medium is None:
            raise Unsupported(_hint(values))
        media.append(medium)
    if not media:
        raise Unsupported("an empty list")
    return media


def _hint(values: Sequence[object]) -> str:
    if all(isinstance(value, (int, float)) for value in values):
        return (
            "a list of numbers; log each under a name of its own, or how they are spread: "
            "runfolio.Histogram(values)"
        )
    return "a list of what is not all images, tables or figures; wrap its items: runfolio.Image(…)"


def _medium_of(value: Any) -> Medium | None:
    if isinstance(value, Medium):
        return value
    figure = figure_of(value)
    if figure is not None:
        return figure
    if is_of(value, "PIL") and hasattr(value, "getbands"):
        return Image(value)
    if is_frame(value):
        return Table(dataframe=value)
    if is_array(value):
        return _histogram(value)
    return None


def _histogram(value: Any) -> Histogram:
    size = math.prod(int(length) for length in value.shape)
    if size <= _FEW:
        raise Unsupported(
            f"an array of shape {tuple(value.shape)}; name its elements, "
            '{"loss/a": values[0], …}, or log how they are spread: runfolio.Histogram(values)'
        )
    return Histogram(value, num_bins=_BINS)
