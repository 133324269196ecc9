"""Artifacts, their versions and what was said of them, as tables ready to be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from runfolio.format.codec import parse_time
from runfolio.model.artifact import ArtifactVersion
from runfolio.model.artifact_history import LogEntry
from runfolio.model.data_profile import KEY as DATA_PROFILE
from runfolio.store.artifacts import Artifact, Told
from runfolio.verbs.figures import clock_time, size
from runfolio.verbs.sheet import Cell, Column, Sheet
from runfolio.verbs.terminal import one_line

__all__ = [
    "entry_words",
    "files_sheet",
    "history_sheet",
    "list_sheet",
    "reason_words",
    "versions_sheet",
    "who_words",
]

_NAME: Final = 40
_WORD: Final = 24
_WHY: Final = 80
_FILES: Final = 100
_ALIASES: Final = 6
_SAID: Final = {"ttl_days": "ttl"}
_LEAST_WHY: Final = 24
_RUN: Final = 6
_MAKER: Final = {"there": "", "none": "", "trash": ", in the trash", "gone": ", gone"}


def list_sheet(told: Sequence[Told], now: datetime) -> Sheet:
    """Return all artifacts of a store as a table."""
    newest = [one.newest for one in told]
    columns = [
        Column("artifact", [
            Cell(one_line(one.name, _NAME), "strong", exact=one_line(one.name, 140)) for one in told
        ]),
        # Beside the name, so that a narrow page, which scrolls the rest, shows them.
        *_words("stages", [[_at(*pair) for pair in one.stages.items()] for one in told], 0),
        Column("type", [_quiet(one.type if one else "") for one in newest], rank=20),
        Column("versions", [Cell(str(one.versions)) for one in told], right=True),
        Column("newest", [Cell(f"v{one.number}" if one else "") for one in newest], right=True, rank=10),
        Column("size", [Cell(size(one.size) if one else "") for one in newest], right=True, rank=30),
        _made(newest, now),
        *_words("aliases", [_newest_of(one.aliases) for one in told], 50),
    ]  # fmt: skip
    n = len(told)
    footer = f"{n:,} artifact{'' if n == 1 else 's'}"
    dropped = sum(one.dropped for one in told)
    footer += f" · {dropped:,} version{'' if dropped == 1 else 's'} dropped" if dropped else ""
    if any(one.problems for one in told):
        footer += " · check tells what is wrong with some"
    return Sheet("Artifacts", columns, footer)


def versions_sheet(artifact: Artifact, makers: Mapping[int, str], now: datetime) -> Sheet:
    """Return the versions of one artifact as a table, the newest first.

    Parameters
    ----------
    makers : mapping of int to str
        Number → where the run that made it is; see `Artifacts.maker`.
    """
    versions = list(reversed(artifact.versions))
    names = [artifact.names_of(one.number) for one in versions]
    dropped = [artifact.standing.dropped.get(one.number) for one in versions]
    said = [
        (f"dropped: {entry.why}" if entry.why else f"dropped {entry.told()}")
        if entry
        else one.description or ""
        for one, entry in zip(versions, dropped, strict=True)
    ]
    columns = [
        Column("version", [
            Cell(f"v{one.number}", "secondary" if entry else "strong")
            for one, entry in zip(versions, dropped, strict=True)
        ]),
        *_words("stages", [stages for _, stages in names], 0),
        *_words("aliases", [aliases for aliases, _ in names], 40),
        Column("files", [Cell(f"{len(one.entries):,}") for one in versions], right=True, rank=50),
        Column("size", [Cell(size(one.size)) for one in versions], right=True, rank=30),
        _made(versions, now),
        Column("run", [Cell(one_line(one.run_id[-_RUN:], _RUN) + _MAKER[makers[one.number]], "secondary",
                            exact=one_line(one.run_id, 200)) for one in versions], rank=10),
        *_why("about", said),
    ]  # fmt: skip
    n = len(versions)
    footer = f"{n:,} version{'' if n == 1 else 's'} · {_types(versions)}"
    footer += (
        f" · {len(artifact.problems)} could not be read; check tells why"
        if artifact.problems
        else ""
    )
    return Sheet("Artifact", columns, footer, aside=one_line(artifact.name, 80))


def history_sheet(name: str, entries: Sequence[LogEntry], now: datetime, aside: str = "") -> Sheet:
    """Return what was said of an artifact's versions as a table, the newest first."""
    entries = list(reversed(entries))
    columns = [
        Column("when", [_when(entry.time, now) for entry in entries]),
        Column("what", [Cell(one_line(entry_words(entry), _NAME)) for entry in entries]),
        Column("by", [_quiet(who_words(entry)) for entry in entries], rank=10),
        *([Column("in run", [Cell(one_line(entry.run_id[-_RUN:], _RUN), "secondary",
                                  exact=one_line(entry.run_id, 200)) for entry in entries], rank=30)]
          if any(entry.run_id for entry in entries) else []),
        *_why("why", [reason_words(entry) for entry in entries]),
    ]  # fmt: skip
    n = len(entries)
    footer = f"{n:,} entr{'y' if n == 1 else 'ies'} · the newest first"
    return Sheet("History", columns, footer, aside=one_line(f"{name} {aside}".strip(), 80))


