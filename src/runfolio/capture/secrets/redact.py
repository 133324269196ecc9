"""The one place that text passes on its way to the disk: secrets out, marks in."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.capture.secrets.blocks import key_blocks
from runfolio.capture.secrets.colours import without_colours
from runfolio.capture.secrets.expressions import lazily
from runfolio.capture.secrets.formats import tokens_in
from runfolio.capture.secrets.known import KnownValues
from runfolio.capture.secrets.names import is_secret_name, mark, may_name_a_secret
from runfolio.capture.secrets.rules import Span, named_secrets

__all__ = ["Found", "Redacted", "Redactor"]

MAX_SECONDS: Final = 1.6
"""So long one text is searched; what takes longer is withheld, within two seconds."""

ALLOW: Final = b"runfolio: allow-secret"
"""A line that says so is written as it is."""

WITHHELD: Final = "too long to search"
"""The kind of what is left out as a whole, in the list of what was found."""

_CHUNK: Final = 1 << 20
_OVERLAP: Final = 4096
_SHORT: Final = 1 << 16
_DEEPEST: Final = 64
_MOST_BYTES: Final = 4
_MARKED: Final = lazily(rb"\[redacted:[^\]\s]{1,60}\]")
_STAND_IN: Final = re.compile(r"<[A-Za-z][A-Za-z_ -]*>")
# Shorter ones are no secret, and most values are.
_SHORTEST: Final = 4


@dataclass(frozen=True, slots=True)
class Found:
    """A secret that was found: its kind and its line, from 1; never the value."""

    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, and what was found."""

    text: bytes
    found: tuple[Found, ...] = ()
    withheld: bool = False


