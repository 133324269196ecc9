"""``run.save``: files of the user, copied into the run so that the record stays as it was."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from runfolio.errors import UsageError
from runfolio.record.guard import warn_once

__all__ = ["POLICIES", "Saved"]

POLICIES: Final = ("live", "now", "end")

# Linux: share the blocks of the source where the file system can (btrfs, xfs).
_FICLONE: Final = 0x40049409


@dataclass(slots=True)
class Saved:
    """What was saved, and which patterns are looked at once more at the end.

    Files are copied, never hard-linked: the next ``open(path, "wb")`` of the user's program
    would overwrite the record.
    """

    target: Path
    copied: dict[str, tuple[int, int]] = field(default_factory=dict)
    again: list[tuple[str, Path | None]] = field(default_factory=list)

    def save(self, pattern: str, base: Path | None, policy: str) -> list[Path]:
        """Copy what the pattern matches and return where it lies now.

        Raises
        ------
        UsageError
            The policy is unknown, or a file lies outside `base`.
        """
        if policy not in POLICIES:
            raise UsageError(f"policy is {policy!r}; expected one of {', '.join(POLICIES)}.")
        if policy != "now":
            self.again.append((pattern, base))
        if policy == "end":
            return []
        found = self._copy(pattern, base)
        if not found:
            warn_once(
                f"save {pattern}",
                f"save({pattern!r}) matches no file yet"
                + ("; it is looked for again when the run ends." if policy == "live" else "."),
            )
        return found

    def finish(self) -> list[Path]:
        """Copy again what has changed since, and what has appeared."""
        return [path for pattern, base in self.again for path in self._copy(pattern, base)]

    def _copy(self, pattern: str, base: Path | None) -> list[Path]:
        import glob as globbing

        found = []
        # Not Path.glob: the pattern may be absolute.
        for match in sorted(globbing.glob(pattern, recursive=True)):  # noqa: PTH207
            source = Path(match)
            if source.is_dir():
                found += [self._copy_file(path, base or source.parent)
                          for path in sorted(source.rglob("*")) if path.is_file()]  # fmt: skip
            elif source.is_file():
                found.append(self._copy_file(source, base))
        return found

    def _copy_file(self, source: Path, base: Path | None) -> Path:
        source = source.absolute()
        with contextlib.suppress(ValueError):
            # It lies where `run.dir` pointed the user: it is in the run already.
            return self.target / source.relative_to(self.target)
        target = self.target / _below(source, base)
        info = source.stat()
        stamp = (info.st_mtime_ns, info.st_size)
        if self.copied.get(str(target)) == stamp and target.exists():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        import shutil

        try:
            if not _reflink(source, beside):
                shutil.copyfile(source, beside)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        self.copied[str(target)] = stamp
        return target


def _below(source: Path, base: Path | None) -> Path:
    """Return the path a file gets below ``files/``: as it lies below `base`, or the folder."""
    if base is not None:
        try:
            return source.relative_to(base.absolute())
        except ValueError:
            raise UsageError(
                f"{str(source)!r} does not lie below base_path={str(base)!r}; give a folder above it."
            ) from None
    with contextlib.suppress(ValueError):
        return source.relative_to(Path.cwd())
    return Path(source.name)


def _reflink(source: Path, target: Path) -> bool:
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows
        return False
    with source.open("rb") as read, target.open("wb") as write:
        try:
            fcntl.ioctl(write.fileno(), _FICLONE, read.fileno())
        except OSError:
            return False
    return True
