"""PNG files from pixels, with zlib alone: for machines without Pillow."""

from __future__ import annotations

import struct
import zlib
from typing import Final

__all__ = ["png"]

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
# Channels → colour type, by the PNG specification.
_COLOUR_TYPES: Final = {1: 0, 2: 4, 3: 2, 4: 6}


def png(pixels: bytes, width: int, height: int, channels: int, *, level: int = 6) -> bytes:
    """Return a PNG file.

    Parameters
    ----------
    pixels : bytes
        8 bits a channel, row after row from the top.
    width, height : int
        In pixels, from 1.
    channels : int
        1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    level : int
        Of compression, 0 to 9.
    """
    row = width * channels
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    # Each row begins with the number of its filter; 0 is none.
    filtered = b"".join(b"\0" + pixels[at : at + row] for at in range(0, row * height, row))
    return (
        _SIGNATURE
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(filtered, level))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
