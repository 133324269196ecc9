"""``report``: some runs as one file that needs nothing else, for those who were not there."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.disk import Disk, read_small
from runfolio.query.axis import AXES
from runfolio.verbs.local import now
from runfolio.verbs.lookup import short_path
from runfolio.verbs.runs import RunsView, runs
from runfolio.verbs.view import Message, View

__all__ = ["report"]

MARK: Final = "runfolio report"
"""Stands in every report; a file without it is somebody's own and never replaced unasked."""

_MAX_BYTES: Final = 1 << 30
_KINDS: Final = {".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown"}


def report(
    query: str = "",
    output: str | os.PathLike[str] = "report.html",
    *,
    title: str | None = None,
    metrics: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    x: str = "step",
    journal: bool = True,
    charts: bool = False,
    force: bool = False,
) -> View:
    """Write the runs that a query selects as one page: curves, table, journal entries.

    It opens with no network, holds no script, and prints well.

    Parameters
    ----------
    query : str
        As for :func:`runfolio.runs`; its order is the order of the report.
    output : path
        ``.html`` or ``.md``. An earlier report there is replaced.
    title : str, optional
    metrics, columns : sequence of str, optional
        Metrics whose curves are drawn, and what the table shows; chosen by themselves without.
    x : str
        What curves run over: ``step``, ``relative`` or ``time``.
    journal : bool
        Whether the journal entries follow.
    charts : bool
        Draw the charts of :func:`runfolio.compare` in place of curves alone.
    force : bool
        Replace the file whatever it is.

    Raises
    ------
    UsageError
        The query cannot be read, or selects no run; no run has one of the metrics or columns; the
        file is no report, or neither HTML nor Markdown.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> runfolio.report("tag:paper sort:-val/acc", "paper.html")  # doctest: +SKIP
    """
    target, page = _target(output, force=force)
    selected = runs(query, columns=columns)
    if not len(selected):
        raise UsageError(f"There is nothing to report. {selected}")
    made = _made(selected, metrics=metrics, x=x, journal=journal, charts=charts)
    text = page(made, selected, title or _title(selected.records, query), now())
    target.parent.mkdir(parents=True, exist_ok=True)
    Disk().replace(target, text.encode("utf-8", "replace"))
    return _done(target, made)


def _made(selected: RunsView, *, x: str, **given: Any) -> Any:
    """Return what the report holds."""
    if x not in AXES:
        raise UsageError(f"x is {x!r}; it is one of {', '.join(AXES)}.")
    from runfolio.logbook.report import report as made

    return made(selected.store, selected.records, selected.store.records(), x=x, **given)


def _target(output: str | os.PathLike[str], *, force: bool) -> tuple[Path, Callable[..., str]]:
    """Return the file and what makes its page."""
    target = Path(output).expanduser().absolute()
    kind = _KINDS.get(target.suffix.lower())
    if kind is None:
        raise UsageError(
            f"{target.name} is neither HTML nor Markdown; expected a name that ends with .html or .md."
        )
    if not force:
        _check_is_ours(target)
    if kind == "html":
        from runfolio.verbs.report_html import report_html

        return target, report_html
    from runfolio.verbs.report_markdown import report_markdown

    return target, report_markdown


def _title(records: Sequence[Any], query: str) -> str:
    projects = {record.project for record in records if record.project}
    return projects.pop() if len(projects) == 1 else query or "Runs"


def _done(target: Path, made: Any) -> View:
    n, size = len(made.records), target.stat().st_size
    told = f"{n} run{'s' * (n != 1)}, {len(made.entries)} journal entr{'y' if len(made.entries) == 1 else 'ies'}"
    return Message(
        f"{short_path(target)}: {told}, {size / 1000:,.0f} kB.",
        {"path": target, "runs": n, "entries": len(made.entries), "bytes": size},
    )


def _check_is_ours(target: Path) -> None:
    """Refuse to replace what is no report."""
    try:
        old = read_small(target, _MAX_BYTES)
    except FileNotFoundError:
        return
    except (CorruptRecord, OSError) as error:
        raise UsageError(
            f"{short_path(target)} cannot be replaced: {error}. Name another file."
        ) from error
    if MARK.encode() not in old[:2000]:
        raise UsageError(
            f"{short_path(target)} is there and no report; it is left as it is. Name another file, or "
            "use force (--force) to replace it."
        )
