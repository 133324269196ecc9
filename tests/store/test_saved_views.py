"""Named views of a store: kept in a small file beside the run directories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runfolio.errors import CorruptRecord, UsageError
from runfolio.store.store import Store
from runfolio.store.views import read_views, remove_view, save_view

Maker = Callable[..., Path]


def test_a_view_is_kept_and_is_no_run(make_run: Maker, folio: Path) -> None:
    make_run()
    save_view(folio, "best", {"query": "lr<1", "sort": [["run", True]]})
    save_view(folio, "best", {"query": "lr<2"})

    assert read_views(folio) == {"best": {"query": "lr<2"}}
    assert len(Store(folio).records()) == 1
    assert remove_view(folio, "best") == {}


def test_looking_at_views_creates_nothing(folio: Path) -> None:
    assert read_views(folio) == {}
    assert not folio.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x1bb"])
def test_a_view_needs_a_name_that_can_be_read(name: str, make_run: Maker, folio: Path) -> None:
    make_run()

    with pytest.raises(UsageError, match="needs a name"):
        save_view(folio, name, {})


@pytest.mark.parametrize("text", ["{", "[]", '{"views": 3}', "{}"])
def test_a_file_that_holds_no_views_is_left_alone(text: str, make_run: Maker, folio: Path) -> None:
    make_run()
    (folio / ".views.json").write_text(text, encoding="utf-8")

    assert read_views(folio) == {}
    with pytest.raises(CorruptRecord):
        save_view(folio, "best", {})
    assert (folio / ".views.json").read_text(encoding="utf-8") == text


def test_a_link_is_not_followed(make_run: Maker, folio: Path, tmp_path: Path) -> None:
    make_run()
    secret = tmp_path / "secret.json"
    secret.write_text('{"views": {"mine": {}}}', encoding="utf-8")
    (folio / ".views.json").symlink_to(secret)

    assert read_views(folio) == {}
