"""A cell's text is parsed by IPython, and its tree is looked at in passing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from tests.shells import shell_here

from runfolio.capture import source
from runfolio.capture.bindings import bindings
from runfolio.magics.parsing import Parsing


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    with shell_here() as shell:
        yield shell


class Looks:
    """Looks at each cell of a shell, as the hooks do, and notes what was seen and when."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell, self.parsing = shell, Parsing(shell)
        self.seen: list[Any] = []
        shell.user_ns["seen"] = self.seen
        shell.events.register("pre_run_cell", self._before)

    def _before(self, info: Any) -> None:
        self.seen.append("event")
        self.parsing.then(info, lambda: self.seen.append(bindings(info.raw_cell).bound))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What runfolio parses by itself."""
    texts: list[str] = []
    parse = source._tree

    def noted(text: str) -> ast.Module | None:
        texts.append(text)
        return parse(text)

    monkeypatch.setattr(source, "_tree", noted)
    return texts


@pytest.mark.parametrize("text", ["one_name = 1", "\n\nother = 2\nseen.append('runs')\n\n"])
def test_the_tree_is_that_of_ipython(shell: InteractiveShell, parsed: list[str], text: str) -> None:
    looks = Looks(shell)
    shell.run_cell(text)

    name = text.strip().partition(" ")[0]
    assert looks.seen[:2] == ["event", {name}]
    assert looks.seen[2:] == (["runs"] if "runs" in text else [])
    assert (parsed, shell.ast_transformers) == ([], [])


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("%time timed = 1", {"timed"}),
        ("listed = !true", {"listed"}),
        ("    dented = 1", {"dented"}),
    ],
)
def test_what_is_not_parsed_as_it_stands_is_looked_at_before(
    shell: InteractiveShell, parsed: list[str], text: str, bound: set[str]
) -> None:
    looks = Looks(shell)
    shell.run_cell(text)

    assert looks.seen[:2] == ["event", bound]
    assert parsed == [text]


def test_a_cell_with_a_slip_in_it_is_not_looked_at(shell: InteractiveShell) -> None:
    looks = Looks(shell)
    shell.run_cell("slip = = 1")
    assert looks.seen == ["event"]
    looks.parsing.forget()
    assert shell.ast_transformers == []
    shell.run_cell("after = 1")
    assert looks.seen == ["event", "event", {"after"}]


class Doubled(ast.NodeTransformer):
    """Somebody's own transformer."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(node.value * 2)


def test_somebodys_transformer_does_what_it_did_and_the_text_is_taken_as_written(
    shell: InteractiveShell, parsed: list[str]
) -> None:
    looks = Looks(shell)
    doubled = Doubled()
    shell.ast_transformers.append(doubled)
    shell.run_cell("twice = 21")

    assert shell.user_ns["twice"] == 42
    assert (parsed, looks.seen) == (["twice = 21"], ["event", {"twice"}])
    assert shell.ast_transformers == [doubled]


def test_an_ipython_that_tells_no_text_is_served_too(parsed: list[str]) -> None:
    seen: list[str] = []
    older = SimpleNamespace(ast_transformers=[])
    Parsing(older).then(SimpleNamespace(raw_cell="x = 1"), lambda: seen.append("looked"))
    assert (seen, older.ast_transformers) == (["looked"], [])


def test_what_is_shown_of_an_assignment_is_no_statement_of_the_cell(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.ast_node_interactivity = "last_expr_or_assign"
    Looks(shell)
    shell.run_cell("shown = 7")

    assert "7" in capsys.readouterr().out
    module = source.tree("shown = 7")
    assert module is not None
    assert [type(one) for one in module.body] == [ast.Assign]


def test_a_look_that_fails_costs_the_cell_nothing(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_STRICT", "true")
    parsing = Parsing(shell)
    shell.events.register("pre_run_cell", lambda info: parsing.then(info, lambda: 1 / 0))
    with pytest.warns(UserWarning, match="threw an error"):
        shell.run_cell("runs = 1")

    assert (shell.user_ns["runs"], shell.ast_transformers) == (1, [])
