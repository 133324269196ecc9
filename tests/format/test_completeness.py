"""Whether a run can be replayed from its record: a rule for each thing that may be missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from runfolio.format.cells import cells_notebook
from runfolio.format.completeness import (
    completeness,
    in_a_line,
    parts,
    reasons,
    verdict,
)
from runfolio.format.holdings import Held, holdings
from runfolio.model.context import CellExecution

WHOLE = Held(commit=True, settings=1, data=1, lock=True, seeds=True, metrics=1, files=1)


def test_a_whole_record_is_replayable() -> None:
    assert reasons(WHOLE) == ()
    assert set(parts(WHOLE).values()) == {"whole"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"commit": False}, "the code was not captured"),
        ({"commit": False, "git_why": "no git repository"},
         "the code was not captured (no git repository)"),
        ({"commit": False, "work_tree": True, "git_why": "git does not trust it"},
         "git could not tell the rest of the code (git does not trust it)"),
        ({"commit": False, "script": True, "left_out": ("module losses",)},
         "module losses was not captured"),
        ({"typed": True}, "what was typed is not known"),
        ({"left_out": ("big.py",)}, "big.py was not captured"),
        ({"left_out": ("198,002 untracked files",)}, "198,002 untracked files were not captured"),
        ({"left_out": ("a.py", "b;c.py")}, "a.py and b,c.py were not captured"),
        ({"left_out": ("a", "b", "c")}, "a and 2 others were not captured"),
        ({"notebook": True, "cells": None}, "the executed cells are not known"),
        ({"notebook": True, "cells": 3, "early": 1}, "1 cell ran before tracking"),
        ({"notebook": True, "cells": 3, "without_text": 2}, "the text of 2 cells is not known"),
        ({"lock": False}, "the environment was not captured"),
        ({"environment_why": "julia is no Python"},
         "the environment of the program was not captured (julia is no Python)"),
        ({"installed_why": "it took too long"},
         "it is not known what was installed by the end (it took too long)"),
        ({"not_installable": ("lib 1.0",)}, "lib 1.0 cannot be installed again"),
        ({"seeds": False}, "the seeds were not captured"),
        ({"data": 0}, "no data set was declared"),
        ({"without_hash": ("train",)}, "train has no hash"),
        ({"secrets": 2}, "2 secrets were taken out and must be supplied"),
    ],
)  # fmt: skip
def test_each_thing_that_is_missing_is_a_reason(change: dict[str, Any], reason: str) -> None:
    assert reasons(replace(WHOLE, **change)) == (reason,)


@pytest.mark.parametrize(
    "change",
    [
        {"changed_files": 3}, {"left_out": ("data/big.CSV", "model.pt")}, {"settings": 0},
        {"metrics": 0}, {"files": 0}, {"data": 0, "data_seen": True},
        {"notebook": True, "cells": 3}, {"commit": False, "work_tree": True},
        {"commit": False, "script": True, "git_why": "no git repository"},
        {"commit": False, "notebook": True, "cells": 3, "git_why": "no git repository"},
    ],
    ids=str,
)  # fmt: skip
def test_what_a_replay_does_not_need_is_no_reason(change: dict[str, Any]) -> None:
    assert reasons(replace(WHOLE, **change)) == ()


@pytest.mark.parametrize(
    ("counts", "secrets"),
    [({"redacted": 3, "to_supply": 1}, 1), ({"redacted": 3, "to_supply": 0}, 0), ({"redacted": 3}, 3)],
)  # fmt: skip
def test_only_secrets_that_a_repetition_needs_count(
    tmp_path: Path, counts: dict[str, int], secrets: int
) -> None:
    assert holdings(tmp_path, {"counts": counts}).secrets == secrets


@pytest.mark.parametrize(
    ("body", "typed", "script"),
    [
        ({"command": ["python"]}, True, False),
        ({"command": ["python", "-", "a"]}, True, False),
        ({"command": ["python"], "kernel_id": "k"}, False, False),
        ({"command": ["python", "-c", "x = 1"]}, False, True),
        ({"command": ["python", "-c", "x = 1…", "a"]}, True, True),
        ({"command": ["python", "train.py"]}, False, False),
        ({"command": ["python", "-m", "installed"]}, False, True),
        ({"command": ["installed", "x"]}, False, True),
    ],
)
def test_a_program_that_was_typed_is_not_known_and_an_installed_one_is(
    tmp_path: Path, body: dict[str, Any], typed: bool, script: bool
) -> None:
    assert holdings(tmp_path, body).script is False
    write(tmp_path, "code/not_captured.json", b"[]")
    found = holdings(tmp_path, body)
    assert (found.typed, found.script) == (typed, script)


def test_of_a_run_without_capture_one_reason_is_enough() -> None:
    assert reasons(Held(settings=1, metrics=1)) == ("only metrics and settings were recorded",)


def test_the_verdict_names_two_reasons_and_counts_the_others() -> None:
    said = [verdict({"replayable": f"no: {'; '.join('abcd'[:n])}"}) for n in (1, 2, 3, 4)]
    assert said == [
        "no, because a", "no, because a and b", "no, because a, b and 1 more reason",
        "no, because a, b and 2 more reasons",
    ]  # fmt: skip
    assert verdict({"replayable": "yes"}) == "yes"
    assert verdict({"code": "whole"}) == verdict({}) == ""


def test_one_line_says_what_is_there_and_what_is_missing() -> None:
    missing = replace(WHOLE, data=0, settings=0, left_out=("big.py",))
    line = in_a_line(parts(missing) | {"replayable": "no: big.py was not captured"})
    assert line == (
        "whole environment, seeds, metrics, artifacts · partly code · missing config, data · "
        "replayable: no, because big.py was not captured"
    )


def cell(order: int, source: str, status: str = "ok") -> CellExecution:
    return CellExecution(source, f"{order}", order, None, 0, 0.1, status)


CELLS = [
    cell(1, "import numpy as np\n%matplotlib inline", "before-tracking"),
    cell(2, "np.random.rand()", "before-tracking"), cell(3, "%%track\nx = 1"), cell(4, ""),
]  # fmt: skip


def write(folder: Path, name: str, content: bytes = b"") -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def test_what_a_folder_holds_is_looked_up_in_it(tmp_path: Path) -> None:
    left_out = [{"what": "a.py", "why": "too large"}, {"what": "the program's environment", "why": "R is no Python; so"}, {"what": "code under version control", "why": "slow"}]  # fmt: skip
    write(tmp_path, "code/not_captured.json", orjson.dumps(left_out))
    write(tmp_path, "code/cells.ipynb", cells_notebook(CELLS))
    for name in ("code/script/t.py", "environment/requirements.lock", "rng/1.json", "files/m.pt"):  # fmt: skip
        write(tmp_path, name)
    write(tmp_path, "data.json", b'{"detection": {"dropped": 0}}')
    body = {
        "git": {"sha": "1" * 40, "files_changed": 2}, "config": {"a": {"b": ["[redacted:k]"]}},
        "metrics": {"loss": {}}, "data": [{"name": "t", "hash": None}, {"name": "u", "hash": "x"}],
    }  # fmt: skip

    assert holdings(tmp_path, body) == Held(
        commit=True, work_tree=True, git_why="slow", changed_files=2, script=True, left_out=("a.py",), notebook=True, cells=4,
        early=1, without_text=1, settings=1, data=2, data_seen=True, without_hash=("t",), lock=True,
        environment_why="R is no Python", seeds=True, metrics=1, files=1, secrets=1,
    )  # fmt: skip
    assert holdings(tmp_path, body, CELLS) == holdings(tmp_path, body)


@pytest.mark.parametrize(
    "content", [b'{"detection": {"dropped": 3}}', b'{"used": []}', b"[]", b"{"]
)
def test_data_was_seen_only_where_all_that_was_opened_was_looked_at(
    tmp_path: Path, content: bytes
) -> None:
    write(tmp_path, "data.json", content)
    assert holdings(tmp_path, {}).data_seen is False


@pytest.mark.parametrize(
    ("used", "names"),
    [
        (b'{"distributions": {"a": "1", "b": "2"}}', ("a 1",)),
        (b'{"distributions": {}}', ()),
        (b"[]", ("a 1", "c 3")),
    ],
)
def test_only_what_was_imported_has_to_be_installed_again(
    tmp_path: Path, used: bytes, names: tuple[str, ...]
) -> None:
    missing = [{"what": "a 1", "why": "a folder"}, {"what": "c 3", "why": "a file"}]
    write(tmp_path, "environment/environment.json", orjson.dumps({"not_pinned": missing}))
    write(tmp_path, "environment/used.json", used)
    assert holdings(tmp_path, {}).not_installable == names


@pytest.mark.parametrize("content", [b"", b"{", b"[3]", b"{}", b'{"cells": [1]}', b"null"])
def test_a_damaged_file_is_as_none(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "code/not_captured.json", content)
    write(tmp_path, "code/cells.ipynb", content)
    found = holdings(tmp_path, {"kernel_id": "k"})

    assert (found.left_out, found.cells, found.notebook) == ((), None, True)
    assert completeness(tmp_path, {})["replayable"] == "no: only metrics and settings were recorded"
