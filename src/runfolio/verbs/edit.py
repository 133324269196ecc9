"""``note``, ``tag``, ``rename``: small changes to what people say about a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from runfolio.errors import UsageError
from runfolio.record.redaction import Redaction
from runfolio.verbs.lookup import find, label, now_open
from runfolio.verbs.tag_words import tag_changes, tag_words, tags_meant
from runfolio.verbs.terminal import clean, one_line
from runfolio.verbs.view import STYLES, Message, View

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord

__all__ = ["note", "rename", "tag"]


def note(run: Any, text: str = "", *, replace: bool = False) -> View:
    """Add a paragraph to the notes of a run, or show them.

    Parameters
    ----------
    run : str or run
        Which run; see `runfolio.verbs.lookup.find`.
    text : str
        The paragraph; empty shows the notes.
    replace : bool
        Put the text in the place of the notes (an empty one clears them).

    Raises
    ------
    RunNotFound
        No run is meant.
    """
    record = find(run)
    if not text.strip() and not replace:
        return _shown(record)
    text = text.strip()
    open_run = now_open(record)
    before = open_run.notes if open_run is not None else record.notes
    notes = text if replace or not before else f"{before.rstrip()}\n\n{text}"
    _set(record, "notes", notes, before)
    sentence = Text.assemble(label(record), " has a note: " if notes else " has no notes now.",
                             clean(text) if notes else "")  # fmt: skip
    return Message(sentence, {"id": record.id, "notes": notes})


def _shown(record: RunRecord) -> View:
    notes = clean(record.notes.rstrip()) or f"no notes; note {record.short_id} TEXT adds one"
    style = "" if record.notes else STYLES["secondary"]
    sentence = Text.assemble(label(record), "\n", (notes, style))
    return Message(sentence, {"id": record.id, "notes": record.notes})


def rename(run: Any, name: str) -> View:
    """Call a run something else; its id and folder stay.

    Raises
    ------
    UsageError
        The name is empty.
    RunNotFound
        No run is meant.
    """
    name = name.strip()
    if not name:
        raise UsageError("A name cannot be empty. Write: rename RUN NAME.")
    record = find(run)
    open_run = now_open(record)
    before = open_run.name if open_run is not None else record.name
    _set(record, "name", name, before)
    sentence = Text.assemble(label(record), " is now called ", (one_line(name, 80), "bold"), ".")
    return Message(sentence, {"id": record.id, "name": name, "was": before})


def _set(record: RunRecord, field: str, value: str, was: str) -> None:
    open_run = now_open(record)
    if open_run is not None:
        setattr(open_run, field, value)
        open_run.life.refresh()  # the next verb reads the folder, as everybody does
        return
    from runfolio.format.edits import write_edit

    write_edit(record.path, "set", field, Redaction().text(value, f"the {field}"), was=was)


def tag(run: Any, *changes: str) -> View:
    """Give a run tags, take them away, or show them.

    Parameters
    ----------
    run : str or run
        Which run.
    *changes : str
        ``+name`` or ``name`` gives a tag, ``-name`` takes one away; a comma separates several,
        and ``"a, b"`` in quotation marks is one. A tag is taken away by what is shown of it, a
        long one by its beginning and ``…``. Without any, the tags are shown.

    Raises
    ------
    UsageError
        A tag that is given is empty or longer than 200 characters; or several begin as written.
    RunNotFound
        No run is meant.
    """
    wanted = [change for text in changes for change in tag_changes(text)]
    record = find(run)
    open_run = now_open(record)
    before = open_run.tags if open_run is not None else record.tags
    after = list(before)
    missing = []
    for change in wanted:
        if change.adds:
            after += [change.name] if change.name not in after else []
            continue
        meant = tags_meant(change.name, after)
        after = [name for name in after if name not in meant]
        if not meant and change.name not in before:
            missing.append(change.name)
    _write_tags(record, before, after)
    data = {"id": record.id, "tags": after, "was": list(before)}
    return Message(_tags_sentence(record, after, missing), data)


def _write_tags(record: RunRecord, before: tuple[str, ...], after: list[str]) -> None:
    from runfolio.format.edits import write_edit

    open_run = now_open(record)
    if open_run is not None:
        open_run.tags = after
        open_run.life.refresh()
        return
    for name in after:
        if name not in before:
            write_edit(record.path, "add", "tags", Redaction().text(name, "a tag"))
    for name in before:
        if name not in after:
            write_edit(record.path, "remove", "tags", name)


def _tags_sentence(record: RunRecord, tags: list[str], missing: list[str]) -> Text:
    sentence = Text.assemble(label(record), "  ")
    sentence.append(", ".join(map(tag_words, tags)) or "no tags",
                    style="" if tags else STYLES["secondary"])  # fmt: skip
    if missing:
        names = ", ".join(map(tag_words, missing))
        sentence.append(f"  ({names} was not among them)", style=STYLES["secondary"])
    return sentence
