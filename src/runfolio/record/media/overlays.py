"""What lies over an image: masks that give each pixel a class, boxes, and the classes' names."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.record.media.arrays import array_of
from runfolio.record.media.pictures import ArrayPicture, FilePicture, Still
from runfolio.record.media.shelf import Shelf
from runfolio.record.media.source import file_at
from runfolio.record.values import clean

__all__ = ["Classes", "Mask", "boxes_of", "labels_of", "masks_of", "stored_mask"]

Labels = dict[str, str]

_EDGES: Final = ("minX", "minY", "maxX", "maxY")


class Classes:
    """Names of classes, for masks and boxes.

    Parameters
    ----------
    class_set : sequence of mapping
        ``{"id": 3, "name": "road"}`` each.
    """

    def __init__(self, class_set: Iterable[Mapping[str, Any]]) -> None:
        self.labels = labels_of(class_set)


def labels_of(found: object) -> Labels:
    """Return names by class id from what W&B takes: `Classes`, ``{id: name}``, ``[{id, name}]``."""
    if isinstance(found, Classes):
        return found.labels
    if isinstance(found, Mapping):
        pairs = list(found.items())
    elif isinstance(found, Iterable) and not isinstance(found, str):
        try:
            pairs = [(each["id"], each["name"]) for each in found]
        except (KeyError, TypeError) as error:
            raise UsageError('classes: expected [{"id": 0, "name": "road"}, …].') from error
    else:
        raise UsageError('class labels: expected a mapping of ids to names: {0: "road"}.')
    return {str(_whole(key, "a class id")): clean(str(name)) for key, name in pairs}


@dataclass(frozen=True, slots=True)
class Mask:
    """A class for each pixel of an image; without labels they are made up from what it holds."""

    picture: ArrayPicture | FilePicture
    labels: Labels | None

    def taken(self, shelf: Shelf) -> tuple[Still, Labels | None]:
        """Return it as it is now."""
        return self.picture.taken(shelf), self.labels


def stored_mask(shelf: Shelf, picture: Still, labels: Labels | None) -> dict[str, Any]:
    """Put a mask on the shelf and return what the item of its image says of it."""
    if labels is None:
        labels = {}
        if isinstance(picture, ArrayPicture):
            import numpy as np

            # Of 8-bit values this takes a hundredth of what `unique` does.
            held = np.flatnonzero(np.bincount(picture.array.ravel(), minlength=256))
            labels = {str(n): f"class_{n}" for n in held.tolist()}
    return {"path": picture.store(shelf, "image")["path"], "labels": labels}


def masks_of(found: object, labels: Labels) -> dict[str, Mask]:
    """Return the masks of ``Image(masks=…)``, copied.

    Raises
    ------
    TypeError, UsageError
        Something in them cannot be meant; the message says what.
    """
    return {name: _mask(name, each, labels) for name, each in _named(found, "masks")}


def _mask(name: str, found: Mapping[str, Any], labels: Labels) -> Mask:
    own = labels_of(found["class_labels"]) if found.get("class_labels") else labels or None
    if found.get("path") is not None:
        return Mask(FilePicture(file_at(found["path"], f"masks[{name!r}]")), own)
    if found.get("mask_data") is None:
        raise TypeError(f'masks[{name!r}]: expected {{"mask_data": …}} or {{"path": …}}.')
    array = array_of(found["mask_data"], "a mask").squeeze()
    if array.ndim != 2:
        raise TypeError(f"masks[{name!r}]: mask_data has shape {array.shape}; expected 2 axes.")
    if array.size and not (array.min() >= 0 and array.max() <= 255):
        raise TypeError(f"masks[{name!r}]: expected whole numbers from 0 to 255.")
    import numpy as np

    return Mask(ArrayPicture(array.astype(np.uint8), "L", normalize=False), own)


def boxes_of(found: object, labels: Labels) -> dict[str, dict[str, Any]]:
    """Return the boxes of ``Image(boxes=…)`` in the form of the event.

    Raises
    ------
    TypeError, UsageError
        Something in them cannot be meant; the message says what.
    """
    groups = {}
    for name, each in _named(found, "boxes"):
        data = each.get("box_data")
        if not isinstance(data, Iterable) or isinstance(data, (str, Mapping)):
            raise TypeError(f'boxes[{name!r}]: expected {{"box_data": [{{"position": …}}, …]}}.')
        boxes = [_box(f"boxes[{name!r}][{n}]", box) for n, box in enumerate(data)]
        own = labels_of(each["class_labels"]) if each.get("class_labels") else labels
        ids = sorted({box["class_id"] for box in boxes if "class_id" in box})
        groups[name] = {"boxes": boxes, "labels": own or {str(n): f"class_{n}" for n in ids}}
    return groups


def _box(where: str, found: object) -> dict[str, Any]:
    position = found.get("position") if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping) or not isinstance(position, Mapping):
        raise TypeError(
            f"{where}: expected a position of minX, maxX, minY, maxY, or of middle, width, height."
        )
    domain = "pixel" if found.get("domain") == "pixel" else "fraction"
    box: dict[str, Any] = {**_edges(where, position), "domain": domain}
    if found.get("class_id") is not None:
        box["class_id"] = _whole(found["class_id"], f"{where}: class_id")
    if found.get("box_caption"):
        box["caption"] = clean(str(found["box_caption"]))
    scores = found.get("scores")
    if scores is not None:
        if not isinstance(scores, Mapping):
            raise TypeError(f'{where}: scores is no mapping; expected {{"iou": 0.8}}.')
        box["scores"] = {
            clean(str(key)): _number(value, f"{where}: {key}") for key, value in scores.items()
        }
    return box


def _edges(where: str, position: Mapping[str, Any]) -> dict[str, float]:
    if all(name in position for name in _EDGES):
        left, top, right, bottom = (_number(position[n], f"{where}: {n}") for n in _EDGES)
    elif all(name in position for name in ("middle", "width", "height")):
        try:
            x, y = (_number(each, f"{where}: middle") for each in position["middle"])
        except (TypeError, ValueError) as error:
            raise TypeError(f"{where}: middle is no pair of numbers [x, y].") from error
        width, height = (_number(position[n], f"{where}: {n}") for n in ("width", "height"))
        left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
    else:
        raise TypeError(
            f"{where}: expected a position of minX, maxX, minY, maxY, or of middle, width, height."
        )
    return {"min_x": left, "min_y": top, "max_x": right, "max_y": bottom}


def _named(found: object, what: str) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(found, Mapping) or not all(isinstance(v, Mapping) for v in found.values()):
        raise UsageError(f'{what}: expected a mapping of names to mappings: {{"predictions": …}}.')
    return [(clean(str(name)), each) for name, each in found.items()]


def _number(value: Any, what: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{what} is no number.") from error
    if not math.isfinite(number):
        raise TypeError(f"{what} is {number}; expected a finite number.")
    return number


def _whole(value: Any, what: str) -> int:
    number = _number(value, what)
    if number % 1:
        raise TypeError(f"{what} is {number}; expected a whole number.")
    return int(number)
