"""Tags in a line of words: how they are written, and which tags are meant by what was written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from runfolio.charts.curves import label_text
from runfolio.errors import UsageError
from runfolio.logbook.escape import visible
from runfolio.verbs.terminal import one_line

__all__ = ["TagChange", "tag_changes", "tag_words", "tags_meant"]

_MAX_TAG: Final = 200
_WHOLE: Final = 100_000
# Words between commas; one in quotation marks may hold commas, and such marks doubled.
_PIECES: Final = re.compile(r"""\s*[+-]?\s*"(?:[^"]|"")*"\s*(?=,|\Z)|[^,]+""")


@dataclass(frozen=True, slots=True)
class TagChange:
    """A tag that is to be given, or taken away; `name` is as it was written."""

    adds: bool
    name: str


def tag_words(tag: str, width: int = 40) -> str:
    """Return a tag as it is written among others.

    It stands in quotation marks where it is empty, has spaces around it, holds a comma, or begins
    with a sign that would mean something.
    """
    if tag and tag == tag.strip() and "," not in tag and tag[0] not in '"+-':
        return one_line(tag, width)
    return one_line('"{}"'.format(tag.replace('"', '""')), width)


def tag_changes(text: str) -> Iterator[TagChange]:
    """Yield the changes that a text is: ``+name``, ``name``, ``-name``, with commas between them.

    Raises
    ------
    UsageError
        A tag that is to be given is empty or longer than 200 characters.
    """
    for word in _PIECES.findall(text):
        if word.strip():
            yield _change(word.strip())


def _change(word: str) -> TagChange:
    adds = not word.startswith("-")
    name = word[1:].strip() if word[0] in "+-" else word
    is_quoted = len(name) > 1 and name[0] == name[-1] == '"'
    if is_quoted:
        name = name[1:-1].replace('""', '"')
    if adds:
        name = name.strip()
    # What was not given here may have any length, and has to be taken away all the same.
    if adds and len(name) > _MAX_TAG:
        raise UsageError(
            f"The tag {one_line(name)!r} has {len(name):,} characters; 1 to {_MAX_TAG} are taken."
        )
    if not (name or (is_quoted and not adds)):
        raise UsageError(
            f"{one_line(word)!r} is no tag; write +NAME to give one and -NAME to take it away "
            f"(1 to {_MAX_TAG} characters)."
        )
    return TagChange(adds, name)


def tags_meant(name: str, tags: Sequence[str]) -> list[str]:
    """Return which of some tags are meant: the one that is called so, else those that look so.

    A name that ends with ``…``, as a long tag is shown, means the one that begins so.

    Raises
    ------
    UsageError
        Several begin so.
    """
    if name in tags:
        return [name]
    looks = {tag: _looks(tag) for tag in dict.fromkeys(tags)}
    alike = [tag for tag, forms in looks.items() if forms & {name, visible(name, _WHOLE)}]
    if alike or not name.endswith("…"):
        return alike
    stem = visible(name[:-1], _WHOLE)
    begun = [tag for tag, forms in looks.items() if any(form.startswith(stem) for form in forms)]
    if len(begun) > 1:
        told = ", ".join(tag_words(tag, 60) for tag in begun[:6])
        raise UsageError(f"{one_line(name)!r} could be {told}; write more of it. --json shows all.")
    return begun


def _looks(tag: str) -> set[str]:
    """Return all forms in which a tag is shown, before they are cut."""
    return {visible(tag, _WHOLE), tag_words(tag, _WHOLE), label_text(tag, _WHOLE)}
