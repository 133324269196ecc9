"""Where the runs of a notebook show themselves while they go on."""

from __future__ import annotations

from runfolio import settings
from runfolio.magics.journal_cells import JournalCells
from runfolio.record.guard import guard
from runfolio.record.run import Run
from runfolio.verbs.live import LiveOutput, can_live, card_output

__all__ = ["LiveOutputs"]


class LiveOutputs:
    """The live outputs of one kernel, each until its run is over.

    Attributes
    ----------
    journal : JournalCells
        What the pages are told of the runs' journal cells.
    """

    def __init__(self) -> None:
        self.journal = JournalCells()
        self._outputs: dict[str, tuple[Run, LiveOutput]] = {}

    def begin(self, run: Run, owner: str) -> None:
        """Show a run in the output of the cell that is being executed, from now on.

        Parameters
        ----------
        run : Run
        owner : str
            Who opened it. A run of ``magic`` ends with the cell: of one that is short only the end
            is shown. One of ``start`` gets its journal cell where it ends. A run that was asked to
            be quiet shows nothing: a study of a hundred trials is no place for a hundred cards.
        """
        if run.disabled or run.life.quiet or settings.flag("silent") or not can_live():
            return
        opened_in, late = cell_number(), owner == "magic"
        run.life.shows_its_end = lambda: run.id in self._outputs and cell_number() == opened_in
        if owner != "start":
            with guard("finding the place of the journal cell"):
                self.journal.begin(run.id, opened_in, tracked=late)
        with guard("making room for the live card"):
            output = card_output(
                run.path, run.life.writer.flush, entry=lambda: self.journal.begun(run.path)
            )
            output.begin_late() if late else output.begin()
            self._outputs[run.id] = run, output

    def take(self, run: Run) -> LiveOutput | None:
        """Return the output of a run that is over, if it had one; whoever asks puts it to rest."""
        return self._outputs.pop(run.id, (run, None))[1]

    def ended(self) -> list[tuple[Run, LiveOutput]]:
        """Return the outputs of the runs that are over by now and were not asked for."""
        over = [run for run, _ in self._outputs.values() if run.status.ended]
        return [self._outputs.pop(run.id) for run in over]


def cell_number() -> int:
    """Return the number of the cell that is being executed."""
    from IPython import get_ipython

    shell = get_ipython()
    return shell.execution_count if shell is not None else 0
