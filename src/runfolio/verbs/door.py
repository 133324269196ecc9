"""What a verb must know about the place it is called from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Door", "StartOptions"]


@dataclass(frozen=True, slots=True)
class StartOptions:
    """What ``start`` and the first line of ``%%track`` were given.

    Attributes
    ----------
    config : mapping of str to value
        Dotted names as written after ``-c``; values are read as JSON where they are JSON.
    """

    name: str | None = None
    tags: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    project: str | None = None
    group: str | None = None
    job_type: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """A way in: the command line, or a notebook's ``%track``.

    Attributes
    ----------
    prog : str
        How a verb is called through this door, as messages spell it: ``runfolio`` or ``%track``.
    start : callable or None
        Opens a run and returns it; ``None`` where no kernel would keep it open.
    stop : callable or None
        Ends the run that `start` opened, and returns it; ``None`` means the session's own end.
    confirm : callable or None
        Asks a yes/no question; ``None`` where nobody is there to answer.
    """

    prog: str = "runfolio"
    start: Callable[[StartOptions], Any] | None = None
    stop: Callable[[], Any] | None = None
    confirm: Callable[[str], bool] | None = None
