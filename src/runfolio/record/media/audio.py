"""``Audio``: a sound, as a file or as samples."""

from __future__ import annotations

import io
import os
import wave
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import UsageError
from runfolio.record.media.arrays import array_of
from runfolio.record.media.files import FileMedium, data_address
from runfolio.record.media.medium import Taken, warn_of_unknown
from runfolio.record.media.shelf import Shelf, safe_ending
from runfolio.record.media.source import content_of, file_at, is_open_file

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Audio"]

_KNOWN: Final = ("data_or_path", "sample_rate", "caption")
_MOST_CHANNELS: Final = 8


class Audio(FileMedium):
    """A sound to log.

    Parameters
    ----------
    data_or_path : array, path or open file
        Samples of shape (n,) or (n, channels), floats within -1 to 1 or integers, copied at once;
        or a sound file, kept as it is.
    sample_rate : int
        Samples a second; needed with samples.
    caption : str, optional
        Words to it.

    Raises
    ------
    UsageError
        Samples without a rate, or of a shape that is no sound.
    """

    type = "audio"

    def __init__(
        self,
        data_or_path: Any,
        sample_rate: float | None = None,
        caption: str | Iterable[str] | None = None,
        **unknown: Any,
    ) -> None:
        warn_of_unknown("Audio", unknown, _KNOWN)
        super().__init__(caption)
        self._samples: np.ndarray[Any, Any] | None = None
        rate = None if sample_rate is None else int(sample_rate)
        if isinstance(data_or_path, (str, os.PathLike)):
            self.content = file_at(data_or_path, "Audio")
            self.ending = safe_ending(self.content.name)
        elif is_open_file(data_or_path):
            self.content, self.ending = content_of(data_or_path, "Audio"), "wav"
        else:
            if rate is None or rate <= 0:
                raise UsageError("Audio() of samples needs sample_rate=, in samples a second.")
            self._samples, self.ending = _shaped(array_of(data_or_path, "Audio")), "wav"
            frames, channels = self._samples.shape
            self.about = {"duration_s": frames / rate, "channels": channels}
        if rate is not None:
            self.about["sample_rate"] = rate

    def take(self, shelf: Shelf) -> Taken:
        """Return the sound as it is now."""
        if self._samples is None:
            return super().take(shelf)
        about = self._captioned(self.about)

        def write(shelf: Shelf) -> dict[str, Any]:
            data, ending = self.made()
            return shelf.put(self.type, ending, data) | about

        return Taken(self.type, self._samples.nbytes, write)

    def made(self) -> tuple[bytes, str]:
        """Return the sound as a file, and the ending of its name."""
        if self._samples is None:
            return super().made()
        return _wav(self._samples, self.about["sample_rate"]), "wav"

    def _repr_html_(self) -> str:
        data, ending = self.made()
        address = data_address(data, f"audio/{ending}")
        return f'<audio controls src="{address}"></audio>' if address else "<p>a long sound</p>"


def _shaped(samples: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return samples as (n, channels); torch's (channels, n) is turned."""
    if samples.ndim == 2 and samples.shape[0] <= _MOST_CHANNELS < samples.shape[1]:
        samples = samples.T
    if samples.ndim not in (1, 2) or not samples.size:
        raise UsageError(
            f"samples of shape {samples.shape} are no sound; expected (n,) or (n, channels)."
        )
    return samples.reshape(samples.shape[0], -1)


def _wav(samples: np.ndarray[Any, Any], rate: int) -> bytes:
    """Return samples as a WAV file: integers of 16 and 32 bits as they are, all else at 16."""
    import numpy as np

    if samples.dtype == np.int32:
        frames, width = samples.astype("<i4"), 4
    elif samples.dtype.kind == "f":
        level = np.nan_to_num(samples.astype(np.float64), posinf=1.0, neginf=-1.0)
        frames, width = (level.clip(-1, 1) * 32767).round().astype("<i2"), 2
    elif samples.dtype == np.uint8:
        frames, width = ((samples.astype(np.int16) - 128) * 256).astype("<i2"), 2
    else:
        frames, width = samples.clip(-32768, 32767).astype("<i2"), 2
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(frames.shape[1])
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(frames.tobytes())
    return file.getvalue()
