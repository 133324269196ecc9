"""Hand-written words: read from a run's edits, and taken in from pages that people changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runfolio.errors import UsageError, did_you_mean
from runfolio.format.edits import Edit, merge_text, read_edits, write_edit
from runfolio.logbook.entry import FIELDS, Words
from runfolio.logbook.escape import inert
from runfolio.logbook.parse import Page, canonical, closed, digest, normal
from runfolio.record.redaction import Redaction

__all__ = ["Pulled", "read_words", "same", "shown", "take_in", "write_words"]


@dataclass(frozen=True, slots=True)
class Pulled:
    """Words that were found changed by hand, and are now an edit of their run.

    ``field`` is one of :data:`runfolio.logbook.entry.FIELDS`.
    """

    run_id: str
    field: str
    was: str
    now: str


def read_words(run_dir: Path) -> Words:
    """Return the words of a run as its edits tell them; conflicting ones side by side."""
    state = dict.fromkeys(FIELDS, "")
    for edit in _word_edits(run_dir):
        state[edit.field] = merge_text(state[edit.field], edit.value, edit.was)
    return Words.of(state)


def write_words(run_dir: Path, field: str, text: str) -> Pulled | None:
    """Put words under a heading, as an edit.

    Returns
    -------
    Pulled or None
        ``None`` where the words already stood there.

    Raises
    ------
    UsageError
        `field` is none of :data:`runfolio.logbook.entry.FIELDS`.
    OSError
        The edit cannot be written.
    """
    if field not in FIELDS:
        raise UsageError(
            f"{field!r} is no heading of the journal; expected one of {', '.join(FIELDS)}."
            + did_you_mean(field, FIELDS)
        )
    was = read_words(run_dir).by_field()[field]
    return _put(run_dir, field, _storable(text), was, was)


def shown(text: str) -> str:
    """Return words as a page shows them that did not have them before."""
    return canonical(inert(closed(canonical(text))))


def same(on_page: str, known: str) -> bool:
    """Return whether a page holds the words of the edits, verbatim or as `shown`."""
    return on_page in (known, canonical(known)) or on_page == shown(known)


def take_in(run_dir: Path, page: Page) -> list[Pulled]:
    """Make edits of the words that a person changed on a page, and return them.

    A field counts as changed by hand where it is neither what the page was made with nor what
    the edits say. Where the edits went on in the meantime both texts are kept.

    Raises
    ------
    OSError
        An edit cannot be written.
    """
    # Most pages are as they were made: then no file of the run is looked at.
    candidates = {
        field: found
        for field, found in page.words.by_field().items()
        if page.changed_by_hand(field) is not False
    }
    if not candidates:
        return []
    now = read_words(run_dir).by_field()
    pulled = []
    for field, found in candidates.items():
        if same(found, now[field]):
            continue
        base = _base_text(run_dir, page, field, now[field])
        if base is None:
            continue
        change = _put(run_dir, field, _storable(found), now[field], base)
        if change is not None:
            pulled.append(change)
    return pulled


def _base_text(run_dir: Path, page: Page, field: str, now: str) -> str | None:
    """Return the text that the page's author saw, or ``None`` where the page is only old."""
    found = page.words.by_field()[field]
    past = [*_history(run_dir, field)]
    if page.base is not None:
        mark = page.base.get(field)
        return next((text for text in past if mark in (digest(text), digest(shown(text)))), now)
    # The comments are gone. A text that stood here before, or none, is no news.
    return None if not found or any(same(found, text) for text in past) else now


def _history(run_dir: Path, field: str) -> Iterator[str]:
    state = ""
    yield state
    for edit in _word_edits(run_dir):
        if edit.field == field:
            state = merge_text(state, edit.value, edit.was)
            yield state
            yield edit.value


def _word_edits(run_dir: Path) -> Iterator[Edit]:
    edits, _ = read_edits(run_dir)
    for edit in edits:
        if edit.op == "words" and edit.field in FIELDS and isinstance(edit.value, str):
            yield edit


def _storable(text: str) -> str:
    # A lone surrogate, which a notebook's JSON may hold, has no form in UTF-8.
    clean = normal(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Redaction().text(canonical(clean), "the journal's words")


def _put(run_dir: Path, field: str, text: str, now: str, was: str) -> Pulled | None:
    if text == now:
        return None
    write_edit(run_dir, "words", field, text, was=was)
    return Pulled(run_dir.name, field, now, text)
