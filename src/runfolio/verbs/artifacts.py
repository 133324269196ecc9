"""``artifacts``: which there are, one with its versions and history, and the files of a version."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace as replaced
from html import escape
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from runfolio.errors import UsageError
from runfolio.format.fetching import Fetched, fetch
from runfolio.logbook.escape import literal
from runfolio.model.artifact import ArtifactVersion
from runfolio.model.artifact_history import LogEntry
from runfolio.model.data_profile import DATA_SET
from runfolio.query.data_versions import data_version
from runfolio.query.literals import moment
from runfolio.store.artifacts import Artifact, Artifacts, copies_of
from runfolio.store.registry import entry_at, history
from runfolio.verbs.artifacts_sheet import (
    files_sheet,
    history_sheet,
    list_sheet,
    versions_sheet,
)
from runfolio.verbs.data_versions import (
    data_faults,
    data_notes,
    data_sheets,
    data_version_diff_view,
)
from runfolio.verbs.figures import size
from runfolio.verbs.lineage import lineage as lineage_view
from runfolio.verbs.local import now
from runfolio.verbs.lookup import short_path, the_store
from runfolio.verbs.sheet import Sheet, markdown, terminal_lines
from runfolio.verbs.sheet_html import sheet_html
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import STYLES, Message, View, join_lines

__all__ = ["SheetsView", "artifacts", "entry_facts"]

_DRAWN: Final = 100
"""Rows that a notebook keeps; the terminal prints all."""


class SheetsView(View):
    """Tables one below the other, and what is wrong with what they tell.

    Parameters
    ----------
    sheets : sequence of Sheet
    facts : Any
        What machines get.
    problems, notes : sequence of str
        What is wrong · what is not shown, and is no fault.
    """

    def __init__(
        self,
        sheets: Sequence[Sheet],
        facts: Any,
        problems: Sequence[str] = (),
        notes: Sequence[str] = (),
    ) -> None:
        self._sheets, self._facts = tuple(sheets), facts
        told = [(f"✕ {one_line(one, 200)}", "fault") for one in problems]
        self._told = [*told, *((f"· {one_line(one, 200)}", "secondary") for one in notes)]

    def text(self, width: int | None = None) -> Text:
        """Return the tables for a terminal."""
        lines: list[Text] = []
        for sheet in self._sheets:
            lines += [Text()] if lines else []
            lines += [
                Text.assemble((f" {sheet.title} ", "bold"), (sheet.aside, STYLES["secondary"]))
            ]
            lines += terminal_lines(sheet, width)
        return join_lines([*lines, *(Text(f" {one}", STYLES[role]) for one, role in self._told)])

    def to_html(self) -> str:
        """Return the tables as static HTML."""
        told = "".join(f"<p>{escape(one)}</p>" for one, _ in self._told)
        return "".join(sheet_html(_cut(sheet)) for sheet in self._sheets) + told

    def to_markdown(self) -> str:
        """Return the tables as Markdown."""
        return "\n".join(
            [*map(markdown, self._sheets), *(f"{literal(one, 200)}\n" for one, _ in self._told)]
        )

    def data(self) -> Any:
        """Return what the tables tell."""
        return self._facts


def _cut(sheet: Sheet) -> Sheet:
    """Return a table with no more rows than a saved notebook should hold."""
    n = len(sheet.columns[0].cells)
    if n <= _DRAWN:
        return sheet
    columns = [replaced(column, cells=column.cells[:_DRAWN]) for column in sheet.columns]
    return replaced(
        sheet, columns=columns, footer=f"{sheet.footer} · the first {_DRAWN} of {n:,} are shown"
    )


def artifacts(
    name: str | None = None,
    *,
    stage: str | None = None,
    at: str | None = None,
    download: str | os.PathLike[str] | None = None,
    replace: bool = False,
    diff: str | None = None,
    key: str | None = None,
    lineage: bool = False,
) -> View:
    """Return the artifacts of the store; one with its versions and history; or the files of a version.

    Parameters
    ----------
    name : str, optional
        ``digits`` for one artifact; ``digits:v3``, ``digits:best`` or ``digits:production`` for a
        version.
    stage : str, optional
        Only the history of this stage.
    at : str, optional
        What had the stage then: ``2026-11-01``, at the end of that day; ``2026-11-01T14:00``; ``7d``.
    download : path, optional
        Fetch the version into this folder.
    replace : bool
        Also where files of another content stand.
    diff : str, optional
        Another version, ``v2`` or ``other:v2``: what differs between both, files, columns and rows.
    key : str, optional
        Columns by which rows are told apart, with commas; by default one that does it.
    lineage : bool
        Where it came from and what came of it.

    Raises
    ------
    ArtifactNotFound
        None is meant.
    UsageError
        Options that mean nothing together, or a time that is none.
    """
    known = Artifacts(the_store().path)
    if name is None:
        if stage or at or download or diff or lineage:
            raise UsageError("Name the artifact: artifacts NAME --stage production.")
        return _listed(known)
    if lineage:
        return lineage_view(name)
    if diff is not None:
        keys = [one.strip() for one in (key or "").split(",") if one.strip()]
        return data_version_diff_view(name, diff, key=keys)
    if at and not stage:
        raise UsageError("--at needs a stage: artifacts NAME --stage production --at 2026-11-01.")
    if download is not None:
        if stage:
            name = f"{name.partition(':')[0]}:{stage}"
        return _downloaded(known, name, Path(download), replace=replace)
    if stage:
        return _stage(known.said_of(name.partition(":")[0]), stage, at)
    return _version(known, name) if ":" in name else _one(known, known.one(name))


def _downloaded(known: Artifacts, name: str, root: Path, *, replace: bool) -> View:
    version = known.resolve(name)
    copies = copies_of(known.store, version)
    return _fetched(version, fetch(known.store, version, root, copies=copies, replace=replace))


def _listed(known: Artifacts) -> View:
    told, faults = known.told(), known.faults()
    problems = [f"{name}: {fault}" for name, fault in faults]
    if not told:
        where = short_path(known.store)
        sentence = (
            f"No artifacts yet in {where}. A run keeps one: run.log_artifact(PATH, name=NAME)."
        )
        return Message(sentence, {"artifacts": [], "faults": problems}, exit_code=1)
    problems += [f"{one.name}: {problem}" for one in told for problem in one.problems]
    facts = [
        {"name": one.name, "type": one.newest.type if one.newest else None, "versions": one.versions,
         "newest": one.newest.number if one.newest else None,
         "bytes": one.newest.size if one.newest else None, "aliases": dict(one.aliases),
         "stages": dict(one.stages), "dropped": one.dropped, "problems": list(one.problems)}
        for one in told
    ]  # fmt: skip
    return SheetsView([list_sheet(told, now())], {"artifacts": facts, "faults": problems}, problems)


def _one(known: Artifacts, artifact: Artifact) -> View:
    makers = {version.number: known.maker(version) for version in artifact.versions}
    sheets = [versions_sheet(artifact, makers, now())] if artifact.versions else []
    if artifact.entries:
        sheets.append(history_sheet(artifact.name, artifact.entries, now()))
    facts = {
        "name": artifact.name,
        "versions": [_version_facts(artifact, one, makers[one.number]) for one in artifact.versions],
        "aliases": artifact.aliases, "stages": artifact.standing.stages,
        "history": [entry_facts(entry) for entry in artifact.entries],
        "problems": list(artifact.problems),
    }  # fmt: skip
    return SheetsView(sheets, facts, artifact.problems)


def _version_facts(artifact: Artifact, version: ArtifactVersion, maker: str) -> dict[str, Any]:
    aliases, stages = artifact.names_of(version.number)
    dropped = artifact.standing.dropped.get(version.number)
    facts: dict[str, Any] = {
        "version": version.number, "type": version.type, "digest": version.digest,
        "bytes": version.size, "files": len(version.entries), "created_at": version.created_at,
        "run": version.run_id or None, "run_is": maker, "aliases": aliases, "stages": stages,
        "description": version.description, "metadata": version.metadata,
        "ttl_days": version.ttl_days, "dropped": entry_facts(dropped) if dropped else None,
    }  # fmt: skip
    return facts


def entry_facts(entry: LogEntry) -> dict[str, Any]:
    """Return an entry of a log for machines."""
    return {
        "op": entry.op, "name": entry.name or None, "version": entry.version, "was": entry.was,
        "time": entry.time, "by": entry.by, "host": entry.host, "run": entry.run_id or None,
        "why": entry.why, "said": dict(entry.said), "forced": entry.forced, "rollback": entry.rollback, "foreign": entry.foreign,
        "rules": [{"rule": one.rule, "ok": one.ok, "found": one.found} for one in entry.rules],
    }  # fmt: skip


def _version(known: Artifacts, name: str) -> View:
    version = known.resolve(name)
    artifact = known.said_of(version.name)
    aliases, stages = artifact.names_of(version.number)
    maker = known.maker(version)
    facts = _version_facts(artifact, version, maker) | {
        "name": version.name,
        "entries": [{"path": entry.path, "blake3": entry.blake3 or None, "bytes": entry.size,
                     "uri": entry.uri or None} for entry in version.entries],
    }  # fmt: skip
    files = files_sheet(version, [*stages, *aliases], maker)
    if version.type != DATA_SET:
        return SheetsView([files], facts)
    found = data_version(the_store(), name)
    facts["profile"] = found.profile.as_json()
    return SheetsView([files, *data_sheets(found)], facts, data_faults(found), data_notes(found))


def _stage(artifact: Artifact, stage: str, at: str | None) -> View:
    entries = history(artifact, stage)
    if not entries:
        known = ", ".join(dict.fromkeys(entry.name for entry in history(artifact)))
        raise UsageError(
            f"No version of {artifact.name} was ever {one_line(stage)!r}. Its stages: {known or 'none'}."
        )
    if at is None:
        facts: dict[str, Any] = {"name": artifact.name, "stage": stage,
                 "version": artifact.standing.stages.get(stage),
                 "history": [entry_facts(entry) for entry in entries]}  # fmt: skip
        return SheetsView([history_sheet(artifact.name, entries, now(), stage)], facts)
    meant = moment(at, now())
    if meant is None:
        raise UsageError(
            f"{one_line(at)!r} is no time; expected 2026-11-01, 2026-11-01T14:00 or 7d."
        )
    entry = entry_at(artifact, stage, meant.start if meant.ago or "T" in at.upper() else meant.end)
    version = entry.version if entry is not None else None
    told = "no version" if version is None else f"v{version}"
    since = f", since {entry.told().removeprefix('on ')}" if entry is not None else ""
    facts = {"name": artifact.name, "stage": stage, "at": at, "version": version,
             "entry": entry_facts(entry) if entry is not None else None}  # fmt: skip
    sentence = (
        f"{artifact.name}: {told} was {one_line(stage)} at {one_line(at)}{one_line(since, 200)}."
    )
    return Message(sentence, facts, exit_code=0 if version is not None else 1)


def _fetched(version: ArtifactVersion, done: Fetched) -> View:
    n, there = len(done.written), len(done.there)
    told = f"{version.name}:v{version.number}: {n} file{'' if n == 1 else 's'} fetched"
    told += f", {there} there already" if there else ""
    lines = [
        Text(f"{told}, {size(version.size)}, in {one_line(short_path(done.root.absolute()), 200)}.")
    ]
    lines += [Text(f"· {one_line(path, 80)}: {one_line(why, 200)}", STYLES["secondary"])
              for path, why in done.left_out]  # fmt: skip
    facts = {"name": version.name, "version": version.number, "path": done.root.absolute(),
             "written": done.written, "there": done.there,
             "left_out": [{"path": path, "why": why} for path, why in done.left_out]}  # fmt: skip
    return Message(join_lines(lines), facts, exit_code=1 if done.left_out else 0)
