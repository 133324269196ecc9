"""Code, environment and seeds of a run, captured in the background and put into its folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio.capture.loading import load
from runfolio.capture.opened import unnoticed
from runfolio.format.codec import dumps
from runfolio.format.holdings import INSTALLED
from runfolio.format.layout import RunPaths
from runfolio.model.ports import Files
from runfolio.record.aside import Aside
from runfolio.record.code import CodeRecord
from runfolio.record.guard import guard
from runfolio.record.patience import Begun
from runfolio.record.surroundings import Surroundings
from runfolio.record.values import plain

if TYPE_CHECKING:
    from runfolio.capture.generators import State
    from runfolio.capture.program import Program
    from runfolio.capture.state_history import StateChange
    from runfolio.record.joined_code import JoinedCode
    from runfolio.record.redaction import Redaction

__all__ = ["Snapshot"]

# All that the threads of a capture import, here and later; GitPython is imported where git is known
# to answer. The modules of the standard library are those that others import inside of functions.
_NEEDED_FOR_SEEDS: Final = ("blake3", "runfolio.capture.generators", "runfolio.capture.seed_calls")
_NEEDED: Final = (
    *_NEEDED_FOR_SEEDS,
    "ctypes.util",
    "glob",
    "importlib.util",
    "platformdirs",
    "psutil",
    "pynvml",
    "threadpoolctl",
    "runfolio.capture.environment",
    "runfolio.capture.imported",
    "runfolio.capture.installs",
    "runfolio.capture.locks",
    "runfolio.capture.module_files",
    "runfolio.capture.secrets.patches",
    "runfolio.capture.snapshot",
)

# What cells changed is noted in milliseconds.
_ASIDE_S: Final = 0.5


class Snapshot:
    """Captures once, in a thread of its own, so that ``init`` returns at once.

    Parameters
    ----------
    paths : RunPaths
    files : Files
    cwd : Path
        Where the program runs.
    ignore : sequence of Path
        What is not code: the store, the project's journal.
    done : callable
        Told when `facts` are complete.
    event : callable
        Takes an event: ``event(kind, **fields)``.
    redaction : Redaction
        Takes the secrets out of what is written.
    program : Program, optional
        Another program whose text and environment are captured instead of this process's.
    seeds_file : Path, optional
        Where the seeds are written if nothing but them is captured: in a process that joined.
    joined_code : JoinedCode, optional
        Takes what such a process imported, where it joined the run of a command.
    """

    def __init__(
        self,
        paths: RunPaths,
        files: Files,
        cwd: Path,
        ignore: list[str],
        done: Callable[[], None],
        event: Callable[..., object],
        redaction: Redaction,
        *,
        program: Program | None = None,
        seeds_file: Path | None = None,
        joined_code: JoinedCode | None = None,
    ) -> None:
        self._program = program
        self._joined = seeds_file is not None
        self._takes_code = seeds_file is None or joined_code is not None
        self._seeds_file = seeds_file or paths.seeds
        self._paths = paths
        self._files = files
        self._cwd = cwd
        # Relative ones are meant from here as well, wherever the code is.
        self._ignore = [*ignore, *(str(cwd / path) for path in ignore)]
        self._done = done
        self.facts: dict[str, Any] = {}
        self._code = joined_code or CodeRecord(paths, self._put, redaction, program)
        self._surroundings = Surroundings(paths, self._put, redaction, program)
        self._event = event
        self._aside = Aside("recording what a cell changed")
        self._at_start: Mapping[str, State] = {}
        self._known_seeds: Mapping[str, Any] = {}
        # What is set may grow while the run goes on: cells are executed one after the other.
        self._lock = threading.Lock()
        # Held while a state is written, and while what was captured is sealed: no file is half there.
        self._writing = threading.Lock()
        # One look after the other; and whether what they find may still be told.
        self._looking = threading.Lock()
        self._telling = threading.Lock()
        self._tells = True
        self._last_look: Begun[bool] | None = None
        self._seeds_set: dict[str, Any] = {}
        self._states: dict[str, str] | None = None
        self._thread: threading.Thread | None = None

    def start(self, namespace: Mapping[str, Any] | None = None) -> None:
        """Take the generator states now, and everything slower in the background."""
        with guard("capturing the seeds"):
            self._take_states(namespace)
        thread = threading.Thread(target=self._run, name="runfolio-capture", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self._run()
        else:
            self._thread = thread

    def wait(self, timeout_s: float) -> bool:
        """Return whether the capture is complete, waiting for it at most so long."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout_s)
            return not self._thread.is_alive()
        return True

    @unnoticed()
    def take_modules(self) -> None:
        """Take in the local modules that were imported since the capture; after it is done."""
        if self._takes_code:
            self._code.finish()

    def look_at_environment(self, cell: int, took_s: float) -> None:
        """Take in what a cell installed and removed; beside the next cell, where it did."""
        if self._surroundings.may_have_changed(took_s):
            self._aside.add(lambda: self._look_at_environment(cell))

    def begin_last_look(self) -> None:
        """Begin to look at what was installed and removed since the last look."""
        self._last_look = Begun(self._look_last)

    def end_looks(self, timeout_s: float) -> None:
        """Wait at most so long for the last look, and for what comes later tell nothing any more.

        Where it is not done the record says so: what is not in the log must not be in the files.
        """
        look = self._last_look
        if look is None:
            return
        try:
            look.result(timeout_s)
        finally:
            in_time = self._telling.acquire(timeout=timeout_s)
            self._tells = False
            if in_time:
                self._telling.release()
        if not look.is_done and (look.started or self._surroundings.may_have_changed()):
            self._miss_last_look(timeout_s)

    def _look_last(self) -> bool:
        self._aside.wait(_ASIDE_S)  # what a cell installed is told with the cell
        self._look_at_environment(None)
        return True

    def _miss_last_look(self, timeout_s: float) -> None:
        from runfolio.model.context import NotCaptured

        why = f"the last look took longer than {timeout_s:g} s"
        with self._writing:
            self._code.not_captured.append(NotCaptured(INSTALLED, why))
            self._code.write_not_captured()
            self._done()

    @unnoticed()
    def _look_at_environment(self, cell: int | None) -> None:
        with self._looking:
            seen = self._surroundings.look_again(cell)
            if seen is None:
                return
            # The log first: it takes no disk, and what it does not hold is not noted.
            with self._telling:
                if not self._tells:
                    return
                self._event("environment", **seen.fields)
            with self._writing:
                self._surroundings.note(seen)
                self._done()

    @unnoticed()
    def write_used(self) -> None:
        """Write down what the program has loaded by now; after the capture is done."""
        self._surroundings.write_used()

    def add_states(self, change: StateChange) -> None:
        """Take in generator states that a cell found changed; each content is one file."""
        self._aside.add(lambda: self._write_states(change))

    def finish_states(self, timeout_s: float) -> bool:
        """Return whether all states are written and told, waiting for it at most so long."""
        return self._aside.wait(timeout_s)

    def _take_states(self, namespace: Mapping[str, Any] | None) -> None:
        from runfolio.capture.generators import generator_states
        from runfolio.capture.held_generators import held_generators
        from runfolio.capture.seeds import known_seeds

        # Of another program's generators nothing is known here.
        if self._program is None:
            self._at_start = generator_states(namespace, held=held_generators(namespace or {}))
            self._known_seeds = known_seeds()

    @unnoticed()
    def _run(self) -> None:
        # The training has just started on the same cores: let it have the first moments.
        time.sleep(0.01)
        load(_NEEDED if self._takes_code else _NEEDED_FOR_SEEDS)
        steps = {
            "looking at imported modules": self._takes_code and self._look_at_imports,
            "capturing the code": self._takes_code and self._take_code,
            "capturing the environment": not self._joined and self._environment,
            "recording the seeds": self._seeds,
        }
        for doing, step in steps.items():
            with guard(doing):
                if step:
                    step()
        with guard("sealing what was captured"), self._writing:
            self._done()

    def add_seeds(self, values: Mapping[str, Any]) -> None:
        """Take in seeds that were set since; from any thread, before the capture is done or after.

        Parameters
        ----------
        values : mapping of str to value
            Source → seed: ``numpy``, ``torch`` …
        """
        with self._lock:
            before = dict(self._seeds_set)
            self._seeds_set |= plain(values)
            if self._states is not None and before != self._seeds_set:
                self.facts["seeds"] = dict(self._seeds_set)
                self._aside.add(self._write_seeds_anew)

    def _look_at_imports(self) -> None:
        from runfolio.capture.modules import look_at_imports

        if self._program is None:
            look_at_imports()

    def _take_code(self) -> None:
        self._code.take(self._code.home(self._cwd), self._ignore)
        self.facts |= self._code.facts

    def _environment(self) -> None:
        missing = self._surroundings.take(self._code.home(self._cwd))
        self.facts |= self._surroundings.facts
        if missing is not None:
            self._code.not_captured.append(missing)
            self._code.write_not_captured()

    def _seeds(self) -> None:
        from runfolio.capture.generators import as_json
        from runfolio.capture.seed_calls import seeds_in_source

        taken = self._at_start.items()
        states = {generator: self._put_state(as_json(state)) for generator, state in taken}
        in_source = seeds_in_source(self._code.source() or "")
        with self._lock:
            self._seeds_set = plain({**in_source, **self._known_seeds}) | self._seeds_set
            self._states = states
            self.facts["seeds"] = dict(self._seeds_set)
        self._write_seeds()

    def _put_state(self, state: Mapping[str, Any]) -> str:
        import blake3

        content = dumps(state, indent=True) + b"\n"
        path = self._paths.rng / f"{blake3.blake3(content).hexdigest()[:32]}.json"
        with self._writing:
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                # As it is: random bits look like a secret, and hold none.
                self._files.put(path, content)
        return path.relative_to(self._paths.root).as_posix()

    def _write_states(self, change: StateChange) -> None:
        states = {
            generator: self._put_state(state) if state is not None else None
            for generator, state in change.states.items()
        }
        more = {"began": True} if change.began else {}
        self._event("rng", cell=change.cell, states=states, **more)

    def _write_seeds_anew(self) -> None:
        with self._writing:
            self._write_seeds()
            self._done()

    def _write_seeds(self) -> None:
        self._write(self._seeds_file, {"set": self.facts["seeds"], "states": self._states or {}})

    def _write(self, path: Path, value: Any) -> None:
        self._put(path, dumps(value, indent=True) + b"\n")

    def _put(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not synced one by one: the seal at the end names what has to be there.
        self._files.put(path, content)
