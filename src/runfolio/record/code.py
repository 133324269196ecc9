"""The code of a run, written into its folder: what git tells, and what git does not hold."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from runfolio.capture.script import main_file, source
from runfolio.format.codec import dumps
from runfolio.format.joined_modules import joined_parts, table_of
from runfolio.format.layout import RunPaths

if TYPE_CHECKING:
    from runfolio.capture.module_files import ModuleFile, ModuleFiles, Root
    from runfolio.capture.program import Program
    from runfolio.model.context import GitState, NotCaptured, Submodule
    from runfolio.record.redaction import Redaction

__all__ = ["CodeRecord"]

IMPORTS: Final = "what the program imports"


class CodeRecord:
    """Writes ``code/``, all but the executed cells.

    Parameters
    ----------
    paths : RunPaths
    put : callable
        Gives a file its content.
    redaction : Redaction
    program : Program, optional
        Another program whose code it is, instead of this process's.

    Attributes
    ----------
    facts : dict
        What the manifest says of it.
    not_captured : list of NotCaptured
        What is missing, of the environment as well.
    """

    def __init__(
        self,
        paths: RunPaths,
        put: Callable[[Path, bytes], None],
        redaction: Redaction,
        program: Program | None = None,
    ) -> None:
        self._folder = paths.code
        self._put = put
        self._redaction = redaction
        self._program = program
        # Now: a script's end comes before that of the capture, and takes its name away.
        self._script = main_file() if program is None else program.script
        if self._script is not None:
            self._script = self._script.absolute()
        self._modules: ModuleFiles | None = None
        self._roots: dict[str, Root] = {}
        self._table: list[dict[str, Any]] = []
        self._told_missing: list[dict[str, Any]] = []
        self.facts: dict[str, Any] = {}
        self.not_captured: list[NotCaptured] = []

    def home(self, cwd: Path) -> Path:
        """Return the folder around which the code is: the script's, wherever it was started from.

        Parameters
        ----------
        cwd : Path
            Where the program runs: all that is known of one without a script.
        """
        from runfolio.capture.git import quick
        from runfolio.capture.modules import is_elsewhere

        script = self._script
        if script is None or is_elsewhere(str(script)):
            return cwd
        if quick(script.parent) is not None:
            return script.parent
        # A script from nowhere may work with the repository that its user is in.
        return cwd if cwd in script.parents or quick(cwd) is not None else script.parent

    def take(self, home: Path, ignore: Sequence[str]) -> None:
        """Take the code as it is now, and the modules that were imported so far.

        Parameters
        ----------
        home : Path
            A folder of the code; see `home`.
        ignore : sequence of str
            What is not code: the store, the project's journal.
        """
        from runfolio.capture import git, snapshot
        from runfolio.capture.module_files import ModuleFiles
        from runfolio.capture.snapshot import UNCOMMITTED
        from runfolio.model.context import NotCaptured

        with self._noting("part of the code"):
            why = git.unavailable()
            state = snapshot.snapshot(home, ignore=ignore) if why is None else None
        hidden: list[str] = []
        if state is None:
            known = git.quick(home) if why else None
            missing = UNCOMMITTED if known and known.sha else "code under version control"
            reason = why if known and why else "no git repository"
            self.not_captured.append(NotCaptured(missing, reason))
            self._keep_what_is_known(known)
            home = Path(known.root) if known else home
        else:
            hidden = self.write_git(state)
            self.not_captured += state.not_captured
        if self._program is None:
            self._modules = ModuleFiles(home, state, hidden, self._script, ignore)
        elif state is None:
            self._write_script()
            why = "nobody in another program was asked, and no git repository holds it"
            self.not_captured.append(NotCaptured(IMPORTS, why))
        self.write_not_captured()
        self.take_modules()

    def take_modules(self) -> None:
        """Take the modules that were imported since, or again with another content."""
        if self._modules is None:
            return
        from runfolio.capture.modules import was_imported

        before = len(self._table)
        with self._noting("part of the imported modules"):
            for file in self._modules.look():
                self._copy(file)
        reloaded = [entry for entry in self._table
                    if "edited" in entry and was_imported(entry["modules"][0], entry["hash"])]  # fmt: skip
        for entry in reloaded:
            del entry["edited"]
        if reloaded or len(self._table) > before:
            self._write_table()
        if self._as_missing() != self._told_missing:
            self.write_not_captured()

    def finish(self) -> None:
        """Take what came since, as the run ends: of another program, what its processes kept."""
        if self._program is None:
            self.take_modules()
            return
        kept = joined_parts(self._folder.parent)
        if not kept:
            return
        if any(one.is_program and one.whole for one in kept):
            self.not_captured = [one for one in self.not_captured if one.what != IMPORTS]
        self.not_captured += [one for part in kept for one in part.left_out]
        self._write("modules.json", table_of(kept))
        self.write_not_captured()

    def _write_table(self) -> None:
        self._write("modules.json", self._as_table())

    def _as_table(self) -> dict[str, Any]:
        roots = [_root_facts(root) for root in self._roots.values()]
        return {"roots": roots, "modules": self._table}

    @contextlib.contextmanager
    def _noting(self, what: str) -> Iterator[None]:
        """Have it in the record that something is missing, if the block raises."""
        from runfolio.model.context import NotCaptured

        try:
            yield
        except Exception as error:
            self.not_captured.append(NotCaptured(what, f"{type(error).__name__}: {error}"))
            self.write_not_captured()
            raise

    def write_not_captured(self) -> None:
        """Write what is missing, and why."""
        self._told_missing = self._as_missing()
        self._write("not_captured.json", self._told_missing)

    def _as_missing(self) -> list[dict[str, Any]]:
        missing = [*self.not_captured, *(self._modules.left_out if self._modules else ())]
        return [_told(item) for item in missing]

    def write_git(self, state: GitState) -> list[str]:
        """Write what git holds; return the paths that the patch leaves out for their secrets."""
        inner = [
            self._write_submodule(number, one) for number, one in enumerate(state.submodules, 1)
        ]
        self._write("git.json", {
            **_git_facts(state), "operation": state.operation, "sparse": state.sparse,
            "lfs": state.lfs, "submodules": inner,
        })  # fmt: skip
        states = [state, *(one.state for one in state.submodules if one.state is not None)]
        self.facts["git"] = {
            "sha": state.sha,
            "branch": state.branch,
            "remote": state.remote,
            "dirty": any(one.dirty for one in states),
            "files_changed": sum(one.files_changed for one in states),
        }
        return self._write_changes(self._folder, state, "")

    def source(self) -> str | None:
        """Return the text of the script that runs; ``None`` where there is none."""
        return source(self._script)

    def _write_script(self) -> None:
        """Keep another program's text where no version control does."""
        text = self.source()
        if text is not None and self._script is not None:
            clean = self._redaction.data(text.encode(), f"the script {self._script.name}")
            self._put(self._folder / "script" / self._script.name, clean)

    def _keep_what_is_known(self, state: GitState | None) -> None:
        """Note commit, branch and remote where git itself could not be asked for the rest."""
        if state is not None:
            known = {"sha": state.sha, "branch": state.branch, "remote": state.remote}
            self._write("git.json", known)
            self.facts["git"] = known

    def _write_submodule(self, number: int, submodule: Submodule) -> dict[str, Any]:
        facts: dict[str, Any] = {"path": submodule.path, "recorded": submodule.recorded}
        state = submodule.state
        if state is None:
            return facts
        facts |= _git_facts(state)
        if state.patch or state.overlay:
            facts["folder"] = f"submodules/{number}"
            self._write_changes(self._folder / facts["folder"], state, f"{submodule.path}/")
        return facts

    def _write_changes(self, folder: Path, state: GitState, within: str) -> list[str]:
        from runfolio.model.context import NotCaptured

        left_out: list[str] = []
        if state.patch:
            patch, left_out = self._redaction.patch(state.patch)
            self._put(folder / "uncommitted.patch", patch)
        why = "its name, or a line that the patch does not add, holds what looks like a secret"
        self.not_captured += [NotCaptured(f"{within}{file}", why) for file in left_out]
        for name, content in state.overlay.items():
            if ".." not in Path(name).parts and not Path(name).is_absolute():
                clean = self._redaction.notebook(content, f"the notebook {within}{name}")
                self._put(folder / "overlay" / name, clean)
        return left_out

    def _copy(self, file: ModuleFile) -> None:
        import blake3

        is_script = "__main__" in file.modules
        digest = blake3.blake3(file.content).hexdigest()[:32]
        stored = self._stored(file, digest)
        clean = file.content
        if b"\0" not in clean:  # compiled: no text
            name = PurePosixPath(file.path).name if is_script else file.modules[0]
            what = "script" if is_script else "module"
            clean = self._redaction.data(clean, f"the {what} {name}")
        self._put(self._folder / PurePosixPath(stored), clean)
        self._roots[file.root.name] = file.root
        entry = {
            "modules": list(file.modules), "root": file.root.name, "path": file.path,
            "entry": file.entry, "file": stored, "bytes": len(file.content),
            "hash": digest,
        }  # fmt: skip
        if not file.as_imported:
            entry["edited"] = True
        if clean != file.content:
            entry["redacted"] = True
        self._table.append(entry)

    def _stored(self, file: ModuleFile, digest: str) -> str:
        """Return where the copy of a file goes, below ``code/``."""
        del digest
        relative = f"modules/{file.root.name}/{file.path}"
        if "__main__" in file.modules:
            relative = f"script/{PurePosixPath(file.path).name}"
        # One that was imported again with another content stands beside the first.
        versions = sum(entry["root"] == file.root.name and entry["path"] == file.path
                       for entry in self._table)  # fmt: skip
        return f"{relative}.{versions + 1}" if versions else relative

    def _write(self, name: str, value: Any) -> None:
        self._put(self._folder / name, dumps(value, indent=True) + b"\n")


def _git_facts(state: GitState) -> dict[str, Any]:
    return {
        "sha": state.sha, "branch": state.branch, "remote": state.remote, "dirty": state.dirty,
        "tree": state.tree, "files_changed": state.files_changed,
        "overlay": sorted(state.overlay), "modes": dict(state.modes),
    }  # fmt: skip


def _root_facts(root: Root) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": root.name, "kind": root.kind}
    if root.kind == "repository":
        facts |= {"sha": root.sha, "branch": root.branch, "remote": root.remote}
    return facts


def _told(item: NotCaptured) -> dict[str, Any]:
    told: dict[str, Any] = {"what": item.what, "why": item.why}
    if item.bytes is not None:
        told["bytes"] = item.bytes
    if item.hash is not None:
        told["hash"] = item.hash
    elif item.not_hashed:
        told["not_hashed"] = item.not_hashed
    if not item.needed:
        told["needed"] = False
    return told
