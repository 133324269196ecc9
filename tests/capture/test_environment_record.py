"""Interpreter, system, hardware and distributions."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from pathlib import Path

import pytest

from runfolio.capture.distributions import installed
from runfolio.capture.environment import environment
from runfolio.capture.locks import lock_files, pins
from runfolio.model.context import Distribution, Environment


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on the path that distributions can be put into."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder)])

    def put(name, version="1.0", direct=None, installer=None, ending="dist-info", text=None):
        info = folder / f"{name}-{version}.{ending}"
        info.mkdir()
        metadata = text or f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: no\n"
        (info / ("METADATA" if ending == "dist-info" else "PKG-INFO")).write_text(metadata)
        if direct is not None:
            (info / "direct_url.json").write_text(
                direct if isinstance(direct, str) else json.dumps(direct)
            )
        if ending == "dist-info":
            (info / "RECORD").write_text(f"{name}/__init__.py,,\n")
        if installer is not None:
            (info / "INSTALLER").write_text(installer)
        return info

    return put


def one(tmp_path):
    (found,) = installed(tmp_path)
    return found


def test_names_and_versions_are_those_of_importlib():
    expected = {
        (d.metadata["Name"], d.version)
        for d in importlib.metadata.distributions()
        if d.metadata["Name"]
    }
    assert {(d.name, d.version) for d in environment().distributions} == expected


def test_facts_are_json_and_name_no_machine_path():
    facts = environment().facts
    assert facts["python"] == ".".join(map(str, sys.version_info[:3]))
    assert facts["memory_bytes"] > 0
    assert f"{Path.home()}/" not in json.dumps(facts)
    assert sys.prefix not in json.dumps(facts)


def test_only_known_variables_are_recorded(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    assert environment().facts["variables"]["OMP_NUM_THREADS"] == "4"
    assert "sk-1" not in json.dumps(environment().facts)


@pytest.mark.parametrize(
    ("direct", "kind", "origin"),
    [
        ({"url": "https://u:p@host/x.whl", "archive_info": {}}, "archive", "https://host/x.whl"),
        ({"url": "https://t@host/r.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}}, "vcs", "https://host/r.git@ab12"),
        ({"url": "file:///home/me/x-1.whl", "archive_info": {}}, "archive", "x-1.whl"),
        ({"url": "file:///home/me/lib", "dir_info": {}}, "directory", "lib"),
        ({"url": "file:///home/me/lib", "dir_info": {"editable": True}}, "editable", "lib"),
        ("not json", "directory", None),
        ("[]", "directory", None),
    ],
)  # fmt: skip
def test_the_origin_is_told_without_user_and_place(site, tmp_path, direct, kind, origin):
    site("x", direct=direct)
    assert one(tmp_path) == Distribution("x", "1.0", kind, origin)


def test_an_origin_inside_the_project_is_relative_to_it(site, tmp_path):
    site("x", direct={"url": f"file://{tmp_path}/libs/my%20x", "dir_info": {"editable": True}})
    assert one(tmp_path).origin == "libs/my x"


def test_what_conda_installed_is_conda(site, tmp_path):
    site("x", installer="conda\n")
    assert one(tmp_path).kind == "conda"


def test_a_distribution_without_a_proper_name_is_passed_over(site, tmp_path):
    site("x", text="Name: x\\\n==1\nVersion: 1\n", ending="egg-info")
    site("y", text="garbage", ending="egg-info")
    assert installed(tmp_path) == ()


def test_a_new_distribution_is_seen_at_once(site, tmp_path):
    site("x")
    assert len(installed(tmp_path)) == 1
    site("y")
    assert len(installed(tmp_path)) == 2


def test_the_first_of_two_with_one_name_counts(site, tmp_path, monkeypatch):
    site("My.Pkg", "1.0")
    other = tmp_path / "other" / "my_pkg-2.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Name: my-pkg\nVersion: 2.0\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(other.parent), "", "/nowhere", "\0"])
    assert one(tmp_path).version == "1.0"


def test_an_egg_is_read_as_well(site, tmp_path):
    site("x", ending="egg-info")
    assert one(tmp_path).name == "x"


def test_pins_hold_what_an_index_has_and_no_address():
    env = Environment(
        {"python": "3.11.7"},
        (
            Distribution("b", "2.0+cpu"),
            Distribution("a", "1.0", "conda"),
            Distribution("c", "1.0", "vcs", "https://host/c@ab"),
            Distribution("d", "1 --index-url=x"),
        ),
    )
    assert pins(env) == (
        "# Python 3.11.7\na==1.0  # conda\n"
        "b==2.0+cpu  # a build of its own index: give it as --extra-index-url\n"
        "# c==1.0 (vcs)\n# d (index, of a version that is none)\n"
    )


def test_lock_files_are_copied_without_passwords(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "uv.lock").write_bytes(b"\xff binary")
    (tmp_path / "requirements.txt").write_text(
        "--index-url https://u:secret@host/simple\n--password hunter2\nx==1.0 --hash=sha256:0\n"
    )
    inner = tmp_path / "src"
    inner.mkdir()
    found = lock_files(inner)
    assert found["uv.lock"] == b"\xff binary"
    assert found["requirements.txt"].decode() == (
        "--index-url https://[redacted:user-info]@host/simple\n--password [redacted:password]\n"
        "x==1.0 --hash=sha256:0\n"
    )


def test_the_key_of_a_private_channel_is_not_copied(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    key = "ab-" + "12345678" * 4
    (tmp_path / "conda-lock.yml").write_text(f"url: https://conda.host/t/{key}/main/x-1-0.conda\n")
    (tmp_path / "pixi.lock").write_text(f'"https://host/api/repo/t/{key}/main"\nhttps://host/t/x\n')
    found = lock_files(tmp_path)
    assert (
        found["conda-lock.yml"] == b"url: https://conda.host/t/[redacted:token]/main/x-1-0.conda\n"
    )
    assert (
        found["pixi.lock"] == b'"https://host/api/repo/t/[redacted:token]/main"\nhttps://host/t/x\n'
    )


def test_the_projects_own_lock_does_not_take_the_name_of_the_runs_pins(tmp_path):
    (tmp_path / "requirements.lock").write_text("x==1\n")
    assert list(lock_files(tmp_path)) == ["project-requirements.lock"]


def test_a_pipe_or_a_huge_file_is_no_lock(tmp_path):
    os.mkfifo(tmp_path / "uv.lock")
    with (tmp_path / "poetry.lock").open("wb") as file:
        file.truncate(1 << 30)
    assert lock_files(tmp_path) == {}


def test_packages_of_a_conda_prefix_are_listed_with_their_addresses_but_no_keys(
    tmp_path, monkeypatch
):
    records = tmp_path / "conda-meta"
    records.mkdir()
    url = "https://host/t/tk-123/main/linux-64/numpy-base-2.0-py311_0.conda"
    about = {"files": ["url"], "md5": "0a1b", "name": "numpy-base", "url": url}
    (records / "numpy-base-2.0-py311_0.json").write_text(json.dumps(about, indent=2))
    (records / "own-1.0-0.json").touch()
    (records / "history").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert lock_files(tmp_path)["conda-explicit.txt"].decode().splitlines() == [
        "@EXPLICIT",
        "https://host/main/linux-64/numpy-base-2.0-py311_0.conda#0a1b",
        "# own=1.0=0 (no address is known)",
    ]
    assert environment().facts["interpreter"] == "conda"
