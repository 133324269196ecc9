"""What all handlers have in common: who may, how errors read, which headers every answer bears."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http.client import responses
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import orjson
from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from runfolio.errors import ArtifactNotFound, QueryError, RunfolioError, RunNotFound, UsageError
from runfolio.format.codec import depth
from runfolio.server.clients import TooMany
from runfolio.server.workers import Busy
from runfolio.verbs.terminal import clean

if TYPE_CHECKING:
    from runfolio.server.hub import Hub
    from runfolio.server.stores import OpenStore

__all__ = ["POLICY", "RESOURCE", "Handler", "Refused", "may"]

RESOURCE: Final = "runfolio"
"""What an authorizer is asked about; with ``read`` and ``write``."""

POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'self'"
"""Of every answer that is data: a browser that shows one as a page does nothing with it."""

_MOST_BODY: Final = 1024 * 1024
_DEEPEST: Final = 16
_SLOW: Final = "The store does not answer in time. Its drive may be busy or gone; try again later."
_FORBIDDEN: Final = (
    "This is not allowed: the server's authorizer refuses it, or the request lacks the page's XSRF "
    "value. Reload the page."
)
_FAILED: Final = "This could not be answered; the server's log says why."

T = TypeVar("T")
_Method = TypeVar("_Method", bound=Callable[..., Any])


def may(action: str) -> Callable[[_Method], _Method]:
    """Have a method answer only users who are known, and may do this (``read``, ``write``)."""

    def guarded(method: _Method) -> _Method:
        return cast("_Method", web.authenticated(authorized(action=action)(method)))

    return guarded


class Refused(Exception):
    """A request that is answered with an error.

    Parameters
    ----------
    status : int
    message : str
        One sentence: what was wrong, and what to do.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Handler(APIHandler):
    """Answers with JSON objects only, to users who may."""

    auth_resource = RESOURCE

    @property
    def content_security_policy(self) -> str:
        """Nothing in an answer of ours is ever shown as a page."""
        return POLICY

    def set_default_headers(self) -> None:
        """Set what every answer bears, those of errors, too."""
        super().set_default_headers()
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "application/json")

    async def prepare(self) -> None:  # type: ignore[override]
        """Look who asks, and whether our own page does; for what only looks, too."""
        await super().prepare()
        if not self.current_user:
            raise Refused(403, "Log in first, or give the token of this server.")
        self.check_xsrf_cookie()
        if len(self.request.body) > _MOST_BODY:
            raise Refused(413, "The body of a request may have 1 MiB at most.")

    @may("read")
    async def options(self, *args: Any, **named: Any) -> None:  # type: ignore[override]
        """Refuse what only pages of other origins ask."""
        del args, named
        raise Refused(405, "Pages of other origins have no business here.")

    @property
    def hub(self) -> Hub:
        """Stores and clients of this server."""
        found: Hub = self.settings["runfolio_hub"]
        return found

    async def may_write(self) -> bool:
        """Return whether who asks may change runs."""
        asked = self.authorizer.is_authorized(self, self.current_user, "write", RESOURCE)
        return bool(await ensure_async(asked))

    def told(self) -> Mapping[str, Any]:
        """Return the body of the request.

        Raises
        ------
        Refused
            It is no JSON object, or nested too deeply.
        """
        try:
            found = orjson.loads(self.request.body or b"{}")
        except orjson.JSONDecodeError:
            raise Refused(400, "The body of the request is no JSON.") from None
        if not isinstance(found, dict) or depth(found) > _DEEPEST:
            raise Refused(400, f"The body of a request is a JSON object, {_DEEPEST} levels deep at most.")  # fmt: skip
        return found

    def number(self, name: str, default: int) -> int:
        """Return an argument that is a whole number.

        Raises
        ------
        Refused
            It is none.
        """
        text = self.get_query_argument(name, str(default))
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise Refused(400, f"{name} is a whole number that is not negative.")
        return int(text)

    async def of_store(self, ident: str, work: Callable[[OpenStore], T]) -> T:
        """Return what a function makes of a store, in the threads of that store."""
        store = await self.hub.stores.get(ident)
        return await store.workers.call(lambda: work(store), self.hub.patience_s)

    def answer(self, told: Mapping[str, Any]) -> None:
        """Answer with a JSON object."""
        options = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
        self.finish(orjson.dumps(told, default=str, option=options))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with what was wrong, as JSON; nothing of the request is in it as HTML."""
        error = (kwargs.get("exc_info") or (None, None))[1]
        told: dict[str, Any] = {"message": responses.get(status_code, "Unknown error")}
        if isinstance(error, Refused | RunfolioError | OSError | Busy):
            status_code, told = _told_of(error)
            self.set_status(status_code)
        elif status_code >= 500:
            told = {"message": _FAILED}
        elif status_code == 403:
            told = {"message": _FORBIDDEN}
        self.finish(json.dumps(told))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what is a fault of ours; what a request did wrong is its answer."""
        if not isinstance(value, Refused | RunfolioError | OSError | Busy):
            super().log_exception(typ, value, tb)


def _told_of(error: BaseException) -> tuple[int, dict[str, Any]]:
    if isinstance(error, Refused):
        return error.status, {"message": error.message}
    if isinstance(error, QueryError):
        return 400, {"message": clean(error.message), "position": error.position}
    if isinstance(error, TooMany):
        return 429, {"message": str(error)}
    if isinstance(error, Busy):
        return 503, {"message": _SLOW}
    if isinstance(error, RunNotFound | ArtifactNotFound):
        return 404, {"message": clean(str(error))}
    if isinstance(error, UsageError):
        return 400, {"message": clean(str(error))}
    if isinstance(error, RunfolioError):
        return 409, {"message": clean(str(error))}
    reason = getattr(error, "strerror", None) or "it cannot be read or written"
    return 409, {"message": f"The run's folder: {clean(str(reason))}."}
