"""``report``: one file of some runs, which needs nothing else and runs nothing of anybody's."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

import runfolio
from runfolio.errors import QueryError, UsageError

Make = Callable[..., Path]
EVIL = '<img src=x onerror="document.title=1"><script>document.title=2</script> [l](javascript:1)'


class Elements(HTMLParser):
    """The elements of a page, and what its words are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def written(query: str = "", output: str = "report.html", **given) -> str:
    runfolio.report(query, output, **given)
    return Path(output).read_text(encoding="utf-8")


def test_a_report_holds_the_best_the_curves_the_table_and_the_journal(make_run: Make) -> None:
    for name, lr in (("wise-fox", 0.1), ("calm-owl", 0.2)):
        make_run(name, config={"lr": lr})
    page = Elements(written("sort:-val/acc"))
    for words in ("best val/acc", "wise-fox", "calm-owl", "Changed since", "lr", "2 runs"):
        assert words in page.words
    pictures = [given["src"] for tag, given in page.found if tag == "img"]
    (picture,) = pictures
    assert base64.b64decode(str(picture).partition(",")[2]).startswith(b"\x89PNG")


def test_a_page_says_that_nothing_may_be_run_or_fetched_and_asks_for_nothing(
    make_run: Make,
) -> None:
    make_run("a")
    page = written()
    found = Elements(page).found
    policy = next(given["content"] for tag, given in found if "http-equiv" in given)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert not [tag for tag, _ in found if tag in ("script", "iframe", "object", "form", "link")]
    asked = [given.get(name) for _, given in found for name in ("src", "href") if name in given]
    assert [address for address in asked if not str(address).startswith("data:image/png")] == []


@pytest.mark.parametrize("output", ["report.html", "report.md"])
def test_what_a_run_says_is_text_wherever_it_stands(make_run: Make, output: str) -> None:
    make_run(EVIL, config={EVIL: EVIL}, tags=[EVIL[:60]], notes=EVIL)
    runfolio.note("@last", EVIL)
    page = written(output=output, title=EVIL)
    if output.endswith("html"):
        found = Elements(page).found
        assert all(tag != "script" and "onerror" not in given for tag, given in found)
        assert not [given for tag, given in found if tag == "a"]
    else:
        page = re.sub("(?m)^    .*$", "", page)  # set as code
        assert not re.search(r"<(?:script|img)", page)
        assert not re.search(r"(?<!\\)\]\(javascript", page)


def test_hand_written_words_keep_their_markup_and_lose_what_acts(make_run: Make) -> None:
    path = make_run("a")
    (path / "journal.md").write_text(
        (path / "journal.md").read_text().replace(
            "**What I tried**",
            "**What I tried**\n\nA *wide* net, see [paper](https://example.org/p) and "
            "[this](javascript:alert(1)) ![pixel](https://example.org/t.png)\n\n| a |\n|---|\n| 1 |\n",
        )
    )  # fmt: skip
    runfolio.journal("@last")
    from runfolio.logbook.page import write

    write(path)
    page = written()
    found = Elements(page).found
    assert [given["href"] for tag, given in found if tag == "a"] == [
        "https://example.org/p", "https://example.org/t.png",
    ]  # fmt: skip
    assert "<em>wide</em>" in page
    assert [given for tag, given in found if tag == "img" and "http" in str(given["src"])] == []


def test_only_the_metrics_that_were_asked_for_are_drawn(make_run: Make) -> None:
    make_run("a")
    page = written(output="r.md", metrics=["val/acc"], journal=False)
    curves = page.partition("## Curves")[2].partition("## Runs")[0]
    assert "val/acc" in curves
    assert "train/loss" not in curves
    assert "## Journal" not in page


def test_a_run_that_logged_nothing_and_one_that_cannot_be_read_are_rows(make_run: Make) -> None:
    make_run("empty", points=0)
    broken = make_run("broken")
    for path in broken.glob("metrics*"):
        path.write_bytes(b"no table")
    page = Elements(written())
    assert "empty" in page.words
    assert "broken" in page.words


def test_an_earlier_report_is_replaced_and_another_file_is_not(make_run: Make) -> None:
    make_run("a")
    first = written()
    make_run("b")
    assert written() != first
    Path("mine.html").write_text("<p>mine</p>")
    with pytest.raises(UsageError, match="no report; it is left as it is"):
        runfolio.report("", "mine.html")
    assert Path("mine.html").read_text() == "<p>mine</p>"
    assert "runfolio report" in written(output="mine.html", force=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"output": "report.pdf"}, "neither HTML nor Markdown"),
        ({"query": "name:nobody"}, "nothing to report"),
        ({"metrics": ["val/ac"]}, 'Did you mean "val/acc"'),
        ({"x": "epochs"}, "it is one of"),
        ({"columns": ["lrr"]}, "No run has"),
    ],
)
def test_what_cannot_be_reported_is_said_and_nothing_is_written(
    make_run: Make, given: dict[str, object], message: str
) -> None:
    make_run("a", config={"lr": 1})
    with pytest.raises(UsageError, match=re.escape(message)):
        runfolio.report(**given)  # type: ignore[arg-type]
    assert not list(Path().glob("report.*"))


def test_a_mistyped_query_points_at_the_character(make_run: Make) -> None:
    make_run("a")
    with pytest.raises(QueryError):
        runfolio.report("lr<")


def test_many_runs_are_counted_where_they_find_no_place(
    make_run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runfolio.logbook import report

    monkeypatch.setattr(report, "CURVES", 1)
    monkeypatch.setattr(report, "ENTRIES", 2)
    for name in ("a", "b", "c"):
        make_run(name)
    words = Elements(written()).words
    assert "2 are not drawn" in words
    assert "1 are left out" in words
