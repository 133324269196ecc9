"""What a program opened is its input, unless it is code, made by the run itself, or gone."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from runfolio.capture.data_paths import is_data, is_worth_noting, shown
from runfolio.capture.detected import Inputs, in_groups
from runfolio.capture.opened import Sighting


@pytest.fixture
def old(tmp_path: Path) -> str:
    """A file that was there long before the run."""
    path = tmp_path / "old.csv"
    path.write_text("a")
    os.utime(path, (1, 1))
    return str(path)


@pytest.fixture
def inputs() -> Inputs:
    return Inputs(time.time_ns() - 1_000_000_000, ("/store",))


@pytest.mark.parametrize("how", ["opened", "named", "maybe"])
def test_a_file_that_was_there_is_an_input(how: str, old: str, inputs: Inputs) -> None:
    assert inputs.add([Sighting(old, how)]) == [old]
    assert inputs.add([Sighting(old, how)]) == []
    assert inputs.evidence == {old: [how]}


def test_what_was_written_before_it_is_read_is_a_product(old: str, inputs: Inputs) -> None:
    assert inputs.add([Sighting(old, "written"), Sighting(old, "opened")]) == []


def test_what_a_library_wrote_without_python_is_a_product(tmp_path: Path, inputs: Inputs) -> None:
    fresh = tmp_path / "fresh.parquet"
    fresh.write_text("a")

    assert inputs.add([Sighting(str(fresh), "named")]) == []


def test_an_input_that_is_written_later_is_known_to_have_changed(old: str, inputs: Inputs) -> None:
    inputs.add([Sighting(old, "opened"), Sighting(old, "written")])

    assert inputs.was_changed(old, time.time_ns()) is True
    assert inputs.was_changed(old, 1) is False


def test_what_is_no_file_or_gone_is_no_input(tmp_path: Path, inputs: Inputs) -> None:
    os.mkfifo(tmp_path / "pipe")
    seen = [str(tmp_path / "gone.csv"), str(tmp_path / "pipe"), str(tmp_path)]

    assert inputs.add(Sighting(path, "opened") for path in seen) == []
    assert inputs.add([Sighting(str(tmp_path), "named")]) == [str(tmp_path)]


@pytest.mark.parametrize(
    "path",
    ["/p/a.py", "/p/lib.so", "/p/n.ipynb", "/p/.git/index", "/p/__pycache__/a", "/p/pyproject.toml", "/p/metrics.toml",
     "/p/folio/x/run.json", "~/.cache/matplotlib/fonts.json", "/tmp/ipykernel_3/x"],
)  # fmt: skip
def test_code_settings_and_caches_are_no_data(path: str) -> None:
    assert not is_data(str(Path(path).expanduser()))


@pytest.mark.parametrize(
    "path", ["/p/a.csv", "/p/config.json", "/p/weights.pth", "/tmp/a.csv", "/media/disk/x.h5"]
)
def test_other_files_may_be(path: str) -> None:
    assert is_data(path)
    assert is_worth_noting(path)


def test_what_is_installed_is_not_even_noted() -> None:
    assert not is_worth_noting(os.__file__)
    assert not is_worth_noting(pytest.__file__)


def test_places_are_told_from_the_project() -> None:
    assert shown("/p/data/x.csv", Path("/p")) == "data/x.csv"
    assert shown("/else/x.csv", Path("/p")) == "/else/x.csv"
    assert shown(Path("~/x.csv").expanduser(), Path("/p")) == "~/x.csv"


def test_a_few_files_stand_for_themselves_and_many_for_their_folder() -> None:
    few = [f"/d/{n}.csv" for n in range(3)]
    many = [f"/img/{n}.png" for n in range(1000)]

    groups = in_groups([*few, *many])

    assert set(groups) == {*few, "/img"}
    assert groups["/img"] == many


def test_folders_of_classes_become_one_and_none_gets_lost() -> None:
    paths = [f"/d/train/{kind}/{n}.png" for kind in range(100) for n in range(1000)]

    groups = in_groups(paths)

    assert {place: len(files) for place, files in groups.items()} == {"/d/train": 100_000}


def test_many_places_are_brought_down_to_few() -> None:
    groups = in_groups([f"/d/{n}/{m}/x" for n in range(60) for m in range(2)])

    assert len(groups) <= 50
    assert sum(map(len, groups.values())) == 120
