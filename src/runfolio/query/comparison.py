"""Several runs, compared: everything a chart, a table or a widget of them is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from runfolio.errors import MissingDependency, UsageError, did_you_mean
from runfolio.model.run import RunRecord
from runfolio.query.axis import AXES
from runfolio.query.differing import Setting, differing, one_setting
from runfolio.query.fields import ABSENT, no_such_metric, printable
from runfolio.query.importance import Importance, importance
from runfolio.query.overlaid import overlaid
from runfolio.query.panel import Panels
from runfolio.query.parallel import Parallel, parallel
from runfolio.query.progress import Attempt, progress
from runfolio.query.run_faults import fault
from runfolio.query.run_names import run_name
from runfolio.query.scatter import Scatter, scatter
from runfolio.query.spread import Spread, spread
from runfolio.query.summary import best, direction
from runfolio.query.titles import ranked_metrics
from runfolio.store.store import Store

__all__ = ["Comparison"]

_MANY: Final = 8
_COURSE: Final = 40
_FAULTS: Final = 3


class Comparison:
    """Two or more runs held against each other; each part is computed when it is asked for.

    Parameters
    ----------
    store : Store
    records : sequence of RunRecord
        Their order is that of colours and columns.
    metric : str, optional
        What settings are held against; by default the most telling one that two of them have.
    x : str
        What curves run over: ``step``, ``relative``, ``time``, or a metric such as ``epoch``.
    by : str, optional
        What the runs are grouped by: ``group``, ``sweep``, a setting.
    against : str, optional
        The setting that stands against the metric; by default the most important one.
    every : sequence of RunRecord
        Other runs, whose declared goals say which way a metric is better.

    Attributes
    ----------
    records : tuple of RunRecord
    metric : str
        Empty where no two runs share one.
    way : str or None
        ``"minimize"``, ``"maximize"``, or ``None`` where it is not known.
    figures : tuple of float or None
        Of the metric, one per run.

    Raises
    ------
    UsageError
        No run has the metric, the axis, or what `by` names; or the runs do not differ in the
        setting `against`.
    """

    def __init__(
        self,
        store: Store,
        records: Sequence[RunRecord],
        *,
        metric: str | None = None,
        x: str = "step",
        by: str | None = None,
        against: str | None = None,
        every: Sequence[RunRecord] = (),
    ) -> None:
        self.store, self.records, self.x, self.by = store, tuple(records), x, by
        self._every = every or records
        known = dict.fromkeys(key for record in records for key in record.metrics)
        if metric is not None and metric not in known:
            raise UsageError(no_such_metric(metric, known))
        if x not in AXES and x not in known:
            raise UsageError(
                f'x is "{printable(x)}"; expected {", ".join(AXES)} or a metric such as epoch.'
                f"{did_you_mean(printable(x), [*AXES, *map(printable, known)][:5000])}"
            )
        self.shared = self._shared(known)
        self.metric = metric or next(iter(self.shared), "")
        self.way = direction(self.metric, self._every) if self.metric else None
        self.figures = tuple(record.figure_of(self.metric) for record in self.records)
        self._against = None if against is None else self._setting(against)

    def _shared(self, known: Sequence[str] | dict[str, None]) -> list[str]:
        """Return the metrics that two runs or more have, the most telling first."""
        had = Counter(
            key for record in self.records for key in record.metrics
            if record.figure_of(key) is not None
        )  # fmt: skip
        keys = ranked_metrics(self.records, None) or list(known)
        return [key for key in keys if key != self.x and had[key] > 1]

    def _setting(self, name: str) -> Setting:
        found = [s for s in self.settings if name in (s.key, s.title, f"config.{s.key}")]
        if found:
            return found[0]
        for key in self.left_out:
            if name in (key, f"config.{key}"):
                return one_setting(key, self.records)
        near = did_you_mean(printable(name), [printable(s.key) for s in self.settings])
        raise UsageError(f'The runs do not differ in a setting "{printable(name)}".{near}')

    def of(self, records: Sequence[RunRecord]) -> Comparison:
        """Return the comparison of some of the runs, by the same metric where one of them has it."""
        had = any(self.metric in record.metrics for record in records)
        return Comparison(
            self.store, records, metric=self.metric if had else None, every=self._every
        )

    @cached_property
    def _differing(self) -> tuple[list[Setting], tuple[str, ...]]:
        return differing(self.records)

    @property
    def settings(self) -> list[Setting]:
        """The settings in which the runs differ."""
        return self._differing[0]

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of further settings in which they differ; few of so many runs have them."""
        return self._differing[1]

    @property
    def best(self) -> RunRecord | None:
        """The run with the best figure; ``None`` where it is not known which way is better."""
        return best(self.records, self.metric, self.way) if self.metric and self.way else None

    @cached_property
    def panels(self) -> Panels:
        """The curves: of the metric first, then of a few others that the runs share."""
        keys = [self.metric, *(key for key in self.shared if key != self.metric)]
        keys = [key for key in keys if key and key != self.x]
        n = 4 if len(self.records) <= _MANY else 2
        made = overlaid(self.store, self.records, keys[:n], x=self.x,
                        direction=lambda key: direction(key, self._every))  # fmt: skip
        return replace(made, more=tuple(keys[n:]))

    def course_of(self, record: RunRecord, key: str) -> list[float]:
        """Return the course of a run's curve in at most 40 values; none where it is not drawn."""
        for panel in self.panels.panels:
            for line in panel.lines:
                if panel.title == key and line.run_id == record.id:
                    values = line.smooth_y if len(line.smooth_y) else line.y
                    picked = np.linspace(0, len(values) - 1, min(len(values), _COURSE))
                    return [float(value) for value in values[picked.round().astype(np.int64)]]
        return []

    @cached_property
    def importance(self) -> Importance:
        """How much the metric depends on each setting; why there is no answer, where there is none."""
        if not self.metric:
            return Importance(why="The runs have no metric in common.")
        try:
            return importance(self.settings, self.figures)
        except MissingDependency as error:
            return Importance(why=str(error))

    @cached_property
    def ranked(self) -> list[Setting]:
        """The settings, the most important first where that is known."""
        places = {share.key: at for at, share in enumerate(self.importance.shares)}
        return sorted(self.settings, key=lambda setting: places.get(setting.key, len(places)))

    @cached_property
    def parallel(self) -> Parallel | None:
        """Parallel coordinates of the settings and the metric."""
        return parallel(self.ranked, self.metric, self.figures) if self.metric else None

    @cached_property
    def scatter(self) -> Scatter | None:
        """One setting against the metric."""
        against = self._against or next(iter(self.ranked), None)
        return scatter(against, self.figures) if self.metric and against is not None else None

    @cached_property
    def progress(self) -> tuple[Attempt, ...]:
        """The best figure so far, run after run."""
        return progress(self.records, self.metric, self.way) if self.metric else ()

    @cached_property
    def spread(self) -> Spread | None:
        """Mean and spread of each group; ``None`` where nobody asked for groups.

        Raises
        ------
        UsageError
            No run has what they are grouped by.
        """
        if self.by is None or not self.metric:
            return None
        return spread(self.store, self.records, self.metric, self.by, x=self.x)

    @property
    def remarks(self) -> list[str]:
        """What could not be compared, and why; a sentence each."""
        found = self._faults()
        if not any(record.metrics for record in self.records):
            found.append("None of these runs logged a number.")
        elif not self.metric:
            found.append("The runs have no metric in common, so no curves lie over each other.")
        if not self.settings:
            found.append("The runs differ in no setting.")
        if self.left_out:
            found.append(
                f"{len(self.left_out):,} more settings, which fewer of the runs have, are left out; "
                "compare fewer runs, or name one as against."
            )
        if self.settings and self.metric and self.importance.why:
            found.append(self.importance.why)
        if self.metric and self.way is None:
            name = printable(self.metric, 60)
            found.append(
                f'Whether less or more of "{name}" is better is not known; '
                f'runfolio.define_metric("{name}", goal=...) or metrics.toml says it.'
            )
        return found

    def _told(self, setting: Setting) -> dict[str, Any]:
        """Return a setting for JSON, where a run without it and one that has null look alike."""
        return {
            "key": setting.key,
            "title": setting.title,
            "values": [None if value is ABSENT else value for value in setting.values],
            "missing": [
                record.id
                for record, value in zip(self.records, setting.values, strict=True)
                if value is ABSENT
            ],
        }

    def _faults(self) -> list[str]:
        """Return which of the runs have a record that is not whole, and why."""
        wrong = [record for record in self.records if record.problems]
        words = [
            f"{printable(run_name(record), 40)} {printable(record.short_id)}: {printable(fault(record), 160)}."
            for record in wrong[:_FAULTS]
        ]
        if len(wrong) > _FAULTS:
            words.append(
                f"{len(wrong) - _FAULTS:,} more runs have faults; the verb check tells them."
            )
        return words

    def facts(self) -> dict[str, Any]:
        """Return all of it but the curves, ready for JSON."""
        spread_ = self.spread
        return {
            "runs": [record.id for record in self.records],
            "metric": self.metric or None,
            "goal": self.way,
            "best": self.best.id if self.best is not None else None,
            "figures": list(self.figures),
            "settings": [self._told(setting) for setting in self.settings],
            "metrics": {
                key: [record.figure_of(key) for record in self.records] for key in self.shared
            },
            "importance": asdict(self.importance),
            "scatter": None if self.scatter is None else asdict(self.scatter)
            | {"setting": self._told(self.scatter.setting)},
            "progress": [asdict(one) for one in self.progress],
            "groups": None if spread_ is None else {
                "by": spread_.by, "x": spread_.x, "left_out": spread_.left_out,
                "bands": [
                    {"value": None if band.value is ABSENT else band.value,
                     "missing": band.value is ABSENT, "n_runs": band.n_runs, "x": band.x.tolist(),
                     "mean": band.mean.tolist(), "deviation": band.deviation.tolist()}
                    for band in spread_.bands
                ],
            },
            "remarks": self.remarks,
        }  # fmt: skip
