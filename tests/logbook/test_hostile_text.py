"""Nothing in a run's names, values or words acts in the page of whoever reads its journal."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from html.parser import HTMLParser

import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.logbook.conftest import pieces

from runfolio.logbook.entry import Change, Data, Facts, Other, Result, Words
from runfolio.logbook.escape import inert, literal, visible
from runfolio.logbook.parse import parse
from runfolio.logbook.render import page
from runfolio.model.run import Status

NAMES = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!-- /runfolio:facts -->",
    "--><b>",
    "a]]>b",
    "line\nbreak\n\n# heading\r\n- item\u2028sep",
    "[x](javascript:alert(1))",
    "![x](http://evil.example/p.png)",
    "http://evil.example www.evil.example a@evil.example",
    "`code` **bold** _it_ ~~del~~ $x^2$ \\(y\\) \\<b>",
    "a.b[0]\\'\"",
    "&lt;b&gt; &#60;i&#62;",
    "\x1b]52;c;ZXZpbA==\x07\x9b31m\x00",
    "\u202egnp.exe\u2066\u200b",
    "e" + "\u0301" * 10_000,
    "=HYPERLINK(1)",
]
WORDS = [
    "<img src=x onerror=alert(1)>",
    "<b>\n```\n<img src=x onerror=alert(1)>\n```",
    "a ` b\nc ` <img src=x onerror=alert(1)> ` d",
    "- x\n  ```\n<img src=x onerror=alert(1)>\n",
    "\\`<img src=x onerror=alert(1)>`",
    "`` a <b title=`><img src=x onerror=alert(1)>`",
    "[x](javascript:alert(1)) [y](java&#115;cript:alert(1)) [z](JaVa&Tab;script:alert(1))",
    "[x]( \n <javascript:alert(1)>)[x](vbscript:x)[x](data:text/html,<script>)",
    "[x]: javascript:alert(1)\n\n[x] [go][x]",
    "[x]:\n  data:text/html;base64,PHN2Zz4=\n\n[x]",
    "<javascript:alert(1)>",
    "![x](http://evil.example/a.png) ![y](//evil.example/b.png) ![z](/\\evil.example/c.png)",
    "![x][r]\n\n[r]: http://evil.example/a.png",
    "![a\\](x.png](http://evil.example/a.png) ![a`](x.png)`](http://evil.example/a.png)",
    '<button data-commandlinker-command="x">b</button>',
    '<form action=x><input name=body></form><p id="jupyter-config-data">',
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "```\n<ok>\n",
]
SAFE = {
    "a",
    "b",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "s",
    "small",
    "strong",
}
SAFE |= {"sub", "sup", "blockquote", "kbd", "ul", "u", "table", "thead", "tbody", "tr", "th", "td"}


class Found(HTMLParser):
    """Collects the tags that a browser would make."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.shown = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            link = re.sub(r"[\x00-\x20]", "", value or "").lower()
            known = name in ("href", "src", "alt", "title", "class", "start")
            if not known or re.match(r"(?!https?:|mailto:)[a-z+.-]+:", link):
                self.faults.append(f"{tag} {name}={value}")
            if tag == "img" and name == "src" and re.match(r"//|https?:", link):
                self.faults.append(f"remote {value}")
        if tag not in SAFE:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        self.shown += data


RENDERERS: dict[str, Callable[[str], str]] = {
    "commonmark": MarkdownIt("commonmark", {"html": True}).render,
    "gfm": lambda text: str(
        mistune.create_markdown(escape=False, plugins=["url", "table", "strikethrough"])(text)
    ),
}


def hostile_facts(text: str) -> Facts:
    """Return facts with the text in every place a run can put it."""
    return Facts(
        run_id="20261123T140200-7f3a9c", name=text, status=Status.FAILED, project=text,
        note=text, notes=text, tags=(text,), took_s=1.0, sha=text, branch=text,
        previous=Other("r-0", text), changes=(Change("config", text, text, [text, {text: text}]),),
        results=(Result(text, 1.0, 0.5, better=True),), data=(Data(text, text, changed=True),),
        counts={text: 1}, problems=(text,), command=text, alerts=text,
    )  # fmt: skip


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
@pytest.mark.parametrize("text", NAMES)
def test_strings_of_a_run_are_text_in_a_page(text: str, render: Callable[[str], str]) -> None:
    made = page(hostile_facts(text), Words())
    html = re.sub(r"<!-- /?runfolio:facts[^>]*-->", "", render(made))
    found = Found(html)
    assert not found.faults
    assert "<a " not in html
    assert html.count("<p>") == render(page(hostile_facts("plain"), Words())).count("<p>")
    assert not parse(made).words


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
@pytest.mark.parametrize("text", WORDS)
def test_words_from_a_run_directory_do_not_act(text: str, render: Callable[[str], str]) -> None:
    html = render(inert(text))
    assert not Found(html).faults


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
def test_more_words_than_anybody_writes_are_made_harmless_at_once(
    render: Callable[[str], str],
) -> None:
    text = "\n\n".join(WORDS) + "\n\n" + "x](](![a](" * 30_000
    assert inert(inert(text)) == inert(text)
    assert not Found(render(inert(text)[:3000])).faults


@given(st.one_of(st.text(), pieces()))
def test_any_string_shows_itself_and_makes_no_tag(text: str) -> None:
    for render in RENDERERS.values():
        found = Found(render(f"x {literal(text)} x"))
        assert not found.faults
        assert " ".join(found.shown.split()) == " ".join(f"x {visible(text)} x".split())


@given(st.lists(st.sampled_from([*WORDS, *NAMES, "", "`", "```", "~~~", "- ", "> ", "<b>", "\\"]),
                max_size=6).map("\n".join))  # fmt: skip
def test_no_combination_of_hostile_words_acts(text: str) -> None:
    for render in RENDERERS.values():
        assert not Found(render(inert(text))).faults


@pytest.mark.parametrize(
    "text",
    ["a < b and b > c", "`List<int>` stays", "```python\nif a <b: <tag>\n```", "<https://a.b>",
     "H<sub>2</sub>O", "[x](https://a.b/c) [y](notes.md) ![z](fig.png)", "x[0]: int = 3",
     "![z](attachment:fig.png)", "AT&T &lt; *em* | $a<b$"],
)  # fmt: skip
def test_ordinary_markdown_is_left_as_it_is(text: str) -> None:
    assert inert(text) == text.replace("a<b$", "a&lt;b$")


def test_hidden_characters_are_shown() -> None:
    assert visible("\x1b[1m\u202eok\x9b\x7f") == "␛[1m⟨202E⟩ok⟨9B⟩␡"


def test_long_text_is_cut() -> None:
    assert visible("x" * 200, 10) == "x" * 9 + "…"


def test_the_facts_of_one_run_cannot_close_the_comment_of_another(facts: Facts) -> None:
    made = page(dataclasses.replace(facts, name="--> <!-- runfolio:facts run=x v=1 -->"), Words())
    assert parse(made).run_id == facts.run_id
    assert made.count("<!--") == 2
