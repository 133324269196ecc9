"""What is learned of a cell while it runs: names, output, files, the error that ended it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import blake3

from runfolio import settings
from runfolio.capture import opened
from runfolio.capture.cells import told_by_text
from runfolio.capture.data_paths import shown
from runfolio.capture.modules import look_at_imports, look_at_updates
from runfolio.capture.namespace import Before, Namespace
from runfolio.model.context import CellExecution

__all__ = ["Begun", "Watch", "output_hash"]

_MAX_MESSAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Begun:
    """What was seen when a cell began."""

    names: Before
    opened: int


class Watch:
    """Looks at one shell before and after each cell.

    Parameters
    ----------
    shell : InteractiveShell
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        hidden = getattr(shell, "user_ns_hidden", {})
        self._names = Namespace(lambda: shell.user_ns, hidden)

    def begin(self, source: str) -> Begun:
        """Look before a cell is executed."""
        return Begun(self._names.before(source), opened.mark())

    def end(
        self, begun: Begun | None, cell: CellExecution, error: BaseException | None
    ) -> dict[str, Any]:
        """Look after it, and return what was found by the names of `CellExecution`.

        Parameters
        ----------
        begun : Begun or None
            ``None`` for a cell that had begun before anybody looked.
        """
        look_at_imports()
        _look_at_reloads(self._shell)
        found: dict[str, Any] = {
            "outputs": output_hash(self._shell, cell.order, error),
            "error": {} if error is None else _error(error),
        }
        if begun is None:
            return found | told_by_text(cell.source)
        seen = self._names.after(begun.names, to_its_end=error is None)
        return found | {
            "bound": seen.bound,
            "rebound": seen.rebound,
            "changed": seen.changed,
            "deleted": seen.deleted,
            "read": seen.read,
            "unseen": seen.unseen,
            "values": seen.values,
            **self._files_since(begun.opened),
        }

    def _files_since(self, begun: int) -> dict[str, tuple[str, ...]]:
        files = opened.since(begun)
        if not (files.read or files.written):
            return {}
        root = settings.project_root(Path.cwd()) or Path.cwd()
        return {
            "opened": tuple(shown(path, root) for path in files.read),
            "written": tuple(shown(path, root) for path in files.written),
        }


def _look_at_reloads(shell: Any) -> None:
    """Take note of what ``%autoreload`` did: it mostly changes a module in its place."""
    registry = getattr(getattr(shell, "magics_manager", None), "registry", {})
    reloader = getattr(registry.get("AutoreloadMagics"), "_reloader", None)
    if reloader is not None:
        failed = getattr(reloader, "failed", {})
        look_at_updates(getattr(reloader, "modules_mtimes", {}), failed.values())


def output_hash(shell: Any, order: int, error: BaseException | None) -> str | None:
    """Return the blake3 hash of what a cell printed and showed, as text, 32 hex digits.

    Returns
    -------
    str or None
        ``None`` where the kernel does not keep it: IPython does since 9.1.
    """
    kept = getattr(getattr(shell, "history_manager", None), "outputs", None)
    if not isinstance(kept, dict):
        return None
    into = blake3.blake3()
    for output in kept.get(order, ()):
        text = output.bundle.get("stream", output.bundle.get("text/plain", ""))
        text = text if isinstance(text, str) else "".join(text)
        into.update(f"{output.output_type} {len(text)} {text}".encode("utf-8", "surrogatepass"))
    if error is not None:
        into.update(f"error {_error(error)}".encode("utf-8", "surrogatepass"))
    return into.hexdigest()[:32]


def _error(error: BaseException) -> dict[str, str]:
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - the user's own exception may not be able to say itself
        message = ""
    return {"type": type(error).__name__[:_MAX_MESSAGE], "message": message[:_MAX_MESSAGE]}
