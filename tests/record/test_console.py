"""What a script prints is in its run's ``output.log``, and on the screen as if nobody listened."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

RUN = """
    import contextlib, io, logging, os, sys, threading, time, warnings
    import runfolio
    run = runfolio.init()
    def log():
        return open(run.path / "output.log").read() if (run.path / "output.log").exists() else ""
"""

LATE = "sys:1: RunfolioWarning: The disk did not take the last output of the run in time.\n"

Script = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def _captured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")


@pytest.fixture
def printing(script: Script, store: Path) -> Callable[..., tuple[str, str, str]]:
    """Run a script; return what it showed on stdout and stderr, and what its runs kept."""

    def run(source: str) -> tuple[str, str, str]:
        done = script(textwrap.dedent(RUN) + textwrap.dedent(source))
        logs = [path.read_bytes().decode() for path in sorted(store.glob("*/output*.log"))]
        return done.stdout, done.stderr, "===\n".join(logs)

    return run


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("print('a'); print('b', file=sys.stderr); print('c')", "a\nb\nc\n"),
        ("sys.stdout.buffer.write(b'raw\\n'); print('text')", "raw\ntext\n"),
        ("print('no newline', end='')", "no newline\n"),
        ("for n in range(5): print(f'\\r{n}0%', end='')\nprint()", "40%\n"),
        ("sys.stdout.writelines(['one\\n', 'two\\n'])", "one\ntwo\n"),
        ("sys.stdout.reconfigure(errors='replace'); print('\\udce9')", "\\udce9\n"),
        ("h = logging.StreamHandler(sys.stdout); h.emit(logging.makeLogRecord({'msg': 'm'}))", "m\n"),
        ("print('x' * 200_000, flush=True); print('end')", "x" * 200_000 + "\nend\n"),
        ("t = threading.Thread(target=print, args=('other',)); t.start(); t.join()", "other\n"),
    ],
)  # fmt: skip
def test_what_is_printed_is_kept_once_and_in_order(
    printing: Callable[..., tuple[str, str, str]], source: str, kept: str
) -> None:
    assert printing(source)[2] == kept


def test_text_in_another_encoding_is_kept_as_the_bytes_that_were_shown(store: Path) -> None:
    source = textwrap.dedent(RUN) + (
        "w = io.TextIOWrapper(sys.stdout.buffer, 'latin-1'); w.write('\\xe9\\n'); w.detach()"
    )
    shown = subprocess.run([sys.executable, "-c", source], check=True, stdout=subprocess.PIPE)
    assert next(store.glob("*/output.log")).read_bytes() == shown.stdout == b"\xe9\n"


def test_output_that_is_shown_to_nobody_is_not_kept(
    printing: Callable[..., tuple[str, str, str]],
) -> None:
    shown, _, kept = printing("""
        with contextlib.redirect_stdout(io.StringIO()) as taken:
            print("taken")
        assert taken.getvalue() == "taken\\n"
        print("seen")
    """)
    assert (shown, kept) == ("seen\n", "seen\n")


def test_the_traceback_that_ends_a_script_is_kept(
    printing: Callable[..., tuple[str, str, str]],
) -> None:
    _, error, kept = printing("1 / 0")
    assert kept.startswith("Traceback")
    assert kept.endswith("ZeroDivisionError: division by zero\n")
    assert kept in error


def test_each_run_keeps_what_was_printed_in_it(
    printing: Callable[..., tuple[str, str, str]],
) -> None:
    shown, _, kept = printing("""
        print("first")
        run.finish()
        print("between")
        with runfolio.init(id="z2") as second:
            print("second")
            with runfolio.init(id="z3", reinit="create_new"):
                print("still second")
        with runfolio.init(id="z4", reinit="create_new"):
            print("alone")
        print("after")
        assert "write" not in vars(sys.stdout) and "write" not in vars(sys.stdout.buffer)
    """)
    assert shown == "first\nbetween\nsecond\nstill second\nalone\nafter\n"
    assert kept == "first\n===\nsecond\nstill second\n===\nalone\n"


def test_a_wrapper_that_others_put_over_the_stream_stays_and_nothing_is_kept_twice(
    printing: Callable[..., tuple[str, str, str]],
) -> None:
    shown, _, kept = printing("""
        below = sys.stdout.write
        sys.stdout.write = lambda text: below(text.upper())
        run.finish()
        second = runfolio.init(id="z2")
        print("twice?")
    """)
    assert (shown, kept) == ("TWICE?\n", "TWICE?\n")


def test_a_forked_child_prints_on_and_writes_nothing_into_its_parents_log(
    printing: Callable[..., tuple[str, str, str]],
) -> None:
    shown, _, kept = printing("""
        print("parent", flush=True)
        run.life.snapshot.wait(60)  # a fork in the middle of another thread's import is another matter
        pid = os.fork()
        if not pid:
            print("child", flush=True)
            own = runfolio.init(id="z-child")
            print("child's own", flush=True)
            own.finish()
            os._exit(0)
        os.waitpid(pid, 0)
        print("parent again")
    """)
    assert shown == "parent\nchild\nchild's own\nparent again\n"
    assert kept == "parent\nparent again\n===\nchild's own\n"


def test_a_print_in_a_signals_handler_in_the_middle_of_others_blocks_nobody(
    printing: Callable[..., tuple[str, str, str]],
) -> None:
    shown, error, kept = printing("""
        import signal
        heard = []
        signal.signal(signal.SIGALRM, lambda *_: (heard.append(1), sys.stderr.write("alarm\\n")))
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        for _ in range(40_000):  # as many as are kept however fast they come
            print("line")
        signal.setitimer(signal.ITIMER_REAL, 0)
        print("heard", len(heard))
    """)
    heard = int(shown.split()[-1])
    assert heard > 10
    assert error.count("alarm") == kept.count("alarm") == heard
    assert kept.count("line") == shown.count("line")


@pytest.mark.parametrize(
    "source",
    [
        "sys.stdout = None; sys.stderr = None; run.finish(); runfolio.init().log({'a': 1})",
        "sys.stdout.close(); run.log({'a': 1})",
        "os.close(1); run.log({'a': 1}); sys.stdout = None",
    ],
)
def test_closed_and_missing_streams_break_nothing(script: Script, source: str) -> None:
    done = script(textwrap.dedent(RUN) + source)
    assert (done.returncode, done.stderr) == (0, "")


def test_errors_of_the_stream_reach_the_program_as_ever(
    printing: Callable[..., tuple[str, str, str]],
) -> None:
    _, _, kept = printing("""
        sys.stdout.reconfigure(encoding="ascii")
        for wrong in (lambda: print("\\xe9"), lambda: sys.stdout.write(7)):
            try:
                wrong()
            except (UnicodeEncodeError, TypeError) as error:
                print(type(error).__name__)
    """)
    assert kept.endswith("UnicodeEncodeError\nTypeError\n")
    assert "7" not in kept


def test_what_was_printed_a_second_before_a_kill_is_kept_an_unfinished_line_too(
    store: Path,
) -> None:
    source = textwrap.dedent(RUN) + (
        "print('done', 1); print('20%\\r40%', end='', flush=True)\n"
        "time.sleep(1.2); open('go', 'w'); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE) as child:
        deadline = time.monotonic() + 60
        while not Path("go").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        child.kill()
    assert next(store.glob("*/output.log")).read_text() == "done 1\n40%"


def test_a_terminal_stays_one_and_its_input_works(store: Path) -> None:
    source = textwrap.dedent(RUN) + textwrap.dedent("""
        assert sys.stdout.isatty() and os.isatty(1) and sys.stdin.isatty()
        import subprocess
        subprocess.run([sys.executable, "-c", "import os; assert os.isatty(1)"], check=True)
        print("\\x1b[1mname\\x1b[0m?", flush=True)
        print("hello", input("> "))
    """)
    pid, fd = pty.fork()
    if not pid:
        os.execv(sys.executable, [sys.executable, "-c", source])
    shown = b""
    while b"> " not in shown:
        shown += os.read(fd, 1024)
    os.write(fd, b"you\n")
    while (more := _read(fd)) != b"":
        shown += more
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, shown
    kept = next(store.glob("*/output.log")).read_bytes()
    assert b"hello you\r\n" in shown
    assert kept == b"\x1b[1mname\x1b[0m?\nhello you\n"


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 1024)
    except OSError:  # how a terminal without a writer ends
        return b""


@pytest.mark.parametrize(
    "off",
    [
        "init(settings=runfolio.Settings(console='off'))",
        "init(console='off')",
        "init(mode='disabled')",
    ],
)
def test_it_can_be_switched_off(script: Script, store: Path, off: str) -> None:
    done = script(f"import runfolio, sys; runfolio.{off}; print(7); print(vars(sys.stdout))")
    assert done.stdout.split() == ["7", "{'mode':", "'w'}"]
    assert not list(store.glob("*/output.log"))


def test_a_variable_switches_it_off(
    printing: Callable[..., tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_CONSOLE", "off")
    assert printing("print(1)")[2] == ""


def test_a_program_of_runfolio_run_keeps_its_output_once(store: Path) -> None:
    Path("a.py").write_text("import runfolio\nrunfolio.init()\nprint('once')\n")
    subprocess.run(
        [sys.executable, "-m", "runfolio", "run", sys.executable, "a.py"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert [path.read_text() for path in store.glob("*/output*.log")] == ["once\n"]


def test_each_rank_and_each_segment_has_a_file_of_its_own(script: Script, store: Path) -> None:
    script("import runfolio; runfolio.init(id='r'); print('first')")
    script("import runfolio; runfolio.init(id='r', resume='must'); print('second')")
    script("""
        import os; os.environ['RANK'] = '3'
        import runfolio; runfolio.attach('r', rank=3); print('rank 3')
    """)
    logs = {path.name: path.read_text() for path in store.glob("r/output*")}
    assert logs == {
        "output.log": "first\n", "output.s2.log": "second\n", "output.rank3.log": "rank 3\n",
    }  # fmt: skip


def test_secrets_are_taken_out_of_what_is_printed(
    printing: Callable[..., tuple[str, str, str]],
) -> None:
    secret = "hunter" + "2hunter2"
    shown, _, kept = printing(f"print('password = \"{secret}\"', flush=True); time.sleep(0.6)")
    assert secret in shown
    assert secret not in kept
    assert "[redacted" in kept


def test_no_part_of_a_long_text_gets_lost_where_nothing_is_buffered(
    printing: Callable[..., tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    shown, error, _ = printing("""
        import signal
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        for _ in range(40):
            print("x" * 199_999)
        signal.setitimer(signal.ITIMER_REAL, 0)
    """)
    # A disk that is busy with something else is told of, and is no fault of what is shown.
    assert len(shown) == 40 * 200_000
    assert error in ("", LATE)


def test_a_key_of_many_lines_in_the_midst_of_much_output_is_taken_out_whole(
    printing: Callable[..., tuple[str, str, str]],
) -> None:
    _, _, kept = printing("""
        import base64, random
        body = base64.encodebytes(random.Random(1).randbytes(1200)).decode()
        key = "-----BEGIN PRIVATE KEY-----\\n" + body + "-----END PRIVATE KEY-----"
        for n in range(40):
            print("line\\n" * random.Random(n).randrange(400))
            print(key)
        print("first of it", body[:20], file=sys.stderr)
    """)
    assert kept.count("[redacted") >= 40
    assert max(len(line) for line in kept.splitlines()) < 60


def test_a_flood_is_cut_and_the_program_is_not_held_up(
    printing: Callable[..., tuple[str, str, str]],
) -> None:
    shown, _, kept = printing("""
        big = "x" * 99_999
        disk, kept = threading.Event(), run.life.output._kept
        write = kept.write
        kept.write = lambda lines: (disk.wait(60), write(lines))
        for _ in range(200):
            print(big)
        disk.set()
        print("end")
    """)
    assert len(shown) == 200 * 100_000 + 4
    assert len(kept) < 10_000_000
    assert "are left out here: they came too fast" in kept


def test_a_hung_disk_does_not_hold_up_the_end(
    printing: Callable[..., tuple[str, str, str]],
) -> None:
    _, error, _ = printing("""
        print("line")
        run.life.output._kept.write = lambda lines: time.sleep(60)
        run.finish()
    """)
    assert "did not take the last output" in error


def test_an_interrupt_ends_a_printing_loop_as_ever(store: Path) -> None:
    source = textwrap.dedent(RUN) + "while True: print('line', flush=True); time.sleep(0.001)"
    with subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        _, error = child.communicate(timeout=60)
    assert error.rstrip().endswith(b"KeyboardInterrupt")
    assert "KeyboardInterrupt\n" in next(store.glob("*/output.log")).read_text()