class Redactor:
    """Puts marks in the place of secrets; one for a process, used by any thread.

    Looked for are first the values that are known: of environment variables whose name stands
    for a secret, and those met by name in any text before. Then the forms of the tokens that
    services give out, then what names, headers, options and addresses show.

    Parameters
    ----------
    environ : mapping, optional
        The environment; this process's own by default.
    allow : sequence of str, optional
        Patterns (``fnmatch``) of values that are no secret.
    """

    def __init__(self, environ: Mapping[str, str] | None = None, allow: Sequence[str] = ()) -> None:
        self.known = KnownValues(os.environ if environ is None else environ)
        self._allow = tuple(allow)

    def redact(self, text: bytes, *, max_seconds: float | None = None) -> Redacted:
        """Return the text, a mark in the place of each secret; its lines stay the same lines.

        Parameters
        ----------
        text : bytes
            UTF-8, or near it.
        max_seconds : float, optional
            A text that takes longer is withheld as a whole.
        """
        try:
            places = self._places(
                text, time.monotonic() + (MAX_SECONDS if max_seconds is None else max_seconds)
            )
        except TimeoutError:
            told = f"[withheld: {len(text):,} bytes that could not be searched for secrets in time]"
            return Redacted(told.encode() + b"\n" * text.count(b"\n"), withheld=True)
        if not places:
            return Redacted(text)
        pieces: list[bytes] = []
        found: list[Found] = []
        at, line = 0, 1
        for start, end, kind in places:
            line += text.count(b"\n", at, start)
            pieces += (text[at:start], mark(kind).encode())
            found.append(Found(kind, line))
            line += text.count(b"\n", start, end)
            at = end
        return Redacted(b"".join([*pieces, text[at:]]), tuple(found))

    def redact_text(self, text: str, *, name: str = "") -> tuple[str, tuple[Found, ...]]:
        """Return a text without its secrets; one of a secret name is a mark as a whole.

        Parameters
        ----------
        text : str
        name : str
            What the text is called: a setting, a variable.
        """
        if len(text) < _SHORTEST or text.startswith("[redacted:"):
            return text, ()
        # `<HUB_TOKEN>`: how libraries write a token that they do not show.
        if name and is_secret_name(name) and not _STAND_IN.fullmatch(text):
            self.known.learn(name, text)
            return mark(name), (Found(name, 1),)
        if name and may_name_a_secret(name) and self._would_be_found(name, text):
            return mark(name), (Found(name, 1),)
        done = self.redact(text.encode("utf-8", "surrogatepass"))
        if done.withheld:
            return done.text.decode(), (Found(WITHHELD, 1),)
        if not done.found:
            return text, ()
        return done.text.decode("utf-8", "surrogatepass"), done.found

    def _would_be_found(self, name: str, text: str) -> bool:
        """Return whether it would be where a program says so: what is a mark there is one here."""
        line = f"{name} = {json.dumps(text)}".encode("utf-8", "surrogatepass")
        return len(line) < _SHORT and bool(self.redact(line).found)

    def redact_value(
        self, value: Any, found: list[Found], *, name: str = "", depth: int = 0
    ) -> Any:
        """Return a JSON value without the secrets of its texts; what was found is added to `found`."""
        if isinstance(value, str):
            text, more = self.redact_text(value, name=name)
            found.extend(more)
            return text
        if depth > _DEEPEST:
            return value
        if isinstance(value, Mapping):
            return {
                key: self.redact_value(item, found, name=_name(key), depth=depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.redact_value(item, found, name=name, depth=depth + 1) for item in value]
        return value

    def _places(self, text: bytes, deadline: float) -> list[Span]:
        """Return where the secrets of a text lie, in order, none inside another."""

        def check() -> None:
            # A short text is searched whatever the time: the whole process may have slept.
            if len(text) > _SHORT and time.monotonic() > deadline:
                raise TimeoutError

        found: list[Span] = []
        for start, end in _chunks(text):
            check()  # a part without any hint asks for the time nowhere else
            part = text[start:end] if (start, end) != (0, len(text)) else text
            plain, place = without_colours(part)
            spans = (*self._named(plain, check), *tokens_in(plain, check))
            found += [
                (start + place(begin), start + place(stop - 1) + 1, kind)
                for begin, stop, kind in spans
            ]
        # Over the whole text: a block may be cut in two, and a value may stand before its name does.
        check()
        found += [*key_blocks(text), *self.known.find(text, check)]
        counting: list[Span] = []
        for span in found:
            check()
            if self._counts(text, span):
                counting.append(_whole(text, span))
        merged = _merged(counting)
        check()
        return merged

    def _named(self, text: bytes, check: Callable[[], None]) -> Iterator[Span]:
        for start, end, kind in named_secrets(text, check):
            if self._counts(text, (start, end, kind)):
                self.known.learn(kind, text[start:end].decode("utf-8", "replace"))
                yield start, end, kind

    def _counts(self, text: bytes, span: Span) -> bool:
        start, end, _ = span
        before, behind = max(0, start - _OVERLAP), end + _OVERLAP
        line_start = text.rfind(b"\n", before, start) + 1 or before
        line_end = text.find(b"\n", end, behind)
        if ALLOW in text[line_start : line_end if line_end >= 0 else behind]:
            return False
        # What a mark says is no secret either.
        for marked in _MARKED.finditer(text, max(0, start - 80), end + 80):
            if marked.start() < end and start < marked.end():
                return False
        value = text[start:end].decode("utf-8", "replace")
        return not any(fnmatch.fnmatchcase(value, pattern) for pattern in self._allow)


def _name(key: object) -> str:
    return key if isinstance(key, str) else ""


def _chunks(text: bytes) -> Iterator[tuple[int, int]]:
    """Yield parts of about a megabyte: cut between lines, or with an overlap."""
    start = 0
    while len(text) - start > _CHUNK:
        end = text.rfind(b"\n", start + _CHUNK // 2, start + _CHUNK) + 1
        if end:
            yield start, end
            start = end
        else:
            yield start, start + _CHUNK
            start += _CHUNK - _OVERLAP
    yield start, len(text)


def _whole(text: bytes, span: Span) -> Span:
    """Return a span that cuts no letter of several bytes."""
    start, end, kind = span
    for _ in range(_MOST_BYTES - 1):
        start -= start > 0 and _is_inside(text[start])
        end += end < len(text) and _is_inside(text[end])
    return start, end, kind


def _is_inside(byte: int) -> bool:
    return byte & 0xC0 == 0x80


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if merged and start < merged[-1][1]:
            first, last, known_as = merged[-1]
            merged[-1] = (first, max(last, end), known_as)
        else:
            merged.append((start, end, kind))
    return merged
