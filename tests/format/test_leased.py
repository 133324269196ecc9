"""The hash of a file that others may write to: mapped while none of them does."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import blake3
import pytest

from runfolio.format import leased
from runfolio.format.leased import hash_of_open

LARGE = 5_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "weights"
    path.write_bytes(os.urandom(LARGE))
    return path


@pytest.fixture
def fd(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_RDONLY)
    yield fd
    os.close(fd)


def hash_of(content: bytes) -> str:
    return blake3.blake3(content).hexdigest()


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, LARGE, (64 << 20) + 5])
def test_a_file_has_the_hash_of_its_bytes(size: int, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(os.urandom(1000) * (size // 1000) + b"y" * (size % 1000))
    with path.open("rb") as file:
        file.seek(3)
        assert hash_of_open(file.fileno()) == hash_of(path.read_bytes())
        assert file.tell() == 3  # others may read on


def test_a_lease_is_given_back(fd: int, path: Path) -> None:
    hash_of_open(fd)
    assert fcntl.fcntl(fd, fcntl.F_GETLEASE) == fcntl.F_UNLCK
    with path.open("r+b"):  # with the lease there, this would wait
        pass


def test_a_file_that_is_open_for_writing_is_read(
    fd: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leased, "_mapped", lambda *_: pytest.fail("it was mapped"))
    with path.open("r+b"):
        assert hash_of_open(fd) == hash_of(path.read_bytes())


def test_without_leases_a_file_is_read(
    fd: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leased, "_SETLEASE", None)
    assert hash_of_open(fd) == hash_of(path.read_bytes())


def test_who_cuts_it_short_meanwhile_waits_for_a_piece_and_ends_nothing(
    fd: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fcntl.fcntl(fd, fcntl.F_GETLEASE) != fcntl.F_UNLCK:
        pytest.skip("no leases here")
    monkeypatch.setattr(leased, "_MAPPED", 1 << 20)
    content = path.read_bytes()
    fetched: list[int] = []
    wants = threading.Thread(target=lambda: os.truncate(path, 100))
    true_fcntl = fcntl.fcntl

    def asked(fd: int, command: int, *rest: int) -> int:
        found = true_fcntl(fd, command, *rest)
        if command == fcntl.F_GETLEASE:
            fetched.append(found)
            if len(fetched) == 2:
                wants.start()
                while true_fcntl(fd, fcntl.F_GETLEASE) == fcntl.F_RDLCK:
                    pass
        return found

    monkeypatch.setattr(fcntl, "fcntl", asked)
    digest = hash_of_open(fd)
    wants.join(10)

    assert not wants.is_alive()
    assert path.stat().st_size == 100
    # The piece it was at came whole; the rest was gone, or still there, when it was read.
    assert fetched == [fcntl.F_RDLCK, fcntl.F_RDLCK, fcntl.F_UNLCK]
    assert digest in {hash_of(content[: 2 << 20]), hash_of(content)}
