"""``show``: the card of any run, live or finished, with its curves."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from runfolio.charts.figures import duration, figure, moment, setting
from runfolio.errors import CorruptRecord
from runfolio.format.codec import flatten
from runfolio.model.run import RunRecord
from runfolio.query.summary import direction, headline
from runfolio.record.guard import guard
from runfolio.verbs.code_words import code_words
from runfolio.verbs.facts import record_facts
from runfolio.verbs.figures import column_figures
from runfolio.verbs.lookup import find, label, short_path, the_store
from runfolio.verbs.sheet import blocks
from runfolio.verbs.terminal import clean, columns_of, cut, one_line
from runfolio.verbs.view import STYLES, View, join_lines

if TYPE_CHECKING:
    from runfolio.model.series import Series
    from runfolio.store.store import Store

__all__ = ["ShowView", "Shown", "show"]

_SECONDARY: Final = STYLES["secondary"]
_METRICS: Final = 24
_SETTINGS: Final = 16
_SPARK: Final = 24


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A run and the points of its metrics."""

    record: RunRecord
    series: Mapping[str, Series]


class ShowView(View):
    """The cards of one or more runs, below each other."""

    def __init__(self, shown: Sequence[Shown], records: Sequence[RunRecord]) -> None:
        self.shown = tuple(shown)
        self._records = records

    def text(self, width: int | None = None) -> Text:
        """Return the cards as text: figures with sparklines, settings, where it lies."""
        cards = [_card(one, self._records, width) for one in self.shown]
        return Text("\n\n").join(join_lines(lines) for lines in cards)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the card as drawn charts, as a picture and as text; and the picture's size."""
        del include, exclude
        bundle: dict[str, Any] = {}
        # A card that cannot be drawn must not hide the figures.
        with guard("drawing the card"):
            from runfolio.charts.export import card_bundle

            bundle = card_bundle([(o.record, o.series) for o in self.shown], self._records)
        return bundle | {"text/plain": str(self)}, _picture_size(bundle)

    def data(self) -> Any:
        """Return what is known of each run, and how many points each metric has."""
        return [
            record_facts(one.record) | {"points": {key: len(s) for key, s in one.series.items()}}
            for one in self.shown
        ]


def show(*runs: Any) -> ShowView:
    """Return the cards of runs; of the last one without any.

    Parameters
    ----------
    *runs : str or run
        Which runs.

    Raises
    ------
    RunNotFound
        One of them is meant by nothing.
    """
    store = the_store()
    records = [find(run, store) for run in runs or ("@last",)]
    return ShowView([_read(record, store) for record in records], store.records())


def _read(record: RunRecord, store: Store) -> Shown:
    """Return a run with its points; what of them cannot be read is one of its faults."""
    try:
        return Shown(record, store.reader(record.id).series())
    except (CorruptRecord, OSError) as error:
        return Shown(replace(record, problems=(*record.problems, str(error))), {})


def _picture_size(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Return the size at which the picture is sharp: it is drawn with two dots for each pixel."""
    if "image/png" not in bundle:
        return {}
    # The first 24 bytes of a PNG end with its width and height; 32 letters of base64 are 24 bytes.
    width, height = struct.unpack(">II", base64.b64decode(bundle["image/png"][:32])[16:24])
    return {"image/png": {"width": width // 2, "height": height // 2}}


def _card(one: Shown, records: Sequence[RunRecord], width: int | None) -> list[Text]:
    record = one.record
    head = label(record, 60)
    for tag in record.tags[:8]:
        head.append(f"  {one_line(tag, 24)}", style=_SECONDARY)
    lines = [head, Text("  " + " · ".join(_circumstances(record)), _SECONDARY)]
    lines += _metric_lines(one, records)
    lines += _row("config", _named(flatten(record.config)), width)
    # What the program said itself; a metric of that name has its line above.
    own = {k: v for k, v in flatten(record.summary).items() if k not in record.metrics}
    lines += _row("summary", _named(own), width)
    if record.notes.strip():
        notes = [line for line in clean(record.notes.strip()).splitlines() if line.strip()]
        lines += _row("notes", ("\n" + " " * 10).join(notes), None)
    if record.problems:
        first = one_line(record.problems[-1], 100)
        n = len(record.problems)
        more = f" and {n - 1} more" if n > 1 else ""
        lines += _row("faults", f"{first}{more} (check {record.short_id} tells)", None)
    return [*lines, *_row("folder", short_path(record.path), None)]


def _circumstances(record: RunRecord) -> list[str]:
    words = [one_line(record.project)] if record.project else []
    words += [moment(record.created_at)] if record.created_at else []
    words += [duration(record.duration_s)] if record.duration_s is not None else []
    words += [code_words(record.git)]
    words += [one_line(f"{record.status.value}: {record.note}", 80)] if record.note else []
    return [word for word in words if word]


def _row(title: str, words: str, width: int | None) -> list[Text]:
    if not words:
        return []
    room = None if width is None else max(width - 10, 20)
    return [
        Text.assemble((f"  {title:<8}", _SECONDARY), words if room is None else cut(words, room))
    ]


def _named(values: Mapping[str, Any]) -> str:
    flat = list(values.items())
    named = [f"{one_line(key)} {one_line(setting(value), 24)}" for key, value in flat[:_SETTINGS]]
    if len(flat) > _SETTINGS:
        named.append(f"{len(flat) - _SETTINGS} more")
    return " · ".join(named)


def _metric_lines(one: Shown, records: Sequence[RunRecord]) -> list[Text]:
    keys = list(dict.fromkeys([*_headline(one), *one.series]))[:_METRICS]
    names = [one_line(key, 32) for key in keys]
    wide = max(map(columns_of, names), default=0)
    last = [float(one.series[key].value[-1]) if len(one.series[key]) else None for key in keys]
    figures = [column_figures([value])[0] for value in last]
    room = max(map(columns_of, figures), default=0)
    lines = []
    for key, name, words in zip(keys, names, figures, strict=True):
        series = one.series[key]
        line = Text.assemble(("  " + name + " " * (wide - columns_of(name)), _SECONDARY), "  ",
                             " " * (room - columns_of(words)), (words, "bold"), "  ")  # fmt: skip
        curve = blocks([float(value) for value in _thinned(series.value)], _SPARK)
        line.append(curve + " " * (_SPARK - len(curve)))
        line.append("  " + " · ".join(_remarks(key, one, records)), style=_SECONDARY)
        lines.append(line)
    hidden = len(one.series) - len(keys)
    return [*lines, Text(f"  and {hidden} more metrics", _SECONDARY)] if hidden > 0 else lines


def _headline(one: Shown) -> list[str]:
    return [key for key in headline(one.record) if key in one.series]


def _thinned(values: Any) -> Iterable[float]:
    step = max(len(values) // 4096, 1)
    return values[::step]  # type: ignore[no-any-return]


def _remarks(key: str, one: Shown, records: Sequence[RunRecord]) -> list[str]:
    """Return the best point, if it is known which way is better, and how many there are."""
    n = len(one.series[key])
    words = [f"{n:,} point{'s' * (n != 1)}"]
    summary = one.record.metrics.get(key)
    goal = direction(key, records)
    if summary is None or goal is None:
        return words
    best, step = (
        (summary.max, summary.max_step) if goal == "maximize" else (summary.min, summary.min_step)
    )
    if best is not None and step is not None:
        words.insert(0, f"best {figure(best)} at {step:g}")
    return words
