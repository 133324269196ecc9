"""Carrying run directories to the newest format, one format at a time.

A step from format n to n + 1 writes whatever is new under names that format n does not know, then
the manifest that says n + 1, and only then removes what format n + 1 no longer has. So the run
can be read in one of the two formats wherever it stops, and the next upgrade goes on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format import codec
from runfolio.format.conversion import nobody_writes
from runfolio.format.layout import FORMAT, RunPaths
from runfolio.format.manifest import read_manifest
from runfolio.format.seal import reseal
from runfolio.model.ports import Files

__all__ = ["STEPS", "Change", "Step", "Upgrade", "upgrade_run"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a step does to one run.

    Attributes
    ----------
    body : mapping
        The manifest of the newer format.
    new : mapping of str to bytes
        Path below the run → content; none of them a name of the older format.
    """

    body: Mapping[str, Any]
    new: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """How a run of one format becomes one of the next.

    Attributes
    ----------
    change : callable
        ``change(folder, body)`` reads the run and returns a `Change`; it writes nothing.
    obsolete : tuple of str
        Patterns of names at the top of a run that the newer format no longer has.
    """

    change: Callable[[Path, Mapping[str, Any]], Change]
    obsolete: tuple[str, ...] = ()


STEPS: Final[Mapping[int, Step]] = {}
"""Format → the step to the one after it. There is one format so far, and so no step."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """How a run stands.

    Attributes
    ----------
    was, now : int
        Its format before and after; 0 where the manifest does not say.
    why : str
        Why it stays as it is; empty where it is in the newest format now.
    removed : tuple of str
        Files that the newest format no longer has.
    """

    was: int
    now: int
    why: str = ""
    removed: tuple[str, ...] = ()


def upgrade_run(
    folder: Path,
    files: Files,
    *,
    steps: Mapping[int, Step] = STEPS,
    newest: int = FORMAT,
    dry_run: bool = False,
) -> Upgrade:
    """Carry one run to the newest format.

    Parameters
    ----------
    dry_run : bool
        Only say what would be done.

    Raises
    ------
    OSError
        The disk refused; the run is in its older format or a newer one, and whole.
    """
    try:
        body = read_manifest(folder)
    except CorruptRecord as error:
        return Upgrade(0, 0, str(error))
    was = body.get("format")
    if type(was) is not int or was < 1:
        return Upgrade(0, 0, "run.json does not say its format")
    if was > newest:
        return Upgrade(was, was, f"format {was} is newer than this runfolio, which knows {newest}")
    if was < newest and not codec.crc_matches(body):
        return Upgrade(was, was, "run.json was edited by hand (its checksum does not match)")
    if was < newest and not nobody_writes(folder):
        return Upgrade(was, was, "it may still be written")
    if dry_run:
        return Upgrade(was, newest, removed=_obsolete(folder, steps, newest))
    for number in range(was, newest):
        body = _take(folder, steps[number], number + 1, body, files)
    removed = _obsolete(folder, steps, newest)
    for name in removed:
        files.unlink(folder / name)
    if removed:
        with contextlib.suppress(CorruptRecord):
            reseal(folder, files, gone=removed, new=())
    return Upgrade(was, newest, removed=removed)


def _take(
    folder: Path, step: Step, number: int, body: Mapping[str, Any], files: Files
) -> dict[str, Any]:
    """Carry a run one format further and return its manifest."""
    change = step.change(folder, body)
    for name, content in change.new.items():
        files.replace(folder / name, content)
    newer = {**change.body, "format": number}
    files.replace(RunPaths(folder).manifest, codec.with_crc(newer))
    return newer


def _obsolete(folder: Path, steps: Mapping[int, Step], newest: int) -> tuple[str, ...]:
    patterns = {name for number, step in steps.items() if number < newest for name in step.obsolete}
    found = {path.name for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return tuple(sorted(found))
