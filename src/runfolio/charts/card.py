"""What the card of a run says: who it is, how it went, what to know about its curves."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from runfolio.charts.curves import label_text
from runfolio.charts.figures import duration, moment
from runfolio.format.completeness import verdict
from runfolio.model.run import RunRecord, Status
from runfolio.query.alerts import Alert, alert_words, gravest
from runfolio.query.curves import COLOURED
from runfolio.query.data_words import data_amount
from runfolio.query.panel import Panels
from runfolio.query.run_names import run_name, run_names

__all__ = ["Card", "compare_card", "run_card"]

_TAGS: Final = 3
_LEGEND: Final = 16
_STALE: Final = 2
_COUNTS: Final[Mapping[str, str]] = {
    "late": "at an earlier step",
    "nonfinite": "not finite",
    "refused": "refused",
    "redacted": "redacted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The words of a card, before it is drawn, and its panels.

    Attributes
    ----------
    status : Status or None
        Its sign comes first; ``None`` for a card of several runs.
    title, ident : str
        The name, and the short id beside it.
    tags : tuple of str
        A few; the last may say how many more there are.
    when, took : str
        Start and duration, at the right.
    reason : str
        Why the run ended as it did, where it did not simply finish.
    alert : str
        The gravest it alerted, and how often it did.
    alert_level : str
        How urgent that is.
    legend : tuple of (str, int or None)
        Runs laid over each other, with their colours.
    facts : str
        At the foot: code, interpreter, seeds, data, the command.
    warnings : tuple of str
        At the foot, to the right.
    since : str
        What changed since the best run.
    versions : str
        The versions of artifacts that it used and made.
    more : str
        The metrics that found no place.
    empty : str
        What stands in place of charts, and what to do next.
    """

    panels: Panels
    status: Status | None = None
    title: str = ""
    ident: str = ""
    tags: tuple[str, ...] = ()
    when: str = ""
    took: str = ""
    reason: str = ""
    alert: str = ""
    alert_level: str = ""
    legend: tuple[tuple[str, int | None], ...] = ()
    facts: str = ""
    warnings: tuple[str, ...] = ()
    since: str = ""
    versions: str = ""
    more: str = ""
    empty: str = ""


def run_card(
    record: RunRecord,
    panels: Panels,
    alerts: Sequence[Alert] = (),
    stale: Sequence[str] = (),
    since: str = "",
    versions: str = "",
) -> Card:
    """Return the card of one run.

    `stale` says why its notebook would not give it again, `since` what changed since the best run,
    `versions` which versions of artifacts it used and made.
    """
    tags = [label_text(tag, 24) for tag in record.tags[:_TAGS]]
    if len(record.tags) > _TAGS:
        tags.append(f"+{len(record.tags) - _TAGS}")
    return Card(
        panels=panels,
        status=record.status,
        title=label_text(run_name(record), 80),
        ident=label_text(record.short_id, 12),
        tags=tuple(tags),
        when=moment(record.created_at) if record.created_at else "",
        took=duration(record.duration_s) if record.duration_s is not None else "",
        reason=_reason(record),
        alert=label_text(alert_words(alerts), 160),
        alert_level=worst.level if (worst := gravest(alerts)) else "",
        facts=" · ".join(_facts(record)),
        warnings=(*_warnings(record), *_stale(stale), *_verdict(record)),
        since=since,
        versions=versions,
        more=_more(panels),
        empty="" if panels.panels else _empty(record),
    )


def compare_card(records: Sequence[RunRecord], panels: Panels) -> Card:
    """Return the card of several runs laid over each other, in the order of their colours."""
    legend: list[tuple[str, int | None]] = [
        (label_text(name), place) for place, name in enumerate(run_names(records, 32)[:_LEGEND])
    ]
    if len(records) > COLOURED:
        legend.append((f"{len(records) - COLOURED} more runs, drawn grey", None))
    return Card(
        panels=panels,
        title=f"{len(records)} runs",
        legend=tuple(legend),
        more=_more(panels),
        empty="" if panels.panels else "None of these runs logged a number yet.",
    )


def _reason(record: RunRecord) -> str:
    if record.status in (Status.FINISHED, Status.RUNNING) and not record.note:
        return ""
    why = label_text(record.note, 160) if record.note else ""
    if not why and record.signal:
        why = label_text(record.signal, 24)
    if not why and record.exit_code:
        why = f"exit code {record.exit_code}"
    return f"{record.status.value}: {why}" if why else record.status.value


def _facts(record: RunRecord) -> list[str]:
    git, software = record.git, record.software
    words = []
    if isinstance(git.get("sha"), str):
        branch = label_text(str(git.get("branch") or "detached"), 28)
        changed = git.get("files_changed")
        files = (
            f" + {changed} file{'s' * (changed != 1)}"
            if isinstance(changed, int) and changed
            else ""
        )
        words.append(f"{branch} @ {label_text(git['sha'][:7], 7)}{files}")
    if isinstance(software.get("python"), str):
        words.append(f"Python {label_text(software['python'], 12)}")
    seeds = dict.fromkeys(label_text(str(seed), 12) for seed in list(record.seeds.values())[:8])
    if seeds:
        words.append(f"seed{'s' * (len(seeds) != 1)} {', '.join(seeds)}")
    names = [f"{label_text(name, 24)} {data_amount(data)}".rstrip() for data in record.data[:2]
             if isinstance(name := data.get("name"), str)]  # fmt: skip
    words += [f"data {', '.join(names)}"] if names else []
    words += ["replayable"] if verdict(record.complete) == "yes" else []
    return [*words, label_text(shlex.join(record.command[:64]), 64)] if record.command else words


def _warnings(record: RunRecord) -> list[str]:
    words = []
    for count, meaning in _COUNTS.items():
        n = record.counts.get(count, 0)
        if n:
            thing = "secret" if count == "redacted" else "point"
            words.append(f"{n:,} {thing}{'s' * (n != 1)} {meaning}")
    return words


def _verdict(record: RunRecord) -> list[str]:
    answer, _, why = verdict(record.complete, 1).partition(", because ")
    return [label_text(f"not replayable: {why}", 120)] if answer == "no" else []


def _stale(lines: Sequence[str]) -> list[str]:
    more = [f"and {len(lines) - _STALE} more"] if len(lines) > _STALE else []
    return [label_text(line, 80) for line in lines[:_STALE]] + more


def _more(panels: Panels) -> str:
    n = len(panels.more)
    if not n:
        return ""
    listed = ", ".join(label_text(key, 32) for key in panels.more[:8])
    more = "…" if n > 8 else ""
    return f"and {n} more metric{'s' * (n != 1)}: {listed}{more}"


def _empty(record: RunRecord) -> str:
    if record.metrics:
        return "The points cannot be read. The verb check tells why."
    call = 'runfolio.log({"loss": loss})'
    if record.status.ended:
        return f"No number was logged. {call} draws a curve here."
    return f"No number was logged yet. {call} draws a curve here."
