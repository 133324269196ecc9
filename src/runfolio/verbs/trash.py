"""``rm`` and ``restore``: out of sight, and back again. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from runfolio.errors import RunNotFound, UsageError, did_you_mean
from runfolio.verbs.figures import ago
from runfolio.verbs.local import now
from runfolio.verbs.lookup import find, label, now_open, the_store, words_for
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import STYLES, Message, View, join_lines

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord

__all__ = ["restore_run", "rm"]


def rm(
    *runs: Any,
    force: bool = False,
    confirm: Callable[[str], bool] | None = None,
    prog: str = "runfolio",
) -> View:
    """Move runs to the trash of their store.

    Parameters
    ----------
    *runs : str or run
        Which runs.
    force : bool
        Also a run that is still being written.
    confirm : callable, optional
        Asked once for all of them; ``None`` goes ahead.
    prog : str
        How the way back is spelled in the answer.

    Raises
    ------
    RunNotFound
        One of them is meant by nothing; then none is moved.
    UsageError
        One is still being written.
    """
    store = the_store()
    records = _each([find(run, store) for run in runs])
    for record in records:
        if now_open(record) is not None or not (record.status.ended or force):
            raise UsageError(_still_written(record))
    names = ", ".join(label(record).plain for record in records)
    if confirm is not None and not confirm(f"Move {names} to the trash?"):
        return Message("Nothing was changed.", {"removed": []}, exit_code=1)
    for record in records:
        store.trash(record.id, force=force)
    lines = [Text.assemble(label(record), " is in the trash.") for record in records]
    back = " ".join(record.short_id for record in records)
    lines.append(Text(f"Bring it back: {prog} restore {back}", STYLES["secondary"]))
    return Message(join_lines(lines), {"removed": [record.id for record in records]})


def _still_written(record: RunRecord) -> str:
    name = label(record).plain
    if now_open(record) is not None:
        return f"{name} is open in this process. Finish it first."
    return f"{name} is still {record.status.value}. Stop it first: stop {record.short_id}, or add --force."


def _each(records: Sequence[RunRecord]) -> list[RunRecord]:
    return list({record.id: record for record in records}.values())


def restore_run(*runs: Any) -> View:
    """Bring runs back from the trash; without any, list what is there.

    Raises
    ------
    RunNotFound
        One of them is not in the trash; then none is brought back.
    """
    store = the_store()
    trashed = store.trashed()
    if not runs:
        return _listed(trashed)
    records = _each([_in_trash(trashed, words_for(run)) for run in runs])
    for record in records:
        store.restore(record.id)
    lines = [Text.assemble(label(record), " is back.") for record in records]
    return Message(join_lines(lines), {"restored": [record.id for record in records]})


def _in_trash(trashed: Sequence[RunRecord], words: str) -> RunRecord:
    from runfolio.query.select import find as select

    try:
        return select(trashed, words)
    except RunNotFound:
        known = {name for record in trashed for name in (record.name, record.short_id)}
        raise RunNotFound(
            f'"{one_line(words)}" means no run in the trash.{did_you_mean(words, known)} '
            "restore without a name lists what is there."
        ) from None


def _listed(trashed: Sequence[RunRecord]) -> View:
    if not trashed:
        return Message("The trash is empty.", {"trash": []})
    lines = [Text.assemble(label(record), "  ", (ago(record.created_at, now()), STYLES["secondary"]))
             for record in trashed]  # fmt: skip
    lines.append(Text("restore RUN brings one back.", STYLES["secondary"]))
    data = [{"id": r.id, "name": r.name, "created_at": r.created_at} for r in trashed]
    return Message(join_lines(lines), {"trash": data})
