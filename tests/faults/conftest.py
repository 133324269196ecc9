"""What the fault tests share: a store with a run that nobody may touch, and the tally."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.oracle import ROOT, Verdicts, fingerprint

# Read at import: the tests themselves run without variables of ours.
TALLY = os.environ.get("RUNFOLIO_VERDICTS")


@pytest.fixture(scope="session")
def verdicts() -> Verdicts:
    """Collects verdicts in the file that ``RUNFOLIO_VERDICTS`` names, over all workers."""
    return Verdicts(Path(TALLY) if TALLY else None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    """A store in memory where there is one: a disk that blocks a write is another test's matter.

    A finished run lies in it, and must lie there afterwards as it did before.
    """
    memory = Path("/dev/shm")
    beside = memory if os.access(memory, os.W_OK) else tmp_path
    with tempfile.TemporaryDirectory(dir=beside, prefix="runfolio-") as folder:
        store = Path(folder)
        shutil.copytree(ROOT / "tests" / "golden" / "finished", store, dirs_exist_ok=True)
        (store / "expected.json").unlink()
        (bystander,) = store.iterdir()
        before = fingerprint(bystander)
        yield store
        assert fingerprint(bystander) == before
