"""The façade: what it names is there, documented, and nothing heavy comes with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import runfolio

ROOT = Path(__file__).parents[1]
HEAVY = ["pandas", "altair", "pyarrow", "duckdb", "torch", "IPython", "numpy", "click", "rich"]


def in_a_fresh_interpreter(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_names_are_sorted_and_unique() -> None:
    assert list(runfolio.__all__) == sorted(set(runfolio.__all__))


@pytest.mark.parametrize("name", runfolio.__all__)
def test_a_public_name_is_there_and_documented(name: str) -> None:
    getattr(runfolio, name)
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert f"`{name}`" in page or f"`{name}(" in page


@pytest.mark.parametrize("name", runfolio.__all__)
def test_a_public_name_explains_itself(name: str) -> None:
    if name not in ("__version__", "run", "config", "summary"):
        assert getattr(runfolio, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        _ = runfolio.no_such_name


def test_importing_it_loads_nothing_heavy() -> None:
    code = f"import runfolio, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert in_a_fresh_interpreter(code) == "[]"


def test_no_module_takes_the_place_of_a_public_name() -> None:
    # Importing a submodule binds it in the package; it must never be over a name of the façade.
    code = (
        "import importlib, pkgutil, types, runfolio\n"
        "for m in pkgutil.walk_packages(runfolio.__path__, 'runfolio.'):\n"
        "    if not m.name.endswith('__main__'): importlib.import_module(m.name)\n"
        "print([n for n in runfolio.__all__ if isinstance(getattr(runfolio, n), types.ModuleType)])"
    )
    assert in_a_fresh_interpreter(code) == "[]"


def test_there_is_no_run_before_a_start_and_after_the_end(store_path: Path) -> None:
    assert runfolio.run is None
    with runfolio.init() as run:
        assert runfolio.run is run
    assert runfolio.run is None


def test_config_and_summary_say_clearly_that_no_run_is_open(store_path: Path) -> None:
    with pytest.raises(runfolio.NoActiveRun, match=r"no run is open.*runfolio.init"):
        _ = runfolio.config.lr
    with pytest.raises(runfolio.NoActiveRun):
        runfolio.log({"loss": 1.0})
