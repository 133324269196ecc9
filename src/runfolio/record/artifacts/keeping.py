"""``run.log_artifact``: contents into the store, a version, its files into the run, an event."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.errors import CorruptRecord, StoreUnusable, UsageError
from runfolio.format.artifact_versions import ArtifactVersions, content_digest
from runfolio.format.blobs import BlobStore
from runfolio.format.letting_go import let_go
from runfolio.model.artifact import ArtifactVersion, Entry, check_alias, check_paths
from runfolio.model.data_profile import DATA_SET
from runfolio.record.artifacts.described import said_of
from runfolio.record.artifacts.names import asked_for, listed_aliases
from runfolio.record.artifacts.placed import LINKED_FROM
from runfolio.record.artifacts.policies import Checkpoints, Keep, drop, goal_of, score_of
from runfolio.record.artifacts.run_folder import held_in_run, put_into_run
from runfolio.record.artifacts.whole import GONE, assure, lost_of, require
from runfolio.record.data_profiles import with_profile, without_profile
from runfolio.record.guard import guard, warn_once
from runfolio.record.media.medium import Medium
from runfolio.record.values import plain

if TYPE_CHECKING:
    from runfolio.record.artifacts.artifact import Artifact
    from runfolio.record.life import Life
    from runfolio.record.run import Run

__all__ = ["delete", "keep", "link", "move_aliases", "note", "store_of_drafts"]

_IN_MANIFEST: Final = 50
_NAMED: Final = 50


def store_of_drafts() -> Path | None:
    """Return the store that contents are taken to when they are added; ``None`` for nowhere."""
    from runfolio.record.session import current

    run = current()
    if run is not None:
        return None if run.disabled or run.life.disowned else run.path.parent
    if settings.mode() == "disabled":
        return None
    store = settings.store_dir()
    try:
        return settings.make_store(store)
    except StoreUnusable:
        return store  # each file says that it is not kept


def keep(run: Run, artifact: Artifact, aliases: Any = None, policy: Keep | None = None) -> None:
    """Make what an artifact holds a version, and tell of it in the run.

    Raises
    ------
    UsageError
        An alias that nobody gives, files that cannot lie beside each other, or an artifact of
        this name and of another type.
    """
    wanted = listed_aliases(aliases)
    for alias in wanted:
        check_alias(alias)
    life = run.life
    if policy is not None:
        if not isinstance(policy, Keep):
            raise UsageError(f"keep is {policy!r}; expected runfolio.Keep(last=3), or the like.")
        goal_of(policy, life)
    if life.disabled or life.disowned:
        if life.disowned:
            warn_once(
                "artifact forked",
                f"log_artifact() in a forked child keeps nothing ({artifact.name!r}): the run is its "
                "parent's. Open a run of its own there, or log what the child returns.",
            )
        artifact.pretend()
        return
    _log_objects(run, artifact)
    try:
        if policy is not None and policy.by and artifact.is_draft():
            artifact.metadata = {policy.by: score_of(policy, life)} | artifact.metadata
        _keep(life, artifact, wanted)
    except UsageError:
        raise
    except Exception as error:
        if settings.flag("strict"):
            raise
        why = f"{type(error).__name__}: {error}"
        warn_once(
            f"artifact {artifact.name}",
            f"The artifact {artifact.name!r} was not kept ({why}); the run goes on and says so.",
        )
        life.writer.event(
            "artifact", op="failed", name=artifact.name, type=artifact.type, why=why[:500],
            **_missing(artifact.draft().missing if artifact.is_draft() else {}),
        )  # fmt: skip
    _apply(policy, life, artifact)


def _keep(life: Life, artifact: Artifact, aliases: list[str]) -> None:
    if artifact.is_draft():
        versions = ArtifactVersions(life.folder.parent, artifact.name)
        version, new, missing = _version(life, versions, artifact)
        artifact.became(version, versions)
    else:
        versions, version, new, missing = artifact.versions, artifact.logged("it"), False, {}
        _again(life, versions, version)
    for alias in aliases:
        with guard(f"giving the alias {alias!r}"):
            if versions.aliases().get(alias) != version.number:
                versions.move(alias, version.number, run_id=life.folder.name)
    artifact.named([*aliases, "latest"])
    note(life, "made", version, new=new, aliases=artifact.aliases, **missing)


def _again(life: Life, versions: ArtifactVersions, version: ArtifactVersion) -> None:
    """Have a version in the run that was logged before, if its content is there."""
    blobs = BlobStore(versions.folder.parent.parent)
    require(version, blobs)
    with held_in_run(life, version.name, version.entries, blobs) as held:
        assure(versions, version, blobs, held, run_id=life.folder.name)
        _put(versions, version, held)


def _put(versions: ArtifactVersions, version: ArtifactVersion, held: Path | None) -> None:
    if held is not None:
        with guard(f"putting the artifact {version.name!r} into the run"):
            put_into_run(versions, version, held)


def _apply(policy: Keep | None, life: Life, artifact: Artifact) -> None:
    if policy is not None and not artifact.is_draft():
        with guard(f"keeping what the policy of {artifact.plain_name!r} keeps"):
            _checkpoints(life).apply(policy, artifact.versions)


def _checkpoints(life: Life) -> Checkpoints:
    if life.checkpoints is None:
        life.checkpoints = Checkpoints(life)
    return life.checkpoints


def _version(
    life: Life, versions: ArtifactVersions, artifact: Artifact
) -> tuple[ArtifactVersion, bool, dict[str, Any]]:
    """Return the version, whether it is new, and what is missing in it."""
    draft, last = artifact.draft(), _last(versions)
    if last is not None and last.type != artifact.type:
        raise UsageError(
            f"The artifact {versions.name!r} has the type {last.type!r}; its next version cannot be a "
            f"{artifact.type!r}. Give it another name."
        )
    blobs = BlobStore(versions.folder.parent.parent)
    missing = draft.keep(blobs)
    entries = draft.entries
    if artifact.incremental:
        entries = _with_those_before(versions, entries, blobs, missing)
    if missing and not entries:
        raise OSError(f"none of its files could be kept: {next(iter(missing.values()))}")
    check_paths(entry.path for entry in entries)
    redaction, place = life.redaction, f"the metadata of the artifact {versions.name!r}"
    said = said_of(artifact)
    metadata = redaction.value(plain(said["metadata"]), place)
    with _room_back(blobs), held_in_run(life, versions.name, entries, blobs) as held:
        if artifact.type == DATA_SET and (last is None or last.digest != content_digest(entries)):
            with guard(f"describing the data of {versions.name!r}"):
                metadata = with_profile(metadata, _lying(blobs, entries), redaction)
        version, new = versions.make(
            entries, type=artifact.type, run_id=life.folder.name,
            description=redaction.value(said["description"], place), metadata=metadata,
            ttl_days=said["ttl_days"],
        )  # fmt: skip
        assure(versions, version, blobs, held, new=new, run_id=life.folder.name)
        _put(versions, version, held)
    if new:
        _checkpoints(life).add(version, blobs.made)
    given = without_profile(metadata)
    if not new and given and given != without_profile(versions.described(version.number).metadata):
        warn_once(
            f"artifact metadata {versions.name}",
            f"{versions.name}:v{version.number} holds the same already, so it is no new version, and "
            "the metadata that were given now are not recorded. Set artifact.metadata and save() it.",
        )
    return version, new, _missing(missing)


@contextlib.contextmanager
def _room_back(blobs: BlobStore) -> Iterator[None]:
    """Give the room of contents back that no version came to hold: the run needs a full disk's last."""
    try:
        yield
    except OSError:
        with contextlib.suppress(OSError):
            let_go(blobs.root.parent, blobs.made)
        raise


