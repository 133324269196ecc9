"""What an image is made from, and the bytes of its file: arrays, Pillow's images, files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from runfolio.errors import MissingDependency, UsageError
from runfolio.record.guard import warn_once
from runfolio.record.media.arrays import (
    array_of,
    is_channels_first,
    side_by_side,
    stretched,
    to_bytes,
)
from runfolio.record.media.png import png
from runfolio.record.media.shelf import Held, Shelf, safe_ending

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "ArrayPicture",
    "FilePicture",
    "Picture",
    "Still",
    "file_picture",
    "picture_of",
    "refuse_large",
    "still_ending",
]

FILE_TYPES: Final = ("png", "jpg", "jpeg", "bmp")

MAX_PIXELS: Final = 50_000_000
"""A larger image is a file to save, not a picture to look at."""

# Mode of Pillow → channels of an array it can be made from.
_CHANNELS: Final[Mapping[str, int]] = {
    "L": 1, "P": 1, "LA": 2, "RGB": 3, "YCbCr": 3, "HSV": 3, "LAB": 3, "RGBA": 4, "CMYK": 4,
    "RGBX": 4,
}  # fmt: skip
_MODES: Final = {1: "L", 3: "RGB", 4: "RGBA"}
# What a file type can hold as it is; all else becomes RGB first.
_HELD: Final[Mapping[str, frozenset[str]]] = {
    "png": frozenset({"1", "L", "LA", "I", "I;16", "P", "RGB", "RGBA"}),
    "jpg": frozenset({"L", "RGB", "CMYK"}),
    "bmp": frozenset({"1", "L", "P", "RGB"}),
}
_BROWSERS_SHOW: Final = (".svg", ".webp", ".avif")
# Below it files are a seventh larger; above it no smaller, and it takes three times as long.
_LEVEL: Final = 4


class Still(Protocol):
    """A picture that nobody changes any more."""

    @property
    def size_bytes(self) -> int:
        """About how much memory it holds."""
        ...

    def store(self, shelf: Shelf, kind: str) -> dict[str, Any]:
        """Put its file on the shelf; return ``path`` and ``bytes``."""
        ...


class Picture(Protocol):
    """What an image or a mask is made from."""

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels, where they are known."""
        ...

    def taken(self, shelf: Shelf) -> Still:
        """Return it as it is now."""
        ...

    def as_png(self) -> bytes:
        """Return it as a PNG file."""
        ...


@dataclass(frozen=True, slots=True)
class ArrayPicture:
    """Rows of pixels; values become 8 bits when the file is made.

    Attributes
    ----------
    array : array, shape (height, width) or (height, width, channels)
    mode : str
        Pillow's name for what the channels are.
    file_type : str
        ``png``, ``jpg`` or ``bmp``.
    normalize : bool
        Whether the range of the values is guessed; else they are taken as 0 to 255.
    of_tensor : bool
        Whether values outside the known ranges are stretched onto one instead of clipped.
    """

    array: np.ndarray[Any, Any]
    mode: str
    file_type: str = "png"
    normalize: bool = True
    of_tensor: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return int(self.array.shape[1]), int(self.array.shape[0])

    @property
    def size_bytes(self) -> int:
        """How much memory the values hold."""
        return int(self.array.nbytes)

    def taken(self, shelf: Shelf) -> Still:
        """Return it as it is: it is a copy already."""
        del shelf
        return self

    def store(self, shelf: Shelf, kind: str) -> dict[str, Any]:
        """Put its file on the shelf; return ``path`` and ``bytes``."""
        data, ending = self._file(self.file_type)
        return shelf.put(kind, ending, data)

    def as_png(self) -> bytes:
        """Return it as a PNG file."""
        return self._file("png")[0]

    def _file(self, file_type: str) -> tuple[bytes, str]:
        pixels = self._pixels()
        image = _pillow()
        if image is not None:
            made = image.frombytes(self.mode, self.size, pixels)
            return _saved(made, file_type), file_type
        if self.mode not in ("L", "LA", "RGB", "RGBA"):
            raise MissingDependency(
                f"an image of mode {self.mode} needs the package Pillow, which is not installed. "
                "Install it: pip install pillow"
            )
        if file_type != "png":
            warn_once("no pillow", f"Without Pillow images are kept as PNG, not as {file_type}.")
        return png(pixels, *self.size, _CHANNELS[self.mode], level=_LEVEL), "png"

    def _pixels(self) -> bytes:
        if not self.normalize:
            import numpy as np

            return self.array.astype(np.uint8, copy=False).tobytes()
        pixels, clipped = to_bytes(stretched(self.array) if self.of_tensor else self.array)
        if clipped:
            warn_once(
                "image range",
                "An image has values outside 0 to 255 (or 0 to 1, or -1 to 1); they are clipped. "
                "Scale them first, or give normalize=False.",
            )
        return pixels.tobytes()


@dataclass(frozen=True, slots=True)
class PillowPicture:
    """A copy of an image of Pillow."""

    image: Any
    file_type: str = "png"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self.image.size
        return int(width), int(height)

    @property
    def size_bytes(self) -> int:
        """About how much memory it holds."""
        width, height = self.size
        return width * height * len(self.image.getbands())

    def taken(self, shelf: Shelf) -> Still:
        """Return it as it is: it is a copy already."""
        del shelf
        return self

    def store(self, shelf: Shelf, kind: str) -> dict[str, Any]:
        """Put its file on the shelf; return ``path`` and ``bytes``."""
        return shelf.put(kind, self.file_type, _saved(self.image, self.file_type))

    def as_png(self) -> bytes:
        """Return it as a PNG file."""
        return _saved(self.image, "png")


