"""The lock of a run builds an environment with the same pins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.wheels import build_wheel

from runfolio.capture.interpreter import environment_of
from runfolio.capture.locks import pins
from runfolio.model.context import Environment

KNOWN = {"probe_one": "1.0", "probe_two": "2.1.post1", "probe_three": "0.3+cpu"}


def new_environment(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin" / "python"


def pip_install(python: Path, wheels: Path, *what: str) -> None:
    """Install as a person does, from the index that his own settings name."""
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps"]
    index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_NO_CACHE_DIR": "1"}
    subprocess.run([*pip, *what], check=True, env=index)


def lock_of(python: Path, root: Path) -> str:
    found = environment_of(python, Environment({}, ()), root)
    assert found is not None
    return pins(found)


def test_an_environment_built_from_the_lock_has_the_same_pins(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    for name, version in KNOWN.items():
        build_wheel(wheels, name, version)
    own = build_wheel(tmp_path / "own", "by_hand", "7.0")
    first = new_environment(tmp_path / "first")
    pip_install(first, wheels, *(f"{name}=={version}" for name, version in KNOWN.items()), str(own))
    lock = lock_of(first, tmp_path)
    assert lock.splitlines()[1:] == [
        "# by_hand==7.0 (archive)",
        "probe_one==1.0", "probe_three==0.3+cpu  # a build of its own index: give it as --extra-index-url", "probe_two==2.1.post1",
    ]  # fmt: skip
    (tmp_path / "requirements.lock").write_text(lock)
    second = new_environment(tmp_path / "second")
    pip_install(second, wheels, "-r", str(tmp_path / "requirements.lock"))
    again = lock_of(second, tmp_path)
    assert again.splitlines()[1:] == lock.splitlines()[2:]
