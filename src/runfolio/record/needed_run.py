"""The run that is open, for whoever cannot do without one."""

from __future__ import annotations

from runfolio.errors import NoActiveRun
from runfolio.record.run import Run
from runfolio.record.session import current

__all__ = ["needed_run", "no_run"]


def needed_run(what: str, given: Run | None = None) -> Run:
    """Return the run that was given, else the open one.

    Parameters
    ----------
    what : str
        What needs it, for the message.

    Raises
    ------
    NoActiveRun
        No run is open.
    """
    run = given if given is not None else current()
    if run is None:
        raise no_run(what)
    return run


def no_run(what: str) -> NoActiveRun:
    """Return what is raised where no run is open."""
    return NoActiveRun(
        f"{what}: no run is open. Start one with runfolio.init(), or put %%track NAME on top of the "
        "cell."
    )
