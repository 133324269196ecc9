"""Hand-written words read back from notebooks and journals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from runfolio.errors import UsageError
from runfolio.logbook.document import TextFile, page_or_none
from runfolio.logbook.parse import split_pages
from runfolio.logbook.words import Pulled, take_in
from runfolio.model.run import RunRecord
from runfolio.store.store import Store

__all__ = ["pull", "pull_pages"]


def pull(store: Store, path: Path | str) -> list[Pulled]:
    """Make edits of the hand-written words in a notebook's journal cells, or in a journal file.

    Only words that differ from what the run has, and that its page was not made with, count.

    Parameters
    ----------
    path : path
        A notebook, an exported journal, or a run's ``journal.md``.

    Raises
    ------
    UsageError
        The file cannot be read, or holds no journal entry.
    OSError
        An edit cannot be written.
    """
    by_id = {record.id: record for record in store.run_records()}
    if Path(path).suffix == ".ipynb":
        # nbformat costs a tenth of a second, and only notebooks need it.
        from runfolio.logbook.notebook_file import NotebookFile

        return pull_pages(by_id, NotebookFile(path).entries())
    file = TextFile(Path(path))
    if file.text is None:
        raise UsageError(f"{path} is not there; name a notebook or an exported journal.")
    _, pages = split_pages(file.text)
    if not pages and file.path.parent.name in by_id:
        pages = [(file.path.parent.name, file.text)]  # a journal.md that lost its comments
    if not pages:
        raise UsageError(f"{path} holds no journal entry; name a notebook or an exported journal.")
    return pull_pages(by_id, pages)


def pull_pages(by_id: Mapping[str, RunRecord], pages: Iterable[tuple[str, str]]) -> list[Pulled]:
    """Make edits of the words changed by hand on pages, given as run id and text."""
    pulled: list[Pulled] = []
    seen: set[str] = set()
    for run_id, text in pages:
        page = page_or_none(text)
        # Of an entry and its copy only the first speaks for the run.
        if run_id in by_id and page is not None and run_id not in seen:
            pulled += take_in(by_id[run_id].path, page)
            seen.add(run_id)
    return pulled
