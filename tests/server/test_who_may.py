"""Every route and every method refuses whom it must; what is not asked for here fails by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.served import API, TOKEN, Server, logged_in, serving, url_of

from runfolio.server.handlers import ROUTES

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.fixture(scope="module")
def reader(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server whose users may look only."""
    with serving(root, tmp_path_factory.mktemp("reader"), "Reader") as running:
        yield running


@pytest.fixture(scope="module")
def nobody(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server whose users may do nothing with runs."""
    with serving(root, tmp_path_factory.mktemp("nobody"), "Nobody") as running:
        yield running


def every(server: Server) -> list[tuple[str, str]]:
    """Return each method with each route, from the table of the server itself."""
    return [(method, url_of(route)) for route in server.routes for method in METHODS]


def test_the_server_has_the_routes_that_are_listed_and_no_other(server: Server) -> None:
    classes = sorted(route["class"] for route in server.routes)

    assert classes == sorted(handler.__name__ for _, handler in ROUTES)


def test_nothing_answers_without_the_token(server: Server) -> None:
    answers = {one: server.ask(*one, token=None).status for one in every(server)}

    assert set(answers.values()) <= {302, 403, 405}
    assert {at for at, status in answers.items() if status == 302} <= {
        (method, url) for method, url in answers if not url.startswith(API) and method in ("GET", "HEAD")
    }  # fmt: skip


def test_nothing_answers_with_a_wrong_token(server: Server) -> None:
    answers = [server.ask(*one, token="wrong").status for one in every(server)]

    assert set(answers) <= {302, 403, 405}


def test_whom_the_authorizer_refuses_gets_nothing(nobody: Server) -> None:
    methods = {(m.upper(), url_of(r)) for r in nobody.routes for m in r["methods"] if m != "head"}

    answers = {one: nobody.ask(*one, {}).status for one in methods}

    # The last route answers nobody, whoever asks.
    refused = {at: status for at, status in answers.items() if "nothing/here" not in at[1]}
    assert set(refused.values()) == {403}
    assert set(answers.values()) <= {403, 404}


def test_a_page_of_another_origin_is_refused(server: Server) -> None:
    theirs = logged_in(server).headers(Origin="https://elsewhere.example")
    asked = [(m, url) for m, url in every(server) if url.startswith(API)]

    answers = {one: server.ask(*one, {}, theirs, token=None).status for one in asked}

    assert set(answers.values()) <= {403, 404, 405}
    assert answers["GET", f"{API}stores"] == 404


@pytest.mark.parametrize("value", ["", "wrong", "2|aaaaaaaa|bbbb|1"])
def test_a_wrong_xsrf_value_is_refused_where_one_only_looks_too(server: Server, value: str) -> None:
    theirs = {"Cookie": logged_in(server).cookie, "X-XSRFToken": value}
    asked = [(m, url) for m, url in every(server) if url.startswith(API) and m != "OPTIONS"]

    answers = {one: server.ask(*one, {}, theirs, token=None).status for one in asked}

    assert set(answers.values()) <= {403}


def test_the_page_itself_is_answered(server: Server) -> None:
    ours = logged_in(server).headers()

    answer = server.ask("GET", f"{API}stores", None, ours, token=None)

    assert answer.status == 200
    assert answer.told["can_write"] is True


def test_a_reader_changes_nothing(reader: Server, folio: Path, runs: list[str]) -> None:
    url = f"{API}stores/{reader.store}/runs/{runs[0]}/edits"

    answers = [
        reader.ask("POST", url, {"verb": verb, "text": "x"}).status
        for verb in ("note", "tag", "untag", "rename", "words", "stop", "nonsense")
    ]

    assert set(answers) == {403}
    assert not (folio / runs[0] / "edits").exists()


def test_a_reader_sees_all(reader: Server, runs: list[str]) -> None:
    assert reader.get("stores")["can_write"] is False
    assert reader.get(f"stores/{reader.store}/runs")["n"] == 3
    assert reader.get(f"stores/{reader.store}/runs/{runs[0]}/entry")["name"] == "run-0"


def test_a_reader_presses_no_button_of_a_view(reader: Server, folio: Path, runs: list[str]) -> None:
    client = "a" * 32
    view = reader.post("views", client=client, kind="card", store=reader.store, runs=runs[:1])
    table = reader.post("views", client=client, kind="table", store=reader.store)
    said = [
        (view, {"kind": "do", "verb": "note", "text": "x"}),
        (table, {"kind": "ask", "verb": "tags", "what": {"name": runs[0], "ids": ["x"]}}),
        (table, {"kind": "ask", "verb": "save view", "what": {"name": "x", "view": {}}}),
    ]

    answers = [
        reader.ask("POST", f"{API}views/{at['view']}",
                   {"client": client, "data": {"method": "custom", "content": content}}).status
        for at, content in said
    ]  # fmt: skip

    assert answers == [403, 403, 403]
    assert table["state"]["can_tag"] is False
    assert not (folio / runs[0] / "edits").exists()


def test_every_answer_bears_the_headers_of_data(server: Server) -> None:
    asked = [(m, url) for m, url in every(server) if url.startswith(API)]  # no page is a stream's
    answers = [server.ask(*one, {}, token=token) for one in asked for token in (TOKEN, None)]

    wanted = {
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'self'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    found = [{name: answer.headers[name] for name in wanted} for answer in answers]
    assert found == [wanted] * len(answers)
    assert {a.headers["Content-Type"] for a in answers if a.body} == {"application/json"}


def test_the_page_may_load_nothing_from_elsewhere(server: Server) -> None:
    answer = server.ask("GET", "/runfolio")

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    assert b"<script>" not in answer.body
