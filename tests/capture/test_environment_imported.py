"""Which installed distributions a program imported."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import orjson
import pytest

from runfolio.capture.distributions import installed
from runfolio.capture.imported import imported_versions

MODULES = ("probe_a", "probe_ns.one", "_probe_c", "probe_edited")


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "modules", dict(sys.modules))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return folder


def put(site: Path, name: str, files: dict[str, str]) -> None:
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{path},sha256=x,1\n" for path in files))
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)


def imported(tmp_path: Path) -> dict[str, str]:
    return imported_versions(installed(tmp_path / "project"))


def test_what_this_test_imported_is_found(tmp_path):
    known = imported(tmp_path)
    assert {"numpy": np.__version__, "orjson": orjson.__version__}.items() <= known.items()
    assert "pytest" in known
    assert "plotly" not in known or "plotly" in sys.modules


def test_a_distribution_named_otherwise_than_its_module_is_found(site, tmp_path):
    put(site, "some-dist", {"probe_a/__init__.py": "", "probe_a/b.py": ""})
    assert "some-dist" not in imported(tmp_path)
    __import__("probe_a")
    assert imported(tmp_path)["some-dist"] == "1.0"


def test_of_a_namespace_only_the_parts_that_were_loaded_count(site, tmp_path):
    put(site, "ns-one", {"probe_ns/one.py": ""})
    put(site, "ns-two", {"probe_ns/two.py": ""})
    __import__("probe_ns.one")
    known = imported(tmp_path)
    assert "ns-one" in known
    assert "ns-two" not in known


def test_the_version_in_memory_is_told(site, tmp_path):
    put(site, "probe-a", {"probe_a.py": "__version__ = '0.9'\n"})
    __import__("probe_a")
    assert imported(tmp_path)["probe-a"] == "0.9"


def test_an_editable_one_is_told_by_its_folder(site, tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.mkdir()
    (source / "probe_edited.py").touch()
    monkeypatch.syspath_prepend(str(source))
    put(site, "edited", {})
    (site / "edited-1.0.dist-info" / "direct_url.json").write_text(
        f'{{"url": "{source.as_uri()}", "dir_info": {{"editable": true}}}}'
    )
    assert "edited" not in imported(tmp_path)
    __import__("probe_edited")
    assert imported(tmp_path)["edited"] == "1.0"


def test_a_lazy_module_is_not_woken(site, tmp_path):
    class Lazy(type(sys)):
        def __getattribute__(self, name):
            raise AssertionError(f"asked for {name}")

    sys.modules["probe_a"] = Lazy("probe_a")
    assert "probe-a" not in imported(tmp_path)
