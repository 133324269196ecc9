"""What is told of runs on request: rows, journal entries, the journal of a store."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord
    from runfolio.server.stores import OpenStore

__all__ = ["MOST_ROWS", "entry_of", "journal_of", "rows_of", "slice_of"]

MOST_ROWS: Final = 500
"""Runs of one answer."""


def slice_of(offset: int, limit: int) -> slice:
    """Return which part of many runs is told in one answer."""
    return slice(offset, offset + min(limit, MOST_ROWS))


def rows_of(store: OpenStore, query: str, part: slice) -> dict[str, Any]:
    """Return runs that a query selects, as ``runs --json`` tells them."""
    from runfolio.query.runs import Runs
    from runfolio.verbs.facts import record_facts

    store.check()
    found = Runs(store.store, query)
    some = found.records[part]
    # Where runs lie is nobody's business who names them by ids.
    rows = [{k: v for k, v in record_facts(record).items() if k != "path"} for record in some]
    return {
        "runs": rows, "n": len(found), "total": found.total, "notes": found.notes,
        "offset": part.start,
    }  # fmt: skip


def entry_of(store: OpenStore, run: str, source: str | None = None) -> dict[str, Any]:
    """Return the journal entry of a run, whole and in its parts.

    Parameters
    ----------
    source : str, optional
        The journal cell as it stands: what people wrote in it stays in ``source`` of the answer.
    """
    from runfolio.logbook import render
    from runfolio.logbook.collect import collect
    from runfolio.logbook.document import page_or_none
    from runfolio.logbook.history import History
    from runfolio.logbook.words import read_words

    store.check()
    record = store.store.record(run)
    facts = collect(record, History(_among(store, record)))
    words = read_words(record.path)
    before = page_or_none(source) if source else None
    known = source if before is not None else None
    whole = render.page(facts, words, known).rstrip("\n")
    return {
        **head_of(record),
        "facts": render.facts_body(facts),
        "words": render.words_markdown(words, blanks=False),
        "source": whole,
        "has_words": bool(words) or bool(before is not None and before.words),
    }


def _among(store: OpenStore, record: RunRecord) -> list[RunRecord]:
    """Return the runs that an entry compares with, as at the end of the run: those written last."""
    from runfolio.store.recent import recent_runs

    found = recent_runs(store.path)
    return found if any(one.id == record.id for one in found) else store.store.records()


def head_of(record: RunRecord) -> dict[str, Any]:
    """Return what a badge shows of a run, and where its cell is."""
    from runfolio.logbook.placement import made_by
    from runfolio.query.run_names import run_name
    from runfolio.query.staleness import run_staleness
    from runfolio.store.reader import RunReader
    from runfolio.verbs.notebook_file import notebook_file

    stale = run_staleness(record, RunReader(record.path).events(), notebook_file(record))
    maker = made_by(record)
    cell_id, cell_hash = (None, None) if maker is None else (maker.cell.cell_id, maker.cell.hash)
    return {
        "run_id": record.id, "short_id": record.short_id, "name": run_name(record),
        "status": record.status.value, "glyph": record.status.glyph,
        "notebook": record.notebook, "cell_id": cell_id, "cell_hash": cell_hash,
        "changed": list(stale.lines),
    }  # fmt: skip


def journal_of(store: OpenStore, query: str, branch: str | None, part: slice) -> dict[str, Any]:
    """Return the journal of the runs that a query selects, newest first, as Markdown."""
    from runfolio.logbook import render
    from runfolio.logbook.collect import collect
    from runfolio.logbook.history import History
    from runfolio.logbook.words import read_words
    from runfolio.query.runs import Runs

    store.check()
    found = Runs(store.store, query).records
    branches = Counter(str(record.git.get("branch") or "") for record in found)
    chosen = [r for r in found if branch is None or str(r.git.get("branch") or "") == branch]
    history = History(store.store.records())
    entries = [
        {"run_id": record.id,
         "markdown": render.entry(collect(record, history), read_words(record.path))}
        for record in chosen[part]
    ]  # fmt: skip
    return {
        "markdown": "\n\n---\n\n".join(one["markdown"] for one in entries),
        "entries": entries, "n": len(chosen), "offset": part.start,
        "branches": [{"name": name, "runs": n} for name, n in branches.most_common()],
    }  # fmt: skip
