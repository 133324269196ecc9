"""The ``runfolio`` command."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from runfolio.errors import RunfolioWarning
from runfolio.verbs.door import Door
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import Message, Mistake, View

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["main"]

_INTERRUPTED = 130
_LONGEST = 1000


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after the program's name; those of this process by default.

    Returns
    -------
    int
        0 done · 1 nothing found, or faults found · 2 not understood · 130 interrupted.
    """
    from runfolio.verbs.table import dispatch

    try:
        with _plain_warnings():
            view = dispatch(sys.argv[1:] if argv is None else argv, Door(confirm=_asker()))
            show(view)
    except BrokenPipeError:
        # Whoever read the output has had enough (`| head`): no reason to complain. The
        # interpreter would, flushing at its end into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _INTERRUPTED
    return view.exit_code


@contextlib.contextmanager
def _plain_warnings() -> Iterator[None]:
    """Let a warning of ours be one line: the place in the code that led to it helps nobody here."""
    with warnings.catch_warnings():
        others = warnings.showwarning

        def tell(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, RunfolioWarning) and sys.stderr is not None:
                sys.stderr.write(f"runfolio: {one_line(str(message), _LONGEST)}\n")
            else:
                others(message, category, filename, lineno, file, line)

        warnings.showwarning = tell
        yield


def show(view: View) -> None:
    """Print a view: mistakes to standard error, everything else to standard output."""
    stream = sys.stderr if isinstance(view, Mistake) else sys.stdout
    if stream is None or (isinstance(view, Message) and not str(view)):
        return  # it was closed from the start; help was printed already
    if (stream.encoding or "").lower().replace("-", "") != "utf8" and hasattr(
        stream, "reconfigure"
    ):
        stream.reconfigure(errors="backslashreplace")
    _console(stream).print(view)
    stream.flush()


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    class Quiet(Console):
        """A console that leaves a closed pipe to `main` instead of ending the process."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Quiet(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=True)


def _asker() -> Callable[[str], bool] | None:
    """Return how to ask a question, or ``None`` where nobody would answer."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return None

    def ask(question: str) -> bool:
        import click

        return click.confirm(question, default=False)

    return ask