def _lying(blobs: BlobStore, entries: Iterable[Entry]) -> dict[str, Path]:
    return {entry.path: blobs.path_of(entry.blake3) for entry in entries if entry.blake3}


def _last(versions: ArtifactVersions, but: Collection[int] = ()) -> ArtifactVersion | None:
    for number in reversed(versions.numbers()):
        if number not in but:
            with contextlib.suppress(CorruptRecord, OSError):
                return versions.read(number)
    return None


def _with_those_before(
    versions: ArtifactVersions, entries: Sequence[Entry], blobs: BlobStore, missing: dict[str, str]
) -> list[Entry]:
    """Return entries and, under other names, those of the latest version whose contents are there."""
    latest = _last(versions, versions.standing().dropped)
    own = {entry.path: entry for entry in entries}
    before = {e.path: e for e in latest.entries if e.path not in own} if latest is not None else {}
    for path in lost_of(before.values(), blobs):
        missing[path] = GONE
        del before[path]
    return list((before | own).values())


def _missing(missing: Mapping[str, str]) -> dict[str, Any]:
    if not missing:
        return {}
    named = dict(list(missing.items())[:_NAMED])
    return {"missing": named, "n_missing": len(missing)}


def note(
    life: Life,
    op: str,
    version: ArtifactVersion,
    *,
    new: bool = False,
    aliases: Iterable[str] = (),
    use_as: str | None = None,
    **more: Any,
) -> None:
    """Tell in the run that it made or used a version."""
    life.writer.event(
        "artifact", op=op, name=version.name, version=version.number, type=version.type,
        digest=version.digest, aliases=list(aliases), files=len(version.entries), bytes=version.size,
        new=new, **{"as": use_as}, **more,
    )  # fmt: skip
    short = life.document.facts.setdefault("artifacts", {})
    known = short.get(op) if isinstance(short.get(op), list) else []
    one = [version.name, version.number, version.type]
    # A new list each time: the manifest is written in another thread.
    life.document.facts["artifacts"] = {
        **short, op: [*[item for item in known if item != one], one][-_IN_MANIFEST:]
    }  # fmt: skip
    life.upkeep.touch()


