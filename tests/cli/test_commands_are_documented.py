"""docs/commands.md says what the command table says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from runfolio.verbs.names import RESERVED
from runfolio.verbs.table import GROUP

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield before + name, command
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")


ALL = [(name, command) for name, command in commands(GROUP) if name != "journal show"]


def section(name: str) -> str:
    parts = re.split(r"^#{2,3} ", PAGE, flags=re.MULTILINE)
    return next((part for part in parts if part.partition("\n")[0] == name), "")


@pytest.mark.parametrize(("name", "command"), ALL, ids=[name for name, _ in ALL])
def test_every_verb_has_a_section_that_begins_with_its_help(
    name: str, command: click.Command
) -> None:
    first = (command.help or "").partition("\n\n")[0].replace("\n", " ")

    assert section(name).partition("\n")[2].strip().startswith(first)


@pytest.mark.parametrize(("name", "command"), ALL, ids=[name for name, _ in ALL])
def test_every_option_is_explained_there(name: str, command: click.Command) -> None:
    text = section(name)
    for option in (p for p in command.params if isinstance(p, click.Option)):
        assert all(f"`{word}`" in text for word in option.opts)
        assert (option.help or "").rstrip(".") in text


def test_every_later_verb_is_named() -> None:
    text = section("Verbs of later versions")

    assert all(f"`{verb}`" in text for verb in RESERVED)


def test_the_exit_codes_are_those_of_the_help() -> None:
    assert all(f"| {code} |" in section("Exit status") for code in (0, 1, 2, 130))


def test_the_contents_lead_to_sections_that_exist() -> None:
    for anchor in re.findall(r"\]\(#([^)]+)\)", PAGE):
        assert re.search(rf"^## {anchor.replace('-', ' ')}$", PAGE, re.MULTILINE | re.IGNORECASE)
