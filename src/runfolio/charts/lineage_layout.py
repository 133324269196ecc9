"""Where the nodes of a lineage stand: layers from left to right, what is too much folded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from statistics import fmean, median
from typing import Final

from runfolio.query.artifact_graph import DATA, RUN, Edge, Node
from runfolio.query.artifact_lineage import ArtifactLineage

__all__ = ["FOLDED", "Layout", "Placed", "layout"]

FOLDED: Final = "folded"
"""The kind of a node that stands for several."""

_ROWS: Final = 8
_LAYERS: Final = 9
_SWEEPS: Final = 4
_WORDS: Final = {RUN: "run", DATA: "data set"}


@dataclass(frozen=True, slots=True)
class Placed:
    """A node that is drawn.

    Attributes
    ----------
    node : Node
        For one that stands for several, its ``id`` says in words for what.
    row : float
        From the top, in rows.
    stands_for : tuple of Node
        What is folded into it.
    """

    node: Node
    layer: int
    row: float
    stands_for: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """What is drawn, and where.

    Attributes
    ----------
    routes : tuple of (Edge, tuple of (int, float))
        Each edge with the places it goes through, layer and row, its ends among them.
    layers, rows : int
    folded : int
        How many nodes are not drawn by themselves.
    """

    nodes: tuple[Placed, ...]
    routes: tuple[tuple[Edge, tuple[tuple[int, float], ...]], ...]
    layers: int
    rows: int
    folded: int


def layout(lineage: ArtifactLineage) -> Layout:
    """Return where everything stands.

    A layer holds eight nodes at most, and there are nine layers at most; what is beyond them is
    folded into nodes that say how many they stand for.
    """
    nodes = list(lineage.steps)
    layers = _layers(nodes, lineage.edges)
    shown = _folding(lineage, layers)
    members: dict[Node, list[Node]] = {}
    for node in nodes:
        members.setdefault(shown[node], []).append(node)
    first, last = _window(lineage, layers)
    nearest = first if first == 0 else first - 1
    place = {
        one: min(max(layers[of[0]], first - 1), last + 1) - nearest for one, of in members.items()
    }
    edges = _merged(lineage.edges, shown)
    rows, routes = _rows(place, edges)
    placed = tuple(
        Placed(one, place[one], rows[one], tuple(of) if one.kind == FOLDED else ())
        for one, of in members.items()
    )
    # Ways that pass a layer take room, too, and nodes stand at halves of rows.
    taken = [*rows.values(), *(row for _, way in routes for _, row in way)]
    height = max(map(ceil, taken), default=0) + 1
    return Layout(placed, routes, max(place.values(), default=0) + 1, height,
                  sum(len(one.stands_for) for one in placed))  # fmt: skip


def _layers(nodes: Sequence[Node], edges: Iterable[Edge]) -> dict[Node, int]:
    """Return the layer of each node: behind all it came from, unless that is a cycle."""
    down: dict[Node, list[Node]] = {}
    for edge in edges:
        down.setdefault(edge.source, []).append(edge.target)
    order, backward = _order(nodes, down)
    layers = dict.fromkeys(nodes, 0)
    has_source = set()
    for node in order:
        for other in down.get(node, ()):
            if (node, other) not in backward:
                layers[other] = max(layers[other], layers[node] + 1)
                has_source.add(other)
    # What came from nothing stands right before what it is for.
    for node in order:
        after = [layers[o] for o in down.get(node, ()) if (node, o) not in backward]
        if node not in has_source and after:
            layers[node] = min(after) - 1
    lowest = min(layers.values(), default=0)
    return {node: layer - lowest for node, layer in layers.items()}


def _order(
    nodes: Sequence[Node], down: Mapping[Node, Sequence[Node]]
) -> tuple[list[Node], set[tuple[Node, Node]]]:
    """Return the nodes each before what comes of it, and the edges that go back in a cycle."""
    done: list[Node] = []
    state: dict[Node, bool] = {}
    backward: set[tuple[Node, Node]] = set()
    for begin in nodes:
        stack = [] if begin in state else [(begin, iter(down.get(begin, ())))]
        state.setdefault(begin, True)
        while stack:
            node, others = stack[-1]
            other = next(others, None)
            if other is None:
                state[node] = False
                done.append(node)
                stack.pop()
            elif other not in state:
                state[other] = True
                stack.append((other, iter(down.get(other, ()))))
            elif state[other]:
                backward.add((node, other))
    return done[::-1], backward


def _window(lineage: ArtifactLineage, layers: Mapping[Node, int]) -> tuple[int, int]:
    """Return the first and the last layer that are drawn: those round what was asked for."""
    last = max(layers.values(), default=0)
    if last < _LAYERS:
        return 0, last
    middle = _middle_of(lineage, layers)
    first = min(max(middle - _LAYERS // 2, 0), last - _LAYERS + 1)
    return first, first + _LAYERS - 1


def _folding(lineage: ArtifactLineage, layers: Mapping[Node, int]) -> dict[Node, Node]:
    """Return for each node the one that is drawn: itself, or one that stands for several."""
    first, last = _window(lineage, layers)
    beside: dict[Node, set[Node]] = {}
    for edge in lineage.edges:
        beside.setdefault(edge.source, set()).add(edge.target)
        beside.setdefault(edge.target, set()).add(edge.source)
    by_layer: dict[int, list[Node]] = {}
    for node, layer in layers.items():
        by_layer.setdefault(min(max(layer, first - 1), last + 1), []).append(node)
    shown: dict[Node, Node] = {}
    start, kept = set(lineage.start), set[Node]()
    middle = _middle_of(lineage, layers)
    for layer in sorted(by_layer, key=lambda layer: abs(layer - middle)):
        nodes = by_layer[layer]
        if not first <= layer <= last:
            where = "before" if layer < first else "behind"
            shown |= dict.fromkeys(nodes, Node(FOLDED, f"{len(nodes):,} {where}"))
            continue
        # What was asked for, then what belongs to what is drawn already, then the newest.
        nodes.sort(key=_natural, reverse=True)
        nodes.sort(key=lambda node: (node not in start, not kept & beside.get(node, set())))
        keep = nodes if len(nodes) <= _ROWS else nodes[: _ROWS - 1]
        kept.update(keep)
        shown |= {node: node for node in keep}
        for kind in dict.fromkeys(node.kind for node in nodes[len(keep) :]):
            rest = [node for node in nodes[len(keep) :] if node.kind == kind]
            # The layer keeps apart what two of them stand for; it is not shown.
            words = f"{len(rest):,} more {_WORDS.get(kind, kind)}{'s' * (len(rest) != 1)}"
            shown |= dict.fromkeys(rest, Node(FOLDED, f"{words}\n{layer}"))
    return shown


def _middle_of(lineage: ArtifactLineage, layers: Mapping[Node, int]) -> int:
    return round(median(layers[node] for node in lineage.start))


def _natural(node: Node) -> list[str | int]:
    # Of pieces that are digits in turn, so that numbers are only compared with numbers.
    return [int(one) if n % 2 else one for n, one in enumerate(re.split("([0-9]{1,18})", node.id))]


def _merged(edges: Iterable[Edge], shown: Mapping[Node, Node]) -> list[Edge]:
    """Return the edges between the nodes that are drawn, each once."""
    found: dict[tuple[Node, Node], Edge] = {}
    for edge in edges:
        ends = shown[edge.source], shown[edge.target]
        if ends[0] != ends[1] and (ends not in found or edge.stale):
            found[ends] = Edge(*ends, edge.how, edge.stale)
    return list(found.values())


Place = Node | tuple[int, int]


def _rows(
    place: Mapping[Node, int], edges: Sequence[Edge]
) -> tuple[dict[Node, float], tuple[tuple[Edge, tuple[tuple[int, float], ...]], ...]]:
    """Return the row of each node, and the ways of the edges, few of which cross."""
    columns: dict[int, list[Place]] = {}
    for node, layer in place.items():
        columns.setdefault(layer, []).append(node)
    chains: list[list[Place]] = []
    for number, edge in enumerate(edges):
        between = range(place[edge.source] + 1, place[edge.target])
        for layer in between:
            columns.setdefault(layer, []).append((number, layer))
        chains.append([edge.source, *((number, layer) for layer in between), edge.target])
    links: dict[Place, list[Place]] = {}
    for chain in chains:
        for one, other in pairwise(chain):
            links.setdefault(one, []).append(other)
            links.setdefault(other, []).append(one)
    at = {one: float(row) for column in columns.values() for row, one in enumerate(column)}
    layer_of = {one: layer for layer, column in columns.items() for one in column}
    for sweep in range(_SWEEPS):
        step = -1 if sweep % 2 == 0 else 1
        for layer in sorted(columns, reverse=step > 0):
            column = columns[layer]
            near = {
                one: fmean(beside) if (beside := [
                    at[other] for other in links.get(one, ()) if (layer_of[other] - layer) * step > 0
                ]) else at[one]
                for one in column
            }  # fmt: skip
            column.sort(key=near.__getitem__)
            at |= {one: float(row) for row, one in enumerate(column)}
    tallest = max(map(len, columns.values()), default=1)
    rows = {
        one: row + (tallest - len(column)) / 2
        for column in columns.values() for row, one in enumerate(column)
    }  # fmt: skip
    routes = tuple(
        (edge, tuple((layer_of[one], rows[one]) for one in chain))
        for edge, chain in zip(edges, chains, strict=True)
    )
    return {node: rows[node] for node in place}, routes
