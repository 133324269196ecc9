"""Imports in threads of ours: a fork waits for them, so that no child gets half a module.

Of a module that another thread was importing, a forked child has the half that was there, and its
lock, which nobody gives back: whoever imports it in the child waits for ever.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
from collections.abc import Iterable, Iterator

__all__ = ["is_loading", "load", "loading"]

# An import that hangs must not hold the training's fork for ever.
_PATIENCE_S = 3.0

# Of a thread: the fork, too, may come from one that imports.
_importing = threading.RLock()
_owner: int | None = None


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Let no fork of this process happen inside of the block, in which a thread imports."""
    global _owner
    lock = _importing
    with lock:
        before, _owner = _owner, threading.get_ident()
        try:
            yield
        finally:
            _owner = before


def load(names: Iterable[str]) -> None:
    """Import modules; those that are not installed, or broken, are passed over."""
    with loading():
        for name in names:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def is_loading() -> bool:
    """Return whether this thread imports, and no fork happens meanwhile."""
    return _owner == threading.get_ident()


def _before_fork() -> None:
    _importing.acquire(timeout=_PATIENCE_S)


def _after_in_parent() -> None:
    with contextlib.suppress(RuntimeError):  # it was not had in time
        _importing.release()


def _after_in_child() -> None:
    global _importing, _owner
    _importing, _owner = threading.RLock(), None


# Before a fork, logging takes its lock, which some modules need while they are imported. What was
# registered last goes first: so this has to be there, and to have registered, before we do.
importlib.import_module("logging")

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_in_parent,
        after_in_child=_after_in_child,
    )
