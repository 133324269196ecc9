"""Whatever is logged or configured: nothing raises, the rest of the row is kept, and it is counted."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from runfolio.errors import RunfolioError, RunfolioWarning, StoreUnusable, UsageError
from runfolio.format.check import check_run
from runfolio.format.manifest import read_manifest, read_record
from runfolio.format.series import read_series
from runfolio.record.api import init
from runfolio.record.run import Run

FULL = os.environ.get("RUNFOLIO_FAULTS") == "full"


@pytest.fixture
def run(store_path: Path) -> Iterator[Run]:
    with init(quiet=True) as opened:
        yield opened


def hostile(*names: str) -> Any:
    """Return an object that raises at every one of these methods."""

    def refuse(*_: object, **__: object) -> Any:
        raise RuntimeError("hands off")

    return type("Hostile", (), dict.fromkeys(names, refuse))()


class Liar:
    """Says that it is a float, a mapping, whatever one asks."""

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        raise RuntimeError("no class")


class SaysFloat:
    @property
    def __class__(self) -> Any:  # type: ignore[override]
        return float


class Meta(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise RuntimeError("no name")

    def __hash__(cls) -> int:
        raise RuntimeError("no hash")


class Nameless(metaclass=Meta):
    pass


class HalfMapping(UserDict):  # type: ignore[type-arg]
    def items(self) -> Any:
        raise RuntimeError("no items")


class Array:
    shape = (3,)

    def __array__(self, *_: object, **__: object) -> Any:
        raise RuntimeError("no array")


class Deep:
    """An endless chain: each element holds the next."""

    shape = ()

    def item(self) -> Any:
        return Deep()


DUNDERS = ("__repr__", "__str__", "__eq__", "__len__", "__array__", "__float__", "__index__",
           "__bool__", "__iter__", "__hash__", "__getattr__")  # fmt: skip
BAD: dict[str, Any] = {
    "all": hostile(*DUNDERS),
    **{name.strip("_"): hostile(name) for name in DUNDERS},
    "dir": hostile("__dir__", "__getattribute__"),
    "liar": Liar(), "says float": SaysFloat(), "nameless": Nameless(), "array": Array(),
    "half": HalfMapping(a=1), "deep": Deep(), "complex": 1j, "none in list": [None],
    "bytes": b"x", "class": Nameless, "lambda": lambda: 1, "huge": np.zeros((3, 0)),
    "objects": np.array([object()], dtype=object), "date": np.datetime64("2026-11-22"),
    "shape": SimpleNamespace(shape="abc"), "shapes": SimpleNamespace(shape=(1, -1, "x")),
    "items": SimpleNamespace(shape=(), item=lambda: "words"), "generator": (n for n in [1]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_the_rest_of_the_row_is_kept(run: Run, name: str) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(3):
            run.log({"before": 1.0, "bad": BAD[name], "after": 2})
            run.log({"nest": {"bad": BAD[name], "good": 3.0}})
    assert len([w for w in told if "'bad'" in str(w.message)]) <= 1
    run.finish(quiet=True)
    record = read_record(run.path)
    assert [record.metrics[key].n for key in ("before", "after", "nest.good")] == [3, 3, 3]
    bad = sum(record.metrics[key].n for key in record.metrics if "bad" in key)
    assert bad + record.counts["refused"] == (6 if name != "huge" else 0) or name == "huge"
    assert [f for f in check_run(run.path) if f.severity == "fault"] == []


@pytest.mark.parametrize("name", BAD)
def test_a_setting_becomes_a_text_at_worst(store_path: Path, name: str) -> None:
    with init(config={"bad": BAD[name], "lr": 1}, quiet=True) as run:
        run.config["later"] = BAD[name]
    assert read_record(run.path).config["lr"] == 1
    assert set(read_record(run.path).config) == {"bad", "later", "lr"}


def test_a_number_that_changes_from_look_to_look_is_taken_once(run: Run) -> None:
    class Changing:
        shape = ()
        looks = 0

        def item(self) -> float:
            Changing.looks += 1
            return float(Changing.looks)

    run.log({"x": Changing()})
    run.finish(quiet=True)
    assert read_series(run.path)["x"].value.tolist() == [1.0]
    assert read_record(run.path).metrics["x"].last == 1.0


def test_what_is_no_mapping_is_misuse_but_a_mapping_that_fails_is_not(run: Run) -> None:
    with pytest.raises(TypeError, match="takes a dictionary"):
        run.log([("a", 1)])  # type: ignore[arg-type]
    with pytest.warns(RunfolioWarning, match="cannot be logged"):
        run.log(HalfMapping(a=1))  # type: ignore[arg-type]
    run.log(OrderedDict(b=1))
    run.log(UserDict(c=2))  # type: ignore[arg-type]
    run.finish(quiet=True)
    assert set(read_record(run.path).metrics) == {"b", "c"}


STRANGE = ["new\nline", 'quo"te', "nul\0", "emoji 🎉", "k" * 65_536, "lone \udcff", "", " ",
           "back\\slash", "a.b", "a/b", "\u202eright", "ключ", "__proto__"]  # fmt: skip


def test_any_text_is_a_key(run: Run) -> None:
    for n, key in enumerate(STRANGE):
        run.log({key: n})
    run.finish(quiet=True)
    found = read_series(run.path)
    assert len(found) == len(STRANGE)
    assert sorted(series.value[0] for series in found.values()) == list(range(len(STRANGE)))
    assert "lone \\udcff" in found
    assert set(read_record(run.path).metrics) == set(found)


@pytest.mark.parametrize("key", [1, 2.5, None, True, ("a", 1), b"x", Path("a/b"), object()])
def test_a_key_that_is_no_text_is_taken_by_its_text(run: Run, key: Any) -> None:
    run.log({key: 1.0, "good": 2.0})
    run.log({"nest": {key: 1.0}})
    run.finish(quiet=True)
    metrics = read_record(run.path).metrics
    assert metrics["good"].n == 1
    assert metrics[str(key)].n == metrics[f"nest.{key}"].n == 1


def test_a_key_whose_text_fails_is_taken_by_its_type(run: Run) -> None:
    run.log({hostile("__str__", "__repr__"): 1.0, "good": 2.0})
    run.finish(quiet=True)
    assert sorted(read_record(run.path).metrics) == ["<Hostile>", "good"]


def test_very_many_metrics_in_one_row(run: Run) -> None:
    many = 100_000 if FULL else 15_000
    run.log({f"layer/{n}/norm": n for n in range(many)})
    run.finish(quiet=True)
    record = read_record(run.path)
    assert (len(record.metrics), record.counts["points"]) == (many, many)
    assert record.problems == ()
    assert len(read_series(run.path, ["layer/9999/norm"])) == 1


def test_very_many_metrics_one_after_the_other(run: Run) -> None:
    many = 100_000 if FULL else 8_000
    for n in range(many):
        run.log({f"{n}": n})
    run.finish(quiet=True)
    assert read_record(run.path).counts["points"] == many
    assert read_series(run.path, ["7777"])["7777"].step.tolist() == [7_777]


def test_a_row_longer_than_any_reader_takes_is_parted(run: Run) -> None:
    run.log({f"{'k' * 30_000}{n}": n for n in range(400)}, step=7)
    run.finish(quiet=True)
    found = read_series(run.path)
    assert len(found) == 400
    assert {series.step[0] for series in found.values()} == {7}
    assert [f for f in check_run(run.path) if f.severity == "fault"] == []


def test_summaries_that_no_reader_would_take_are_left_out_and_said(run: Run) -> None:
    run.log({f"{'k' * 60_000}{n}": n for n in range(400)} | {"loss": 1.0})
    run.finish(quiet=True)
    record = read_record(run.path)
    assert record.metrics["loss"].last == 1
    (problem,) = record.problems
    assert f"no room for {401 - len(record.metrics)} metrics" in problem
    assert len(read_series(run.path)) == 401


def test_a_key_longer_than_any_line_is_refused_and_counted(run: Run) -> None:
    run.log({"k" * 17_000_000: 1.0, "good": 2.0})
    run.finish(quiet=True)
    record = read_record(run.path)
    assert list(record.metrics) == ["good"]
    assert record.counts["refused"] == 1


def shared(levels: int, make: Callable[[Any], Any]) -> Any:
    """Return containers inside each other, each held twice by the next: 2^levels ways through."""
    inner: Any = make(1)
    for _ in range(levels):
        inner = make(inner)
    return inner


@pytest.mark.parametrize("make", [lambda x: [x, x], lambda x: {"a": x, "b": x}, lambda x: (x, x),
                                  lambda x: SimpleNamespace(a=x, b=x)])  # fmt: skip
def test_what_is_shared_a_trillion_times_does_not_explode(
    store_path: Path, make: Callable[[Any], Any]
) -> None:
    with (
        pytest.warns(RunfolioWarning, match="deep"),
        init(config={"deep": shared(40, make)}, quiet=True) as run,
    ):
        run.log({"deep": shared(40, make), "good": 1.0})
    record = read_record(run.path)
    assert "deep" in record.config
    assert record.metrics["good"].n == 1


def test_what_holds_itself_ends_somewhere(store_path: Path) -> None:
    ring: dict[str, Any] = {"x": 1}
    ring["self"], ring["again"] = ring, ring
    knot: list[Any] = [1]
    knot.append(knot)
    with (
        warnings.catch_warnings(action="always", record=True),
        init(config={"ring": ring, "knot": knot}, quiet=True) as run,
    ):
        assert run.config.ring["x"] == 1
        run.log({"ring": ring, "good": 1.0})
    record = read_record(run.path)
    assert (record.config["ring"]["x"], record.config["knot"][0]) == (1, 1)
    assert record.metrics["good"].n == 1


@pytest.mark.parametrize(
    "config",
    [{"text": "x" * 100_000_000, "lr": 1}, {"many": list(range(14_000_000)), "lr": 1},
     {"nest": {f"key {n}": "y" * 100 for n in range(800_000)}, "lr": 1}],
    ids=["text", "list", "nested"],
)  # fmt: skip
def test_settings_of_a_hundred_megabytes_are_refused_by_name(
    store_path: Path, config: dict[str, Any]
) -> None:
    name = next(iter(config))
    with pytest.warns(RunfolioWarning, match=f"config.{name}.*save"):
        run = init(config=config, quiet=True)
    run.finish(quiet=True)
    record = read_record(run.path)
    assert record.config["lr"] == 1
    assert "too large" in record.config[name]
    assert run.config[name] is not None  # the program reads back what it gave
    assert sum(path.stat().st_size for path in run.path.rglob("*") if path.is_file()) < 1_000_000


def test_large_settings_lie_beside_the_manifest(store_path: Path) -> None:
    config = {"nest": {f"key {n}": {"a": n, "b": "y" * 20} for n in range(15_000)}}
    run = init(config=config, quiet=True)
    run.finish(quiet=True)
    assert (run.path / "config.json").is_file()
    assert (run.path / "run.json").stat().st_size < 100_000
    record = read_record(run.path)
    assert (record.config, record.problems) == (config, ())
    assert read_manifest(run.path)["config_source"] == {"nest": "argument"}
    assert [f for f in check_run(run.path) if f.severity == "fault"] == []


@pytest.mark.parametrize(
    "run_id", ["../up", "a/b", "/etc/passwd", "a\\b", ".", "..", ".hidden", "nul\0", "new\nline",
               "CON", "x" * 129, "é", "end.", " ", "-rf", "lone\udcff"],
)  # fmt: skip
def test_an_id_that_is_a_path_is_refused(store_path: Path, run_id: str) -> None:
    with pytest.raises(UsageError, match="cannot be a run's id"):
        init(id=run_id)
    assert not (store_path.parent / "up").exists()
    assert [path for path in store_path.glob("*") if not path.name.startswith(".")] == []


def test_a_store_that_is_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folio").write_text("x")
    monkeypatch.setenv("RUNFOLIO_DIR", str(tmp_path / "folio"))
    with pytest.raises(StoreUnusable, match="is a file"):
        init()


NOBODY = 65_534
READ_ONLY = """
import os, sys
import runfolio
runfolio.init(mode="disabled").finish()  # what is loaded late, that user might not read
os.setuid(int(sys.argv[1]))
try:
    runfolio.init()
