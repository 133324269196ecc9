"""A report in a real browser: it opens alone, and what a run says of itself does nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import runfolio

EVIL = '"><img src=https://e.example/x onerror="document.title=`hacked`"><script>document.title=1</script>'


@pytest.mark.timeout(120)
def test_a_report_of_hostile_runs_opens_alone_and_does_nothing(
    store_path: Path, open_page: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    with runfolio.init("p", name=EVIL, config={EVIL: EVIL}, tags=[EVIL[:80]], notes=EVIL) as run:
        run.log({EVIL: 1.0, "loss": 2.0})
        run.log({EVIL: 2.0, "loss": 1.0})
    runfolio.report("", "report.html", title="Safe")
    opened = open_page("file://")
    opened.page.goto(Path("report.html").absolute().as_uri())
    opened.page.wait_for_function("document.images[0].complete")
    assert opened.page.title() == "Safe"
    assert opened.page.evaluate("document.images[0].naturalWidth") > 500
    assert opened.page.evaluate("document.images.length + document.scripts.length") == 1
    assert (opened.asked, opened.errors) == ([], [])
