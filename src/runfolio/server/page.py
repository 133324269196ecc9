"""The page of ``runfolio ui``: the panel and its views, outside JupyterLab."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any, Final

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from runfolio.server.answering import RESOURCE, may

__all__ = ["PAGES"]

_STATIC: Final = Path(__file__).parent / "static"
_BUNDLE: Final = _STATIC / "page.js"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; media-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-src 'self' blob: data:; frame-ancestors 'self'"
)
_MISSING: Final = (
    "<main><h1>The page's bundle is missing</h1><p>This checkout has no "
    "<code>server/static/page.js</code>: <code>python hatch_build.py</code> makes it, and so does "
    "<code>pip install runfolio</code>.</p></main>"
)


class _Page(JupyterHandler):
    auth_resource = RESOURCE

    @property
    def content_security_policy(self) -> str:
        return _POLICY

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")


class PageHandler(_Page):
    """The page itself."""

    @may("read")
    async def get(self) -> None:
        """Serve its HTML; its script fills it."""
        self.xsrf_token  # noqa: B018 - sets the cookie, from which the script takes the value
        base = html.escape(self.base_url)
        script = html.escape(url_path_join(self.base_url, "runfolio/static/page.js"))
        body = f'<script type="module" src="{script}"></script>' if _BUNDLE.is_file() else _MISSING
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            "<title>runfolio</title></head>"
            f'<body data-runfolio-base="{base}">{body}</body></html>'
        )


class BundleHandler(_Page):
    """The page's script."""

    @may("read")
    async def get(self) -> None:
        """Serve the one file there is."""
        if not _BUNDLE.is_file():
            raise web.HTTPError(404)
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(_BUNDLE.read_bytes())


PAGES: Final[tuple[tuple[str, Any], ...]] = (
    (r"/runfolio/?", PageHandler),
    (r"/runfolio/static/page\.js", BundleHandler),
)
"""Patterns below the server's base URL, and what answers there."""
