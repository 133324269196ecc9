"""Charts are drawn in a process beside the kernel, which costs a picture at most."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from runfolio.record.media.engine import Engine

LITE = {
    "data": {"values": [{"a": 1, "b": float("nan")}, {"a": 2, "b": 3.5}]},
    "mark": "point",
    "encoding": {"x": {"field": "a", "type": "quantitative"}},
}
# What backtracks through 2⁶⁰ ways takes no memory.
ENDLESS = {
    "width": 9,
    "height": 9,
    "signals": [{"name": "s", "update": f"test(regexp('(a+)+$'), '{'a' * 60}b')"}],
}
SCRIPT = """
import os, signal, sys, threading, time
from runfolio.record.media.engine import Engine, engine
size = lambda n: {"width": n, "height": 9, "padding": 0}
wide = lambda png: int.from_bytes(png[16:20], "big")
endless = lambda: engine.drawn(%r, scale=1)
sleep = lambda s: (os.close(1), os.close(2), time.sleep(s))
""" % (ENDLESS,)  # noqa: UP031 - braces


def size(n: int) -> dict:
    return {"width": n, "height": 9, "padding": 0}


def wide(png: bytes) -> int:
    return struct.unpack(">I", png[16:20])[0]


def script(code: str, **options) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT + code],
        capture_output=True, text=True, check=False, timeout=60, **options,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.strip()


def goes(pid: int) -> bool:
    """Wait until a process is gone, or only its entry is left for somebody to collect."""
    for _ in range(300):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


def test_the_process_gives_what_vl_convert_gives_here(engine: Engine) -> None:
    import vl_convert

    vega = engine.compiled(LITE, version="5.21")

    assert vega == vl_convert.vegalite_to_vega(LITE, vl_version="5.21")
    assert engine.drawn(vega, scale=2) == vl_convert.vega_to_png(vega, scale=2)


def test_a_chart_that_never_ends_is_given_up_and_the_next_one_drawn(engine: Engine) -> None:
    engine.drawn(size(8), scale=1)
    engine.limit_s, before = 0.5, engine.pid
    with pytest.raises(TimeoutError, match=r"longer than 0\.5 s"):
        engine.drawn(ENDLESS, scale=1)
    assert engine.pid is None
    assert goes(before)

    engine.limit_s = 60
    assert wide(engine.drawn(size(11), scale=2)) == 22


def test_a_chart_that_cannot_be_drawn_does_not_end_the_process(engine: Engine) -> None:
    engine.drawn(size(8), scale=1)
    before = engine.pid

    with pytest.raises(ValueError, match="conversion failed"):
        engine.drawn({"marks": [{"type": "no such mark"}]}, scale=1)
    engine.drawn(size(8), scale=1)

    assert engine.pid == before


def test_an_address_in_a_chart_is_not_asked_for(engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/rows.json"
        with contextlib.suppress(ValueError):
            engine.drawn(size(8) | {"data": [{"name": "s", "url": url}]}, scale=1)

        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_process_killed_between_two_charts_is_started_anew(engine: Engine) -> None:
    engine.drawn(size(8), scale=1)
    before = engine.pid
    os.kill(before, signal.SIGKILL)

    assert wide(engine.drawn(size(12), scale=1)) == 12
    assert engine.pid not in (None, before)


def test_a_process_that_waited_in_vain_is_started_anew(engine: Engine) -> None:
    engine.close()
    engine.begin()
    os.kill(engine.pid, signal.SIGKILL)

    assert wide(engine.drawn(size(14), scale=1)) == 14
    assert engine.pid is not None


def test_threads_that_draw_at_once_get_each_its_own(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        drawn = pool.map(lambda n: wide(engine.drawn(size(n), scale=1)), range(10, 42))

    assert list(drawn) == list(range(10, 42))


def test_what_an_interrupted_chart_would_have_answered_is_never_taken(engine: Engine) -> None:
    engine.drawn(size(8), scale=1)
    main = threading.main_thread().ident
    timer = threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()

    with pytest.raises(KeyboardInterrupt):
        engine.drawn(ENDLESS, scale=1)
    timer.join()

    assert wide(engine.drawn(size(13), scale=1)) == 13


def test_an_interrupt_of_the_whole_group_does_not_reach_the_process(engine: Engine) -> None:
    engine.drawn(size(8), scale=1)

    assert os.getpgid(engine.pid) == engine.pid != os.getpgid(0)


def test_a_forked_process_has_one_of_its_own() -> None:
    said = script(
        "engine.drawn(size(8), scale=1); mine = engine.pid\n"
        "if (pid := os.fork()) == 0:\n"
        "    none = engine.pid is None\n"
        "    ok = wide(engine.drawn(size(9), scale=1)) == 9 and engine.pid != mine\n"
        "    engine.close()\n"
        "    os._exit(0 if none and ok else 1)\n"
        "print(os.waitpid(pid, 0)[1], wide(engine.drawn(size(10), scale=1)), engine.pid == mine)"
    )

    assert said == "0 10 True"


@pytest.mark.parametrize(
    "end",
    [
        "",
        "os._exit(0)",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os.execv('/bin/true', ['true'])",
        "os.dup(engine._process._popen.stdin.fileno()); os.fork() or sleep(20); os._exit(0)",
        "engine.limit_s = 1; threading.Thread(target=endless).start(); sleep(0.3); os._exit(0)",
    ],
    ids=["plain", "at once", "killed", "another program", "a fork lives on", "while it draws"],
)
def test_no_process_outlives_the_one_it_draws_for(end: str) -> None:
    pid = script(f"engine.drawn(size(8), scale=1); print(engine.pid, flush=True)\n{end}")

    assert goes(int(pid))


@pytest.mark.parametrize("program", ["", "/bin/false", "/no/such/program"])
def test_charts_are_drawn_here_where_no_process_can_be_started(program: str) -> None:
    said = script(
        f"sys.executable = {program!r}\n"
        "print(*(wide(engine.drawn(size(n), scale=1)) for n in (8, 9)), engine.pid)"
    )

    assert said == "8 9 None"


def test_files_of_the_user_are_not_taken_for_modules(tmp_path, monkeypatch) -> None:
    for name in ("json", "struct", "vl_convert"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    here = Engine()

    here.drawn(size(8), scale=1)

    assert here.pid is not None
    here.close()


def test_the_kernel_itself_never_loads_what_draws() -> None:
    said = script(
        "from runfolio.charts.sheet import sheet\n"
        "engine.begin(); engine.compiled({'mark': 'point'}, version='5.21')\n"
        "engine.drawn(size(8), scale=1); print('vl_convert' in sys.modules)"
    )

    assert said == "False"
