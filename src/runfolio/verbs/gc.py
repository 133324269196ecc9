"""``gc``: what killed runs left is put in order, and what nobody needs goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from runfolio.errors import UsageError
from runfolio.verbs.figures import size
from runfolio.verbs.lookup import the_store
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import STYLES, View, join_lines

if TYPE_CHECKING:
    from runfolio.store.deed import Deed

__all__ = ["GcView", "gc"]

_AT_A_TIME: Final = 20
_DAY_S: Final = 86_400.0

_WORDS: Final = {
    "converted": ("converted", "convert"), "cells": ("made", "make"), "folded": ("taken in", "take in"),
    "dropped": ("dropped", "drop"), "returned": ("put back", "put back"), "removed": ("removed", "remove"), "emptied": ("deleted from the trash", "delete from the trash"),
    "kept": ("left as it is", "leave as it is"),
}  # fmt: skip


class GcView(View):
    """What was done to a store, thing by thing.

    Parameters
    ----------
    deeds : sequence of Deed
    dry_run : bool
        Whether it was only looked at.
    """

    def __init__(self, deeds: Sequence[Deed], *, dry_run: bool) -> None:
        self.deeds = tuple(deeds)
        self.dry_run = dry_run
        self.exit_code = 1 if any(deed.what == "kept" for deed in deeds) else 0

    def text(self, width: int | None = None) -> Text:
        """Return a line for each thing and one that sums up."""
        del width
        return join_lines([*map(self._line, self.deeds), self._sum()])

    def _line(self, deed: Deed) -> Text:
        fault = deed.what == "kept"
        done, would = _WORDS[deed.what]
        place = "/".join(part for part in (deed.run_id, deed.file) if part)
        line = Text.assemble(
            ("✕ " if fault else "· ", STYLES["fault" if fault else "secondary"]),
            (would if self.dry_run else done, ""), "  ", (one_line(place, 100), STYLES["secondary"]),
        )  # fmt: skip
        told = ", ".join(
            filter(None, [deed.why, size(deed.freed) + " freed" if deed.freed > 0 else ""])
        )
        if told:
            line.append(f": {one_line(told, 200)}")
        return line

    def _sum(self) -> Text:
        done = [deed for deed in self.deeds if deed.what != "kept"]
        if not self.deeds:
            return Text.assemble(("✓ ", STYLES["good"]), "Nothing to do.")
        n = len(done)
        things = "1 thing" if n == 1 else f"{n} things"
        freed = size(max(0, sum(deed.freed for deed in done)))
        if self.dry_run:
            return Text(f"{things} to do; nothing was changed.")
        return Text(f"{things} done, {freed} freed.")

    def data(self) -> Any:
        """Return the things that were done."""
        return {
            "dry_run": self.dry_run,
            "done": [
                {"what": deed.what, "run": deed.run_id or None, "file": deed.file,
                 "freed_bytes": deed.freed, "why": deed.why}
                for deed in self.deeds
            ],
        }  # fmt: skip


def gc(*, dry_run: bool = False, convert: bool = False, trash_days: float | None = None) -> GcView:
    """Put the store in order and return what was done.

    What killed runs left live becomes finished tables; edits of ended runs are taken into their
    manifest, and their files removed an hour later; temporary files, claims and sums that nobody
    needs go. Versions of artifacts whose time is over are dropped, and contents that no version
    names are removed. Nothing else that a reader finds in a run changes.

    Parameters
    ----------
    dry_run : bool
        Only say what would be done.
    convert : bool
        Only convert, and at most 20 runs: what the next run of a store has done in the background.
    trash_days : float, optional
        Delete for good what has lain in the trash for so many days; by default nothing.

    Raises
    ------
    UsageError
        `trash_days` is negative, or `convert` is combined with anything else.
    """
    from runfolio.store.gc import convert_waiting, put_in_order

    if trash_days is not None and not trash_days >= 0:
        raise UsageError(f"trash_days is {trash_days}; expected a number of days, 0 or more.")
    store = the_store().path
    if convert:
        if dry_run or trash_days is not None:
            raise UsageError("convert does nothing else; leave --dry-run and --trash out.")
        return GcView(list(convert_waiting(store, _AT_A_TIME)), dry_run=False)
    older_than_s = None if trash_days is None else trash_days * _DAY_S
    deeds = list(put_in_order(store, dry_run=dry_run, trash_older_than_s=older_than_s))
    return GcView(deeds, dry_run=dry_run)
