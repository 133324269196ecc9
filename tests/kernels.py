"""How the tests' kernels are reached: by sockets in a folder of their own."""

from __future__ import annotations

import itertools
import tempfile
from typing import Any

__all__ = ["by_sockets"]

# Not below pytest's own: a socket's path has at most 104 bytes.
_FOLDER = tempfile.TemporaryDirectory(prefix="kernels-")
_numbers = itertools.count()


def by_sockets() -> dict[str, Any]:
    """Return traits of a kernel manager that needs no TCP port.

    Ports are chosen before the kernel binds them: on a busy machine somebody else is faster now
    and then.
    """
    return {"transport": "ipc", "ip": f"{_FOLDER.name}/{next(_numbers)}"}
