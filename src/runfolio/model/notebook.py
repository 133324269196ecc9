"""A notebook as it was saved: which cells stand in it, in which order."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SavedCell", "SavedNotebook"]


@dataclass(frozen=True, slots=True)
class SavedCell:
    """One code cell of a saved notebook.

    Attributes
    ----------
    cell_id : str or None
        ``None`` in notebooks older than nbformat 4.5.
    hash, text_hash : str
        As in :class:`runfolio.model.context.CellExecution`.
    bound : tuple of str
        Names that its text binds; ``*`` for those of an ``import *``.
    """

    cell_id: str | None
    hash: str
    text_hash: str
    bound: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedNotebook:
    """The code cells of a notebook, in its order, or why they are not known.

    Attributes
    ----------
    saved_at_ms : int
        Milliseconds UTC.
    unknown : str
        Why nothing is known; empty where it is.
    """

    cells: tuple[SavedCell, ...] = ()
    saved_at_ms: int = 0
    unknown: str = ""
