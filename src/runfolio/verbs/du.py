"""``du``: what takes the space, run by run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.text import Text

from runfolio.verbs.figures import size
from runfolio.verbs.lookup import find, label, the_store
from runfolio.verbs.view import STYLES, View, join_lines

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord

__all__ = ["DuView", "du"]


class DuView(View):
    """Bytes of each run by kind, the largest run first.

    Parameters
    ----------
    found : sequence of (RunRecord, mapping of str to int)
    trash_bytes : int
        What lies in the trash of the store.
    contents_bytes : int
        What artifacts keep beside the runs: contents and versions.
    again_bytes : int
        What is told of several of them and takes its room once: a content has a name in the run,
        too.
    """

    def __init__(
        self,
        found: Sequence[tuple[RunRecord, Mapping[str, int]]],
        trash_bytes: int = 0,
        contents_bytes: int = 0,
        again_bytes: int = 0,
    ) -> None:
        self.contents_bytes, self.again_bytes = contents_bytes, again_bytes
        self.found = tuple(sorted(found, key=lambda one: (-sum(one[1].values()), one[0].id)))
        self.trash_bytes = trash_bytes

    def text(self, width: int | None = None) -> Text:
        """Return a line for each run and one for all."""
        del width
        lines = [_line(record, kinds) for record, kinds in self.found]
        total = sum(sum(kinds.values()) for _, kinds in self.found)
        n = len(self.found)
        line = Text.assemble((f"{size(total):>9}", "bold"), f"  {n} run{'' if n == 1 else 's'}")
        if self.contents_bytes:
            told = f"; {size(self.contents_bytes)} of artifacts beside them"
            if self.again_bytes:
                told += f", {size(self.again_bytes)} of it told twice, as it lies in runs, too"
            line.append(told, STYLES["secondary"])
        if self.trash_bytes:
            line.append(f"; {size(self.trash_bytes)} in the trash", STYLES["secondary"])
        return join_lines([*lines, line])

    def data(self) -> Any:
        """Return the bytes of every run."""
        return {
            "runs": [{"id": record.id, "bytes": sum(kinds.values()), "kinds": dict(kinds)}
                     for record, kinds in self.found],
            "trash_bytes": self.trash_bytes,
            "contents_bytes": self.contents_bytes,
            "again_bytes": self.again_bytes,
        }  # fmt: skip


def du(*runs: Any) -> DuView:
    """Return what runs take on the disk.

    Parameters
    ----------
    *runs : str or run
        Which runs; all of the store, and its trash, without any.

    Raises
    ------
    RunNotFound
        One of them is meant by nothing.
    """
    from runfolio.store.trash import layers
    from runfolio.store.usage import Names, usage

    store = the_store()
    if runs:
        return DuView([(record, usage(record.path)) for record in (find(r, store) for r in runs)])
    trash, names = layers(store.path)[-1:], Names()
    folders = [record for record in store.records() if not record.path.is_symlink()]
    found = [(record, usage(record.path, names)) for record in folders]
    trash_bytes = sum(sum(usage(folder, names).values()) for folder in trash)
    beside = [store.path / name for name in (".blobs", ".artifacts")]
    contents = sum(
        sum(usage(folder, names).values()) for folder in beside if not folder.is_symlink()
    )
    return DuView(found, trash_bytes, contents, names.again)


def _line(record: RunRecord, kinds: Mapping[str, int]) -> Text:
    parts = sorted(kinds.items(), key=lambda one: (-one[1], one[0]))
    told = ", ".join(f"{kind} {size(n)}" for kind, n in parts if n)
    return Text.assemble(
        f"{size(sum(kinds.values())):>9}  ", label(record), "  ", (told, STYLES["secondary"])
    )
