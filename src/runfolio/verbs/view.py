"""What a verb answers: one object that shows itself wherever it is.

A view is printed in colour by rich, as plain text by ``print``, as HTML in a notebook, as JSON
for machines and as Markdown for a journal. Every string that came out of a run is made harmless
on each of these ways; markup of rich is never interpreted.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from runfolio.logbook.escape import inert, literal
from runfolio.verbs.terminal import clean

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

__all__ = [
    "STYLES",
    "AsJson",
    "AsMarkdown",
    "Message",
    "Mistake",
    "Prose",
    "View",
    "join_lines",
    "json_ready",
]

STYLES: Final[Mapping[str, str]] = {
    "secondary": "bright_black",
    "why": "italic bright_black",
    "strong": "bold",
    "accent": "blue",
    "running": "blue",
    "finished": "green",
    "failed": "red",
    "interrupted": "yellow",
    "stopped": "bright_black",
    "pruned": "bright_black",
    "crashed": "magenta",
    "silent": "bright_black",
    "good": "green",
    "fault": "red",
    "note": "yellow",
}
"""Role → terminal colour; the sixteen named ones, so that the user's own palette decides."""


class View:
    """The answer of a verb.

    Subclasses give `text` and `data`, and `html` and `markdown` where a table or a card says it
    better than plain lines.

    Attributes
    ----------
    exit_code : int
        What the command line ends with: 0, or 1 where nothing was found or faults were.
    """

    exit_code: int = 0

    def text(self, width: int | None = None) -> Text:
        """Return what a terminal shows, styled.

        Parameters
        ----------
        width : int, optional
            Columns there are; ``None`` means as many as it takes.
        """
        raise NotImplementedError

    def data(self) -> Any:
        """Return what :meth:`to_json` writes: mappings, lists, strings, numbers."""
        raise NotImplementedError

    def to_json(self) -> str:
        """Return the answer for machines; a non-finite number is ``null``."""
        return _harmless(json.dumps(json_ready(self.data()), ensure_ascii=False, indent=2))

    def to_markdown(self) -> str:
        """Return the answer as Markdown in which text of a run is text."""
        lines = str(self).rstrip("\n").split("\n")
        return "  \n".join(literal(line, max(len(line), 1)) for line in lines) + "\n"

    def to_html(self) -> str | None:
        """Return the answer as HTML for a notebook, or ``None`` where plain text does."""
        return None

    def __str__(self) -> str:
        return clean(self.text(None).plain)

    def __repr__(self) -> str:
        return str(self)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width if console.is_terminal else None
        shown = self.text(width)
        # Long lines are the terminal's own business: it wraps them so that they copy whole.
        shown.no_wrap, shown.overflow = True, "ignore"
        yield _cleaned(shown)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the forms in which a notebook may show the answer, and what is said of them."""
        del include, exclude  # IPython filters the bundle itself
        html = self.to_html()
        return {"text/plain": str(self)} | ({"text/html": html} if html is not None else {}), {}


def _cleaned(text: Text) -> Text:
    """Return the styled text with nothing in it that a terminal would obey.

    Views clean the strings they take from runs themselves, one by one; this is the last gate.
    """
    if clean(text.plain) == text.plain:
        return text
    parts = [Text(clean(part.plain), style=part.style, end="")
             if not part.spans else _restyled(part) for part in text.split("\n")]  # fmt: skip
    return Text("\n", no_wrap=True, overflow="ignore").join(parts)


def _restyled(part: Text) -> Text:
    edges = sorted({0, len(part), *(s.start for s in part.spans), *(s.end for s in part.spans)})
    restyled = Text()
    for piece in part.divide(edges[1:-1]):
        style = piece.spans[-1].style if piece.spans else piece.style
        restyled.append(clean(piece.plain), style=style)
    return restyled


_UNSAFE: Final = re.compile("[\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
                            "\ufeff\ud800-\udfff\U000e0000-\U000e007f]")  # fmt: skip


def _harmless(document: str) -> str:
    """Return JSON with what could act on a terminal written as escapes; its meaning is the same."""
    return _UNSAFE.sub(_escape, document)


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    if number < 0x10000:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"


def json_ready(value: Any) -> Any:
    """Return `value` with times, paths and non-finite numbers as JSON has them."""
    if isinstance(value, Mapping):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_ready(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Path):
        return str(value)
    return value if value is None or isinstance(value, (str, int)) else str(value)


def join_lines(lines: Iterable[Text]) -> Text:
    """Return lines of styled text as one."""
    return Text("\n").join(lines)


class Message(View):
    """One or a few plain sentences.

    Parameters
    ----------
    message : Text or str
        Shown as it is; a ``str`` is never read as markup.
    data : mapping, optional
        What machines get instead of the sentence.
    """

    def __init__(self, message: Text | str, data: Any = None, *, exit_code: int = 0) -> None:
        self._message = Text(message) if isinstance(message, str) else message
        self._data = data
        self.exit_code = exit_code

    def text(self, width: int | None = None) -> Text:
        """Return the sentence."""
        del width
        return self._message.copy()

    def data(self) -> Any:
        """Return the facts behind the sentence, or the sentence."""
        return {"message": str(self)} if self._data is None else self._data


class Mistake(Message):
    """A call that could not be carried out: one line that says why and what to do."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message, {"error": message}, exit_code=exit_code)

    def data(self) -> Any:
        """Return the sentence under ``error``."""
        return {"error": str(self)}


