"""``diff`` of runs that lack things, are damaged or hostile: what cannot be compared is named."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import runfolio
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest
from runfolio.record.api import init
from runfolio.verbs.diff import PARTS, DiffView

GOLDEN = Path(__file__).parent.parent / "golden"
FORMATS = sorted(path.name for path in GOLDEN.iterdir() if (path / "expected.json").is_file())
FILES = (
    "run.json", "events.jsonl", "seeds.json", "data.json", "seal.json", "metrics.parquet",
    "environment/environment.json", "environment/used.json", "code/git.json",
)  # fmt: skip
EVIL = "\x1b[31m\u202e<script>alert(1)</script>](javascript:1)"
Make = Callable[..., Path]


def forms(view: DiffView) -> list[str]:
    return [str(view), view.to_html(), view.to_markdown(), view.to_json()]


@pytest.fixture
def two(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    runs = []
    for n in range(2):
        with init("digits", name=f"run-{n}", config={"lr": n}) as made:
            made.log({"loss": n}, step=0)
            made.life.snapshot.wait(60)
        runs.append(made.path)
    return runs[0], runs[1]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "torn": lambda body: body[: len(body) // 2],
    "empty": lambda body: b"",
    "noise": lambda body: bytes(range(256)) * 9,
    "a list": lambda body: b"[1, [2], null]",
    "deep": lambda body: b"[" * 100_000,
    "a long line": lambda body: b'{"a":"' + b"x" * 10_000_000 + b'"}\n',
    "hostile": lambda body: body.replace(b'":"', b'":"' + json.dumps(EVIL)[1:-1].encode()),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_whatever_a_file_holds_the_rest_is_told(two: tuple[Path, Path], kind: str) -> None:
    kept = {name: (two[1] / name).read_bytes() for name in FILES if (two[1] / name).exists()}
    for name, body in kept.items():
        (two[1] / name).write_bytes(DAMAGES[kind](body))
        told = forms(runfolio.diff(two[0].name, two[1].name))
        assert not any("\x1b" in text or "\u202e" in text for text in told)
        assert "<script" not in told[1]
        assert all(part in told[0] for part in PARTS)
        (two[1] / name).write_bytes(body)


@pytest.mark.parametrize(
    ("name", "part"),
    [("seeds.json", "seeds"), ("data.json", "data"), ("environment/environment.json", "environment"),
     ("metrics.parquet", "metrics")],
)  # fmt: skip
def test_a_lost_file_is_named_where_it_is_missed(
    two: tuple[Path, Path], name: str, part: str
) -> None:
    (two[1] / name).unlink()
    assert two[1].name[-6:] in runfolio.diff(two[0].name, two[1].name).diff.why(part)[0]


def test_runs_of_every_golden_format_are_compared_with_each_other(store_path: Path) -> None:
    store_path.mkdir(exist_ok=True)
    for place, name in enumerate(FORMATS):
        (source,) = (path for path in (GOLDEN / name).iterdir() if path.is_dir())
        shutil.copytree(source, store_path / f"{place}-{name}")
    for was, now in itertools.permutations(sorted(path.name for path in store_path.iterdir()), 2):
        assert all(forms(runfolio.diff(was, now)))


def test_a_run_that_goes_on_is_compared_as_it_stands(make_run: Make, elsewhere: Path) -> None:
    make_run("ended")
    view = runfolio.diff("ended", elsewhere.name)
    assert "has not ended: it is compared as it stands now" in view.diff.why("record")[0]
    assert "loss" in str(view)
    assert all("as it stands now" in text for text in forms(view))


def test_a_hundred_thousand_settings_are_compared_and_cut(make_run: Make) -> None:
    make_run("few", config={"k0": 1})
    many = make_run("many")
    config = {f"k{n}": n for n in range(100_000)}
    write_manifest(many, {"format": 1, "id": many.name, "name": "many", "config": config}, Disk())
    view = runfolio.diff("few", "many", only=["config"])
    assert len(view.diff.config) == 100_000
    assert "and 99,800 more" in str(view)
    assert max(map(len, forms(view)[:3])) < 100_000
