"""Reading a page back: which lines are the machine's, which words stand under which heading.

The machine's part of a page lies between two HTML comments::

    <!-- runfolio:facts run=20261123T140200-7f3a9c v=1 id=5e884898 words=-.1a2b3c.-.- lines=… -->
    …
    <!-- /runfolio:facts id=5e884898 -->

``id`` is a digest of what lies between them: text that somebody typed inside is noticed, and
kept as words; ``lines`` holds length and digest of each line, by which it is told from the facts.
``words`` holds a digest of each field of the words the page was made with: so a later reader
knows which of them were changed by hand, and which only have become old.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from runfolio.errors import UnsupportedVersion
from runfolio.logbook.entry import FIELDS, HEADINGS, OTHER, Words

__all__ = [
    "PLACEHOLDER",
    "VERSION",
    "Page",
    "canonical",
    "closed",
    "digest",
    "ended_like",
    "fenced",
    "heading",
    "normal",
    "parse",
    "split_pages",
]

VERSION: Final = 1
"""The version of the comments this runfolio writes and reads."""

PLACEHOLDER: Final = "*Write here; these words are never overwritten.*"
"""Stands below the first heading that has no words yet; never counts as words."""

_OPEN: Final = re.compile(
    r"\s*<!-- runfolio:facts run=(?P<run>[A-Za-z0-9._-]+) v=(?P<v>\d{1,9})"
    r"(?P<more>(?: [a-z]+=[^\s>]*)*) -->\s*\Z"
)
_CLOSE: Final = re.compile(r"\s*<!-- /runfolio:facts(?: id=(?P<id>[0-9a-f]*))? -->\s*\Z")
# Somebody wrote on the line of a comment: where a cell begins the cursor stands on it.
_BEFORE_OPEN: Final = re.compile(
    r"^(.*\S)[ \t]*(<!-- runfolio:facts run=[A-Za-z0-9._-]+ v=\d{1,9}(?: [a-z]+=[^\s>]*)* -->[ \t]*)$",
    re.MULTILINE,
)
_AFTER_CLOSE: Final = re.compile(
    r"^([ \t]*<!-- /runfolio:facts(?: id=[0-9a-f]*)? -->)[ \t]*(?=\S)", re.MULTILINE
)
_MARKER: Final = re.compile(r"<!--(?=\s{0,9}/?runfolio:)")
_TITLES: Final = {title.casefold(): title for title in HEADINGS}
_MAX_HEADING: Final = 200
# One in bold may have words behind it: in a cell, the end of the last is where people click.
_HEADING: Final = re.compile(
    r" {0,3}(?:#{1,6}[ \t]+(?P<hash>.+?)(?:[ \t]+#+)?[ \t]*\Z"
    r"|(?P<bold>\*\*|__)(?P<strong>.+?)(?P=bold)(?P<rest>.*))"
)
# Fenced code: what looks like a heading in it is none.
_FENCE: Final = re.compile(r"(?P<mark>`{3,}(?=[^`]*\Z)|~{3,})")
# How a line of facts begins; looked at only where somebody changed the text between the comments.
_FACT: Final = re.compile(
    r"\s*(?:[●✓✕‖■✂⚠◌] \*\*"
    r"|\*\*(?:Changed since|Since best|Best of|First run|Same as|Same settings as|Result|Data|Replayable|Notes|Points|Command|Record)\b|---\s*\Z)"
)


@dataclass(frozen=True, slots=True)
class Page:
    """One entry as it stands in a file or a notebook cell.

    Attributes
    ----------
    run_id : str or None
        ``None`` where the comments are gone.
    words : Words
    base : mapping of str to str, or None
        Field → digest of the words the page was made with.
    lines : tuple of str
        The whole page.
    facts_at : int or None
        Where in `lines`, without the machine's part, that part stood.
    """

    run_id: str | None
    words: Words
    base: Mapping[str, str] | None
    lines: tuple[str, ...]
    facts_at: int | None

    def with_facts(self, block: str) -> str:
        """Return the page with another machine's part, and every other line as it is."""
        at = self.facts_at
        if at is None:
            return "\n".join([block, "", *self.lines])
        return "\n".join([*self.lines[:at], block, *self.lines[at:]])

    def changed_by_hand(self, field: str) -> bool | None:
        """Return whether a field differs from what the page was made with; ``None``: unknown."""
        if self.base is None:
            return None
        return self.base.get(field) != digest(self.words.by_field()[field])


