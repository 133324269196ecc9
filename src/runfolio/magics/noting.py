"""How the notebook stands when one of its runs ends."""

from __future__ import annotations

from runfolio.capture.saved_notebook import saved_notebook
from runfolio.format.notebooks import notebook_event
from runfolio.model.notebook import SavedNotebook
from runfolio.record.last_looks import LOOKING_S
from runfolio.record.life import Life
from runfolio.record.patience import within

__all__ = ["note_notebook"]


def note_notebook(life: Life, file: str | None) -> None:
    """Write which cells stand in the notebook's file; a disk that hangs is not waited for.

    Parameters
    ----------
    life : Life
        Of the run that is about to end.
    file : str or None
        ``None`` where the front end tells none.
    """
    found = within(LOOKING_S, lambda: saved_notebook(file))
    late = SavedNotebook(unknown="the file of the notebook did not answer in time")
    life.writer.event("notebook", **notebook_event(found or late))
