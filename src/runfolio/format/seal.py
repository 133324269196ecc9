"""The seal: what was captured, by hash, and whether this user's runfolio captured it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.codec import dumps, loads
from runfolio.format.disk import read_small
from runfolio.format.layout import RunPaths
from runfolio.model.ports import Files

__all__ = ["CAPTURED", "grade", "read_seal", "write_seal"]

# What may still change after the end: other people's edits, the page made from them, and the
# manifest, which takes edits in and carries a checksum of its own.
_OPEN: Final = frozenset({"seal.json", "journal.md", "run.json", "summary.json", "config.json"})
_CHUNK: Final = 1 << 20


CAPTURED: Final = ("code", "environment", "rng", "seeds.json")
"""What is whole, and sealed, long before the run ends."""


def write_seal(
    folder: Path, files: Files, *, only: Collection[str] | None = None
) -> dict[str, Any]:
    """Hash what the run holds and write ``seal.json``.

    The message authentication code is made with a secret of this user that lies outside every
    store, so that a reader can tell a run of one's own from one that came from elsewhere.

    Parameters
    ----------
    only : collection of str, optional
        Files and folders at the top of the run; all by default.

    Returns
    -------
    dict
        ``{"files": {path: blake3}, "mac": hex}``.
    """
    names = [name for name in _sealed(folder) if only is None or name.partition("/")[0] in only]
    hashes = {name: _blake3(folder / name) for name in sorted(names)}
    body = {
        "format": 1,
        "hash": "blake3",
        "files": hashes,
        "mac": _mac(folder.name, hashes),
    }
    files.replace(RunPaths(folder).seal, dumps(body, indent=True) + b"\n")
    return body


def _sealed(folder: Path) -> Iterator[str]:
    """Yield the paths of regular files below the folder, links and open files left out."""
    for parent, folders, names in os.walk(folder, followlinks=False):
        inside = Path(parent).relative_to(folder)
        folders[:] = [name for name in folders if (inside / name).as_posix() != "edits"]
        for name in names:
            path = Path(parent, name)
            relative = (inside / name).as_posix()
            live = name.startswith(("heartbeat", ".")) or name.endswith(".tmp")
            if (
                relative not in _OPEN
                and not live
                and _is_utf8(relative)
                and path.is_file()
                and not path.is_symlink()
            ):
                yield relative


def _is_utf8(name: str) -> bool:
    # Other names, which a file system may hold, have no form in JSON.
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _blake3(path: Path) -> str:
    import blake3

    digest = blake3.blake3()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def read_seal(folder: Path) -> dict[str, str]:
    """Return path → blake3 of what was sealed; empty where there is no seal.

    Raises
    ------
    CorruptRecord
        The seal cannot be understood.
    """
    try:
        body = loads(read_small(RunPaths(folder).seal), "seal.json")
    except FileNotFoundError:
        return {}
    found = body.get("files") if isinstance(body, dict) else None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise CorruptRecord("seal.json: expected an object with files and their hashes.")
    return found


def grade(folder: Path) -> str:
    """Return ``own`` for a run this user's runfolio made, else ``foreign``.

    It changes what may be executed or drawn live, never how strictly a file is read.
    """
    import hmac

    with contextlib.suppress(CorruptRecord, OSError):
        body = loads(read_small(RunPaths(folder).seal), "seal.json")
        mac = body.get("mac") if isinstance(body, dict) else None
        if isinstance(mac, str):
            expected = _mac(folder.name, body.get("files") or {})
            if expected is not None and hmac.compare_digest(mac.encode(), expected.encode()):
                return "own"
    return "foreign"


def _mac(run_id: str, hashes: dict[str, str]) -> str | None:
    import blake3

    secret = _secret()
    if secret is None:
        return None
    return blake3.blake3(dumps([run_id, hashes]), key=secret).hexdigest()


def _secret() -> bytes | None:
    """Return this user's secret, made on first use; ``None`` where none can be kept."""
    import platformdirs

    path = Path(platformdirs.user_data_dir("runfolio")) / "seal.key"
    with contextlib.suppress(OSError):
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(fd, "wb") as file:
                    file.write(os.urandom(32))
        secret = path.read_bytes()
        return secret if len(secret) == 32 else None
    return None


def faults(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield ``(path, what is wrong)`` for each sealed file that is not as it was sealed."""
    for name, digest in read_seal(folder).items():
        try:
            fault = _fault(folder, name, digest)
        except OSError as error:
            fault = f"cannot be read: {error.strerror or error}"
        if fault:
            yield name, fault


def _fault(folder: Path, name: str, digest: str) -> str:
    relative = Path(name)
    if relative.is_absolute() or ".." in relative.parts:
        return "the seal names a path outside the run"
    path = folder / relative
    inside = [folder.joinpath(*relative.parts[:n]) for n in range(1, len(relative.parts) + 1)]
    if any(step.is_symlink() for step in inside):
        return "is a link now, or lies behind one"
    if not path.is_file():
        return "is missing"
    return "" if _blake3(path) == digest else "is not as it was when the run was sealed"
