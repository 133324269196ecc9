"""One table of commands: names, mistakes, JSON, and the first line of a tracked cell."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from runfolio.errors import UsageError
from runfolio.verbs.door import Door
from runfolio.verbs.group import FUNCTIONS
from runfolio.verbs.names import RESERVED, VERBS
from runfolio.verbs.start import parse_start
from runfolio.verbs.table import GROUP, dispatch
from runfolio.verbs.view import Mistake

SHELL = Door()


def test_every_verb_has_a_command_and_a_python_function() -> None:
    assert tuple(GROUP.commands) == VERBS == tuple(FUNCTIONS)
    for path in FUNCTIONS.values():
        module, _, name = path.partition(":")
        assert callable(getattr(importlib.import_module(module), name))


def test_every_verb_has_a_first_line_that_fits_the_list() -> None:
    context = click.Context(GROUP, info_name="runfolio")
    listing = GROUP.get_help(context)

    assert "..." not in listing.partition("Commands:")[2]


@pytest.mark.parametrize("verb", RESERVED)
def test_a_later_verb_says_so_in_one_sentence(verb: str) -> None:
    answer = dispatch([verb, "x", "--y"], SHELL)

    assert isinstance(answer, Mistake)
    assert answer.exit_code == 2
    assert str(answer).endswith("is not part of this version of runfolio.")


def test_a_slip_of_the_keys_names_the_nearest_verb() -> None:
    answer = dispatch(["jounral"], SHELL)

    assert (str(answer), answer.exit_code) == (
        'No verb is called "jounral". Did you mean "journal"? runfolio --help lists all.',
        2,
    )


def test_a_wrong_option_is_one_line_with_the_nearest() -> None:
    answer = dispatch(["runs", "--jsn"], SHELL)

    assert answer.exit_code == 2
    assert "--json" in str(answer)
    assert "\n" not in str(answer)


def test_a_control_character_in_a_wrong_word_is_shown_as_a_mark() -> None:
    assert "\x1b" not in str(dispatch(["ru\x1b[31mn"], SHELL))


def test_start_from_a_shell_explains_itself_in_one_line() -> None:
    answer = dispatch(["start", "x"], SHELL)

    assert answer.exit_code == 2
    assert "runfolio.init()" in str(answer)


def test_the_notebook_door_opens_a_run_with_what_was_written() -> None:
    given = []

    class Opened:
        id, name, path = "20261122T213045-7f3a9c", "two words", "folio/x"
        status = type("S", (), {"glyph": "●"})

    def open_run(options):  # type: ignore[no-untyped-def]
        given.append(options)
        return Opened()

    answer = dispatch(["start", "two", "words", "--tag", "a,b", "-t", "c", "-c", "lr=1e-3"],
                      Door("%track", start=open_run))  # fmt: skip

    assert (given[0].name, given[0].tags, given[0].config) == (
        "two words", ("a", "b", "c"), {"lr": 1e-3},
    )  # fmt: skip
    assert "%track stop" in str(answer)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("0.3", 0.3),
        ("64", 64),
        ("true", True),
        ("None", None),
        ("adam", "adam"),
        ('"8"', "8"),
        ("[1, 2]", [1, 2]),
        ("007", "007"),
        ("NaN", "NaN"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_a_setting_is_read_as_json_where_it_is_json(word: str, value: object) -> None:
    assert parse_start(["-c", f"x={word}"]).config == {"x": value}


def test_dotted_settings_are_nested() -> None:
    options = parse_start(["n", "-c", "model.depth=3", "-c", "model.width=8"])

    assert options.config == {"model": {"depth": 3, "width": 8}}


@pytest.mark.parametrize("line", [["-c", "lr"], ["-c", "=3"], ["--tga", "x"], ["x", "-c"]])
def test_a_mistake_in_the_first_line_is_a_usage_error(line: list[str]) -> None:
    with pytest.raises(UsageError):
        parse_start(line)


@pytest.mark.parametrize("verb", [*VERBS, *RESERVED])
def test_a_verb_is_no_name_for_a_tracked_cell(verb: str) -> None:
    with pytest.raises(UsageError, match=verb):
        parse_start([verb, "x"])


def test_the_intended_form_is_shown() -> None:
    with pytest.raises(UsageError, match="write %track runs tag:a on a line of its own"):
        parse_start(["runs", "tag:a"])


def test_a_mistake_as_json_is_json(store_path: object) -> None:
    answer = dispatch(["show", "nothing", "--json"], SHELL)

    assert answer.exit_code == 1
    assert "error" in json.loads(answer.to_json())


def test_what_the_system_refuses_is_said_in_a_sentence(
    make_run: Callable[..., Path],
) -> None:
    path = make_run("alpha")
    (path / "edits").write_text("no folder", encoding="utf-8")

    answer = dispatch(["tag", "alpha", "+x"], SHELL)

    assert isinstance(answer, Mistake)
    assert answer.exit_code == 1
    assert str(answer).startswith(f"folio/{path.name}/edits")
    assert "Errno" not in str(answer)
