"""``%%track`` as an input transformer: the cell below it stays an ordinary cell.

A transformer may be called several times for one cell, so everything here is pure. What cannot
be a tracked cell (a mistyped option, a verb for a name, nothing below the line) is left as it
stands: IPython then hands it to the cell magic of the same name, which says what is wrong, and
no line of the cell runs.
"""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from runfolio.errors import UsageError
from runfolio.verbs.door import StartOptions

__all__ = ["HELP", "TrackedPart", "Transformer", "read_options", "tracked_part"]

_HEAD: Final = re.compile(r"%%track(?:[^\S\n]+(?P<words>[^\n]*))?\n?\Z")
_MOST_WORDS: Final = 2

HELP: Final = ("--help", "-h")
"""Words that ask for help instead of a run."""

# Cell magics whose body goes through the transformers again, so that a %%track inside would be
# taken off and forgotten without a word.
_PYTHON_MAGICS: Final = ("%%time", "%%timeit", "%%capture", "%%prun")

_Transform = Callable[[list[str]], list[str]]


@dataclass(frozen=True, slots=True)
class TrackedPart:
    """A cell that begins with a well-formed ``%%track`` line.

    Attributes
    ----------
    options : StartOptions
        What the line says.
    body : str
        What runs.
    magic : str
        The cell magic that follows directly, ``"%%time"``; else empty.
    """

    options: StartOptions
    body: str
    magic: str = ""

    @property
    def is_python(self) -> bool:
        """Whether the body is Python, run by IPython or by a magic that times or captures it."""
        return not self.magic or self.magic in _PYTHON_MAGICS


class Transformer:
    """Takes the ``%%track`` line out of a cell, for ``input_transformers_cleanup``."""

    # Read by IPython's check_complete, which then leaves this one out: in a terminal a tracked
    # cell is complete at its first blank line, like every cell that begins with %%.
    has_side_effects: Final = True

    def __call__(self, lines: list[str]) -> list[str]:
        """Return the lines that run in the place of `lines`.

        The ``%%track`` line becomes a blank one, so that the numbers of the others stay true;
        where a cell magic follows, it is taken off. Any other cell comes back as it is.
        """
        at = _first(lines)
        if at is None:
            return lines
        if _HEAD.match(lines[at]) is None:
            return _misplaced(lines[at:]) or lines
        if _part(lines[at:]) is None:
            # With a line below it, even an empty one, the cell magic is asked, and not IPython.
            return [lines[at].rstrip("\n") + "\n", *(lines[at + 1 :] or ["\n"])]
        below = lines[at + 1 :]
        start = _first(below) or 0
        if below[start].startswith("%%"):
            return below[start:]
        return [*lines[:at], "\n", *below]


def tracked_part(raw_cell: str, cleanup: Iterable[_Transform] = ()) -> TrackedPart | None:
    """Return what a cell, as its author wrote it, has IPython run under ``%%track``.

    Parameters
    ----------
    raw_cell : str
    cleanup : iterable of callable
        The other cleanup transforms of the shell (leading blank lines, prompts …).

    Returns
    -------
    TrackedPart or None
        ``None`` for a cell that is not tracked, or whose ``%%track`` line cannot be carried out.
    """
    if "%%track" not in raw_cell:
        return None
    lines = raw_cell.splitlines(keepends=True)
    for transform in cleanup:
        if not getattr(transform, "has_side_effects", False):
            lines = transform(lines)
    at = _first(lines)
    return None if at is None else _part(lines[at:])


@functools.lru_cache(maxsize=64)
def read_options(words: str) -> StartOptions:
    """Return what stands behind ``%%track``.

    Parameters
    ----------
    words : str
        ``baseline --tag first -c lr=1e-3``; quotes as in a shell.

    Raises
    ------
    UsageError
        An option or its value is wrong, there are more than two words, or the first is a verb.
    """
    # Imported here: click is loaded at the first tracked cell, not with the extension.
    from runfolio.verbs.start import parse_start

    try:
        split = shlex.split(words)
    except ValueError as error:
        raise UsageError(
            f'{error} in: %%track {words}. Close the quote, as in %%track "two words".'
        ) from error
    name = _leading_words(split)
    if len(name) > _MOST_WORDS:
        raise UsageError(
            f"%%track takes a name or two words, not {len(name)}. Quote a longer name: "
            f'%%track "{" ".join(name)}"'
        )
    return parse_start(split, prog="%%track")


def _leading_words(split: Sequence[str]) -> list[str]:
    for place, word in enumerate(split):
        if word.startswith("-"):
            return list(split[:place])
    return list(split)


def _part(lines: Sequence[str]) -> TrackedPart | None:
    head = _HEAD.match(lines[0])
    below = lines[1:]
    start = _first(below)
    if head is None or start is None or _HEAD.match(below[start]):
        return None
    words = (head["words"] or "").strip()
    if any(word in HELP for word in words.split()):
        return None
    try:
        options = read_options(words)
    except UsageError:
        return None
    magic = below[start].split()[0] if below[start].startswith("%%") else ""
    return TrackedPart(options, "".join(below), magic)


def _misplaced(lines: Sequence[str]) -> list[str] | None:
    """Return a call that explains itself for a ``%%track`` below ``%%time`` and its like."""
    if lines[0].split()[0] not in _PYTHON_MAGICS:
        return None
    for line in lines[1:]:
        if not line.startswith("%%"):
            return None
        head = _HEAD.match(line)
        if head is not None:
            words = (head["words"] or "").strip()
            return [f"get_ipython().run_cell_magic('track', {words!r}, {lines[0]!r})\n"]
    return None


def _first(lines: Sequence[str]) -> int | None:
    """Return the place of the first line that is not blank."""
    return next((place for place, line in enumerate(lines) if line.strip()), None)
