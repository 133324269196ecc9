"""On a cluster image with four small packages beside it, runfolio records whole but for git."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from runfolio.format.check import check_run
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow

NEEDED = ("orjson", "blake3", "psutil", "platformdirs")

SCRIPT = """
import random
import runfolio

random.seed(7)
with runfolio.init(config={"lr": 1e-3, "model": {"depth": 3}}, tags=["cluster"]) as run:
    for step in range(100):
        run.log({"train/loss": 1 / (step + 1)})
    run.save(__file__)
    table = runfolio.Table(columns=["n", "name"], data=[[1, "a"]])
    run.log({"page": runfolio.Html("<p>"), "spread": runfolio.Histogram([1, 2]), "table": table})
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment with runfolio's wheel and `NEEDED`, no more."""
    folder = tmp_path_factory.mktemp("minimal")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    interpreter = folder / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--quiet"]
    offline = ["--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", folder, ROOT], check=True
    )
    (wheel,) = folder.glob("runfolio-*.whl")
    subprocess.run([*pip, "--python", interpreter, "install", *offline, wheel], check=True)
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    for name in NEEDED:
        _link(name, packages)
    return interpreter


def _link(name: str, packages: Path) -> None:
    """Put a package of this environment into another one, without a network."""
    distribution = importlib.metadata.distribution(name)
    for top in {path.parts[0] for path in distribution.files or () if path.parts[0] != ".."}:
        source = Path(str(distribution.locate_file(top)))
        if source.exists():
            (packages / top).symlink_to(source)


@pytest.fixture
def run(python: Path, tmp_path: Path) -> Path:
    """Record a run there, in a git work tree, and return its folder."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "train.py").write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [python, "-W", "error", "train.py"], cwd=tmp_path,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (manifest,) = tmp_path.glob("folio/*/run.json")
    return manifest.parent


def test_a_minimal_install_records_a_run(run: Path) -> None:
    record = read_record(run)

    assert record.status.value == "finished"
    assert record.config == {"lr": 1e-3, "model": {"depth": 3}}
    assert list(read_series(run)["train/loss"].value) == [1 / (n + 1) for n in range(100)]
    assert (run / "files" / "train.py").read_text(encoding="utf-8") == SCRIPT


def test_without_pyarrow_the_live_file_stays(run: Path) -> None:
    assert (run / "metrics.jsonl").is_file()
    assert not (run / "metrics.parquet").exists()


def test_media_that_need_no_other_package_are_recorded(run: Path) -> None:
    events = [json.loads(line) for line in (run / "events.jsonl").read_text("utf-8").splitlines()]
    media = {event["key"]: event["items"][0] for event in events if event["kind"] == "media"}

    assert set(media) == {"page", "spread", "table"}
    assert json.loads((run / media["table"]["path"]).read_text("utf-8"))["data"] == [[1, "a"]]


def test_the_record_says_what_is_missing_of_the_code_and_why(run: Path) -> None:
    complete = json.loads((run / "run.json").read_text(encoding="utf-8"))["complete"]
    reasons = (run / "code" / "not_captured.json").read_text(encoding="utf-8")

    assert complete["code"].startswith("partly: GitPython is not installed")
    assert complete["environment"] == "whole"
    assert "GitPython" in reasons


def test_reading_there_names_what_to_install(python: Path, run: Path) -> None:
    done = subprocess.run(
        [python, "-c", "import runfolio; runfolio.runs()"], cwd=run.parent.parent,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 1
    assert "No module named" in done.stderr or "pip install" in done.stderr


MEDIA = """
import runfolio

with runfolio.init(id="media", quiet=True) as run:
    run.log({
        "table": runfolio.Table(columns=["n", "word"], data=[[1, "one"], [2, "two"]]),
        "page": runfolio.Html("<p>hello</p>"),
        "weights": runfolio.Histogram(np_histogram=([1, 2], [0.0, 0.5, 1.0])),
        "loss": 0.5,
    })
