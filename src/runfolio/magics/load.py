"""``%load_ext runfolio``: everything the notebook needs, put in and taken out as one."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from typing import Any

from runfolio.magics.hooks import CellHooks
from runfolio.magics.questions import TrackQuestion
from runfolio.magics.track import TrackMagics
from runfolio.magics.transform import Transformer
from runfolio.magics.words_comm import listen
from runfolio.record.guard import guard
from runfolio.record.session import Session
from runfolio.record.session import session as process_session
from runfolio.verbs.quiet import import_rich

__all__ = ["attach_if_notebook", "load_ipython_extension", "unload_ipython_extension"]


class _Extension:
    """What is put into one shell."""

    def __init__(self, shell: Any, session: Session) -> None:
        self.shell = shell
        self._session = session
        self._before = (session.in_notebook, session.identity, session.namespace)
        self._transformer = Transformer()
        self._hooks = CellHooks(shell, session)
        self._magics = TrackMagics(shell, self._hooks)

    def put_in(self) -> None:
        import_rich()
        session, shell = self._session, self.shell
        session.in_notebook = True
        session.namespace = lambda: shell.user_ns
        session.identity = _identity(shell)
        shell.input_transformers_cleanup.append(self._transformer)
        shell.input_transformer_manager.token_transformers.append(TrackQuestion)
        self._magics.register()
        listen(shell)
        self._hooks.attach()

    def take_out(self) -> None:
        self._hooks.detach()
        self._magics.remove()
        with contextlib.suppress(ValueError):
            self.shell.input_transformers_cleanup.remove(self._transformer)
        with contextlib.suppress(ValueError):
            self.shell.input_transformer_manager.token_transformers.remove(TrackQuestion)
        session = self._session
        session.in_notebook, session.identity, session.namespace = self._before


_loaded: list[_Extension] = []


def load_ipython_extension(ipython: Any) -> None:
    """Put ``%track``, ``%%track`` and the capture of cells into a shell; twice is harmless.

    Parameters
    ----------
    ipython : InteractiveShell
    """
    if _loaded and _loaded[0].shell is ipython:
        return
    unload_ipython_extension()
    extension = _Extension(ipython, process_session)
    extension.put_in()
    _loaded.append(extension)


def unload_ipython_extension(ipython: Any = None) -> None:
    """Take everything out again; a run that a tracked cell opened ends.

    Parameters
    ----------
    ipython : InteractiveShell, optional
        Any other shell than the one it was put into is left alone.
    """
    if _loaded and ipython in (None, _loaded[0].shell):
        _loaded.pop().take_out()


def attach_if_notebook() -> bool:
    """Put the extension in if this process is IPython's, and return whether it is in.

    ``runfolio.init()`` calls this, so that a run is captured the same with and without
    ``%load_ext``. IPython is not imported for it.
    """
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    if shell is not None:
        load_ipython_extension(shell)
    return bool(_loaded)


def _identity(shell: Any) -> dict[str, str | None]:
    """Return which notebook and kernel this is, as far as the front end tells."""
    known: Mapping[str, str | None] = {}
    with guard("finding the notebook"):
        from runfolio.capture.notebook import identity

        known = identity(shell.user_ns)
    return {
        "notebook": known.get("path"),
        "notebook_file": known.get("file"),
        "kernel_id": known.get("kernel_id"),
    }
