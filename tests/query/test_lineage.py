"""The cells that a result came from: executed alone, in the order in which they ran, they give it again."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from runfolio.capture.namespace import Namespace
from runfolio.model.context import CellExecution
from runfolio.query.lineage import Ancestry, Makers, lineage

NAMES = ("a", "b", "c", "d", "e")
STATEMENTS = (
    "{0} = {1} * 2 + {2}", "{0} = {n} + np.zeros(3)", "{0} = {1}", "{0} = {1}.copy()",
    "{0}[{k}] = {n}", "{0} += {1}", "{0} = f({1})", "g({0}, {n})", "box.put({0}, {n})",
    "box.held = {0}", "{0} = box.held * 1", "rows.append({n})", "{0} = {0} + sum(rows)",
    "for {0} in [{1} + i for i in range(3)]:\n    pass", "rate = {n}",
    "def f(x):\n    return x * rate + {1}", "if {1}.sum() > {n}:\n    {0} = {2} * 1",
    "{0}, {1} = {1}, {0}", "del rows[:]", "import numpy as np",
    "def g(x, n):\n    x[{k}] = n", "{0} = [{1}, {2}][{n} % 2]", "{0}.fill({n})",
)  # fmt: skip
START = (
    "import numpy as np",
    "class Box:\n    def put(self, x, n):\n        x += n\n        self.last = n",
    "box = Box()\nbox.held = np.ones(3)",
    "rows, rate = [], 1",
    "def f(x):\n    return x - rate",
    "def g(x, n):\n    x[0] = n",
    *(f"{name} = np.full(3, {n}.0)" for n, name in enumerate(NAMES)),
)


def cell(dice: random.Random) -> str:
    """Return a cell of one to three statements."""
    return "\n".join(
        dice.choice(STATEMENTS).format(
            *dice.choices(NAMES, k=3), n=dice.randrange(9), k=dice.randrange(3)
        )
        for _ in range(dice.randint(1, 3))
    )


def execute(sources: list[str]) -> tuple[list[CellExecution], dict[str, Any]]:
    """Execute cells one after the other, each watched as in a notebook."""
    variables: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
    namespace = Namespace(lambda: variables, dict(variables), clock=lambda: 0.0)
    cells = []
    for order, source in enumerate(sources, start=1):
        before = namespace.before(source)
        exec(source, variables)
        seen = namespace.after(before)
        cells.append(
            CellExecution(
                source, f"{order:032x}", order, None, order * 1000, 0.1, "ok",
                bound=seen.bound, rebound=seen.rebound, changed=seen.changed,
                deleted=seen.deleted, read=seen.read,
            )
        )  # fmt: skip
    return cells, variables


@pytest.mark.parametrize("seed", range(60))
def test_the_cells_of_a_result_alone_give_it_again(seed: int) -> None:
    dice = random.Random(seed)
    pool = [cell(dice) for _ in range(12)]
    history = [*START, *dice.choices(pool, k=25), "result = a + b"]
    cells, variables = execute(history)

    found = lineage(cells, "run", cells[-1].started_at_ms)
    alone: dict[str, Any] = {"__name__": "__main__"}
    for place in found.places:
        exec(cells[place].source, alone)

    assert found.own == (len(history) - 1,)
    np.testing.assert_array_equal(alone["result"], variables["result"])


def test_most_cells_that_have_nothing_to_do_with_a_result_are_not_among_them() -> None:
    cells, _ = execute([
        "x = 1", "y = 2", "z = x + y", "w = [5]", "w.append(z)", "x = 3", "def f():\n    return x",
        "v = f()", "unused = w + [v]", "result = v * 2",
    ])  # fmt: skip

    found = lineage(cells, "run", cells[-1].started_at_ms)

    assert [cells[place].order for place in found.places] == [6, 7, 8, 10]


def test_a_running_cell_stands_on_what_the_functions_it_mentions_read() -> None:
    sources = ("k = 2", "def f(v):\n    return v * k", "unused = 1")
    cells, _ = execute(list(sources))
    running = CellExecution("f(3)", "0", 4, None, 4000, None, "running")

    found = lineage([*cells, running], "run", 4000)

    assert [found.cells[place].source for place in found.places] == [*sources[:2], "f(3)"]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_found_while_cells_run_is_what_is_found_afterwards(seed: int) -> None:
    dice = random.Random(seed)
    pool = [cell(dice) for _ in range(8)]
    cells, _ = execute([*START, *dice.choices(pool, k=40)])
    begin = dice.randrange(len(START), len(cells))
    makers = Makers()
    for place, ended in enumerate(cells[:begin]):
        makers.add(place, ended)
    ancestry, grown, expected = Ancestry(makers), set[int](), set[int]()

    for place in range(begin, len(cells)):
        told = {"bound": (), "rebound": (), "changed": (), "deleted": (), "read": ()}
        running = replace(cells[place], status="running", **told)
        so_far = [*cells[:place], running]
        new = ancestry.grow(place, so_far)
        assert grown.isdisjoint(new)
        grown.update(new)
        expected |= {*lineage(so_far, "run", running.started_at_ms).places} - {place}
        assert grown == expected
        makers.add(place, cells[place])


def test_a_cell_that_others_ran_within_is_found_too() -> None:
    def made(order: int, **told: Any) -> CellExecution:
        return CellExecution("", str(order), order, None, order, 0.1, "ok", **told)

    cells = [
        made(1, bound=("x",)), made(2, changed=("x",)), made(3, changed=("x",)),
        made(4, read=("x",)),
    ]  # fmt: skip
    makers = Makers()
    for place in (0, 2):
        makers.add(place, cells[place])
    ancestry = Ancestry(makers)
    assert sorted(ancestry.grow(3, cells)) == [0, 2]

    makers.add(1, cells[1])  # it began before the other one, and ends after it

    assert ancestry.grow(3, cells) == [1]
