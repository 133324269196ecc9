"""``upgrade``: run directories of an older format are carried to the newest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from runfolio.format.layout import FORMAT
from runfolio.verbs.lookup import find, label, the_store
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import STYLES, View, join_lines

if TYPE_CHECKING:
    from runfolio.format.upgrade import Upgrade
    from runfolio.model.run import RunRecord

__all__ = ["UpgradeView", "upgrade"]


class UpgradeView(View):
    """How each run stands: carried on, in the newest format already, or left as it is.

    Parameters
    ----------
    found : sequence of (RunRecord, Upgrade)
    dry_run : bool
        Whether it was only looked at.
    """

    def __init__(self, found: Sequence[tuple[RunRecord, Upgrade]], *, dry_run: bool) -> None:
        self.found = tuple(found)
        self.dry_run = dry_run
        self.exit_code = 1 if any(one.why for _, one in self.found) else 0

    def text(self, width: int | None = None) -> Text:
        """Return a line for each run that is not as it was, or stays behind, and one for all."""
        del width
        lines = [line for record, one in self.found if (line := self._line(record, one))]
        carried = sum(one.was != one.now for _, one in self.found)
        left = sum(bool(one.why) for _, one in self.found)
        newest = len(self.found) - carried - left
        words = (
            [f"{newest} run{'s' * (newest != 1)} in format {FORMAT} already"]
            if newest or not self.found
            else []
        )
        words += (
            [f"{carried} {'to be carried' if self.dry_run else 'carried'} to it"] if carried else []
        )
        words += [f"{left} left as they are" if left > 1 else "1 left as it is"] if left else []
        return join_lines([*lines, Text(", ".join(words) + ".")])

    def _line(self, record: RunRecord, one: Upgrade) -> Text | None:
        if one.why:
            mark = ("✕ ", STYLES["fault"])
            return Text.assemble(mark, label(record), f"  {one_line(one.why, 200)}")
        if one.was != one.now:
            return Text.assemble(("✓ ", STYLES["good"]), label(record),
                                 f"  format {one.was} → {one.now}")  # fmt: skip
        return None

    def data(self) -> Any:
        """Return how each run stands."""
        return [
            {"id": record.id, "was": one.was, "now": one.now, "left_because": one.why or None,
             "removed": list(one.removed)}
            for record, one in self.found
        ]  # fmt: skip


def upgrade(*runs: Any, dry_run: bool = False) -> UpgradeView:
    """Carry run directories to the newest format, and name those that stay as they are.

    Parameters
    ----------
    *runs : str or run
        Which runs; all of the store without any.
    dry_run : bool
        Only say what would be done.

    Raises
    ------
    RunNotFound
        One of them is meant by nothing.
    OSError
        The disk refused; every run is whole, in its older format or a newer one.
    """
    from runfolio.format.disk import Disk
    from runfolio.format.upgrade import upgrade_run

    store = the_store()
    records = [find(run, store) for run in runs] if runs else store.run_records()
    found = [(record, upgrade_run(record.path, Disk(), dry_run=dry_run)) for record in records]
    return UpgradeView(found, dry_run=dry_run)
