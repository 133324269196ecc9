"""``import wandb.plot``, ``from wandb.keras import …`` where ``wandb`` means runfolio."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

__all__ = ["install"]


class _Found(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules below ``wandb`` by their names: none of them is a file of runfolio's."""

    def __init__(self, name: str) -> None:
        self._below = f"{name}."

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return how a module below ``wandb`` is made.

        Raises
        ------
        ModuleNotFoundError
            Nothing stands for it here.
        """
        del path, target
        if not fullname.startswith(self._below):
            return None
        if self._meant(fullname) is None:
            raise ModuleNotFoundError(
                f"runfolio stands for wandb here, and has no {fullname}: leave that import out, or "
                "run without --as-wandb.",
                name=fullname,
            )
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return an empty module."""
        return ModuleType(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Let the module have what W&B's has of this name."""
        meant = self._meant(module.__name__)

        def has(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return getattr(meant, name)

        module.__dict__["__getattr__"] = has

    def _meant(self, fullname: str) -> Any:
        found: Any = sys.modules["runfolio"]
        for part in fullname.removeprefix(self._below).split("."):
            found = getattr(found, part, None)
        return found


def install(name: str) -> None:
    """Let modules below `name` be found by what runfolio has of W&B's names."""
    sys.meta_path.insert(0, _Found(name))
