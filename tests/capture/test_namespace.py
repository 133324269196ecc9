"""What a cell does to the variables of a notebook, seen from outside."""

from __future__ import annotations

import builtins
import gc
import subprocess
import sys
import weakref
from typing import Any

import numpy as np
import pytest

from runfolio.capture.fingerprints import fingerprint
from runfolio.capture.namespace import Namespace, Observed


class Kernel:
    """Variables, and cells that are executed on them."""

    def __init__(self, **variables: Any) -> None:
        hidden = {"__name__": "__main__", "__builtins__": builtins, "quit": quit}
        self.variables: dict[str, Any] = {**hidden, "np": np, **variables}
        self.namespace = Namespace(lambda: self.variables, hidden, clock=lambda: 0.0)

    def run(self, source: str) -> Observed:
        """Execute a cell and return what was seen of it."""
        before = self.namespace.before(source)
        try:
            exec(source, self.variables)
        except ZeroDivisionError:
            return self.namespace.after(before, to_its_end=False)
        return self.namespace.after(before)


def test_bound_rebound_deleted_and_read() -> None:
    kernel = Kernel()
    first = kernel.run("a = 1\nb = [a]\nc = 3")
    second = kernel.run("a = 1\nd = b\ndel c")

    assert (first.bound, first.rebound, first.read) == (("a", "b", "c"), (), ())
    assert (second.bound, second.rebound, second.deleted) == (("d",), ("a",), ("c",))
    assert second.read == ("b", "c")


def test_a_change_in_place_is_seen_under_every_name_of_the_object() -> None:
    kernel = Kernel()
    kernel.run("a = [1]\nb = a\nc = [1]")
    seen = kernel.run("len(c)\na.append(2)")

    assert seen.changed == ("a", "b")
    assert seen.values["a"]["len"] == 2
    assert kernel.run("len(a)").changed == ()


def test_a_function_reads_and_changes_what_it_names() -> None:
    kernel = Kernel()
    kernel.run("rate, total, mean = 0.1, [0.0], 7")
    kernel.run("def step(x):\n    total[0] += rate * x.mean()")
    kernel.run("class Net:\n    def fit(self):\n        step(np.ones(2))\nnet = Net()")
    seen = kernel.run("net.fit()")

    assert seen.read == ("net", "np", "rate", "step", "total")  # `x.mean` is no name
    assert seen.changed == ("total",)


def test_an_exec_is_seen_though_no_text_tells_of_it() -> None:
    kernel = Kernel()
    seen = kernel.run("globals()['hidden' + 'x'] = 1\nexec('y = 2')")

    assert seen.bound == ("hiddenx", "y")


def test_what_a_failing_cell_did_not_reach_is_not_bound() -> None:
    kernel = Kernel()
    kernel.run("x = 1\ny = 1")
    seen = kernel.run("x = 2\n1 / 0\ny = 1")

    assert seen.rebound == ("x",)


def test_names_of_the_kernel_are_none_of_the_users() -> None:
    kernel = Kernel()
    seen = kernel.run(
        "_i3 = 'x'\n_3 = 4\n_ = 5\n_own = 6\n_exit_code = 0\n__doc__ = 7\nquit\nquit = 1"
    )

    assert seen.bound == ("_own",)
    assert (seen.read, seen.rebound) == ((), ("quit",))


def test_no_audit_hook_hears_of_a_look_at_the_variables() -> None:
    program = (
        "import sys\n"
        "from runfolio.capture.namespace import Namespace\n"
        "variables = {f'n{n}': [n] for n in range(500)}\n"
        "names, heard = Namespace(lambda: variables), []\n"
        "sys.addaudithook(lambda event, _: heard.append(event))\n"
        "names.after(names.before('n1 = n2[0]'))\n"
        "print(heard.count('builtins.id'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"0"


def test_of_a_secret_only_the_type_is_kept() -> None:
    kernel = Kernel()
    seen = kernel.run("api_token = 'abcdef'\nplain = 'abcdef'")

    assert set(seen.values["api_token"]) == {"type", "id"}
    assert "hash" in seen.values["plain"]


def test_no_object_is_kept_alive() -> None:
    class Large(list[int]):
        """Can be referred to weakly."""

    kernel = Kernel(Large=Large)
    kernel.run("x = Large()")
    held = weakref.ref(kernel.variables["x"])
    kernel.run("len(x)\nx = None")
    gc.collect()

    assert held() is None


def test_a_thousand_changed_names_are_looked_at_within_the_limits() -> None:
    kernel = Kernel()
    seen = kernel.run("\n".join(f"v{n} = [{n}]" for n in range(1000)))

    assert len(seen.bound) == 1000
    assert len(seen.values) == 100


def test_what_there_was_no_time_to_look_at_is_named() -> None:
    seconds = iter(range(1000))
    variables: dict[str, Any] = {"a": [1], "b": [2], "np": np}
    slow = Namespace(lambda: variables, clock=lambda: float(next(seconds)))
    before = slow.before("a.append(2)\nnp")
    variables["a"].append(2)
    seen = slow.after(before)

    assert (seen.read, seen.unseen, seen.changed) == (("a", "np"), ("a",), ())


def test_a_long_look_is_not_begun_without_the_time_but_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, long, looks = 0.0, 0.001, 0
    variables: dict[str, Any] = {"a": [1], "b": [2]}

    def look(value: Any, **how: Any) -> dict[str, Any]:
        nonlocal now, looks
        if value is variables["a"] and how.get("hashed"):
            now, looks = now + long, looks + 1
        return fingerprint(value, **how)

    monkeypatch.setattr("runfolio.capture.namespace.fingerprint", look)
    namespace = Namespace(lambda: variables, clock=lambda: now)
    unseen = [namespace.after(namespace.before("a, b")).unseen for _ in range(3)]
    looks_then, long = looks, 0.0
    later = [namespace.after(namespace.before("a, b")).unseen for _ in range(20)]

    assert (all("a" in one for one in unseen), looks_then) == (True, 1)
    # What held up the first look is over.
    assert ("a" in later[0], later[-1]) == (True, ())


def test_an_object_that_gets_another_name_in_its_place_is_noticed() -> None:
    kernel = Kernel()
    kernel.run("a = [1]\nlast = [2]")
    seen = kernel.run("globals()['new'] = globals().pop('last')")

    assert (seen.bound, seen.deleted) == (("new",), ("last",))
