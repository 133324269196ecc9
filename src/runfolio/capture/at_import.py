"""Code that runs right after a module was imported for the first time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
else:
    # Loading them takes as long as opening a run, and they add nothing here.
    Loader = MetaPathFinder = object

__all__ = ["forget", "when_imported"]

_waiting: dict[str, list[Callable[[], None]]] = {}


def when_imported(module: str, then: Callable[[], None], *, first: bool = False) -> bool:
    """Call something as soon as a module has been imported, and return whether it is to come.

    A module that is there already, or half there in another thread, is not waited for.

    Parameters
    ----------
    module : str
        Its full name.
    then : callable
        Must not raise: it would fail the user's import.
    first : bool
        Before the calls of others for this module.
    """
    if module in sys.modules:
        return False
    calls = _waiting.setdefault(module, [])
    calls.insert(0 if first else len(calls), then)
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    return True


def forget(then: Callable[[], None]) -> None:
    """Wait no longer for the modules that `then` was to follow."""
    for module in [module for module, calls in _waiting.items() if then in calls]:
        _waiting[module].remove(then)
        if not _waiting[module]:
            del _waiting[module]
    if not _waiting and _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)


class _Finder(MetaPathFinder):
    """Leaves the search to all others, and hears of the end of the loading."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _waiting:
            return None
        for finder in list(sys.meta_path):
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(fullname, path, target) if find is not None else None
            if spec is None:
                continue
            if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                spec.loader = _Heard(spec.loader, fullname)
            return spec
        return None


class _Heard(Loader):
    """Another loader, and a call when it is done; the module never sees it."""

    def __init__(self, loader: Loader, module: str) -> None:
        self._loader = loader
        self._module = module

    def __getattr__(self, name: str) -> Any:
        # Who only looks for the module, with importlib.util.find_spec, asks its loader more.
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        for then in _waiting.pop(self._module, []):
            then()
        if not _waiting and _FINDER in sys.meta_path:
            sys.meta_path.remove(_FINDER)


_FINDER = _Finder()
