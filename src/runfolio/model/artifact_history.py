"""What was said of an artifact's versions: aliases, stages, words, drops, and what it adds up to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.model.artifact import ArtifactVersion, check_alias
from runfolio.model.data_profile import KEY as PROFILE

__all__ = ["OPS", "Checked", "LogEntry", "Standing", "as_said", "check_stage", "standing"]

OPS: Final = ("alias", "stage", "drop", "keep", "describe")
"""What can be said of a version."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule of a stage, and what was found when it was asked.

    Attributes
    ----------
    rule : str
        As it is written in the settings.
    found : str
        In words.
    """

    rule: str
    ok: bool
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One thing that was said of a version of an artifact.

    Attributes
    ----------
    number : int
        Place in the log; of two with one number the later counts.
    time : str
        RFC 3339, UTC, microseconds.
    op : str
        ``alias`` (given or taken away) · ``stage`` (a promotion, or its end) · ``drop`` (the
        content may go) · ``keep`` (it is wanted after all) · ``describe`` (other words about it).
    name : str
        The alias or the stage; empty for the others.
    version : int or None
        ``None`` where the alias or the stage was taken away.
    was : int or None
        Of a stage: the version that had it.
    rules : tuple of Checked
        Of a promotion: what was asked first.
    said : mapping
        Of a description: ``description``, ``metadata``, ``ttl_days``, as far as they changed.
    forced, rollback, foreign : bool
        Of a promotion: although a rule was not met · back to the one before · made elsewhere and
        brought along by an import, so that it is told and does not count.
    """

    number: int
    time: str
    op: str
    name: str = ""
    version: int | None = None
    was: int | None = None
    why: str = ""
    rules: tuple[Checked, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)
    forced: bool = False
    rollback: bool = False
    foreign: bool = False
    by: str | None = None
    host: str | None = None
    run_id: str = ""

    def told(self) -> str:
        """Return when, by whom, where, in which run and why, in words."""
        parts = [f"on {self.time[:10]}"]
        parts += [f"by {self.by}"] if self.by else []
        parts += [f"on {self.host}"] if self.host else []
        parts += [f"in run {self.run_id}"] if self.run_id else []
        return " ".join(parts) + (f": {self.why}" if self.why else "")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the entries of a log add up to.

    Attributes
    ----------
    aliases, stages : dict of str to int
    dropped : dict of int to LogEntry
        Versions whose content may go, and who said so.
    said : dict of int to dict
        What is said of a version since it was made; see `as_said`.
    before : dict of str to list
        For each stage the versions that had it, those that a rollback left out, the one it has
        last; ``None`` stands for none.
    """

    aliases: dict[str, int] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)
    dropped: dict[int, LogEntry] = field(default_factory=dict)
    said: dict[int, dict[str, Any]] = field(default_factory=dict)
    before: dict[str, list[int | None]] = field(default_factory=dict)


def standing(entries: Iterable[LogEntry], numbers: Collection[int]) -> Standing:
    """Return what entries, in their order, add up to; what names no version there is passed over.

    A version that has a stage is not dropped, whoever said so: what is in production stays.
    """
    now, known = Standing(), set(numbers)
    for entry in entries:
        if entry.foreign or (entry.version is not None and entry.version not in known):
            continue
        if entry.op == "stage":
            _stage(now, entry)
        elif entry.op == "alias" and entry.version is None:
            now.aliases.pop(entry.name, None)
        elif entry.op == "alias" and entry.version is not None:
            now.aliases[entry.name] = entry.version
        elif entry.op == "drop" and entry.version is not None:
            now.dropped[entry.version] = entry
        elif entry.op == "keep" and entry.version is not None:
            now.dropped.pop(entry.version, None)
        elif entry.op == "describe" and entry.version is not None:
            now.said.setdefault(entry.version, {}).update(entry.said)
    for version in now.stages.values():
        now.dropped.pop(version, None)
    return now


def as_said(version: ArtifactVersion, now: Standing) -> ArtifactVersion:
    """Return a version with the words that were said of it last; what was found in its tables stays."""
    said = dict(now.said.get(version.number, {}))
    if "metadata" in said and PROFILE in version.metadata:
        said["metadata"] = {PROFILE: version.metadata[PROFILE], **said["metadata"]}
    return replace(version, **said) if said else version


def _stage(now: Standing, entry: LogEntry) -> None:
    before = now.before.setdefault(entry.name, [])
    if entry.rollback and entry.version in before[:-1]:
        while before[-1] != entry.version:
            before.pop()
    elif not before or before[-1] != entry.version:
        before.append(entry.version)
    if entry.version is None:
        now.stages.pop(entry.name, None)
    else:
        now.stages[entry.name] = entry.version


def check_stage(stage: str) -> str:
    """Return the name of a stage: a short word, as an alias.

    Raises
    ------
    UsageError
        It is none.
    """
    try:
        return check_alias(stage)
    except UsageError:
        raise UsageError(
            f"{stage[:80]!r} cannot be a stage: expected a short name such as 'production'; 'latest' "
            "and 'v3' are what the versions themselves are called."
        ) from None
