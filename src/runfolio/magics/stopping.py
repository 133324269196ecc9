"""*Stop after this step* in a notebook: one line under the cell, and the cells below go on."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

from runfolio.errors import StopRun

__all__ = ["StopShown"]


class StopShown:
    """Shows `StopRun` as one line instead of a traceback, while a cell is executed.

    IPython has one place for such a handler, so what somebody else put there is called for
    their exceptions, and comes back when the cell has ended.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._before: tuple[Any, Any] | None = None
        self._ours: Any = None

    def install(self) -> None:
        """Put the handler in; doing it twice is harmless."""
        shell = self._shell
        if self._before is not None:
            return
        theirs, show = shell.custom_exceptions, shell.CustomTB
        self._before = (theirs, show)

        def handler(
            _: Any,
            kind: type[BaseException],
            error: BaseException,
            trace: TracebackType | None,
            tb_offset: int | None = None,
        ) -> Any:
            if isinstance(error, StopRun):
                sys.stdout.write("■ Stopped after this step, as somebody asked.\n")
                return []
            return show(kind, error, trace, tb_offset)

        shell.set_custom_exc((StopRun, *theirs), handler)
        self._ours = shell.CustomTB

    def remove(self) -> None:
        """Take the handler out, unless somebody has put theirs over it since."""
        if self._before is not None and self._shell.CustomTB is self._ours:
            self._shell.custom_exceptions, self._shell.CustomTB = self._before
        self._before = self._ours = None
