"""The data that a run used: what it was told of, and what it was seen to open."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.codec import dumps, loads
from runfolio.format.disk import read_small
from runfolio.format.layout import PartName
from runfolio.record.guard import guard, warn_once
from runfolio.record.redaction import redactor
from runfolio.record.values import clean, kind_name

if TYPE_CHECKING:
    from runfolio.capture.opened import Sighting
    from runfolio.model.data import DataUse
    from runfolio.record.life import Life
    from runfolio.record.listening import Listening

__all__ = ["DataUses", "data_of"]

_IN_MANIFEST: Final = 50
_UNNAMED: Final = 100
_MOST: Final = 1000
# What no reader would take any more is worth nothing: about 4 MB.
_MEMBERS: Final = 20_000
_NOT_SEEN: Final = (
    "what other programs read, and libraries that open files by themselves and are not listed"
)


def data_of(life: Life) -> DataUses:
    """Return what keeps the data of a run; made for runs that have some."""
    if life.data is None:
        life.data = DataUses(life)
    return life.data


class DataUses:
    """The data sets of one run.

    Parameters
    ----------
    life : Life
    """

    def __init__(self, life: Life) -> None:
        self._life = life
        self._lock = threading.Lock()
        self._declared: dict[str, dict[str, Any]] = {}
        self._before: list[dict[str, Any]] = []
        self._of_parts: list[dict[str, Any]] = []
        self._found: list[DataUse] = []
        self._listening: Listening | None = None
        self._children_only = False
        self._has_parts = False
        self._root = settings.project_root(Path.cwd()) or Path.cwd()

    @property
    def _path(self) -> Path:
        life = self._life
        part = PartName("data", life.paths.rank, life.segment, ext="json").filename
        return life.folder / (part if life.document.joined else "data.json")

    def begin(self, *, children_only: bool) -> None:
        """Listen for the files that are opened from now on.

        Parameters
        ----------
        children_only : bool
            What this process opens is nothing of the run's: it only watches over a program.
        """
        if settings.flag("detect_data"):
            from runfolio.record.listening import Listening

            self._take_up_earlier()
            self._children_only = children_only
            own = str(self._life.folder.parent)
            self._listening = Listening(self._root, (own,), children_only=children_only)
            self._listening.begin(self._tell)

    def add_earlier(self, seen: Sequence[Sighting], at_ns: int) -> None:
        """Count as read what cells before the run had read; see `Listening.add_earlier`."""
        if self._listening is not None and seen:
            self._listening.add_earlier(seen, at_ns)

    def add_of_part(self, told: object) -> None:
        """Take over what a program that joined the run says of its data in its own manifest."""
        self._has_parts = True
        for item in told if isinstance(told, list) else ():
            if isinstance(item, dict) and item not in self._of_parts:
                self._of_parts.append(item)

    def declare(self, value: Any, name: str | None) -> None:
        """Take in a data set that the user names; see `Run.use_data`.

        Raises
        ------
        UsageError
            It is not there, or no data that could be described.
        """
        from runfolio.capture.opened import unnoticed

        self._take_up_earlier()
        with unnoticed():
            use = self._described(value, name)
            with guard("writing the data down"):
                with self._lock:
                    if name is None and use.uri is None:
                        use = self._named_apart(use)
                    self._declared[_key(use)] = self._clean(use)
                self._write()
                self._life.upkeep.touch()

    def _named_apart(self, use: DataUse) -> DataUse:
        """Return data in memory under a name that no other has: nobody gave it one.

        Of very many the last take each other's place, as a batch of every step would.
        """
        taken = {item["name"]: item.get("hash") for item in self._declared.values()
                 if item["uri"] is None}  # fmt: skip
        name, number = use.name, 1
        while name in taken and number < _UNNAMED and (not use.hash or taken[name] != use.hash):
            number += 1
            name = f"{use.name} {number}"
        return replace(use, name=name)

    def _described(self, value: Any, name: str | None) -> DataUse:
        from runfolio.model.data import DataUse

        try:
            return self._use_of(value, name)
        except UsageError:
            raise
        except Exception as error:
            if settings.flag("strict"):
                raise
            warn_once("data", f"{kind_name(value)} could not be described as data: {error}")
            return DataUse(name or kind_name(value), None, why=f"{kind_name(error)}: {error}"[:500])

    def _use_of(self, value: Any, name: str | None) -> DataUse:
        if isinstance(value, (str, os.PathLike)):
            text = os.fspath(value)
            if not isinstance(text, str):
                text = os.fsdecode(text)
            return self._of_address(text, name) if "://" in text else self._of_path(text, name)
        from runfolio.capture.data_objects import use_of_object

        use = use_of_object(value, name)
        if use is None:
            raise UsageError(
                f"use_data: a {kind_name(value)} cannot be described; expected a path, a folder, a "
                "pattern, an address, a table of pandas, polars or pyarrow, or an array. Give the files "
                "that it was made from."
            )
        return use

    def _of_address(self, address: str, name: str | None) -> DataUse:
        from runfolio.capture.secrets.addresses import redact_urls
        from runfolio.model.data import DataUse

        clean = redact_urls(address)
        last = clean.partition("?")[0].rstrip("/").rpartition("/")[2]
        return DataUse(
            name or last or clean, clean, kind="address", why="an address is not fetched"
        )

    def _of_path(self, text: str, name: str | None) -> DataUse:
        from runfolio.capture.data_files import is_pattern, use_of_path, use_of_pattern
        from runfolio.capture.data_paths import shown

        path = Path(os.path.abspath(os.path.expanduser(text)))  # noqa: PTH100, PTH111 - links stay
        uri, given = shown(path, self._root), name or path.name or text
        try:
            if not text:
                raise FileNotFoundError("an empty text is no path")
            with _hashes(path) as hashes_of:
                if is_pattern(str(path)):
                    return use_of_pattern(str(path), uri, given, hashes_of)
                return use_of_path(path, uri, given, hashes_of)
        except OSError as error:
            raise UsageError(
                f"use_data: {text!r} cannot be read: {error.strerror or error}. Expected a file, a folder "
                f"or a pattern, seen from {Path.cwd()}, or an address such as s3://bucket/file."
            ) from error

    def finish(self, seconds: float) -> None:
        """Describe what was detected, as far as there is time, and write all of it."""
        listening = self._listening
        if listening is not None:
            with guard("describing the data that was read"):
                listening.finish(seconds)
                self._found = listening.uses()
        if listening is not None or self._declared:
            self._write()

    def _tell(self) -> None:
        """Write what was detected so far: in the thread that found it."""
        if self._listening is not None:
            self._found = self._listening.uses()
            self._write()
            self._life.upkeep.touch()

    def _write(self) -> None:
        with self._lock:
            told = list(self._declared.values())
            names = [item["uri"] for item in told if item["uri"]]
            told += [self._clean(use) for use in self._found if not _is_among(use.uri, names)]
            told += [item for item in self._before if not any(_same(item, one) for one in told)]
            left = len(told) - _MOST
            body: dict[str, Any] = {"used": list(_bounded(told[:_MOST]))}
            if left > 0:
                body["more"] = left
            if self._listening is not None and (not self._children_only or self._was_told):
                body["detection"] = {"dropped": self._listening.dropped, "not_seen": _NOT_SEEN}
            self._life.files.put(self._path, dumps(body, indent=True) + b"\n")
            # What parts have read stands whole in files of their own.
            told += [item for item in self._of_parts if not any(_same(item, one) for one in told)]
            self._life.document.facts["data"] = [_short(item) for item in told[:_IN_MANIFEST]]

    @property
    def _was_told(self) -> bool:
        """Whether a process of the program that is watched over tells what it opens."""
        return self._has_parts or bool(self._found)

    def _take_up_earlier(self) -> None:
        """Go on with what an earlier segment of the run has written."""
        if self._life.segment > 1 and not self._before and not self._life.document.joined:
            with contextlib.suppress(OSError, CorruptRecord, KeyError, TypeError):
                used = loads(read_small(self._path), "data.json")["used"]
                self._before = [item for item in used if isinstance(item, dict)]

    def _clean(self, use: DataUse) -> dict[str, Any]:
        """Return it as JSON, without secrets in its words."""
        place = "the data"
        if self._has_secret(use):
            redaction = self._life.redaction
            use = replace(
                use, name=redaction.text(use.name, place), why=redaction.text(use.why, place),
                uri=None if use.uri is None else redaction.text(use.uri, place),
                schema={redaction.text(key, place): kind for key, kind in use.schema.items()},
                members=tuple({**one, "path": redaction.text(one["path"], place)} for one in use.members),
            )  # fmt: skip
        item = use.as_json()
        try:
            dumps(item)
        except TypeError:  # a name that is no UTF-8
            return {clean(key): _writable(value) for key, value in item.items()}
        return item

    def _has_secret(self, use: DataUse) -> bool:
        # All of it at once, and not counted yet: a folder may hold a thousand names.
        words = [
            use.name,
            use.uri or "",
            use.why,
            *use.schema,
            *(one["path"] for one in use.members),
        ]
        text = "\n".join(words)
        return redactor().redact_text(text)[0] != text


@contextlib.contextmanager
def _hashes(path: Path) -> Iterator[Any]:
    """Give the function that hashes files, and remembers them for the next run."""
    from runfolio.capture.data_files import fixed_part
    from runfolio.capture.data_hash import file_hashes
    from runfolio.record.file_hashes import FileHashes

    known = FileHashes()
    folder = fixed_part(str(path))
    if os.path.isdir(folder):  # noqa: PTH112
        known.look_up(folder)
    try:
        yield lambda paths: file_hashes(paths, known)
    finally:
        known.close()


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(key): _writable(one) for key, one in value.items()}
    return [_writable(one) for one in value] if isinstance(value, tuple) else value


def _bounded(told: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the data sets, the later ones without their files where there are too many in all."""
    left = _MEMBERS
    for item in told:
        left -= len(item.get("members", ()))
        yield item if left >= 0 else {k: v for k, v in item.items() if k != "members"}


def _is_among(uri: str | None, declared: list[str]) -> bool:
    """Return whether a file or folder was declared, or lies in a folder that was."""
    return uri is not None and any(uri == one or uri.startswith(f"{one}/") for one in declared)


def _key(use: DataUse) -> str:
    return use.uri or f"{use.kind} {use.name}"


def _same(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return (a.get("uri"), a.get("name") if not a.get("uri") else None) == (
        b.get("uri"), b.get("name") if not b.get("uri") else None
    )  # fmt: skip


def _short(item: Mapping[str, Any]) -> dict[str, Any]:
    from runfolio.model.data import SHORT

    return {key: item[key] for key in SHORT if key in item}
