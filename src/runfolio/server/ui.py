"""``ui``: the panel and its cards as a page of their own, for those without JupyterLab."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from runfolio import settings
from runfolio._optional import require
from runfolio.errors import UsageError
from runfolio.verbs.lookup import short_path
from runfolio.verbs.view import Message, View

__all__ = ["ui"]


def ui(folder: str | Path | None = None, *, options: Sequence[str] = ()) -> View:
    """Serve the runs below a folder as a page, until interrupted.

    The server is Jupyter's own: its token, its settings, its authorizer; it listens to this
    machine only unless they say otherwise.

    Parameters
    ----------
    folder : path, optional
        Where to look for stores; by default the folder that holds this project's.
    options : sequence of str
        What ``jupyter server`` takes, as in ``["--port=8899", "--no-browser"]``.

    Raises
    ------
    MissingDependency
        Jupyter's server is not installed.
    UsageError
        The folder is not there, or an event loop runs here already, as in a notebook.
    """
    if _runs_a_loop():
        raise UsageError(
            "ui serves a page from a terminal: runfolio ui. Here JupyterLab's side bar has the "
            "same panel, and %track runs shows the table."
        )
    root = _root() if folder is None else Path(folder).expanduser().absolute()
    if not root.is_dir():
        raise UsageError(f"{short_path(root)} is no folder. Name one that holds stores, or none.")
    for module in ("jupyter_server.extension.application", "ipywidgets"):
        require(module, feature="runfolio ui", install="runfolio[ui]")
    from runfolio.server.app import RunfolioApp

    launch: Callable[[list[str]], None] = RunfolioApp.launch_instance
    launch([f"--ServerApp.root_dir={root}", *options])
    return Message("")


def _root() -> Path:
    """Return the folder that holds this project's store; the current one where there is none."""
    store = settings.store_dir()
    return store.parent if store.is_dir() else Path.cwd()


def _runs_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
