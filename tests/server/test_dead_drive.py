"""A store on a drive that does not answer any more: it alone is told so, all else goes on.

The drive is a FUSE mount whose process never answers, as NFS without its server: every call on it
sleeps, also in the kernel, and no signal of Python ends that.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.server.conftest import make_runs
from tests.server.served import API, Page, Server, serving

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def dead(folder: Path) -> Iterator[None]:
    """Let a folder hang."""
    if not os.access("/dev/fuse", os.W_OK) or os.geteuid() != 0:
        pytest.skip("no FUSE here")
    device = os.open("/dev/fuse", os.O_RDWR)
    mount = ctypes.CDLL(None, use_errno=True).mount
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if mount(b"dead", os.fsencode(folder), b"fuse", 0, options) != 0:
        os.close(device)
        pytest.skip(f"FUSE cannot mount here: {os.strerror(ctypes.get_errno())}")
    try:
        yield
    finally:
        os.close(device)  # what hangs gets an error
        subprocess.run(["umount", "--lazy", folder], check=False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Return a server over two stores."""
    root = tmp_path / "root"
    make_runs(root / "good", 1)
    make_runs(root / "sick", 1)
    with serving(root, tmp_path / "home") as running:
        yield running


def took(call: Callable[[], object]) -> float:
    """Return how many seconds a call takes."""
    began = time.monotonic()
    call()
    return time.monotonic() - began


def test_the_other_store_is_served_as_before(server: Server) -> None:
    stores = {one["name"]: one["id"] for one in server.get("stores")["stores"]}
    good, sick = stores["good/folio"], stores["sick/folio"]
    with Page(server) as page, Page(server) as other:
        page.open("table", good)
        other.open("table", sick)
        with dead(server.root / "sick" / "folio"):
            time.sleep(3)
            quick = [took(lambda: server.get(f"stores/{good}/runs")) for _ in range(5)]
            view = page.open("table", good)
            quick += [took(lambda: page.ask(view, "facts", query="")) for _ in range(3)]
            hung = [server.ask("GET", f"{API}stores/{sick}/runs") for _ in range(2)]
            told = {one["id"]: one["runs"] for one in server.get("stores")["stores"]}

    assert max(quick) < 5  # where it waited for the drive it would take 20
    assert [answer.status for answer in hung] == [503, 503]
    assert "does not answer" in hung[0].told["message"]
    assert (told[good], told[sick]) == (1, -1)


def test_a_folder_that_hangs_does_not_hide_the_stores_beside_it(server: Server) -> None:
    (server.root / "hangs").mkdir()

    with dead(server.root / "hangs"):
        told = server.get("stores")
        again = server.get("stores")

    assert {one["name"] for one in told["stores"]} == {"good/folio", "sick/folio"}
    assert told["more"] is True
    assert {one["name"] for one in again["stores"]} == {"good/folio", "sick/folio"}
