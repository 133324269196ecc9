"""What is put into an artifact before it is logged."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, Self

from runfolio.errors import UsageError
from runfolio.model.artifact import Entry, check_paths
from runfolio.record.artifacts.contained_media import note_name, of_medium
from runfolio.record.artifacts.entries import (
    ArtifactEntry,
    Manifest,
    entry_at,
    is_inner,
    references,
)
from runfolio.record.artifacts.objects import write
from runfolio.record.artifacts.placed import Placed
from runfolio.record.media.medium import Medium

__all__ = ["Filled"]

_MOST: Final = 10_000_000


class Filled(Placed):
    """An artifact as far as it is put together; see `Artifact`."""

    @property
    def manifest(self) -> Manifest:
        """All its entries: ``artifact.manifest.entries["model.pt"]``."""
        if self._manifest is not None:
            return self._manifest
        local = (
            {path: item.local for path, item in self._draft.items.items()} if self._draft else {}
        )
        entries = {e.path: ArtifactEntry(self, e, local.get(e.path)) for e in self.held()}
        made = Manifest(entries, self.digest)
        if self._version is not None:  # it stays, and may be asked for each of its files
            self._manifest = made
        return made

    def add_file(
        self,
        local_path: str | os.PathLike[str],
        name: str | None = None,
        is_tmp: bool | None = False,  # noqa: FBT002 - as W&B has it
        skip_cache: Any = None,
        policy: str | None = "mutable",
        overwrite: bool = False,  # noqa: FBT002
        *,
        move: bool = False,
    ) -> ArtifactEntry:
        """Add a file under its own name, or another, as it is now.

        Parameters
        ----------
        is_tmp : bool
            The name is that of a moment: the hash of the content stands in its place.
        policy : str
            ``mutable`` or ``immutable``: what is kept is a content of its own either way.
        overwrite : bool
            Whether it may take the place of another file of this name.
        move : bool
            The file is given away: it is gone from where it was once it is logged.

        Raises
        ------
        UsageError
            There is no such file, or its name leads out of the artifact.
        """
        del skip_cache
        if policy not in ("mutable", "immutable", None):
            raise UsageError(f"policy is {policy!r}; expected 'mutable' or 'immutable'.")
        source = Path(os.path.abspath(local_path))  # noqa: PTH100 - links stay links
        inner = str(name) if name is not None else source.name
        entry = self.draft("add_file").add_file(source, inner, move=move, overwrite=overwrite)
        if is_tmp:
            _, _, ending = PurePosixPath(inner).name.partition(".")
            named = f"{entry.blake3[:20] or 'file'}{'.' if ending else ''}{ending}"
            entry = self.draft().rename(inner, str(PurePosixPath(inner).with_name(named)))
        return ArtifactEntry(self, entry, source)

    def add_dir(
        self,
        local_path: str | os.PathLike[str],
        name: str | None = None,
        skip_cache: Any = None,
        policy: str | None = "mutable",
        merge: bool = False,  # noqa: FBT002
    ) -> None:
        """Add all files below a folder.

        Parameters
        ----------
        name : str, optional
            Folder of the artifact that they go to.
        merge : bool
            Whether they may take the place of others that were added.

        Raises
        ------
        UsageError
            There is no such folder.

        Notes
        -----
        Links are followed inside of the folder. One that leads out of it, or round, what is no
        file with a content, and what cannot be read is left out, which is said once.
        """
        del skip_cache, policy
        folder = Path(local_path)
        if not folder.is_dir():
            raise UsageError(
                f"Artifact {self._name!r}: there is no folder {str(local_path)!r} to add."
            )
        if name:
            check_paths([name.rstrip("/")])
        self.draft("add_dir").add_folder(folder, (name or "").rstrip("/"), overwrite=merge)

    def add_reference(
        self,
        uri: str | ArtifactEntry,
        name: str | None = None,
        checksum: bool = True,  # noqa: FBT002
        max_objects: int | None = None,
    ) -> list[ArtifactEntry]:
        """Add an address that stands for a file, or an entry of another artifact.

        Parameters
        ----------
        uri : str or entry
            ``file:///data/x.csv`` (hashed, if wanted; of a folder each file), ``s3://…``,
            ``https://…`` (recorded and never fetched); what `ArtifactEntry.ref_url` gives.
        checksum : bool
            Whether a file that can be seen is hashed.
        max_objects : int, optional
            A folder with more files is refused.

        Raises
        ------
        UsageError
            It is no address, or a file that is not there.
        """
        draft = self.draft("add_reference")
        if isinstance(uri, ArtifactEntry) or (is_inner(uri) and draft.records):
            held = uri.entry if isinstance(uri, ArtifactEntry) else entry_at(draft.store, uri)
            found = [Entry(name or held.path, held.blake3, held.size, held.uri, held.etag)]
        else:
            found = references(str(uri), name, max_objects or _MOST, checksum=checksum)
        return [ArtifactEntry(self, draft.add_entry(entry)) for entry in found]

    def add(self, obj: Any, name: str, overwrite: bool = False) -> ArtifactEntry:  # noqa: FBT002
        """Add a table, an image or the like, or an object; see `add_object`.

        Returns
        -------
        ArtifactEntry
            Of a table or an image its note, ``NAME.table.json``; it is logged as ``ARTIFACT/NAME``
            with the artifact, too.

        Raises
        ------
        UsageError
            It is of no kind that can be kept.
        """
        draft = self.draft("add")
        if not isinstance(obj, Medium):
            return self.add_object(obj, name, overwrite=overwrite)
        check_paths([str(name)])
        self.objects[str(name)] = obj
        entry = Entry(note_name(str(name), obj.type))
        if draft.records:
            folder = Path(tempfile.mkdtemp(dir=self._made_in()))
            for inner, path in of_medium(obj, folder, str(name)):
                entry = draft.add_file(path, inner, move=True, overwrite=overwrite)
        return ArtifactEntry(self, entry)

    def add_object(self, obj: Any, name: str, *, overwrite: bool = False) -> ArtifactEntry:
        """Add an object as a file: its ending tells the format, and `load` reads it back.

        Parameters
        ----------
        obj : table, array, mapping or list
            A table of pandas, polars or pyarrow becomes ``.parquet``; an array of numpy ``.npy``, a
            dict of arrays ``.npz``; a tensor or a ``state_dict`` of torch ``.safetensors``; what JSON
            holds ``.json``. Nothing is pickled.
        name : str
            Without the ending.

        Raises
        ------
        UsageError
            It is of no kind that has a format here.
        MissingDependency
            What writes the format is not installed.
        """
        draft = self.draft("add_object")
        check_paths([str(name)])
        path = write(obj, Path(tempfile.mkdtemp(dir=self._made_in())), PurePosixPath(name).name)
        inner = str(PurePosixPath(name).with_name(path.name))
        entry = draft.add_file(path, inner, move=True, overwrite=overwrite)
        return ArtifactEntry(self, entry)

    @contextlib.contextmanager
    def new_file(
        self, name: str, mode: str = "x", encoding: str | None = None, policy: Any = None
    ) -> Iterator[IO[Any]]:
        """Open a file of this name to write to; it is added when it is closed.

        Raises
        ------
        UsageError
            The name leads out of the artifact, or was added already and the mode is ``x``.
        """
        del policy
        self.draft("new_file")
        check_paths([name])
        path = Path(self._made_in(), *PurePosixPath(name).parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        if "x" in mode and path.exists():
            raise UsageError(f"Artifact {self._name!r}: {name!r} was added already; use mode 'w'.")
        with path.open(mode, encoding=encoding or (None if "b" in mode else "utf-8")) as file:
            yield file
        self.add_file(path, name, overwrite="x" not in mode)

    def _made_in(self) -> Path:
        """Return a folder for what is written here until it is logged."""
        if self._made is None:
            self._made = Path(tempfile.mkdtemp(prefix="runfolio-"))
            weakref.finalize(self, _remove_made, self._made, os.getpid())
        return self._made

    def remove(self, item: Any) -> None:
        """Take out an entry, or all below a folder of the artifact.

        Raises
        ------
        FileNotFoundError
            It holds none of this name.
        """
        path = item.path if isinstance(item, ArtifactEntry) else str(PurePosixPath(str(item)))
        if not self.draft("remove").remove(path):
            raise FileNotFoundError(f"The artifact {self._name!r} holds no {path!r}.")

    def new_draft(self) -> Self:
        """Return one that holds the same and can be changed: the next version."""
        made = type(self)(self._name, self._type, self.description, self.metadata)
        for entry in self.logged("new_draft").entries:
            made.draft().add_entry(entry)
        return made


def _remove_made(folder: Path, pid: int) -> None:
    # A forked child has a copy of the artifact, and not of the folder.
    if os.getpid() == pid:
        shutil.rmtree(folder, ignore_errors=True)