def digest(text: str) -> str:
    """Return what stands for a text in the comments; ``-`` for none."""
    if not text:
        return "-"
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()


def fenced(run_id: str, body: str, words: Words) -> str:
    """Return the machine's part of a page whose words are `words`."""
    mark = digest(body)
    fields = ".".join(digest(text) for text in words.by_field().values())
    facts = filter(None, map(str.strip, body.split("\n")))
    lines = ".".join(f"{len(line)}-{digest(line)}" for line in facts)
    return (
        f"<!-- runfolio:facts run={run_id} v={VERSION} id={mark} words={fields} lines={lines} -->\n\n"
        f"{body}\n\n<!-- /runfolio:facts id={mark} -->"
    )


def normal(text: str) -> str:
    r"""Return text with ``\n`` at its line ends, whatever it came with."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def ended_like(text: str, old: str | None) -> str:
    r"""Return text with the line ends of `old`: ``\r\n`` where it has them, else ``\n``."""
    return text.replace("\n", "\r\n") if old is not None and "\r\n" in old else text


def heading(line: str) -> tuple[str, str] | None:
    """Return with which of `HEADINGS` a line begins, and the words behind it; else ``None``."""
    match = _HEADING.match(line[:_MAX_HEADING])
    if match is None or (match["hash"] and len(line) > _MAX_HEADING):
        return None
    title = " ".join((match["hash"] or match["strong"]).strip("*_ \t:?").split())
    if title.casefold() not in _TITLES:
        return None
    rest = "" if match["hash"] else line[match.start("rest") :]
    return _TITLES[title.casefold()], rest.strip(" \t:") if rest.strip("*_ \t:?") else ""


def canonical(text: str) -> str:
    """Return words as a page can hold them, so that reading the page gives them back.

    Blank lines around them go, and so does the placeholder; a line that would be read as one
    of the headings or as a comment of ours is escaped. The result is stable.
    """
    lines = _uninvited(normal(text).split("\n"))
    code, _ = _in_code(lines)
    return _trimmed(
        _MARKER.sub("&lt;!--", line if at in code else _no_heading(line))
        for at, line in enumerate(lines)
    )


def closed(text: str) -> str:
    """Return words with an end to fenced code that is left open: it would take in what follows."""
    _, mark = _in_code(text.split("\n"))
    return f"{text}\n{mark}" if mark else text


def _in_code(lines: Iterable[str]) -> tuple[set[int], str]:
    """Return which lines are fenced code, and the mark of a fence that is left open."""
    found: set[int] = set()
    mark, start = "", 0
    for at, line in enumerate(lines):
        bare = line.strip(" \t")
        if not mark:
            opening = _FENCE.match(line)
            mark, start = (opening["mark"] if opening else ""), at
        elif bare.startswith(mark) and not bare.strip(mark[0]):
            found.update(range(start, at + 1))
            mark = ""
    return found, mark


def _no_heading(line: str) -> str:
    found = heading(line)
    if found is None:
        return line
    stripped = line.lstrip(" ")
    if stripped.startswith("#"):
        return "\\" + stripped.replace("*", r"\*").replace("_", r"\_")
    mark = "".join(f"\\{char}" for char in stripped[:2])
    rest = stripped[2:]
    return mark + (rest if found[1] else rest.replace("*", r"\*").replace("_", r"\_"))


def _uninvited(lines: Iterable[str]) -> list[str]:
    """Return lines without the placeholder; words may have been typed straight behind it."""
    return [
        line.replace(PLACEHOLDER, "").strip() if PLACEHOLDER in line else line
        for line in lines
        if line.strip() != PLACEHOLDER
    ]


def _trimmed(lines: Iterable[str]) -> str:
    kept = list(lines)
    while kept and not kept[0].strip():
        kept.pop(0)
    while kept and not kept[-1].strip():
        kept.pop()
    return "\n".join(kept)


def parse(text: str) -> Page:
    """Return one page taken apart, however it was edited.

    Headings may come in any order, twice, in bold or in any level; the comments may be damaged
    or gone; lines may end in any way. No line that a person may have written is lost.

    Raises
    ------
    UnsupportedVersion
        The page was made by a newer runfolio.
    """
    lines = _lines(text)
    kept: list[str] = []
    run_id: str | None = None
    base: Mapping[str, str] | None = None
    facts_at: int | None = None
    at = 0
    while at < len(lines):
        opening = _opening(lines[at])
        if opening is None:
            if _CLOSE.match(lines[at]) is None:
                kept.append(lines[at])
            at += 1
            continue
        if facts_at is None:
            run_id, base, facts_at = opening["run"], _base(opening["more"]), len(kept)
        at, typed = _machine_part(lines, at, opening)
        kept += typed
    return Page(run_id, _words(kept), base, tuple(kept), facts_at)


def _lines(text: str) -> list[str]:
    """Return the lines of a page, with each comment of ours on one of its own."""
    whole = _BEFORE_OPEN.sub(r"\1\n\2", normal(text))
    return _AFTER_CLOSE.sub(r"\1\n", whole).split("\n")


def _opening(line: str) -> re.Match[str] | None:
    match = _OPEN.match(line)
    if match is not None and int(match["v"]) > VERSION:
        raise UnsupportedVersion(
            f"The journal entry of run {match['run']} was made by a newer runfolio "
            f"(v={match['v']}); this one reads up to v={VERSION}. Update runfolio."
        )
    return match


def _attribute(more: str, name: str) -> str | None:
    match = re.search(rf" {name}=([^\s>]*)", more)
    return match[1] if match else None


def _base(more: str) -> Mapping[str, str] | None:
    digests = (_attribute(more, "words") or "").split(".")
    return dict(zip(FIELDS, digests, strict=True)) if len(digests) == len(FIELDS) else None


def _machine_part(lines: list[str], start: int, opening: re.Match[str]) -> tuple[int, list[str]]:
    """Return where the machine's part ends, and the lines in it that somebody typed."""
    mark = _attribute(opening["more"], "id")
    limit = next((n for n in range(start + 1, len(lines)) if _OPEN.match(lines[n])), len(lines))
    # The comment with our digest ends it, whatever was put before; else any; else a heading.
    closers = {n: match["id"] for n in range(start + 1, limit) if (match := _CLOSE.match(lines[n]))}
    end = next((n for n, found in closers.items() if found == mark), min(closers, default=None))
    if end is None:
        end = next((n for n in range(start + 1, limit) if heading(lines[n])), limit)
    body = lines[start + 1 : end]
    after = end + (end in closers)
    if digest(_trimmed(body)) == mark:
        return after, []
    facts = re.findall(r"(\d{1,6})-([0-9a-f]+)", _attribute(opening["more"], "lines") or "")
    typed = [_typed(line, facts) for line in body if not _CLOSE.match(line)]
    return after, _trimmed(typed).split("\n") if any(line.strip() for line in typed) else []


