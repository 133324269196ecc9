"""The run of a training that may go on in other processes: it is pickled, forked, and used for more."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from runfolio.errors import UsageError
from runfolio.integrations.target import Target
from runfolio.record import training
from runfolio.record.api import attach
from runfolio.record.process import ending_of
from runfolio.record.run import Run
from runfolio.record.session import current
from runfolio.record.training import stays_open

__all__ = ["ProcessTarget"]


class ProcessTarget(Target):
    """A `Target` whose own run outlives a training, for tests after it; started processes join it.

    Parameters
    ----------
    run : Run, optional
    init : dict
        For `runfolio.init`, where the run is its own.
    """

    def __init__(self, run: Run | None, init: dict[str, Any]) -> None:
        super().__init__(run)
        self._init = init
        self._process = os.getpid()
        self._attached: Run | None = None
        self.project: str | None = run.project if run else init.get("project")
        self.id: str | None = run.id if run else init.get("id")
        self._joined_id: str | None = None

    def join(self, **keywords: Any) -> Run:
        """Return the run; in a process that was started meanwhile, its part of the run."""
        before = self.run
        if before is None or before.life.ended or before.life.disowned:
            self._look(before)
            run = super().join(**self._init, **keywords)
            self.project, self.id, self._joined_id = run.project, run.id, run.id
        return super().join()

    def _look(self, before: Run | None) -> None:
        is_elsewhere = before is None or before.life.disowned
        found = current()
        if found is not None and found.life.disowned:  # of the process this one was forked from
            self._joined_id = found.id
            found = None
        if self._given is not None and self._given.life.disowned:  # given before the fork
            self._joined_id, self._given = self._given.id, None
        if is_elsewhere:
            self.forget()
        of_earlier = found in stays_open and found is not self._given
        if found is not None and of_earlier and found.id != self._joined_id:
            found.finish()
        elif found is None and is_elsewhere and self._joined_id is not None:
            with contextlib.suppress(UsageError):  # it was read where there is no such run
                self._attached = attach(self._joined_id, rank=0, dir=self._init.get("dir"))

    def save(self) -> None:
        """Write what was logged so far."""
        if self.run is not None and not self.run.life.ended:
            self.run.life.writer.flush()

    def end_training(self, *, failed: bool, error: BaseException | None = None) -> None:
        """Let the run of its own go, or end it where it failed or its process ends with it.

        Parameters
        ----------
        failed : bool
        error : BaseException, optional
            Why it did: an interrupt is told apart.
        """
        run = self.run
        if run is None or run.life.ended:
            return
        self.save()
        if self._attached is not None:
            self._attached.finish()
            self._attached = None
            self.forget()
        elif self.is_own:
            stays_open[:] = [run]
            training.done(run)
            if failed and error is not None:
                ending = ending_of(error)
                run.end(ending.status, reason=ending.reason, signal=ending.signal)
            elif failed or self._process != os.getpid():
                run.finish(exit_code=int(failed))

    def end_own(self) -> None:
        """End the run of an earlier training that was opened here."""
        training.end_left(self.run)
        if self.is_own:
            self.leave()
            self._joined_id = None

    def __getstate__(self) -> dict[str, Any]:
        if self.is_own and self.run is not None:
            stays_open[:] = [self.run]  # the process it is read in says nothing when it is done
        gone = {"_run": None, "_given": None, "_attached": None, "_is_own": False}
        return self.__dict__ | gone

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _process=os.getpid())
