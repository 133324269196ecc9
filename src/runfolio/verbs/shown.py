"""A run with everything that its card tells of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from runfolio.charts.since import since_words
from runfolio.errors import CorruptRecord
from runfolio.model.run import RunRecord
from runfolio.query.alerts import Alert, alerts_of
from runfolio.query.installs import install_lines
from runfolio.query.media import HistogramSeries, histograms, latest, media_of
from runfolio.query.output import matching_lines, output_lines, output_tail
from runfolio.query.run_faults import fault
from runfolio.query.since_best import since_best
from runfolio.query.staleness import Staleness, run_staleness
from runfolio.store.recent import recent_runs
from runfolio.verbs.notebook_file import notebook_file
from runfolio.verbs.used_words import made_words, used_words

if TYPE_CHECKING:
    from runfolio.model.media import MediaItem
    from runfolio.model.series import Series
    from runfolio.store.reader import RunReader

__all__ = ["Shown", "searched", "shown_run"]

_HITS: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A run and what its card tells of it.

    Attributes
    ----------
    series : mapping of str to Series
        The points of its metrics.
    media : mapping of str to sequence of MediaItem
        The latest of each key.
    output : sequence of str
        The last lines it printed, where they were kept.
    stale : Staleness
        How it and its notebook differ by now.
    installs : sequence of str
        What was installed and removed while it ran.
    since : str
        What changed since the best of the project's recent runs, in a line.
    over_steps : mapping of str to HistogramSeries
        All histograms of the keys that have some.
    used, made : str
        The versions of artifacts that it used and made, in a line each; what is old says so.
    """

    record: RunRecord
    series: Mapping[str, Series]
    media: Mapping[str, Sequence[MediaItem]] = field(default_factory=dict)
    alerts: Sequence[Alert] = ()
    output: Sequence[str] = ()
    stale: Staleness = field(default_factory=Staleness)
    installs: Sequence[str] = ()
    since: str = ""
    over_steps: Mapping[str, HistogramSeries] = field(default_factory=dict)
    used: str = ""
    made: str = ""

    @property
    def remarks(self) -> list[str]:
        """What the drawn card says of the record, and of both."""
        wrong = fault(self.record)
        return [*([wrong] if wrong else []), *self.stale.lines, *self.installs]


def searched(one: Shown, text: str) -> Shown:
    """Return a run with the last printed lines that hold a text, in the place of the last ones."""
    last: deque[str] = deque(maxlen=_HITS)
    n = 0
    for number, line in matching_lines(output_lines(one.record.path), text):
        last.append(f"{number}: {line}")
        n += 1
    # Of many the last are shown, as of all that is printed.
    more = [f"{n - len(last):,} lines before that hold it, too"] if n > len(last) else []
    return replace(one, output=(*more, *last) if n else ("no line holds it",))


def shown_run(record: RunRecord, reader: RunReader) -> Shown:
    """Return a run with what its card tells; what of it cannot be read is one of its faults."""
    problems = []
    series: Mapping[str, Series] = {}
    events: list[dict[str, Any]] = []
    try:
        series = reader.series()
    except (CorruptRecord, OSError) as error:
        problems.append(str(error))
    try:
        events = reader.events()
    except OSError as error:
        problems.append(str(error))
    if problems:
        record = replace(record, problems=(*problems, *record.problems))
    stale = run_staleness(record, events, notebook_file(record))
    since = since_words(since_best(record, recent_runs(record.path.parent)))
    items = media_of(events)
    last = latest(items)
    over_steps = {
        key: histograms(items, key) for key, some in last.items() if some[0].type == "histogram"
    }
    return Shown(record, series, last, alerts_of(events), output_tail(record.path), stale,
                 install_lines(events), since, over_steps, used_words(record), made_words(record))  # fmt: skip
