"""Objects of a program as files of an artifact, and back; nothing here unpickles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runfolio.errors import UsageError

if TYPE_CHECKING:
    from runfolio.record.artifacts.described import Described

__all__ = ["loaded"]


def loaded(artifact: Described, path: str) -> Any:
    """Return the object that lies under a name."""
    raise UsageError(f"{artifact.name}: {path!r} cannot be loaded yet; download() gives the file.")
