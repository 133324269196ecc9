"""Words of journal cells that the page of a notebook saved, where no server takes them in."""

from __future__ import annotations

from typing import Any, Final

from runfolio.errors import RunfolioError
from runfolio.format.layout import is_run_id
from runfolio.record.guard import guard
from runfolio.verbs.lookup import the_store

__all__ = ["TARGET", "listen", "take_words"]

TARGET: Final = "runfolio.words"
"""Name of the comm that a page opens with the words of a cell."""

_MOST: Final = 1_000_000


def listen(shell: Any) -> None:
    """Have the kernel of a shell take such comms; once in a kernel."""
    manager = getattr(getattr(shell, "kernel", None), "comm_manager", None)
    if manager is not None and TARGET not in manager.targets:
        manager.register_target(TARGET, _opened)


def take_words(told: Any) -> bool:
    """Make edits of the words in a journal cell; return whether its run is in this store.

    Parameters
    ----------
    told : mapping
        ``run``, the run's id, and ``text``, the cell as it was saved.
    """
    run = told.get("run") if isinstance(told, dict) else None
    text = told.get("text") if isinstance(told, dict) else None
    if not isinstance(run, str) or not is_run_id(run) or not isinstance(text, str):
        return False
    if len(text) > _MOST:
        return False
    from runfolio.logbook.pull import pull_pages

    try:
        record = the_store().record(run)
    except RunfolioError:
        return False
    pull_pages({run: record}, [(run, text)])
    return True


def _opened(comm: Any, message: dict[str, Any]) -> None:
    taken = False
    with guard("taking in the words of a journal cell"):
        taken = take_words(message.get("content", {}).get("data"))
    comm.send({"taken": taken})
