"""``status``: what is being recorded, what of it is whole, and where it lies."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from rich.text import Text

from runfolio.charts.figures import duration
from runfolio.errors import CorruptRecord
from runfolio.format.cells import executed_cells
from runfolio.format.codec import flatten
from runfolio.format.completeness import REPLAYABLE, SEVEN, completeness, verdict
from runfolio.format.events import read_events
from runfolio.format.manifest import read_manifest, read_record
from runfolio.model.run import RunRecord, Status
from runfolio.query.alerts import Alert, alert_words, read_alerts
from runfolio.query.data_words import data_words
from runfolio.query.installs import install_lines
from runfolio.query.run_names import run_name
from runfolio.query.staleness import KINDS, Staleness, run_staleness
from runfolio.verbs.code_words import code_words
from runfolio.verbs.figures import ago
from runfolio.verbs.local import now
from runfolio.verbs.lookup import label, short_path, the_store
from runfolio.verbs.notebook_file import notebook_file
from runfolio.verbs.sheet import Cell
from runfolio.verbs.sheet_html import facts_html
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import STYLES, View, join_lines

__all__ = ["StatusView", "status"]

_SECONDARY: Final = STYLES["secondary"]
_INDENT: Final = 16
_LEAST: Final = 24
_NOTHING: Final = Staleness()


class StatusView(View):
    """The runs that are going on, the open one in a few lines; or the last one in a line.

    Parameters
    ----------
    here : RunRecord or None
        The open run of this process.
    others : sequence of RunRecord
        Other runs that are going on in the store.
    last : RunRecord or None
        The newest run, told where nothing is going on.
    alerts : sequence of Alert
        Those of the open run.
    stale : Staleness
        How the open run and its notebook differ by now.
    installs : sequence of str
        What was installed and removed while the open run went on.
    """

    def __init__(
        self,
        here: RunRecord | None,
        others: Sequence[RunRecord],
        last: RunRecord | None,
        store: str,
        alerts: Sequence[Alert] = (),
        stale: Staleness = _NOTHING,
        installs: Sequence[str] = (),
    ) -> None:
        self.here = here
        self.others = tuple(others)
        self.last = last
        self.alerts = tuple(alerts)
        self.stale = stale
        self.installs = tuple(installs)
        self._store = store

    def text(self, width: int | None = None) -> Text:
        """Return a few lines for the open run, one for every other that is going on."""
        lines = self._open(self.here, width) if self.here is not None else []
        if self.here is None:
            lines.append(Text("No run is open in this process."))
        lines += [_one_line(record) for record in self.others]
        if self.here is None and not self.others:
            lines.append(self._nothing())
        return join_lines(lines)

    def _open(self, record: RunRecord, width: int | None) -> list[Text]:
        rows = [_row(title, words, width) for title, words in self._facts_of(record).items()]
        return [_one_line(record), *rows]

    def _facts_of(self, record: RunRecord) -> dict[str, str]:
        captured = _worded(_parts(record, captured=True))
        missing = _worded(_parts(record, captured=False))
        alert = {"alert": one_line(alert_words(self.alerts), 160)} if self.alerts else {}
        said = "; ".join(one_line(line, 160) for line in self.installs)
        return (
            alert
            | self._notebook()
            | ({"installs": said} if said else {})
            | {
                "captured": " · ".join(captured) or "nothing yet",
                "not captured": " · ".join(missing) or "nothing is missing",
                "replayable": one_line(verdict(record.complete, 4), 400) or "not known",
                "folder": short_path(record.path),
            }
        )

    def _notebook(self) -> dict[str, str]:
        if self.stale.lines:
            return {"warning": "; ".join(one_line(line, 160) for line in self.stale.lines)}
        unknown = one_line(self.stale.unknown, 120)
        return {"notebook": f"changes of cells not known: {unknown}"} if unknown else {}

    def _nothing(self) -> Text:
        if self.last is None:
            return Text(f"No runs yet in {self._store}", _SECONDARY)
        when = ago(self.last.ended_at or self.last.created_at, now())
        return Text.assemble(("last  ", _SECONDARY), label(self.last), (f"  {when}", _SECONDARY))

    def to_html(self) -> str | None:
        """Return the open run as a small table; plain lines break in the middle of words there."""
        if self.here is None:
            return None
        head = Cell(one_line(run_name(self.here), 60), aside=self.here.short_id,
                    label=f"{self.here.status.glyph} {self.here.status.value}")  # fmt: skip
        rows = self._facts_of(self.here)
        if self.others:
            rows["also running"] = ", ".join(label(record).plain for record in self.others)
        return facts_html(head, _circumstances(self.here), rows)

    def data(self) -> Any:
        """Return the runs going on, each with what its record holds."""
        return {
            "open": self._open_facts(),
            "running": [_facts(record) for record in self.others],
            "store": self._store,
        }

    def _open_facts(self) -> Mapping[str, Any] | None:
        if self.here is None:
            return None
        return {
            **_facts(self.here),
            "alerts": [asdict(alert) for alert in self.alerts],
            "stale": asdict(self.stale),
            "installs": list(self.installs),
        }


def status() -> StatusView:
    """Return what is being recorded in this process, and what is going on in the store."""
    from runfolio.record.session import current

    run = current()
    here, alerts, stale, installs = None, list[Alert](), _NOTHING, list[str]()
    if run is not None and not run.disabled:
        here = _with_completeness(read_record(run.path))
        alerts = read_alerts(run.path)
        events = list(read_events(run.path, (*KINDS, "environment")))
        stale = run_staleness(here, events, notebook_file(here))
        installs = install_lines(events)
    store = the_store()
    records = store.records()
    own = here.id if here is not None else None
    going_on = [r for r in records if r.status is Status.RUNNING and r.id != own]
    last = records[0] if records else None
    return StatusView(here, going_on, last, short_path(store.path), alerts, stale, installs)


def _with_completeness(record: RunRecord) -> RunRecord:
    """Return the record of a live run with what its folder holds by now judged.

    The writer judges at the end only; settings and figures are the record's, which knows more
    than the manifest on disk.
    """
    if record.complete:
        return record
    try:
        body = read_manifest(record.path)
    except CorruptRecord:
        return record
    body |= {"config": record.config, "metrics": record.metrics}
    return replace(record, complete=completeness(record.path, body, executed_cells(record.path)))


def _facts(record: RunRecord) -> Mapping[str, Any]:
    return {
        "id": record.id,
        "name": record.name,
        "project": record.project,
        "status": record.status.value,
        "duration_s": record.duration_s,
        "steps": _steps(record),
        "captured": _parts(record, captured=True),
        "not_captured": _parts(record, captured=False),
        "replayable": record.complete.get(REPLAYABLE),
        "path": record.path,
    }


def _one_line(record: RunRecord) -> Text:
    return label(record).append(f"  {_circumstances(record)}", style=_SECONDARY)


def _circumstances(record: RunRecord) -> str:
    words = [one_line(record.project)] if record.project else []
    steps = _steps(record)
    words += [f"step {steps:g}"] if steps is not None else []
    words += [duration(record.duration_s)] if record.duration_s is not None else []
    return " · ".join(words)


def _row(title: str, words: str, width: int | None) -> Text:
    room = max((width or 0) - _INDENT, _LEAST)
    lines = [words] if width is None else textwrap.wrap(words, room, break_on_hyphens=False)
    return Text.assemble(
        (f"  {title:<{_INDENT - 2}}", _SECONDARY), ("\n" + " " * _INDENT).join(lines)
    )


def _worded(parts: Mapping[str, str]) -> list[str]:
    return [f"{key} {words}".rstrip() for key, words in parts.items()]


def _steps(record: RunRecord) -> float | None:
    steps = [s.last_step for s in record.metrics.values() if s.last_step is not None]
    return max(steps, default=None)


def _parts(record: RunRecord, *, captured: bool) -> dict[str, str]:
    """Return the parts that are there, with how much; or those missing or partial, with why."""
    parts = {}
    for key in SEVEN:
        said = str(record.complete.get(key, ""))
        state, _, why = said.partition(": ")
        if captured and (state in ("whole", "partly") or (not said and _amount(record, key))):
            parts[key] = _amount(record, key)
        elif not captured and state in ("partly", "missing"):
            parts[key] = f"({one_line(why, 60)})" if why else ""
    return parts


def _amount(record: RunRecord, key: str) -> str:
    if key == "config":
        return str(len(flatten(record.config)) or "")
    if key == "metrics":
        return str(len(record.metrics) or "")
    if key == "seeds":
        return ", ".join(f"{one_line(k)} {one_line(v)}" for k, v in record.seeds.items())
    if key == "data":
        return one_line(data_words(record.data), 200)
    return code_words(record.git) if key == "code" else ""
