"""``promote``: give a version of an artifact a stage, after the rules of that stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from runfolio.errors import CorruptRecord, PromotionRefused, UsageError
from runfolio.model.artifact import ArtifactVersion
from runfolio.model.artifact_history import Checked, LogEntry, check_stage
from runfolio.query.promotion import checked, is_whole
from runfolio.query.stage_rules import stage_rules
from runfolio.record.redaction import Redaction
from runfolio.store.artifacts import Artifacts
from runfolio.store.registry import back_to
from runfolio.verbs.artifacts import entry_facts
from runfolio.verbs.lookup import the_store
from runfolio.verbs.terminal import one_line
from runfolio.verbs.view import STYLES, Message, View, join_lines

__all__ = ["promote"]


def promote(
    artifact: str,
    stage: str,
    *,
    why: str = "",
    force: bool = False,
    rollback: bool = False,
    clear: bool = False,
) -> View:
    """Give a version of an artifact a stage, and say what was found for each rule.

    The rules are those of ``[tool.runfolio.promote.STAGE]`` in pyproject.toml; without any, the
    run that made the version must have ended well, and no text file of it may hold a secret.

    Parameters
    ----------
    artifact : str
        ``digits:v3``, ``digits:best``; with `rollback` and `clear` the name alone.
    stage : str
        ``staging``, ``production``, or any other short word.
    why : str
        Kept with it; `force` needs one.
    force : bool
        Also where a rule is not met; what was not met is kept with it.
    rollback : bool
        Back to the version that had the stage before; no rule is asked.
    clear : bool
        No version has the stage any more.

    Raises
    ------
    PromotionRefused
        A rule is not met; the message tells each with what was found.
    ArtifactNotFound
        No version is meant, or its content was dropped.
    UsageError
        A word is missing, or words that mean nothing together.
    """
    check_stage(stage)
    name, _, wanted = artifact.partition(":")
    if rollback + clear + force > 1:
        raise UsageError("Of --force, --rollback and --clear one at most.")
    known, why = Artifacts(the_store().path), Redaction().text(why.strip(), "the reason")
    if rollback or clear:
        if wanted:
            raise UsageError(
                f"Name the artifact alone: promote {one_line(name)} {one_line(stage)}."
            )
        return _back(known, name, stage, why, clear=clear)
    if not wanted:
        raise UsageError(
            f"Which version of {one_line(name)}? Write promote {one_line(name)}:v3 {one_line(stage)}; "
            "artifacts NAME lists them."
        )
    if force and not why:
        raise UsageError("--force needs a reason that is kept with it: --why TEXT.")
    version = known.resolve(artifact)
    return _promoted(known, version, stage, why, force=force)


def _promoted(
    known: Artifacts, version: ArtifactVersion, stage: str, why: str, *, force: bool
) -> View:
    told = f"{version.name}:v{version.number}"
    versions = known.versions(version.name)
    if versions.standing().stages.get(stage) == version.number:
        return Message(
            f"{told} is {stage} already.", {"promoted": False, "version": version.number}
        )
    if not is_whole(known.store, version):
        raise CorruptRecord(
            f"{told} cannot be {stage}: not all of its content is there. The verb check names what is "
            "missing."
        )
    rules = checked(stage_rules(stage, known.store), known.store, version)
    if not force and not all(one.ok for one in rules):
        raise PromotionRefused(_refusal(told, stage, rules), rules)
    forced = force and not all(one.ok for one in rules)
    entry = versions.stage(
        stage, version.number, run_id=_open_run(), why=why, rules=rules, forced=forced
    )
    if not is_whole(known.store, version):  # swept away at this very moment
        raise CorruptRecord(f"{told} is {stage}, and its content is gone; promote another version.")
    return _told(version.name, entry, rules)


def _back(known: Artifacts, name: str, stage: str, why: str, *, clear: bool) -> View:
    artifact = known.one(name)
    versions = known.versions(name)
    if clear:
        if stage not in artifact.standing.stages:
            raise UsageError(
                f"No version of {name} is {one_line(stage)!r}; there is nothing to clear."
            )
        return _told(name, versions.stage(stage, None, run_id=_open_run(), why=why), ())
    number = back_to(artifact, stage)
    if not is_whole(known.store, versions.read(number)):
        raise CorruptRecord(
            f"{name}:v{number}, which was {stage} before, is not whole any more. The verb check names "
            "what is missing."
        )
    return _told(
        name, versions.stage(stage, number, run_id=_open_run(), why=why, rollback=True), ()
    )


def _refusal(told: str, stage: str, rules: Sequence[Checked]) -> str:
    lines = [f"{told} was not made {stage}: {_unmet(rules)}."]
    lines += [f"  {'✓' if one.ok else '✕'} {one_line(one.rule, 80)}: {one_line(one.found, 160)}"
              for one in rules]  # fmt: skip
    return "\n".join([*lines, '  Promote it all the same: --force --why "…"; both are kept.'])


def _unmet(rules: Sequence[Checked]) -> str:
    n = sum(not one.ok for one in rules)
    return f"{n} of {len(rules)} rules {'is' if n == 1 else 'are'} not met"


def _told(name: str, entry: LogEntry, rules: Sequence[Checked]) -> View:
    was = f" in place of v{entry.was}" if entry.was is not None else ""
    if entry.version is None:
        head = f"No version of {name} is {entry.name} now{was.replace(' in place of', '; it was')}."
    else:
        how = "is again" if entry.rollback else "is"
        head = f"{name}:v{entry.version} {how} {entry.name}{was}" + (
            ", forced." if entry.forced else "."
        )
    lines = [Text.assemble(("✓ ", STYLES["good"]), one_line(head, 200))]
    lines += [
        Text.assemble(("  ✓ " if one.ok else "  ✕ ", STYLES["good" if one.ok else "fault"]),
                      f"{one_line(one.rule, 80)}: ", (one_line(one.found, 160), STYLES["secondary"]))
        for one in rules
    ]  # fmt: skip
    facts: dict[str, Any] = {"promoted": True, "artifact": name} | entry_facts(entry)
    return Message(join_lines(lines), facts)


def _open_run() -> str:
    from runfolio.record.session import current

    run = current()
    return "" if run is None else str(run.id)
