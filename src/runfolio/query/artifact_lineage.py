"""Where data, artifacts and runs came from, what came of them, and what of it is old by now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from runfolio.errors import RunfolioError, RunNotFound, UsageError, did_you_mean
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.model.run import RunRecord, Status
from runfolio.query.artifact_graph import (
    DATA,
    RUN,
    Edge,
    Graph,
    Node,
    Shelf,
    artifact_graph,
    version_node,
)
from runfolio.query.data_words import data_amount
from runfolio.query.fields import printable
from runfolio.query.run_names import run_name
from runfolio.query.select import find
from runfolio.store.collector import collector_paused
from runfolio.store.store import Store
from runfolio.store.version_shelf import VersionShelf

__all__ = ["ArtifactLineage", "Facts", "Stale", "artifact_lineage"]

_DIGITS: Final = 8
_NAMES: Final = 200
"""Of so many artifacts the aliases are told."""


@dataclass(frozen=True, slots=True)
class Stale:
    """Why something is old.

    Attributes
    ----------
    why : str
        What is newer: ``digits:v3 is newer than v2``.
    direct : bool
        Whether the run itself used what is old; else it, or the version, came of a run that did.
    """

    why: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one node.

    Attributes
    ----------
    title : str
        A run's or data's name, ``digits:v2``; it may hold anything.
    about : str
        A run's short id, a version's type, how much data it is.
    status : Status or None
        Of a run that is there.
    aliases : tuple of str
        Of a version, its stages among them.
    fault : str
        Why less is known of it than usual: the run was removed, the version cannot be read.
    """

    title: str
    about: str = ""
    status: Status | None = None
    when: datetime | None = None
    aliases: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ArtifactLineage:
    """What led to something and what came of it.

    Attributes
    ----------
    start : tuple of Node
        What was asked for.
    steps : mapping of Node to int
        All that belongs to it: how many steps before it (negative) or behind it.
    edges : tuple of Edge
        How they hang together.
    stale : mapping of Node to Stale
        Those of them that are old.
    """

    start: tuple[Node, ...]
    steps: Mapping[Node, int]
    edges: tuple[Edge, ...]
    stale: Mapping[Node, Stale]
    _known: _Known = field(repr=False, compare=False)

    def facts(self, node: Node) -> Facts:
        """Return what is known of a node."""
        return self._known.facts(node)

    @property
    def users(self) -> list[Node]:
        """The runs that used what was asked for, newest first."""
        return self._runs({edge.target for edge in self.edges if edge.source in set(self.start)})

    @property
    def makers(self) -> list[Node]:
        """The runs that made what was asked for, newest first."""
        return self._runs({edge.source for edge in self.edges if edge.target in set(self.start)})

    def _runs(self, nodes: Iterable[Node]) -> list[Node]:
        return sorted((node for node in nodes if node.kind == RUN), reverse=True)

    def upstream(self) -> list[Node]:
        """Return what led to it, the nearest first."""
        return sorted((n for n, far in self.steps.items() if far < 0), key=lambda n: -self.steps[n])

    def downstream(self) -> list[Node]:
        """Return what came of it, the nearest first."""
        return sorted((n for n, far in self.steps.items() if far > 0), key=lambda n: self.steps[n])


def artifact_lineage(store: Store, wanted: Any) -> ArtifactLineage:
    """Return the lineage of an artifact, one of its versions, a run, or data.

    Parameters
    ----------
    wanted : str or run
        ``digits`` (all versions), ``digits:v2``, ``digits:best``; a run as everywhere; data by
        its name, its path or its hash.

    Raises
    ------
    UsageError
        There is no such version.
    RunNotFound
        Nothing is meant, or more than one run.
    """
    with collector_paused():
        records = store.records()
        shelf = VersionShelf.of(store.path).versions()
        graph, old = _latest.of(records, shelf)
        start = _start(store, wanted, records, graph, shelf)
        before = graph.reached(start, upstream=True)
        behind = graph.reached(start, upstream=False)
        steps = {node: -far for node, far in before.items()} | {
            node: far for node, far in behind.items() if node not in before
        }
        edges = tuple(
            edge for node in sorted(steps, key=steps.__getitem__)
            for edge in graph.down.get(node, {}).values()
            if edge.target in steps
        )  # fmt: skip
        stale = {node: why for node, why in old.items() if node in steps}
    return ArtifactLineage(tuple(start), steps, edges, stale, _Known(store, records, shelf, graph))


class _Latest:
    """Keeps the graph that was asked last: most questions are asked of the same runs again."""

    def __init__(self) -> None:
        self._kept: tuple[Sequence[RunRecord], Shelf, Graph, dict[Node, Stale]] | None = None

    def of(self, records: Sequence[RunRecord], shelf: Shelf) -> tuple[Graph, dict[Node, Stale]]:
        """Return the graph of these runs and versions, and what of it is old."""
        kept = self._kept
        if kept is None or kept[0] != records or kept[1] != shelf:
            graph = artifact_graph(records, shelf)
            there = {name: dict(versions) for name, versions in shelf.items()}
            kept = self._kept = (records, there, graph, _stale(graph))
        return kept[2], kept[3]


