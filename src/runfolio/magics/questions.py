"""``%track runs name:run?``: a ``?`` that ends a query is a pattern, and no question for IPython."""

from __future__ import annotations

import tokenize
from collections.abc import Sequence
from typing import Final

from runfolio.verbs.names import VERBS

__all__ = ["TrackQuestion"]


class TrackQuestion:
    """Takes ``%track VERB …?`` lines before IPython looks for the help of their last word.

    One of IPython's ``token_transformers``. ``%track?`` stays IPython's, and ``%track VERB?``
    asks for the help of the verb.
    """

    priority: Final = 4  # that of IPython's own question mark is 5

    def __init__(self, place: tuple[int, int]) -> None:
        self.start_line, self.start_col = place[0] - 1, place[1]

    @classmethod
    def find(cls, tokens_by_line: Sequence[Sequence[tokenize.TokenInfo]]) -> TrackQuestion | None:
        """Return the first such line of a cell."""
        for line in tokens_by_line:
            tokens = [t for t in line if t.type not in (tokenize.INDENT, tokenize.DEDENT)]
            said = [token.string for token in tokens]
            if said[:2] == ["%", "track"] and len(said) > 4 and said[-2] == "?":
                first, last = tokens[0], tokens[-2]
                if said[2] in VERBS and first.start[0] == last.start[0]:
                    return cls(first.start)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """Return the lines of the cell, this one as a call of the magic."""
        line = lines[self.start_line]
        words = line[self.start_col :].removeprefix("%track").strip()
        verb = words.rstrip("?")
        if verb in VERBS:
            words = f"{verb} --help"
        call = f"get_ipython().run_line_magic('track', {words!r})\n"
        before, after = lines[: self.start_line], lines[self.start_line + 1 :]
        return [*before, line[: self.start_col] + call, *after]