def _typed(line: str, facts: list[tuple[str, str]]) -> str:
    """Return what somebody typed on a line between the comments: before or behind a fact, or all."""
    bare = line.strip()
    for told, mark in facts:
        length = int(told)
        if 0 < length <= len(bare):
            if digest(bare[:length]) == mark:
                return bare[length:].strip()
            if digest(bare[-length:]) == mark:
                return bare[:-length].strip()
    # Shorter than a fact, and like one: somebody took something away from it.
    is_fact = _FACT.match(line) and len(bare) <= max((int(n) for n, _ in facts), default=len(bare))
    return "" if is_fact else line


def _words(lines: Iterable[str]) -> Words:
    found: dict[str, list[list[str]]] = {field: [] for field in FIELDS}
    section: list[str] = []
    found[OTHER].append(section)
    kept = _uninvited(lines)
    code, _ = _in_code(kept)
    for at, line in enumerate(kept):
        begun = None if at in code else heading(line)
        if begun is None:
            section.append(line)
        else:
            section = [begun[1]]
            found[begun[0]].append(section)
    texts = {
        field: "\n\n".join(text for part in parts if (text := _trimmed(part)))
        for field, parts in found.items()
    }
    return Words.of(texts)


def split_pages(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return a document's head, and its pages as ``(run id, text)`` in order.

    A page reaches from its opening comment to the next one.
    """
    lines = _lines(text)
    starts = [n for n, line in enumerate(lines) if _OPEN.match(line)]
    head = "\n".join(lines[: starts[0]] if starts else lines)
    pages = []
    for start, end in itertools.pairwise([*starts, len(lines)]):
        match = _OPEN.match(lines[start])
        if match is not None:
            pages.append((match["run"], "\n".join(lines[start:end])))
    return head, pages
