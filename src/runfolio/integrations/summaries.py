"""What each method of a SummaryWriter was given, as a run logs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from runfolio.record.media.arrays import array_of
from runfolio.record.media.histogram import Histogram
from runfolio.record.media.image import Image
from runfolio.record.run import Run

__all__ = ["SUMMARIES"]

_Said = Mapping[str, Any]


def _scalar(run: Run, before: str, said: _Said) -> None:
    _log(run, {f"{before}{said['tag']}": _number(said["scalar_value"])}, said)


def _scalars(run: Run, before: str, said: _Said) -> None:
    row = {
        f"{before}{said['main_tag']}/{tag}": _number(value)
        for tag, value in said["tag_scalar_dict"].items()
    }
    _log(run, row, said)


def _histogram(run: Run, before: str, said: _Said) -> None:
    _log(run, {f"{before}{said['tag']}": Histogram(said["values"])}, said)


def _image(run: Run, before: str, said: _Said) -> None:
    picture = _arranged(said["img_tensor"], said.get("dataformats") or "CHW")
    _log(run, {f"{before}{said['tag']}": Image(picture)}, said)


def _images(run: Run, before: str, said: _Said) -> None:
    pictures = _arranged(said["img_tensor"], said.get("dataformats") or "NCHW")
    _log(run, {f"{before}{said['tag']}": [Image(picture) for picture in pictures]}, said)


def _text(run: Run, before: str, said: _Said) -> None:
    _log(run, {f"{before}{said['tag']}": str(said["text_string"])}, said)


def _figure(run: Run, before: str, said: _Said) -> None:
    _log(run, {f"{before}{said['tag']}": said["figure"]}, said)


def _hparams(run: Run, before: str, said: _Said) -> None:
    run.config.note(said["hparam_dict"], "tensorboard")
    row = {f"{before}{tag}": _number(value) for tag, value in said["metric_dict"].items()}
    if row:
        _log(run, row, said)


SUMMARIES: Final[Mapping[str, Callable[[Run, str, _Said], None]]] = {
    "add_scalar": _scalar,
    "add_scalars": _scalars,
    "add_histogram": _histogram,
    "add_image": _image,
    "add_images": _images,
    "add_text": _text,
    "add_figure": _figure,
    "add_hparams": _hparams,
}
"""Method → what is logged of its arguments: ``take(run, prefix, arguments)``."""


def _log(run: Run, row: dict[str, Any], said: _Said) -> None:
    if not run.life.ended:
        run.log(row, step=said.get("global_step"))


def _number(value: Any) -> Any:
    """Return a value as a number; a tensor or an array of one value is one."""
    return value.item() if hasattr(value, "item") else value


def _arranged(tensor: Any, form: str) -> Any:
    """Return pictures as (height, width, channel), several of them with their number before."""
    form = form.upper()
    array = array_of(tensor, "add_image")
    wanted = [axis for axis in "NHWC" if axis in form]
    return array.transpose([form.index(axis) for axis in wanted])
