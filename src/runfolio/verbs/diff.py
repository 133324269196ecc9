"""``diff``: what is not the same in two runs, in the order in which it explains a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Final

from rich.text import Text

from runfolio.errors import UsageError, did_you_mean
from runfolio.query.diff import READ, RunDiff, run_diff
from runfolio.query.fields import ABSENT
from runfolio.replay.trees import CodeDiff, code_diff
from runfolio.verbs.diff_html import diff_html
from runfolio.verbs.diff_markdown import diff_markdown
from runfolio.verbs.diff_text import diff_text
from runfolio.verbs.lookup import find, the_store
from runfolio.verbs.view import View

__all__ = ["PARTS", "DiffView", "diff"]

PARTS: Final = ("config", "cells", "code", "environment", "data", "seeds", "metrics", "files")
"""What is compared, in this order."""


class DiffView(View):
    """What differs between two runs: side by side in a notebook, unified in a terminal.

    Attributes
    ----------
    diff : RunDiff
    code : CodeDiff
    parts : tuple of str
        Which of `PARTS` are told.
    """

    def __init__(self, diff: RunDiff, code: CodeDiff, parts: Sequence[str] = PARTS) -> None:
        self.diff = diff
        self.code = code
        self.parts = tuple(parts)

    def text(self, width: int | None = None) -> Text:
        """Return each part, lines of cells and code as a unified difference."""
        return diff_text(self.diff, self.code, self.parts, width)

    def to_markdown(self) -> str:
        """Return the same for a message: headings, lists, differences as code."""
        return diff_markdown(self.diff, self.code, self.parts)

    def to_html(self) -> str:
        """Return tables, and cells and code side by side."""
        return diff_html(self.diff, self.code, self.parts)

    def data(self) -> Any:
        """Return every part; ``None`` stands for what a run does not have."""
        found = self.diff
        parts = {part: getattr(found, part) for part in READ} | {"code": self.code}
        return _plain({
            "was": found.was.id,
            "now": found.now.id,
            **{part: parts[part] for part in PARTS if part in self.parts},
            "not_compared": found.not_compared,
        })  # fmt: skip


def diff(was: Any, now: Any = "@last", *, only: Sequence[str] | None = None) -> DiffView:
    """Return what differs between two runs.

    Parameters
    ----------
    was, now : str or run
        From which run to which; the last one is the second by default.
    only : sequence of str, optional
        Which parts are told: ``config``, ``cells``, ``code``, ``environment``, ``data``,
        ``seeds``, ``metrics``, ``files``.

    Raises
    ------
    RunNotFound
        One of them is meant by nothing.
    UsageError
        Both are the same run, or there is no such part.

    Examples
    --------
    >>> runfolio.diff("@best:val/acc", "@last")  # doctest: +SKIP
    """
    for part in only or ():
        if part not in PARTS:
            raise UsageError(
                f"There is no part {part!r}; expected some of {', '.join(PARTS)}."
                f"{did_you_mean(part, PARTS)}"
            )
    store = the_store()
    a, b = find(was, store), find(now, store)
    if a.id == b.id:
        raise UsageError(f"Both mean the run {a.id}. Name another one to compare it with.")
    parts = [part for part in PARTS if only is None or part in only]
    code = code_diff(a, b) if "code" in parts else CodeDiff("", "")
    found = run_diff(store.reader(a.id), store.reader(b.id), parts)
    return DiffView(found, code, parts)


def _plain(value: Any) -> Any:
    """Return a value as plain data, with ``None`` for what is not there."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if value is ABSENT else value
