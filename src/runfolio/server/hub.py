"""What one server has in common for all its pages."""

from __future__ import annotations

from pathlib import Path

from runfolio.server.clients import Clients
from runfolio.server.stores import Stores
from runfolio.server.watch import Watch
from runfolio.server.workers import PATIENCE_S

__all__ = ["Hub"]


class Hub:
    """Stores, pages, and the watch over what changes.

    Parameters
    ----------
    root : Path
        The server's root.

    Attributes
    ----------
    patience_s : float
        So long a page waits for an answer.
    """

    def __init__(self, root: Path) -> None:
        self.stores = Stores(root)
        self.clients = Clients()
        self.watch = Watch(self.stores, self.clients)
        self.patience_s = PATIENCE_S
        self.is_over = False

    def end(self) -> None:
        """Let go of everything: the server ends."""
        self.is_over = True
        self.watch.end()
        for client in self.clients:
            client.end(client.begin())
        self.clients.sweep(grace_s=0.0)
