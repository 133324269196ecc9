"""The extension of a Jupyter server, and the application that is a server with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp

from runfolio.server.handlers import ROUTES
from runfolio.server.hub import Hub

__all__ = ["RunfolioApp"]


class RunfolioApp(ExtensionApp):
    """Serves runs below the root of a Jupyter server."""

    name = "runfolio"
    extension_url = "/runfolio"
    default_url = "/runfolio"
    load_other_extensions = False
    # Of runfolio ui alone. It has no kernels whose loss would be worth a question at Control-C.
    serverapp_config: dict[str, Any] = {"answer_yes": True}  # noqa: RUF012 - as in the base class

    hub: Hub | None = None

    def initialize_settings(self) -> None:
        """Make what the handlers share."""
        root = "." if self.serverapp is None else self.serverapp.root_dir
        self.hub = Hub(Path(root))
        self.settings["runfolio_hub"] = self.hub

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend(ROUTES)

    async def stop_extension(self) -> None:
        """Let go of all views."""
        if self.hub is not None:
            self.hub.end()


def extension_points() -> list[dict[str, Any]]:
    """Return what Jupyter servers are to load."""
    return [{"module": "runfolio.server.app", "app": RunfolioApp}]
