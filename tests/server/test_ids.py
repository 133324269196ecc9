"""A request names ids, never paths; what is no id, or unknown, is a sentence in JSON."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from tests.server.served import API, Server

SECRET = "what-no-request-may-read"
NO_IDS = [
    "../secret", "..", ".", "%2e%2e", "..%2fsecret", "%252e%252e%252fsecret", "..\\secret",
    "%2fetc%2fpasswd", "/etc/passwd", "C:\\x", "a/b", ";../secret", "\x00", "%00", "x" * 10_240,
    "<script>alert(1)</script>", "é", "-rf", " ", "con:", "%c0%ae%c0%ae",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def secret(root: Path) -> Path:
    """Return a folder outside all stores that looks like a run."""
    folder = root / "digits" / "secret"
    folder.mkdir()
    (folder / "run.json").write_text(SECRET, encoding="utf-8")
    return folder


@pytest.mark.parametrize("ident", NO_IDS)
@pytest.mark.parametrize("part", ["entry", "edits"])
def test_what_is_no_run_id_reaches_no_file(server: Server, ident: str, part: str) -> None:
    method = "GET" if part == "entry" else "POST"
    for written in (quote(ident, safe=""), quote(ident, safe="/%;\\")):
        answer = server.ask(method, f"{API}stores/{server.store}/runs/{written}/{part}",
                            {"verb": "note", "text": "x"})  # fmt: skip

        assert answer.status in (400, 404), written
        assert answer.headers["Content-Type"].startswith("application/json")
        assert SECRET.encode() not in answer.body
        assert b"<script" not in answer.body


@pytest.mark.parametrize("ident", [*NO_IDS, "0" * 16, "0" * 15, "g" * 16])
def test_what_is_no_store_id_is_not_found(server: Server, ident: str) -> None:
    answer = server.ask("GET", f"{API}stores/{quote(ident, safe='')}/runs")

    assert answer.status in (400, 404)
    assert set(answer.told) == {"message"}
    assert b"<script" not in answer.body


@pytest.mark.parametrize("ident", [*NO_IDS, 7, None, ["x"], {"x": 1}])
def test_a_body_is_read_with_the_same_eyes(server: Server, ident: object) -> None:
    told = {"client": "a" * 32, "kind": "card", "store": server.store, "runs": [ident]}

    answers = [
        server.ask("POST", f"{API}views", told),
        server.ask("POST", f"{API}views", told | {"store": ident, "runs": []}),
        server.ask("POST", f"{API}views", told | {"kind": ident}),
        server.ask("POST", f"{API}views", told | {"client": ident}),
    ]

    assert {answer.status for answer in answers} <= {400, 404}
    assert all(set(answer.told) == {"message"} for answer in answers)
    assert not any(SECRET.encode() in answer.body for answer in answers)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b'"x"', b"{", b"\xff\xfe", b'{"a":' * 5000, b"null", b"NaN"]
)
def test_a_body_that_is_no_object_is_refused(server: Server, body: bytes) -> None:
    answer = server.ask("POST", f"{API}views", raw=body)

    assert answer.status == 400
    assert set(answer.told) == {"message"}


def test_a_body_has_a_bound(server: Server) -> None:
    answer = server.ask("POST", f"{API}views", raw=b'{"a": "' + b"x" * 1_100_000 + b'"}')

    assert (answer.status, set(answer.told)) == (413, {"message"})


def test_an_unknown_address_is_answered_in_json(server: Server) -> None:
    answer = server.ask("GET", f"{API}<script>alert(1)</script>")

    assert (answer.status, answer.told) == (404, {"message": "There is nothing at this address."})


@pytest.mark.parametrize(
    "query", ["offset=-1", "limit=x", "offset=99999999999999999999", "limit=%ff"]
)
def test_a_number_that_is_none_is_refused(server: Server, query: str) -> None:
    answer = server.ask("GET", f"{API}stores/{server.store}/runs?{query}")

    assert (answer.status, set(answer.told)) == (400, {"message"})


def test_a_query_that_cannot_be_read_points_at_its_character(server: Server) -> None:
    answer = server.ask("GET", f"{API}stores/{server.store}/runs?query={quote('lr<')}")

    assert answer.status == 400
    assert answer.told["position"] == 3


def test_no_answer_tells_where_runs_lie(server: Server, root: Path, runs: list[str]) -> None:
    store = server.store
    told = [
        server.ask("GET", f"{API}{path}").body
        for path in (
            "stores", f"stores/{store}/runs", f"stores/{store}/runs/{runs[0]}/entry",
            f"stores/{store}/journal", f"stores/{store}/runs/nothing/entry",
        )
    ]  # fmt: skip

    assert not any(str(root).encode() in body for body in told)
