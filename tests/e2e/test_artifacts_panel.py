"""Artifacts in the panel of ``runfolio ui``: from the list to a card, its runs and back, live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.made_artifacts import make_artifacts
from tests.e2e.many_runs import write_runs
from tests.e2e.panel_page import PanelPage, record_into, serving

from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.verbs.promote import promote

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def folio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return record_into(tmp_path / "root" / "folio", monkeypatch)


@pytest.fixture
def panel(folio: Path, tmp_path: Path, open_page: Callable[..., Any]) -> Iterator[PanelPage]:
    with serving(folio.parent, tmp_path / "server.log") as served:
        panel = PanelPage(open_page(served.address))
        panel.page.goto(f"{served.address}runfolio")
        yield panel


def row(panel: PanelPage, name: str) -> Any:
    """Return an artifact in the list."""
    return panel.page.locator(".artifact").filter(
        has=panel.page.locator(f".name:text-is('{name}')")
    )


def test_from_the_list_to_a_card_its_runs_and_back(
    folio: Path, tmp_path: Path, panel: PanelPage
) -> None:
    page = panel.page
    write_runs(folio, 1, settings=2, metrics=1)
    panel.run("run-0").wait_for(timeout=20_000)
    page.get_by_role("tab", name="Runs").focus()
    page.keyboard.press("ArrowRight")
    panel.expect("No artifacts yet. A run keeps one")
    make_artifacts(tmp_path)
    row(panel, "digits").wait_for(timeout=20_000)
    assert "production v1" in row(panel, "digits").inner_text()
    assert "dataset · v1" in row(panel, "digits").inner_text()

    page.get_by_label("Filter artifacts").fill("production")
    row(panel, "net").wait_for(state="detached")
    page.get_by_label("Filter artifacts").fill("nothing such")
    page.get_by_role("button", name="Clear filter").click()
    row(panel, "net").wait_for()
    page.get_by_label("Type").select_option("dataset")
    row(panel, "net").wait_for(state="detached")

    page.locator(".list[aria-label='Artifacts']").focus()
    for key in ("Home", "Enter"):
        page.keyboard.press(key)
    card = page.locator(".artifact-card")
    card.get_by_text("runfolio.load_artifact(").wait_for()
    assert 'load_artifact("digits:v1")' in card.inner_text()
    card.get_by_text("60 rows × 2 columns").wait_for()
    card.get_by_role("button", name="Compare", exact=True).click()
    card.get_by_text("1 changed").last.wait_for()
    today = (datetime.now(tz=UTC) + timedelta(days=2)).strftime("%Y-%m-%d")
    page.locator("input[type='date']").fill(today)
    card.get_by_text(f"at the end of {today}.").wait_for()

    promote("digits:v0", "staging")
    card.get_by_role("button", name="staging v0").wait_for(timeout=20_000)
    card.locator("g[data-id='net:v0']").click()
    page.locator(".place:not([hidden]) h3:text-is('net')").wait_for()
    page.locator(".place:not([hidden]) .versions .link bdi:text-is('train')").click()
    page.locator(".place:not([hidden]) .card footer .link:text-is('digits:v1')").click()
    page.get_by_role("tab", name="digits:v1").wait_for()
    page.reload()
    page.locator(".place:not([hidden]) .artifact-card h3:text-is('digits')").wait_for()
    row(panel, "net").wait_for()
    assert panel.trouble == []


@pytest.mark.parametrize("width", [320, 600])
def test_stages_are_seen_where_it_is_narrow_and_nothing_is_cut(
    folio: Path, tmp_path: Path, panel: PanelPage, width: int
) -> None:
    make_artifacts(tmp_path)
    panel.page.set_viewport_size({"width": width, "height": 900})
    panel.page.get_by_role("tab", name="Artifacts").click()
    listed = row(panel, "digits").locator(".badge").bounding_box()
    row(panel, "digits").click()
    badge = panel.page.locator(".versions .badge.production")
    badge.wait_for()
    panel.expect("used by 1 run")
    on_card = badge.bounding_box()

    for box in (listed, on_card):
        assert box is not None
        assert box["width"] > 40
        assert box["x"] + box["width"] <= width
    over = "node => node.scrollWidth - node.clientWidth"
    assert panel.page.locator(".artifact-card").evaluate(over) == 0
    assert panel.page.locator(".drawing").is_visible() == (width > 560)
    assert panel.page.locator(".nodes").is_visible() == (width <= 560)


def test_a_thousand_artifacts_are_reached_and_words_that_mean_harm_are_text(
    folio: Path, tmp_path: Path, panel: PanelPage
) -> None:
    make_artifacts(tmp_path)
    for number in range(1000):
        ArtifactVersions(folio, f"many-{number:04}").make([], type="model")
    panel.page.get_by_role("tab", name="Artifacts").click()
    panel.expect("1,002 artifacts · 1,003 versions")
    panel.page.locator(".list[aria-label='Artifacts']").focus()
    panel.page.keyboard.press("End")
    row(panel, "digits").wait_for()
    panel.page.keyboard.press("ArrowUp")
    panel.page.keyboard.press("Enter")
    panel.expect("used by 1 run")
    assert "onerror" in panel.page.locator(".artifact-card p.words").inner_text()
    assert "onerror" in panel.page.locator(".artifact-card .noted").inner_text()

    assert panel.page.locator(".artifact-card :is(img, script)").count() == 0
    assert panel.trouble == []
