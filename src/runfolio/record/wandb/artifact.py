"""``Artifact``: files that belong together. They are kept in the run; versions come later."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn

from runfolio.errors import NoActiveRun, UsageError
from runfolio.record.guard import guard, warn_once
from runfolio.record.media.medium import Medium, warn_of_unknown

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["Artifact", "keep", "no_version"]

_KNOWN: Final = ("name", "type", "description", "metadata")
_NOT_IN_A_NAME: Final = re.compile(r"[^\w.-]+")


class Artifact:
    """Files to keep together under a name, as W&B's.

    Parameters
    ----------
    name, type : str
    description : str, optional
    metadata : mapping, optional
        Kept with the object; recorded once artifacts have versions.
    incremental, use_as, storage_region
        Accepted for W&B's sake.

    Notes
    -----
    `Run.log_artifact` copies the files to ``files/artifacts/NAME`` of the run, where those that
    were logged last under a name take the place of the ones before.
    """

    version = "latest"

    def __init__(
        self,
        name: str,
        type: str = "unspecified",  # noqa: A002 - as W&B has it
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        incremental: Any = None,  # noqa: ARG002
        use_as: Any = None,  # noqa: ARG002
        storage_region: Any = None,  # noqa: ARG002
        **unknown: Any,
    ) -> None:
        warn_of_unknown("Artifact", unknown, _KNOWN)
        self.name, self.type, self.description = str(name), str(type), description
        self.metadata = dict(metadata or {})
        self.aliases: list[str] = []
        self.tags: list[str] = []
        self.ttl: Any = None
        self._files: dict[str, Path] = {}
        self._objects: dict[str, Any] = {}
        self._made: Path | None = None
        self._folder: Path | None = None

    def add_file(self, local_path: Any, name: str | None = None, **_: Any) -> None:
        """Add a file under its own name, or another.

        Raises
        ------
        UsageError
            There is no such file.
        """
        path = Path(local_path)
        if not path.is_file():
            raise UsageError(
                f"Artifact {self.name!r}: there is no file {str(local_path)!r} to add."
            )
        self._files[_inner(name or path.name)] = path.absolute()

    def add_dir(self, local_path: Any, name: str | None = None, **_: Any) -> None:
        """Add all files below a folder.

        Raises
        ------
        UsageError
            There is no such folder.
        """
        folder = Path(local_path)
        if not folder.is_dir():
            raise UsageError(
                f"Artifact {self.name!r}: there is no folder {str(local_path)!r} to add."
            )
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "folio" not in path.relative_to(folder).parts[:1]:
                below = path.relative_to(folder).as_posix()
                self._files[_inner(f"{name}/{below}" if name else below)] = path.absolute()

    def add(self, obj: Any, name: str, **_: Any) -> Any:
        """Add a table, an image or the like: it is logged as ``ARTIFACT/NAME`` with the artifact."""
        self._objects[str(name)] = obj
        return obj

    def add_reference(self, uri: Any, name: str | None = None, **_: Any) -> list[Any]:
        """Name an address; it is not recorded yet, which is said once."""
        del name
        warn_once(
            "artifact reference",
            f"Artifact {self.name!r}: references such as {str(uri)!r} are not recorded yet; name the "
            "data with run.use_data(address).",
        )
        return []

    @contextlib.contextmanager
    def new_file(
        self, name: str, mode: str = "w", encoding: str | None = None
    ) -> Iterator[IO[Any]]:
        """Open a file of this name to write to; it is added when it is closed."""
        inner = _inner(name)
        if self._made is None:
            self._made = Path(tempfile.mkdtemp(prefix="runfolio-"))
            weakref.finalize(self, shutil.rmtree, self._made, ignore_errors=True)
        path = Path(self._made, *PurePosixPath(inner).parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding=encoding or (None if "b" in mode else "utf-8")) as file:
            yield file
        self._files[inner] = path

    def get(self, name: str) -> Any:
        """Return the object that was added under a name, or ``None``."""
        return self._objects.get(name)

    def get_path(self, name: str) -> NoReturn:
        """Raise: an entry cannot be had by itself yet.

        Raises
        ------
        UsageError
        """
        raise no_version(f"get_path({name!r})")

    def save(self, *_: Any, **__: Any) -> None:
        """Log it to the open run; see `Run.log_artifact`.

        Raises
        ------
        NoActiveRun
            No run is open.
        """
        from runfolio.record.session import current

        run = current()
        if run is None:
            raise NoActiveRun("Artifact.save: no run is open. Start one with runfolio.init().")
        run.log_artifact(self)

    def wait(self, timeout: float | None = None) -> Artifact:
        """Return at once: what was logged is there."""
        del timeout
        return self

    def download(self, root: Any = None, **_: Any) -> str:
        """Return the folder in the run where the files lie.

        Raises
        ------
        UsageError
            It was not logged in this process.
        """
        if self._folder is None:
            raise no_version(f"download() of {self.name!r}")
        if root is None:
            return str(self._folder)
        shutil.copytree(self._folder, Path(root), dirs_exist_ok=True)
        return str(root)

    def checkout(self, root: Any = None) -> str:
        """Return the folder where the files lie; see `download`."""
        return self.download(root)

    def link(self, target_path: str, aliases: Any = None) -> None:
        """Say once that there is no registry yet."""
        del aliases
        warn_once("link", f"link({target_path!r}): there is no registry yet; tag the run instead.")

    def verify(self, root: Any = None) -> None:
        """Do nothing: the files are where they were logged."""
        del root

    @property
    def id(self) -> str:
        """Its name: there is no account to number it."""
        return self.name

    @property
    def files_added(self) -> Mapping[str, Path]:
        """Name inside the artifact → the file on disk."""
        return dict(self._files)

    def __repr__(self) -> str:
        count = len(self._files) + len(self._objects)
        return f"<Artifact {self.name!r} of type {self.type!r} with {count} entries>"


def keep(run: Run, artifact: Artifact) -> None:
    """Copy the files of an artifact into the run, and log its objects."""
    warn_once(
        "artifacts",
        "artifacts have no versions yet: the files of each are kept in the run, the last ones "
        "logged under a name, in files/artifacts/NAME.",
    )
    folder = Path(run.dir, "artifacts", _NOT_IN_A_NAME.sub("_", artifact.name).lstrip(".") or "_")
    artifact._folder = folder  # noqa: SLF001 - the other half of the same module
    for name, source in artifact.files_added.items():
        with guard(f"keeping {name!r} of the artifact {artifact.name!r}"):
            _copy(run, source, folder.joinpath(*PurePosixPath(name).parts))
    objects = artifact._objects  # noqa: SLF001
    media = {
        f"{artifact.name}/{name}": obj for name, obj in objects.items() if isinstance(obj, Medium)
    }
    if media:
        run.log(media, commit=False)


def _copy(run: Run, source: Path, target: Path) -> None:
    files = run.life.saved.files
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        files.clone(source, beside)
        files.adopt(beside, target)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _inner(name: str) -> str:
    """Return a name inside the artifact as a plain path below it.

    Raises
    ------
    UsageError
        It leads out of it.
    """
    path = PurePosixPath(str(name).replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0]:
        raise UsageError(
            f"{str(name)!r} is no name inside an artifact; give one like 'model/best.pt'."
        )
    return path.as_posix()


def no_version(call: str) -> UsageError:
    """Return the error for what needs a version of an artifact."""
    return UsageError(
        f"{call}: artifacts have no versions yet, so what another run logged cannot be fetched by "
        "name. Its files lie in the run that logged them: runfolio.load('@last').path / 'files' / "
        "'artifacts'."
    )