@dataclass(frozen=True, slots=True)
class FilePicture:
    """An image file of the user's, kept as it is."""

    path: Path
    size: tuple[int, int] | None = None

    def taken(self, shelf: Shelf) -> Still:
        """Return the file's content as it is now."""
        return _HeldPicture(shelf.hold(self.path), safe_ending(self.path.name))

    def as_png(self) -> bytes:
        """Return it as a PNG file."""
        data = self.path.read_bytes()
        image = _pillow()
        if data.startswith(b"\x89PNG") or image is None:
            return data
        with image.open(io.BytesIO(data)) as opened:
            return _saved(opened, "png")


@dataclass(frozen=True, slots=True)
class _HeldPicture:
    """The content of an image file."""

    held: Held
    ending: str

    @property
    def size_bytes(self) -> int:
        return len(self.held.data or b"")

    def store(self, shelf: Shelf, kind: str) -> dict[str, Any]:
        return shelf.put_held(kind, self.ending, self.held)


def file_picture(path: Path) -> FilePicture:
    """Return an image file as a picture, of the size its head tells, where Pillow knows its kind.

    Raises
    ------
    UsageError
        It is no image.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        return FilePicture(path)
    try:
        with Image.open(path) as opened:
            return FilePicture(path, opened.size)
    except UnidentifiedImageError as error:
        if path.suffix.lower() in _BROWSERS_SHOW:
            return FilePicture(path)
        raise UsageError(f"{str(path)!r} is no image that Pillow can read.") from error
    except Exception:  # noqa: BLE001 - a warning of its size, a damaged head: the file is kept
        return FilePicture(path)


def still_ending(file_type: str | None) -> str:
    """Return the ending of a file type an image can be kept as.

    Raises
    ------
    UsageError
        It is none of them.
    """
    if file_type not in (None, *FILE_TYPES):
        raise UsageError(f"file_type is {file_type!r}; expected one of {', '.join(FILE_TYPES)}.")
    return "jpg" if file_type == "jpeg" else file_type or "png"


def picture_of(
    value: Any, mode: str | None, file_type: str | None, *, normalize: bool
) -> ArrayPicture | PillowPicture:
    """Return a copy of an image of Pillow, or of an array, as a picture.

    Raises
    ------
    UsageError
        It has no form of an image, or is too large.
    """
    ending = still_ending(file_type)
    if hasattr(value, "getbands") and hasattr(value, "tobytes"):
        refuse_large(*value.size)
        image = value.copy()
        return PillowPicture(image.convert(mode) if mode else image, ending)
    array = array_of(value, "Image")
    of_tensor = is_channels_first(value)
    if of_tensor and array.ndim == 4 and array.size:
        array = side_by_side(array) if array.shape[0] > 1 else array[0]
    if of_tensor and array.ndim == 3:
        array = array.transpose(1, 2, 0)
    if array.ndim > 2:
        array = array.squeeze()
    return ArrayPicture(array, _mode_of(array, mode), ending, normalize, of_tensor)


def _mode_of(array: np.ndarray[Any, Any], mode: str | None) -> str:
    if array.ndim not in (2, 3) or 0 in array.shape:
        hint = " Of a batch log a list of images." if array.ndim == 4 else ""
        raise UsageError(
            f"an array of shape {array.shape} is no image; expected (height, width) or "
            f"(height, width, channels), of torch (channels, height, width).{hint}"
        )
    refuse_large(array.shape[1], array.shape[0])
    channels = array.shape[2] if array.ndim == 3 else 1
    found = mode or _MODES.get(channels)
    if found is None:
        turned = array.shape[0] in _MODES
        hint = " Turn it: array.transpose(1, 2, 0)." if turned else ""
        raise UsageError(
            f"an array of shape {array.shape} has {channels} channels; expected 1, 3 or 4 in the "
            f"last place.{hint}"
        )
    if _CHANNELS.get(found) != channels:
        raise UsageError(
            f"mode is {found!r}, but the array has {channels} channels; expected one of "
            f"{', '.join(name for name, n in _CHANNELS.items() if n == channels) or 'none'}."
        )
    return found


def refuse_large(width: int, height: int) -> None:
    """Refuse an image of more pixels than somebody looks at.

    Raises
    ------
    UsageError
        Of more than `MAX_PIXELS`.
    """
    if width * height > MAX_PIXELS:
        raise UsageError(
            f"an image of {width:,} × {height:,} pixels is larger than {MAX_PIXELS:,} pixels; make "
            "it smaller, or keep it as a file with run.save()."
        )


def _saved(image: Any, file_type: str) -> bytes:
    if image.mode not in _HELD[file_type]:
        image = image.convert(_nearest(image.mode, file_type))
    file, options = io.BytesIO(), {}
    if file_type == "png":
        options["compress_level"] = _LEVEL
    image.save(file, {"jpg": "jpeg"}.get(file_type, file_type), **options)
    return file.getvalue()


def _nearest(mode: str, file_type: str) -> str:
    if mode == "F":
        return "L"
    return "RGBA" if file_type == "png" and mode in ("RGBa", "La", "PA") else "RGB"


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError:
        return None
    return Image
