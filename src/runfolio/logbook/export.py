"""The journal of a project or a branch as one document beside the code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runfolio.errors import RunNotFound, StoreError, UsageError, did_you_mean
from runfolio.format.layout import check_run_id
from runfolio.format.manifest import created_order, read_record
from runfolio.logbook import render
from runfolio.logbook.collect import collect
from runfolio.logbook.document import Document, Selection, TextFile, page_or_none
from runfolio.logbook.entry import FIELDS
from runfolio.logbook.history import History
from runfolio.logbook.words import Pulled, read_words, take_in
from runfolio.model.run import RunRecord
from runfolio.store.store import Store

__all__ = ["Exported", "export", "keep_up"]

_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did.

    Attributes
    ----------
    path : Path
    entries : int
        Runs in the document.
    pulled : tuple of Pulled
        Words that were found changed by hand in the old document.
    kept : tuple of str
        Ids of entries whose run is not in this store; they stay because somebody wrote in them.
    """

    path: Path
    entries: int
    pulled: tuple[Pulled, ...]
    kept: tuple[str, ...] = ()


def export(
    store: Store, target: Path | str, project: str | None = None, branch: str | None = None
) -> Exported:
    """Write the entries of many runs, newest first, as one Markdown document.

    Words changed by hand in an existing document become edits of their runs first. Text above
    the first entry stays, and so do entries with words whose run is gone.

    Parameters
    ----------
    target : path
        The document, ``JOURNAL.md``.
    project, branch : str, optional
        Only the runs of this project, or of this git branch.

    Raises
    ------
    UsageError
        No run has that project or branch, or `target` cannot be a document.
    OSError
        It cannot be written.
    """
    records = store.run_records()
    selection = Selection(project, branch)
    _check(selection, records)
    return _until_written(Path(target), lambda document: _remade(document, records, selection))


def keep_up(target: Path, run_dir: Path, records: Sequence[RunRecord]) -> None:
    """Bring one run's entry in a project's journal up to date, and leave the others alone.

    Hand changes anywhere in the document become edits first. A document that does not exist
    yet is made whole: with all runs of a store that lies in the document's folder, else with
    those of the run's project.

    Parameters
    ----------
    records : sequence of RunRecord
        The run itself, and those it is compared with.
    """
    record = next((r for r in records if r.id == run_dir.name), None)
    if record is None:
        return
    own_store = run_dir.parent.resolve().is_relative_to(target.resolve().parent)
    default = Selection(None if own_store else record.project)

    def attempt(document: Document) -> _Made:
        selection = document.selection or default
        if not document.pages:
            return _remade(document, Store(run_dir.parent).run_records(), selection)
        return _with_entry(document, record, records, wanted=selection.holds(record))

    _until_written(target, attempt)


@dataclass(frozen=True, slots=True)
class _Made:
    text: str
    entries: int
    pulled: tuple[Pulled, ...]
    kept: tuple[str, ...] = ()


def _until_written(target: Path, attempt: Callable[[Document], _Made]) -> Exported:
    """Read, remake and replace; again where an editor saved the file in between."""
    for _ in range(_TRIES):
        file = TextFile(target)
        made = attempt(Document.read(file.text or ""))
        if file.replace(made.text):
            return Exported(file.path, made.entries, made.pulled, made.kept)
    raise UsageError(
        f"{target} keeps being changed by something else; nothing was written. Close it there, "
        "then export again."
    )


def _remade(document: Document, records: Sequence[RunRecord], selection: Selection) -> _Made:
    """Return the whole document, every entry's facts made anew."""
    by_id = {record.id: record for record in records}
    history = History(records)
    old: dict[str, str] = {}
    pulled: list[Pulled] = []
    kept: dict[str, str] = {}
    for run_id, text in document.pages:
        page = page_or_none(text)
        if run_id in by_id and page is not None and run_id not in old:
            pulled += take_in(by_id[run_id].path, page)
            old[run_id] = text
        elif page is None or page.words:
            kept[run_id] = kept.get(run_id, "") + text
    chosen = sorted(filter(selection.holds, records), key=created_order, reverse=True)
    pages = [
        kept.pop(record.id) if record.id in kept and record.id not in old
        else _page(record, history, old.get(record.id))
        for record in chosen
    ]  # fmt: skip
    text = Document.text(document.headed(selection), [*pages, *kept.values()])
    return _Made(text, len(pages), tuple(pulled), tuple(kept))


def _with_entry(
    document: Document, record: RunRecord, records: Sequence[RunRecord], *, wanted: bool
) -> _Made:
    """Return the document with one entry made anew, and those that somebody wrote in."""
    by_id = {known.id: known for known in records}
    history = History(records)
    pulled: list[Pulled] = []
    pages: list[str] = []
    for run_id, text in document.pages:
        page = page_or_none(text)
        edited = page is not None and any(page.changed_by_hand(f) is not False for f in FIELDS)
        known = by_id.get(run_id)
        if known is None and edited:
            known = _read(record.path.parent / run_id)
        if known is None or page is None or not (edited or run_id == record.id):
            pages.append(text)
            continue
        pulled += take_in(known.path, page)
        pages.append(_page(known, history, text))
    if wanted and all(run_id != record.id for run_id, _ in document.pages):
        pages.insert(0, _page(record, history, None))
    return _Made(Document.text(document.head, pages), len(pages), tuple(pulled))


def _read(run_dir: Path) -> RunRecord | None:
    try:
        return read_record(Path(run_dir.parent, check_run_id(run_dir.name)))
    except (UsageError, RunNotFound):
        return None


def _page(record: RunRecord, history: History, old: str | None) -> str:
    return render.page(collect(record, history), read_words(record.path), old, rule=True)


def _check(selection: Selection, records: Sequence[RunRecord]) -> None:
    if any(map(selection.holds, records)):
        return
    if not records:
        raise StoreError("The store holds no run yet; there is nothing to export.")
    projects = {record.project for record in records}
    branches = {str(record.git.get("branch")) for record in records if record.git.get("branch")}
    for kind, asked, known in (
        ("project", selection.project, projects),
        ("git branch", selection.branch, branches),
    ):
        if asked is not None and asked not in known:
            listed = ", ".join(sorted(known)[:8]) or "none"
            raise UsageError(
                f"No run has the {kind} {asked!r}; the store has {listed}."
                + did_you_mean(asked, known)
            )
    raise UsageError(
        f"No run has both the project {selection.project!r} and the git branch "
        f"{selection.branch!r}; leave one of them out."
    )
