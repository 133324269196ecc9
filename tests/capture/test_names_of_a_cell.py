"""Which names a cell binds, changes, deletes and reads, as far as its text tells."""

from __future__ import annotations

import pytest

from runfolio.capture.bindings import assigned, bindings


@pytest.mark.parametrize(
    ("source", "bound", "read"),
    [
        ("x = 1\ny = x + z", "x y", "z"),
        ("x += 1", "x", "x"),
        ("a, (b, *c) = d", "a b c", "d"),
        ("for i in xs:\n    t = i\nprint(t)", "i t", "print xs"),
        ("with open(p) as fh:\n    d = fh\nd", "d fh", "open p"),
        ("if c:\n    r = 1\nr", "r", "c r"),
        ("if c:\n    r = 1\nelse:\n    r = 2\nr", "r", "c"),
        ("try:\n    import a\nexcept E:\n    a = None\na", "a", "E"),
        ("[v for v in rows if v > low]", "", "low rows"),
        ("{k: v for k, v in m.items()}", "", "m"),
        ("total = sum(n for n in (m := big))\nm", "m total", "big sum"),
        ("import os.path as p, sys\nfrom a.b import c as d", "d p sys", ""),
        ("from os import *", "*", ""),
        ("def f(a, b=k) -> T:\n    return a + lr", "f", "T k"),
        ("def f():\n    return lr\nf()", "f", "lr"),
        ("def g():\n    return z\ndef f():\n    return g()\nf()", "f g", "z"),
        ("def f():\n    u = 1\n    def h():\n        return u + top\n    return h\nf", "f", "top"),
        ("def f():\n    global n\n    n = n + 1\nf()", "f n", "n"),
        ("class A(B):\n    k = 1\n    j = k\n    def m(self):\n        return q\nA()", "A", "B q"),
        ("f = lambda q: q + k", "f", "k"),
        ("match v:\n    case {'a': one, **rest}:\n        one", "one rest", "v"),
        ("%%time\nfiles = !ls\nfiles", "files", ""),
        ("await fetch(url)", "", "fetch url"),
        ("def f():\n    return [last := r for r in rows], last\nf()", "f", "rows"),
        ("  x = y\n  if x:\n    z = 1", "x z", "y"),
        ("%%bash\nx=1", "", ""),
        ("x = = 1", "", ""),
    ],
)
def test_bound_and_read_names(source: str, bound: str, read: str) -> None:
    found = bindings(source)

    assert " ".join(sorted(found.bound)) == bound
    assert " ".join(sorted(found.read)) == read


def test_deleted_and_changed_names() -> None:
    found = bindings("del a, b[0]\nframe['x'] = 1\nnet.layer.rate = 2\nrows[0] += 1")

    assert found.deleted == {"a"}
    assert found.changed == {"b", "frame", "net", "rows"}


def test_names_that_only_an_import_binds() -> None:
    assert bindings("import a, b\nfrom c import d\nb = 1\ne = 2").imported == {"a", "d"}


def test_what_a_cell_binds_for_certain() -> None:
    assert bindings("x = 1\nif x:\n    y = 1\nfor z in q: pass\ndel x").certain == {"z"}


def test_a_text_nested_without_end_tells_nothing() -> None:
    assert bindings("x = " + "-" * 50_000 + "1").bound == frozenset()


@pytest.mark.parametrize(
    ("source", "stand", "fall"),
    [
        ("a = b = 1\nc: int = 2\nd: int", "a b c", ""),
        ("a, (b, c) = 1, (2, 3)\nd, e = call()", "a b c d e", ""),
        ("a, *b = 1, 2\nc, d = pair", "", ""),
        ("a = 1\na += 1\nb = {}\nb['x'] = 1\nc = f()\nc.x = 1\nd = 1\ndel d", "", "a b c d"),
        ("a = 1\nfor a in q: pass\nb = 1\nif a:\n    b = 2\nc = 1\nimport c", "", "a b c"),
        ("a = 1\ntry:\n    pass\nexcept E as a:\n    pass", "", "a"),
        ("a = 1\ndef f():\n    a = 2\nclass C:\n    a = 3\n[a for a in q]", "a", ""),
        ("a = {}\ndef f():\n    global b\n    b = 2\n    a[1] = 2\nb = 1\nf()", "a b", ""),
        ("a = 1\n[(a := b) for b in q]", "", "a"),
        ("b = 1\na = 2\nb = 3", "a b", ""),
        ("if x:\n    a = 1", "", ""),
    ],
)
def test_what_a_cell_assigns_at_its_top_level(source: str, stand: str, fall: str) -> None:
    found = assigned(source)

    assert " ".join(name for name, one in found.items() if one.stands) == stand
    assert " ".join(name for name, one in found.items() if not one.stands) == fall


def test_the_order_is_that_of_the_assignments_that_count() -> None:
    assert list(assigned("b = 1\na = 2\nb = 3")) == ["a", "b"]
