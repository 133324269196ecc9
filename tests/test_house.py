"""How the house is kept: sizes, names, docstrings, and what no file may hold."""

from __future__ import annotations

import ast
import functools
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "runfolio"
MODULES = sorted(PACKAGE.rglob("*.py"))
PUBLIC = [
    path
    for path in MODULES
    if not any(part.startswith("_") for part in path.relative_to(PACKAGE).with_suffix("").parts)
]

# Users know the surface of Run from elsewhere; every method there is a line or two.
WIDE_CLASSES = {"Run"}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "stuff"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def public_functions(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, Function]]:
    """Give the public functions and methods of a module, with their dotted names."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body, f"{node.name}.")
        elif isinstance(node, Function) and not node.name.startswith("_"):
            yield within + node.name, node


def assigned(tree: ast.Module) -> set[str]:
    targets = [t for n in tree.body if isinstance(n, ast.Assign) for t in n.targets]
    targets += [n.target for n in tree.body if isinstance(n, ast.AnnAssign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def decorators(node: Function) -> set[str]:
    return {ast.unparse(d).rpartition(".")[2] for d in node.decorator_list}


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_modules_are_at_most_400_lines() -> None:
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}

    assert {name: n for name, n in lines.items() if n > 400} == {}


def test_modules_of_the_page_are_at_most_400_lines() -> None:
    lines = {
        path.name: len(path.read_text("utf-8").splitlines())
        for path in (ROOT / "js" / "src").rglob("*.ts")
    }

    assert len(lines) > 10
    assert {name: n for name, n in lines.items() if n > 400} == {}


def test_functions_are_at_most_60_lines() -> None:
    lines = {
        f"{name_of(path)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, Function)
    }

    assert {name: n for name, n in lines.items() if n > 60} == {}


def test_classes_have_at_most_20_public_methods() -> None:
    methods = {
        f"{name_of(path)}:{node.name}": len(dict(public_functions(node.body)))
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and node.name not in WIDE_CLASSES
    }

    assert {name: n for name, n in methods.items() if n > 20} == {}


def test_no_module_is_a_drawer() -> None:
    names = {path.stem for path in MODULES} | {path.parent.name for path in MODULES}

    assert names & DRAWERS == set()


def test_modules_say_what_they_are_for() -> None:
    assert [name_of(path) for path in MODULES if not ast.get_docstring(tree_of(path))] == []


def test_a_package_holds_only_its_docstring() -> None:
    packages = [path for path in MODULES if path.name == "__init__.py" and path.parent != PACKAGE]

    assert [name_of(path) for path in packages if len(tree_of(path).body) != 1] == []


def test_public_modules_list_their_names() -> None:
    assert [name_of(p) for p in PUBLIC if "__all__" not in assigned(tree_of(p))] == []


def test_public_functions_have_docstrings() -> None:
    bare = [
        f"{name_of(path)}:{name}"
        for path in PUBLIC
        for name, node in public_functions(tree_of(path).body)
        if not ast.get_docstring(node) and not decorators(node) & {"setter", "override", "overload"}
    ]

    assert bare == []


def test_nothing_inside_imports_the_facade() -> None:
    """``from runfolio import settings`` names a module that defines; a façade name does not."""
    wrong = []
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import):
                wrong += [name_of(path) for alias in node.names if alias.name == "runfolio"]
            elif isinstance(node, ast.ImportFrom) and node.module == "runfolio":
                wrong += [name_of(path) for a in node.names if not defines(a.name)]

    assert wrong == []


def defines(name: str) -> bool:
    """Return whether a name of the package is a module, or its version."""
    files = PACKAGE / f"{name}.py", PACKAGE / name / "__init__.py"
    return name == "__version__" or any(path.is_file() for path in files)


def test_no_file_names_a_registry_or_a_place_on_one_machine() -> None:
    hosts = "pythonhosted|npmjs|" + "pypi" + r"\.org/simple"
    places = r"(?<![\w.])/(root|work|home/\w+)/(\.|main|shared|[a-z]+\.toml)"
    wrong = re.compile(f"({hosts})|{places}")
    found = [
        (path.relative_to(ROOT).as_posix(), match[0])
        for path in tracked_files()
        if path != Path(__file__) and path.suffix not in {".png", ".parquet"}
        for match in wrong.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]

    assert found == []


def test_notebooks_are_committed_without_outputs() -> None:
    executed = [
        path.relative_to(ROOT).as_posix()
        for path in tracked_files()
        if path.suffix == ".ipynb" and "golden" not in path.parts
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell.get("outputs") or cell.get("execution_count")
    ]

    assert executed == []


def test_no_lock_file_with_addresses_is_committed() -> None:
    locks = {"uv.lock", "poetry.lock", "Pipfile.lock"}

    assert {path.name for path in tracked_files()} & locks == set()


def test_npms_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "js" / "package-lock.json").read_text(encoding="utf-8"))
    settings = (ROOT / "js" / ".npmrc").read_text(encoding="utf-8").splitlines()

    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    assert "omit-lockfile-registry-resolved=true" in settings
    assert [line for line in settings if "//" in line or line.startswith("registry")] == []


def test_packages_of_npm_run_no_scripts_of_theirs_when_installed() -> None:
    assert "ignore-scripts=true" in (ROOT / "js" / ".npmrc").read_text("utf-8").splitlines()


def test_each_integration_asks_for_the_version_that_its_extra_installs() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]
    bounds = {name: lines[0].partition(">=")[2] for name, lines in extras.items()}
    asked = {
        extra: version
        for path in (PACKAGE / "integrations").rglob("*.py")
        for extra, version in re.findall(
            r'install="runfolio\[(\w+)\]",\s*at_least="([\d.]+)"', path.read_text("utf-8")
        )
    }

    assert len(asked) >= 5
    assert {name: bounds[name] for name in asked} == asked
