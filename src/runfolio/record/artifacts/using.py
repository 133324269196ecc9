"""``run.use_artifact`` and what is fetched: by name, held against its hash, told in the run."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.errors import ArtifactNotFound, UsageError, did_you_mean
from runfolio.format.artifact_versions import FOLDER, ArtifactVersions
from runfolio.format.blobs import is_file_with
from runfolio.format.fetching import copies_in
from runfolio.format.fetching import fetch as fetched
from runfolio.format.layout import is_run_id
from runfolio.format.letting_go import ask_for
from runfolio.format.manifest import read_record
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.record.artifacts.names import asked_for
from runfolio.record.artifacts.uses import uses_of
from runfolio.record.guard import warn_once

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord
    from runfolio.record.artifacts.artifact import Artifact
    from runfolio.record.artifacts.described import Described
    from runfolio.record.life import Life

__all__ = [
    "check",
    "clear",
    "fetch",
    "find",
    "maker",
    "names_in",
    "of_name",
    "of_type",
    "root_of",
    "use",
    "users",
]

_TABLES_S: Final = 30.0


def use(life: Life, wanted: Any, kind: str | None, use_as: str | None) -> Artifact:
    """Return a version by its name, and tell in the run that it was used.

    Raises
    ------
    UsageError
        There is none, or it is of another type.
    """
    from runfolio.record.artifacts.artifact import Artifact
    from runfolio.record.artifacts.keeping import note

    store = settings.store_dir() if life.disabled else life.folder.parent
    if isinstance(wanted, str) and f"run-{life.folder.name}-" in wanted:
        _write_tables(life)
    artifact = wanted if isinstance(wanted, Artifact) else find(store, wanted)
    of_type(artifact, kind)
    # Whoever drops it a moment later, by a policy, leaves the contents for an hour.
    ask_for(artifact.versions.folder.parent.parent, artifact.logged("use").entries)
    if not (life.disabled or life.disowned):
        note(life, "used", artifact.logged("use"), aliases=artifact.aliases, use_as=use_as)
    return artifact


def _write_tables(life: Life) -> None:
    """Have the tables that the run itself has logged by now be on the disk."""
    life.writer.flush()
    if life.media is not None:
        life.media.settle(_TABLES_S)
        life.writer.flush()


def find(store: Path, wanted: Any) -> Artifact:
    """Return the version that a name means in a store; see `asked_for`."""
    from runfolio.record.artifacts.artifact import Artifact
    from runfolio.record.artifacts.logged_tables import make_of_logged

    name, which = asked_for(wanted)
    make_of_logged(store, name)
    versions = of_name(store, name)
    return Artifact.of(versions.read(versions.resolve(which)), versions)


def of_type(artifact: Artifact, kind: str | None) -> Artifact:
    """Return an artifact that is of a type, if one is asked for.

    Raises
    ------
    UsageError
        It is of another.
    """
    if kind is not None and kind != artifact.type:
        raise UsageError(f"{artifact.name} has the type {artifact.type!r}, not {kind!r}.")
    return artifact


def of_name(store: Path, name: str) -> ArtifactVersions:
    """Return the versions of a name.

    Raises
    ------
    ArtifactNotFound
        There are none in this store.
    """
    versions = ArtifactVersions(store, name)
    if not versions.numbers():
        known = names_in(store)
        raise ArtifactNotFound(
            f"There is no artifact {name!r} in this store.{did_you_mean(name, known)} The verb artifacts "
            "lists all."
        )
    return versions


def names_in(store: Path) -> list[str]:
    """Return what lies in a store under the names of artifacts."""
    try:
        return sorted(os.listdir(store / FOLDER))  # noqa: PTH208 - names alone
    except OSError:
        return []


def root_of(artifact: Described, root: Any, *, with_version: bool = True) -> Path:
    """Return the folder that an artifact is copied to where no other is given."""
    if root is not None:
        return Path(os.path.abspath(root))  # noqa: PTH100 - links stay links
    version = artifact.logged("download")
    folder = Path.cwd() / "artifacts" / version.name
    if not with_version:
        return folder
    usual = folder.with_name(f"{version.name}:v{version.number}")
    if usual.exists() or _takes_colons(Path.cwd()):
        return usual
    return folder.with_name(f"{version.name}-v{version.number}")


def _takes_colons(folder: Path) -> bool:
    """Return whether the file system of a folder has names with colons: Windows' have none."""
    probe = folder / f".runfolio:{os.getpid()}"
    try:
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        return error.errno not in (errno.ENOENT, errno.EINVAL, errno.ENOTSUP)
    return True


def fetch(
    artifact: Described, entries: Sequence[Entry], folder: Path, *, lenient: bool = False
) -> None:
    """Copy files of an artifact below a folder; see `Artifact.download`."""
    from runfolio.capture.opened import unnoticed

    version, store = artifact.logged("download"), artifact.versions.folder.parent.parent
    with unnoticed():  # what is held against its hash is no data that the run reads
        done = fetched(
            store, version, folder, entries=entries, replace=True, lenient=True,
            copies=copies_in([store / (version.run_id or "-")], version),
        )  # fmt: skip
    if done.left_out:
        _tell_of_those_away(artifact, done.left_out, lenient=lenient)


def _tell_of_those_away(
    artifact: Described, away: Sequence[tuple[str, str]], *, lenient: bool
) -> None:
    more = f" (and {len(away) - 1:,} more like it)" if len(away) > 1 else ""
    path, why = away[0]
    told = f"{artifact.name}: {path!r}{more} is not fetched: {why[:300]}."
    if not lenient:
        raise UsageError(
            f"{told} The other files are there. Fetch it yourself: artifact.get_entry(name).ref_target() "
            "is its address; allow_missing_references=True passes over it."
        )
    warn_once(f"artifact away {artifact.name}", told)


def clear(folder: Path, known: Collection[str]) -> None:
    """Remove the files below a folder that are none of these."""
    for path in _files(folder):
        if path.relative_to(folder).as_posix() not in known:
            path.unlink()


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder, followlinks=False):
        yield from (Path(parent, name) for name in names)


def check(artifact: Artifact, version: ArtifactVersion, folder: Path) -> None:
    """Hold the files of a folder against a version; see `Artifact.verify`."""
    known = {entry.path: entry for entry in version.entries}
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if name not in known:
            raise UsageError(f"{str(path)!r} is no file of {artifact.name}.")
    for name, entry in known.items():
        path = folder.joinpath(*PurePosixPath(name).parts)
        if entry.uri:
            continue
        if not path.is_file():
            raise UsageError(f"{name!r} of {artifact.name} is missing below {str(folder)!r}.")
        if not is_file_with(path, entry.blake3, entry.size or 0):
            raise UsageError(f"{str(path)!r} is not what {artifact.name} holds under {name!r}.")


def maker(artifact: Described, version: ArtifactVersion) -> RunRecord | None:
    """Return the run that made a version, as far as it is there."""
    folder = artifact.versions.folder.parent.parent / version.run_id
    if not is_run_id(version.run_id) or not folder.is_dir():
        return None
    return read_record(folder)


def users(artifact: Artifact, version: ArtifactVersion) -> list[RunRecord]:
    """Return the runs that say they used a version."""
    store = artifact.versions.folder.parent.parent
    return [read_record(store / name) for name in users_of(store, version)]


def users_of(store: Path, version: ArtifactVersion) -> Iterator[str]:
    """Yield the ids of those runs."""
    for name in sorted(os.listdir(store)):  # noqa: PTH208 - names alone
        if is_run_id(name) and (version.name, version.number) in uses_of(store / name):
            yield name
