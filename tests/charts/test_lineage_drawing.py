"""A lineage as a drawing: where nodes stand, what is folded, and that nothing hostile acts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.artifact_store import ArtifactStore

from runfolio.charts.lineage import lineage_drawing
from runfolio.charts.lineage_layout import FOLDED, layout
from runfolio.query.artifact_graph import Node
from runfolio.query.artifact_lineage import artifact_lineage

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def made(tmp_path: Path) -> ArtifactStore:
    """Return a store with a run that makes a data set and one that uses it."""
    made = ArtifactStore(tmp_path / "folio")
    made.run("prepare", made=[("digits", 0, "dataset")])
    made.version("digits", {"d.csv": b"1"}, run="prepare")
    made.run("train", used=[("digits", 0, "dataset")])
    return made


def words_of(svg: str) -> list[str]:
    """Return the texts that are seen."""
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text")]


def test_what_came_of_something_stands_right_of_it(made: ArtifactStore) -> None:
    found = layout(artifact_lineage(made.store, "digits:v0"))

    assert {one.node.id: one.layer for one in found.nodes} == {
        "prepare": 0, "digits:v0": 1, "train": 2,
    }  # fmt: skip


def test_data_that_is_used_late_stands_beside_its_use(made: ArtifactStore) -> None:
    made.run("last", used=[("digits", 0, "dataset"), ("net", 0, "model")],
             data=[{"name": "labels", "uri": "labels"}])  # fmt: skip
    made.run("fit", used=[("digits", 0, "dataset")], made=[("net", 0, "model")])

    found = layout(artifact_lineage(made.store, "last"))

    layers = {one.node.id: one.layer for one in found.nodes}
    assert layers["labels"] == layers["last"] - 1


def test_no_two_nodes_stand_at_one_place(made: ArtifactStore) -> None:
    for n in range(40):
        made.run(f"r{n}", used=[("digits", 0, "dataset")], made=[(f"m{n % 7}", n, "model")])

    found = layout(artifact_lineage(made.store, "digits:v0"))

    places = [(one.layer, one.row) for one in found.nodes]
    assert len(set(places)) == len(places)


def test_all_of_it_lies_inside_the_drawing_where_an_edge_passes_a_layer(
    made: ArtifactStore,
) -> None:
    made.run("fit", used=[("digits", 0, "dataset")], made=[("net", 0, "model")])
    made.run("test", used=[("digits", 0, "dataset"), ("net", 0, "model")])

    drawing = lineage_drawing(artifact_lineage(made.store, "net:v0"))

    boxes = list(ET.fromstring(drawing.svg).iter(f"{SVG}rect"))
    assert boxes
    assert all(float(box.get("y", "")) + 36 <= drawing.height for box in boxes)


def test_of_many_nodes_eight_stand_in_a_layer_and_the_rest_is_counted(
    made: ArtifactStore,
) -> None:
    for n in range(100):
        made.run(f"more-{n}", used=[("digits", 0, "dataset")])

    drawing = lineage_drawing(artifact_lineage(made.store, "digits:v0"))

    words = words_of(drawing.svg)
    assert "94 more runs" in words
    assert [word for word in words if word.startswith("more-")] == [
        f"more-{n}" for n in range(99, 93, -1)
    ]
    assert drawing.words == "9 of 103 nodes drawn, 94 folded"


def test_of_a_long_chain_the_part_round_what_was_asked_for_is_drawn(tmp_path: Path) -> None:
    made = ArtifactStore(tmp_path / "chain")
    for n in range(30):
        made.run(f"step-{n}", used=[("d", n, "dataset")], made=[("d", n + 1, "dataset")])

    found = layout(artifact_lineage(made.store, "d:v15"))

    folded = {one.node.id: one.layer for one in found.nodes if one.node.kind == FOLDED}
    assert folded == {"26 before": 0, "26 behind": 10}
    assert Node("version", "d:v15") in [one.node for one in found.nodes]


def test_a_cycle_is_drawn_and_ends(made: ArtifactStore) -> None:
    made.run("again", used=[("digits", 0, "dataset")], made=[("digits", 0, "dataset")])

    drawing = lineage_drawing(artifact_lineage(made.store, "digits:v0"))

    assert len(list(ET.fromstring(drawing.svg).iter(f"{SVG}path"))) == 4


def test_what_is_old_says_so_in_words_and_why_on_hover(made: ArtifactStore) -> None:
    made.version("digits", {"d.csv": b"2"})

    svg = lineage_drawing(artifact_lineage(made.store, "digits:v0")).svg

    assert "old · train" in words_of(svg)
    tips = [tip.text or "" for tip in ET.fromstring(svg).iter(f"{SVG}title")]
    assert any("old: digits:v1 is newer than v0" in tip for tip in tips)


def test_names_are_text_and_no_markup_and_turn_nothing(made: ArtifactStore) -> None:
    name = '<script>alert(1)</script>"&\x1b[31m\u202egnp'
    made.run("odd", name=name, used=[["digits", 0, "dataset"], [name, 1, name]],
             data=[{"name": name, "uri": f"{name}\n", "hash": name}])  # fmt: skip

    svg = lineage_drawing(artifact_lineage(made.store, "odd")).svg

    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}
    assert tags == {"svg", "g", "title", "rect", "path", "text"}
    assert not {"\x1b", "\u202e", "\n"} & set(svg)


def test_a_long_name_is_cut_to_the_room_there_is(made: ArtifactStore) -> None:
    made.run("w" * 120, used=[("digits", 0, "dataset")])

    drawing = lineage_drawing(artifact_lineage(made.store, "digits:v0"))

    assert any(word.startswith("www") and word.endswith("…") for word in words_of(drawing.svg))
    assert drawing.width < 700
