"""Accelerate: ``init_trackers`` gets the tracker beside those of the accelerator."""

from __future__ import annotations

import contextlib
import functools
import sys
import weakref
from typing import TYPE_CHECKING, Any

from runfolio.integrations.autolog.training import Training, is_ours
from runfolio.integrations.muted import muted
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.integrations.patches import Patches
    from runfolio.record.run import Run

__all__ = ["hook"]


def hook(patches: Patches) -> None:
    """Have trainings log by themselves, once Accelerate is there."""
    patches.when("accelerate", functools.partial(_wrap, patches))


def _wrap(patches: Patches) -> None:
    kind = sys.modules["accelerate"].Accelerator
    patches.method(kind, "init_trackers", functools.partial(_logged, patches))


def _logged(patches: Patches, original: Any) -> Any:
    @functools.wraps(original)
    def init_trackers(self: Any, *given: Any, **more: Any) -> Any:
        is_logged = any(is_ours("accelerate", one) for one in (*self.log_with, *self.trackers))
        with Training("accelerate", is_logged=is_logged) as run, contextlib.ExitStack() as mute:
            if run is not None or is_logged:
                # What its own trackers write with a SummaryWriter is logged once.
                mute.enter_context(muted("accelerate"))
                patches.at_undo(mute.pop_all().close)
            answer = original(self, *given, **more)
            if run is not None:
                with guard("logging a training of accelerate by itself"):
                    config = given[1] if len(given) > 1 else more.get("config")
                    _add(patches, run, self, config)
            return answer

    return init_trackers


def _add(patches: Patches, run: Run, accelerator: Any, config: Any) -> None:
    from runfolio.integrations.accelerate import RunfolioTracker

    tracker = RunfolioTracker(run=run)
    tracker.start()
    if config is not None:
        tracker.store_init_configuration(config)
    accelerator.trackers.append(tracker)
    # Until the run ends, or trainings log by themselves no longer.
    leave = functools.partial(_leave, weakref.ref(accelerator), tracker)
    patches.at_undo(leave)
    run.life.before_end.append(leave)


def _leave(accelerator: Any, tracker: Any) -> None:
    trackers = getattr(accelerator(), "trackers", [])
    if tracker in trackers:
        trackers.remove(tracker)
