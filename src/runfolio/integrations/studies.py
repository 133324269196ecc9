"""What a study of Optuna is called among the runs, and which of its trials have one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from runfolio import settings
from runfolio.errors import UsageError
from runfolio.store.store import Store

__all__ = ["GROUP", "RUN_ID", "StudyNotes", "has_run", "metric_names"]

RUN_ID: Final = "runfolio_run_id"
"""The attribute of a trial that names its run."""

GROUP: Final = "runfolio_group"
"""The attribute of a study that names the group of its runs."""


class StudyNotes:
    """What this process knows of a study; it lies with the study object, and is not pickled.

    Attributes
    ----------
    group : str
        What the runs of its trials are grouped by: its name, or, where runs of another study of
        that name are in the store, its name with a number. Empty until `learn` was called.
    directions : list of str
        ``"minimize"`` or ``"maximize"``, one for each objective.
    facts : dict
        Its name, sampler, pruner and directions, as settings.
    runs : dict of int to str
        Number of a trial → id of its run.
    outer, summed_up : set of str
        Ids of the runs that take in what is known of the whole study, and of those that have.
    """

    def __init__(self) -> None:
        self.group = ""
        self.directions: list[str] = []
        self.facts: dict[str, Any] = {}
        self.names: Sequence[str] = ()
        self.runs: dict[int, str] = {}
        self.outer: set[str] = set()
        self.summed_up: set[str] = set()

    def __reduce__(self) -> Any:
        return StudyNotes, ()

    @staticmethod
    def of(study: Any) -> StudyNotes:
        """Return the notes of a study."""
        notes: StudyNotes = vars(study).setdefault("_runfolio", StudyNotes())
        return notes

    def learn(self, study: Any, init: dict[str, Any]) -> None:
        """Ask the study for what is asked once; its storage may not answer.

        Parameters
        ----------
        init : dict
            What the runs are opened with: a group that was given is the group.
        """
        if self.group:
            return
        self.facts = {
            "study": study.study_name,
            "sampler": type(study.sampler).__name__,
            "pruner": type(study.pruner).__name__,
        }
        self.directions = [direction.name.lower() for direction in study.directions]
        one = len(self.directions) == 1
        self.facts["direction"] = self.directions[0] if one else self.directions
        self.names = getattr(study, "metric_names", None) or ()
        self.group = init.get("group") or _group(study, init)


def _group(study: Any, init: dict[str, Any]) -> str:
    """Return the group of a study, the same in all processes that work on it.

    It is noted in the study before the first run of it is opened. So a process that finds no note
    looks what is taken, and then for the note once more: if what it saw as taken was this study's
    own, the note is there by now; if it was not, all processes saw the same.
    """
    noted = study.user_attrs.get(GROUP)
    if noted:
        return str(noted)
    store = settings.store_dir(init.get("dir"))
    taken = {record.group for record in Store(store).records() if "optuna" in record.config}
    name = group = study.study_name
    number = 2
    while group in taken:
        group, number = f"{name} ({number})", number + 1
    noted = study.user_attrs.get(GROUP)
    if noted:
        return str(noted)
    study.set_user_attr(GROUP, group)
    return str(group)


def metric_names(given: str | Sequence[str] | None, notes: StudyNotes) -> list[str]:
    """Return what the values of the objectives are called.

    Raises
    ------
    UsageError
        More or fewer names were given than there are objectives.
    """
    n = max(len(notes.directions), 1)
    if given is None and len(notes.names) == n:
        return [str(name) for name in notes.names]
    if given is None or isinstance(given, str):
        stem = given or "value"
        return [stem] if n == 1 else [f"{stem}_{at}" for at in range(n)]
    if len(given) != n:
        raise UsageError(
            f"metric_name has {len(given)} names ({', '.join(map(str, given))}); the study has {n} "
            f"objective{'s' * (n > 1)}. Give one for each."
        )
    return [str(name) for name in given]


def has_run(study: Any, trial: Any) -> bool:
    """Return whether a trial that has ended was tracked, here or in another process."""
    if trial.number in StudyNotes.of(study).runs:
        return True
    run_id = trial.user_attrs.get(RUN_ID)
    tried_before = trial.system_attrs.get("retry_history")
    if run_id is None or not tried_before:
        return run_id is not None
    # A trial that is tried again begins with the attributes of the one that failed.
    before = study.get_trials(deepcopy=False)[tried_before[-1]]
    return bool(before.user_attrs.get(RUN_ID) != run_id)
