"""The command line that repeats one job of Hydra: its overrides, and what was composed for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from runfolio.capture.script import Started

__all__ = ["job_alone", "subject_of"]

# Options of Hydra's that choose what is composed, and have a value.
_COMPOSING: Final = frozenset({"config-path", "cp", "config-name", "cn", "config-dir", "cd"})
# What only a sweep needs.
_OF_A_SWEEP: Final = ("hydra.mode", "hydra.sweep", "hydra.launcher")


def job_alone(sweep: Started, task: Sequence[str], hydra: Sequence[str]) -> Started:
    """Return how a job is started alone, without the others of its sweep.

    Parameters
    ----------
    sweep : Started
        How the program was started.
    task, hydra : sequence of str
        The job's overrides: the task's, and those of Hydra itself.
    """
    kept = [one for one in hydra if not subject_of(one).replace("/", ".").startswith(_OF_A_SWEEP)]
    given = [*_flags(sweep.arguments), *task, *kept]
    if not any(subject_of(one) == "hydra.mode" for one in hydra):
        given.append("hydra.mode=RUN")  # the configuration itself asks for a multirun
    return replace(sweep, arguments=tuple(given))


def subject_of(override: str) -> str:
    """Return what an override is about."""
    return override.lstrip("+~").partition("=")[0]


def _flags(arguments: Sequence[str]) -> list[str]:
    """Return those of Hydra's options on a command line that choose what is composed.

    Overrides are left out, and with them what only the whole sweep means, as ``--multirun``.
    """
    kept: list[str] = []
    takes_value = False
    for argument in arguments:
        name, assigned, _ = argument.lstrip("-").partition("=")
        is_option = argument.startswith("-") and name in _COMPOSING
        if is_option or takes_value:
            kept.append(argument)
        takes_value = is_option and not assigned
    return kept
