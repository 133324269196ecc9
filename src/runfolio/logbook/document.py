"""A journal of many runs as one Markdown document: its head, its pages, its file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from runfolio.errors import CorruptRecord, UnsupportedVersion, UsageError
from runfolio.format.disk import Disk, read_small
from runfolio.logbook.escape import literal
from runfolio.logbook.parse import Page, digest, ended_like, parse, split_pages
from runfolio.model.run import RunRecord

__all__ = ["Document", "Selection", "TextFile"]

_MAX_BYTES: Final = 32 * 1024 * 1024
_HEAD: Final = re.compile(
    r"<!-- runfolio:journal v=1(?: project=(?P<project>[^\s>]*))?(?: branch=(?P<branch>[^\s>]*))?"
    r" id=(?P<id>[0-9a-f]+) -->\n\n(?P<body>.*?)\n\n<!-- /runfolio:journal id=(?P=id) -->",
    re.DOTALL,
)
_HINT: Final = (
    "*Newest first. The facts are kept by runfolio; "
    "what stands under the headings is yours and is never overwritten.*"
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which runs a journal holds; ``None`` means all of them."""

    project: str | None = None
    branch: str | None = None

    def holds(self, record: RunRecord) -> bool:
        """Return whether a run belongs to the journal."""
        return self.project in (None, record.project) and self.branch in (
            None,
            record.git.get("branch"),
        )

    def head(self) -> str:
        """Return the title of a document with these runs, between its comments."""
        named = [
            part
            for part in (
                literal(self.project) if self.project is not None else "",
                f"branch {literal(self.branch)}" if self.branch is not None else "",
            )
            if part
        ]
        title = "# Journal" + (f": {', '.join(named)}" if named else "")
        body = f"{title}\n\n{_HINT}"
        kept = "".join(
            f" {key}={quote(value, safe='')}"
            for key, value in (("project", self.project), ("branch", self.branch))
            if value is not None
        )
        mark = digest(body)
        return (
            f"<!-- runfolio:journal v=1{kept} id={mark} -->\n\n{body}\n\n"
            f"<!-- /runfolio:journal id={mark} -->"
        )


@dataclass(frozen=True, slots=True)
class Document:
    """A journal taken apart.

    Attributes
    ----------
    head : str
        Everything above the first entry.
    pages : tuple of (str, str)
        Run id and text of each entry, in order.
    """

    head: str = ""
    pages: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, text: str) -> Document:
        """Return the parts of a document; one without entries is all head."""
        head, pages = split_pages(text)
        return cls(head, tuple(pages))

    @property
    def selection(self) -> Selection | None:
        """Which runs the document was made for, where it says so."""
        match = _HEAD.search(self.head)
        if match is None:
            return None
        named = {key: match[key] for key in ("project", "branch")}
        return Selection(**{k: v if v is None else unquote(v) for k, v in named.items()})

    def headed(self, selection: Selection) -> str:
        """Return the head for a selection; what people wrote around it stays.

        A title that somebody took out is not put back; one that somebody changed is theirs as
        long as the selection is the same.
        """
        match = _HEAD.search(self.head)
        if match is None:
            own = self.head.strip("\n")
            if self.pages:
                return own
            return f"{own}\n\n{selection.head()}" if own.strip() else selection.head()
        if digest(match["body"]) != match["id"] and self.selection == selection:
            return self.head.strip("\n")
        before, after = self.head[: match.start()], self.head[match.end() :]
        return (before + selection.head() + after).strip("\n")

    @staticmethod
    def text(head: str, pages: list[str]) -> str:
        """Return head and pages as one text."""
        parts = [part.strip("\n") for part in (head, *pages)]
        return "\n\n".join(part for part in parts if part) + "\n"


def page_or_none(text: str) -> Page | None:
    """Return an entry taken apart, or ``None`` where a newer runfolio made it."""
    try:
        return parse(text)
    except UnsupportedVersion:
        return None


class TextFile:
    """A text file that people edit too: read, and replaced only if it is still as it was read.

    Parameters
    ----------
    path : Path
        It need not exist; a link is followed.

    Raises
    ------
    UsageError
        The path is a folder, its folder does not exist, or it is no UTF-8 text.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        if self.path.is_dir():
            raise UsageError(f"{path} is a folder; expected a Markdown file such as JOURNAL.md.")
        if not self.path.parent.is_dir():
            raise UsageError(f"{path.parent} is no folder; make it first, or choose another path.")
        self._bytes = self._read()
        try:
            self.text = None if self._bytes is None else self._bytes.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UsageError(
                f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); it was left as "
                "it is. Save it as UTF-8, or choose another file."
            ) from error

    def replace(self, text: str) -> bool:
        r"""Give the file this content; return ``False`` if somebody changed it since it was read.

        Line ends stay ``\r\n`` where the file has them. The same content is not written again.
        """
        text = ended_like(text, self.text)
        if text == self.text:
            return True
        if self._read() != self._bytes:
            return False
        Disk().replace(self.path, text.encode("utf-8"))
        return True

    def _read(self) -> bytes | None:
        try:
            return read_small(self.path, _MAX_BYTES)
        except FileNotFoundError:
            return None
        except CorruptRecord as error:
            raise UsageError(f"{self.path}: {error} It was left as it is.") from error
