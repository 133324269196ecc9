"""A real Jupyter server for a test, and a page that speaks to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import quote

TOKEN = "the-token-of-the-tests"
API = "/runfolio/api/"


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def told(self) -> Any:
        """The JSON of the answer."""
        return json.loads(self.body)


class Server(NamedTuple):
    """A server that runs."""

    port: int
    root: Path
    routes: list[dict[str, Any]]
    log: Path
    pid: int

    def ask(
        self, method: str, path: str, told: Any = None, headers: dict[str, str] | None = None,
        *, token: str | None = TOKEN, raw: bytes | None = None,
    ) -> Answer:  # fmt: skip
        """Ask something; by default as one who has the token."""
        lines = {} if token is None else {"Authorization": f"token {token}"}
        body = raw if raw is not None else None if told is None else json.dumps(told).encode()
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            asked.request(method, path, body=body, headers=lines | (headers or {}))
            answer = asked.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            asked.close()

    def get(self, path: str) -> Any:
        """Return what a GET below our address tells."""
        answer = self.ask("GET", API + path)
        assert answer.status == 200, answer.body
        return answer.told

    def post(self, path: str, **told: Any) -> Any:
        """Return what a POST below our address tells."""
        answer = self.ask("POST", API + path, told)
        assert answer.status == 200, answer.body
        return answer.told

    @property
    def store(self) -> str:
        """The id of the first store."""
        return str(self.get("stores")["stores"][0]["id"])


class Cookies(NamedTuple):
    """What a browser holds after it opened the page with the token."""

    cookie: str
    xsrf: str

    def headers(self, **other: str) -> dict[str, str]:
        """Return the headers of a request of the page's own."""
        return {"Cookie": self.cookie, "X-XSRFToken": self.xsrf} | other


def logged_in(server: Server) -> Cookies:
    """Open the page as a browser does."""
    answer = server.ask("GET", f"/runfolio?token={TOKEN}", token=None)
    given = [line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie") or []]
    xsrf = next(one.partition("=")[2] for one in given if one.startswith("_xsrf="))
    return Cookies("; ".join(given), xsrf)


class Page:
    """A page with its stream, which takes in frames in a thread."""

    def __init__(self, server: Server, client: str | None = None) -> None:
        self.server = server
        self.client = client or secrets.token_hex(16)
        self.frames: list[tuple[dict[str, Any], list[bytes]]] = []
        self._came = threading.Condition()
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        headers = {"Authorization": f"token {TOKEN}"}
        self.connection.request("GET", f"{API}stream?client={self.client}", headers=headers)
        self._answer = self.connection.getresponse()
        self.status, self.headers = self._answer.status, self._answer.headers
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, kind: str, store: str | None = None, **wanted: Any) -> str:
        """Make a view, and return its id."""
        told = self.server.post("views", client=self.client, kind=kind,
                                store=store or self.server.store, **wanted)  # fmt: skip
        return str(told["view"])

    def say(self, view: str, **content: Any) -> Answer:
        """Say something to a view."""
        data = {"method": "custom", "content": content}
        return self.server.ask("POST", f"{API}views/{view}", {"client": self.client, "data": data})

    def ask(self, view: str, verb: str, /, **what: Any) -> dict[str, Any]:
        """Ask a view something, and return what it told."""
        number = len(self.frames) + 1
        assert self.say(view, kind="ask", verb=verb, id=number, page="p", what=what).status == 200
        return self.until(
            lambda told, _: told.get("data", {}).get("content", {}).get("id") == number
        )["data"]["content"]

    def until(
        self, is_it: Callable[[dict[str, Any], list[bytes]], bool], within_s: float = 30
    ) -> dict[str, Any]:
        """Return the first frame, of those that came or come, that is meant."""
        end = time.monotonic() + within_s
        with self._came:
            while True:
                found = next((told for told, buffers in self.frames if is_it(told, buffers)), None)
                if found is not None:
                    return found
                left = end - time.monotonic()
                if left <= 0 or not self._came.wait(left):
                    raise AssertionError(f"no such frame among {len(self.frames)}")

    def close(self) -> None:
        """Go away, as a tab that is closed."""
        with contextlib.suppress(OSError):
            self.connection.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
        self._thread.join(10)
        self.connection.close()

    def _read(self) -> None:
        with contextlib.suppress(
            OSError, ValueError, http.client.HTTPException, struct.error, AttributeError
        ):
            while True:
                n, buffers = struct.unpack("<II", self._exactly(8))
                lengths = struct.unpack(f"<{buffers}I", self._exactly(4 * buffers))
                told = json.loads(self._exactly(n))
                parts = [self._exactly(length) for length in lengths]
                with self._came:
                    self.frames.append((told, parts))
                    self._came.notify_all()

    def _exactly(self, n: int) -> bytes:
        found = b""
        while len(found) < n:
            part = self._answer.read(n - len(found))
            if not part:
                raise OSError("the stream has ended")
            found += part
        return found


@contextlib.contextmanager
def serving(root: Path, home: Path, authorizer: str = "Owner") -> Iterator[Server]:
    """Run a server over a folder."""
    home.mkdir(parents=True, exist_ok=True)
    port, log, routes = _free_port(), home / "log", home / "routes.json"
    places = {f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("serve.py")), str(routes), authorizer,
             "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0",
             f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}"],
            stdout=written, stderr=subprocess.STDOUT, env={**os.environ, **places}, cwd=root,
        )  # fmt: skip
    try:
        _wait_for(port, process, log)
        table = json.loads(routes.read_text(encoding="utf-8"))
        yield Server(port, root, table, log, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


def url_of(
    route: dict[str, Any], store: str = "0" * 16, run: str = "x", view: str = "0" * 32
) -> str:
    """Return an address that a route takes."""
    path = str(route["path"]).replace("/?", "").replace(r"\.", ".").replace(".*", "nothing/here")
    ids = {"name": "x", "number": "0", "other": "1", "part": "lineage"}
    return path.format(store=store, run=quote(run), view=view, **ids)