_latest: Final = _Latest()


def _stale(graph: Graph) -> dict[Node, Stale]:
    """Return what is old: runs that used what is old, and what came of them."""
    found: dict[Node, Stale] = {}
    for node, edges in graph.up.items():
        why = next((edge.stale for edge in edges.values() if edge.stale), "")
        if why:
            found[node] = Stale(why, direct=True)
    pending = list(found)
    for node in pending:
        for other, edge in graph.down.get(node, {}).items():
            # Whoever made again what was there has not made it old.
            if other not in found and edge.how != "made again":
                found[other] = Stale(found[node].why, direct=False)
                pending.append(other)
    return found


def _start(
    store: Store,
    wanted: Any,
    records: Sequence[RunRecord],
    graph: Graph,
    shelf: Shelf,
) -> list[Node]:
    text = getattr(wanted, "id", wanted)
    if not isinstance(text, str) or not text:
        raise RunNotFound(
            f"Lineage is asked for by text or by a run, not by {printable(repr(wanted), 80)}."
        )
    versions: dict[str, list[int]] = {name: sorted(of) for name, of in shelf.items() if of}
    for node in graph.types:
        name, _, number = node.id.rpartition(":v")
        if name not in shelf:  # a run brought from another store tells of it
            versions.setdefault(name, []).append(int(number))
    found = _versions(store, text, versions, shelf)
    if not found and Node(RUN, text) in graph.down.keys() | graph.up.keys():
        return [Node(RUN, text)]  # a run that is gone may still be asked for
    found = found or list(dict.fromkeys(_holding(graph, text)))
    if found:
        return found
    try:
        return [Node(RUN, find(records, text).id)]
    except RunNotFound as error:
        near = did_you_mean(printable(text), map(printable, versions)) if versions else ""
        raise RunNotFound(f"{error} No artifact and no data is called so, either.{near}") from None


def _versions(
    store: Store,
    text: str,
    versions: Mapping[str, Sequence[int]],
    shelf: Shelf,
) -> list[Node]:
    if text in versions:
        return [version_node(text, number) for number in sorted(set(versions[text]))]
    name, colon, which = text.rpartition(":")
    if not colon or name not in versions:
        return []
    if name in shelf:
        return [version_node(name, ArtifactVersions(store.path, name).meant(which))]
    known = {f"v{number}": number for number in versions[name]}
    if which not in known:
        raise UsageError(
            f"No run tells of a version {which[:80]!r} of {name[:80]!r}.{did_you_mean(which, known)}"
        )
    return [version_node(name, known[which])]


def _holding(graph: Graph, text: str) -> Iterator[Node]:
    """Yield data of this name, path or hash, and the versions that hold such data."""
    for node, item in graph.data.items():
        if _is_called(text, node.id, item.get("uri"), item.get("name")):
            yield node
    for node, *called in graph.held:
        if _is_called(text, *called):
            yield node


def _is_called(text: str, digest: str, uri: object, name: object) -> bool:
    digits = digest.rpartition(":")[2]
    return text in (digest, uri, name) or (
        len(text) >= _DIGITS and text.isalnum() and digits.startswith(text)
    )


class _Known:
    """Looks up what there is to say of nodes."""

    def __init__(
        self,
        store: Store,
        records: Sequence[RunRecord],
        shelf: Shelf,
        graph: Graph,
    ) -> None:
        self._store, self._shelf, self._graph = store, shelf, graph
        self._records = {record.id: record for record in records}
        self._aliases: dict[str, dict[int, list[str]]] = {}

    def facts(self, node: Node) -> Facts:
        if node.kind == RUN:
            return self._of_run(node.id)
        return self._of_data(node) if node.kind == DATA else self._of_version(node)

    def _of_run(self, run_id: str) -> Facts:
        record = self._records.get(run_id)
        if record is None:
            return Facts(run_id, fault="not in this store any more")
        return Facts(run_name(record), record.short_id, record.status, record.created_at)

    def _of_data(self, node: Node) -> Facts:
        item = self._graph.data.get(node, {})
        title = str(item.get("name") or item.get("uri") or node.id)
        fault = "" if item.get("hash") else "not hashed"
        return Facts(title, data_amount(item), fault=fault)

    def _of_version(self, node: Node) -> Facts:
        name, _, number = node.id.rpartition(":v")
        version = self._shelf.get(name, {}).get(int(number))
        kind = self._graph.types.get(node, "")
        if version is None:
            return Facts(node.id, kind, fault="not in this store")
        aliases = tuple(self._named(name).get(version.number, ()))
        fault = version.fault or ("its content was dropped" if version.dropped else "")
        return Facts(node.id, kind, None, version.created_at, aliases, fault)

    def _named(self, name: str) -> dict[int, list[str]]:
        if name not in self._aliases and len(self._aliases) < _NAMES:
            found: dict[int, list[str]] = {}
            try:
                versions = ArtifactVersions(self._store.path, name)
                named = {**versions.aliases(), **versions.standing().stages}
            except (RunfolioError, OSError):
                named = {}
            for word, number in named.items():
                found.setdefault(number, []).append(word)
            self._aliases[name] = found
        return self._aliases.get(name, {})
