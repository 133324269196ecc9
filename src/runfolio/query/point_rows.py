"""The points of many runs below each other, each copied once into the place where it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runfolio.model.series import Series

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PointRows"]

_SET_ASIDE: Final = 2**26
"""Points whose memory is taken on the word of manifests alone; untouched, it costs nothing."""


class PointRows:
    """Three columns that grow: ``step``, ``time_ms``, ``value``.

    Joining the arrays of all runs at the end would need each point twice; taking memory from the
    system is what costs most here.

    Parameters
    ----------
    expected : int
        Points that will come; more may, and fewer.
    """

    def __init__(self, expected: int = 0) -> None:
        import numpy as np

        self._n = 0
        room = max(0, min(expected, _SET_ASIDE))
        self._step: NDArray[Any] = np.empty(room, np.int64)
        self._time_ms = np.empty(room, np.int64)
        self._value = np.empty(room, np.float64)

    def add(self, series: Series) -> None:
        """Put the points of a series below the others."""
        import numpy as np

        end = self._n + len(series)
        if end > len(self._value):
            room = max(end, 2 * self._n)
            self._step = self._moved(self._step, room)
            self._time_ms = self._moved(self._time_ms, room)
            self._value = self._moved(self._value, room)
        if series.step.dtype.kind == "f" and self._step.dtype.kind == "i":
            self._step = self._moved(self._step, len(self._step), np.float64)
        self._step[self._n : end] = series.step
        self._time_ms[self._n : end] = series.time_ms
        self._value[self._n : end] = series.value
        self._n = end

    def _moved(self, column: NDArray[Any], room: int, kind: Any = None) -> NDArray[Any]:
        import numpy as np

        moved = np.empty(room, kind or column.dtype)
        moved[: self._n] = column[: self._n]
        return moved

    @property
    def step(self) -> NDArray[np.int64] | NDArray[np.float64]:
        """Whole numbers as long as no series has others."""
        return self._step[: self._n]

    @property
    def time_ms(self) -> NDArray[np.int64]:
        """Milliseconds since 1970-01-01 UTC."""
        return self._time_ms[: self._n]

    @property
    def value(self) -> NDArray[np.float64]:
        """As logged."""
        return self._value[: self._n]
