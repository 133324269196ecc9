"""Versions of an artifact and the moves of its aliases: ``.artifacts/<name>/v<N>.json`` and ``log/``.

Each file is created exclusively, whole, and never changed. Which version an alias means is what
the moves add up to; ``latest`` is the highest number.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import blake3

from runfolio.errors import CorruptRecord, UsageError, did_you_mean
from runfolio.format import codec
from runfolio.format.blobs import NO_LINK, is_digest
from runfolio.format.disk import Disk, SystemClock, read_small
from runfolio.format.layout import is_run_id
from runfolio.format.lease import this_process
from runfolio.model.artifact import AliasMove, ArtifactVersion, Entry, check_alias, check_paths
from runfolio.model.ports import BlobFiles, Clock

__all__ = ["FOLDER", "ArtifactVersions", "content_digest"]

FOLDER: Final = ".artifacts"
"""Name of the folder in a store."""

_VERSION: Final = re.compile(r"v(?P<number>0|[1-9][0-9]{0,8})\.json\Z")
_MOVE: Final = re.compile(r"(?P<number>[0-9]{6,12})-[\w.-]+\.json\Z")


def content_digest(entries: Sequence[Entry]) -> str:
    """Return the hash of what a version holds: of its entries as JSON, in order of their paths."""
    lines = [asdict(entry) for entry in sorted(entries, key=lambda entry: entry.path)]
    return str(blake3.blake3(codec.dumps(lines)).hexdigest())


class ArtifactVersions:
    """The versions of one artifact.

    Parameters
    ----------
    store : Path
    name : str
        As a run's id: it names a folder on every system.

    Raises
    ------
    UsageError
        The name cannot name a folder.
    """

    def __init__(
        self, store: Path, name: str, files: BlobFiles | None = None, clock: Clock | None = None
    ) -> None:
        if not is_run_id(name):
            raise UsageError(
                f"{name[:80]!r} cannot be an artifact's name: expected 1 to 128 letters, digits, '.', "
                "'_' or '-', beginning with a letter or digit."
            )
        self.name, self.folder = name, store / FOLDER / name
        self._files, self._clock = files or Disk(), clock or SystemClock()

    def numbers(self) -> list[int]:
        """Return the numbers of its versions, those that cannot be read included."""
        found = (_VERSION.match(name) for name in _names(self.folder))
        return sorted(int(match["number"]) for match in found if match)

    def read(self, number: int) -> ArtifactVersion:
        """Return a version.

        Raises
        ------
        CorruptRecord
            It was edited by hand, or is not what the format says.
        OSError
            It is not there or cannot be read.
        """
        what = f"{self.name}/v{number}.json"
        body = codec.loads(read_small(self.folder / f"v{number}.json"), what)
        try:
            return self._parsed(body, number)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CorruptRecord(f"{what} is not what a version looks like: {error}") from error

    def make(
        self,
        entries: Sequence[Entry],
        *,
        type: str,  # noqa: A002 - as W&B has it
        run_id: str = "",
        **more: Any,
    ) -> tuple[ArtifactVersion, bool]:
        """Return a version with these entries, and whether it is new.

        Parameters
        ----------
        **more
            ``description``, ``metadata``, ``ttl_days``.

        Raises
        ------
        UsageError
            A name inside it leads out of it, or two are one somewhere.
        CorruptRecord
            A link stands where the versions should lie.
        OSError
            The file cannot be written.
        """
        check_paths(entry.path for entry in entries)
        entries = tuple(sorted(entries, key=lambda entry: entry.path))
        digest = content_digest(entries)
        while True:
            numbers = self.numbers()
            with contextlib.suppress(CorruptRecord, OSError, IndexError):
                last = self.read(numbers[-1])
                if (last.digest, last.type) == (digest, type):
                    return last, False
            number = numbers[-1] + 1 if numbers else 0
            version = ArtifactVersion(
                name=self.name, number=number, type=type, digest=digest, entries=entries,
                created_at=self._now(), run_id=run_id, **more,
            )  # fmt: skip
            with contextlib.suppress(FileExistsError):
                self._create(f"v{number}.json", {"format": 1, **asdict(version)})
                return version, True

    def moves(self) -> list[AliasMove]:
        """Return the moves of aliases in their order; what cannot be read is passed over."""
        return sorted(self._moves(), key=lambda move: (move.number, move.time))

    def aliases(self) -> dict[str, int]:
        """Return which version each alias means; ``latest`` is the highest."""
        numbers = self.numbers()
        found: dict[str, int] = {}
        for move in self.moves():
            if move.version is None:
                found.pop(move.alias, None)
            elif move.version in numbers:
                found[move.alias] = move.version
        return found | ({"latest": numbers[-1]} if numbers else {})

    def move(self, alias: str, version: int | None, run_id: str = "") -> None:
        """Give an alias to a version, or take it away.

        Raises
        ------
        UsageError
            Nobody gives such an alias, or there is no such version.
        """
        check_alias(alias)
        if version is not None and version not in self.numbers():
            raise UsageError(f"{self.name} has no version v{version} that could be {alias!r}.")
        who = this_process()
        last = max((move.number for move in self._moves()), default=0)
        host = re.sub(r"[^A-Za-z0-9-]+", "-", str(who["host"]))[:40] or "host"
        self._create(
            f"log/{last + 1:06d}-{host}-{who['pid']}-{os.urandom(3).hex()}.json",
            {"op": "alias", "alias": alias, "version": version, "time": self._now(),
             "by": who["user"], "run_id": run_id},
        )  # fmt: skip

    def resolve(self, wanted: str = "latest") -> int:
        """Return the number of the version that ``latest``, ``v3`` or an alias means.

        Raises
        ------
        UsageError
            There is none.
        """
        known = self.aliases() | {f"v{number}": number for number in self.numbers()}
        if wanted in known:
            return known[wanted]
        if not known:
            raise UsageError(f"There is no artifact {self.name!r} in this store.")
        raise UsageError(
            f"The artifact {self.name!r} has no version {wanted[:80]!r}.{did_you_mean(wanted, known)}"
        )

    def _now(self) -> str:
        us = self._clock.time_ns() // 1000
        return f"{codec.rfc3339(us // 1000)[:-1]}{us % 1000:03d}Z"

    def _create(self, name: str, body: Mapping[str, Any]) -> None:
        """Create a file whole and exclusively."""
        path, data = self.folder / name, codec.with_crc(body)
        if len(data) > codec.MAX_BYTES:
            raise UsageError(f"{self.name}: too many files for one version; pack some together.")
        for folder in (self.folder.parent, self.folder, path.parent):
            if folder.is_symlink():
                raise CorruptRecord(f"{folder.name} is a link; nothing is written through it.")
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(3).hex()}.tmp")
        try:
            self._files.write_new(beside, data)
            try:
                self._files.link(beside, path)
            except OSError as error:
                if error.errno not in NO_LINK:
                    raise
                self._write_new(path, data)
        finally:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)

    def _write_new(self, path: Path, data: bytes) -> None:
        try:
            self._files.write_new(path, data)
        except FileExistsError:
            raise
        except OSError:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)  # half written
            raise

    def _moves(self) -> Iterator[AliasMove]:
        for name in _names(self.folder / "log"):
            match = _MOVE.match(name)
            with contextlib.suppress(CorruptRecord, OSError, UsageError, TypeError, AttributeError):
                body = codec.loads(read_small(self.folder / "log" / name), name)
                version = body.get("version")
                if match and body.get("op") == "alias" and type(version) in (int, type(None)):
                    yield AliasMove(
                        int(match["number"]), str(body.get("time")), check_alias(body["alias"]),
                        version, body.get("by"), str(body.get("run_id") or ""),
                    )  # fmt: skip

    def _parsed(self, body: Any, number: int) -> ArtifactVersion:
        if not codec.crc_matches(body):
            raise ValueError("it was edited by hand")
        slots = {slot: body[slot] for slot in ArtifactVersion.__slots__}
        entries = tuple(_entry(one) for one in slots.pop("entries"))
        version = ArtifactVersion(**slots, entries=entries)
        check_paths(entry.path for entry in entries)
        if (version.name, version.number) != (self.name, number):
            raise ValueError(f"it says that it is v{version.number} of {version.name!r}")
        if version.digest != content_digest(entries):
            raise ValueError("its digest is another than that of its entries")
        if not isinstance(version.metadata, dict):
            raise TypeError("metadata is no mapping")
        return version


def _entry(body: Mapping[str, Any]) -> Entry:
    entry = Entry(**body)
    if not all(isinstance(text, str) for text in (entry.path, entry.blake3, entry.uri, entry.etag)):
        raise TypeError("a text is none")
    if not (type(entry.size) is int and entry.size >= 0) and not (entry.size is None and entry.uri):
        raise ValueError(f"{entry.path!r} has no size")
    if not (is_digest(entry.blake3) or (entry.uri and not entry.blake3)):
        raise ValueError(f"{entry.path!r} has no hash")
    return entry


def _names(folder: Path) -> list[str]:
    try:
        return [] if folder.is_symlink() else sorted(os.listdir(folder))  # noqa: PTH208 - names alone
    except OSError:
        return []
