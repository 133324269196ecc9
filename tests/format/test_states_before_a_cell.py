"""Which generator states a run's events and files tell of a cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import blake3
import pytest

from runfolio.errors import UsageError
from runfolio.format.codec import dumps
from runfolio.format.generator_states import states_before_cell


def state(folder: Path, number: int) -> str:
    """Write a state that says its number, and return its name."""
    content = dumps({"kind": "test", "number": number})
    name = f"rng/{blake3.blake3(content).hexdigest()[:32]}.json"
    (folder / "rng").mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return name


@pytest.fixture
def told(tmp_path: Path):
    """Write the events of a run: ``told((1, {"random": 3}), …)`` before cells, up to cell 9."""

    def write(*changes: tuple[int, dict[str, int | None]], began: bool = True) -> Path:
        events: list[dict[str, Any]] = [
            {"time": 1, "kind": "cell", "order": order, "hash": "0" * 32} for order in range(1, 10)
        ]
        for place, (cell, numbers) in enumerate(changes):
            states = {k: n if n is None else state(tmp_path, n) for k, n in numbers.items()}
            first = {"began": True} if began and place == 0 else {}
            events.append({"time": 1, "kind": "rng", "cell": cell, "states": states, **first})
        with (tmp_path / "events.jsonl").open("ab") as file:
            file.writelines(dumps(event) + b"\n" for event in events)
        return tmp_path

    return write


def numbers(folder: Path, cell: int) -> dict[str, Any]:
    """Return the numbers of the states before a cell."""
    return {key: s["number"] for key, s in states_before_cell(folder, cell).states.items()}


def test_the_last_change_up_to_the_cell_counts(told) -> None:
    folder = told((1, {"random": 1, "numpy": 1}), (3, {"random": 3}), (6, {"random": 6}))
    assert numbers(folder, 2) == {"random": 1, "numpy": 1}
    assert numbers(folder, 3) == {"random": 3, "numpy": 1}
    assert numbers(folder, 5) == {"random": 3, "numpy": 1}
    assert numbers(folder, 9) == {"random": 6, "numpy": 1}


def test_what_was_imported_later_is_as_it_came_and_a_later_variable_is_not_there(told) -> None:
    folder = told((1, {"random": 1}), (5, {"torch": 5, "variable:rng": 5}), (6, {"torch": 6}))
    assert numbers(folder, 2) == {"random": 1, "torch": 5}


def test_what_was_no_longer_kept_is_missing_until_it_changes_again(told) -> None:
    folder = told((1, {"random": 1}), (3, {"random": None}), (5, {"random": 5}))
    assert "no longer kept" in states_before_cell(folder, 4).missing["random"]
    assert numbers(folder, 4) == {}
    assert numbers(folder, 5) == {"random": 5}


@pytest.mark.parametrize("began", [True, False])
def test_a_kernel_that_goes_on_with_the_run_tells_anew(told, began: bool) -> None:
    told((2, {"random": 1, "variable:gone": 1}), (4, {"random": 4}))
    folder = told((1, {"random": 10}), (3, {"random": 30}), began=began)
    assert numbers(folder, 2) == {"random": 10}
    assert numbers(folder, 9) == {"random": 30}


def test_the_cell_in_which_tracking_began_is_known_only_from_there_on(told) -> None:
    folder = told((4, {"random": 1}))
    assert states_before_cell(folder, 4).began_within
    assert not states_before_cell(folder, 5).began_within
    with pytest.raises(UsageError, match="before the cells 4 to 9"):
        states_before_cell(folder, 3)


@pytest.mark.parametrize("name", ["../rng/x.json", "rng/abc.json", "/etc/passwd", 7, ["rng"]])
def test_no_other_file_is_read(told, name: Any) -> None:
    folder = told((1, {"random": 1}))
    event = {"time": 1, "kind": "rng", "cell": 2, "states": {"random": name}}
    with (folder / "events.jsonl").open("ab") as file:
        file.write(dumps(event) + b"\n")
    assert "is no file of states" in states_before_cell(folder, 3).missing["random"]
