"""Which files this process and its children opened, heard from Python's audit events.

An audit hook cannot be taken out again: it is put in when the first run begins, or when a notebook
is followed from cell to cell, and looks away while neither is so.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from runfolio.capture.data_paths import is_data, is_worth_noting

__all__ = ["ENVIRONMENT", "Opened", "Place", "Sighting", "begin", "end", "follow", "heard",
           "is_listening", "join_parent", "mark", "note", "sightings", "since", "spool", "unfollow",
           "unnoticed"]  # fmt: skip

ENVIRONMENT: Final = "RUNFOLIO_OPENED"
"""Names the file to which child processes append what they open."""

_MAX_NOTED: Final = 100_000
_MAX_TOLD: Final = 100
_MAX_SPOOLED: Final = 16 << 20
# Each epoch may have workers of its own, which open everything anew.
_MAX_SPOOL: Final = 64 << 20
_WRITING: Final = os.O_WRONLY | os.O_RDWR
_NEW: Final = os.O_CREAT | os.O_TRUNC

# One letter each: how it was seen.
READ, NAMED, MAYBE, WRITTEN = "r", "n", "a", "w"


@dataclass(frozen=True, slots=True)
class Opened:
    """Files that were opened in a stretch of time, as absolute paths, each once."""

    read: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """One path, seen for the first time in one way.

    Attributes
    ----------
    path : str
        Absolute; links are not followed.
    how : str
        ``opened`` by a call that Python hears of, ``named`` in the call of a library that opens
        files by itself, ``maybe``: named on the command line of another program, or ``written``.
    child : bool
        Whether a child process saw it.
    """

    path: str
    how: str
    child: bool = False


@dataclass(slots=True)
class Place:
    """How far one listener has read: in the log of this process, and in that of its children."""

    log: int
    spool: int


_HOWS: Final = {READ: "opened", NAMED: "named", MAYBE: "maybe", WRITTEN: "written"}


class _State:
    """What the hook looks at; one object of a process, its parts replaced and never locked."""

    def __init__(self) -> None:
        self.installed = False
        self.runs = 0
        self.follows = False
        self.log: list[tuple[str, str]] = []
        self.base = 0
        self.dropped = 0
        self.read: set[str] = set()
        self.written: set[str] = set()
        self.unnoticed: set[int] = set()
        self.told: set[bytes] = set()
        self.spool: str | None = None
        self.own_spool = False
        self.inherited: str | None = None
        self.fd: int | None = None
        self.is_child = False


_now = _State()


def begin() -> Place:
    """Listen from now on, and return where the logs stand; each needs its `end`."""
    state = _now
    if not state.runs:
        if not state.follows:
            _forget_log()
        _open_spool()
    state.told = set()
    state.runs += 1
    _install()
    return Place(mark(), _spool_size())


def follow() -> None:
    """Listen between runs, too: what the cells of a notebook open, each from its own `mark` on."""
    _now.follows = True
    _install()


def unfollow() -> None:
    """Listen to runs only."""
    _now.follows = False


def is_listening() -> bool:
    """Return whether anybody in this process, or its parent, wants to know what is opened."""
    return bool(_now.runs) or _now.follows or _now.is_child


def end() -> None:
    """Listen no longer for one who began to; the last one takes what was put up down."""
    state = _now
    state.runs = max(state.runs - 1, 0)
    if state.runs:
        return
    state.read, state.written, state.told = set(), set(), set()
    if state.own_spool and state.spool is not None:
        if os.environ.get(ENVIRONMENT) == state.spool:
            del os.environ[ENVIRONMENT]
        with contextlib.suppress(OSError):
            os.unlink(state.spool)  # noqa: PTH108 - text as it is in the environment
    state.spool, state.own_spool = state.inherited, False
    state.is_child = state.inherited is not None
    if state.inherited is not None:
        os.environ[ENVIRONMENT] = state.inherited


def mark() -> int:
    """Return where the log stands; what is opened from here on is noted again."""
    state = _now
    state.read, state.written = set(), set()
    if not state.runs:
        _forget_log()
    return state.base + len(state.log)


def _forget_log() -> None:
    state = _now
    state.base += len(state.log)
    state.log, state.dropped = [], 0


def since(begun: int) -> Opened:
    """Return the data that this process opened since a `mark`, at most 100 files of each kind."""
    read: dict[str, None] = {}
    written: dict[str, None] = {}
    for path, how in _now.log[max(begun - _now.base, 0) :]:
        if how in (READ, NAMED, WRITTEN) and is_data(path):
            (written if how == WRITTEN else read)[path] = None
    return Opened(tuple(list(read)[:_MAX_TOLD]), tuple(list(written)[:_MAX_TOLD]))


def heard(begun: int) -> list[Sighting]:
    """Return all that this process was heard to read since a `mark`, data or not, in order."""
    return [
        Sighting(path, _HOWS[how])
        for path, how in _now.log[max(begun - _now.base, 0) :]
        if how in (READ, NAMED)
    ]


def sightings(place: Place) -> tuple[list[Sighting], int]:
    """Return what was seen since, here and in child processes, and how much was not kept in all.

    Parameters
    ----------
    place : Place
        What `begin` returned; it moves on.
    """
    log = _now.log[max(place.log - _now.base, 0) :]
    place.log = max(place.log, _now.base) + len(log)
    seen = [*(Sighting(path, _HOWS[how]) for path, how in log), *_of_children(place)]
    return seen, _now.dropped + (_spool_size() >= _MAX_SPOOL)


def note(paths: Iterable[object], how: str = NAMED) -> None:
    """Take in paths that a library is about to open by itself."""
    with contextlib.suppress(Exception):
        if is_listening():
            for path in paths:
                _take(path, how)


@contextlib.contextmanager
def unnoticed() -> Iterator[None]:
    """Let what this thread opens in the block go unnoticed: it is runfolio that reads."""
    me = threading.get_ident()
    if me in _now.unnoticed:
        yield
        return
    _now.unnoticed.add(me)
    try:
        yield
    finally:
        _now.unnoticed.discard(me)


def spool() -> str | None:
    """Return the file to which child processes tell what they open; ``None`` where nobody listens."""
    return _now.spool if is_listening() else None


def join_parent(asked: str | None = None) -> None:
    """Tell the parent process what is opened here, if it asked for it.

    Parameters
    ----------
    asked : str, optional
        The file to tell it to; without it the one that the environment names.
    """
    told_to = asked or os.environ.get(ENVIRONMENT)
    if told_to and not _now.runs:
        _close_fd()
        _now.spool, _now.inherited, _now.is_child = told_to, told_to, True
        os.environ[ENVIRONMENT] = told_to
        _install()


def _install() -> None:
    if not _now.installed:
        _now.installed = True
        sys.addaudithook(_hear)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_after_fork)


def _after_fork() -> None:
    state = _now
    state.follows = False
    if state.runs:
        # What the parent saw before is in its own log already.
        state.runs, state.own_spool, state.is_child = 0, False, True
        state.inherited, state.log, state.fd, state.unnoticed = state.spool, [], None, set()


def _open_spool() -> None:
    import tempfile

    with contextlib.suppress(OSError):
        fd, path = tempfile.mkstemp(prefix="runfolio-opened-")
        os.close(fd)
        _close_fd()
        _now.spool, _now.own_spool, _now.is_child = path, True, False
        os.environ[ENVIRONMENT] = path


def _close_fd() -> None:
    if _now.fd is not None:
        with contextlib.suppress(OSError):
            os.close(_now.fd)
        _now.fd = None


def _hear(event: str, args: tuple[Any, ...]) -> None:
    """Take in an audit event; on the path of every call that Python reports, and never failing."""
    # The one event that some code raises a million times a second is not even looked up.
    if event == "builtins.id" or event not in _HEARD:
        return
    state = _now
    if not (state.runs or state.follows or state.is_child):
        return
    try:
        if event == "open":
            path, _, flags = args
            if path not in state.read or flags & _WRITING:
                _opened(path, flags)
        else:
            _OTHERS[event](args)
    except Exception:  # noqa: BLE001, S110 - it would rise out of the user's own `open`
        pass


def _opened(path: Any, flags: int) -> None:
    if threading.get_ident() in _now.unnoticed:
        return  # nor is it remembered: the program may open the same file next
    if not flags & (os.O_WRONLY | _NEW) and path not in _now.read:
        _remember(path, _now.read)
        _take(path, READ)
    # What is opened for both was there before: it is read first.
    if flags & _WRITING and path not in _now.written:
        _remember(path, _now.written)
        _take(path, WRITTEN)


def _remember(path: Any, among: set[str]) -> None:
    if len(among) < _MAX_NOTED:
        among.add(path)


def _connected(args: Sequence[Any]) -> None:
    path = os.fsdecode(args[0])
    if path.startswith("file:"):
        from urllib.parse import unquote

        path = unquote(path.removeprefix("file:").partition("?")[0].removeprefix("//"))
    if path and not path.startswith(":"):
        _take(path, READ)


def _started(args: Sequence[Any]) -> None:
    command = args[1]
    words = [command] if isinstance(command, (str, bytes, os.PathLike)) else list(command)
    for word in words[1:1000]:
        _take(word, MAYBE)


def _moved(_: Sequence[Any]) -> None:
    # A relative path means another file from now on.
    _now.read, _now.written = set(), set()


def _renamed(args: Sequence[Any]) -> None:
    _take(args[1], WRITTEN)


_OTHERS: Final = {
    "sqlite3.connect": _connected,
    "subprocess.Popen": _started,
    "os.chdir": _moved,
    "os.rename": _renamed,
}
_HEARD: Final = frozenset({"open", *_OTHERS})


def _take(path: Any, how: str) -> None:
    """Note a path that was not seen in this way before."""
    if threading.get_ident() in _now.unnoticed or isinstance(path, int):
        return
    text = os.fsdecode(path)
    if not os.path.isabs(text) or "/." in text:  # noqa: PTH117
        text = os.path.abspath(text)  # noqa: PTH100 - links stay
    if not is_worth_noting(text):
        return
    if _now.is_child:
        _tell(text, how)
    elif len(_now.log) < _MAX_NOTED:
        _now.log.append((text, how))
    else:
        _now.dropped += 1


def _tell(path: str, how: str) -> None:
    if _now.spool is None:
        return
    me = threading.get_ident()
    _now.unnoticed.add(me)
    try:
        if _now.fd is None:
            _now.fd = os.open(_now.spool, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        word = os.fsencode(f"{how}{path}")
        if word not in _now.told and os.fstat(_now.fd).st_size < _MAX_SPOOL:
            # One write, appended: lines of several processes do not mix.
            os.write(_now.fd, word + b"\0")
    finally:
        _now.unnoticed.discard(me)


def _spool_size() -> int:
    with contextlib.suppress(OSError):
        return os.stat(_now.spool).st_size if _now.spool is not None else 0  # noqa: PTH116
    return 0


def _of_children(place: Place) -> list[Sighting]:
    if not _now.own_spool or _now.spool is None:
        return []
    with contextlib.suppress(OSError), unnoticed(), open(_now.spool, "rb") as spool:  # noqa: PTH123
        spool.seek(place.spool)
        content = spool.read(_MAX_SPOOLED)
        # What stands behind the last end is still being written.
        words = content[: content.rfind(b"\0") + 1].split(b"\0")[:-1]
        place.spool += content.rfind(b"\0") + 1
        # Workers that are forked from here on need not tell it again.
        _now.told.update(words)
        return [
            Sighting(os.fsdecode(word[1:]), _HOWS.get(chr(word[0]), "opened"), child=True)
            for word in dict.fromkeys(words)
            if len(word) > 1
        ]
    return []
