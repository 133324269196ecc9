"""What a stranger's run calls itself is text in whatever is written of it: one corpus, every writer."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stderr, redirect_stdout
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.store.conftest import lines, set_up_store

import runfolio
from runfolio.cli.main import main
from runfolio.format.codec import dumps, rfc3339
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest

CORPUS = (
    "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1+1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://x","y")',
    "a\x1b[31mred\x1b[0m", "a\x1b]52;c;aGFja2Vk\x07", "\x1b]8;;http://x\x1b\\click\x1b]8;;\x1b\\", "\x9b31m", "a\x00b\x08\x7f",
    "good\rbad", "two\nlines", "evil\u202etxt.exe", "a\u2066b", "a\u2028b", "[link=http://x]y[/link] [/x]",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</style><b onclick=a()>", "]]><!--", "a|b|c", "| a |\n|---|",
    "[x](javascript:alert(1))", "![x](http://evil.example/x.png)", "`code` **b** <http://x>", "# heading", "&lt;b&gt;", "{{7*7}}",
)  # fmt: skip


@pytest.fixture(autouse=True)
def folio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run for each text, which stands wherever a run can hold a text."""
    path = set_up_store(tmp_path, monkeypatch)
    path.mkdir(exist_ok=True)
    for n, text in enumerate(CORPUS):
        folder = path / f"20261122T2130{n:02d}-{n:06x}"
        folder.mkdir()
        document = {
            "format": 1, "id": folder.name, "name": text, "status": "finished", "project": "p", "notes": text,
            "created_at": rfc3339(1_795_383_000_000 + n), "tags": [text], "group": text, "note": text,
            "config": {"lr": n, text: text, "opt": text}, "metrics": {"loss": {"n": 2, "last": n}, text: {"n": 2, "last": n}},
            "data": [{"name": text, "hash": "b3:1"}], "git": {"branch": text, "sha": "13e8c94"}, "host": text,
        }  # fmt: skip
        write_manifest(folder, document, Disk())
        row = {"loss": float(n), text: float(n)}
        (folder / "metrics.jsonl").write_bytes(lines(row, row))
        event = {
            "time": 1_795_383_000_000,
            "kind": "alert",
            "title": text,
            "text": text,
            "level": "warn",
        }
        (folder / "events.jsonl").write_bytes(dumps(event) + b"\n")
    return path


def printed(*words: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        main(words)
    return out.getvalue()


def is_harmless(text: str) -> bool:
    """Return whether a terminal obeys nothing in a text but its line breaks."""
    return all(char == "\n" or char.isprintable() for char in text)


IDS = [f"20261122T2130{n:02d}-{n:06x}" for n in range(len(CORPUS))]


@pytest.mark.parametrize(
    "words",
    [
        ("runs",), ("runs", "--all"), ("runs", "--json"), ("runs", "tag:*"), ("runs", "nothing\x1b[31m"), ("runs", "lrr\x1b<1"),
        ("show", *IDS[:12]), ("compare", *IDS), ("compare", "--json", *IDS), ("diff", IDS[0], IDS[7]),
        ("diff", IDS[8], IDS[18], "--markdown"), ("diff", IDS[8], IDS[9], "--json"), ("status",), ("du",), ("check",),
        ("journal", IDS[8]), ("journal", IDS[18]), ("note", IDS[9]), ("tag", IDS[10]),
    ],
    ids=lambda words: " ".join(words)[:24].encode("ascii", "replace").decode(),
)  # fmt: skip
def test_a_terminal_obeys_nothing_that_is_printed(words: tuple[str, ...]) -> None:
    said = printed(*words)

    assert said
    assert is_harmless(said)


class Reader(HTMLParser):
    """Collects the tags of a page, and what could act in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.acting: list[str] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "form", "link", "base", "meta"):
            self.acting += [tag] if tag != "meta" else [
                tag for name, value in attributes if name == "http-equiv" and value == "refresh"
            ]  # fmt: skip
        for name, value in attributes:
            outside = name in ("src", "href", "action") and not str(value).startswith(
                ("#", "data:image/png")
            )
            if name.startswith("on") or outside:
                self.acting.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def pages(folio: Path) -> dict[str, str]:
    report = folio.parent / "report.html"
    runfolio.report("", report, force=True)
    made: dict[str, Any] = {
        "runs": runfolio.runs(), "compare": runfolio.compare(*IDS), "diff": runfolio.diff(IDS[8], IDS[18]),
    }  # fmt: skip
    return {name: view.to_html() for name, view in made.items()} | {
        "report": report.read_text("utf-8")
    }


def test_nothing_acts_in_a_page_that_is_made_of_it(folio: Path) -> None:
    for name, page in pages(folio).items():
        read = Reader(page)
        assert read.acting == [], name
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066]", page), name
        if name in ("runs", "report"):
            assert any("<script>alert(1)</script>" in words for words in read.words), name


def test_markdown_shows_it_and_makes_nothing_of_it(folio: Path) -> None:
    from markdown_it import MarkdownIt

    report = folio.parent / "report.md"
    runfolio.report("", report)
    texts = {"report": report.read_text("utf-8"), "runs": runfolio.runs().to_markdown(),
             "compare": runfolio.compare(*IDS).to_markdown(), "diff": runfolio.diff(IDS[8], IDS[18]).to_markdown()}  # fmt: skip
    for name, text in texts.items():
        html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
        acting = [one for one in Reader(html).acting if not one.startswith("img src=report")]
        assert acting == [], name
        assert is_harmless(text.replace("\t", " ")), name


def test_json_is_text_that_means_the_same() -> None:
    said = printed("runs", "--json", "sort:name")

    assert sorted(run["name"] for run in json.loads(said)) == sorted(CORPUS)


def test_a_frame_is_data_and_holds_it_as_it_was_recorded() -> None:
    assert sorted(runfolio.runs().frame()["name"]) == sorted(CORPUS)
    assert sorted(runfolio.runs().sql("select name from runs")["name"]) == sorted(CORPUS)


@pytest.mark.parametrize("page", [
    "<script>", "<img src=x onerror=alert(1)>", "<a href=javascript:x>", "<b onclick=a()>", "<iframe>",
    "<meta http-equiv=refresh content=0>",
])  # fmt: skip
def test_the_reader_of_these_tests_sees_what_acts(page: str) -> None:
    assert Reader(page).acting
