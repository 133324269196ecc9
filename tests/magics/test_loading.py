"""Loading and unloading the extension, in shells of this process and in a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from tests.shells import shell_here

from runfolio.magics.load import load_ipython_extension, unload_ipython_extension
from runfolio.record.session import session


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    with shell_here() as shell:
        yield shell
        unload_ipython_extension()


def parts(shell: Any) -> dict[str, Any]:
    """Return everything the extension could have left in a shell or in the session."""
    return {
        "events": {name: list(found) for name, found in shell.events.callbacks.items()},
        "transformers": list(shell.input_transformers_cleanup),
        "tokens": list(shell.input_transformer_manager.token_transformers),
        "magics": [("track" in shell.magics_manager.magics[kind]) for kind in ("line", "cell")],
        "completion": list(shell.strdispatchers["complete_command"].strs),
        "names": set(shell.user_ns),
        "stop": (shell.custom_exceptions, shell.CustomTB),
        "session": (list(session.opening), list(session.opened), session.in_notebook),
    }


def test_unloading_leaves_nothing_behind(shell: InteractiveShell) -> None:
    before = parts(shell)
    load_ipython_extension(shell)
    assert parts(shell) != before
    unload_ipython_extension(shell)

    assert parts(shell) == before


def test_loading_twice_is_loading_once(shell: InteractiveShell) -> None:
    load_ipython_extension(shell)
    once = parts(shell)
    load_ipython_extension(shell)

    assert parts(shell) == once


def test_unloading_what_was_never_loaded_is_harmless(shell: InteractiveShell) -> None:
    before = parts(shell)
    unload_ipython_extension(shell)

    assert parts(shell) == before


def test_verbs_are_completed(shell: InteractiveShell) -> None:
    load_ipython_extension(shell)
    with provisionalcompleter():
        verbs = {found.text for found in shell.Completer.completions("%track st", 9)}
        later = {found.text for found in shell.Completer.completions("%track rm st", 12)}

    assert {"start", "stop", "status"} <= verbs
    assert "start" not in later


def test_a_terminal_shows_text(tmp_path: Path) -> None:
    lines = (
        "%load_ext runfolio\n"
        "%%track typed -c lr=0.1\nimport runfolio\nrunfolio.log({'a': 1})\n\n\n"
        "%track status\n"
        "exit\n"
    )
    environment = os.environ | {
        "RUNFOLIO_DIR": str(tmp_path / "folio"), "RUNFOLIO_CAPTURE": "false",
        "IPYTHONDIR": str(tmp_path),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"],
        input=lines, check=True, capture_output=True, text=True, timeout=60, env=environment, cwd=tmp_path,
    )  # fmt: skip

    assert "typed" in done.stdout
    assert "No run is open in this process." in done.stdout
    assert "Error" not in done.stdout + done.stderr
