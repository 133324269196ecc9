"""Settings that a cell assigns as literals."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.capture.names import literals


def test_numbers_text_and_truth_are_taken():
    cell = "lr, batch = 1e-3, 64\nname = 'wide'\nuse = True\nwarm = None\nlow: float = -1"
    assert literals(cell) == {
        "lr": 1e-3, "batch": 64, "name": "wide", "use": True, "warm": None, "low": -1,
    }  # fmt: skip


def test_lists_tuples_and_dicts_are_taken():
    cell = "betas = (0.9, 0.999)\nlayers = [64, [32]]\nopt = {'name': 'adam', 'eps': 1e-8, 3: 4}"
    assert literals(cell) == {
        "betas": [0.9, 0.999], "layers": [64, [32]], "opt": {"name": "adam", "eps": 1e-8, "3": 4},
    }  # fmt: skip


def test_arithmetic_over_numbers_is_taken():
    assert literals("a = 2**7\nb = 3 * 1e-4\nc = -(8 // 3)") == {"a": 128, "b": 3 * 1e-4, "c": -2}


@pytest.mark.parametrize(
    "expression", ["10**10**10", "2**10000", "1/0", "'a' * 99", "1e999", "2**63", "-2**-9999"]
)
def test_arithmetic_that_is_endless_or_fails_is_not(expression):
    assert literals(f"x = {expression}") == {}


def test_a_chain_of_targets_binds_each():
    assert literals("a = b = 3\n(c, d), e = (1, 2), 'x'") == {
        "a": 3,
        "b": 3,
        "c": 1,
        "d": 2,
        "e": "x",
    }


def test_the_last_assignment_wins_and_sets_the_order():
    assert list(literals("a = 1\nb = 2\na = 3").items()) == [("b", 2), ("a", 3)]


@pytest.mark.parametrize(
    "after",
    ["x = f()", "x += 1", "if c:\n    x = 2", "for x in y:\n    pass", "def x(): pass", "class x: pass",
     "import x", "from m import y as x", "del x", "with f() as x:\n    pass", "(x := 2)", "x, y = f()",
     "x[0] = 1", "x.lr = 1", "*x, y = 1, 2", "try:\n    pass\nexcept E as x:\n    pass", "y = [x := 1]",
     "while (x := f()):\n    pass", "x = !ls", "x = %env HOME", "global x; x = f()"],
)  # fmt: skip
def test_a_name_bound_in_another_way_is_not_taken(after):
    assert "x" not in literals(f"x = 1\n{after}")


def test_what_functions_bind_inside_is_their_own():
    assert literals("x = 1\ndef f(x=2):\n    x = 3\n[x for x in y]\nlambda x: x") == {"x": 1}


def test_private_names_are_left_out_and_marks_stand_for_secrets():
    cell = "_x = 1\nhf_token = 'abc'\npassword = 12345\nuse_auth = True\nmax_tokens = 5\nd = {'api_key': 'k', 'n': 1}"
    assert literals(cell) == {
        "hf_token": "[redacted:hf_token]", "password": "[redacted:password]",
        "use_auth": True, "max_tokens": 5, "d": {"api_key": "[redacted:api_key]", "n": 1},
    }  # fmt: skip


def test_a_password_in_an_address_is_replaced():
    assert literals("db = 'postgres://u:pw@h/d'") == {"db": "postgres://[redacted:user-info]@h/d"}


def test_values_of_more_than_a_kilobyte_are_left_out():
    assert literals(f"long = {'x' * 1100!r}\nmany = {list(range(500))}\nok = 1") == {"ok": 1}


def test_magics_and_shell_commands_may_stand_anywhere():
    cell = (
        "%%track baseline --tag x\n%%time\nlr = 1e-3\n%matplotlib inline\n!pip install x \\\n  y\nif True:\n"
        "    !ls {lr}\n    %time f()\nnp.array?\n?np\nbatch = 64\ntext = '''\n%not a magic\n!nor this\n'''\n"
    )
    assert literals(cell) == {"lr": 1e-3, "batch": 64, "text": "\n%not a magic\n!nor this\n"}


def test_a_timed_statement_binds_as_it_does():
    assert literals("%time x = 5") == {"x": 5}


def test_await_at_the_top_is_python():
    assert literals("x = 1\ny = await f()\nasync for z in g():\n    pass") == {"x": 1}


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "%%bash\nx=1",
        "%%writefile f.py\nx = 1",
        "x = (",
        "def",
        "x = 1\n  y = 2",
        "\0",
        "x = 1 !",
        "?" * 300,
    ],
)
def test_what_is_no_python_gives_nothing(cell):
    assert literals(cell) == {}


def test_deep_nesting_gives_nothing():
    assert literals("x = " + "[" * 5000 + "]" * 5000) == {}
    assert literals("x = " + "-" * 5000 + "1") == {}


def test_text_that_is_no_unicode_is_left_out():
    assert literals(r"x = '\ud800'" + "\nb = b'bytes'\nc = 3j\nd = ...") == {}


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("x = '\\d'\ny = 1", {"x": "\\d", "y": 1}),
        ("x = 1if y else 2\nz = 0x1for w in q\ny = 0b1or 3", {}),
        ("x = 1or 2\ny = 3", {"y": 3}),
        ("def f():\n    try: pass\n    finally: return 1\ny = 3", {"y": 3}),
    ],
)
def test_what_python_warns_of_is_said_once_by_the_cell_itself(cell, found):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert literals(cell) == found
    assert said == []


@given(st.text(alphabet="x=1[](){},:%!?\n '\"#+-*/\\\tdefif", max_size=60))
def test_any_text_at_all_is_survived(cell):
    assert isinstance(literals(cell), dict)
