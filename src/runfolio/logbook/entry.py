"""What one journal entry holds: facts read from the run, words written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from runfolio.model.run import Status

__all__ = ["FIELDS", "HEADINGS", "OTHER", "Change", "Data", "Facts", "Other", "Result", "Words"]

HEADINGS: Final = ("What I tried", "What happened", "Why")
"""The headings under which people write; also the fields of ``words`` edits."""

OTHER: Final = "Other"
"""The field for what people wrote above the first heading."""

FIELDS: Final = (OTHER, *HEADINGS)
"""Every field of a ``words`` edit, in the order of the page."""


@dataclass(frozen=True, slots=True)
class Words:
    """What people wrote, as Markdown, verbatim.

    Attributes
    ----------
    tried, happened, why : str
        The text under each of `HEADINGS`; headings of the writer's own belong to the text.
    other : str
        What stands above the first heading.
    """

    tried: str = ""
    happened: str = ""
    why: str = ""
    other: str = ""

    def __bool__(self) -> bool:
        """Whether anybody wrote anything."""
        return any(self.by_field().values())

    def by_field(self) -> dict[str, str]:
        """Return field → text, in the order of `FIELDS`."""
        return dict(zip(FIELDS, (self.other, self.tried, self.happened, self.why), strict=True))

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> Words:
        """Return the words that stand under the given fields; absent ones are empty."""
        other, tried, happened, why = (fields.get(field, "") for field in FIELDS)
        return cls(tried, happened, why, other)


@dataclass(frozen=True, slots=True)
class Other:
    """Another run that an entry compares with."""

    id: str
    name: str

    @property
    def short_id(self) -> str:
        """The last six characters of the id."""
        return self.id[-6:]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs from the previous run.

    ``kind`` is ``config``, ``seed``, ``code`` or ``environment``; ``was`` or ``now`` is
    :data:`runfolio.query.fields.ABSENT` where the thing is missing on that side; both are where
    it is too long to be shown.
    """

    kind: str
    name: str
    was: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Result:
    """One metric of the run, beside the best of the other runs.

    Attributes
    ----------
    value : float
        The figure the summary shows; may be NaN or infinite.
    delta : float or None
        ``value`` minus the best run's figure; ``None`` where there is no best.
    better : bool or None
        Whether the difference is for the better; ``None`` where it is nought or unknown.
    """

    key: str
    value: float
    delta: float | None = None
    better: bool | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """A data set the run used; ``changed`` is ``None`` where the previous run did not use it."""

    name: str
    hash: str | None
    changed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the machine knows of one run, and how it differs from the ones before it.

    Attributes
    ----------
    note : str
        Why the status is what it is, where somebody or something said so.
    started : datetime or None
        In UTC.
    sha, branch : str or None
    files_changed : int
        Files that differed from `sha` when the run began.
    previous : Other or None
        The run of the same project that began last before this one.
    changes : tuple of Change
        Against `previous`.
    code_recorded : bool
        Whether this run and `previous` hold code that could be compared.
    other_states : tuple of str
        Generators that began in other states than those of `previous`.
    results : tuple of Result
        The main metrics; further ones are counted in `results_left_out`.
    counts : mapping of str to int
        Points that were late, duplicate, non-finite or refused, where there were any.
    command : str
        What was started, as a shell would take it.
    alerts : str
        How many there were and what the last one said, in the words of the run.
    stale : tuple of str
        Why its notebook, as it stood when the run ended, would not give the result again.
    replayable : str
        Whether its record suffices to repeat it, and why not.
    since : tuple of str and str, or None
        What changed since the best run before it, as a title and the rest, where that is not
        `previous`.
    best : str
        What `previous` is as the best run before it, where it is.
    """

    run_id: str
    name: str
    status: Status
    project: str = ""
    note: str = ""
    notes: str = ""
    tags: tuple[str, ...] = ()
    started: datetime | None = None
    took_s: float | None = None
    sha: str | None = None
    branch: str | None = None
    files_changed: int = 0
    previous: Other | None = None
    changes: tuple[Change, ...] = ()
    changes_left_out: int = 0
    code_recorded: bool = True
    other_states: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    results_left_out: int = 0
    data: tuple[Data, ...] = ()
    counts: Mapping[str, int]
    command: str = ""
    alerts: str = ""
    stale: tuple[str, ...] = ()
    replayable: str = ""
    since: tuple[str, str] | None = None
    best: str = ""
    problems: tuple[str, ...] = ()

    @property
    def short_id(self) -> str:
        """The last six characters of the id, as tables show it."""
        return self.run_id[-6:]