class AsJson(View):
    """Another view, shown as JSON everywhere."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.exit_code = view.exit_code

    def text(self, width: int | None = None) -> Text:
        """Return the JSON document."""
        del width
        return Text(self._view.to_json())

    def data(self) -> Any:
        """Return what the other view says."""
        return self._view.data()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # As one piece: there is no style in it, and a document may have a million lines.
        from rich.segment import Segment

        del console, options
        yield Segment(self._view.to_json())
        yield Segment.line()


class AsMarkdown(View):
    """Another view, shown as the Markdown it is elsewhere."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.exit_code = view.exit_code

    def text(self, width: int | None = None) -> Text:
        """Return the Markdown page."""
        del width
        return Text(self._view.to_markdown())

    def data(self) -> Any:
        """Return what the other view says."""
        return self._view.data()


_MEASURE: Final = 100
"""Lines of prose longer than this are hard to read."""


def _typeset(page: str, width: int) -> Text:
    """Return Markdown as a terminal shows it, links spelled out and never live."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(width=width, force_terminal=False)
    shown = Text()
    for line in console.render_lines(Markdown(page, hyperlinks=False), pad=False):
        for segment in line:
            shown.append(clean(segment.text).rstrip("\n"), style=segment.style)
        shown.append("\n")
    shown.rstrip()
    return shown


class Prose(View):
    """A Markdown page, shown as Markdown in a notebook and as its own text in a terminal.

    Parameters
    ----------
    data : Any
        What machines get.
    marks : mapping, optional
        Kept with the output in a notebook file.
    """

    def __init__(self, markdown: str, data: Any, marks: Mapping[str, Any] | None = None) -> None:
        self._markdown = markdown
        self._data = data
        self._marks = dict(marks or {})

    def text(self, width: int | None = None) -> Text:
        """Return the page set for a terminal, or as it is written where no terminal is."""
        page = self.to_markdown().rstrip("\n")
        return Text(clean(page)) if width is None else _typeset(page, min(width, _MEASURE))

    def data(self) -> Any:
        """Return where the page lies and what it holds."""
        return self._data

    def to_markdown(self) -> str:
        """Return the page without raw HTML, scripted links and images from elsewhere."""
        return inert(self._markdown)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the page as Markdown and as plain text."""
        del include, exclude
        return {"text/plain": str(self), "text/markdown": self.to_markdown()}, self._marks
