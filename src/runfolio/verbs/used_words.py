"""The versions that a run used and made, in a line each: what it used that is old by now says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from runfolio.model.artifact_uses import MADE, USED, uses_of
from runfolio.model.run import RunRecord
from runfolio.query.artifact_graph import RUN, VERSION, Node, artifact_graph
from runfolio.store.version_shelf import VersionShelf
from runfolio.verbs.terminal import one_line

if TYPE_CHECKING:
    from runfolio.widgets.protocol import Uses

__all__ = ["made_words", "used_words", "uses_told", "versions_words"]

_SHOWN: Final = 6
_MANY: Final = 200
_NAME: Final = 140
"""An artifact's name has 128 characters at most."""


def used_words(record: RunRecord) -> str:
    """Return ``digits:v2 (old: digits:v3 is newer than v2) · labels:v0``; empty for none.

    In a store of very many artifacts only those are looked at that the run used by name.
    """
    used = _used(record)
    return _some([name + (f" (old: {old})" if old else "") for name, old in used])


def made_words(record: RunRecord) -> str:
    """Return ``digits:v2 · labels:v0``; empty for none."""
    return _some([name for name, _ in _made(record)])


def uses_told(record: RunRecord) -> list[Uses]:
    """Return the same for a page, which links them: what was ``used``, then what was ``made``."""
    found = ((USED, _used(record)), (MADE, _made(record)))
    return [
        {"what": what, "more": max(len(some) - _SHOWN, 0),
         "versions": [{"name": name, "old": old} for name, old in some[:_SHOWN]]}
        for what, some in found if some
    ]  # fmt: skip


def _used(record: RunRecord) -> list[tuple[str, str]]:
    if not (record.artifacts or record.data):
        return []
    names = {use.name for use in uses_of(record.artifacts, USED)}
    shelf = VersionShelf.of(record.path.parent).versions(names, at_most=_MANY)
    graph = artifact_graph([record], shelf)
    return [
        (one_line(edge.source.id, _NAME), one_line(edge.stale, 80))
        for edge in graph.up.get(Node(RUN, record.id), {}).values()
        if edge.source.kind == VERSION
    ]


def _made(record: RunRecord) -> list[tuple[str, str]]:
    return [(one_line(f"{name}:v{n}", _NAME), "") for name, n, _ in uses_of(record.artifacts, MADE)]


def versions_words(used: str, made: str) -> str:
    """Return both in a line, as a drawn card has them."""
    return " · ".join(
        f"{what} {words}" for what, words in (("used", used), ("made", made)) if words
    )


def _some(words: Sequence[str]) -> str:
    more = [f"{len(words) - _SHOWN:,} more"] if len(words) > _SHOWN else []
    return " · ".join([*words[:_SHOWN], *more])
