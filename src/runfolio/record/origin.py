"""What was started: a notebook in a kernel, or a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runfolio.record.guard import guard

__all__ = ["origin"]


def origin(identity: Mapping[str, str | None]) -> dict[str, Any]:
    """Return ``command`` (argv, secrets redacted), ``notebook`` and ``kernel_id``.

    Parameters
    ----------
    identity : mapping
        What the notebook extension knows; empty in a script, which is known by its command.
    """
    notebook, kernel_id = identity.get("notebook"), identity.get("kernel_id")
    command: list[str] = []
    if kernel_id is None:
        with guard("reading the command"):
            from runfolio.capture.script import command as started_command

            command = list(started_command())
    return {"command": command, "notebook": notebook, "kernel_id": kernel_id}
