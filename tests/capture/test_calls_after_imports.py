"""A call that waits for an import comes right after it, and leaves the module as it would be."""

from __future__ import annotations

import importlib
import importlib.util
import sys

import pytest

from runfolio.capture import at_import
from runfolio.capture.at_import import forget, when_imported


@pytest.fixture
def module(tmp_path, monkeypatch):
    """The name of a package that can be imported and is not yet."""
    (tmp_path / "late_arrival").mkdir()
    (tmp_path / "late_arrival" / "__init__.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    # Others wait, too, once a run was open in this process: for the readers of data.
    monkeypatch.setattr(at_import, "_waiting", {})
    others = [finder for finder in sys.meta_path if finder is not at_import._FINDER]
    monkeypatch.setattr(sys, "meta_path", others)
    yield "late_arrival"
    sys.modules.pop("late_arrival", None)


def test_the_call_comes_when_the_module_is_there_and_once(module):
    seen = []
    assert when_imported(module, lambda: seen.append(sys.modules[module].value))
    finders = len(sys.meta_path)
    importlib.import_module(module)
    importlib.reload(sys.modules[module])
    assert seen == [1]
    assert len(sys.meta_path) == finders - 1


def test_the_module_keeps_its_own_loader(module):
    when_imported(module, lambda: None)
    found = importlib.import_module(module)
    assert type(found.__loader__).__name__ == "SourceFileLoader"
    assert found.__spec__.loader is found.__loader__


def test_who_only_looks_for_the_module_finds_what_its_loader_tells(module):
    def then():
        raise AssertionError("nobody has imported it")

    when_imported(module, then)
    spec = importlib.util.find_spec(module)
    assert spec.loader.get_filename(module) == spec.origin
    assert spec.loader.get_source(module) == "value = 1\n"
    assert spec.submodule_search_locations
    forget(then)


def test_calls_come_in_order_and_the_first_before_all(module):
    seen = []
    when_imported(module, lambda: seen.append("second"))
    when_imported(module, lambda: seen.append("third"))
    when_imported(module, lambda: seen.append("first"), first=True)
    importlib.import_module(module)
    assert seen == ["first", "second", "third"]


def test_what_is_there_is_not_waited_for():
    finders = list(sys.meta_path)
    assert not when_imported("json", lambda: None)
    assert sys.meta_path == finders


def test_who_waits_no_longer_is_not_called(module):
    seen = []

    def then():
        seen.append(1)

    finders = list(sys.meta_path)
    when_imported(module, then)
    forget(then)
    assert sys.meta_path == finders
    importlib.import_module(module)
    assert seen == []


def test_a_module_that_fails_is_waited_for_until_it_does_not(module, tmp_path):
    seen = []

    def then():
        seen.append(1)

    file = tmp_path / "late_arrival" / "__init__.py"
    file.write_text("1 / 0\n")
    when_imported(module, then)
    with pytest.raises(ZeroDivisionError):
        importlib.import_module(module)
    file.write_text("value = 10 ** 3\n")
    importlib.invalidate_caches()
    importlib.import_module(module)
    assert seen == [1]


def test_a_module_that_is_nowhere_is_missed_as_ever():
    def then():
        pass

    when_imported("nowhere_at_all", then)
    with pytest.raises(ModuleNotFoundError, match="nowhere_at_all"):
        importlib.import_module("nowhere_at_all")
    forget(then)
