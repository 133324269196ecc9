"""The local modules of a process that joined the run of a command, kept beside those of others."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runfolio.errors import CorruptRecord
from runfolio.format.codec import dumps
from runfolio.format.layout import PartName, RunPaths
from runfolio.format.manifest import read_manifest
from runfolio.model.ports import Files
from runfolio.record.code import CodeRecord
from runfolio.record.redaction import Redaction

if TYPE_CHECKING:
    from runfolio.capture.module_files import ModuleFile

__all__ = ["JoinedCode"]


class JoinedCode(CodeRecord):
    """Keeps what the process imported where no repository holds it.

    Several processes may import the same file, or one that was edited in between: a copy is named
    by its content, and the table is the process's own. Whoever opened the run adds the tables up.

    Parameters
    ----------
    paths : RunPaths
    files : Files
    redaction : Redaction
    segment : int
        Which of the run's writers the process is.
    """

    def __init__(self, paths: RunPaths, files: Files, redaction: Redaction, segment: int) -> None:
        super().__init__(paths, self._put_once, redaction)
        self._files = files
        self._file = paths.root / PartName("modules", paths.rank, segment, ext="json").filename
        self._is_program = _was_started_by_owner(paths.root)
        self._whole = False

    def take(self, home: Path, ignore: Sequence[str]) -> None:
        """Take the modules that were imported so far, if no repository holds them.

        Parameters
        ----------
        home, ignore
            As for `CodeRecord.take`.
        """
        from runfolio.capture.git import quick
        from runfolio.capture.module_files import ModuleFiles

        if quick(home) is None:
            self._modules = ModuleFiles(home, None, (), self._script, ignore)
            self.take_modules()
            self._write_table()

    def finish(self) -> None:
        """Take what was imported since, and say that this is all."""
        if self._modules is not None:
            self.take_modules()
            self._whole = True
            self._write_table()

    def write_not_captured(self) -> None:
        """Write what is missing into the table."""
        self._write_table()

    def _write_table(self) -> None:
        table: dict[str, Any] = {
            "program": self._is_program, "whole": self._whole, **self._as_table(),
            "not_captured": self._as_missing(),
        }  # fmt: skip
        self._files.replace(self._file, dumps(table, indent=True) + b"\n")

    def _stored(self, file: ModuleFile, digest: str) -> str:
        return f"modules/{file.root.name}/{file.path}.{digest[:12]}"

    def _put_once(self, path: Path, content: bytes) -> None:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Whole at once: another process may be about to write the same.
            self._files.replace(path, content)


def _was_started_by_owner(folder: Path) -> bool:
    try:
        return read_manifest(folder).get("pid") == os.getppid()
    except (CorruptRecord, OSError):
        return False
