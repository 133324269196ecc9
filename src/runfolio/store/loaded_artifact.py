"""A version of an artifact as a program reads it: by name, number, alias or stage."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from runfolio import settings
from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.below import opened_below
from runfolio.format.blobs import hash_of
from runfolio.format.codec import parse_time
from runfolio.format.fetching import fetch
from runfolio.format.letting_go import ask_for
from runfolio.format.object_readers import read_object
from runfolio.model.artifact import ArtifactVersion, Entry
from runfolio.store.artifacts import Artifacts, copies_of
from runfolio.store.store import Store

__all__ = ["LoadedArtifact", "load_artifact"]


class LoadedArtifact:
    """One version of an artifact; looking at it changes nothing.

    Attributes
    ----------
    number : int
    type, digest, run_id : str
        ``run_id`` is that of the run that made it; empty where none did.
    aliases, stages : list of str
        As they were when it was loaded; ``latest`` among the aliases.
    """

    def __init__(self, store: Path, version: ArtifactVersion) -> None:
        self._store, self._version = store, version
        self.name, self.number, self.type = version.name, version.number, version.type
        self.digest, self.run_id = version.digest, version.run_id
        self.aliases, self.stages = Artifacts(store).said_of(version.name).names_of(version.number)

    def __repr__(self) -> str:
        return f"<artifact {self.name}:{self.version}, {self.type}, {_files(len(self.files))}>"

    @property
    def version(self) -> str:
        """Its number as it is written: ``v3``."""
        return f"v{self.number}"

    @property
    def description(self) -> str | None:
        """What is said of it: when it was made, or since."""
        return self._version.description

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What is noted beside it: when it was made, or since."""
        return self._version.metadata

    @property
    def created_at(self) -> datetime | None:
        """When it was made."""
        return parse_time(self._version.created_at)

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return self._version.size

    @property
    def files(self) -> list[str]:
        """The names of its files, with ``/``."""
        return [entry.path for entry in self._version.entries]

    def download(
        self, root: str | os.PathLike[str] | None = None, *, replace: bool = False
    ) -> Path:
        """Fetch its files into a folder and return it; what is there with the right content is left.

        Parameters
        ----------
        root : path, optional
            By default ``artifacts/NAME-v3`` in the current folder.
        replace : bool
            Also where a file of another content stands.

        Raises
        ------
        UsageError
            A file of another content stands under a name.
        CorruptRecord
            A content is missing or damaged, or a link leads out of the folder.
        """
        target = (
            Path(root) if root is not None else Path("artifacts", f"{self.name}-{self.version}")
        )
        return self._fetched(target, replace=replace)

    @functools.cached_property
    def path(self) -> Path:
        """The folder that holds its files: in the run that made it, else one in the user's cache.

        Nothing in it is to be changed; `download` gives files of your own.
        """
        for folder in copies_of(self._store, self._version):
            if all(_has_size(folder, entry) for entry in self._version.entries if not entry.uri):
                return folder
        cache = settings.index_dir()
        if cache is None:
            raise UsageError(
                "The run that made it does not hold its files, and no cache is wanted "
                "(RUNFOLIO_INDEX); use download(FOLDER)."
            )
        kept = cache.with_name("artifacts") / self.digest
        return self._fetched(kept, replace=True)

    def _fetched(self, target: Path, *, replace: bool) -> Path:
        # Whoever drops it meanwhile, by a policy, leaves the contents for an hour.
        ask_for(self._store, self._version.entries)
        copies = copies_of(self._store, self._version)
        return fetch(self._store, self._version, target, copies=copies, replace=replace).root

    def load(self, name: str | None = None) -> Any:
        """Return what a file holds: an array, a table, tensors, JSON or text; never by pickle.

        Parameters
        ----------
        name : str, optional
            The file; it may be left out where there is one.

        Raises
        ------
        UsageError
            There is no such file, or several where none was named; or its format is not read.
        CorruptRecord
            The content is missing or damaged.
        """
        found = [entry for entry in self._version.entries if name in (None, entry.path)]
        if len(found) != 1:
            known = ", ".join(map(repr, self.files[:5]))
            raise UsageError(
                f"{self.name}:{self.version} has {_files(len(self.files))}, and load reads one of "
                f"them: name it, as in load({self.files[0]!r})."
                if name is None
                else f"{self.name}:{self.version} has no file {name!r}; it has {known}."
            )
        (entry,) = found
        path = self.path / entry.path
        if entry.blake3 and hash_of(path) != entry.blake3:
            raise CorruptRecord(
                f"{path} is not as it was kept. The verb check names what is wrong."
            )
        return read_object(path)


def load_artifact(artifact: str, store: Store | Path | str | None = None) -> LoadedArtifact:
    """Return a version of an artifact by ``name:stage``, ``name:alias`` or ``name:v3``.

    Parameters
    ----------
    artifact : str
        A name alone means its latest version.
    store : Store or path, optional
        By default the store of this process.

    Raises
    ------
    UsageError
        It is no text.
    ArtifactNotFound
        None is meant, or its content was dropped.
    CorruptRecord
        It was edited by hand.

    Examples
    --------
    >>> runfolio.load_artifact("digits:production").download("model")  # doctest: +SKIP
    """
    if not isinstance(artifact, str):
        raise UsageError(
            f"load_artifact: a {type(artifact).__name__} is no name; expected one such as "
            "'digits:production'."
        )
    place = store or Store.default()
    path = place.path if isinstance(place, Store) else Path(place)
    return LoadedArtifact(path, Artifacts(path).resolve(artifact))


def _files(n: int) -> str:
    return f"{n:,} file{'' if n == 1 else 's'}"


def _has_size(folder: Path, entry: Entry) -> bool:
    try:
        with opened_below(folder, entry.path) as (_, info):
            return info.st_size == entry.size
    except (CorruptRecord, OSError):
        return False
