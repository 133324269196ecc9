"""What a page is told of a run, so that it can give it a journal cell in the open notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runfolio import settings

__all__ = ["MOST", "Cell", "journal_entry"]

MOST: Final = 100_000
"""Characters of an entry that is sent; a longer one stays in the run's ``journal.md``."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The cell of the open notebook that makes a run.

    Attributes
    ----------
    id : str
        As the notebook has it.
    hash : str
        Of its source as it is executed.
    beside : sequence of str
        Runs that the same execution made; may grow.
    """

    id: str
    hash: str
    beside: Sequence[str]


def journal_entry(path: Path, cell: Cell | None) -> dict[str, Any] | None:
    """Return a run's entry as a page takes it; ``None`` where no cell is wanted.

    Parameters
    ----------
    path : Path
        The run directory.
    cell : Cell or None
        ``None`` where the front end does not say which cell is executed.
    """
    if cell is None or not settings.flag("journal_cells"):
        return None
    from runfolio.logbook import render
    from runfolio.logbook.page import facts_of
    from runfolio.logbook.words import read_words
    from runfolio.store.recent import recent_runs

    # As `finish` writes it: a store of ten thousand runs is not read for one entry.
    facts = facts_of(path, recent_runs(path.parent))
    source = render.page(facts, read_words(path)).rstrip("\n")
    if len(source) > MOST:
        return None
    return {
        "version": 1, "run": path.name, "cell": cell.id,
        "hash": cell.hash, "name": facts.name, "status": facts.status.value,
        "sign": facts.status.glyph, "source": source, "beside": list(cell.beside), "insert": True,
    }  # fmt: skip
