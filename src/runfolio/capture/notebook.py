"""Which notebook and kernel this is, as far as the front end tells."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from runfolio.capture.script import project_path

__all__ = ["identity"]

_CONNECTION_FILE: Final = re.compile(
    r"kernel-(?:v\d+-)?(?P<id>[0-9A-Za-z][0-9A-Za-z_-]{0,80})\.json$"
)
_NOTEBOOK: Final = ".ipynb"
_MAX_ID: Final = 80
# What is in the environment → what people call the place, the narrower before the wider.
_PLACES: Final = (
    ("COLAB_RELEASE_TAG", "Google Colab"),
    ("KAGGLE_KERNEL_RUN_TYPE", "Kaggle"),
    ("DATABRICKS_RUNTIME_VERSION", "Databricks"),
    ("__vsc_ipynb_file__", "VS Code"),
    ("VSCODE_PID", "VS Code"),
)
# The command of the server that started the kernel → the front end it is known for.
_SERVERS: Final = (
    ("jupyter-lab", "JupyterLab"),
    ("jupyterlab", "JupyterLab"),
    ("jupyter-notebook", "Jupyter Notebook"),
    ("jupyter-nbconvert", "nbconvert"),
    ("jupyter-execute", "nbclient"),
)


def identity(
    given: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    argv: Iterable[str] | None = None,
) -> dict[str, str | None]:
    """Return which notebook and kernel this process runs.

    Parameters
    ----------
    given : mapping, optional
        The user's namespace, where VS Code puts the notebook's path. What is asked for is
        looked up here before the environment.
    environment : mapping, optional
        Without it: the variables of this process.
    argv : iterable of str, optional
        The kernel's command line, which names its connection file; without it: this process's.

    Returns
    -------
    dict
        ``path`` (of the notebook, relative to the project root where it lies in it), ``file``
        (the same, absolute), ``kernel_id``, ``front_end`` (``JupyterLab``, ``VS Code`` …). Each
        is ``None`` where nobody tells: nbclient names no notebook.
    """
    known = _Known(given or {}, os.environ if environment is None else environment)
    file = known.text("__vsc_ipynb_file__") or known.text("JPY_SESSION_NAME")
    if file is not None and not file.endswith(_NOTEBOOK):
        file = None  # a console's session, or an editor without a file yet
    return {
        "path": project_path(file) if file is not None else None,
        "file": os.path.abspath(file) if file is not None else None,  # noqa: PTH100 - links stay
        "kernel_id": _kernel_id(sys.argv if argv is None else argv),
        "front_end": _front_end(known),
    }


class _Known:
    """Two mappings asked one after the other, for text only."""

    def __init__(self, given: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        self._mappings = (given, environment)

    def text(self, name: str) -> str | None:
        for mapping in self._mappings:
            value = mapping.get(name)
            if isinstance(value, str) and value and "\0" not in value:
                return value.encode("utf-8", "replace").decode("utf-8")
        return None


def _kernel_id(argv: Iterable[str]) -> str | None:
    words = list(argv)
    for word in words:
        match = _CONNECTION_FILE.search(word)
        if match is not None:
            return match["id"]
    # A manager without a server, such as nbclient, takes a temporary name for the file.
    if words and "ipykernel" in words[0] and "-f" in words[:-1]:
        return Path(words[words.index("-f") + 1]).stem[:_MAX_ID] or None
    return None


def _front_end(known: _Known) -> str | None:
    for variable, place in _PLACES:
        if known.text(variable) is not None:
            return place
    parent = known.text("JPY_PARENT_PID")
    server = _command_of(int(parent)) if parent is not None and parent.isdecimal() else ""
    for word, place in _SERVERS:
        if word in server:
            return place
    return "Jupyter" if known.text("JPY_SESSION_NAME") is not None else None


def _command_of(pid: int) -> str:
    import psutil

    try:
        words = psutil.Process(pid).cmdline()
    except (psutil.Error, OSError, OverflowError, ValueError):
        return ""
    # `python -m jupyter lab` and the command `jupyter-lab` are one program.
    return "-".join(" ".join(words).split()).replace("jupyter-jupyter-", "jupyter-")
