"""Figures of matplotlib, plotly and altair, known without importing any of them."""

from __future__ import annotations

import contextlib
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import orjson

from runfolio.errors import UsageError
from runfolio.record.media.medium import Medium, Taken
from runfolio.record.media.pictures import ArrayPicture, refuse_large
from runfolio.record.media.shelf import Shelf
from runfolio.record.patience import Begun

if TYPE_CHECKING:
    import numpy as np

__all__ = ["PREVIEW_S", "Chart", "Plotly", "drawn", "figure_of", "is_drawing", "is_of"]

PREVIEW_S: Final = 10.0
"""How long the picture of one chart may take."""

# How soon it is seen that the run ends.
_LOOK_S: Final = 0.1

# An axis may lie in a part of a figure, which lies in another part.
_DEEPEST: Final = 8


def is_of(value: object, package: str) -> bool:
    """Return whether a value's type, or one it derives from, comes from a package."""
    return any(kind.__module__.partition(".")[0] == package for kind in type(value).__mro__)


def is_drawing(value: object) -> bool:
    """Return whether a value is something matplotlib draws: a figure, an axis, ``pyplot``."""
    if isinstance(value, ModuleType):
        return value.__name__ == "matplotlib.pyplot"
    if is_of(value, "matplotlib"):
        return hasattr(value, "savefig") or hasattr(value, "figure")
    with contextlib.suppress(Exception):  # seaborn's grids, and whatever else holds a figure
        return is_of(getattr(value, "figure", None), "matplotlib")
    return False


def figure_of(value: object) -> Medium | None:
    """Return a figure as it is now, ready to be logged; ``None`` for all else."""
    if is_drawing(value):
        return _Drawing(value)
    if is_of(value, "plotly") and hasattr(value, "to_plotly_json"):
        return Plotly(value)
    if is_of(value, "altair") and hasattr(value, "to_dict") and not isinstance(value, type):
        return _of_altair(value)
    return None


class Plotly(Medium):
    """A figure of plotly to log, or one of matplotlib, as it is now.

    Parameters
    ----------
    val : figure

    Raises
    ------
    UsageError
        It is neither.
    """

    type = "figure"

    def __init__(self, val: Any) -> None:
        super().__init__()
        self._drawing: _Drawing | None = None
        self._document = b""
        if is_drawing(val):
            self._drawing = _Drawing(val)
        elif hasattr(val, "to_plotly_json"):
            self._document = str(val.to_json()).encode()
        else:
            raise UsageError(
                f"Plotly() takes a figure of plotly or matplotlib, not {type(val).__name__}."
            )

    def take(self, shelf: Shelf) -> Taken:
        """Return the figure as it was when this object was made."""
        if self._drawing is not None:
            return self._drawing.take(shelf)
        document = self._document

        def write(shelf: Shelf) -> dict[str, Any]:
            return shelf.put("figure", "json", document) | {"source": "plotly"}

        return Taken(self.type, len(document), write)


class _Drawing(Medium):
    """What matplotlib drew."""

    type = "figure"

    def __init__(self, value: object) -> None:
        super().__init__()
        self._picture = ArrayPicture(drawn(value), "RGBA", normalize=False)

    def take(self, shelf: Shelf) -> Taken:
        """Return the picture."""
        del shelf
        picture = self._picture

        def write(shelf: Shelf) -> dict[str, Any]:
            width, height = picture.size
            file = picture.store(shelf, self.type)
            return file | {"width": width, "height": height, "source": "matplotlib"}

        return Taken(self.type, picture.size_bytes, write)


def _of_altair(value: Any) -> Chart:
    import altair as alt

    # Whatever transformer is on, the data go into the document, all of them.
    with alt.data_transformers.enable("default", max_rows=None):
        return Chart(value.to_dict())


class Chart(Medium):
    """A chart as its specification in Vega-Lite, data included.

    Parameters
    ----------
    specification : dict
    """

    type = "figure"

    def __init__(self, specification: dict[str, Any]) -> None:
        super().__init__()
        self._document = orjson.dumps(specification)

    def take(self, shelf: Shelf) -> Taken:
        """Return the specification."""
        del shelf
        document = self._document

        def write(shelf: Shelf) -> dict[str, Any]:
            item = shelf.put("figure", "json", document) | {"source": "altair"}
            preview = _preview(document, shelf)
            if preview is not None:
                item["preview"] = shelf.put("figure", "png", preview)["path"]
            return item

        return Taken(self.type, len(document), write)


def _preview(document: bytes, shelf: Shelf) -> bytes | None:
    """Return a chart as a picture, for readers that draw no charts; it fetches nothing.

    Drawn in a process beside this one, and given up where that takes too long or the run ends.
    """
    from runfolio.record.media.engine import engine

    if shelf.is_hurried:
        return None
    drawing = Begun(lambda: engine.pictured(document.decode(), limit_s=PREVIEW_S))
    with contextlib.suppress(Exception):  # what cannot be drawn is kept all the same
        while not (drawing.is_done or shelf.is_hurried) and drawing.started:
            drawing.result(_LOOK_S)
        return drawing.result(0)
    return None


def drawn(value: Any) -> np.ndarray[Any, Any]:
    """Return what matplotlib draws, shape (height, width, 4), 8 bits a channel.

    Drawn at once in the caller, for matplotlib lets only one thread at a time touch a figure;
    the figure itself, its window included, is left as it was.

    Raises
    ------
    UsageError
        Nothing was drawn in it, or it has more than 50 million pixels.
    """
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = value.gcf() if isinstance(value, ModuleType) else value
    for _ in range(_DEEPEST):
        if isinstance(figure, Figure):
            break
        figure = figure.figure
    if not (figure.axes or figure.texts or figure.images or figure.lines or figure.patches):
        raise UsageError(
            "the figure is empty: nothing was drawn in it. plt.show() and plt.close() leave an "
            "empty one behind: log before them, or log the figure itself."
        )
    refuse_large(*(int(length) for length in figure.bbox.size))
    canvas = figure.canvas
    try:
        agg: Any = FigureCanvasAgg(figure)
        agg.draw()
        return np.array(agg.buffer_rgba())
    finally:
        figure.set_canvas(canvas)
