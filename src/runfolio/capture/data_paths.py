"""Which of the files that a program opens are data, judged by their paths alone."""

from __future__ import annotations

import functools
import os
import re
import sys
from pathlib import Path
from typing import Final

from runfolio import settings

__all__ = ["is_data", "is_worth_noting", "shown"]

_SYSTEM: Final = ("/proc/", "/sys/", "/dev/", "/etc/", "/usr/", "/lib/", "/lib64/", "/run/user/",
                  "/run/systemd/", "/run/lock/", "/bin/", "/sbin/", "/var/lib/", "/var/cache/", "/opt/conda/pkgs/")  # fmt: skip
# `.pth` is not among them: what Python calls so lies in site-packages, elsewhere it is weights.
_CODE: Final = (".py", ".pyc", ".pyi", ".pyx", ".so", ".pyd", ".dll", ".dylib", ".ipynb", ".md")
# Text of the project itself: kept as code, or as part of the environment.
_PROJECT: Final = frozenset({"pyproject.toml", "setup.cfg", "setup.py", "uv.lock", "poetry.lock",
    "pixi.lock", "requirements.txt", "environment.yml", "dvc.lock", "dvc.yaml", "pyvenv.cfg",
    "metrics.toml"})  # fmt: skip
_OTHERS: Final = (".git", "__pycache__", "site-packages", settings.STORE)
_TEMPORARY: Final = re.compile(r"ipykernel_|pymp-|runfolio-|pip-|torch_")


@functools.cache
def _installed() -> tuple[str, ...]:
    """Return the folders of Python and of what is installed, each with a separator at its end."""
    import site
    import sysconfig

    folders = {sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages()}
    folders |= {
        path for name in ("stdlib", "purelib", "platlib") if (path := sysconfig.get_path(name))
    }
    folders.add(site.getusersitepackages())
    folders.add(str(Path(settings.__file__).parent))  # installed in place it lies elsewhere
    both = folders | {os.path.realpath(folder) for folder in folders}
    # A prefix of / would be everything.
    return tuple(f"{folder}{os.sep}" for folder in both if len(folder) > 1) + _SYSTEM


def _places() -> tuple[str, str]:
    """Return the home folder and the folder of temporary files."""
    import tempfile

    return _home(os.environ.get("HOME")), tempfile.gettempdir()


@functools.lru_cache(maxsize=4)
def _home(_: str | None) -> str:
    return os.path.expanduser("~")  # noqa: PTH111


def is_worth_noting(path: str) -> bool:
    """Return whether an absolute path lies neither in Python, nor in a system's folder.

    On the path of every first `open` of a file: one comparison, nothing else.
    """
    return not path.startswith(_installed()) and bool(path)


def is_data(path: str) -> bool:
    """Return whether an absolute path may be data: no code, no cache, nothing temporary or hidden."""
    # A hundred thousand paths: text is quicker to ask than a `Path`.
    name = path.rpartition(os.sep)[2]
    if name.endswith(_CODE) or name in _PROJECT or name.startswith("<"):
        return False
    if any(f"{os.sep}{folder}{os.sep}" in f"{path}{os.sep}" for folder in _OTHERS):
        return False
    home, temporary = _places()
    if path.startswith(f"{home}{os.sep}."):
        return False  # settings and caches of programs
    return not (
        path.startswith(f"{temporary}{os.sep}") and _TEMPORARY.match(path[len(temporary) + 1 :])
    )


def shown(path: str | os.PathLike[str], root: Path | None) -> str:
    """Return a path as it stands in the record: from the project, else without the places above.

    Parameters
    ----------
    root : Path or None
        The project's folder.
    """
    text = os.path.abspath(path)  # noqa: PTH100 - links stay
    if root is not None and (text == str(root) or text.startswith(f"{root}{os.sep}")):
        return Path(text).relative_to(root).as_posix()
    home = _places()[0]
    if text.startswith(f"{home}{os.sep}"):
        return f"~/{Path(text).relative_to(home).as_posix()}"
    return Path(text).as_posix()
