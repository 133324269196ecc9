"""Random edits, staged or not: the tree comes out again, and the repository is as it was."""

from __future__ import annotations

import json
import random
import shutil

import pytest

from runfolio.capture.snapshot import snapshot

NAMES = (
    "a",
    "a/b",
    "a/b/c",
    "d.py",
    "e/f.py",
    "g h",
    'i"j',
    "k.ipynb",
    "l/m.ipynb",
    "ñ",
    "-n",
    "o.bin",
)


def remove(path):
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def put(repo, dice, name):
    path = repo.path / name
    for parent in reversed(path.parents):
        if parent.is_symlink() or parent.is_file():
            parent.unlink()
    remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith(".ipynb"):
        cell = {"cell_type": "code", "source": dice.choice("xyz"), "outputs": [dice.random()]}
        path.write_text(json.dumps({"cells": [cell]}))
    elif dice.random() < 0.2:
        path.symlink_to(dice.choice(["d.py", "nowhere", "/etc"]))
    else:
        content = dice.choice([b"", b"no end", b"one\r\ntwo\n", b"\0\1\2" * 9, b"x\n" * 50])
        path.write_bytes(content + str(dice.randrange(3)).encode())
        path.chmod(dice.choice([0o644, 0o755]))


def edit(repo, dice):
    name = dice.choice(NAMES)
    action = dice.random()
    if action < 0.6:
        put(repo, dice, name)
    elif action < 0.8:
        remove(repo.path / name)
    elif action < 0.9:
        repo.git("add", "-A")
    else:
        repo.git("rm", "-r", "-f", "-q", "--cached", "--ignore-unmatch", "--", name)


@pytest.mark.parametrize("seed", range(8))
def test_the_tree_comes_out_again_and_nothing_is_touched(
    seed, tmp_path, new_repo, fingerprint, rebuilt
):
    dice = random.Random(seed)
    repo = new_repo(tmp_path / "repo")
    for count in (dice.randrange(8), dice.randrange(1, 12)):
        for _ in range(count):
            edit(repo, dice)
        if count and dice.random() < 0.7:
            repo.commit()
    for _ in range(dice.randrange(8)):
        edit(repo, dice)
    before = fingerprint(repo.path)
    state = snapshot(repo.path)
    assert fingerprint(repo.path) == before
    assert rebuilt(state, tmp_path / "clone") == (
        state.tree or repo.git("hash-object", "-t", "tree", "/dev/null")
    )
