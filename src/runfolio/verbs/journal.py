"""``journal``: the entry of a run, and the ways it travels to other pages and back."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

from runfolio.errors import RunNotFound, UsageError, did_you_mean
from runfolio.verbs.lookup import find, short_path, the_store
from runfolio.verbs.view import Message, Prose, View

__all__ = ["export_journal", "insert_journal", "journal", "pull_journal"]

_COMMANDS = ("export", "pull", "insert")


def journal(run: Any = "@last") -> View:
    """Return the journal entry of a run: facts, and the words written by hand.

    Parameters
    ----------
    run : str or run
        Which run; the last one by default.

    Raises
    ------
    RunNotFound
        No run is meant.
    """
    from runfolio.logbook.page import entry_markdown

    try:
        record = find(run)
    except RunNotFound as error:
        meant = did_you_mean(run, _COMMANDS) if isinstance(run, str) else ""
        if meant:
            raise UsageError(f'"{run}" is no run.{meant}') from error
        raise
    page = entry_markdown(record.path)
    return Prose(page, {"id": record.id, "path": record.path / "journal.md", "markdown": page})


def export_journal(
    target: str | os.PathLike[str],
    *,
    project: str | None = None,
    branch: str | None = None,
) -> View:
    """Write the entries of many runs into one Markdown file.

    Parameters
    ----------
    target : path
        The file; words written by hand in it are read back first.
    project, branch : str, optional
        Only runs of that project, only runs made on that git branch.
    """
    from runfolio.logbook.export import export

    done = export(the_store(), Path(target), project=project, branch=branch)
    words = f" Took {_changes(len(done.pulled))} from it first." if done.pulled else ""
    entries = "1 entry" if done.entries == 1 else f"{done.entries} entries"
    return Message(
        f"{entries} in {short_path(done.path.absolute())}.{words}",
        {
            "path": done.path,
            "entries": done.entries,
            "taken": len(done.pulled),
            "kept": done.kept,
        },
    )


def pull_journal(notebook: str | os.PathLike[str]) -> View:
    """Read words written by hand in a notebook or journal file back into the runs.

    Raises
    ------
    UsageError
        The file cannot be read, or holds no journal entry.
    """
    path = _existing(notebook)
    from runfolio.logbook.pull import pull

    taken = pull(the_store(), path)
    runs = [{"id": change.run_id, "heading": change.field} for change in taken]
    return Message(f"Took {_changes(len(taken))} from {short_path(path)}.", {"taken": runs})


def insert_journal(notebook: str | os.PathLike[str]) -> View:
    """Put a Markdown cell for each of its runs into a notebook that is closed.

    Raises
    ------
    UsageError
        The notebook cannot be read, is not valid, or was saved meanwhile.
    """
    path = _existing(notebook)
    from runfolio.logbook.notebook import insert

    placed = insert(the_store(), path)
    counts = Counter(done.action for done in placed)
    cells = ", ".join(f"{n} {action}" for action, n in counts.items()) or "no cell made a run"
    sentence = f"Journal cells in {short_path(path)}: {cells}."
    data = [{"id": done.run_id, "action": done.action, "cell": done.at} for done in placed]
    return Message(sentence, {"cells": data, "path": path}, exit_code=0 if placed else 1)


def _changes(n: int) -> str:
    return {0: "no new words", 1: "the words of 1 heading"}.get(n, f"the words of {n} headings")


def _existing(path: str | os.PathLike[str]) -> Path:
    found = Path(path).absolute()
    if not found.is_file():
        raise UsageError(f"There is no file {short_path(found)}. Name a notebook (.ipynb) or page.")
    return found
