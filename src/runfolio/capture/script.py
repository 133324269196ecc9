"""What was started: the command, the script, the module."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runfolio import settings
from runfolio.capture.reading import read_regular
from runfolio.capture.secrets.argv import redact_argv

__all__ = [
    "Started", "command", "is_worker", "main_file", "printable", "project_path", "script", "source",
    "stand_for", "started",
]  # fmt: skip

_MAX_SOURCE_BYTES: Final = 2 * 1024 * 1024
_MAX_ARGUMENTS: Final = 1000
_MAX_CHARACTERS: Final = 4096


@dataclass(frozen=True, slots=True)
class Started:
    """A program as it was started.

    Attributes
    ----------
    program : tuple of str
        ``("python", "train.py")``: see `command`.
    arguments : tuple of str
    file : Path or None
        The script or module.
    """

    program: tuple[str, ...]
    arguments: tuple[str, ...]
    file: Path | None


_stood_for: Started | None = None


def started() -> Started:
    """Return how this process was started."""
    return Started(tuple(_program()), tuple(sys.argv[1:]), _kept_file())


def stand_for(program: Started | None) -> None:
    """Have this process known as doing the work of another program, or of a part of its own.

    Parameters
    ----------
    program : Started or None
        What is told of it from here on; ``None``: how it was started itself.
    """
    global _stood_for
    _stood_for = program


def is_worker() -> bool:
    """Return whether this process does the work of a script that it was not started with."""
    return _stood_for is not None and _stood_for.file != _kept_file()


def command() -> list[str]:
    """Return the command line that started this process, secrets replaced by marks.

    Returns
    -------
    list of str
        ``["python", "train.py", …]`` with the path of the script, or of the folder or archive that
        was executed, relative to the project root,
        ``["python", "-m", "package.module", …]``, ``["python", "-c", …]``, the bare name of an
        installed command, ``["python", "-", …]`` for what is piped into Python with arguments, or
        ``["python"]`` in an interactive session.
    """
    known = _stood_for or started()
    arguments = [printable(argument) for argument in known.arguments[:_MAX_ARGUMENTS]]
    return redact_argv([*known.program, *arguments])


def script() -> str | None:
    """Return the path of the script that runs, relative to the project root.

    ``None`` for a module, an interactive session, a notebook, or a script outside the project.
    """
    file = _main_file()
    if file is None or _module_name() is not None:
        return None
    relative = project_path(file)
    return relative if not Path(relative).is_absolute() else None


def source(file: Path | None) -> str | None:
    """Return the text of a script, at most 2 MB; ``None`` where it cannot be read."""
    content = read_regular(file, _MAX_SOURCE_BYTES) if file is not None else None
    return content.decode("utf-8", "replace") if content is not None else None


def main_file() -> Path | None:
    """Return the absolute path of the script or module that runs.

    To be asked while it runs: Python forgets it with the script's last line. ``None`` in an
    interactive session, and for an installed command, whose text says nothing.
    """
    return _kept_file() if _stood_for is None else _stood_for.file


def _kept_file() -> Path | None:
    file = _main_file()
    if file is None or _is_command(file):
        return None
    return Path(os.path.abspath(file))  # noqa: PTH100 - links stay


def project_path(file: str | os.PathLike[str]) -> str:
    """Return a path relative to the project root where it lies in it, else as it is.

    Parameters
    ----------
    file : path
        Relative to the current folder, or absolute.
    """
    absolute = Path(os.path.abspath(file))  # noqa: PTH100 - links are not to be followed
    root = settings.project_root(absolute.parent)
    if root is None:
        return str(absolute)
    return absolute.relative_to(root).as_posix()


def _program() -> list[str]:
    name = _module_name()
    if name is not None:
        return ["python", "-m", name]
    if sys.argv and sys.argv[0] == "-c":
        return ["python", "-c", *_code()]
    file = _main_file()
    if file is None:
        return ["python", "-"] if sys.argv[:1] == ["-"] else ["python"]
    if _is_command(file):
        return [printable(Path(file).name)]
    path = Path(project_path(file))
    if path.name == "__main__.py" and getattr(sys.modules["__main__"], "__spec__", None):
        path = path.parent  # of a folder or an archive: `python app.pyz`
    # Where the script of somebody else's folder lies is nobody's business.
    return ["python", printable(path.name if path.is_absolute() else path.as_posix())]


def _is_command(file: str) -> bool:
    return Path(file).suffix == "" and Path(file).parent.name in ("bin", "Scripts")


def _code() -> list[str]:
    given = getattr(sys, "orig_argv", [])
    if "-c" not in given[:-1]:
        return []
    return [printable(given[given.index("-c") + 1])]


def _module_name() -> str | None:
    spec: Any = getattr(sys.modules.get("__main__"), "__spec__", None)
    name = getattr(spec, "name", None)
    if not isinstance(name, str) or name == "__main__":
        return None
    return name.removesuffix(".__main__")


def _main_file() -> str | None:
    file: Any = getattr(sys.modules.get("__main__"), "__file__", None)
    return file if isinstance(file, str) and not file.startswith("<") else None


def printable(argument: str) -> str:
    """Return an argument of a command line as text that JSON holds, cut where it is very long."""
    # An argument is bytes to the system; what is no text in it must still fit into JSON.
    text = argument.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text if len(text) <= _MAX_CHARACTERS else f"{text[:_MAX_CHARACTERS]}…"
