"""``run.save``: files of the user, copied into the run so that the record stays as it was."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from runfolio.errors import UsageError
from runfolio.model.ports import Files
from runfolio.record.guard import warn_once

__all__ = ["POLICIES", "Saved"]

POLICIES: Final = ("live", "now", "end")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What was asked to be saved.

    Attributes
    ----------
    text : str
        A file, a folder or a pattern.
    root : Path
        The folder the program was in.
    base : Path or None
        Paths below it are kept; without it those below `root`.
    """

    text: str
    root: Path
    base: Path | None = None

    def below(self, folder: Path) -> Pattern:
        """Return the same with paths kept below the folder's parent, unless a base was given."""
        return replace(self, base=self.base or folder.parent)


@dataclass(slots=True)
class Saved:
    """What was saved, and which patterns are looked at once more at the end.

    Files are copied, never hard-linked: the next ``open(path, "wb")`` of the user's program
    would overwrite the record.
    """

    target: Path
    files: Files
    copied: dict[str, tuple[int, int]] = field(default_factory=dict)
    again: list[Pattern] = field(default_factory=list)
    sources: dict[Path, Path] = field(default_factory=dict)

    def save(self, pattern: str, base: Path | None, policy: str) -> list[Path]:
        """Copy what the pattern matches and return where it lies now.

        Raises
        ------
        UsageError
            The policy is unknown, or a file lies outside `base`.
        """
        if policy not in POLICIES:
            raise UsageError(f"policy is {policy!r}; expected one of {', '.join(POLICIES)}.")
        # The program may change its folder before the end.
        wanted = Pattern(pattern, Path.cwd(), _absolute(base) if base else None)
        found = [] if policy == "end" else self._copy(wanted)
        if policy != "now":
            self.again.append(wanted)
        if not found and policy != "end":
            warn_once(
                f"save {pattern}",
                f"save({pattern!r}) matches no file yet"
                + ("; it is looked for again when the run ends." if policy == "live" else "."),
            )
        return found

    def finish(self) -> list[Path]:
        """Copy again what has changed since, and what has appeared."""
        return [path for wanted in self.again for path in self._copy(wanted)]

    def _copy(self, wanted: Pattern) -> list[Path]:
        from runfolio.capture.opened import unnoticed

        with unnoticed():
            return self._copied(wanted)

    def _copied(self, wanted: Pattern) -> list[Path]:
        import glob as globbing

        found: dict[Path, None] = {}
        # Not Path.glob: the pattern may be absolute.
        matches = globbing.glob(wanted.text, root_dir=wanted.root, recursive=True)  # noqa: PTH207
        for match in sorted(matches):
            source = _absolute(wanted.root / match)
            if source.is_dir():
                inside = wanted if source.is_relative_to(wanted.root) else wanted.below(source)
                for path in sorted(source.rglob("*")):
                    if path.is_file():
                        found[self._copy_file(path, inside)] = None
            elif source.is_file():
                found[self._copy_file(source, wanted)] = None
        return list(found)

    def _copy_file(self, source: Path, wanted: Pattern) -> Path:
        with contextlib.suppress(ValueError):
            # It lies where `run.dir` pointed the user: it is in the run already.
            return self.target / source.relative_to(self.target)
        target = self._target_of(source, wanted)
        info = source.stat()
        stamp = (info.st_mtime_ns, info.st_size)
        if self.copied.get(str(target)) == stamp and target.exists():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            self.files.clone(source, beside)
            self.files.adopt(beside, target)
        finally:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
        self.copied[str(target)] = stamp
        return target

    def _target_of(self, source: Path, wanted: Pattern) -> Path:
        """Return where a file goes: with more of its own path where another has the name."""
        below = _below(source, wanted)
        for more in range(len(source.parts) - len(below.parts)):
            longer = Path(*source.parts[-len(below.parts) - more :]) if more else below
            if self.sources.setdefault(longer, source) == source:
                return self.target / longer
        return self.target / below


def _absolute(path: Path) -> Path:
    """Return the path without its dots: one upwards must not lead out of the run elsewhere."""
    # Not resolve(): a linked file keeps the name by which it was saved.
    return Path(os.path.abspath(path))  # noqa: PTH100


def _below(source: Path, wanted: Pattern) -> Path:
    """Return the path a file gets below ``files/``: as it lies below the base, or the folder."""
    if wanted.base is not None:
        try:
            return source.relative_to(wanted.base)
        except ValueError:
            raise UsageError(
                f"{str(source)!r} does not lie below base_path={str(wanted.base)!r}; give a folder "
                "above it."
            ) from None
    with contextlib.suppress(ValueError):
        return source.relative_to(wanted.root)
    return Path(source.name)
