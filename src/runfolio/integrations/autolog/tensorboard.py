"""SummaryWriter of PyTorch and of tensorboardX: mirrored into each run that is open meanwhile."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

from runfolio.integrations.tensorboard import is_mirrored, mirror, unmirror
from runfolio.record.guard import guard
from runfolio.record.session import current, session

if TYPE_CHECKING:
    from runfolio.integrations.patches import Patches
    from runfolio.record.run import Run

__all__ = ["hook"]


def hook(patches: Patches) -> None:
    """Mirror what is written into the open run, and into those that are opened."""
    begin = functools.partial(_begin, patches)
    session.opened.append(begin)
    patches.at_undo(functools.partial(_listen_no_more, begin))
    run = current()
    if run is not None:
        begin(run)


def _begin(patches: Patches, run: Run) -> None:
    with guard("mirroring SummaryWriters"):
        if not (run.life.ended or run.life.disowned or is_mirrored(run)):
            mirror(run)
            patches.at_undo(functools.partial(unmirror, run))


def _listen_no_more(begin: functools.partial[None]) -> None:
    with contextlib.suppress(ValueError):
        session.opened.remove(begin)
