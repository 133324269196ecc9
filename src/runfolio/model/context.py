"""What surrounds a run: code, environment, seeds, cells. Plain data that `capture` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "CellExecution",
    "Distribution",
    "Environment",
    "GitState",
    "NotCaptured",
    "Submodule",
]


@dataclass(frozen=True, slots=True)
class NotCaptured:
    """One thing that was left out of the record, and why.

    Attributes
    ----------
    what, why : str
    bytes : int or None
        How large it is, where it is a file.
    hash : str or None
        blake3 of its content, 32 hex digits.
    not_hashed : str
        Why a file has no hash.
    needed : bool
        Whether the run cannot be repeated without it.
    """

    what: str
    why: str
    bytes: int | None = None
    hash: str | None = None
    not_hashed: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Submodule:
    """A repository within another one.

    Attributes
    ----------
    path : str
        Where it lies, from the top of the outermost repository.
    recorded : str or None
        The commit that the tree around it names; ``None`` for one that is no submodule.
    state : GitState or None
        What it holds itself, its own submodules aside; ``None`` where it is not checked out.
    """

    path: str
    recorded: str | None
    state: GitState | None


@dataclass(frozen=True, slots=True)
class GitState:
    """The code as git sees it, at one moment.

    Attributes
    ----------
    root : str
        Absolute path of the work tree; used while capturing, never written to the record.
    sha, branch : str or None
        ``None`` before the first commit, or with a detached head.
    remote : str or None
        Address of ``origin`` without user name or password.
    dirty : bool
        Whether the work tree differs from `sha`, untracked files included.
    tree : str or None
        Object id of the tree the work tree amounts to (notebooks with outputs stripped).
    patch : bytes
        ``git apply``-able difference from `sha` to that tree, untracked files included,
        changed notebooks left out.
    overlay : mapping of str to bytes
        Path → content of files kept whole beside the patch: changed notebooks, outputs stripped.
    modes : mapping of str to str
        Git's mode of those in `overlay` that are no plain files: ``100755``, ``120000``.
    files_changed : int
        Paths in `patch` and `overlay`.
    changed : mapping of bytes to str
        Path → object id in `tree` of each file in `patch`, an empty one where it is gone; used
        while capturing.
    operation : str or None
        What was going on: ``merge``, ``rebase``, ``cherry-pick``, ``revert``, ``bisect``.
    sparse, lfs : bool
        Whether only a part of the tree is checked out, and whether some files are kept by Git LFS:
        a clone has pointers in their places until they are pulled.
    submodules : tuple of Submodule
    not_captured : tuple of NotCaptured
    """

    root: str
    sha: str | None
    branch: str | None
    remote: str | None
    dirty: bool
    tree: str | None = None
    patch: bytes = b""
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    files_changed: int = 0
    changed: Mapping[bytes, str] = field(default_factory=dict)
    operation: str | None = None
    sparse: bool = False
    lfs: bool = False
    submodules: tuple[Submodule, ...] = ()
    not_captured: tuple[NotCaptured, ...] = ()


@dataclass(frozen=True, slots=True)
class Distribution:
    """One installed distribution.

    Attributes
    ----------
    name, version : str
    kind : str
        ``index``, ``conda``, ``vcs``, ``archive``, ``directory`` or ``editable``; ``unlisted`` for
        one whose files nobody wrote down, as the system's package managers leave them; ``broken``
        for one without readable metadata, known by the name of its folder.
    origin : str or None
        Its address without user name, its place without the folders above the project; ``None``
        for ``index``.
    in_project : bool
        Whether it is an editable one below the project, whose code is the run's own.
    git : mapping or None
        Of an editable one that lies outside of the project: ``sha``, ``remote``, ``dirty`` and
        ``tree``, the object id of what lies there, changes included.
    metadata, folder : str
        Where its metadata lies, and, where it is editable, its code; used while capturing, never
        written to the record.
    """

    name: str
    version: str
    kind: str = "index"
    origin: str | None = None
    in_project: bool = False
    git: Mapping[str, Any] | None = None
    metadata: str = field(default="", compare=False, repr=False)
    folder: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Environment:
    """Interpreter, operating system, hardware and installed distributions.

    ``facts`` is JSON-ready (``python``, ``platform``, ``cpu``, ``memory_bytes``, ``gpus`` …).
    """

    facts: Mapping[str, Any]
    distributions: tuple[Distribution, ...]


@dataclass(frozen=True, slots=True)
class CellExecution:
    """One executed notebook cell; what comes after its status is known from its end on, if at all.

    Attributes
    ----------
    source : str
        The raw text, as the user wrote it (``%%track`` line included).
    hash : str
        blake3 of the UTF-8 source, 32 hex digits.
    order : int
        Position among the cells this kernel executed, from 1; IPython's execution count.
    cell_id : str or None
        The notebook's cell id; ``None`` where the front end sends none.
    started_at_ms : int
        Milliseconds UTC.
    duration_s : float or None
        ``None`` while the cell still runs.
    status : str
        ``running``, ``ok``, ``error``, ``interrupted``, ``stopped`` or ``before-tracking``.
    text_hash : str or None
        Like `hash`, of the source without comments and with its white space normalised.
    run : str or None
        The run that was open; of nested ones the inner.
    error : mapping of str to str
        ``type`` and ``message`` of the exception that ended it.
    outputs : str or None
        blake3 of what it printed and showed, as text; 32 hex digits.
    steps : tuple of (number, number) or None
        First and last step of what it logged to the run whose record this is.
    bound, rebound, changed, deleted : tuple of str
        Names that are new, that were given another object, whose object became another in place,
        and that are gone.
    read : tuple of str
        Names whose value came from before the cell.
    unseen : tuple of str
        Those of them that may have been changed in place: there was no time to look.
    values : mapping of str to mapping
        Name → fingerprint of what it held when the cell ended, where that was new.
    opened, written : tuple of str
        Files that it read and wrote.
    """

    source: str
    hash: str
    order: int
    cell_id: str | None
    started_at_ms: int
    duration_s: float | None
    status: str
    text_hash: str | None = None
    run: str | None = None
    error: Mapping[str, str] = field(default_factory=dict)
    outputs: str | None = None
    steps: tuple[float, float] | None = None
    bound: tuple[str, ...] = ()
    rebound: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    opened: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
