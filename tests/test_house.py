"""The rules of the house: sizes, names, docstrings, and what must not be in the repository."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "runfolio"
MODULES = sorted(SOURCE.rglob("*.py"))
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc"}
# Users know its surface from elsewhere; every method there is a line or two.
WIDE = {"Run"}

each_module = pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


@each_module
def test_a_module_is_short_and_is_no_drawer(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert path.stem not in DRAWERS


@each_module
def test_functions_and_classes_are_short(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name
        if isinstance(node, ast.ClassDef) and node.name not in WIDE:
            methods = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name[0] != "_"]
            assert len(methods) <= 20, node.name


@each_module
def test_a_module_says_what_it_is_for_and_what_it_offers(path: Path) -> None:
    tree = tree_of(path)
    names = {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets
             if isinstance(t, ast.Name)}  # fmt: skip
    assert ast.get_docstring(tree)
    assert "__all__" in names or path.stem in ("__init__", "__main__")


@each_module
def test_everything_public_has_a_docstring(path: Path) -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in tree_of(path).body:
        if isinstance(node, kinds) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


@each_module
def test_nothing_is_imported_through_a_package(path: Path) -> None:
    packages = {p.parent.name for p in SOURCE.rglob("__init__.py")}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("runfolio"):
            package = SOURCE.parent.joinpath(*node.module.split("."))
            if package.is_dir():
                for alias in node.names:
                    inside = (package / alias.name).is_dir() or (package / f"{alias.name}.py").is_file()
                    assert inside, f"{alias.name} is imported through {node.module}"
    assert packages


def test_no_file_names_a_registry_or_a_machine() -> None:
    # Put together here, so that this very file does not hold them.
    marks = ["index" + "-url", "/" + "work/main", '"resolved": "' + "http", "/root" + "/"]
    for path in tracked():
        if path.is_file() and path.suffix in {".py", ".md", ".toml", ".json", ".yml", ".ipynb", ""}:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not [mark for mark in marks if mark in text], path


def test_no_notebook_is_committed_with_outputs() -> None:
    for path in tracked():
        if path.suffix == ".ipynb" and "golden" not in path.parts:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            assert not [c for c in cells if c.get("outputs") or c.get("execution_count")], path


def test_every_changelog_fragment_says_what_kind_of_change_it_is() -> None:
    kinds = re.compile(r".+\.(added|changed|fixed|removed)\.md")
    fragments = [p for p in (ROOT / "changelog.d").glob("*.md") if p.name != "README.md"]
    assert fragments
    assert all(kinds.fullmatch(p.name) for p in fragments)
