"""``show``: the card of any run, live or finished, with its curves."""

from __future__ import annotations

import base64
import shlex
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from runfolio.charts.figures import by_rule, duration, figure, moment, typed
from runfolio.format.codec import flatten
from runfolio.format.completeness import verdict
from runfolio.model.run import RunRecord, Status
from runfolio.query.alerts import alert_words
from runfolio.query.data_words import data_words
from runfolio.query.run_faults import fault
from runfolio.query.run_names import run_name
from runfolio.query.summary import direction, headline, is_hidden, unit_of
from runfolio.record.guard import guard
from runfolio.verbs.code_words import code_words
from runfolio.verbs.facts import record_facts
from runfolio.verbs.figures import column_figures
from runfolio.verbs.live import Stays, can_live, card_output
from runfolio.verbs.lookup import find, label, short_path, the_store
from runfolio.verbs.media_words import media_facts, media_words, step_words
from runfolio.verbs.sheet import blocks
from runfolio.verbs.shown import Shown, searched, shown_run
from runfolio.verbs.tag_words import tag_words
from runfolio.verbs.terminal import clean, columns_of, cut, one_line
from runfolio.verbs.used_words import versions_words
from runfolio.verbs.view import STYLES, View, join_lines

if TYPE_CHECKING:
    pass

__all__ = ["ShowView", "picture_size", "show", "shown_now"]

_SECONDARY: Final = STYLES["secondary"]
_METRICS: Final = 24
_SETTINGS: Final = 16
_SPARK: Final = 24
_MEDIA: Final = 16


class ShowView(View):
    """The cards of one or more runs, below each other, and in a notebook their media beside them.

    Parameters
    ----------
    shown : sequence of Shown
    records : sequence of RunRecord
        Other runs, whose declared goals say which way a metric is better.
    hidden : bool
        Whether metrics that were defined as hidden are shown, too.
    limit : int
        Bytes that a notebook keeps of it, about.
    stays : bool
        Whether it is as it is now, even of a run that goes on.
    """

    def __init__(
        self,
        shown: Sequence[Shown],
        records: Sequence[RunRecord],
        *,
        hidden: bool = False,
        limit: int | None = None,
        stays: bool = False,
    ) -> None:
        self._stays = stays
        self.shown = tuple(shown)
        self._records = records
        self._hidden = hidden
        self._limit = limit

    def text(self, width: int | None = None) -> Text:
        """Return the cards as text: figures with sparklines, settings, where it lies."""
        cards = [_card(one, self._records, width, hidden=self._hidden) for one in self.shown]
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

            bundle = card_bundle(
                [(one.record, one.series) for one in self.shown],
                self._records,
                alerts=self.shown[0].alerts if len(self.shown) == 1 else (),
                stale=self.shown[0].remarks if len(self.shown) == 1 else (),
                since=self.shown[0].since,
                versions=versions_words(self.shown[0].used, self.shown[0].made),
                hidden=self._hidden,
            )
        return bundle | {"text/plain": str(self)}, picture_size(bundle)

    def _ipython_display_(self) -> None:
        """Show the card, and below it in a frame of its own what no chart can hold.

        One run that goes on is shown live, wherever it runs, until it is over.
        """
        from IPython.display import display

        if self._is_live():
            path = self.shown[0].record.path
            card_output(path, stays=lambda: shown_now(path).stays()).begin()
            return
        put: Callable[..., object] = display
        card, about = self._repr_mimebundle_()
        put(card, metadata=about, raw=True)
        if any(one.media or one.output for one in self.shown):
            with guard("showing the media"):
                put(self._beside(card), raw=True)

    def _is_live(self) -> bool:
        if self._stays:
            return False
        return len(self.shown) == 1 and not self.shown[0].record.status.ended and can_live()

    def stays(self) -> Stays:
        """Return what takes the place of a live card: the card, and what no chart can hold."""
        card, about = self._repr_mimebundle_()
        beside: Mapping[str, Any] = {}
        if any(one.media or one.output for one in self.shown):
            with guard("showing the media"):
                beside = self._beside(card)
        return card, about, beside

    def _beside(self, card: Mapping[str, Any]) -> dict[str, str]:
        """Return media and output of the runs, within what the card leaves of the limit."""
        from runfolio.charts.export import size_bytes
        from runfolio.verbs.media_html import MAX_BYTES, MediaSection, beside_html

        limit = MAX_BYTES if self._limit is None else max(self._limit - size_bytes(card), 0)
        page = beside_html(
            [
                MediaSection(one_line(run_name(one.record), 60), one.record.short_id,
                             one.record.path, one.media, one.output, one.over_steps)
                for one in self.shown
            ],
            limit,
        )  # fmt: skip
        plain = [line for one in self.shown for line in (*_media_lines(one), *_output_lines(one))]
        return {"text/html": page, "text/plain": clean(join_lines(plain).plain)}

    def data(self) -> Any:
        """Return what is known of each run, and how many points each metric has."""
        return [
            record_facts(one.record)
            | {
                "points": {key: len(s) for key, s in one.series.items()},
                "media": media_facts(one.media),
                "alerts": [asdict(alert) for alert in one.alerts],
                "output": list(one.output),
                "stale": asdict(one.stale),
                "installs": list(one.installs),
                "since_best": one.since,
                "used": one.used,
                "made": one.made,
            }
            for one in self.shown
        ]


