"""On a cluster image with four small packages beside it, runfolio records whole but for git."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

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

    assert complete["code"].startswith("partly: the script only")
    assert complete["environment"] == "whole"
    assert "GitPython" in reasons


def test_reading_there_names_what_to_install(python: Path, run: Path) -> None:
    done = subprocess.run(
        [python, "-c", "import runfolio; runfolio.runs()"], cwd=run.parent.parent,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 1
    assert "No module named" in done.stderr or "pip install" in done.stderr
