"""Artifacts over the server: listed in pages, told by names, and nothing outside the store is read."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.artifact_store import ArtifactStore
from tests.server.served import API, Page, Server, serving
from tests.server.test_ids import NO_IDS

from runfolio.format.artifact_versions import ArtifactVersions

BAD = "<img src=x onerror=alert(1)><script>alert(2)</script>\x1b[31m\u202e"
SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
CSV = "id,value\n" + "".join(f"{n},{n * n}\n" for n in range(200))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ArtifactStore:
    """Return a store: two versions of data, a model of the first one, and what means harm."""
    store = ArtifactStore(tmp_path_factory.mktemp("root") / "folio")
    store.run("prepare", made=[("digits", 0, "dataset")])
    store.version("digits", {"d.csv": CSV.encode()}, run="prepare")
    store.run("train", used=[("digits", 0, "dataset")], made=[("net", 0, "model")])
    store.version("net", {"w.npy": b"w", "a/b.txt": b"b"}, run="train", type="model",
                  description=BAD, metadata={"acc": 0.97, "at": {"lr": 0.1}, "key": SECRET, BAD: BAD})  # fmt: skip
    store.version("digits", {"d.csv": CSV.replace("4,16\n", "4,17\n").encode()}, run="gone")
    digits = ArtifactVersions(store.path, "digits")
    digits.stage("production", 0, why="the first")
    digits.stage("production", 1, why="the better")
    digits.move("best", 0)
    return store


@pytest.fixture(scope="module")
def server(made: ArtifactStore, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server over that store."""
    with serving(made.path.parent, tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def ask(server: Server) -> Any:
    """Return what asks below the artifacts of the store."""
    return lambda path="": server.get(f"stores/{server.store}/artifacts{path}")


def test_the_list_tells_name_type_newest_version_stages_size_age_and_maker(ask: Any) -> None:
    told = ask()

    digits = next(one for one in told["artifacts"] if one["name"] == "digits")
    assert [one["name"] for one in told["artifacts"]] == ["digits", "net"]
    assert (told["n"], told["total"], told["versions"]) == (2, 2, 3)
    assert told["types"] == ["dataset", "model"]
    assert (digits["type"], digits["newest"], digits["versions"]) == ("dataset", 1, 2)
    assert (digits["stages"], digits["aliases"]) == ({"production": 1}, {"best": 0})
    assert digits["size_bytes"] == len(CSV)
    assert digits["created_ms"] > 1e12
    assert digits["run"] == {"id": "", "name": "gone, which is not in this store any more",
                             "status": "", "glyph": ""}  # fmt: skip
    net = told["artifacts"][1]
    assert (net["run"]["id"], net["run"]["glyph"]) == ("train", "✓")


@pytest.mark.parametrize(
    ("asked", "found"),
    [("text=DIG", ["digits"]), ("text=production", ["digits"]), ("text=best%20digits", ["digits"]),
     ("text=nothing", []), ("type=model", ["net"]), ("type=model&text=digits", []),
     ("offset=1", ["net"]), ("limit=1", ["digits"]), ("limit=0", [])],
)  # fmt: skip
def test_a_text_and_a_type_select_and_pages_part(ask: Any, asked: str, found: list[str]) -> None:
    assert [one["name"] for one in ask(f"?{asked}")["artifacts"]] == found


def test_a_card_tells_versions_stages_and_their_history(ask: Any) -> None:
    card = ask("/digits")

    assert [one["version"] for one in card["versions"]] == [1, 0]
    assert card["versions"][1]["aliases"] == ["best"]
    assert card["versions"][0]["stages"] == ["production"]
    assert card["versions"][1]["run"]["id"] == "prepare"
    assert [(one["stage"], one["version"], one["was"], one["why"]) for one in card["history"]] == [
        ("production", 1, 0, "the better"), ("production", 0, None, "the first"),
    ]  # fmt: skip
    assert card["aliases"] == {"best": 0, "latest": 1}
    assert [one["version"] for one in ask("/digits?offset=1&limit=1")["versions"]] == [0]


def test_a_version_tells_files_and_what_was_noted_without_secrets(ask: Any) -> None:
    told = ask("/net/v0")

    assert [(one["path"], one["size_bytes"]) for one in told["files"]] == [("a/b.txt", 1), ("w.npy", 1)]  # fmt: skip
    noted = {one["name"]: one["value"] for one in told["metadata"]}
    assert (noted["acc"], noted["at.lr"]) == ("0.97", "0.1")
    assert SECRET not in str(told)
    assert not {"\x1b", "\u202e"} & set(str(told))
    assert told["run"]["id"] == "train"
    assert ask("/net/v0?offset=1&limit=1")["files"][0]["path"] == "w.npy"


def test_the_tables_of_a_data_set_are_described(ask: Any) -> None:
    told = ask("/digits/v0/profile")

    titles = [column["title"] for column in told["tables"][0]["columns"]]
    assert titles[:3] == ["column", "type", "missing"]
    assert told["tables"][0]["columns"][0]["cells"] == ["id", "value"]


def test_two_versions_are_compared_row_by_row(ask: Any) -> None:
    told = ask("/digits/v0/difference/v1")

    files, table = told["sections"]
    assert [line["name"] for line in files["lines"]] == ["d.csv"]
    assert "1 changed" in table["summary"]
    rows = next(block for block in table["blocks"] if block["title"] == "rows")
    assert (rows["lines"][0]["was"], rows["lines"][0]["now"]) == ("value 16", "value 17")


def test_the_lineage_is_the_drawing_of_notebooks_and_names_users(ask: Any) -> None:
    told = ask("/digits/v0/lineage")

    assert told["svg"].startswith("<svg ")
    assert '<g data-kind="version" data-id="digits:v0">' in told["svg"]
    assert [user["id"] for user in told["users"]] == ["train"]
    titles = {one["title"]: one for one in told["nodes"]}
    assert titles["train"]["old"] == "digits:v1 is newer than v0"
    assert titles["train"]["came_from"] == ["digits:v0"]


def test_what_had_a_stage_is_told_for_any_moment(ask: Any, made: ArtifactStore) -> None:
    first, second = ArtifactVersions(made.path, "digits").log.read()[0][:2]

    def at(moment: str) -> Any:
        held = ask(f"/digits/held?at={moment}")["stages"]["production"]
        return held and held["version"]

    assert at("2020-01-01T00:00:00Z") is None
    assert (at(first.time), at(second.time)) == (0, 1)
    assert at("2999-01-01T00:00:00Z") == 1


@pytest.mark.parametrize("ident", NO_IDS)
@pytest.mark.parametrize("part", ["", "/v0", "/held?at=2026-11-01T00:00:00Z", "/v0/lineage", "/v0/profile", "/v0/difference/v1"])  # fmt: skip
def test_what_is_no_name_reaches_no_file(server: Server, made: ArtifactStore, ident: str, part: str) -> None:  # fmt: skip
    for written in (quote(ident, safe=""), quote(ident, safe="/%;\\")):
        answer = server.ask("GET", f"{API}stores/{server.store}/artifacts/{written}{part}")

        assert answer.status in (400, 404), written
        assert answer.headers["Content-Type"].startswith("application/json")
        assert b"<script" not in answer.body
        assert str(made.path).encode() not in answer.body


@pytest.mark.parametrize(
    ("path", "says"),
    [("/digist", "digits"), ("/digits/v7", "newest is v1"), ("/digits/v01", "nothing at this address"),
     ("/digits/v99999999999", "nothing at this address"), ("/digits/v0/picture", "nothing at"),
     ("/digits/v0/difference/v9", "v9"), ("/digits/v9/lineage", "v9")],
)  # fmt: skip
def test_what_is_not_there_is_a_sentence(server: Server, path: str, says: str) -> None:
    answer = server.ask("GET", f"{API}stores/{server.store}/artifacts{path}")

    assert answer.status == 404
    assert says in answer.told["message"]


@pytest.mark.parametrize("at", ["", "yesterday", "2026-13-01T00:00:00Z", "9" * 400])
def test_a_moment_that_is_none_is_refused(server: Server, at: str) -> None:
    answer = server.ask("GET", f"{API}stores/{server.store}/artifacts/digits/held?at={at}")

    assert (answer.status, set(answer.told)) == (400, {"message"})


def test_a_promotion_from_elsewhere_reaches_the_page(server: Server, ask: Any, made: ArtifactStore) -> None:  # fmt: skip
    with Page(server) as page:
        page.open("runs")
        time.sleep(1.5)  # the first look only tells how things stand
        ArtifactVersions(made.path, "net").stage("staging", 0)

        page.until(lambda told, _: server.store in told.get("artifacts", []))
    assert next(one for one in ask()["artifacts"] if one["name"] == "net")["stages"] == {"staging": 0}  # fmt: skip


def test_links_and_damaged_versions_are_told_and_not_followed(server: Server, ask: Any, made: ArtifactStore, tmp_path: Path) -> None:  # fmt: skip
    outside = tmp_path / "outside"
    shutil.copytree(made.path / ".artifacts" / "net", outside)
    (made.path / ".artifacts" / "linked").symlink_to(outside)
    made.version("broken", {"x": b"x"}, type="model")
    folder = made.path / ".artifacts" / "broken"
    body = (folder / "v0.json").read_bytes()
    (folder / "v0.json").chmod(0o644)
    (folder / "v0.json").write_bytes(body.replace(b'"model"', b'"mode1"'))
    (folder / "v1.json").symlink_to(outside / "v0.json")
    os.mkfifo(folder / "v2.json")
    try:
        told = {one["name"]: one for one in ask()["artifacts"]}
        card = ask("/broken")
        answers = [server.ask("GET", f"{API}stores/{server.store}/artifacts/{path}")
                   for path in ("linked", "broken/v0", "broken/v1", "broken/v2", "broken/v0/lineage",
                                "broken/v1/profile", "broken/v0/difference/v1")]  # fmt: skip
    finally:
        shutil.rmtree(folder)
        (made.path / ".artifacts" / "linked").unlink()

    assert "linked" not in told
    assert told["broken"]["problems"]
    assert [bool(one["fault"]) for one in card["versions"]] == [True, True, True]
    assert all(400 <= answer.status < 500 or path == 4 for path, answer in enumerate(answers)), answers  # fmt: skip
    assert not any(str(tmp_path).encode() in answer.body or str(made.path).encode() in answer.body
                   for answer in answers)  # fmt: skip


def test_a_version_is_read_once_and_what_changed_is_read_again(made: ArtifactStore, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from runfolio.store.artifact_list import ArtifactList

    monkeypatch.setattr("runfolio.store.version_shelf._SETTLED_NS", 0)
    shown, read = ArtifactList(made.path), []
    before = {one.name: one for one in shown.told()}
    told_of = shown.of.told_of
    monkeypatch.setattr(shown.of, "told_of", lambda name: read.append(name) or told_of(name))

    again = shown.told()
    ArtifactVersions(made.path, "net").move("chosen", 0)
    now = {one.name: one for one in shown.told()}

    assert {one.name: one for one in again} == before
    assert read == ["net"]
    assert now["net"].aliases["chosen"] == 0
