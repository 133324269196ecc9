"""Parallel coordinates: an axis for each setting in which runs differ, the metric's at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.query.differing import Scale, Setting, scale_of
from runfolio.query.fields import ABSENT

__all__ = ["AXES", "Axis", "Parallel", "metric_axis", "parallel", "setting_axis"]

AXES: Final = 8
"""Settings that have an axis; more crossings nobody can follow."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Attributes
    ----------
    key, title : str
    scale : Scale
        Where each run crosses it.
    values : tuple
        One per run; ``ABSENT`` where it has none.
    is_metric : bool
    """

    key: str
    title: str
    scale: Scale
    values: tuple[Any, ...]
    is_metric: bool = False


@dataclass(frozen=True, slots=True)
class Parallel:
    """The axes from left to right, and the settings that found no place."""

    axes: tuple[Axis, ...]
    more: tuple[str, ...] = ()


def parallel(
    settings: Sequence[Setting], metric: str, figures: Sequence[float | None]
) -> Parallel | None:
    """Return the axes of some runs; ``None`` where nothing differs or nothing was measured.

    Parameters
    ----------
    settings : sequence of Setting
        The first of them get an axis.
    metric : str
    figures : sequence of float or None
        Of the metric, one per run.
    """
    if not settings or not any(figure is not None for figure in figures):
        return None
    axes = (*map(setting_axis, settings[:AXES]), metric_axis(metric, figures))
    return Parallel(axes, tuple(s.key for s in settings[AXES:]))


def setting_axis(setting: Setting) -> Axis:
    """Return the axis of a setting."""
    return Axis(setting.key, setting.title, scale_of(setting.values), setting.values)


def metric_axis(metric: str, figures: Sequence[float | None]) -> Axis:
    """Return the axis of a metric; a run without a figure does not cross it."""
    values = tuple(ABSENT if figure is None else figure for figure in figures)
    return Axis(metric, metric, scale_of(values), values, is_metric=True)
