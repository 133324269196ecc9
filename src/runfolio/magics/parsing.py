"""The moment between the parsing of a cell and its execution, and the tree that IPython made."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from runfolio.capture.source import remember
from runfolio.record.guard import guard

__all__ = ["Parsing"]


class Parsing:
    """Waits for IPython to parse a cell, so that its text is not parsed twice.

    It stands among the AST transformers of the shell from the event before a cell until the cell
    is parsed, and no longer: for a transformer that is still there IPython goes over the whole
    tree once more.

    Parameters
    ----------
    shell : InteractiveShell
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._source = ""
        self._then: Callable[[], None] | None = None

    def then(self, info: Any, look: Callable[[], None]) -> None:
        """Call `look` when the cell has been parsed; at once where its text is not what is parsed.

        A cell with a slip in it is not executed, and `look` is not called.

        Parameters
        ----------
        info : ExecutionInfo
            Of the cell that IPython is about to parse. Before version 9 it does not tell the text.
        look : callable
        """
        self.forget()
        parsed, others = getattr(info, "transformed_cell", None), self._shell.ast_transformers
        if others or parsed is None or parsed.strip("\n") != info.raw_cell.strip("\n"):
            look()
            return
        self._source, self._then = info.raw_cell, look
        others.append(self)

    def forget(self) -> None:
        """Wait no longer."""
        self._then = None
        others = self._shell.ast_transformers
        if self in others:
            others.remove(self)

    def visit(self, node: ast.Module) -> ast.Module:
        """Take the tree of the cell, as IPython gives it to its transformers, and let it be."""
        look, self._then = self._then, None
        if look is not None:
            with guard("looking at the cell"):
                # Of its own: IPython adds a statement where it is to show what was assigned last.
                remember(self._source, ast.Module(list(node.body), []))
                look()
        # Not before: IPython itself takes out one that raises, as a strict guard lets it.
        self.forget()
        return node