"""

ARRAY = """
import numpy, runfolio

with runfolio.init(id="array", quiet=True) as run:
    run.log({"picture": runfolio.Image(numpy.arange(12, dtype="uint8").reshape(3, 4))})
"""

RANKS = """
import os, subprocess, sys
import runfolio

if len(sys.argv) > 1:
    with runfolio.attach("ranks", rank=1) as run:
        run.log({"loss": 2.0})
else:
    with runfolio.init(id="ranks", quiet=True) as run:
        run.log({"loss": 1.0})
        subprocess.run([sys.executable, "-W", "error", __file__, "joined"], check=True)
"""

SUPERVISOR = """
import sys
from runfolio.record.command import run_program

ended = run_program([sys.executable, "-c", "print('from inside')"], name="command")
print(ended.status, ended.exit_code)
"""


def carry_out(python: Path, folder: Path, source: str, *packages: str) -> str:
    """Run a script there; `packages` of this environment are put on its path."""
    beside = folder / "beside"
    beside.mkdir(exist_ok=True)
    for name in packages:
        _link(name, beside)
    (folder / "script.py").write_text(source, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(beside), "RUNFOLIO_DIR": str(folder / "folio"),
                   "RUNFOLIO_STRICT": "1"}  # fmt: skip
    done = subprocess.run([python, "-W", "error", "script.py"], cwd=folder, env=environment,
                          capture_output=True, text=True, check=False, timeout=100)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_media_are_recorded_there(python: Path, tmp_path: Path) -> None:
    carry_out(python, tmp_path, MEDIA)
    folder = tmp_path / "folio" / "media"
    events = [event for event in read_events(folder) if event["kind"] == "media"]
    assert sorted(event["type"] for event in events) == ["histogram", "html", "table"]
    (table,) = (folder / "media" / "tables").iterdir()
    assert table.name.endswith(".json")
    assert check_run(folder) == []


def test_an_array_becomes_a_picture_without_pillow(python: Path, tmp_path: Path) -> None:
    from PIL import Image

    carry_out(python, tmp_path, ARRAY, "numpy")
    (picture,) = (tmp_path / "folio" / "array" / "media" / "images").iterdir()
    with Image.open(picture) as image:
        assert (image.size, list(image.tobytes())) == ((4, 3), list(range(12)))


def test_ranks_join_a_run_there(python: Path, tmp_path: Path) -> None:
    carry_out(python, tmp_path, RANKS)
    record = read_record(tmp_path / "folio" / "ranks")
    assert (record.status.value, record.metrics["loss"].n) == ("finished", 2)
    assert check_run(record.path) == []


def test_any_program_is_a_run_there(python: Path, tmp_path: Path) -> None:
    assert carry_out(python, tmp_path, SUPERVISOR) == "from inside\nfinished 0\n"
    (manifest,) = tmp_path.glob("folio/*/run.json")
    assert (manifest.parent / "output.log").read_text(encoding="utf-8") == "from inside\n"


def test_a_full_install_converts_what_was_recorded_there(python: Path, tmp_path: Path) -> None:
    for source in (MEDIA, RANKS):
        carry_out(python, tmp_path, source)
    folders = [tmp_path / "folio" / name for name in ("media", "ranks")]
    before = [(read_record(folder), points_of(folder)) for folder in folders]
    environment = {**os.environ, "RUNFOLIO_DIR": str(tmp_path / "folio")}
    subprocess.run([sys.executable, "-m", "runfolio", "gc"], env=environment, check=True,
                   capture_output=True, timeout=100)  # fmt: skip
    assert [(read_record(folder), points_of(folder)) for folder in folders] == before
    assert not list(tmp_path.glob("folio/*/metrics*.jsonl"))
    assert [check_run(folder) for folder in folders] == [[], []]


def points_of(folder: Path) -> dict[str, list[float]]:
    return {key: series.value.tolist() for key, series in read_series(folder).items()}
