"""Tests beside torch, JAX and Keras; ``scripts/test-peers`` has both."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_PEERS = ("torch", "jax", "keras", "lightning", "transformers", "accelerate")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the tests out where a peer is missing, unless they were asked for."""
    missing = [name for name in _PEERS if importlib.util.find_spec(name) is None]
    if missing and "RUNFOLIO_PEERS" not in os.environ:
        why = f"{' and '.join(missing)} not installed here; scripts/test-peers runs these"
        for item in items:
            if _HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=why))
