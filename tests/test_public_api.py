"""The façade: what it exports exists, is documented, is loaded late, and stays what it is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import runfolio

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "api.md"

HEAVY = [
    "IPython", "PIL", "altair", "click", "duckdb", "git", "narwhals", "nbformat", "numpy", "pandas", "psutil",
    "pyarrow", "rich", "torch", "vl_convert",
]  # fmt: skip


def in_a_fresh_process(source: str) -> str:
    """Run Python in a process of its own and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def documented() -> set[str]:
    """Return what docs/api.md has a heading or a row for: ``### `runfolio.log(…)```, ``| `Run` |``."""
    page = PAGE.read_text(encoding="utf-8")
    return set(re.findall(r"^(?:#{3} |\| )`runfolio\.(\w+)", page, re.MULTILINE))


def test_every_exported_name_can_be_had() -> None:
    assert [name for name in runfolio.__all__ if not hasattr(runfolio, name)] == []


def test_every_exported_name_is_documented_and_no_other() -> None:
    assert documented() == set(runfolio.__all__)


def test_exported_names_are_sorted() -> None:
    assert list(runfolio.__all__) == sorted(runfolio.__all__)


def test_editors_see_the_exported_names() -> None:
    """What is imported for type checkers is what is loaded at run time."""
    tree = ast.parse(Path(runfolio.__file__).read_text(encoding="utf-8"))
    guarded = next(n for n in tree.body if isinstance(n, ast.If))
    names = {a.name for n in guarded.body if isinstance(n, ast.ImportFrom) for a in n.names}
    names |= {n.target.id for n in guarded.body if isinstance(n, ast.AnnAssign)}

    assert names | {"__version__"} == set(runfolio.__all__)


def test_no_submodule_takes_the_place_of_an_exported_name() -> None:
    """Importing a submodule binds it in the package, over a lazy attribute of that name."""
    wrong = in_a_fresh_process(
        "import importlib, pkgutil, types, runfolio\n"
        "for m in pkgutil.walk_packages(runfolio.__path__, 'runfolio.'):\n"
        "    if not m.name.endswith('__main__'):\n"
        "        try: importlib.import_module(m.name)\n"
        "        except runfolio.MissingDependency: pass  # of a library that is not here\n"
        "print([n for n in runfolio.__all__ if isinstance(getattr(runfolio, n), types.ModuleType)])"
    )

    assert wrong == "[]"


def test_importing_runfolio_loads_nothing_heavy() -> None:
    loaded = in_a_fresh_process(
        f"import sys, runfolio; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )

    assert loaded == "[]"


def test_a_star_import_gives_what_scripts_use() -> None:
    assert in_a_fresh_process("from runfolio import *; print(callable(init), run)") == "True None"


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lgo'"):
        _ = runfolio.lgo


def test_the_run_of_the_moment_is_looked_up_anew(store_path: Path) -> None:
    del store_path
    assert runfolio.run is None
    with runfolio.init() as run:
        assert runfolio.run is run
    assert runfolio.run is None