except runfolio.StoreUnusable as error:
    print(error)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_store_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    store = tmp_path / "folio"
    store.mkdir(mode=0o555)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    done = subprocess.run([sys.executable, "-c", READ_ONLY, str(NOBODY)], cwd="/", text=True,
                          env={**os.environ, "RUNFOLIO_DIR": str(store), "HOME": "/"},
                          capture_output=True, check=False, timeout=120)  # fmt: skip
    assert "Permission denied" in done.stdout
    assert "RUNFOLIO_DIR" in done.stdout


STRANGE_PATH = """
import os, runfolio
with runfolio.init(id="there", quiet=True) as run:
    run.log({"a": 1.0})
    run.save(__file__)
"""


def test_a_store_whose_path_is_no_text_works(tmp_path: Path) -> None:
    home = Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9 \xff"))
    home.mkdir()
    (home / "train.py").write_text(STRANGE_PATH)
    store = home / "folio"
    done = subprocess.run([sys.executable, "-W", "error", "train.py"], cwd=home,
                          env={**os.environ, "RUNFOLIO_DIR": str(store), "RUNFOLIO_STRICT": "1"},
                          capture_output=True, check=False, timeout=120)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    record = read_record(store / "there")
    assert (record.status.value, record.problems) == ("finished", ())
    assert read_series(store / "there")["a"].value.tolist() == [1.0]
    assert [f for f in check_run(store / "there") if f.severity == "fault"] == []


def test_every_error_of_a_bad_call_is_ours(store_path: Path) -> None:
    for keywords in ({"resume": "sometimes"}, {"id": "a/b"}, {"mode": "fast"}):
        with pytest.raises((RunfolioError, TypeError)):
            init(**keywords)  # type: ignore[arg-type]
