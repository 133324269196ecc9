"""The command in a real (pseudo-)terminal: colours, width, questions."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from runfolio.record.api import init

pty = pytest.importorskip("pty", reason="no pseudo-terminals here")
fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def in_terminal(*words: str, answer: str = "", columns: int = 100, **env: str) -> str:
    """Run the command in a terminal of that width and return what it shows."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    given = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
    process = subprocess.Popen([sys.executable, "-m", "runfolio", *words], stdin=theirs,
                               stdout=theirs, stderr=theirs,
                               env=given | {"TERM": "xterm"} | env)  # fmt: skip
    os.close(theirs)
    os.write(ours, answer.encode())
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # the other end was closed
        pass
    process.wait(timeout=30)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


@pytest.fixture
def run_path(store_path: Path) -> Path:
    with init("digits", name="alpha", config={"lr": 1e-3}, tags=["a-long-tag"]) as run:
        run.log({"val/acc": 0.9, "train/loss": 0.1})
    return run.path


def test_a_terminal_gets_colours(run_path: Path) -> None:
    assert "\x1b[32m✓" in in_terminal("runs")


def test_no_color_is_respected(run_path: Path) -> None:
    shown = in_terminal("runs", NO_COLOR="1")

    assert "✓" in shown
    assert not re.search(r"\x1b\[3[0-7]m", shown)


def test_a_table_fits_the_window(run_path: Path) -> None:
    lines = ESCAPES.sub("", in_terminal("runs", columns=50)).splitlines()

    assert max(map(len, lines)) <= 50
    assert "no room for" in lines[-1]


def test_rm_asks_once_and_takes_no_for_an_answer(run_path: Path) -> None:
    shown = in_terminal("rm", "alpha", answer="n\n")

    assert "Move ✓ alpha" in shown
    assert shown.rstrip().endswith("Nothing was changed.")
    assert run_path.exists()


def test_rm_goes_ahead_after_a_yes(run_path: Path) -> None:
    in_terminal("rm", "alpha", answer="y\n")

    assert not run_path.exists()


def test_rm_does_not_ask_when_told_so(run_path: Path) -> None:
    assert "?" not in in_terminal("rm", "alpha", "--yes")
    assert not run_path.exists()


def test_the_journal_is_set_for_reading(run_path: Path) -> None:
    shown = in_terminal("journal")

    assert "**" not in shown
    assert "alpha" in shown
