"""A library that is too old is named, with the lowest version that works and the line that installs it."""

from __future__ import annotations

import importlib
import sys
import tomllib
from pathlib import Path

import pytest

from runfolio.errors import MissingDependency

ROOT = Path(__file__).parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "optional-dependencies"
]
LIBRARIES = ["accelerate", "keras", "lightning", "transformers", "xgboost"]


def older_than(library: str) -> tuple[str, str]:
    """Return the lowest version that the extra takes, and one below it."""
    ((package, lowest),) = (one.split(">=") for one in EXTRAS[library])
    major, minor = map(int, lowest.split("."))
    assert package == library
    return lowest, f"{major}.{minor - 1}.9" if minor else f"{major - 1}.99.0"


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_lowest_version_is_that_of_the_extra(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    lowest, older = older_than(library)
    importlib.import_module(library)
    monkeypatch.setattr(f"{library}.__version__", older)
    monkeypatch.delitem(sys.modules, f"runfolio.integrations.{library}", raising=False)
    told = (
        rf"{library} {lowest} or newer, and {older} is installed.*--upgrade 'runfolio\[{library}\]'"
    )
    with pytest.raises(MissingDependency, match=told):
        importlib.import_module(f"runfolio.integrations.{library}")


@pytest.mark.parametrize(("version", "told"), [
    ("0.9", r"needs aged 1\.0 or newer, and 0\.9 is installed"),
    ("1.5", r"1\.5, which is installed, cannot be imported \(its own fault\)"),
])  # fmt: skip
def test_one_that_cannot_be_imported_is_named_by_what_pip_knows(
    version: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runfolio._optional import require

    (tmp_path / "aged.py").write_text("raise ImportError('its own fault')\n")
    (tmp_path / f"aged-{version}.dist-info").mkdir()
    (tmp_path / f"aged-{version}.dist-info" / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: aged\nVersion: {version}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(MissingDependency, match=told):
        require("aged.part", feature="it", install="runfolio[aged]", at_least="1.0")