def show(*runs: Any, hidden: bool = False, search: str | None = None) -> ShowView:
    """Return the cards of runs; of the last one without any.

    Parameters
    ----------
    *runs : str or run
        Which runs.
    hidden : bool
        Whether metrics that were defined as hidden are shown, too.
    search : str, optional
        Show of what a run printed the lines that hold this text, not the last ones.

    Raises
    ------
    RunNotFound
        One of them is meant by nothing.
    """
    store = the_store()
    records = [find(run, store) for run in runs or ("@last",)]
    shown = [shown_run(record, store.reader(record.id)) for record in records]
    if search:
        shown = [searched(one, search) for one in shown]
    return ShowView(shown, store.records(), hidden=hidden, stays=bool(search))


def shown_now(path: Path) -> ShowView:
    """Return the card of one run as it is by now, made from its folder alone."""
    from runfolio.store.reader import RunReader

    reader = RunReader(path)
    record = reader.record
    return ShowView([shown_run(record, reader)], [record])


def picture_size(bundle: Mapping[str, Any], scale: float = 2) -> dict[str, Any]:
    """Return the size at which the picture is sharp: it is drawn with two dots for each pixel."""
    if "image/png" not in bundle:
        return {}
    # The first 24 bytes of a PNG end with its width and height; 32 letters of base64 are 24 bytes.
    width, height = struct.unpack(">II", base64.b64decode(bundle["image/png"][:32])[16:24])
    return {"image/png": {"width": int(width / scale), "height": int(height / scale)}}


def _card(
    one: Shown, records: Sequence[RunRecord], width: int | None, *, hidden: bool
) -> list[Text]:
    record = one.record
    head = label(record, 60)
    for tag in record.tags[:8]:
        head.append(f"  {tag_words(tag, 24)}", style=_SECONDARY)
    lines = [head, Text("  " + " · ".join(_circumstances(record)), _SECONDARY)]
    lines += _row("alert", one_line(alert_words(one.alerts), 200), width)
    for line in one.stale.lines:
        lines += _row("warning", one_line(line, 200), width)
    for line in one.installs:
        lines += _row("install", one_line(line, 200), width)
    lines += _metric_lines(one, records, hidden=hidden)
    lines += _media_lines(one)
    lines += _row("since", one.since, width)
    lines += _row("config", _named(flatten(record.config)), width)
    # What the program said itself; a metric of that name has its line above.
    own = {k: v for k, v in flatten(record.summary).items() if k not in record.metrics}
    lines += _row("summary", _named(own), width)
    if record.notes.strip():
        notes = [line for line in clean(record.notes.strip()).splitlines() if line.strip()]
        lines += _row("notes", ("\n" + " " * 10).join(notes), None)
    if record.problems:
        lines += _row(
            "fault", one_line(f"{fault(record)}; check {record.short_id} tells more", 200), None
        )
    lines += _row("data", one_line(data_words(record.data), 300), width)
    lines += _row("used", one.used, width)
    lines += _row("made", one.made, width)
    lines += _row("replay", one_line(verdict(record.complete), 200), width)
    lines += _row("command", one_line(shlex.join(record.command), 200), width)
    lines += _output_lines(one)
    return [*lines, *_row("folder", short_path(record.path), None)]


