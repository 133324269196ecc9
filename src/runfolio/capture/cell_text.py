r"""The text of a cell without what changes nothing: comments, blank lines, white space.

Made by a scanner of its own and not from Python's tokens or syntax trees, which differ from one
version of Python to the next: the hash of a cell has to be the same wherever it is taken.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

import blake3

from runfolio.capture.source import python_below

__all__ = ["normal_text", "source_hash", "text_hash"]

_TAB: Final = 8
_LONGEST_LINE: Final = 1000
_BELOW: Final = "below"
_MAGIC: Final = re.compile(r"[^\S\n]*[%!?](?:\\\n|[^\n])*")
_TOKEN: Final = re.compile(
    r'''
    (?: \#[^\n]* | \\\n | [^\S\n]+ )*
    (?: (?P<text>[rbuftRBUFT]{0,3}
        (?: """ [^"\\]* (?: (?:\\.|"(?!"")) [^"\\]* )* """
          | \'\'\' [^'\\]* (?: (?:\\.|'(?!'')) [^'\\]* )* \'\'\'
          | " [^"\\\n]* (?:\\. [^"\\\n]* )* "
          | ' [^'\\\n]* (?:\\. [^'\\\n]* )* ' ) )
  | (?P<end>\n)
  | (?P<opening>[(\[{])
  | (?P<closing>[)\]}])
  | (?P<word>\w+)
  | (?P<other>.)
  | \Z )
    ''',
    re.VERBOSE | re.DOTALL,
)


def source_hash(text: str) -> str:
    """Return the blake3 hash of a cell's source, 32 hex digits."""
    return blake3.blake3(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@functools.lru_cache(maxsize=1024)
def text_hash(source: str) -> str:
    """Return the blake3 hash of `normal_text`, 32 hex digits; kept for cells that come again."""
    return source_hash(normal_text(source))


def normal_text(source: str) -> str:
    r"""Return a cell's text as it stays the same under another layout and other comments.

    Magics and shell commands stay as they stand, and so does all of a cell in another language.

    Examples
    --------
    >>> normal_text("x  =  1  # one\n\nprint( x )") == normal_text("x = 1\nprint(x)")
    True
    >>> normal_text("x = '# one'")
    "x='# one'"
    """
    lines = [line.rstrip() for line in source.replace("\r\n", "\n").split("\n")]
    below = python_below(lines)
    if below is None:
        return "\n".join(lines).strip("\n")
    head = [line for line in lines[:below] if line]
    return "\n".join([*head, *_statements("\n".join(lines[below:]))])


def _statements(text: str) -> Iterator[str]:
    """Yield each logical line, with as many spaces before it as blocks are around it."""
    place, blocks = 0, [0]
    while place < len(text):
        magic = _MAGIC.match(text, place)
        if magic is not None:
            yield magic[0].strip()
            place = magic.end() + 1
            continue
        end = text.find("\n", place)
        line = text[place : end if end >= 0 else len(text)]
        whole = _of_one_line(line)
        if whole is None:
            width, words, place = _statement(text, place)
        else:
            (width, words), place = whole, place + len(line) + 1
        if words:
            while width < blocks[-1]:
                blocks.pop()
            if width > blocks[-1]:
                blocks.append(width)
            yield " " * (len(blocks) - 1) + words


# Of what one runs again, most lines are what they were.
@functools.lru_cache(maxsize=8192)
def _of_one_line(line: str) -> tuple[int, str] | None:
    """Return indent and tokens of a line that is a statement by itself, `None` for any other."""
    if len(line) > _LONGEST_LINE or line.endswith("\\") or '"""' in line or "'''" in line:
        return None
    # A bracket that is left open takes in what stands below.
    width, words, place = _statement(line + "\n" + _BELOW, 0)
    return (width, words) if place == len(line) + 1 else None


def _statement(text: str, place: int) -> tuple[int, str, int]:
    """Return indent and tokens of the logical line at `place`, and where the next one begins."""
    begin, depth, was_word = place, 0, False
    width, parts = 0, list[str]()
    for token in _TOKEN.finditer(text, place):
        kind, place = token.lastgroup, token.end()
        if kind is None or (kind == "end" and not depth):
            break
        if kind == "end":
            continue
        if not parts:
            indent = text[begin : token.start(kind)].rpartition("\n")[2]
            width = len(indent.expandtabs(_TAB))
        is_word = kind in ("word", "text")
        if is_word and was_word:
            parts.append(" ")
        elif kind == "opening":
            depth += 1
        elif kind == "closing" and depth:
            depth -= 1
        parts.append(token[kind])
        was_word = is_word
    return width, "".join(parts), place
