"""What all tests share: a store of their own, fixed clock and ids, no trace left behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from tests.postgresql import Server, programs, running

import runfolio.capture.modules as modules_of
from runfolio.testing import FixedClock, FixedIds

# The same examples each time: what fails here fails for everybody; the long form looks for new
# ones. How long one takes says nothing on a shared machine.
settings.register_profile("suite", deadline=None, derandomize=True, database=None)
settings.register_profile("full", deadline=None, print_blob=True, database=None)
settings.load_profile("full" if os.environ.get("RUNFOLIO_FAULTS") == "full" else "suite")

# A shell lets what it starts in the background ignore the interrupt, nohup the hang-up, and their
# children with them.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)

OURS = ("RUNFOLIO_", "WANDB_")


@pytest.fixture(autouse=True)
def _no_trace(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the tests apart from the user's settings, secrets and caches, and those from them."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        if name != "RUNFOLIO_CHROMIUM":
            monkeypatch.delenv(name)
    monkeypatch.setenv("RUNFOLIO_UPKEEP", "false")  # no process of ours outlives a test
    # The tests are modules of this process: a run would copy them, and find their planted secrets.
    installed = (*modules_of._ELSEWHERE, f"{Path(__file__).parent}{os.sep}")
    monkeypatch.setattr(modules_of, "_ELSEWHERE", installed)
    home = tmp_path_factory.getbasetemp() / "home"
    for kind in ("data", "cache", "config", "state"):
        monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", str(home / kind))


@pytest.fixture
def store_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty store; the current folder is beside it and the session starts anew."""
    monkeypatch.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))
    monkeypatch.setenv("RUNFOLIO_STRICT", "1")
    monkeypatch.setenv("RUNFOLIO_SILENT", "true")
    monkeypatch.chdir(tmp_path)
    _reset()
    yield tmp_path / "folio"
    _reset()


@pytest.fixture
def clock() -> FixedClock:
    """Return a clock that moves only when told."""
    return FixedClock()


@pytest.fixture
def ids() -> FixedIds:
    """Return ids that count."""
    return FixedIds()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Start a PostgreSQL of the tests' own; a test that stops it starts it again."""
    found = programs()
    if found is None:
        why = "no PostgreSQL here; scripts/postgresql installs one"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    with running(found) as server:
        yield server


def _reset() -> None:
    # Only where the recorder was loaded: tests of the lower layers need nothing of it.
    session = sys.modules.get("runfolio.record.session")
    if session is not None:
        session.reset_for_tests()
