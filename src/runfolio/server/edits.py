"""What a page may say about a run: an edit file each time, by the verbs that notebooks use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import CorruptRecord, UsageError, did_you_mean

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord
    from runfolio.server.stores import OpenStore

__all__ = ["VERBS", "edit"]

_MOST: Final = 100_000


def edit(store: OpenStore, run: str, verb: str, text: str, field: str) -> dict[str, Any]:
    """Add an edit to a run; return what it has by now.

    Raises
    ------
    RunNotFound
        There is no such run.
    UsageError
        The verb is none of `VERBS`, or the text not what it takes.
    """
    if verb not in VERBS:
        raise UsageError(f"The verb is not known; expected one of {', '.join(VERBS)}."
                         + did_you_mean(verb[:40], VERBS))  # fmt: skip
    if len(text) > _MOST:
        raise UsageError(f"The text has {len(text):,} characters; at most {_MOST:,} are taken.")
    store.check()
    record = store.store.record(run)
    if record.problems and not record.created_at:
        raise CorruptRecord("This folder is no run that could be read; nothing was changed.")
    told = VERBS[verb](record, text, field)
    now = store.store.record(run)
    return {"name": now.name, "tags": list(now.tags), "notes": now.notes, **told}


def _note(record: RunRecord, text: str, _: str) -> dict[str, Any]:
    from runfolio.verbs.edit import note

    if not text.strip():
        raise UsageError("A note has some text.")
    note(record, text)
    return {}


def _tag(record: RunRecord, text: str, sign: str) -> dict[str, Any]:
    from runfolio.verbs.edit import tag
    from runfolio.verbs.runs_widget import quoted

    if not text.strip():
        raise UsageError("A tag has some text.")
    tag(record, quoted(f"{sign}{text.strip()}"))
    return {}


def _rename(record: RunRecord, text: str, _: str) -> dict[str, Any]:
    from runfolio.verbs.edit import rename

    rename(record, text)
    return {}


def _words(record: RunRecord, text: str, field: str) -> dict[str, Any]:
    """Take in a heading's words, or those of a whole journal cell."""
    from runfolio.logbook.parse import parse
    from runfolio.logbook.words import take_in, write_words

    if field:
        taken = [write_words(record.path, field, text)]
    else:
        taken = [*take_in(record.path, parse(text))]
    return {"taken": [pulled.field for pulled in taken if pulled is not None]}


def _stop(record: RunRecord, _: str, __: str) -> dict[str, Any]:
    from runfolio.verbs.start import ask_to_stop

    if record.status.ended:
        raise UsageError(f"The run has ended already ({record.status.value}).")
    ask_to_stop(record)
    return {}


VERBS: Final[Mapping[str, Callable[[RunRecord, str, str], dict[str, Any]]]] = {
    "note": _note,
    "tag": lambda record, text, _: _tag(record, text, "+"),
    "untag": lambda record, text, _: _tag(record, text, "-"),
    "rename": _rename,
    "words": _words,
    "stop": _stop,
}
"""Verb → what adds its edit, given a record, a text and, for words, a heading."""
