"""The environment of a run, written into its folder, and what changes of it while the run goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.format.codec import dumps
from runfolio.format.layout import RunPaths

if TYPE_CHECKING:
    from runfolio.capture.program import Program
    from runfolio.model.context import Distribution, Environment, NotCaptured
    from runfolio.record.redaction import Redaction

__all__ = ["Seen", "Surroundings"]

# What others than the interpreter and its libraries wrote.
_TEXTS: Final = ("variables", "container")
# Nothing is installed in less; of cells that are shorter one in a second is looked at.
_MOMENT_S: Final = 0.1
_SECOND: Final = 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at the distributions found changed.

    Attributes
    ----------
    fields : mapping
        Those of the event that tells it.
    now : sequence of Distribution
        What there is.
    stamp : tuple
        Of the folders that they lie in.
    loaded : tuple of str
        Those that the program goes on with as they were.
    """

    fields: Mapping[str, Any]
    now: Sequence[Distribution]
    stamp: tuple[tuple[str, int], ...]
    loaded: tuple[str, ...]


class Surroundings:
    """Writes ``environment/``.

    Parameters
    ----------
    paths : RunPaths
    put : callable
        Gives a file its content.
    redaction : Redaction
    program : Program, optional
        Another program whose environment it is, instead of this process's.

    Attributes
    ----------
    facts : dict
        What the manifest says of it.
    """

    def __init__(
        self,
        paths: RunPaths,
        put: Callable[[Path, bytes], None],
        redaction: Redaction,
        program: Program | None = None,
    ) -> None:
        self._folder = paths.environment
        self._put = put
        self._redaction = redaction
        self._program = program
        self._lock = threading.Lock()
        self._root = Path()
        self._found: Environment | None = None
        # Another Python's folders are not this process's to watch.
        self._watched = False
        self._asked_s = float("-inf")
        self._stamp: tuple[tuple[str, int], ...] = ()
        self._now: Sequence[Distribution] = ()
        self._kept: dict[str, Distribution] = {}
        self._changes: list[dict[str, Any]] = []
        self.facts: dict[str, Any] = {}

    def take(self, cwd: Path) -> NotCaptured | None:
        """Take the environment as it is now.

        Parameters
        ----------
        cwd : Path
            Where the program runs.

        Returns
        -------
        NotCaptured or None
            What is missing of it.
        """
        from runfolio.capture.distributions import path_stamp
        from runfolio.capture.environment import environment
        from runfolio.capture.locks import lock_files

        missing, here = None, self._program is None or self._program.runs_in_this_python
        self._root = settings.project_root(cwd) or cwd
        stamp = path_stamp()
        found = environment(cwd)
        if self._program is not None and not here:
            found, missing = _of_program(self._program, found, self._root)
        told = {name: found.facts[name] for name in _TEXTS if name in found.facts}
        clean = self._redaction.value(told, "the environment")
        found = replace(found, facts=dict(found.facts) | clean)
        with self._lock:
            self._found, self._now, self._stamp = found, found.distributions, stamp
            self._watched = self._program is None
            self._write()
        for name, content in lock_files(cwd).items():
            self._put(self._folder / Path(name).name, self._redaction.data(content, name))
        self.facts["software"] = {
            "runfolio": next(
                (d.version for d in found.distributions if d.name == "runfolio"), None
            ),
            "python": found.facts.get("python"),
            "platform": found.facts.get("platform"),
            "packages": len(found.distributions),
        }
        return missing

    def may_have_changed(self, took_s: float = float("inf")) -> bool:
        """Return whether a folder that distributions lie in was changed since the last look.

        Parameters
        ----------
        took_s : float
            How long the cell took; without it the folders are looked at in any case.
        """
        now = time.monotonic()
        if not self._watched or (took_s < _MOMENT_S and now - self._asked_s < _SECOND):
            return False
        from runfolio.capture.distributions import path_stamp

        self._asked_s = now
        return path_stamp() != self._stamp

    def look_again(self, cell: int | None = None) -> Seen | None:
        """Return what was installed and removed since the last look; one look at a time.

        Parameters
        ----------
        cell : int, optional
            Execution count of the cell that has just ended.

        Returns
        -------
        Seen or None
            For `note`; ``None`` where nothing was.
        """
        with self._lock:
            if not self._watched or self._found is None:
                return None
            was = self._now
        # Imported by then: a thread of its own must not do that where a fork could tear it.
        from runfolio.capture.distributions import installed, path_stamp
        from runfolio.capture.imported import imported_versions
        from runfolio.capture.installs import installs

        # Not under the lock: what lies on a disk that hangs must not keep others from the rest.
        stamp = path_stamp()
        known = {one.name: one for one in was}
        # Of the same installation what was learned beside its metadata still holds.
        now = tuple(
            known[one.name] if _is_same(known.get(one.name), one) else one
            for one in installed(self._root)
        )
        found = installs(was, now, {})
        if not found:
            self._stamp = stamp
            return None
        found = installs(was, now, imported_versions(was))
        fields = {name: value for name, value in asdict(found).items() if value}
        return Seen(({"cell": cell} if cell is not None else {}) | fields, now, stamp, found.loaded)

    def note(self, seen: Seen) -> None:
        """Take in what a look saw, and write it down."""
        with self._lock:
            for one in self._now:
                if one.name in seen.loaded:
                    self._kept.setdefault(one.name, one)
            self._changes.append(dict(seen.fields))
            self._now, self._stamp = seen.now, seen.stamp
            self._write()

    def write_used(self) -> None:
        """Write down what the program has loaded by now: distributions, libraries that compute."""
        from runfolio.capture.imported import imported_versions
        from runfolio.capture.numerics import numerics

        with self._lock:
            if not self._watched:
                return
            installed = self._kept | {one.name: one for one in self._now}
            ran = {one.name: one.version for one in self._now} | {
                one.name: one.version for one in self._kept.values()
            }
        loaded = sorted(imported_versions(installed.values()))
        used = {"distributions": {name: ran[name] for name in loaded}, "numerics": numerics()}
        self._put(self._folder / "used.json", dumps(used, indent=True) + b"\n")

    def _write(self) -> None:
        from runfolio.capture.locks import not_pinned, pins

        if self._found is None:
            return
        # What is in memory counts before what was put in its place on the disk.
        ran = {one.name: one for one in self._now} | self._kept
        at_end = replace(self._found, distributions=tuple(ran.values()))
        missing = [{"what": item.what, "why": item.why} for item in not_pinned(at_end)]
        document = dict(self._found.facts) | {
            "not_pinned": missing,
            "distributions": [_as_json(one) for one in self._found.distributions],
            "changes": self._changes,
        }
        self._put(self._folder / "environment.json", dumps(document, indent=True) + b"\n")
        self._put(self._folder / "requirements.lock", pins(at_end).encode())


def _is_same(known: Distribution | None, one: Distribution) -> bool:
    return known is not None and replace(known, git=None, in_project=False) == one


def _as_json(one: Distribution) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": one.name,
        "version": one.version,
        "kind": one.kind,
        "origin": one.origin,
    }
    if one.in_project:
        said["in_project"] = True
    return said | ({"git": dict(one.git)} if one.git is not None else {})


def _of_program(
    program: Program, known: Environment, root: Path
) -> tuple[Environment, NotCaptured | None]:
    """Return the environment of another program as far as it can be had, and what is missing."""
    from runfolio.capture.interpreter import environment_of
    from runfolio.model.context import NotCaptured

    answer = environment_of(program.interpreter, known, root) if program.interpreter else None
    if answer is not None:
        return answer, None
    what = "could not be asked" if program.interpreter else "is no Python"
    why = f"{program.file.name} {what}; runfolio's own is recorded"
    return known, NotCaptured("the program's environment", why)
