"""``%track VERB``: every verb from a cell; and what ``%%track`` says when a cell cannot run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.magics import show
from runfolio.magics.hooks import CellHooks
from runfolio.magics.transform import HELP, read_options
from runfolio.magics.words import words_of
from runfolio.record.run import Run
from runfolio.verbs.door import Door
from runfolio.verbs.names import VERBS

__all__ = ["TrackMagics"]

_NAME: Final = "track"
_KINDS: Final = ("line", "cell")


class TrackMagics:
    """The magics called ``track`` of one shell.

    Parameters
    ----------
    shell : InteractiveShell
    hooks : CellHooks
        Opens and closes the runs of ``start`` and ``stop``.
    """

    def __init__(self, shell: Any, hooks: CellHooks) -> None:
        self._shell = shell
        self._hooks = hooks

    def register(self) -> None:
        """Make ``%track`` and ``%%track`` known, with completion of the verbs."""
        self._shell.register_magic_function(self.line, "line", _NAME)
        self._shell.register_magic_function(self.cell, "cell", _NAME)
        # What IPython makes of a %%track that stands below other lines.
        self._shell.register_magic_function(self.misplaced, "line", f"%{_NAME}")
        self._shell.set_hook("complete_command", self._complete, str_key=f"%{_NAME}")

    def remove(self) -> None:
        """Make them unknown again."""
        for kind in _KINDS:
            self._shell.magics_manager.magics[kind].pop(_NAME, None)
        self._shell.magics_manager.magics["line"].pop(f"%{_NAME}", None)
        self._shell.strdispatchers["complete_command"].strs.pop(f"%{_NAME}", None)

    def line(self, line: str) -> None:
        """Carry out a verb: ``%track VERB …``; ``%track --help`` lists them.

        ::

            %track                        what is being recorded
            %track start NAME --tag x     one run of many cells, until %track stop
            %track runs status:finished   the runs table
            %track show @last             card and charts of a run

        On top of a cell, ``%%track NAME`` makes one run of that cell; see ``%%track?``.
        """
        from runfolio.verbs.table import dispatch
        from runfolio.verbs.view import Message, Mistake

        ended: list[Run] = []

        def stop() -> Run | None:
            run = self._hooks.stop()
            ended.extend([run] if run is not None else [])
            return run

        view = dispatch(words_of(line), Door(prog=f"%{_NAME}", start=self._hooks.start, stop=stop))
        if isinstance(view, Mistake):
            raise _usage_error(str(view))
        # Only a message may be empty; to ask others for their words would draw them in vain.
        if not isinstance(view, Message) or str(view):
            show.put(view)
        for run in ended:
            show.after(run, self._hooks.live)

    def cell(self, line: str, cell: str | None = None) -> None:
        """Make one run of a cell: ``%%track [NAME] [--tag T] [-c KEY=VALUE] …`` as its first line.

        The cell stays an ordinary cell. Literals assigned at its top level (``lr = 1e-3``)
        become settings of the run; ``runfolio.log({"loss": loss})`` records values.

        ::

            %%track baseline --tag first -c dropout=0.3
            lr, epochs = 1e-3, 5
            for _ in range(epochs):
                runfolio.log({"loss": train(lr)})

        NAME is one word, two words, or more in quotes. Other options: ``--project``,
        ``--group``, ``--job-type``, ``--notes``. A cell magic such as ``%%time`` may follow.
        """
        # Only what the transformer refused comes here; the cell does not run.
        if any(word in HELP for word in line.split()):
            _print_help()
            return
        try:
            read_options(line.strip())
        except UsageError as error:
            raise _usage_error(str(error)) from None
        raise _usage_error(_why_not(line, cell or ""))

    def misplaced(self, line: str) -> None:
        """Say where ``%%track`` goes: it was written below other lines of a cell."""
        del line
        raise _usage_error("%%track goes on the first line of the cell, above all else.")

    def _complete(self, _: Any, event: Any) -> Sequence[str]:
        before = str(event.line)[: -len(event.symbol) or None].split()
        return list(VERBS) if len(before) == 1 else []


def _why_not(line: str, cell: str) -> str:
    words = f" {line.strip()}" if line.strip() else ""
    first = next((text.split()[0] for text in cell.splitlines() if text.strip()), "")
    if not first:
        return (
            f"There is nothing below %%track{words} to run. Put it on top of the cell that trains."
        )
    if first == f"%%{_NAME}":
        return "A cell is one run: keep one %%track line."
    return f"%%track goes on the first line of the cell, above {first}."


def _print_help() -> None:
    import click

    from runfolio.verbs.table import START

    click.echo(START.get_help(click.Context(START, info_name=f"%%{_NAME}")))


def _usage_error(sentence: str) -> Exception:
    from IPython.core.error import UsageError as ShownInOneLine

    error: Exception = ShownInOneLine(sentence)
    return error
