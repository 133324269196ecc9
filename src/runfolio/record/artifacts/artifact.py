"""``Artifact``: files that belong together, under a name; each other content is a version of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from runfolio.errors import UsageError
from runfolio.format.object_readers import READABLE
from runfolio.record.artifacts.contained_media import medium_files
from runfolio.record.artifacts.entries import ArtifactEntry
from runfolio.record.artifacts.filled import Filled
from runfolio.record.artifacts.objects import load
from runfolio.record.guard import warn_once

__all__ = ["Artifact"]


class Artifact(Filled):
    """Files to keep together under a name, as W&B's.

    Parameters
    ----------
    name, type : str
    description : str, optional
    metadata : mapping, optional
        What is known of it: settings, figures. It belongs to the version.
    incremental : bool
        What the latest version holds is in this one too, but for what is added anew.
    use_as, storage_region
        Accepted for W&B's sake.

    Raises
    ------
    UsageError
        The name could name no folder, or the metadata is no mapping.

    Notes
    -----
    The content of a file is taken when it is added: what the program writes to it later changes
    nothing. `Run.log_artifact` makes it a version.
    """

    # What is in it --------------------------------------------------------------------------------

    def get_entry(self, name: str | os.PathLike[str]) -> ArtifactEntry:
        """Return the entry of this name.

        Raises
        ------
        KeyError
            It holds none.
        """
        entry = self.manifest.entries.get(str(PurePosixPath(name)))
        if entry is None:
            raise KeyError(f"The artifact {self._name!r} holds no {str(name)!r}.")
        return entry

    get_path = get_entry

    def get(self, name: str) -> Any:
        """Return the table, the image or the object that was added under a name, or ``None``."""
        if name in self.objects:
            return self.objects[name]
        found = medium_files(self, name)
        named = {entry.path for entry in self.held()} & {name, *(f"{name}{e}" for e in READABLE)}
        return load(self, name) if found is None and len(named) == 1 else found

    def load(self, name: str | None = None) -> Any:
        """Return what was added by `add_object`: an array, a table, tensors, JSON; never by pickle.

        Parameters
        ----------
        name : str, optional
            With or without the ending; of an artifact of one file none is needed.

        Raises
        ------
        UsageError
            It holds none of this name, or one of a format that is not read.
        CorruptRecord
            The content is not what was kept.
        """
        return load(self, name)

    def files(self, names: Sequence[str] | None = None, **_: Any) -> list[ArtifactEntry]:
        """Return its entries, or those of these names."""
        found = self.manifest.entries
        return [one for path, one in found.items() if names is None or path in names]

    # Where it is logged and fetched ---------------------------------------------------------------

    def save(self, *_: Any, **__: Any) -> None:
        """Log it to the open run; of one that was logged, record what is said of it by now.

        These are aliases, given and taken away, description, metadata, tags and ttl. They stand
        beside the version, with who said so and when; the version itself stays as it was made.

        Raises
        ------
        NoActiveRun
            No run is open.
        UsageError
            An alias that nobody gives, or metadata too large to stand beside a version.
        """
        from runfolio.record.needed_run import needed_run

        if self._pretended:
            return
        if self._version is not None:
            from runfolio.record.artifacts.edited import save

            save(self)
            return
        needed_run("Artifact.save").log_artifact(self)

    def wait(self, timeout: float | None = None) -> Artifact:
        """Return at once: what was logged is there."""
        del timeout
        return self

    def finalize(self) -> None:
        """Do nothing: it is final when it is logged."""

    def download(
        self,
        root: str | os.PathLike[str] | None = None,
        allow_missing_references: bool = False,  # noqa: FBT002 - as W&B has it
        skip_cache: Any = None,
        path_prefix: str | os.PathLike[str] | None = None,
        multipart: Any = None,
    ) -> str:
        """Copy its files into a folder and return that.

        Parameters
        ----------
        root : path, optional
            Without it ``artifacts/NAME:VERSION`` in the current folder.
        allow_missing_references : bool
            Whether addresses on other machines are passed over.
        path_prefix : path, optional
            Only what begins so.

        Raises
        ------
        UsageError
            It was not logged, or holds addresses that nothing here fetches.
        CorruptRecord
            A content is not what was kept.

        Notes
        -----
        Each file is held against its hash as it is copied. One that lies there with the right
        content is left: a download that was cut short goes on.
        """
        del skip_cache, multipart
        from runfolio.record.artifacts.using import fetch, root_of

        folder = root_of(self, root)
        prefix = os.fspath(path_prefix) if path_prefix is not None else ""
        wanted = [e for e in self.logged("download").entries if e.path.startswith(prefix)]
        fetch(self, wanted, folder, lenient=allow_missing_references)
        return str(folder)

    def checkout(self, root: str | os.PathLike[str] | None = None) -> str:
        """Make a folder hold its files and no other, and return that; see `download`."""
        from runfolio.record.artifacts.using import clear, root_of

        folder = root_of(self, root, with_version=False)
        clear(folder, {entry.path for entry in self.logged("checkout").entries})
        return self.download(folder)

    def verify(self, root: str | os.PathLike[str] | None = None) -> None:
        """Hold the files of a folder against the artifact.

        Raises
        ------
        UsageError
            One is missing, is none of its own, or is not what was kept.
        """
        from runfolio.record.artifacts.using import check, root_of

        check(self, self.logged("verify"), root_of(self, root))

    def file(self, root: str | os.PathLike[str] | None = None) -> str:
        """Copy its only file into a folder and return where it lies.

        Raises
        ------
        UsageError
            It holds several.
        """
        if self.file_count != 1:
            raise UsageError(f"{self.name} holds {self.file_count} files; download() copies all.")
        return next(iter(self.manifest.entries.values())).download(root)

    def delete(self, delete_aliases: bool = False) -> None:  # noqa: FBT002
        """Say that the content of this version may go; the version itself stays in the list.

        Raises
        ------
        UsageError
            It has aliases, which nobody said may go along.
        """
        from runfolio.record.artifacts.keeping import delete

        delete(self, delete_aliases=delete_aliases)

    def link(self, target_path: str, aliases: Any = None) -> Artifact:
        """Make it a version of another artifact, a collection, too, and return that.

        Parameters
        ----------
        target_path : str
            Its name, or that behind ``entity/project/``.
        """
        from runfolio.record.artifacts.keeping import link

        return link(self, target_path, aliases)

    def unlink(self) -> None:
        """Say once that versions stay."""
        warn_once("unlink", "unlink(): versions are never taken out; take the alias away instead.")

    def logged_by(self) -> Any:
        """Return the run that made it, or ``None``: its record, and what it made and used."""
        from runfolio.record.artifacts.neighbours import NeighbourRun
        from runfolio.record.artifacts.using import maker

        made = maker(self, self.logged("logged_by"))
        return None if made is None else NeighbourRun(made)

    def used_by(self) -> list[Any]:
        """Return the runs that used it; see `logged_by`."""
        from runfolio.record.artifacts.neighbours import NeighbourRun
        from runfolio.record.artifacts.using import users

        return [NeighbourRun(one) for one in users(self, self.logged("used_by"))]

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __setitem__(self, name: str, obj: Any) -> None:
        self.add(obj, name)

    def __repr__(self) -> str:
        n = self.file_count
        return f"<artifact {self.name}, {self.type}, {n:,} file{'' if n == 1 else 's'}>"
