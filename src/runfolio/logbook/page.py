"""The journal entry of one run as a page of its own, ``journal.md``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from runfolio import settings
from runfolio.errors import CorruptRecord
from runfolio.format.disk import Disk, read_small
from runfolio.format.layout import RunPaths
from runfolio.format.manifest import read_record
from runfolio.logbook import render
from runfolio.logbook.collect import collect
from runfolio.logbook.entry import Facts
from runfolio.logbook.export import keep_up
from runfolio.logbook.history import History
from runfolio.logbook.parse import ended_like, parse
from runfolio.logbook.words import read_words, take_in
from runfolio.model.run import RunRecord
from runfolio.store.recent import recent_runs
from runfolio.store.store import Store

__all__ = ["entry_markdown", "facts_of", "finished", "write"]

_MAX_BYTES: Final = 4 * 1024 * 1024


def entry_markdown(run_dir: Path, among: Sequence[RunRecord] | None = None) -> str:
    """Return a run's entry as Markdown to be looked at: no comments, no empty headings.

    Parameters
    ----------
    among : sequence of RunRecord, optional
        The runs it is compared with; all of its store without them.
    """
    return render.entry(facts_of(run_dir, among), read_words(run_dir))


def facts_of(run_dir: Path, among: Sequence[RunRecord] | None = None) -> Facts:
    """Return the facts of a run, beside the other runs of its store, or those given."""
    others = Store(run_dir.parent).run_records() if among is None else among
    return collect(read_record(run_dir), History(others))


def write(run_dir: Path) -> Path:
    """Make ``journal.md`` anew and return its path.

    Words that were changed in the file by hand become edits of the run first; then the facts
    are remade. A page that is up to date already is not touched.

    Raises
    ------
    RunNotFound
        The run directory is not there.
    CorruptRecord
        ``journal.md`` is a link, larger than 4 MiB or not UTF-8; it is left as it is.
    UnsupportedVersion
        ``journal.md`` was made by a newer runfolio.
    OSError
        The page or an edit cannot be written.
    """
    return _write(run_dir, facts_of(run_dir))


def finished(run_dir: Path) -> None:
    """Write a run's ``journal.md``, and keep the project's journal up to date if asked.

    The setting ``journal`` (``[tool.runfolio] journal = "JOURNAL.md"``) names the project's
    file; a relative path counts from the project's root. Only the runs written last are
    compared with, so that a finish costs the same in a large store.
    """
    records = recent_runs(run_dir.parent)
    # It was written last, and so is among them unless its store is crowded by other writers.
    record = next((one for one in records if one.path == run_dir), None) or read_record(run_dir)
    _write(run_dir, collect(record, History(records)))
    named = settings.read("journal")
    if named:
        here = Path.cwd()
        target = (settings.project_root(here) or here) / Path(named).expanduser()
        keep_up(target, run_dir, records)


def _write(run_dir: Path, facts: Facts) -> Path:
    path = RunPaths(run_dir).journal
    old = _read(path)
    if old is not None:
        take_in(run_dir, parse(old))
    new = ended_like(render.page(facts, read_words(run_dir), old), old)
    if new != old:
        Disk().replace(path, new.encode("utf-8"))
    return path


def _read(path: Path) -> str | None:
    try:
        return read_small(path, _MAX_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise CorruptRecord(
            f"{path.name} is not UTF-8 text: {error.reason} at byte {error.start}. "
            "Save it as UTF-8, or move it away; it is made anew."
        ) from error
