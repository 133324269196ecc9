"""``Html``: a page, kept as it is and shown only where nothing in it can run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.model.media import sandboxed_frame
from runfolio.record.media.files import FileMedium
from runfolio.record.media.medium import warn_of_unknown
from runfolio.record.media.source import content_of, file_at, is_open_file

__all__ = ["Html"]

_KNOWN: Final = ("data", "inject", "data_is_not_path", "caption")
# A longer text is no path on any system.
_LONGEST_PATH: Final = 4096


class Html(FileMedium):
    """A page of HTML to log.

    Parameters
    ----------
    data : str, path or open file
        The page, or where it lies.
    inject : bool
        Accepted for W&B's sake: nothing is ever added to the page.
    data_is_not_path : bool
        A text is the page even if a file of that name exists.
    caption : str, optional
        Words to it.

    Raises
    ------
    UsageError
        It is none of these.

    Notes
    -----
    Scripts in it are kept and never run: it is shown in a frame that lets nothing run and fetches
    nothing.
    """

    type = "html"

    def __init__(
        self,
        data: Any,
        inject: bool = True,  # noqa: ARG002, FBT002 - W&B's
        data_is_not_path: bool = False,  # noqa: FBT002 - W&B's
        caption: str | None = None,
        **unknown: Any,
    ) -> None:
        warn_of_unknown("Html", unknown, _KNOWN)
        super().__init__(caption)
        self.ending = "html"
        if isinstance(data, os.PathLike) or (
            isinstance(data, str) and not data_is_not_path and _is_file(data)
        ):
            self.content = file_at(data, "Html").read_bytes()
        elif isinstance(data, str):
            self.content = data.encode("utf-8", "backslashreplace")
        elif is_open_file(data):
            self.content = content_of(data, "Html")
        else:
            raise UsageError(
                f"Html() takes a text, a path or an open file, not {type(data).__name__}."
            )

    @property
    def html(self) -> str:
        """The page."""
        return bytes(self.content).decode("utf-8", "replace")

    def _repr_html_(self) -> str:
        return sandboxed_frame(self.html, title=self.caption)


def _is_file(text: str) -> bool:
    if len(text) > _LONGEST_PATH or "\n" in text or "\0" in text or text.lstrip()[:1] == "<":
        return False
    try:
        return Path(text).is_file()
    except OSError:
        return False
