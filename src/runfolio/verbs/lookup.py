"""From what a person wrote to the run that is meant, and from a run to how it is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from runfolio.errors import RunNotFound
from runfolio.query.run_names import run_name
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import STYLES

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord
    from runfolio.record.run import Run
    from runfolio.store.store import Store

__all__ = ["find", "label", "now_open", "short_path", "the_store", "words_for"]


def the_store() -> Store:
    """Return the store of this process; what is wrong with its ``metrics.toml`` is told once."""
    from runfolio.record.naming import project_file
    from runfolio.store.store import Store

    project_file()
    return Store.default()


def find(run: Any, store: Store | None = None) -> RunRecord:
    """Return the run that is meant.

    Parameters
    ----------
    run : str or object with an ``id``
        An id or a unique piece of one, a name, ``@last``, ``@best:METRIC``; or a run itself. A
        record means the run in its folder, in whatever store that is.

    Raises
    ------
    RunNotFound
        None is meant, or more than one; the message names the nearest. Or what is meant is a link.
    UsageError
        What is meant is a folder whose name no run can have.
    """
    from runfolio.model.run import RunRecord
    from runfolio.query.select import find as select

    if isinstance(run, RunRecord) and (store is None or run.path.parent != store.path):
        from runfolio.store.store import Store

        return Store(run.path.parent).record(run.path.name)
    store = store or the_store()
    records = store.records()
    try:
        found = select(records, words_for(run))
    except RunNotFound as error:
        if not records:
            raise
        raise RunNotFound(f"{error} The verb runs lists all.") from None
    store.folder(found.id)  # whatever a verb does, it does it to a run
    return found


def words_for(run: Any) -> str:
    """Return the words that mean a run: its id where it is a run itself.

    Raises
    ------
    RunNotFound
        It is neither text nor a run.
    """
    words = getattr(run, "id", run)
    if not isinstance(words, str) or not words:
        raise RunNotFound(f"A run is meant by text or by a run itself, not by {run!r}.")
    return words


def now_open(record: RunRecord) -> Run | None:
    """Return the open run of this process if it is that one: it takes changes itself."""
    from runfolio.record.session import current

    run = current()
    return run if run is not None and run.id == record.id and run.path == record.path else None


def label(record: RunRecord, width: int = 40) -> Text:
    """Return a run as every sentence names it: glyph, name, short id."""
    name = one_line(run_name(record), width)
    return Text.assemble(
        (record.status.glyph, STYLES[record.status.value]), " ", (name, "bold"), " ",
        (record.short_id, STYLES["secondary"]),
    )  # fmt: skip


def short_path(path: Path) -> str:
    """Return a path as seen from the current folder where it lies below, else from home."""
    for base, prefix in ((Path.cwd(), ""), (Path.home(), "~/")):
        if path.is_relative_to(base):
            return prefix + (path.relative_to(base).as_posix() or ".")
    return str(path)
