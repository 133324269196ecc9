"""``Image``: a picture, with masks and boxes over it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, Final

from runfolio.record.media.figures import drawn, is_drawing
from runfolio.record.media.medium import Medium, Taken, warn_of_unknown
from runfolio.record.media.overlays import Classes, boxes_of, labels_of, masks_of, stored_mask
from runfolio.record.media.pictures import (
    ArrayPicture,
    Picture,
    file_picture,
    picture_of,
    still_ending,
)
from runfolio.record.media.shelf import Shelf
from runfolio.record.media.source import file_at

__all__ = ["Image"]

_KNOWN: Final = ("data_or_path", "mode", "caption", "grouping", "classes", "boxes", "masks",
                 "file_type", "normalize")  # fmt: skip


class Image(Medium):
    """A picture to log, copied at once.

    Parameters
    ----------
    data_or_path : array, image of Pillow, figure of matplotlib, path or Image
        Arrays of numpy are (height, width) or (height, width, channels), those of torch
        (channels, height, width); 1, 3 or 4 channels. A file is kept as it is.
    mode : str, optional
        Pillow's name of the mode, such as ``"L"`` or ``"RGB"``; without it the number of
        channels decides.
    caption : str or sequence of str, optional
        Words to it.
    grouping : int, optional
        A number that images shown together share.
    classes : Classes or sequence of mapping, optional
        Names of classes, for masks and boxes that bring none.
    boxes, masks : mapping, optional
        As W&B takes them, by name: ``{"predictions": {"box_data": …, "class_labels": …}}``,
        ``{"truth": {"mask_data": …, "class_labels": …}}``.
    file_type : str
        ``png`` (default), ``jpg`` or ``bmp``; a file keeps its own.
    normalize : bool
        Values within 0 to 1, or -1 to 1, are brought to 0 to 255, all others clipped. ``False``
        takes them as they are.

    Raises
    ------
    UsageError
        It is no image, or has more than 50 million pixels.
    TypeError
        Masks or boxes are not of the form that is expected.

    Examples
    --------
    >>> import numpy as np
    >>> Image(np.zeros((28, 28)), caption="a seven")
    <Image 28 × 28 'a seven'>
    """

    type = "image"

    def __init__(  # noqa: PLR0917 - W&B's signature
        self,
        data_or_path: Any,
        mode: str | None = None,
        caption: str | Iterable[str] | None = None,
        grouping: int | None = None,
        classes: Classes | Iterable[Mapping[str, Any]] | None = None,
        boxes: Mapping[str, Any] | None = None,
        masks: Mapping[str, Any] | None = None,
        file_type: str | None = None,
        normalize: bool = True,  # noqa: FBT002
        **unknown: Any,
    ) -> None:
        warn_of_unknown("Image", unknown, _KNOWN)
        if isinstance(data_or_path, Image):
            caption = data_or_path.caption if caption is None else caption
            grouping = data_or_path.grouping if grouping is None else grouping
        super().__init__(caption)
        self.grouping: int | None = grouping
        labels = {} if classes is None else labels_of(classes)
        self._labels = labels
        self._boxes = boxes_of(boxes, labels) if boxes else {}
        self._masks = masks_of(masks, labels) if masks else {}
        self._picture = _picture(data_or_path, mode, file_type, normalize=normalize)

    @property
    def width(self) -> int | None:
        """Width in pixels; ``None`` for a file of an unknown kind."""
        return self._picture.size[0] if self._picture.size else None

    @property
    def height(self) -> int | None:
        """Height in pixels; ``None`` for a file of an unknown kind."""
        return self._picture.size[1] if self._picture.size else None

    def take(self, shelf: Shelf) -> Taken:
        """Return the image as it is now."""
        picture = self._picture.taken(shelf)
        masks = {name: mask.taken(shelf) for name, mask in self._masks.items()}
        about = self._about()

        def write(shelf: Shelf) -> dict[str, Any]:
            item = picture.store(shelf, self.type) | about
            if masks:
                item["masks"] = {name: stored_mask(shelf, *mask) for name, mask in masks.items()}
            return item

        held = [picture, *(mask for mask, _ in masks.values())]
        return Taken(self.type, sum(each.size_bytes for each in held), write)

    def _about(self) -> dict[str, Any]:
        about: dict[str, Any] = {}
        if self._picture.size is not None:
            about["width"], about["height"] = self._picture.size
        if self.grouping is not None:
            about["grouping"] = int(self.grouping)
        if self._labels:
            about["classes"] = self._labels
        if self._boxes:
            about["boxes"] = self._boxes
        return self._captioned(about)

    def _repr_png_(self) -> bytes:
        return self._picture.as_png()

    def __repr__(self) -> str:
        size = f" {self.width} × {self.height}" if self._picture.size else ""
        return f"<Image{size}{f' {self.caption!r}' if self.caption else ''}>"


def _picture(value: Any, mode: str | None, file_type: str | None, *, normalize: bool) -> Picture:
    if isinstance(value, Image):
        return value._picture  # noqa: SLF001 - of the same class
    if isinstance(value, (str, os.PathLike)):
        return file_picture(file_at(value, "Image"))
    if is_drawing(value):
        return ArrayPicture(drawn(value), "RGBA", still_ending(file_type), normalize=False)
    return picture_of(value, mode, file_type, normalize=normalize)
