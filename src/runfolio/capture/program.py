"""What a command line starts: which program, in which language, with which text of its own."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runfolio.capture.script import printable, project_path
from runfolio.capture.secrets.argv import redact_argv

__all__ = ["Program", "program"]

_PYTHON: Final = re.compile(r"(?:python|pypy)[0-9.]*(?:\.exe)?\Z")
_SHEBANG_PYTHON: Final = re.compile(
    rb"#!\s*(?P<path>/[^\s]*(?:python|pypy)[0-9.]*)\s*(?:\s-\w+)?\Z"
)
_SOURCES: Final = frozenset(
    {".py", ".sh", ".bash", ".R", ".r", ".jl", ".js", ".mjs", ".ts", ".lua", ".pl", ".rb"}
)


@dataclass(frozen=True, slots=True)
class Program:
    """A command line and what can be said of it before it runs.

    Attributes
    ----------
    argv : tuple of str
        As it is started.
    file : Path
        The program that was found.
    interpreter : Path or None
        The Python that runs it, as far as its name or first line tells.
    script : Path or None
        The first argument that is a source file.
    """

    argv: tuple[str, ...]
    file: Path
    interpreter: Path | None
    script: Path | None

    @property
    def command(self) -> list[str]:
        """The command line as it is recorded: no place of this machine, secrets as marks."""
        first = "python" if _PYTHON.match(self.file.name) else _without_place(self.argv[0])
        shown = [self._shown(argument) for argument in self.argv[1:]]
        return redact_argv([printable(text) for text in (first, *shown)])

    def _shown(self, argument: str) -> str:
        return _without_place(argument) if Path(argument) == self.script else argument

    @property
    def runs_in_this_python(self) -> bool:
        """Whether its Python is the one of this process: the same environment."""
        return self.interpreter is not None and (
            self.interpreter.parent == Path(sys.executable).parent
            and self.interpreter.resolve() == Path(sys.executable).resolve()
        )


def program(argv: Sequence[str]) -> Program | None:
    """Return what a command line starts; ``None`` where there is no such program."""
    found = shutil.which(argv[0]) if argv else None
    if found is None:
        return None
    file = Path(os.path.abspath(found))  # noqa: PTH100 - a link may be a virtual environment's
    candidates = [file, *(Path(argument) for argument in argv[1:])]
    script = next((path for path in candidates if path.suffix in _SOURCES and path.is_file()), None)
    return Program(tuple(argv), file, _interpreter(file), script)


def _interpreter(file: Path) -> Path | None:
    if _PYTHON.match(file.name):
        return file
    try:
        with file.open("rb") as opened:
            first = opened.readline(512).rstrip()
    except OSError:
        return None
    match = _SHEBANG_PYTHON.match(first)
    return Path(os.fsdecode(match["path"])) if match is not None else None


def _without_place(path: str) -> str:
    """Return a program's or script's path as seen from the project, else its bare name."""
    if Path(path).name == path:
        return path
    shown = project_path(path)
    return Path(shown).name if Path(shown).is_absolute() else shown
