"""The card of a run as one chart: who it is, its curves, what to know about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from runfolio._optional import require
from runfolio.charts.curves import Rows, draw, label_text
from runfolio.charts.figures import duration, figure, moment, run_name
from runfolio.charts.theme import LIGHT, Theme, config
from runfolio.model.run import MetricSummary, RunRecord
from runfolio.query.curves import Panels

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Card", "compare_card", "run_card"]

WIDTH: Final = 632
"""Of a card, in pixels, its margins not counted."""

_AXIS: Final = 40
_GAP: Final = 24

_NOTHING: Final = 'Nothing was logged. Call runfolio.log({"loss": loss}) in the training loop.'
_UNREADABLE: Final = "The points cannot be read. The verb check tells why."

# The glyphs of look and table, drawn: no font has to hold them.
_SIGNS: Final[Mapping[str, tuple[str, float, bool]]] = {
    "running": ("circle", 70, True),
    "finished": ("M-0.9,0.05L-0.25,0.7L0.95,-0.65", 45, False),
    "failed": ("M-0.7,-0.7L0.7,0.7M0.7,-0.7L-0.7,0.7", 55, False),
    "interrupted": ("M-0.4,-0.8L-0.4,0.8M0.4,-0.8L0.4,0.8", 50, False),
    "stopped": ("square", 60, True),
    "pruned": ("M-0.8,-0.6L0.8,0.6M0.8,-0.6L-0.8,0.6M-0.9,0.9L-0.6,0.9M0.6,0.9L0.9,0.9", 45, False),
    "crashed": ("M0,-0.9L1,0.8L-1,0.8ZM0,-0.25L0,0.2M0,0.5L0,0.52", 60, False),
    "silent": ("circle", 60, False),
}


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says, before it is drawn.

    Attributes
    ----------
    status : str
        Its sign comes first, in its colour; empty for a card of several runs.
    title, subtitle : str
        The name; below it id, tags, start, duration, code.
    result : str
        The headline figures, at the right.
    panels : Panels
    notes : tuple of str
        Below the charts: what is late, not finite, not drawn.
    empty : str
        Stands in the place of charts where there is none.
    """

    status: str
    title: str
    subtitle: str
    result: str
    panels: Panels
    notes: tuple[str, ...] = ()
    empty: str = _NOTHING


def run_card(
    record: RunRecord,
    panels: Panels,
    *,
    headline: Sequence[str] = (),
    figure_of: Callable[[MetricSummary | None], float | None] = lambda s: s.last if s else None,
) -> Card:
    """Return the card of one run.

    Parameters
    ----------
    headline : sequence of str
        Metrics whose figures stand in the first line, the most telling first.
    figure_of : callable
        The number that stands for a metric.
    """
    shown = [
        f"{label_text(key, 24)} {figure(value)}"
        for key in headline[:2]
        if (value := figure_of(record.metrics.get(key))) is not None
    ]
    return Card(
        record.status.value,
        label_text(run_name(record), 44),
        " · ".join(_subtitle(record)),
        " · ".join(shown),
        panels,
        tuple(_notes(record, panels)),
        _UNREADABLE if record.metrics else _NOTHING,
    )


def compare_card(records: Sequence[RunRecord], panels: Panels) -> Card:
    """Return the card of several runs laid over each other."""
    names = ", ".join(label_text(run_name(record), 24) for record in records[:8])
    more = f" and {len(records) - 8} more" if len(records) > 8 else ""
    return Card("", f"{len(records)} runs", names + more, "", panels)


def _subtitle(record: RunRecord) -> list[str]:
    words = [record.short_id]
    words += [label_text(tag, 20) for tag in record.tags[:3]]
    if record.created_at is not None:
        words.append(moment(record.created_at))
    if record.duration_s is not None:
        words.append(duration(record.duration_s))
    git = record.git
    if isinstance(git.get("sha"), str):
        branch = label_text(str(git.get("branch") or "detached"), 24)
        changed = git.get("files_changed")
        files = (
            f" + {changed} file{'s' * (changed != 1)}"
            if isinstance(changed, int) and changed
            else ""
        )
        words.append(f"{branch} @ {label_text(git['sha'], 7).rstrip('…')}{files}")
    return words


