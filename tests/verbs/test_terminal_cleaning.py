"""Strings from runs cannot act on a terminal (H29–H31 of the hostile corpus)."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console
from rich.text import Text

from runfolio.verbs.terminal import clean, columns_of, cut, one_line
from runfolio.verbs.view import Message

ATTACKS = {
    "escape": "a\x1b[31mred",
    "clipboard": "a\x1b]52;c;aGFja2Vk\x07",
    "hyperlink": "\x1b]8;;http://x\x1b\\click\x1b]8;;\x1b\\",
    "c1": "a\x9b31mred\x9d52;c;x\x9c",
    "bell and nul": "a\x07\x00b",
    "carriage return": "good\rbad",
    "backspace": "abc\x08\x08\x08xyz",
    "override": "evil\u202etxt.exe",
    "isolate": "a\u2066b\u2069",
    "zero width": "a\u200bb\u2060c\ufeffd",
    "line separator": "a\u2028b",
    "tag characters": "a\U000e0041b",
    "surrogate": "a\udc9bb",
    "delete": "a\x7fb",
    "combining": "a" + "\u0301" * 10_000,
    "markup": "[link=http://x]y[/link] [/x] [bold]",
}


def is_printable(text: str) -> bool:
    return all(c == "\n" or c.isprintable() or c == "\u200d" for c in text)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_clean_text_holds_nothing_a_terminal_obeys(attack: str) -> None:
    assert is_printable(clean(attack))


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_view_prints_hostile_text_as_marks(attack: str) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=False, markup=False, emoji=False, highlight=False)

    console.print(Message(Text.assemble("run ", (attack, "bold"), " \x1bend")))

    assert is_printable(out.getvalue())
    assert "␛end" in out.getvalue()


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_json_is_safe_to_print_and_means_the_same(attack: str) -> None:
    document = Message("x", {"name": attack}).to_json()

    assert is_printable(document)
    assert json.loads(document) == {"name": attack}


def test_markup_of_rich_is_literal_text() -> None:
    out = io.StringIO()

    Console(file=out, markup=False, emoji=False, highlight=False).print(Message("[bold]x[/nope]"))

    assert out.getvalue() == "[bold]x[/nope]\n"


def test_words_of_every_script_stay_as_they_are() -> None:
    words = "Größe 学習率 ความแม่นยำ दर café 👩‍🔬 ё"

    assert clean(words) == words


def test_newlines_stay_and_tabs_become_spaces() -> None:
    assert clean("a\n\tb") == "a\n    b"


def test_a_pile_of_combining_marks_is_cut_to_three() -> None:
    assert clean("e" + "\u0301" * 50 + "x") == "e" + "\u0301" * 3 + "x"


def test_a_long_name_is_cut_to_its_columns() -> None:
    shown = one_line("x" * 100, 20)

    assert shown == "x" * 19 + "…"


def test_wide_letters_count_two_columns() -> None:
    shown = cut("学習率のスケジュール", 9)

    assert columns_of(shown) <= 9
    assert shown.endswith("…")
