"""The files of an artifact as a program meets them: each an entry, all of them the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from runfolio.errors import UsageError
from runfolio.format.blobs import hash_of
from runfolio.format.fetching import local_path
from runfolio.model.artifact import Entry

if TYPE_CHECKING:
    from runfolio.record.artifacts.described import Described

__all__ = ["ArtifactEntry", "Manifest", "entry_at", "is_inner", "references"]

_INNER: Final = "runfolio-artifact://"


class ArtifactEntry:
    """One file of an artifact, or an address that stands for one.

    Attributes
    ----------
    path, name : str
        Its name inside the artifact.
    digest : str
        blake3 of its content; of an address what is known of the content.
    size : int or None
        Bytes.
    ref : str or None
        The address.
    local_path : str or None
        The user's file, until the artifact is logged.
    """

    def __init__(self, artifact: Described, entry: Entry, local: Path | None = None) -> None:
        self._artifact, self.entry = artifact, entry
        self.path = self.name = entry.path
        self.digest = entry.blake3 or entry.etag
        self.size = entry.size
        self.ref = entry.uri or None
        self.local_path = str(local) if local is not None else None

    def parent_artifact(self) -> Any:
        """Return the artifact that it belongs to."""
        return self._artifact

    def download(self, root: Any = None, skip_cache: Any = None, executor: Any = None) -> str:
        """Copy it below a folder, by default that of the artifact, and return where it lies.

        Raises
        ------
        UsageError
            It is an address on another machine, or the artifact was not logged.
        CorruptRecord
            Its content is not what was kept.
        """
        del skip_cache, executor
        from runfolio.record.artifacts.using import fetch, root_of

        folder = root_of(self._artifact, root)
        fetch(self._artifact, [self.entry], folder)
        return str(folder / self.path)

    def ref_target(self) -> str:
        """Return the address that it stands for.

        Raises
        ------
        UsageError
            It is a file.
        """
        if self.ref is None:
            raise UsageError(f"{self.path!r} is a file of the artifact; download() gives it.")
        return self.ref

    def ref_url(self) -> str:
        """Return a text by which another artifact can take it up; see `Artifact.add_reference`."""
        return f"{_INNER}{self._artifact.name}/{self.path}"

    def load(self) -> Any:
        """Return the object that was added under this name; see `Artifact.add_object`."""
        from runfolio.record.artifacts.objects import load

        return load(self._artifact, self.path)

    def __repr__(self) -> str:
        return f"<ArtifactEntry {self.path!r} {self.ref or self.digest[:12]}>"


class Manifest:
    """All entries of an artifact.

    Attributes
    ----------
    entries : mapping of str to ArtifactEntry
    """

    def __init__(self, entries: Mapping[str, ArtifactEntry], digest: str) -> None:
        self.entries = entries
        self._digest = digest

    def __len__(self) -> int:
        return len(self.entries)

    def digest(self) -> str:
        """Return the hash of all of it."""
        return self._digest

    def get_entry_by_path(self, path: str) -> ArtifactEntry | None:
        """Return the entry of this name, if there is one."""
        return self.entries.get(path)

    def get_entries_in_directory(self, directory: str) -> list[ArtifactEntry]:
        """Return the entries below a folder of the artifact."""
        return [one for path, one in self.entries.items() if path.startswith(f"{directory}/")]


def is_inner(uri: object) -> bool:
    """Return whether an address means an entry of an artifact; see `ArtifactEntry.ref_url`."""
    return isinstance(uri, str) and uri.startswith(_INNER)


def entry_at(store: Path, uri: str) -> Entry:
    """Return the entry of an artifact that an address means.

    Raises
    ------
    ArtifactNotFound
        There is no such version.
    UsageError
        It holds no such file.
    """
    from runfolio.record.artifacts.using import find

    name, _, path = uri.removeprefix(_INNER).partition("/")
    artifact = find(store, name)
    found = artifact.manifest.entries.get(path)
    if found is None:
        raise UsageError(f"{uri[:120]!r}: {artifact.name} holds no {path[:120]!r}.")
    return found.entry


def references(uri: str, name: str | None, most: int, *, checksum: bool) -> list[Entry]:
    """Return the entries for an address: those of files that can be seen are hashed, if wanted.

    Raises
    ------
    UsageError
        It is no address, or names a file that is not there.
    """
    from runfolio.capture.secrets.addresses import redact_urls

    parts = urlsplit(uri)
    if not parts.scheme or "://" not in uri:
        raise UsageError(
            f"{uri[:80]!r} is no address; expected one such as 's3://bucket/file' or 'file:///data/x.csv'."
        )
    path = local_path(uri)
    if path is None:
        last = unquote(parts.path).rstrip("/").rpartition("/")[2] or parts.netloc
        return [Entry(name or last, uri=redact_urls(uri))]
    if path.is_file():
        return [_seen(path, name or path.name, uri, checksum=checksum)]
    if not path.is_dir():
        raise UsageError(f"{uri[:120]!r}: there is no such file or folder.")
    if not checksum:
        return [Entry(name or path.name, uri=uri)]
    return _below(path, name, most)


def _below(folder: Path, name: str | None, most: int) -> list[Entry]:
    from runfolio.record.artifacts.folders import files_below

    found: list[Entry] = []
    for one in files_below(folder):
        if one.why:
            continue
        if len(found) >= most:
            raise UsageError(
                f"{str(folder)!r} holds more than {most:,} files; give max_objects=, or reference a folder "
                "inside of it."
            )
        path = f"{name}/{one.path}" if name else one.path
        found.append(_seen(one.file, path, (folder / one.path).absolute().as_uri(), checksum=True))
    return found


def _seen(file: Path, path: str, uri: str, *, checksum: bool) -> Entry:
    from runfolio.capture.opened import unnoticed

    with unnoticed():
        try:
            return Entry(path, hash_of(file) if checksum else "", file.stat().st_size, uri)
        except OSError as error:
            raise UsageError(f"{uri[:120]!r} cannot be read: {error.strerror or error}") from error
