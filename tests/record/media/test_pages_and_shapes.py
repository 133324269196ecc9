"""Pages, shapes and molecules: files that are kept as they are."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.record.media.conftest import file_of

from runfolio.errors import UsageError
from runfolio.model.media import MediaItem
from runfolio.record.media.files import Molecule, Object3D
from runfolio.record.media.html import Html
from runfolio.record.run import Run

Log = Callable[[object], MediaItem]
PAGE = "<p>ü</p><script>alert(1)</script>"


@pytest.mark.parametrize(
    "data", [PAGE, Path("a.html"), "a.html", io.StringIO(PAGE), io.BytesIO(PAGE.encode())]
)
def test_a_page_is_kept_as_it_is_wherever_it_comes_from(run: Run, logged: Log, data: Any) -> None:
    Path("a.html").write_text(PAGE, encoding="utf-8")

    assert file_of(run, logged(Html(data, inject=False))).decode() == PAGE


def test_a_text_that_names_a_file_may_be_meant_as_a_page(run: Run, logged: Log) -> None:
    Path("a.html").write_text(PAGE, encoding="utf-8")

    assert file_of(run, logged(Html("a.html", data_is_not_path=True))) == b"a.html"


def test_a_page_shows_itself_only_where_nothing_in_it_runs() -> None:
    shown = Html(PAGE)._repr_html_()

    assert shown.startswith('<iframe sandbox="" ')
    assert "<script" not in shown


def test_points_become_a_document(run: Run, logged: Log) -> None:
    item = logged(Object3D(np.arange(6).reshape(2, 3), caption="a cloud"))

    assert json.loads(file_of(run, item)) == [[0, 1, 2], [3, 4, 5]]
    assert (item.type, item.extra["kind"], item.caption) == ("file", "object3d", "a cloud")


def test_a_scene_becomes_a_document(run: Run, logged: Log) -> None:
    box = {"corners": [[np.float64(0), 0, 0]], "label": "car", "color": (1, 2, 3)}
    scene = Object3D.from_point_cloud(np.zeros((1, 3)), [box])

    assert json.loads(file_of(run, logged(scene))) == {
        "type": "lidar/beta", "points": [[0, 0, 0]], "vectors": [],
        "boxes": [{"corners": [[0, 0, 0]], "label": "car", "color": [1, 2, 3]}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("make", "name"),
    [(Object3D, "a.pts.json"), (Object3D.from_file, "A.GLB"), (Molecule, "a.pdb")],
)
def test_a_shape_or_a_molecule_that_is_a_file_is_kept(
    run: Run, logged: Log, make: Callable[[Any], object], name: str
) -> None:
    Path(name).write_bytes(b"content")
    item = logged(make(name))

    assert file_of(run, item) == b"content"
    assert str(item.path).endswith(name.lower()[1:])


def test_an_open_file_says_what_it_holds(run: Run, logged: Log) -> None:
    item = logged(Molecule(io.StringIO("ATOM"), file_type="pdb"))

    assert (file_of(run, item), item.extra["kind"]) == (b"ATOM", "molecule")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Html(3), lambda: Html(Path("missing.html")),
        lambda: Object3D(np.zeros((3, 5))), lambda: Object3D({"type": "x"}),
        lambda: Object3D("a.txt"), lambda: Object3D(io.StringIO("x")),
        lambda: Molecule(io.StringIO("x"), file_type="exe"), lambda: Molecule(3),
    ],
)  # fmt: skip
def test_what_is_none_of_these_is_refused_at_once(make: Callable[[], object]) -> None:
    Path("a.txt").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError):
        make()
