"""One table in three forms: terminal, Markdown, HTML."""

from __future__ import annotations

import math
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.verbs.sheet import Cell, Column, Sheet, blocks, markdown, terminal_lines
from runfolio.verbs.sheet_html import sheet_html
from runfolio.verbs.terminal import columns_of, one_line

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "</td></table><style>*{display:none}",
    "a|b",
    "`code` **bold** [x](javascript:alert(1))",
    "$\\href{javascript:alert(1)}{x}$",
    "\u202egnp.exe",
]


def sheet(name: str = "fast-lr", *, points: tuple[float, ...] = (0.1, 0.5, 0.9)) -> Sheet:
    name = one_line(name, 60)
    return Sheet(
        "Runs",
        [
            Column("", [Cell("✓", "finished")], forms="terminal"),
            Column("run", [Cell(name)], forms="terminal"),
            Column(
                "run", [Cell(name, aside="7f3a9c", label="✓ finished", exact=name)], forms="page"
            ),
            Column(name, [Cell("0.01")], right=True, rank=40, exact=name),
            Column("val/acc", [Cell("0.974", "strong", weight=1.0)], right=True),
            Column("", [Cell(blocks(points), points=points, label=name)], rank=20),
            Column("tags", [Cell(name, "secondary", labels=(name,))], rank=60),
        ],
        f"1 of 1 run · 1 setting hidden, equal in all: {name}",
        aside=name,
    )


class Reader(HTMLParser):
    """Collects tags, attributes and text of a document."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("name", HOSTILE)
def test_html_made_of_hostile_names_has_only_our_own_tags(name: str) -> None:
    plain, hostile = Reader(sheet_html(sheet())), Reader(sheet_html(sheet(name)))

    assert hostile.tags - {"bdi"} == plain.tags - {"bdi"}
    assert hostile.attributes == plain.attributes
    assert one_line(name, 60) in hostile.words


def test_html_fetches_nothing_and_runs_nothing() -> None:
    document = sheet_html(sheet())

    assert not any(word in document for word in ("http", "url(", "<script", "@import", "src="))


def test_formulas_are_not_set_in_names() -> None:
    assert 'class="runfolio-sheet tex2jax_ignore mathjax_ignore"' in sheet_html(sheet("$a$"))


def test_html_says_what_a_glyph_means_to_a_screen_reader() -> None:
    assert 'role="img" aria-label="finished"' in sheet_html(sheet())


def test_html_without_its_style_still_aligns_figures() -> None:
    assert 'align="right"' in sheet_html(sheet())


def test_a_gap_in_a_sparkline_parts_the_line() -> None:
    document = sheet_html(sheet(points=(0.1, 0.2, math.nan, 0.4, 0.5)))

    assert document.count("<polyline") == 2


def test_a_sparkline_of_nothing_finite_is_left_out() -> None:
    assert "<svg" not in sheet_html(sheet(points=(math.nan, math.inf)))
    assert blocks((math.nan, math.inf)) == ""


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_keeps_its_columns_whatever_names_hold(name: str) -> None:
    lines = markdown(sheet(name)).splitlines()

    bars = {line.replace("\\|", "").count("|") for line in lines[:3]}
    assert len(bars) == 1
    assert "<" not in "".join(lines)


def test_a_terminal_table_fits_its_width_and_names_what_was_left_out() -> None:
    lines = terminal_lines(sheet(), 36)

    assert max(columns_of(line.plain) for line in lines[:2]) <= 36
    assert lines[-1].plain.strip() == "no room for: tags"


def test_what_matters_most_stays_in_the_narrowest_terminal() -> None:
    head = terminal_lines(sheet(), 10)[0].plain

    assert "run" in head
    assert "val/acc" in head


def test_without_a_width_everything_is_shown() -> None:
    assert "tags" in terminal_lines(sheet(), None)[0].plain


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=400), st.integers(1, 12))
def test_a_sparkline_never_exceeds_its_width(points: list[float], width: int) -> None:
    assert len(blocks(points, width)) <= width


def test_a_rising_series_rises() -> None:
    assert blocks([i / 59 for i in range(60)]) == "▁▂▄▅▇█"


def test_a_sparkline_of_the_largest_numbers_is_drawn() -> None:
    assert blocks([-1.7e308, 0.0, 1.7e308]) == "▁▅█"
