"""A shell of IPython inside this process, for tests that need no kernel."""

from __future__ import annotations

import atexit
import contextlib
import sys
from collections.abc import Iterator

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@contextlib.contextmanager
def shell_here() -> Iterator[InteractiveShell]:
    """Give a shell, and leave the process as it was found.

    A shell puts a module of its own in the place of ``__main__``. A test that starts processes
    afterwards would tell them about that one, which names no file and, once the shell was
    emptied, not even a specification.
    """
    main = sys.modules["__main__"]
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    try:
        yield shell
    finally:
        atexit.unregister(shell.atexit_operations)
        shell.atexit_operations()
        InteractiveShell.clear_instance()
        sys.modules["__main__"] = main
