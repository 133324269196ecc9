"""How the notebook stands when one of its runs ends."""

from __future__ import annotations

import threading
from typing import Final

from runfolio.capture.saved_notebook import saved_notebook
from runfolio.format.notebooks import notebook_event
from runfolio.model.notebook import SavedNotebook
from runfolio.record.life import Life

__all__ = ["note_notebook"]

_PATIENCE_S: Final = 1.0


def note_notebook(life: Life, file: str | None) -> None:
    """Write which cells stand in the notebook's file; a disk that hangs is not waited for.

    Parameters
    ----------
    life : Life
        Of the run that is about to end.
    file : str or None
        ``None`` where the front end tells none.
    """
    found = [SavedNotebook(unknown="the file of the notebook did not answer in time")]
    reading = threading.Thread(
        target=lambda: found.append(saved_notebook(file)), name="runfolio-notebook", daemon=True
    )
    try:
        reading.start()
    except RuntimeError:  # at the very end of the interpreter none may start any more
        return
    reading.join(_PATIENCE_S)
    life.writer.event("notebook", **notebook_event(found[-1]))
