"""What is looked at when a run ends, while events still find their way into its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from runfolio.record.guard import guard
from runfolio.record.patience import within

if TYPE_CHECKING:
    from runfolio.record.life import Life

__all__ = ["LOOKING_S", "take_last_looks"]

LOOKING_S: Final = 1.0
"""What is looked at may lie on a disk that hangs: so long it is waited for."""


def take_last_looks(life: Life) -> None:
    """Note what the code and the environment of a run are by its end."""
    snapshot = life.snapshot
    if snapshot is not None:
        with guard("looking at the environment"):
            # First, for it takes longest: the others are done meanwhile.
            snapshot.begin_last_look()
    for look in (lambda: _note_modules(life), *life.before_end):
        with guard("looking at what the run came from"):
            look()
    if snapshot is not None:
        with guard("looking at the environment"):
            snapshot.end_looks(LOOKING_S)


def _note_modules(life: Life) -> None:
    """Note the local modules whose files are no longer what was imported."""
    from runfolio.capture.modules import changed_since_import

    looks = life.snapshot is not None and not life.document.joined
    changed = within(LOOKING_S, changed_since_import) if looks else None
    if changed:
        life.writer.event("modules", changed=changed)
