"""``restore_seeds``: the random generators as a run found them."""

from __future__ import annotations

import warnings
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from runfolio.errors import RunfolioWarning, RunNotFound, UsageError
from runfolio.verbs.lookup import find, label, now_open
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import STYLES, Message, View, join_lines

if TYPE_CHECKING:
    from runfolio.format.generator_states import RecordedStates
    from runfolio.model.run import RunRecord

__all__ = ["restore_seeds"]

_VARIABLE: Final = "variable:"
# A run that is open in this process may not have written the last states yet.
_PATIENCE_S: Final = 5.0
_WIDTH: Final = 200


def restore_seeds(
    run: Any, cell: int | None = None, namespace: MutableMapping[str, Any] | None = None
) -> View:
    """Put the random generators back to where they were when a run began, or before a cell.

    Everything that draws from them afterwards, in the same order, draws the same numbers: the
    states of ``random``, numpy, torch on the CPU and each CUDA device come back, torch's settings
    of determinism, and the generators that lay in variables.

    Parameters
    ----------
    run : str, path or run
        An id or a unique piece of one, a name, ``@last``; a run directory; or a run itself.
    cell : int, optional
        Before this cell of its notebook, by its execution count: also one that was executed
        before the run was opened, such as the one that shuffled the data.
    namespace : mapping, optional
        Where generators in variables are put back; in a notebook its own variables, in a script
        ``globals()`` has to be given.

    Returns
    -------
    View
        Says what was restored and what could not be; ``.data()`` has both. What could not be is
        warned of, too.

    Raises
    ------
    RunNotFound
        No run is meant.
    UsageError
        The run holds no states, or none of that cell, or one that cannot be read.

    Examples
    --------
    >>> runfolio.restore_seeds("baseline", cell=2)  # doctest: +SKIP
    """
    from runfolio.capture.restoring import restore
    from runfolio.record.session import session

    record = _record(run)
    found = _recorded(record, cell)
    if namespace is None:
        # The user's own variables, which the session only ever reads.
        known: Any = session.namespace()
        namespace = known
    missed = found.missing | restore(found.states, namespace)
    # The order of sets is nothing that a running process could be given.
    for key, why in missed.items():
        if key != "environment":
            said = f"restore_seeds: {_words_for(key)} was not put back: {one_line(why, _WIDTH)}."
            warnings.warn(said, RunfolioWarning, stacklevel=2)
    return _told(record, cell, found, missed)


def _record(run: Any) -> RunRecord:
    from runfolio.format.manifest import read_record

    folder = Path(run) if isinstance(run, (str, Path)) and run else None
    if folder is not None and (folder / "run.json").is_file():
        return read_record(folder)
    if isinstance(run, Path):
        raise RunNotFound(f"{run} is no run directory: it has no run.json.")
    return find(run)


def _recorded(record: RunRecord, cell: int | None) -> RecordedStates:
    from runfolio.format.generator_states import states_before_cell, states_of_start

    if cell is not None and (type(cell) is not int or cell < 1):
        raise UsageError(f"cell is {cell!r}; expected the execution count of a cell, from 1 on.")
    now = now_open(record)
    if now is not None:
        now.life.settle_states(_PATIENCE_S)
    return states_of_start(record.path) if cell is None else states_before_cell(record.path, cell)


def _words_for(key: str) -> str:
    if key == "environment":
        return "the order of sets of texts"
    return one_line(key.removeprefix(_VARIABLE))


def _told(
    record: RunRecord, cell: int | None, found: RecordedStates, missed: dict[str, str]
) -> View:
    restored = [key for key in found.states if key not in missed]
    when = "it began" if cell is None else f"cell {cell} was executed"
    names = ", ".join(_words_for(key) for key in restored if key != "environment")
    lines = [Text.assemble("As ", label(record), f" had them when {when}: {names or 'nothing'}.")]
    more = [
        f"Not put back: {_words_for(key)}; {one_line(why, _WIDTH)}." for key, why in missed.items()
    ]
    if found.began_within:
        more.append(f"Tracking began within cell {cell}: what it drew before that is not known.")
    lines += [Text(line, STYLES["secondary"]) for line in more]
    data = {
        "id": record.id, "cell": cell, "restored": restored, "missed": missed,
        "began_within": found.began_within,
    }  # fmt: skip
    return Message(join_lines(lines), data)
