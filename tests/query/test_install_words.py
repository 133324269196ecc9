"""What was installed while a run went on, in words; a record from anywhere is only text."""

from __future__ import annotations

import pytest

from runfolio.query.installs import install_lines


def event(**fields: object) -> dict[str, object]:
    return {"time": 1, "kind": "environment", **fields}


def test_each_look_that_found_something_is_a_line() -> None:
    events = [
        event(cell=3, added={"einops": "0.8.1"}),
        {"time": 2, "kind": "cell"},
        event(changed={"numpy": ["2.3.1", "2.4.0"]}, removed={"six": "1.16"}, loaded=["numpy"]),
    ]
    assert install_lines(events) == [
        "cell [3]: einops 0.8.1 installed",
        "while it ran: numpy 2.3.1 → 2.4.0 (2.3.1 stays loaded), six 1.16 removed",
    ]


def test_of_many_a_few_are_named() -> None:
    (line,) = install_lines([event(cell=1, added={f"p{n}": "1" for n in range(9)})])
    assert line.endswith("p3 1 installed and 5 more")


@pytest.mark.parametrize(
    "fields",
    [{}, {"added": []}, {"changed": {"x": "1"}}, {"removed": None}, {"loaded": 3}],
)
def test_an_event_that_says_nothing_is_no_line(fields: dict[str, object]) -> None:
    assert install_lines([event(**fields)]) == []
