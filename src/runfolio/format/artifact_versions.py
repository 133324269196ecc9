"""Versions of an artifact: ``.artifacts/<name>/v<N>.json``, and what its log says they are.

Each file is created exclusively, whole, and never changed. Which version an alias or a stage
means is what the log adds up to; ``latest`` is the highest number whose content was not dropped.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import blake3

from runfolio.errors import ArtifactNotFound, CorruptRecord, UsageError, did_you_mean
from runfolio.format import codec
from runfolio.format.artifact_log import ArtifactLog
from runfolio.format.blobs import is_digest
from runfolio.format.created_once import create_once
from runfolio.format.disk import Disk, SystemClock, read_small
from runfolio.format.layout import is_run_id
from runfolio.model.artifact import ArtifactVersion, Entry, check_alias, check_paths
from runfolio.model.artifact_history import LogEntry, Standing, as_said, check_stage, standing
from runfolio.model.ports import BlobFiles, Clock

__all__ = ["FOLDER", "ArtifactVersions", "content_digest"]

FOLDER: Final = ".artifacts"
"""Name of the folder in a store."""

MAX_BYTES: Final = 128 << 20
"""No larger a version is read or made: some 600,000 files."""

_VERSION: Final = re.compile(r"v(?P<number>0|[1-9][0-9]{0,8})\.json\Z")


def content_digest(entries: Sequence[Entry]) -> str:
    """Return the hash of what a version holds: of its entries as JSON, in order of their paths."""
    in_order = sorted(entries, key=lambda entry: entry.path)
    return str(blake3.blake3(codec.dumps(in_order)).hexdigest())


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
        self.log = ArtifactLog(self.folder, self._files, self._clock)

    def numbers(self) -> list[int]:
        """Return the numbers of its versions, those that cannot be read included."""
        found = (_VERSION.match(name) for name in _names(self.folder))
        return sorted(int(match["number"]) for match in found if match)

    def read(self, number: int) -> ArtifactVersion:
        """Return a version as it was made; `described` has what was said of it since.

        Raises
        ------
        CorruptRecord
            It was edited by hand, or is not what the format says.
        OSError
            It is not there or cannot be read.
        """
        what = f"{self.name}/v{number}.json"
        body = codec.loads(read_small(self.folder / f"v{number}.json", MAX_BYTES), what, MAX_BYTES)
        try:
            return self._parsed(body, number)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CorruptRecord(f"{what} is not what a version looks like: {error}") from error

    def described(self, number: int) -> ArtifactVersion:
        """Return a version with the description, metadata and ttl that were said of it last.

        Raises
        ------
        CorruptRecord, OSError
            As `read`.
        """
        return as_said(self.read(number), self.standing())

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
            A name inside it leads out of it, or two are one somewhere; or another artifact has
            this name in other letters.
        CorruptRecord
            A link stands where the versions should lie.
        OSError
            The file cannot be written.
        """
        check_paths(entry.path for entry in entries)
        self._check_name()
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
                body = {"format": 1, **asdict(version)}
                create_once(self.folder, f"v{number}.json", body, self._files, limit=MAX_BYTES)
                return version, True

    def standing(self) -> Standing:
        """Return aliases, stages, and what was dropped; entries that cannot be read are passed over."""
        return standing(self.log.read()[0], self.numbers())

    def aliases(self, now: Standing | None = None) -> dict[str, int]:
        """Return which version each alias means; ``latest`` is the highest with its content.

        Parameters
        ----------
        now : Standing, optional
            What was read a moment ago.
        """
        now, numbers = now or self.standing(), self.numbers()
        there = [number for number in numbers if number not in now.dropped]
        return now.aliases | ({"latest": there[-1]} if there else {})

    def move(self, alias: str, version: int | None, run_id: str = "") -> LogEntry:
        """Give an alias to a version, or take it away.

        Raises
        ------
        UsageError
            Nobody gives such an alias, it is a stage's name, or there is no such version.
        """
        check_alias(alias)
        if version is not None and alias in self.standing().before:
            raise UsageError(
                f"{alias!r} is a stage of {self.name}, which counts before an alias; "
                f"promote the version, or give another alias."
            )
        self._check(version, f"be {alias!r}")
        return self.log.add("alias", name=alias, version=version, run_id=run_id)

    def stage(self, stage: str, version: int | None, *, run_id: str = "", **more: Any) -> LogEntry:
        """Give a stage to a version, or to none; no rule is asked here.

        Parameters
        ----------
        **more
            ``why``, ``rules``, ``forced``, ``rollback``.

        Raises
        ------
        UsageError
            Nobody gives such a stage, or there is no such version.
        """
        check_stage(stage)
        self._check(version, f"be {stage!r}")
        was = self.standing().stages.get(stage)
        return self.log.add("stage", name=stage, version=version, was=was, run_id=run_id, **more)

    def drop(self, version: int, why: str, run_id: str = "") -> LogEntry:
        """Say that the content of a version may go; the version itself stays in the list.

        Raises
        ------
        UsageError
            There is no such version, or it has a stage.
        """
        self._check(version, "be dropped")
        stages = [stage for stage, one in self.standing().stages.items() if one == version]
        if stages:
            raise UsageError(
                f"v{version} of {self.name} is {stages[0]} and stays; promote another one first."
            )
        return self.log.add("drop", version=version, why=why, run_id=run_id)

    def keep(self, version: int, why: str = "", run_id: str = "") -> LogEntry:
        """Take a drop back, as long as the content is there.

        Raises
        ------
        UsageError
            There is no such version.
        """
        self._check(version, "be kept")
        return self.log.add("keep", version=version, why=why, run_id=run_id)

    def describe(self, version: int, said: Mapping[str, Any], run_id: str = "") -> LogEntry:
        """Say something else of a version than was said when it was made, which stays as it is.

        Parameters
        ----------
        said : mapping
            ``description``, ``metadata`` (the whole of it), ``ttl_days``; what is not named stays.

        Raises
        ------
        UsageError
            There is no such version, or it is larger than readers take.
        """
        self._check(version, "be described")
        return self.log.add("describe", version=version, said=dict(said), run_id=run_id)

    def resolve(self, wanted: str = "latest") -> int:
        """Return the number of the version that ``v3``, a stage, an alias or ``latest`` means.

        Raises
        ------
        ArtifactNotFound
            There is none, or its content was dropped.
        """
        number = self.meant(wanted)
        if gone := self.standing().dropped.get(number):
            raise ArtifactNotFound(f"{self.name}:v{number} was dropped {gone.told()}.")
        return number

    def meant(self, wanted: str = "latest") -> int:
        """Return the number of the version that a text means, be its content there or dropped.

        Raises
        ------
        ArtifactNotFound
            There is none.
        """
        numbers, now = self.numbers(), self.standing()
        there = [number for number in numbers if number not in now.dropped]
        known = {"latest": there[-1] if there else numbers[-1]} if numbers else {}
        known |= now.aliases | now.stages | {f"v{number}": number for number in numbers}
        if not known:
            raise ArtifactNotFound(f"There is no artifact {self.name!r} in this store.")
        if wanted not in known:
            raise ArtifactNotFound(
                f"The artifact {self.name!r} has no version {wanted[:80]!r}."
                f"{did_you_mean(wanted, known)}"
            )
        return known[wanted]

    def _check_name(self) -> None:
        for other in _names(self.folder.parent):
            if other != self.name and other.casefold() == self.name.casefold():
                raise UsageError(
                    f"There is an artifact {other!r}, and {self.name!r} is the same name on some "
                    f"systems; call it {other!r}, or something else."
                )

    def _check(self, version: int | None, what: str) -> None:
        if version is not None and version not in self.numbers():
            raise UsageError(f"{self.name} has no version v{version} that could {what}.")

    def _now(self) -> str:
        us = self._clock.time_ns() // 1000
        return f"{codec.rfc3339(us // 1000)[:-1]}{us % 1000:03d}Z"

    def _parsed(self, body: Any, number: int) -> ArtifactVersion:
        if not isinstance(body, dict):
            raise TypeError(f"it is no mapping, but a {type(body).__name__}")
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
