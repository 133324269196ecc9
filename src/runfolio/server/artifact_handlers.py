"""The routes of artifacts: all of them only look."""

from __future__ import annotations

from typing import Any, Final

from runfolio.format.codec import parse_time
from runfolio.server.answering import Handler, Refused, may
from runfolio.server.artifact_parts import PARTS, difference_of
from runfolio.server.artifacts import card_of, held_at, list_of, version_of
from runfolio.server.reading import slice_of
from runfolio.server.workers import Busy

__all__ = ["artifact_routes"]

_NAME: Final = r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,127})"
_VERSION: Final = r"v(?P<number>0|[1-9][0-9]{0,8})"
_TEXT: Final = 1000
_SLOW_S: Final = 60.0
"""So long a page waits for what reads the contents of versions."""

_LONG: Final = "That takes longer than a page waits for. In a terminal: runfolio artifacts {}"


class ArtifactsHandler(Handler):
    """The artifacts of a store."""

    @may("read")
    async def get(self, store: str) -> None:
        """Tell those that a text and a type select."""
        text = self.get_query_argument("text", "")[:_TEXT]
        kind = self.get_query_argument("type", "")[:_TEXT]
        part = slice_of(self.number("offset", 0), self.number("limit", 100))
        self.answer(await self.of_store(store, lambda s: list_of(s, text, kind, part)))


class ArtifactHandler(Handler):
    """One artifact."""

    @may("read")
    async def get(self, store: str, name: str) -> None:
        """Tell its versions and the history of its stages."""
        part = slice_of(self.number("offset", 0), self.number("limit", 50))
        self.answer(await self.of_store(store, lambda s: card_of(s, name, part)))


class HeldHandler(Handler):
    """What had a stage when."""

    @may("read")
    async def get(self, store: str, name: str) -> None:
        """Tell which version had each stage at a moment."""
        moment = parse_time(self.get_query_argument("at", ""))
        if moment is None:
            raise Refused(400, "at is a moment, such as 2026-11-01T23:59:59Z.")
        self.answer(await self.of_store(store, lambda s: held_at(s, name, moment)))


class VersionHandler(Handler):
    """One version of an artifact."""

    @may("read")
    async def get(self, store: str, name: str, number: str) -> None:
        """Tell what it is, and some of its files."""
        part = slice_of(self.number("offset", 0), self.number("limit", 100))
        self.answer(await self.of_store(store, lambda s: version_of(s, name, int(number), part)))


class PartHandler(Handler):
    """What of a version takes longer to tell."""

    @may("read")
    async def get(self, store: str, name: str, number: str, part: str) -> None:
        """Tell its lineage, or its tables."""
        wanted = f"{name}:v{number}"
        found = await self.hub.stores.get(store)
        try:
            told = await found.slow.call(lambda: PARTS[part](found, wanted), _SLOW_S)
        except Busy:
            raise Refused(503, _LONG.format(wanted)) from None
        self.answer(told)


class DifferenceHandler(Handler):
    """What differs between two versions."""

    @may("read")
    async def get(self, store: str, name: str, number: str, other: str) -> None:
        """Tell files, columns and rows."""
        was, now = f"{name}:v{number}", f"{name}:v{other}"
        found = await self.hub.stores.get(store)
        try:
            told = await found.slow.call(lambda: difference_of(found, was, now), _SLOW_S)
        except Busy:
            raise Refused(503, _LONG.format(f"{was} --diff v{other}")) from None
        self.answer(told)


def artifact_routes(store: str) -> tuple[tuple[str, Any], ...]:
    """Return patterns below the address of a store, and what answers there."""
    one = rf"{store}/artifacts/{_NAME}"
    return (
        (rf"{store}/artifacts", ArtifactsHandler),
        (one, ArtifactHandler),
        (rf"{one}/held", HeldHandler),
        (rf"{one}/{_VERSION}", VersionHandler),
        (rf"{one}/{_VERSION}/(?P<part>{'|'.join(PARTS)})", PartHandler),
        (rf"{one}/{_VERSION}/difference/v(?P<other>0|[1-9][0-9]{{0,8}})", DifferenceHandler),
    )
