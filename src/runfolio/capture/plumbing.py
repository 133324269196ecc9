"""Running git's plumbing: fixed arguments, nothing inherited, a time limit on every call."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from runfolio.capture.loading import loading

__all__ = ["Answer", "GitFailed", "GitTooSlow", "Plumbing", "unavailable"]

CALL_SECONDS: Final = 5.0
"""No single call takes longer; a git that hangs is killed."""

_PROBE_SECONDS: Final = 2.0
_FORGET_SECONDS: Final = 60.0
_silent: dict[str, float] = {}

# What a working command must not do whatever the repository asks for: wait for a terminal, take
# a lock, fetch, follow replaced objects, expand patterns, read attributes of the system.
_ALWAYS: Final[Mapping[str, str]] = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}
_OPTIONS: Final = (
    "--no-pager",
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "protocol.allow=never",
)  # fmt: skip
_MESSAGE_CHARACTERS: Final = 200


class GitFailed(Exception):
    """A git command ended with an error; the text is the first line of what it said."""


class GitTooSlow(GitFailed):
    """A git command, or all of them together, took longer than allowed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a git command gave: exit status, standard output, the first line of its errors."""

    status: int
    output: bytes
    message: str

    def lines(self) -> list[str]:
        """Return the output as lines of text; bytes that are no UTF-8 as the system's paths."""
        return os.fsdecode(self.output).splitlines()

    def items(self) -> list[bytes]:
        """Return the items of an output that ends each with a zero byte."""
        return self.output.split(b"\0")[:-1]


def unavailable() -> str | None:
    """Return why no code can be captured on this machine, ``None`` where it can.

    Git itself and the package GitPython are looked for; GitPython is imported for it.
    """
    program = shutil.which("git")
    if program is None:
        return "git is not installed"
    if "git" not in sys.modules and not _answers_soon(program):
        return "git does not answer"
    try:
        with loading():
            import git
    except ModuleNotFoundError:
        return "GitPython is not installed: pip install gitpython"
    except ImportError as error:
        # It looks for git by itself, where a variable of its own says.
        return f"GitPython cannot be imported: {_first_line(str(error))}"
    del git
    return None


class Plumbing:
    """Runs git commands in one folder, all together within a time.

    Parameters
    ----------
    cwd : str
        Where the commands run.
    deadline : float
        ``time.monotonic()`` seconds at which no command runs any more.
    variables : mapping, optional
        ``GIT_*`` variables of all commands.
    options : sequence of str, optional
        Put before the command, ``-c`` settings.
    """

    def __init__(
        self,
        cwd: str,
        deadline: float,
        variables: Mapping[str, str] | None = None,
        options: tuple[str, ...] = (),
    ) -> None:
        self.cwd = cwd
        self.deadline = deadline
        self._variables = {**_ALWAYS, **(variables or {})}
        self._prefix = (*_program(), *_OPTIONS, *options)

    def ask(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Answer:
        """Run one command and return its answer, whatever its status.

        Parameters
        ----------
        *arguments : str
            Command and arguments; constants, or object ids that git gave.
        stdin : bytes, optional
        variables : mapping, optional
            Further variables of this call.

        Raises
        ------
        GitTooSlow
            It was killed at the limit, or the limit had passed before.
        GitFailed
            The program cannot be started.
        """
        from git import Git
        from git.exc import CommandError

        seconds = min(CALL_SECONDS, self.deadline - time.monotonic())
        if seconds <= 0:
            raise GitTooSlow("git took too long")
        env = {**self._variables, **(variables or {})}
        command = [*_without_inherited(env), *self._prefix, *arguments]
        options: dict[str, Any] = {
            "env": env,
            "with_extended_output": True,
            "with_exceptions": False,
            "stdout_as_string": False,
            "strip_newline_in_stdout": False,
            "kill_after_timeout": seconds,
            "shell": False,
        }
        began = time.monotonic()
        with contextlib.ExitStack() as stack:
            if stdin is not None:
                options["istream"] = stack.enter_context(tempfile.TemporaryFile())
                options["istream"].write(stdin)
                options["istream"].seek(0)
            try:
                answer: Any = Git(self.cwd).execute(command, **options)
            except (CommandError, OSError) as error:
                raise GitFailed(f"git cannot be run: {type(error).__name__}") from error
        status, output, said = answer
        if status != 0 and time.monotonic() - began >= seconds:
            raise GitTooSlow(f"git {arguments[0]} did not answer within {seconds:.0f} s")
        return Answer(int(status), bytes(output), _first_line(str(said)))

    def run(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Answer:
        """Run one command that has to succeed; see `ask`.

        Raises
        ------
        GitFailed
            Its exit status was not 0.
        """
        answer = self.ask(*arguments, stdin=stdin, variables=variables)
        if answer.status != 0:
            raise GitFailed(f"git {arguments[0]}: {answer.message or f'status {answer.status}'}")
        return answer

    def contents(
        self, ids: Iterable[bytes], variables: Mapping[str, str] | None = None
    ) -> dict[bytes, bytes]:
        """Return the content of each object, read in one call.

        Raises
        ------
        GitFailed
            One of them is missing.
        """
        asked = list(dict.fromkeys(ids))
        if not asked:
            return {}
        stdin = b"\n".join(asked) + b"\n"
        output = self.run("cat-file", "--batch", stdin=stdin, variables=variables).output
        found: dict[bytes, bytes] = {}
        place = 0
        for object_id in asked:
            # Each answer: id, kind and size, a newline, the content, a newline.
            end = output.index(b"\n", place)
            size = output[place:end].split()[-1]
            if not size.isdigit():
                raise GitFailed(f"git has no object {object_id.decode()}")
            found[object_id] = output[end + 1 : end + 1 + int(size)]
            place = end + int(size) + 2
        return found


def _answers_soon(program: str) -> bool:
    """Return whether git answers; where it did not, it is not waited for again at once."""
    now = time.monotonic()
    if now - _silent.get(program, -_FORGET_SECONDS) < _FORGET_SECONDS:
        return False
    if _answers(program):
        return True
    _silent[program] = now
    return False


def _answers(program: str) -> bool:
    # GitPython asks git for its version while it is imported, and would wait for ever.
    try:
        done = subprocess.run(
            [program, "version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _program() -> tuple[str, ...]:
    # Absolute, so that nothing in the folder where it runs can take its place.
    found = shutil.which("git")
    return (os.path.abspath(found),) if found is not None else ("git",)  # noqa: PTH100


def _without_inherited(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command prefix that takes inherited ``GIT_*`` variables away.

    GitPython can add variables to a command's environment, and take none out of it.
    """
    inherited = [name for name in os.environ if name.startswith("GIT_") and name not in variables]
    program = shutil.which("env")
    if not inherited or program is None:
        return ()
    return (program, *(part for name in inherited for part in ("-u", name)))


def _first_line(text: str) -> str:
    for line in text.splitlines():
        if line.strip():
            return line.strip()[:_MESSAGE_CHARACTERS]
    return ""