def _notes(record: RunRecord, panels: Panels) -> list[str]:
    words = []
    if record.status.value not in ("finished", "running") or record.note:
        why = f": {label_text(record.note, 90)}" if record.note else ""
        words.append(f"{record.status.value}{why}")
    for count, meaning in (
        ("late", "at an earlier step"),
        ("nonfinite", "not finite"),
        ("refused", "refused"),
    ):
        n = record.counts.get(count, 0)
        words += [f"{n:,} point{'s' * (n != 1)} {meaning}"] if n else []
    if panels.more:
        listed = ", ".join(label_text(title, 24) for title in panels.more[:6])
        rest = f" and {len(panels.more) - 6} more" if len(panels.more) > 6 else ""
        words.append(f"not drawn: {listed}{rest}")
    return words


def to_chart(
    card: Card, theme: Theme = LIGHT, width: int = WIDTH, rows: Rows | None = None
) -> alt.VConcatChart:
    """Return the card as one Altair chart.

    Parameters
    ----------
    width : int
        From the first axis' labels to the right edge, in pixels.
    rows : Rows, optional
        Takes the data, which the chart only names.
    """
    rows = rows or Rows()
    # Altair checks every piece against its schema as it is made; these are always the same
    # pieces, which the tests check, and a card has dozens of them.
    with require("altair.utils.schemapi", feature="charts", install="altair").debug_mode(arg=False):
        return _assemble(card, theme, width, rows)


def _assemble(card: Card, theme: Theme, width: int, rows: Rows) -> alt.VConcatChart:
    import altair as alt

    plot = width - _AXIS
    half = (width - _GAP) // 2 - _AXIS
    panels = card.panels.panels
    parts: list[Any] = [_header(card, theme, plot, rows)]
    if len(panels) == 1:
        parts.append(draw(panels[0], theme, plot, rows, x=card.panels.x))
    elif panels:
        charts = [draw(panel, theme, half, rows, x=card.panels.x) for panel in panels]
        parts += [
            alt.hconcat(*charts[i : i + 2], spacing=_GAP).resolve_scale(color="independent")
            for i in range(0, len(charts), 2)
        ]
    else:
        text = rows.text(card.empty, theme.secondary, -_AXIS, 12, size=12)
        parts.append(alt.layer(text, width=plot, height=20))
    if card.notes:
        text = rows.text(" · ".join(card.notes), theme.warning, -_AXIS, 10, size=11,
                         limit=plot + _AXIS)  # fmt: skip
        parts.append(alt.layer(text, width=plot, height=12))
    chart = alt.vconcat(*parts, spacing=18).resolve_scale(color="independent", x="independent")
    chart = chart.properties(padding=14, background=theme.ground)
    configured: alt.VConcatChart = chart.configure(**config(theme))
    return configured


def _header(card: Card, theme: Theme, plot: int, rows: Rows) -> Any:
    """Return who the run is. It begins where the axis labels do, left of the plots."""
    import altair as alt

    left = -_AXIS
    indent = 20 if card.status else 0
    texts = [
        rows.text(
            card.title,
            theme.text,
            left + indent,
            11,
            weight=600,
            size=14,
            limit=(plot - left) * (0.5 if card.result else 0.9),
        ),
        rows.text(
            card.result,
            theme.text,
            plot,
            11,
            align="right",
            weight=600,
            size=12.5,
            limit=(plot - left) * 0.42,
        ),
        rows.text(card.subtitle, theme.secondary, left, 30, limit=plot - left),
    ]
    if card.status:
        path, size, filled = _SIGNS.get(card.status, _SIGNS["running"])
        colour = theme.status.get(card.status, theme.secondary)
        texts.append(rows.shape(path, colour, left + 7, 6, size=size, filled=filled))
    return alt.layer(*texts, width=plot, height=30)
