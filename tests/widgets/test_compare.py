"""The kernel's half of a comparison: what its page asks for is what the comparison holds."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runfolio
from runfolio.query.comparison import Comparison
from runfolio.query.spread import spread
from runfolio.record.api import init
from runfolio.store.store import Store
from runfolio.verbs.compare import CompareView

EVIL = "<img src=x onerror=alert(1)>\u202e\x1b[31m"
KEY = 'm["a.b"].c\'</script>'


class Page:
    """A comparison, and a page that asks it."""

    def __init__(self, view: CompareView) -> None:
        self.view, self.widget = view, view.widget
        self.told: queue.Queue[tuple[dict[str, Any], list[bytes]]] = queue.Queue()
        self.widget.send = lambda content, buffers=None: self.told.put((content, buffers or []))

    def ask(self, verb: str, **what: Any) -> tuple[dict[str, Any], list[Any]]:
        """Return the answer, and its buffers as numbers."""
        self.widget.take({"kind": "ask", "verb": verb, "page": "p", "id": 7, "what": what})
        content, buffers = self.told.get(timeout=30)
        assert (content["verb"], content["page"], content["id"]) == (verb, "p", 7)
        return content, [np.frombuffer(buffer) for buffer in buffers]


@pytest.fixture
def page(folio: Path) -> Page:
    """Ten runs of fifty points that differ in their settings; one is hostile."""
    for n in range(10):
        config = {"lr": 10.0**-n, "opt": "ab"[n % 2], "none": None if n else 1, EVIL: EVIL + str(n)}
        with init(name=EVIL if n == 3 else f"run{n}", config=config, group="gh"[n % 2]) as run:
            for step in range(50):
                run.log({"val/acc": n / 10 + step / 100, KEY: float(step * n), "epoch": step // 5})
    return Page(runfolio.compare("run0 or tag:none or lr>0 sort:lr"))


def texts(told: Any, name: str = "") -> list[tuple[str, str]]:
    """Return all texts of an answer, each with the name it stands under."""
    if isinstance(told, dict):
        return [found for key, value in told.items() for found in texts(value, key)]
    if isinstance(told, list):
        return [found for value in told for found in texts(value, name)]
    return [(name, told)] if isinstance(told, str) else []


def records(page: Page) -> list[Any]:
    return list(page.view.compared.records)


def test_facts_name_runs_metrics_and_what_can_be_chosen(page: Page) -> None:
    facts, _ = page.ask("facts")
    assert [run[0] for run in facts["runs"]] == [record.id for record in records(page)]
    assert {one["key"] for one in facts["metrics"]} == {"val/acc", KEY, "epoch"}
    assert {one["key"] for one in facts["settings"]} == {"lr", "opt", "none", EVIL}
    assert facts["xs"] == [["epoch", "epoch"]]
    assert [by for by, _ in facts["bys"]][:1] == ["group"]
    assert "config.opt" in [by for by, _ in facts["bys"]]
    assert facts["metric"] == "val/acc"


def test_curves_travel_whole_and_in_parts_with_every_point_of_few(page: Page) -> None:
    what = {"runs": [0, 9], "keys": ["val/acc", KEY], "smooth": "off"}
    told, buffers = page.ask("curves", **what)
    assert [(one["r"], one["k"], one["n"], one["of"]) for one in told["parts"]] == [
        (0, 0, 50, 50), (0, 1, 50, 50), (9, 0, 50, 50), (9, 1, 50, 50),
    ]  # fmt: skip
    x, y = buffers[told["parts"][2]["b"]].reshape(2, -1)
    last = int(records(page)[9].name.removeprefix("run"))
    assert y.tolist() == [last / 10 + step / 100 for step in range(50)]
    part, buffers = page.ask("curves", **what, range=[10.0, 20.0])
    x, y = buffers[part["parts"][0]["b"]].reshape(2, -1)
    assert x.tolist() == list(range(9, 22))
    assert part["parts"][0]["n"] == 11


def test_curves_run_over_epochs_and_time_too(page: Page) -> None:
    over, buffers = page.ask("curves", runs=[1], keys=["val/acc"], x="epoch", smooth="off")
    assert buffers[0][:50].max() == 9
    assert over["axes"] == ["epoch"]
    _, buffers = page.ask("curves", runs=[1], keys=["val/acc"], x="relative", smooth="off")
    assert buffers[0][0] == 0
    _, buffers = page.ask("curves", runs=[1], keys=["val/acc"], x="time", smooth="off")
    assert buffers[0][0] > 1.7e12


def test_groups_are_those_of_the_spread(page: Page) -> None:
    told, buffers = page.ask("groups", keys=["val/acc"], by="group")
    expected = spread(Store.default(), records(page), "val/acc", "group")
    (panel,) = told["panels"]
    assert [band["label"] for band in panel["bands"]] == ["g", "h"]
    for band, wanted in zip(panel["bands"], expected.bands, strict=True):
        assert np.array_equal(buffers[band["mean"]], wanted.mean)
        assert np.array_equal(buffers[band["deviation"]], wanted.deviation)


def test_axes_scatter_and_progress_are_those_of_the_comparison(page: Page) -> None:
    compared = page.view.compared
    told, buffers = page.ask("axes", metric="val/acc")
    by_key = {axis["key"]: axis for axis in told["axes"]}
    settings = {setting.key: setting for setting in compared.settings}
    assert by_key["val/acc"]["metric"]
    assert buffers[by_key["lr"]["values"]].tolist() == list(settings["lr"].values)
    assert np.isnan(buffers[by_key["none"]["places"]]).sum() == 9
    told, buffers = page.ask("scatter", setting="lr", metric="epoch")
    assert buffers[told["y"]].tolist() == [9.0] * 10
    told, buffers = page.ask("progress", metric="val/acc")
    assert buffers[told["best"]].tolist() == [one.best for one in compared.progress]


def test_importance_says_how_sure_it_is(page: Page) -> None:
    pytest.importorskip("sklearn")
    told, _ = page.ask("importance", metric="val/acc")
    found = page.view.compared.importance
    assert [(s["key"], s["low"], s["high"]) for s in told["shares"]] == [
        (share.key, share.low, share.high) for share in found.shares
    ]
    assert told["remarks"] == []


def test_the_table_is_that_of_the_runs_that_are_asked_for(page: Page) -> None:
    told, _ = page.ask("table", runs=[])
    assert (told["beside"], told["ids"]) == (False, [record.id for record in records(page)])
    assert [cell["t"] for cell in told["columns"][0]["cells"]][:1] == [records(page)[0].name]
    told, _ = page.ask("table", runs=[4, 2])
    assert (told["beside"], told["ids"]) == (True, [records(page)[4].id, records(page)[2].id])
    lr = next(c for c in told["columns"][0]["cells"] if c["t"] == "lr")
    place = told["columns"][0]["cells"].index(lr)
    assert told["columns"][1]["cells"][place]["t"] != told["columns"][2]["cells"][place]["t"]


def test_what_is_told_is_text_without_control_characters(page: Page) -> None:
    for verb in ("facts", "axes", "importance", "table", "groups"):
        told, _ = page.ask(verb, metric="val/acc", keys=["val/acc"], by=f"config.{EVIL}")
        # Keys, by which a page asks, are as they are; what it shows is beside them.
        shown = [text for name, text in texts(told) if name not in ("key", "bys", "by")]
        assert not any(char in text for text in shown for char in "\x1b\u202e")


@pytest.mark.parametrize(
    "what",
    [
        {"runs": [-1, 99, True, "0"], "keys": ["val/acc"]},
        {"runs": [0], "keys": ["no such", 7]},
        {"runs": [0], "keys": ["val/acc"], "x": "no such", "range": [1, "b"]},
        {"runs": "all", "keys": None, "columns": 10**9, "smooth": "much"},
        {"runs": [0], "keys": ["val/acc"], "range": [float("inf"), float("nan")], "columns": -3},
    ],
)  # fmt: skip
def test_nonsense_gets_a_harmless_answer(page: Page, what: dict[str, Any]) -> None:
    told, _ = page.ask("curves", **what)
    assert "error" not in told
    for verb in ("groups", "axes", "scatter", "importance", "progress", "table"):
        told, _ = page.ask(verb, **what, metric="no such", setting="no such", by="no such")
        assert told.get("error", {"message": "x"})["message"]


def test_the_brush_is_a_selection_and_outlives_the_widget(page: Page) -> None:
    some = [records(page)[n].id for n in (5, 1)]
    page.widget.selected = some
    assert page.view.selected.ids == some
    assert list(page.view.selected.frame()["name"]) == [records(page)[n].name for n in (5, 1)]
    page.widget.end()
    assert page.view.widget.selected == some


def test_runs_that_share_nothing_are_compared_all_the_same(folio: Path) -> None:
    for n in range(2):
        with init(name=f"run{n}"):
            pass
    page = Page(runfolio.compare("run0", "run1"))
    facts, _ = page.ask("facts")
    assert (facts["metrics"], facts["metric"], facts["panels"]) == ([], "", [])
    assert page.ask("importance", metric="")[0]["remarks"]
    assert page.ask("axes", metric="")[0]["axes"] == []
    assert isinstance(page.view.compared, Comparison)
