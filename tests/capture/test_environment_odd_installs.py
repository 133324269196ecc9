"""Installations that pip would not have made, or that something damaged."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from runfolio.capture.distributions import installed
from runfolio.capture.editable import with_states
from runfolio.capture.locks import not_pinned, pins
from runfolio.model.context import Distribution, Environment


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of installed distributions."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    return folder


def put(site: Path, info: str, metadata: bytes | None, *more: str) -> None:
    folder = site / info
    folder.mkdir()
    if metadata is not None:
        (folder / "METADATA").write_bytes(metadata)
    for name in more:
        (folder / name).touch()


def read(site: Path, root: Path | None = None) -> tuple[Distribution, ...]:
    return installed(root or site.parent, [str(site)])


def found(site: Path) -> list[tuple[str, str, str]]:
    return [(one.name, one.version, one.kind) for one in read(site)]


def locked(site: Path) -> list[str]:
    return pins(Environment({}, read(site))).splitlines()[1:]


def test_a_folder_without_metadata_is_named_and_cannot_be_pinned(site):
    put(site, "half_gone-1.2.dist-info", None, "RECORD")
    assert found(site) == [("half_gone", "1.2", "broken")]
    assert locked(site) == ["# half_gone==1.2 (broken)"]
    (missing,) = not_pinned(Environment({}, read(site)))
    assert missing.what == "half_gone 1.2"


@pytest.mark.parametrize(
    "metadata", [b"", b"\xff\xfe\x00", b"Name: \xe9\xff\nVersion: 1\n", b"\n\nName: late\n"]
)
def test_metadata_that_names_nothing_counts_as_none(site, metadata):
    put(site, "torn-0.3.dist-info", metadata, "RECORD")
    assert found(site) == [("torn", "0.3", "broken")]


def test_metadata_that_is_not_utf_8_is_read_as_far_as_it_goes(site):
    put(site, "x-1.dist-info", b"Name: x\nAuthor: Andr\xe9\nVersion: 1.5\n\n\xff", "RECORD")
    assert found(site) == [("x", "1.5", "index")]


def test_ten_megabytes_of_metadata_are_not_read(site):
    long = b"Name: x\nVersion: 1.0\n\n" + b"Name: y\n" * 1_300_000
    put(site, "x-1.0.dist-info", long, "RECORD")
    assert found(site) == [("x", "1.0", "index")]


def test_what_nobody_listed_the_files_of_is_pinned_with_a_remark(site):
    put(site, "apt_mod-2.0.dist-info", b"Name: apt-mod\nVersion: 2.0\n")
    assert found(site) == [("apt-mod", "2.0", "unlisted")]
    assert locked(site) == ["apt-mod==2.0  # installed without pip"]


@pytest.mark.parametrize(
    "version", ["2004d", "1.0-custom", "1 --index-url https://a:b@c/", "1\\n-r x"]
)
def test_a_version_that_no_installer_takes_costs_the_lock_nothing(site, version):
    put(site, "odd-1.dist-info", f"Name: odd\nVersion: {version}\n".encode(), "RECORD")
    assert locked(site) == ["# odd (index, of a version that is none)"]
    assert [one.what for one in not_pinned(Environment({}, read(site)))] == [f"odd {version}"]


def test_without_a_version_nothing_is_pinned(site):
    put(site, "odd.dist-info", b"Name: odd\n", "RECORD")
    assert locked(site) == ["# odd (index, of a version that is none)"]


def test_a_pipe_in_the_place_of_metadata_is_not_waited_for(site):
    put(site, "piped-1.0.dist-info", None)
    os.mkfifo(site / "piped-1.0.dist-info" / "METADATA")
    assert found(site) == [("piped", "1.0", "broken")]


def test_of_two_versions_in_one_folder_the_one_installed_last_counts(site):
    for version, changed in (("1.9", 2_000), ("1.10", 1_000)):
        put(site, f"x-{version}.dist-info", f"Name: x\nVersion: {version}\n".encode(), "RECORD")
        os.utime(site / f"x-{version}.dist-info", (changed, changed))
    assert found(site) == [("x", "1.9", "index")]


def test_what_an_interrupted_installer_left_behind_is_passed_over(site):
    put(site, "~umpy-2.0.dist-info", b"Name: numpy\nVersion: 2.0\n", "RECORD")
    assert found(site) == []


def test_an_egg_on_the_path_is_read(site):
    egg = site / "old-0.1-py3.egg"
    (egg / "EGG-INFO").mkdir(parents=True)
    (egg / "EGG-INFO" / "PKG-INFO").write_text("Name: old\nVersion: 0.1\n")
    assert [(name, version) for name, version, _ in found(egg)] == [("old", "0.1")]


def editable(site: Path, name: str, folder: Path) -> None:
    put(site, f"{name}-1.0.dist-info", f"Name: {name}\nVersion: 1.0\n".encode(), "RECORD")
    direct = {"url": folder.as_uri(), "dir_info": {"editable": True}}
    (site / f"{name}-1.0.dist-info" / "direct_url.json").write_text(json.dumps(direct))


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=n", "-c", "user.email=e@x"]
    done = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().strip()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A repository of one file, with an address to get it from."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "lib.py").write_text("A = 1\n")
    git(folder, "init", "-q")
    git(folder, "remote", "add", "origin", "https://me:secret@host/library.git")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def test_of_an_editable_one_commit_and_content_are_told(site, tmp_path, library):
    editable(site, "lib", library)
    project = tmp_path / "project"
    project.mkdir()
    (clean,) = with_states(read(site, project), project)
    assert clean.git is not None
    assert clean.git["sha"] == git(library, "rev-parse", "HEAD")
    assert (clean.git["dirty"], clean.git["remote"]) == (False, "https://host/library.git")
    assert not_pinned(Environment({}, (clean,))) == []
    (library / "lib.py").write_text("A = 2\n")
    (changed,) = with_states(read(site, project), project)
    assert changed.git is not None
    assert changed.git["dirty"] is True
    assert changed.git["tree"] != clean.git["tree"]
    assert "changed since its commit" in not_pinned(Environment({}, (changed,)))[0].why


def test_one_below_the_project_is_the_runs_own_code(site, tmp_path, library):
    editable(site, "lib", library)
    (one,) = with_states(read(site), tmp_path)
    assert one.in_project
    assert one.git is None
    assert not_pinned(Environment({}, (one,))) == []


@pytest.mark.parametrize(
    ("one", "fine"),
    [
        (Distribution("x", "1", "vcs", "https://host/x@ab12"), True),
        (Distribution("x", "1", "vcs", "https://host/x"), False),
        (Distribution("x", "1", "archive", "https://host/x.whl"), True),
        (Distribution("x", "1", "archive", "x.whl"), False),
        (Distribution("x", "1", "directory", "x"), False),
        (Distribution("x", "1", "editable", "x"), False),
        (Distribution("x", "1", "conda"), True),
        (Distribution("x", "1 ; os", "index"), False),
    ],
)
def test_what_nothing_in_the_record_can_install_again_is_named(one, fine):
    assert (not_pinned(Environment({}, (one,))) == []) is fine
