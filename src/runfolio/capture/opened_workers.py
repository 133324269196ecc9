"""Worker processes that begin anew instead of being forked: each is asked to tell what it opens.

They know of runfolio only if what they import imports it: in a notebook, and in the pools of
joblib, nothing does. So the request travels with the process object that they are given.
"""

from __future__ import annotations

import contextlib
import functools
from typing import Any, Final

from runfolio.capture import opened

__all__ = ["START", "WORKERS", "inviting"]

WORKERS: Final = "multiprocessing.process"
"""The module of what starts workers, whoever's pool they are in."""

START: Final = "BaseProcess.start"
"""What starts one."""

_NAME: Final = "_runfolio"


class _Invitation:
    """Unpickled in the worker, it makes the worker listen."""

    def __init__(self, spool: str) -> None:
        self._spool = spool

    def __reduce__(self) -> Any:
        from runfolio.capture.opened_calls import listen_for_parent

        return listen_for_parent, (self._spool,)


def inviting(own: Any) -> Any:
    """Return a method that starts a process, and lets it know whom to tell what it opens."""

    @functools.wraps(own)
    def start(process: Any) -> Any:
        with contextlib.suppress(Exception):
            spool = opened.spool()
            if spool is not None:
                vars(process)[_NAME] = _Invitation(spool)
        try:
            return own(process)
        finally:
            with contextlib.suppress(Exception):
                vars(process).pop(_NAME, None)

    return start
