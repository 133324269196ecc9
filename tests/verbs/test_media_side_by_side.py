"""``media``: what runs logged beside numbers, in words, as JSON and as what a notebook keeps."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runfolio
from runfolio.errors import QueryError, RunNotFound, UsageError
from runfolio.record.api import init
from runfolio.record.media.image import Image
from runfolio.verbs import pages
from runfolio.verbs.table import dispatch

HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m\u202e"


def noise(size: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(0, 255, (size, size, 3), dtype=np.uint8)


def record(name: str, steps: int = 3, size: int = 8, **more: Any) -> Path:
    run = init("digits", name=name, tags=["sweep"])
    for step in range(steps):
        run.log({"val/x": Image(noise(size, step), caption=f"epoch {step}")} | more, step=10 * step)
    run.finish(quiet=True)
    return run.path


@pytest.fixture
def two_runs(store_path: Path) -> None:
    record("wide")
    record("deep", steps=2, weights=np.arange(99.0))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process look like the kernel of a notebook that is open in a page."""
    monkeypatch.setenv("JPY_SESSION_NAME", "notebook.ipynb")
    monkeypatch.setattr(pages, "can_live", lambda: True)


def names(view: Any) -> list[str]:
    return [record.name for record in view.records]


def test_runs_are_named_or_selected_by_a_query(two_runs: None) -> None:
    assert names(runfolio.media()) == ["deep"]
    assert names(runfolio.media("wide", "deep")) == ["wide", "deep"]
    assert names(runfolio.media("tag:sweep", "sort:name")) == ["deep", "wide"]
    assert names(runfolio.media(runfolio.runs())) == ["deep", "wide"]


def test_a_terminal_shows_a_line_a_key(two_runs: None) -> None:
    lines = str(runfolio.media("wide", "deep")).splitlines()

    assert lines[0].startswith("✓ wide ")
    assert lines[1] == "  val/x  image 8 × 8 · step 20 · 3 steps"
    assert lines[3:] == [
        "  val/x    image 8 × 8 · step 10 · 2 steps",
        "  weights  histogram of 32 bins · step 10 · 2 steps",
    ]


def test_a_step_shows_the_latest_before_it_and_a_pattern_some_keys(two_runs: None) -> None:
    assert "step 10 ·" in str(runfolio.media("wide", step=19))
    assert "nothing by step -1" in str(runfolio.media("wide", step=-1))
    assert "no such key" in str(runfolio.media("wide", key="w*"))
    assert "val/x" not in str(runfolio.media("deep", key=["w*"]))


def test_printed_lines_are_found_with_their_numbers(two_runs: None) -> None:
    path = runfolio.media().records[0].path
    (path / "output.log").write_text("a\n\x1b[31mWARNING\x1b[0m high\nb\n")
    view = runfolio.media(search="warning")

    assert "        2  WARNING high" in str(view)
    assert json.loads(view.to_json())[0]["output"] == {
        "n": 1, "lines": [{"line": 2, "text": "WARNING high"}],
    }  # fmt: skip
    assert "WARNING high" in view.to_html()


def test_machines_get_the_paths_and_all_steps(two_runs: None) -> None:
    found = json.loads(str(dispatch(["media", "wide", "deep", "--step", "10", "--json"])))

    assert [run["name"] for run in found] == ["wide", "deep"]
    assert found[0]["media"]["val/x"]["steps"] == [0, 10, 20]
    (item,) = found[0]["media"]["val/x"]["items"]
    assert (item["caption"], item["path"][:13]) == ("epoch 1", "media/images/")


def test_what_a_notebook_keeps_needs_no_kernel_and_is_small(store_path: Path, page: None) -> None:
    for n in range(9):
        record(f"run{n}", size=160, **{f"k{k}": Image(noise(140, k)) for k in range(10)})
    view = runfolio.media("tag:sweep")

    bundle, _ = view._repr_mimebundle_()

    assert sorted(bundle) == ["text/html", "text/plain"]
    assert len(json.dumps(bundle)) < 300_000
    assert bundle["text/html"].count("<img") >= 12
    assert f'data-runfolio-table="{view.widget.mark}"' in bundle["text/html"]
    assert "the first 6 of 9 runs · the first 8 of 11 keys" in bundle["text/html"]


def test_no_page_no_mark_and_no_run_no_widget(two_runs: None) -> None:
    bundle, _ = runfolio.media("wide")._repr_mimebundle_()
    assert "data-runfolio-table" not in bundle["text/html"]

    view = runfolio.media("tag:none")
    assert (view.exit_code, "No run matches this query" in view.to_html()) == (1, True)


def test_words_of_a_run_stay_words(store_path: Path) -> None:
    record(HOSTILE, **{HOSTILE: Image(noise(4), caption=HOSTILE)})
    view = runfolio.media()
    tags = set(re.findall(r"<([a-z]+)", view.to_html()))

    assert tags <= {"div", "style", "b", "span", "table", "thead", "tbody", "tr", "th", "td", "i",
                    "img", "code", "bdi"}  # fmt: skip
    assert "<img src=x" not in view.to_html()
    assert not re.search("[\x1b\u202e]", str(view) + view.to_json() + view.to_html())


def test_a_file_that_is_gone_is_said_in_its_place(two_runs: None) -> None:
    for file in (runfolio.media("wide").records[0].path / "media" / "images").iterdir():
        file.unlink()
    page = runfolio.media("wide", "deep").to_html()

    assert "cannot be read" in page
    assert page.count("<img") == 1


def test_mistakes_say_what_to_do(two_runs: None) -> None:
    with pytest.raises(RunNotFound):
        runfolio.media("wdie")
    with pytest.raises(QueryError):
        runfolio.media("lr<<1")
    with pytest.raises(UsageError, match="expected a number"):
        runfolio.media(step=float("nan"))
    assert dispatch(["media", "--step", "x"]).exit_code == 2


def test_runs_without_media_say_so(store_path: Path) -> None:
    init("digits", name="plain").finish(quiet=True)

    assert "no media were logged" in str(runfolio.media())
    assert "None of these runs logged" in runfolio.media().to_html()
