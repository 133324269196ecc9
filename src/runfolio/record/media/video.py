"""``Video``: moving pictures, as a file or as frames."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.errors import UsageError
from runfolio.record.guard import warn_once
from runfolio.record.media.arrays import array_of, to_bytes
from runfolio.record.media.files import FileMedium, data_address
from runfolio.record.media.medium import Taken, warn_of_unknown
from runfolio.record.media.shelf import Shelf

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Video"]

_KNOWN: Final = ("data_or_path", "caption", "fps", "format")
# What each format is made with where frames are given; GIF needs no other program.
_CODECS: Final = {
    "mp4": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart"],
    "webm": ["-c:v", "libvpx-vp9"],
    "ogg": ["-c:v", "libtheora"],
}
_PATIENCE_S: Final = 600
_MAX_BYTES: Final = 1_000_000_000


class Video(FileMedium):
    """Moving pictures to log.

    Parameters
    ----------
    data_or_path : array, path or open file
        Frames of shape (time, channel, height, width), or several films (n, time, channel,
        height, width), which are put side by side; 1, 3 or 4 channels; copied at once. Or a
        file: gif, mp4, webm, ogg.
    caption : str, optional
        Words to it.
    fps : int
        Frames a second, 4 by default; of a file its own.
    format : str
        ``gif`` (default), ``mp4``, ``webm`` or ``ogg``. Of frames the last three need ffmpeg; where
        it is missing they become a GIF.

    Raises
    ------
    UsageError
        It is none of these.
    """

    type = "video"
    EXTS: Final = ("gif", "mp4", "webm", "ogg")

    def __init__(
        self,
        data_or_path: Any,
        caption: str | Iterable[str] | None = None,
        fps: int | None = None,
        format: str | None = None,  # noqa: A002 - W&B's name
        **unknown: Any,
    ) -> None:
        warn_of_unknown("Video", unknown, _KNOWN)
        super().__init__(caption)
        if format not in (None, *self.EXTS):
            raise UsageError(f"format is {format!r}; expected one of {', '.join(self.EXTS)}.")
        self.ending = format or "gif"
        self._frames: np.ndarray[Any, Any] | None = None
        if hasattr(data_or_path, "shape") or isinstance(data_or_path, (list, tuple)):
            self._frames = _tiled(array_of(data_or_path, "Video"))
            frames, height, width, _ = self._frames.shape
            self.about = {"width": width, "height": height, "frames": frames, "fps": fps or 4}
            if not 0 < (fps or 4) <= 1000:
                raise UsageError(f"fps is {fps}; expected frames a second, 1 to 1000.")
        else:
            if isinstance(data_or_path, (str, os.PathLike)) and fps:
                warn_once("video fps", "fps is ignored: a file keeps its own frames a second.")
            self._read(data_or_path, self.ending, self.EXTS)

    def take(self, shelf: Shelf) -> Taken:
        """Return the film as it is now."""
        if self._frames is None:
            return super().take(shelf)
        about = self._captioned(self.about)

        def write(shelf: Shelf) -> dict[str, Any]:
            data, ending = self.made()
            return shelf.put(self.type, ending, data) | about

        return Taken(self.type, self._frames.nbytes, write)

    def made(self) -> tuple[bytes, str]:
        """Return the film as a file, and the ending of its name."""
        if self._frames is None:
            return super().made()
        return _encoded(self._frames, self.about["fps"], self.ending)

    def _repr_html_(self) -> str:
        data, ending = self.made()
        address = data_address(data, f"image/{ending}" if ending == "gif" else f"video/{ending}")
        if address is None:
            return "<p>a long film</p>"
        if ending == "gif":
            return f'<img src="{address}" alt="a film">'
        return f'<video controls src="{address}"></video>'


def _tiled(films: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return frames as (time, height, width, channel), several films in a grid."""
    import numpy as np

    if films.ndim == 4:
        films = films[None]
    if films.ndim != 5 or 0 in films.shape or films.shape[2] not in (1, 3, 4):
        raise UsageError(
            f"frames of shape {films.shape} are no film; expected (time, channel, height, width) "
            "with 1, 3 or 4 channels."
        )
    if films.nbytes > _MAX_BYTES:
        raise UsageError(
            f"a film of {films.nbytes:,} bytes; at most {_MAX_BYTES:,} are taken. Leave frames "
            "out, make it smaller, or write it to a file and log its path."
        )
    number, time, channels, height, width = films.shape
    columns = 1 << ((number - 1).bit_length() + 1) // 2
    rows = -(-number // columns)
    empty = np.zeros((rows * columns - number, *films.shape[1:]), films.dtype)
    grid = np.concatenate([films, empty]) if len(empty) else films
    grid = grid.reshape(rows, columns, time, channels, height, width)
    return grid.transpose(2, 0, 4, 1, 5, 3).reshape(time, rows * height, columns * width, channels)


def _encoded(frames: np.ndarray[Any, Any], fps: float, wanted: str) -> tuple[bytes, str]:
    """Return a file and its ending: the format that was asked for, or a GIF."""
    pixels, _ = to_bytes(frames)
    # Of four channels the last is how solid a pixel is; a film is solid.
    pixels = pixels.repeat(3, axis=3) if pixels.shape[3] == 1 else pixels[..., :3]
    if wanted != "gif":
        program = _ffmpeg()
        if program is not None:
            return _by_ffmpeg(program, pixels, fps, wanted), wanted
        warn_once(
            f"video {wanted}",
            f"A film as {wanted} needs ffmpeg, which is not installed; it is kept as GIF. "
            "Install it: pip install imageio-ffmpeg",
        )
    return _gif(pixels, fps), "gif"


def _gif(pixels: np.ndarray[Any, Any], fps: float) -> bytes:
    image = require("PIL.Image", feature="a film of frames", install="pillow")
    first, *others = (image.fromarray(frame) for frame in pixels)
    file = io.BytesIO()
    first.save(file, "gif", save_all=True, append_images=others, duration=round(1000 / fps), loop=0)
    return file.getvalue()


def _ffmpeg() -> str | None:
    try:
        import imageio_ffmpeg
    except ImportError:
        return shutil.which("ffmpeg")
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _by_ffmpeg(program: str, pixels: np.ndarray[Any, Any], fps: float, ending: str) -> bytes:
    _, height, width, _ = pixels.shape
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / f"film.{ending}"
        done = subprocess.run(
            [program, "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24",
             "-s", f"{width}x{height}", "-r", str(fps), "-i", "-", "-an",
             "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", *_CODECS[ending], str(made)],
            input=pixels.tobytes(), capture_output=True, check=False, timeout=_PATIENCE_S,
        )  # fmt: skip
        if done.returncode:
            raise UsageError(f"ffmpeg made no film: {done.stderr.decode('utf-8', 'replace')[:300]}")
        return made.read_bytes()