def _media_lines(one: Shown) -> list[Text]:
    """Return a line for each key: what was logged last, and where."""
    names = {key: one_line(key, 32) for key in list(one.media)[:_MEDIA]}
    wide = max(map(columns_of, names.values()), default=0)
    words = [
        name + " " * (wide - columns_of(name) + 2)
        + f"{media_words(one.media[key])} · {step_words(one.media[key])}"
        for key, name in names.items()
    ]  # fmt: skip
    if len(one.media) > _MEDIA:
        words.append(f"and {len(one.media) - _MEDIA} more keys")
    return _row("media", ("\n" + " " * 10).join(words), None)


def _output_lines(one: Shown) -> list[Text]:
    lines = [one_line(line, 160) for line in one.output]
    return _row("output", ("\n" + " " * 10).join(lines), None)


def _circumstances(record: RunRecord) -> list[str]:
    words = [one_line(record.project)] if record.project else []
    words += [moment(record.created_at)] if record.created_at else []
    words += [duration(record.duration_s)] if record.duration_s is not None else []
    words += [code_words(record.git)]
    plain = record.status in (Status.FINISHED, Status.RUNNING)
    told = [*([] if plain else [record.status.value]), *([record.note] if record.note else [])]
    words += [one_line(": ".join(told), 80)] if told else []
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
    named = [f"{one_line(key)} {one_line(typed(value), 24)}" for key, value in flat[:_SETTINGS]]
    if len(flat) > _SETTINGS:
        named.append(f"{len(flat) - _SETTINGS} more")
    return " · ".join(named)


def _metric_lines(one: Shown, records: Sequence[RunRecord], *, hidden: bool) -> list[Text]:
    shown = [key for key in one.series if hidden or not is_hidden(one.record, key)]
    keys = list(dict.fromkeys([*_headline(one), *shown]))[:_METRICS]
    names = [one_line(key, 32) for key in keys]
    wide = max(map(columns_of, names), default=0)
    figures = [_figure(key, one) for key in keys]
    room = max(map(columns_of, figures), default=0)
    units = [one_line(unit_of(key, [one.record]) or "", 12) for key in keys]
    longest = max(map(columns_of, units), default=0)
    lines = []
    for key, name, words, unit in zip(keys, names, figures, units, strict=True):
        series = one.series[key]
        line = Text.assemble(("  " + name + " " * (wide - columns_of(name)), _SECONDARY), "  ",
                             " " * (room - columns_of(words)), (words, "bold"),
                             (" " + unit if longest else "", _SECONDARY),
                             " " * (longest - columns_of(unit) + 2))  # fmt: skip
        curve = blocks([float(value) for value in _thinned(series.value)], _SPARK)
        line.append(curve + " " * (_SPARK - len(curve)))
        line.append("  " + " · ".join(_remarks(key, one, records)), style=_SECONDARY)
        lines.append(line)
    more = len(shown) - len(keys)
    return [*lines, Text(f"  and {more} more metrics", _SECONDARY)] if more > 0 else lines


def _figure(key: str, one: Shown) -> str:
    """Return the figure that stands for a metric, with a word for which one unless it is last."""
    summary, series = one.record.metrics.get(key), one.series[key]
    if summary is None or not summary.rule or summary.rule.startswith("last"):
        return column_figures([float(series.value[-1]) if len(series) else None])[0]
    value, rule = by_rule(summary.rule.partition(",")[0], summary.figure)
    return f"{rule} {value}".lstrip()


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
        words.insert(0, f"best {figure(best)} at {_place(key, step, one)}")
    return words


def _place(key: str, step: float, one: Shown) -> str:
    """Return a step as the axis of a metric tells it: ``120``, or ``epoch 3``."""
    from runfolio.query.axis import along, step_metric

    axis = step_metric(key, [(one.record, one.series)])
    if axis is None:
        return f"{step:g}"
    import numpy as np

    return f"{one_line(axis, 24)} {along(one.series[axis], np.array([step]))[0]:g}"
