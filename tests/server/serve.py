"""Runs a real Jupyter server with our extension, and writes down which routes it has.

python serve.py ROUTES.json AUTHORIZER [option of Jupyter's server]...
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from jupyter_server.auth import Authorizer

from runfolio.server.app import RunfolioApp

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


class Reader(Authorizer):
    """Lets everybody look, and nobody change anything of ours."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """Return whether it is no change of ours."""
        return (action, resource) != ("write", "runfolio")


class Nobody(Authorizer):
    """Lets nobody do anything with us."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """Return whether it is none of our business."""
        return resource != "runfolio"


class Owner(Authorizer):
    """Lets everybody do everything."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """Return that it may be done."""
        return True


def routes(app: Any) -> list[dict[str, Any]]:
    """Return each of our routes: a path that it takes, and the methods its handler has."""
    found = []
    for rule in app.web_app.default_router.rules:
        for inner in getattr(rule.target, "rules", []):
            handler = inner.target
            if not isinstance(handler, type) or not handler.__module__.startswith("runfolio."):
                continue
            methods = [m for m in METHODS if getattr(handler, m) is not unimplemented(handler)]
            path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", inner.matcher.regex.pattern)
            found.append({"path": path.rstrip("$"), "methods": methods, "class": handler.__name__})
    return found


def unimplemented(handler: Any) -> Any:
    """Return what stands for a method that a handler has not."""
    return handler._unimplemented_method


if __name__ == "__main__":
    written, authorizer, *options = sys.argv[1:]
    server = RunfolioApp.initialize_server(
        [*options, f"--ServerApp.authorizer_class=__main__.{authorizer}"]
    )
    Path(written).write_text(json.dumps(routes(server)), encoding="utf-8")
    server.start()
