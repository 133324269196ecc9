"""Vega-Lite made into Vega, and Vega into a picture: by vl_convert, in whichever process runs this.

Run as a file it is the process that `runfolio.record.media.engine` keeps: requests come in on its
standard input, answers go out on its standard output, each JSON behind its length. Hence nothing
is imported here but the standard library and vl_convert.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import signal
import struct
import sys
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["LENGTH", "answer"]

LENGTH: Final = struct.Struct(">I")
"""What stands before each message: how many bytes of JSON follow."""

_IDLE_S: Final = 600.0
_LOOK_S: Final = 5.0


def answer(request: dict[str, Any]) -> Any:
    """Return what a request asks for.

    Parameters
    ----------
    request : dict
        ``do``: ``compile`` (a Vega-Lite ``spec``, by ``version`` of Vega-Lite), ``draw`` (a Vega
        ``spec``, with ``scale`` dots for each pixel) or ``picture`` (a Vega-Lite ``spec``).

    Returns
    -------
    dict or str
        A Vega specification, or a PNG in base64.

    Raises
    ------
    ValueError
        The specification cannot be compiled, or not be drawn.
    """
    import vl_convert

    spec = request["spec"]
    if request["do"] == "compile":
        return vl_convert.vegalite_to_vega(spec, vl_version=request["version"])
    # No address may be asked for, whatever the specification says.
    if request["do"] == "picture":
        png = vl_convert.vegalite_to_png(spec, allowed_base_urls=[])
    else:
        png = vl_convert.vega_to_png(spec, scale=request["scale"], allowed_base_urls=[])
    return base64.b64encode(png).decode("ascii")


def _serve() -> None:
    """Answer requests until nobody can ask any more, or nobody has for ten minutes."""
    requests, answers = os.dup(0), os.dup(1)
    # What a library prints must not come between the answers.
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    parent = os.getppid()
    _quiet()
    greeting = _read(requests)
    sys.path.append(greeting["folder"])
    import vl_convert

    os.chdir(os.sep)  # whoever wants to unmount the folder it was started in is not kept from it
    _write(answers, {"ready": True})
    # V8 starts meanwhile: who asked for this process has Altair to import.
    with contextlib.suppress(Exception):
        vl_convert.vega_to_png({"width": 8, "height": 8}, allowed_base_urls=[])
    while _is_asked(requests, parent):
        request = _read(requests)
        with _limited(float(request["limit_s"])):
            try:
                said = {"id": request["id"], "answer": answer(request)}
            except Exception as error:  # noqa: BLE001 - told to the process that asked
                said = {"id": request["id"], "error": str(error)}
        _write(answers, said)


def _quiet() -> None:
    """Leave no core file, and let what interrupts the cell interrupt nothing here."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _is_asked(requests: int, parent: int) -> bool:
    """Wait for a request; return whether to go on.

    The end of the input says that the process is gone, unless one that it forked holds its end
    open: so it is looked at, too.
    """
    if os.name != "posix":
        return True
    waited_s = 0.0
    while not select.select([requests], [], [], _LOOK_S)[0]:
        waited_s += _LOOK_S
        if os.getppid() != parent or waited_s >= _IDLE_S:
            return False
    return True


@contextlib.contextmanager
def _limited(limit_s: float) -> Iterator[None]:
    """End this process where the block takes longer and nobody is left to end it."""
    if os.name != "posix":
        yield
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    signal.setitimer(signal.ITIMER_REAL, limit_s + 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _read(source: int) -> dict[str, Any]:
    (length,) = LENGTH.unpack(_exactly(source, LENGTH.size))
    message: dict[str, Any] = json.loads(_exactly(source, length))
    return message


def _exactly(source: int, n: int) -> bytes:
    found = b""
    while len(found) < n:
        part = os.read(source, n - len(found))
        if not part:
            os._exit(0)  # nobody asks any more; V8 is not asked how it would like to end
        found += part
    return found


def _write(target: int, message: dict[str, Any]) -> None:
    data = json.dumps(message, separators=(",", ":")).encode()
    data = LENGTH.pack(len(data)) + data
    try:
        while data:
            data = data[os.write(target, data) :]
    except OSError:
        os._exit(0)


if __name__ == "__main__":
    _serve()
    os._exit(0)
