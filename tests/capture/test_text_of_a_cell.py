"""The text of a cell, alike under another layout and other comments, and under nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from runfolio.capture.cell_text import normal_text, text_hash


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x=1", "x  =  1   # one\n\n"),
        ("f(a, b)", "f(\n    a,  # first\n    b)"),
        ("if x:\n  y()\nz()", "if x :\n\n\t# why\n\ty()\nz()"),
        ("a = b + \\\n  c", "a = b+c"),
        ("x = 'a'\r\ny = 2\r\n", "x = 'a'\ny = 2"),
        ("%%track it\nx = 1", "%%track it\n\nx=1"),
        ("%matplotlib inline\nx", "\n%matplotlib inline\n\nx"),
    ],
)
def test_layout_and_comments_do_not_count(one: str, other: str) -> None:
    assert text_hash(one) == text_hash(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 'a # b'", "x = 'a'"),
        ("x = 'a  b'", "x = 'a b'"),
        ('x = """a\n\nb"""', 'x = """a\nb"""'),
        ("if x:\n  y\nz", "if x:\n  y\n  z"),
        ("not x", "notx"),
        ("x = 1\ny", "x = 1, y"),
        ("!ls -l", "!ls -a"),
        ("%%bash\necho a # b", "%%bash\necho a"),
        ("x = 'a' 'b'", "x = 'a''b' ''"),
        ("if a:\n  if b:\n    c\nd", "if a:\n  if b:\n    c\n  d"),
    ],
)
def test_whatever_else_differs_counts(one: str, other: str) -> None:
    assert text_hash(one) != text_hash(other)


def test_the_normal_text_of_real_code_is_the_same_program() -> None:
    for module in (ast, pytest, __import__("textwrap"), __import__("inspect")):
        source = Path(str(module.__file__)).read_text("utf-8")
        assert ast.dump(ast.parse(normal_text(source))) == ast.dump(ast.parse(source))


def test_any_text_has_a_normal_form() -> None:
    for text in ("", "'", '"""', "(", ")]}", "\\ x", "\ud800", "x = 'open\n(", "%%", "\t x"):
        assert text_hash(text) == text_hash(text + "\n\n")