def move_aliases(artifact: Artifact, aliases: Sequence[str], run_id: str = "") -> None:
    """Give a version the aliases that it does not have yet."""
    number = artifact.logged("save").number
    for alias in aliases:
        if artifact.versions.aliases().get(alias) != number:
            artifact.versions.move(alias, number, run_id)


def delete(artifact: Artifact, *, delete_aliases: bool) -> None:
    """Say that the content of a version may go; see `Artifact.delete`."""
    version, versions = artifact.logged("delete"), artifact.versions
    held = [a for a, n in versions.aliases().items() if n == version.number and a != "latest"]
    if held and not delete_aliases:
        raise UsageError(
            f"{artifact.name} is {', '.join(held)}; give delete_aliases=True to take that away, too."
        )
    for alias in held:
        versions.move(alias, None)
    drop(versions, version.number, "it was deleted by a program")


def link(artifact: Artifact, target: str, aliases: Any = None) -> Artifact:
    """Make it a version of another artifact, too; see `Artifact.link`."""
    from runfolio.record.artifacts.artifact import Artifact

    version, versions, linked = artifact.logged("link"), artifact.versions, artifact
    blobs, new = BlobStore(versions.folder.parent.parent), False
    name, _ = asked_for(target)
    require(version, blobs)
    if name != version.name:
        versions = ArtifactVersions(blobs.root.parent, name)
        made, new = versions.make(
            version.entries, type=version.type, run_id=version.run_id, description=version.description,
            metadata={**version.metadata, LINKED_FROM: f"{version.name}:v{version.number}"},
        )  # fmt: skip
        linked = Artifact.of(made, versions)
    assure(versions, linked.logged("link"), blobs, new=new)
    given = listed_aliases(aliases)
    move_aliases(linked, given)
    linked.named(dict.fromkeys([*given, *linked.aliases]))
    return linked


def _log_objects(run: Run, artifact: Artifact) -> None:
    media = {
        f"{artifact.plain_name}/{name}": obj
        for name, obj in artifact.objects.items()
        if isinstance(obj, Medium)
    }
    if media:
        run.log(media, commit=False)
