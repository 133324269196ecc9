"""What flowed where in a store: data and artifact versions into runs, runs into versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from runfolio.format.events import read_events
from runfolio.model.artifact_uses import MADE, MOST, USED, VersionUse, uses_of
from runfolio.model.run import RunRecord
from runfolio.store.scan import is_run_folder
from runfolio.store.version_shelf import ShelvedVersion

__all__ = [
    "DATA",
    "RUN",
    "VERSION",
    "Edge",
    "Graph",
    "Node",
    "Shelf",
    "artifact_graph",
    "version_node",
]

RUN: Final = "run"
VERSION: Final = "version"
DATA: Final = "data"

# Checkpoints are looked at one after the other: that there is a newer one makes no result old.
_NEVER_OLD: Final = frozenset({"model"})
_FIRST: Final = datetime.min.replace(tzinfo=UTC)

Shelf = Mapping[str, Mapping[int, ShelvedVersion]]


class Node(NamedTuple):
    """A run, a version, or data that is no version.

    Attributes
    ----------
    kind : str
        ``run``, ``version`` or ``data``.
    id : str
        A run's id; ``digits:v2``; the hash of data, or where it lies if it has none. It comes
        out of somebody's files and may hold anything.
    """

    kind: str
    id: str


class Edge(NamedTuple):
    """Something flowed from one node into another.

    Attributes
    ----------
    how : str
        ``used``, ``detected``, ``same content`` (data that a version holds), ``part`` (one of its
        files), ``made``, or ``made again`` (the version was there already).
    stale : str
        Why what was used is not what one would use now; empty where it is.
    """

    source: Node
    target: Node
    how: str
    stale: str = ""


@dataclass(slots=True)
class Graph:
    """All that flowed.

    Attributes
    ----------
    down, up : dict of Node to dict of Node to Edge
        The edges by where they begin, and by where they end.
    types : dict of Node to str
        Of versions.
    data : dict of Node to mapping
        What a run said of data that is no version.
    held : dict of (Node, str, str, str)
        Versions that hold data which runs used, with its hash, where it lay, and its name; in the
        order of a dictionary's keys.
    """

    down: dict[Node, dict[Node, Edge]] = field(default_factory=dict)
    up: dict[Node, dict[Node, Edge]] = field(default_factory=dict)
    types: dict[Node, str] = field(default_factory=dict)
    data: dict[Node, Mapping[str, Any]] = field(default_factory=dict)
    held: dict[tuple[Node, str, str, str], None] = field(default_factory=dict)

    def add(self, edge: Edge) -> None:
        """Add an edge; of two between the same nodes the first counts."""
        self.down.setdefault(edge.source, {}).setdefault(edge.target, edge)
        self.up.setdefault(edge.target, {}).setdefault(edge.source, edge)

    def reached(self, start: Iterable[Node], *, upstream: bool) -> dict[Node, int]:
        """Return what led to some nodes, or came of them, with how many steps away; cycles end."""
        edges = self.up if upstream else self.down
        steps = dict.fromkeys(start, 0)
        pending = list(steps)
        for node in pending:
            for other in edges.get(node, ()):
                if other not in steps:
                    steps[other] = steps[node] + 1
                    pending.append(other)
        return steps


def version_node(name: str, number: int) -> Node:
    """Return the node of a version."""
    return Node(VERSION, f"{name}:v{number}")


def artifact_graph(records: Sequence[RunRecord], shelf: Shelf) -> Graph:
    """Return the graph of some runs and the versions of their store.

    Parameters
    ----------
    records : sequence of RunRecord
        Newest first.
    shelf : mapping
        The versions that lie in the store, by name and number.
    """
    graph, holding = Graph(), _Holding(shelf)
    newest_uri: dict[tuple[str, str], str] = {}
    for record in records:
        told, data, project = record.peek_all("artifacts", "data", "project")
        node = Node(RUN, record.id)
        made = set(_uses(record, told, MADE)) if told else set()
        for use in made:
            version = _known(graph, use)
            there = shelf.get(use.name, {}).get(use.number)
            again = there is not None and there.run_id not in ("", record.id)
            graph.add(Edge(node, version, "made again" if again else "made"))
        for use in _uses(record, told, USED) if told else ():
            why = _older(use.name, use.number, made, shelf)
            graph.add(Edge(_known(graph, use), node, "used", why))
        for item in data:
            digest, uri = _text(item, "hash"), _text(item, "uri")
            # Runs come newest first: what lay there last is told by the first one.
            now = newest_uri.setdefault((project, uri), digest) if digest and uri else digest
            changed = f"a later run found other content in {uri}" if now != digest else ""
            _add_data(graph, record, item, made, holding, changed)
    for name, versions in shelf.items():
        for number, lying in versions.items():
            target = _known(graph, VersionUse(name, number, lying.type))
            if lying.run_id:
                graph.add(Edge(Node(RUN, lying.run_id), target, "made"))
    return graph


def _known(graph: Graph, use: VersionUse) -> Node:
    node = version_node(use.name, use.number)
    if use.type:
        graph.types.setdefault(node, use.type)
    return node


def _uses(record: RunRecord, told: Mapping[str, Any], what: str) -> Iterator[VersionUse]:
    found = list(uses_of(told, what))
    yield from found
    if len(found) < MOST or not is_run_folder(record.path):
        return
    known = set(found)
    for event in read_events(record.path, ("artifact",)):
        if event.get("op") == what:
            item = [event.get("name"), event.get("version"), event.get("type")]
            yield from (use for use in uses_of({what: [item]}, what) if use not in known)


def _add_data(
    graph: Graph,
    record: RunRecord,
    item: Mapping[str, Any],
    made: set[VersionUse],
    holding: _Holding,
    changed: str,
) -> None:
    """Add data that a run used; what is the content of a version, as that."""
    digest = _text(item, "hash")
    version, part = holding.of(digest, record, made)
    if version is not None:
        newer = holding.older(version, made, digest if part else "")
        node = _known(graph, VersionUse(version.name, version.number, version.type))
        graph.held[node, digest, _text(item, "uri"), _text(item, "name")] = None
        graph.add(Edge(node, Node(RUN, record.id), "part" if part else "same content", newer))
        return
    called = digest or _text(item, "uri") or _text(item, "name")
    if called:
        node = Node(DATA, called)
        graph.data.setdefault(node, item)
        how = "detected" if item.get("found") == "detected" else "used"
        graph.add(Edge(node, Node(RUN, record.id), how, changed))


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _older(name: str, number: int, made: set[VersionUse], shelf: Shelf, part: str = "") -> str:
    """Return which version is newer than one that a run used, if that holds something else."""
    versions = shelf.get(name, {})
    newest = max((n for n, one in versions.items() if not one.dropped), default=number)
    mine, other = versions.get(number), versions.get(newest)
    if mine is None or other is None or newest <= number or mine.type in _NEVER_OLD:
        return ""
    if mine.digest == other.digest or (part and part in (*other.parts, *other.hashes)):
        return ""
    # Who makes the next version out of the last one works with the newest there is.
    if any(use.name == name and use.number > number for use in made):
        return ""
    return f"{name}:v{newest} is newer than v{number}"


class _Holding:
    """Finds the version that holds data of a hash."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._whole: dict[str, list[ShelvedVersion]] = {}
        self._parts: dict[str, list[ShelvedVersion]] = {}
        for versions in shelf.values():
            for version in versions.values():
                for digest in version.hashes:
                    self._whole.setdefault(digest, []).append(version)
                for digest in version.parts:
                    self._parts.setdefault(digest, []).append(version)

    def of(
        self, digest: str, record: RunRecord, made: set[VersionUse]
    ) -> tuple[ShelvedVersion | None, bool]:
        """Return the version that a run used by its content, and whether only a part of it.

        Of several the newest that was there when the run began, else the first. A version that
        the run made of this very content is what came out, not what went in.
        """
        for found, part in ((self._whole.get(digest), False), (self._parts.get(digest), True)):
            # Of nothing in particular: an empty file is a part of anything.
            if not found or digest.endswith(_EMPTY):
                continue
            began = record.created_at or _FIRST
            in_order = sorted(found, key=_age)
            before = [one for one in in_order if (one.created_at or _FIRST) <= began]
            own = {(use.name, use.number) for use in made}
            others = [one for one in in_order if (one.name, one.number) not in own]
            chosen = before[-1] if before else others[0] if others else None
            if chosen is not None:
                return chosen, part
        return None, False

    def older(self, version: ShelvedVersion, made: set[VersionUse], part: str) -> str:
        """Return which version is newer than one that a run used by its content."""
        return _older(version.name, version.number, made, self._shelf, part)


_EMPTY: Final = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"


def _age(version: ShelvedVersion) -> tuple[datetime, str, int]:
    return version.created_at or _FIRST, version.name, version.number
