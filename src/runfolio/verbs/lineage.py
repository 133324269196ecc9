"""``lineage``: where data, an artifact or a run came from, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from rich.text import Text

from runfolio.charts.lineage import lineage_drawing, lineage_title
from runfolio.query.artifact_graph import RUN, Edge, Node
from runfolio.query.artifact_lineage import ArtifactLineage, Facts, artifact_lineage
from runfolio.verbs.diff_sections import plural
from runfolio.verbs.lookup import the_store
from runfolio.verbs.sheet_html import ROOT, isolated, style
from runfolio.verbs.terminal import columns_of, cut, one_line
from runfolio.verbs.view import STYLES, View, join_lines

__all__ = ["LineageView", "Listed", "lineage", "listed"]

_QUIET: Final = STYLES["secondary"]
_CHILDREN: Final = 8
_LINES: Final = 60
_DEEP: Final = 12
_ROWS: Final = 200
_NARROW: Final = 560
"""Pixels below which a page shows the list in place of the drawing."""

_STYLE: Final = (
    f".{ROOT}.{ROOT}.{ROOT}.rf-lineage{{container-type:inline-size;display:block}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-drawing{{overflow-x:auto;padding:0 4px}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-drawing svg{{margin:0 auto}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-list{{display:none}}"
    f"@container (max-width:{_NARROW}px){{.{ROOT}.{ROOT}.{ROOT} .rf-drawing{{display:none}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-list{{display:block}}}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-list td{{white-space:normal;overflow-wrap:anywhere}}"
    f".{ROOT}.{ROOT}.{ROOT} .rf-old{{color:var(--rf-interrupted)}}"
)


class LineageView(View):
    """A lineage: a drawing in a notebook, two trees in a terminal.

    Attributes
    ----------
    lineage : ArtifactLineage
    """

    def __init__(self, lineage: ArtifactLineage) -> None:
        self.lineage = lineage

    def text(self, width: int | None = None) -> Text:
        """Return what it came from and what came of it, each as a tree."""
        found = self.lineage
        lines = [_label(found, node) for node in found.start[:_CHILDREN]]
        more = len(found.start) - _CHILDREN
        lines += [Text(f"and {more:,} more", _QUIET)] if more > 0 else []
        trees = (("came from", _sources(found), "nothing that is known"),
                 ("led to", _targets(found), "nothing yet"))  # fmt: skip
        for title, edges, nothing in trees:
            made = list(_tree(found, edges))
            lines += [Text(title, "bold"), *(made or [Text(f"  {nothing}", _QUIET)])]
        old = [node for node in found.stale if node.kind == RUN]
        if old:
            lines.append(Text(f"{plural(len(old), 'run')} used what is old by now", STYLES["note"]))
        return join_lines([_cut(line, width) for line in lines])

    def to_html(self) -> str:
        """Return the drawing, and for a narrow page a list; no script, nothing fetched."""
        found, drawing = self.lineage, lineage_drawing(self.lineage)
        return (
            f'<div class="{ROOT} rf-lineage tex2jax_ignore mathjax_ignore"><style>{style()}{_STYLE}</style>'
            f'<div class="rf-head"><b>Lineage</b> <span>{isolated(lineage_title(found))}</span></div>'
            f'<div class="rf-drawing">{drawing.svg}</div>{_list(found)}'
            f'<div class="rf-foot">{escape(_footer(found, drawing.words))}</div></div>'
        )

    def data(self) -> Any:
        """Return nodes and edges, and what is old."""
        found = self.lineage
        return {
            "start": [_named(node) for node in found.start],
            "nodes": [
                _named(node) | {"steps": steps} | _facts(found, node)
                for node, steps in sorted(found.steps.items(), key=lambda item: item[1])
            ],
            "edges": [
                {"from": _named(edge.source), "to": _named(edge.target), "how": edge.how,
                 "stale": edge.stale or None}
                for edge in found.edges
            ],
            "users": [node.id for node in found.users],
            "makers": [node.id for node in found.makers],
        }  # fmt: skip


def lineage(wanted: Any = "@last") -> LineageView:
    """Return where something came from and what came of it.

    Parameters
    ----------
    wanted : str or run
        An artifact (``digits``), a version of it (``digits:v2``, ``digits:best``), a run, or data
        by its name, path or hash.

    Raises
    ------
    UsageError
        The artifact has no such version.
    RunNotFound
        Nothing is meant, or more than one run.

    Examples
    --------
    >>> runfolio.lineage("digits:v2")  # doctest: +SKIP
    """
    return LineageView(artifact_lineage(the_store(), wanted))


_Next = Mapping[Node, Sequence[tuple[Node, Edge]]]


def _sources(found: ArtifactLineage) -> _Next:
    edges: dict[Node, list[tuple[Node, Edge]]] = {}
    for edge in found.edges:
        edges.setdefault(edge.target, []).append((edge.source, edge))
    return edges


def _targets(found: ArtifactLineage) -> _Next:
    edges: dict[Node, list[tuple[Node, Edge]]] = {}
    for edge in found.edges:
        edges.setdefault(edge.source, []).append((edge.target, edge))
    return edges


def _tree(found: ArtifactLineage, edges: _Next) -> Iterator[Text]:
    """Yield a line a node, those of one node indented below it; what was told is not told again."""
    told, left = set(found.start), _LINES
    pending: list[tuple[int, Text | Node]] = [
        (1, one) for start in reversed(found.start[:_CHILDREN]) for one in _below(edges, start)
    ]
    while pending:
        deep, one = pending.pop()
        if isinstance(one, Text):
            yield Text("  " * deep).append_text(one)
            continue
        if one in told:
            continue
        if left == 0:
            yield Text("  and more", _QUIET)
            return
        told.add(one)
        left -= 1
        yield Text("  " * deep).append_text(_label(found, one))
        below = _below(edges, one)
        if deep == _DEEP and below:
            below = [Text("and more", _QUIET)]
        pending += [(deep + 1, other) for other in below]


def _below(edges: _Next, node: Node) -> list[Text | Node]:
    """Return what stands below a node, the last one first; of many the newest."""
    others = sorted((other for other, _ in edges.get(node, ())), reverse=True)
    more = len(others) - _CHILDREN
    last: list[Text | Node] = [Text(f"and {more:,} more", _QUIET)] if more > 0 else []
    return [*last, *reversed(others[:_CHILDREN])]


def _label(found: ArtifactLineage, node: Node) -> Text:
    facts, old = found.facts(node), found.stale.get(node)
    line = Text()
    if facts.status is not None:
        line.append(f"{facts.status.glyph} ", STYLES[facts.status.value])
    line.append(one_line(facts.title, 60), "bold")
    words = [facts.about, *facts.aliases]
    line.append("".join(f"  {one_line(word, 40)}" for word in words if word), _QUIET)
    if facts.fault:
        line.append(f"  {one_line(facts.fault, 80)}", STYLES["fault"])
    if old is not None:
        line.append(f"  old: {one_line(old.why, 80)}", STYLES["note"])
    return line


def _cut(line: Text, width: int | None) -> Text:
    if width is None or columns_of(line.plain) <= width:
        return line
    kept = cut(line.plain, width)
    line = line.copy()
    line.truncate(len(kept) - 1)
    return line.append("…")


@dataclass(frozen=True, slots=True)
class Listed:
    """A node in the list that a narrow page shows.

    Attributes
    ----------
    old : str
        Why it is old; empty where it is not.
    came_from : tuple of str
        Titles of what it came from, some of them.
    more : int
        How many more it came from.
    """

    node: Node
    facts: Facts
    old: str
    came_from: tuple[str, ...]
    more: int
    is_asked: bool


def listed(found: ArtifactLineage) -> list[Listed]:
    """Return the nodes in the order in which they came, as many as a page lists."""
    sources = _sources(found)
    nodes = sorted(found.steps, key=found.steps.__getitem__)
    return [_listed(found, node, sources.get(node, ())) for node in nodes[:_ROWS]]


def _listed(found: ArtifactLineage, node: Node, sources: Sequence[tuple[Node, Edge]]) -> Listed:
    old = found.stale.get(node)
    names = tuple(one_line(found.facts(other).title, 40) for other, _ in sources[:4])
    return Listed(node, found.facts(node), one_line(old.why, 80) if old else "", names,
                  len(sources) - len(names), node in found.start)  # fmt: skip


def _list(found: ArtifactLineage) -> str:
    """Return the nodes in the order in which they came, a row each."""
    rows = "".join(map(_row, listed(found)))
    more = len(found.steps) - _ROWS
    rest = f'<p class="rf-foot">and {more:,} more</p>' if more > 0 else ""
    return (
        '<div class="rf-list rf-scroll"><table class="rf-facts" aria-label="Lineage as a list">'
        f'<thead><tr><th scope="col">what</th><th scope="col">came from</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{rest}</div>"
    )


def _row(one: Listed) -> str:
    facts = one.facts
    glyph = (
        f'<span class="rf-{facts.status.value}">{facts.status.glyph}\ufe0e</span> '
        if facts.status is not None
        else ""
    )
    title = isolated(one_line(facts.title, 60))
    title = f"<b>{title}</b>" if one.is_asked else title
    about = " · ".join(one_line(word, 40) for word in (facts.about, *facts.aliases) if word)
    said = f' <span class="rf-quiet">{isolated(about)}</span>' if about else ""
    said += (
        f' <span class="rf-why">{isolated(one_line(facts.fault, 80))}</span>' if facts.fault else ""
    )
    said += f' <span class="rf-old">old: {isolated(one.old)}</span>' if one.old else ""
    names = [*one.came_from, *([f"{one.more:,} more"] if one.more else [])]
    return f"<tr><td>{glyph}{title}{said}</td><td>{isolated(', '.join(names)) or '–'}</td></tr>"


def _footer(found: ArtifactLineage, drawn: str) -> str:
    words = [drawn, f"used by {plural(len(found.users), 'run')}"]
    old = sum(node.kind == RUN for node in found.stale)
    words += [f"{plural(old, 'run')} with old data"] if old else []
    return " · ".join(words)


def _named(node: Node) -> dict[str, str]:
    return {"kind": node.kind, "id": node.id}


def _facts(found: ArtifactLineage, node: Node) -> dict[str, Any]:
    facts, old = found.facts(node), found.stale.get(node)
    return {
        "title": facts.title,
        "about": facts.about,
        "status": None if facts.status is None else facts.status.value,
        "when": facts.when,
        "aliases": list(facts.aliases),
        "fault": facts.fault or None,
        "old": None if old is None else {"why": old.why, "direct": old.direct},
    }
