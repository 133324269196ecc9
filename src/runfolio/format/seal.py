"""The seal: what was captured, by hash, and whether this user's runfolio captured it."""

from __future__ import annotations

import contextlib
import math
import os
import re
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord
from runfolio.format.claim import claim
from runfolio.format.codec import crc_matches, dumps, loads, with_crc
from runfolio.format.disk import read_small
from runfolio.format.layout import PartName, RunPaths, is_manifest
from runfolio.model.ports import Files

__all__ = ["CAPTURED", "grade", "read_seal", "reseal", "write_seal"]

# What may still change after the end: other people's edits, the page made from them, and the
# manifest, which takes edits in and carries a checksum of its own.
_OPEN: Final = frozenset({"seal.json", "journal.md", "run.json", "summary.json", "config.json"})
# What others say comes later; for an artifact's files the digest of its version speaks.
_UNSEALED: Final = re.compile(r"edits\Z|(rank[0-9]+/)?artifacts\Z")
_CHUNK: Final = 1 << 20
# Reading and hashing is about this fast at the least.
_BYTES_PER_S: Final = 400_000_000
# Writers of one run that end together wait so long for each other, a few milliseconds each.
_PATIENCE_S: Final = 2.0

CAPTURED: Final = ("code", "environment", "rng", "seeds.json")
"""What is whole, and sealed, long before the run ends."""


def write_seal(
    folder: Path,
    files: Files,
    *,
    only: Collection[str] | None = None,
    part_of: tuple[int, int] | None = None,
    within_s: float = math.inf,
) -> dict[str, Any]:
    """Hash what the run holds and write ``seal.json``.

    The message authentication code is made with a secret of this user that lies outside every
    store, so that a reader can tell a run of one's own from one that came from elsewhere.

    Parameters
    ----------
    only : collection of str, optional
        Files and folders at the top of the run; all by default.
    part_of : tuple of int and int, optional
        Rank and segment of a writer that seals its own part, beside what was sealed before.
        Without it the whole run is sealed, but for what such writers append to.
    within_s : float
        Seconds it may take: the largest files are left unsealed if they would take longer. Who
        converts what a very long run left seals the tables.

    Returns
    -------
    dict
        ``{"files": {path: blake3}, "mac": hex}``.
    """
    names = [name for name in _sealed(folder) if only is None or name.partition("/")[0] in only]
    apart = {(rank, segment) for rank, segment, _ in RunPaths(folder).other_manifests()}
    names = [name for name in names if _is_for(name, part_of, apart)]
    found: dict[str, str] = {}
    room = within_s * _BYTES_PER_S
    for size, name in sorted(((folder / name).stat().st_size, name) for name in names):
        room -= size
        if room >= 0:
            found[name] = _blake3(folder / name)
    with _alone(folder, files, shared=part_of is not None or bool(apart)):
        before: dict[str, str] = {}
        with contextlib.suppress(CorruptRecord):
            before = {k: v for k, v in read_seal(folder).items() if (folder / k).is_file()}
        # What took too long, an earlier segment may have sealed: it may have changed since.
        kept = {name: digest for name, digest in before.items() if name not in names}
        if only is not None:  # a run that goes on may write its own files anew
            kept = {name: digest for name, digest in kept.items() if not name.startswith("files/")}
        hashes = dict(sorted((kept | found).items()))
        body = {
            "format": 1,
            "hash": "blake3",
            "files": hashes,
            "mac": _mac(folder.name, hashes),
        }
        files.replace(RunPaths(folder).seal, with_crc(body))
    return body


@contextlib.contextmanager
def _alone(folder: Path, files: Files, *, shared: bool) -> Iterator[None]:
    """Hold off other writers of the run: a seal that both read, one would write without the other."""
    held, deadline = None, time.monotonic() + _PATIENCE_S
    with contextlib.suppress(OSError):  # then the seal cannot be written either
        while shared and held is None and time.monotonic() < deadline:
            held = claim(folder, "seal", files)
            if held is None:
                time.sleep(0.01)
    try:
        yield
    finally:
        if held is not None:
            held.release()


def reseal(folder: Path, files: Files, *, gone: Collection[str], new: Collection[str]) -> None:
    """Carry the seal over files that were turned into others, every other hash as it was.

    Only in a run of one's own. Tables made of a killed run's files are sealed from then on.
    """
    if grade(folder) != "own":
        return
    body = loads(read_small(RunPaths(folder).seal), "seal.json")
    hashes = {name: digest for name, digest in body["files"].items() if name not in gone}
    hashes |= {name: _blake3(folder / name) for name in new}
    body |= {"files": dict(sorted(hashes.items())), "mac": _mac(folder.name, hashes)}
    files.replace(RunPaths(folder).seal, with_crc(body))


def _is_for(name: str, part_of: tuple[int, int] | None, apart: Collection[tuple[int, int]]) -> bool:
    """Return whether a file is one to seal: of that writer, or else of no other that has a part."""
    part = PartName.parse(name)
    of = (part.rank, part.segment) if part is not None else (0, 1)
    if part_of is not None:
        return of == part_of if part is not None else name.startswith(f"rank{part_of[0]}/")
    if name.startswith(tuple(f"rank{rank}/" for rank, _ in apart if rank)):
        return False
    # Another writer's table never changes again; its lines may.
    return of not in apart or (part is not None and part.ext == "parquet")


def _sealed(folder: Path) -> Iterator[str]:
    """Yield the paths of regular files below the folder, links and open files left out."""
    for parent, folders, names in os.walk(folder, followlinks=False):
        inside = Path(parent).relative_to(folder)
        folders[:] = [name for name in folders if not _UNSEALED.match((inside / name).as_posix())]
        for name in names:
            path = Path(parent, name)
            relative = (inside / name).as_posix()
            live = name.startswith(("heartbeat", ".")) or name.endswith((".tmp", ".claim"))
            if (
                relative not in _OPEN
                and not is_manifest(relative)
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
    if "crc32" in body and not crc_matches(body):
        raise CorruptRecord("seal.json was edited by hand (its checksum does not match).")
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
        return "" if _was_converted(path) else "is missing"
    return "" if _blake3(path) == digest else "is not as it was when the run was sealed"


def _was_converted(path: Path) -> bool:
    """Return whether a finished table stands where a live file and its sums were sealed."""
    name = PartName.parse(path.name)
    return (
        name is not None
        and name.ext in ("jsonl", "sums")
        and path.with_name(name.with_ext("parquet").filename).is_file()
    )