def files_sheet(version: ArtifactVersion, names: Sequence[str], maker: str) -> Sheet:
    """Return the files of a version as a table: the first of them, and how many there are."""
    entries = version.entries[:_FILES]
    columns = [
        Column("file", [Cell(one_line(entry.path, 60), exact=one_line(entry.path, 300)) for entry in entries]),
        Column("size", [Cell(size(entry.size) if entry.size is not None else "") for entry in entries],
               right=True),
        Column("content", [Cell(entry.blake3[:12] or one_line(entry.uri, 60), "secondary",
                                exact=one_line(entry.blake3 or entry.uri, 300)) for entry in entries],
               rank=10),
    ]  # fmt: skip
    n = len(version.entries)
    parts = [
        f"{n:,} file{'' if n == 1 else 's'}, {size(version.size)}",
        one_line(version.type, _WORD),
    ]
    if version.run_id:
        parts.append(
            f"made by run {one_line(version.run_id, 60)}{_MAKER[maker].replace(',', ', which is')}"
        )
    parts += [one_line(version.description, _WHY)] if version.description else []
    parts += (
        [f"metadata: {one_line(', '.join(named), _WHY)}"]
        if (named := [str(key) for key in version.metadata if key != DATA_PROFILE])
        else []
    )
    parts += [f"the first {_FILES} files are shown, --json has all"] if n > _FILES else []
    aside = " ".join([f"{version.name}:v{version.number}", *names])
    return Sheet("Version", columns, " · ".join(parts), aside=one_line(aside, 120))


def entry_words(entry: LogEntry) -> str:
    """Return what an entry says, in a few words."""
    version = "none" if entry.version is None else f"v{entry.version}"
    if entry.op == "stage":
        was = f" (was v{entry.was})" if entry.was is not None else ""
        how = "rolled back to " if entry.rollback else ""
        told = f"{entry.name}: {how}{version}{was}"
        told += ", forced" if entry.forced else ""
        return told + (", from elsewhere: not applied" if entry.foreign else "")
    if entry.op == "alias":
        return f"alias {entry.name}: {version}"
    if entry.op == "describe":
        return f"{version}: new {', '.join(_SAID.get(key, key) for key in entry.said)}"
    return f"{version} {'dropped' if entry.op == 'drop' else 'kept after all'}"


def reason_words(entry: LogEntry) -> str:
    """Return why, and which rules were not met."""
    unmet = [f"{one.rule}: {one.found}" for one in entry.rules if not one.ok]
    return " · ".join(filter(None, [entry.why, f"not met: {'; '.join(unmet)}" if unmet else ""]))


def who_words(entry: LogEntry) -> str:
    """Return who said it, and on which machine."""
    return "@".join(filter(None, [entry.by or "", entry.host or ""]))


def _at(word: str, number: int) -> str:
    return f"{word} v{number}"


def _newest_of(aliases: Mapping[str, int]) -> list[str]:
    """Return the aliases of the newest versions; a checkpoint each epoch may have one of its own."""
    named = sorted(
        ((word, number) for word, number in aliases.items() if word != "latest"),
        key=lambda pair: -pair[1],
    )
    more = len(named) - _ALIASES
    told = [_at(*pair) for pair in named[:_ALIASES]]
    return [*told, f"and {more:,} more"] if more > 0 else told


def _words(title: str, rows: Sequence[Sequence[str]], rank: int) -> list[Column]:
    if not any(rows):
        return []
    cut = [[one_line(word, _WORD) for word in row] for row in rows]
    cells = [Cell(", ".join(row), labels=tuple(row)) for row in cut]
    return [Column(title, cells, rank=rank)]


def _why(title: str, said: Sequence[str]) -> list[Column]:
    if not any(said):
        return []
    cells = [Cell(one_line(words, _WHY), "why", exact=one_line(words, 300)) for words in said]
    return [Column(title, cells, rank=5, least=_LEAST_WHY)]


def _made(versions: Sequence[ArtifactVersion | None], now: datetime) -> Column:
    return Column("made", [_when(one.created_at if one else "", now) for one in versions], rank=25)


def _when(text: str, now: datetime) -> Cell:
    return Cell(
        one_line(clock_time(parse_time(text), now), _WORD), "secondary", exact=one_line(text, 40)
    )


def _quiet(text: str) -> Cell:
    return Cell(one_line(text, _WORD), "secondary", exact=one_line(text, 200))


def _types(versions: Sequence[ArtifactVersion]) -> str:
    return ", ".join(dict.fromkeys(one_line(one.type, _WORD) for one in versions)) or "no type"
