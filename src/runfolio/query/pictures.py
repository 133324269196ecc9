"""What a file holds, told by its first bytes: never by its name, and never by decoding it."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from runfolio._optional import require
from runfolio.errors import CorruptRecord

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "MAX_PIXELS",
    "PictureHead",
    "film_type",
    "is_whole",
    "open_picture",
    "picture_head",
    "sound_type",
]

MAX_PIXELS: Final = 50_000_000
"""Of a picture that is decoded at all; a file of a few bytes can say that it has billions."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_RIFF_HEAD: Final = 12
# Start of frame: the segments of a JPEG that hold its size.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class PictureHead:
    """What the head of a picture says.

    Attributes
    ----------
    type : str
        ``PNG``, ``GIF``, ``WEBP``, ``JPEG`` or ``BMP``.
    width, height : int
        In pixels, as claimed.
    """

    type: str
    width: int
    height: int

    @property
    def fits(self) -> bool:
        """Whether it has a size at all, and one that is worth decoding."""
        return 0 < self.width * self.height <= MAX_PIXELS


def picture_head(data: bytes) -> PictureHead | None:
    """Return which picture the bytes are and how large it is; ``None`` for all else."""
    try:
        if data.startswith(_PNG) and data[12:16] == b"IHDR":
            return PictureHead("PNG", *struct.unpack_from(">II", data, 16))
        if data[:6] in (b"GIF87a", b"GIF89a"):
            return PictureHead("GIF", *struct.unpack_from("<HH", data, 6))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:3] == b"\xff\xd8\xff":
            return _jpeg(data)
        if data[:2] == b"BM":
            width, height = struct.unpack_from("<ii", data, 18)
            return PictureHead("BMP", abs(width), abs(height))
    except (struct.error, IndexError):
        return None
    return None


def is_whole(data: bytes, kind: str) -> bool:
    """Return whether a picture of a type ends as such files do, and a PNG's sums are right."""
    if kind == "PNG":
        return _is_whole_png(data)
    if kind == "WEBP":
        return int.from_bytes(data[4:8], "little") + 8 == len(data)
    return data.endswith({"JPEG": b"\xff\xd9", "GIF": b"\x3b"}.get(kind, b"\0"))


def _is_whole_png(data: bytes) -> bool:
    at = len(_PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 8 + length
        if data[end : end + 4] != struct.pack(">I", zlib.crc32(data[at + 4 : end])):
            return False
        if data[at + 4 : at + 8] == b"IEND":
            return True
        at = end + 4
    return False


def _webp(data: bytes) -> PictureHead | None:
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        return None
    return PictureHead("WEBP", width, height)


def _jpeg(data: bytes) -> PictureHead | None:
    at = 2
    while data[at] == 0xFF:
        kind = data[at + 1]
        if kind in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return PictureHead("JPEG", width, height)
        (length,) = struct.unpack_from(">H", data, at + 2)
        # A length of less than its own two bytes would go on for ever.
        at += 1 if kind == 0xFF else 2 + max(length, 2)
    return None


def open_picture(data: bytes) -> Image:
    """Return the bytes as a picture of Pillow, of an animated one its first frame.

    Raises
    ------
    CorruptRecord
        They are no PNG, JPEG, GIF, WebP or BMP, hold more than 50 million pixels, or are damaged.
    MissingDependency
        Pillow is not installed.
    """
    head = picture_head(data)
    if head is None:
        raise CorruptRecord("This is no picture: expected a PNG, JPEG, GIF, WebP or BMP file.")
    if not head.fits:
        raise CorruptRecord(
            f"The picture says that it is {head.width:,} × {head.height:,} pixels; at most "
            f"{MAX_PIXELS:,} are decoded. Its bytes can be read as they are."
        )
    pillow = require("PIL.Image", feature="pictures", install="pillow")
    try:
        opened: Image = pillow.open(io.BytesIO(data), formats=[head.type])
        opened.load()
    # Pillow meets damage in many ways, one of them for each file type.
    except (OSError, ValueError, SyntaxError, struct.error, EOFError, IndexError, TypeError) as e:
        raise CorruptRecord(f"The picture is damaged: {e}.") from e
    return opened


def sound_type(data: bytes) -> str | None:
    """Return the media type of a sound that is whole, ``audio/wav`` and the like.

    ``None`` for what is no sound, and for a WAV file whose sizes are not what is there.
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "audio/wav" if _is_whole_wav(data) else None
    for start, kind in ((b"OggS", "audio/ogg"), (b"fLaC", "audio/flac"), (b"ID3", "audio/mpeg")):
        if data.startswith(start):
            return kind
    is_mpeg = len(data) > 2 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2
    return "audio/mpeg" if is_mpeg else None


def film_type(data: bytes) -> str | None:
    """Return the media type of a film, ``video/mp4`` and the like; ``None`` for all else."""
    if data[4:8] == b"ftyp":
        return "video/mp4"
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    return "video/ogg" if data.startswith(b"OggS") else None


def _is_whole_wav(data: bytes) -> bool:
    if int.from_bytes(data[4:8], "little") + 8 not in (len(data), len(data) - 1):
        return False
    at = _RIFF_HEAD
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            return 0 < length <= len(data) - at - 8
        at += 8 + length + length % 2
    return False
