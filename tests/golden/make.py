"""Makes the golden run directories: real runs of the recorder, with fixed clock, ids and machine.

Golden directories are never edited. Until format 1 is frozen (release 0.1) a change of the
format remakes them: ``python tests/golden/make.py``; afterwards new ones are only added.
"""

from __future__ import annotations

import base64
import errno
import json
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from runfolio.format.conversion import convert_run
from runfolio.format.edits import _Moments, write_edit
from runfolio.format.events import read_events
from runfolio.format.lines import LineWriter
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.record.media.files import Molecule
from runfolio.record.media.histogram import Histogram
from runfolio.record.media.html import Html
from runfolio.record.media.image import Image
from runfolio.record.run import Run
from runfolio.record.session import Session
from runfolio.record.writer import Writer
from runfolio.testing import Fault, FaultyFiles, FixedClock, FixedIds

HERE = Path(__file__).parent
MACHINE = {
    "host": "workstation", "boot_id": "6f1c9a52-6a0e-4b7e-9d53-1f2f7a3d9c11",
    "pid_namespace": "pid:[4026531836]", "user": "ann", "pid": 4242, "pid_started_at": "987654",
}  # fmt: skip


class Maker:
    """One store with its clock, its ids and a disk that can fail."""

    def __init__(
        self, files: FaultyFiles | None = None, *, clock: FixedClock | None = None
    ) -> None:
        self.clock = clock or FixedClock()
        self.session = Session(files or FaultyFiles(), self.clock, FixedIds())

    def open(self, **keywords: Any) -> Run:
        return self.session.open({"project": "digits", **keywords})

    def train(self, run: Run, steps: int, first: int = 0) -> None:
        """Log a run that learns."""
        for step in range(first, first + steps):
            self.clock.advance(0.25)
            run.log({"train/loss": round(2.3 / (step + 1), 6), "lr": 0.001}, step=step)
            if step % 5 == 4:
                run.log({"val/acc": round(1 - 0.9 / (step + 1), 6)}, step=step)
        run.life.writer.flush()

    def vanish(self) -> None:
        """Leave what is open as a killed process leaves it."""
        self.session.after_fork()
        self.session.run = None


def finished(maker: Maker) -> None:
    """A finished run with Parquet, code, environment, seeds, files and a seal."""
    run = maker.open(name="baseline", tags=["first", "baseline"], notes="plain network",
                     config={"lr": 0.001, "model": {"depth": 2, "width": 64}, "data": "digits"},
                     group="widths", job_type="train")  # fmt: skip
    for name, body in {
        "code/git.json": '{"sha":"1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c","branch":"main"}\n',
        "environment/requirements.lock": "numpy==2.4.6\n",
        "seeds.json": '{"set":{"numpy":7},"states":{}}\n',
    }.items():
        (run.path / name).parent.mkdir(exist_ok=True)
        (run.path / name).write_text(body)
    run.life.document.facts = {
        "git": {"sha": "1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c", "branch": "main",
                "remote": None, "dirty": False, "files_changed": 0},
        "seeds": {"numpy": 7}, "software": {"python": "3.11.7", "platform": "Linux"},
    }  # fmt: skip
    Path("model.bin").write_bytes(bytes(range(64)))
    run.save("model.bin")
    maker.train(run, 20)
    run.summary["best_epoch"] = 19
    run.finish()
    with mock.patch("runfolio.format.lease._identity", return_value=MACHINE | {"user": "bob"}):
        write_edit(run.path, "add", "tags", "kept", clock=maker.clock)
        write_edit(run.path, "set", "notes", "the one to beat", was="plain network",
                   clock=maker.clock)  # fmt: skip


def crashed(maker: Maker) -> None:
    """A run that stopped in the middle of a line: live log, sums, edits, an old heartbeat."""
    run = maker.open(name="big batch", config={"lr": 0.01, "batch": 512}, tags=["wip"])
    maker.train(run, 12)
    run.life.writer._sync_beside()
    run.life.refresh()
    maker.train(run, 5, first=12)
    run.log({"caption": "a seven"}, step=16)
    run.life.writer.flush()
    maker.vanish()
    with (run.path / "metrics.jsonl").open("ab") as file:
        file.write(b'{"step":17,"time":17953830')
    write_edit(run.path, "add", "tags", "look", clock=maker.clock)


def resumed(maker: Maker) -> None:
    """A run that two processes wrote, one after the other; the first log stayed live."""
    run = maker.open(id="long-run", name="long", config={"lr": 0.001})
    maker.train(run, 6)
    run.life.writer._sync_beside()
    run.life.refresh()
    maker.vanish()
    maker.clock.advance(3600)
    run = maker.open(id="long-run", resume="must")
    maker.train(run, 6, first=6)
    run.log({"train/loss": 9.0}, step=3)
    run.end(run.status.INTERRUPTED, signal="SIGTERM", exit_code=143)


def strange_numbers(maker: Maker) -> None:
    """NaN, infinities, fractional and late steps, large integers; no Parquet could be written."""
    run = maker.open(name="strange", config={"nan": math.nan, "deep": {"a.b": [1, None, "é"]}})
    values = [0.1, math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308, 1e-9]
    for place, value in enumerate(values):
        run.log({"x": value, 'q"\\key\n': place, "π": place / 3}, step=place / 2)
    run.log({"x": 2**53 + 1, "late": True}, step=1)
    run.log({"x": 3, "bad": None}, step=-4)
    with mock.patch("runfolio.format.finished.pyarrow_is_installed", return_value=False):
        run.finish(exit_code=2)


def broken_disk(maker: Maker) -> None:
    """A run whose disk failed once at a sync: a second part that begins inside the first."""
    run = maker.open(name="flaky")
    maker.train(run, 4)
    run.life.writer._sync_beside()
    maker.train(run, 4, first=4)
    maker.session.files.fail(Fault("fsync", errno.EIO, name="metrics.jsonl"))  # type: ignore[attr-defined]
    run.life.writer._sync_beside()
    maker.train(run, 4, first=8)
    with mock.patch("runfolio.format.finished.pyarrow_is_installed", return_value=False):
        run.finish()


def ranks(maker: Maker) -> None:
    """Three ranks and a process that joined: one ended before the run, one after it, one never."""
    run = maker.open(id="ddp", name="three ranks", config={"lr": 0.001})
    others = [Maker(clock=maker.clock) for _ in range(3)]
    rank_1, rank_2, joined = (
        other.session.attach("ddp", rank) for other, rank in zip(others, (1, 2, 0), strict=True)
    )
    for writer in (run, rank_1, rank_2):
        maker.train(writer, 6)
    rank_1.config.update({"worker": {"threads": 4}})
    joined.log({"eval/score": 0.5})
    joined.tags = ("checked",)
    joined.finish()
    rank_2.life.writer._sync_beside()
    rank_2.life.refresh()
    maker.train(rank_2, 3, first=6)
    others[1].vanish()
    run.finish()
    maker.train(rank_1, 2, first=6)
    rank_1.finish()


def rolled(maker: Maker) -> None:
    """A finished run in several parts, which are numbered through."""
    with mock.patch.dict(LineWriter.__init__.__kwdefaults__, roll_bytes=500):
        run = maker.open(name="long", config={"lr": 0.001})
    for first in range(0, 24, 4):
        maker.train(run, 4, first=first)
    run.finish()


def converted(maker: Maker) -> None:
    """A killed run in several parts that somebody else made into tables, what no manifest had counted kept."""
    with mock.patch.dict(LineWriter.__init__.__kwdefaults__, roll_bytes=500):
        run = maker.open(name="killed", config={"lr": 0.01}, tags=["wip"])
    maker.train(run, 6)
    run.life.writer._sync_beside()
    run.life.refresh()
    for first in range(6, 18, 4):
        maker.train(run, 4, first=first)
    run.log({"train/loss": math.nan, "lr": 0.5}, step=2)
    run.life.writer.flush()
    maker.vanish()
    with mock.patch("runfolio.format.lease.started_at", return_value=None):
        convert_run(run.path, maker.session.files)


def media(maker: Maker) -> None:
    """Two images of which one was logged twice, a page, a histogram, a molecule, at their steps."""
    run = maker.open(name="pictures")
    Path("seven.png").write_bytes(SEVEN)
    Path("water.pdb").write_text("HETATM    1  O   HOH     1       0.000   0.000   0.000\n")
    for step in range(2):
        maker.clock.advance(0.25)
        run.log({"digit": Image("seven.png", caption="a seven"), "loss": 1 / (step + 1)}, step=step)
        run.life.writer.flush()
    run.log({"page": Html("<p>hello</p>", inject=False),
             "weights": Histogram(np_histogram=([1, 4, 2], [0.0, 0.5, 1.0, 1.5])),
             "water": Molecule("water.pdb")}, step=2)  # fmt: skip
    run.life.writer.flush()
    run.life.media_writer().finish(60)  # before the end is told, which it would race
    run.finish()


# A picture of one grey point; a file is kept as it is, whatever version of whatever library is there.
SEVEN = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)


RUNS: dict[str, Callable[[Maker], None]] = {
    "finished": finished,
    "crashed": crashed,
    "resumed": resumed,
    "strange-numbers": strange_numbers,
    "broken-disk": broken_disk,
    "ranks": ranks,
    "rolled": rolled,
    "converted": converted,
    "media": media,
}


def make(name: str, target: Path) -> Path:
    """Make one golden run below `target` and return its folder."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = {"RUNFOLIO_DIR": f"{scratch}/folio", "RUNFOLIO_SILENT": "true",
                       "RUNFOLIO_CAPTURE": "false", "XDG_DATA_HOME": scratch}  # fmt: skip
        before = Path.cwd()
        os.chdir(scratch)
        try:
            with (
                mock.patch.dict(os.environ, environment),
                mock.patch("runfolio.format.lease._identity", return_value=MACHINE),
                mock.patch("runfolio.format.lease.started_at", return_value="987654"),
                mock.patch("runfolio.capture.script.command", return_value=["python", "train.py"]),
                mock.patch("runfolio.settings.store_dir", return_value=Path(scratch, "folio")),
                mock.patch("runfolio.format.edits._moments", _Moments()),
                mock.patch.object(Writer, "start"),
                mock.patch("warnings.warn"),
            ):
                RUNS[name](Maker())
        finally:
            os.chdir(before)
        (folder,) = [path for path in Path(scratch, "folio").iterdir() if path.is_dir()]
        shutil.rmtree(target / name, ignore_errors=True)
        shutil.copytree(folder, target / name / folder.name)
    return target / name / folder.name


def answers(folder: Path) -> dict[str, Any]:
    """Return what a reader has to find in a run, as JSON."""
    record = read_record(folder)
    facts = ("id", "name", "project", "group", "job_type", "tags", "notes", "signal", "exit_code",
             "duration_s", "config", "config_source", "summary", "counts", "problems")  # fmt: skip
    return {
        "status": str(record.status),
        "created_at": record.created_at.isoformat() if record.created_at else None,
        **{name: _json(getattr(record, name)) for name in facts},
        # What came later is an answer only where it says something: the golden ones stay as they are.
        "metrics": {key: {field: _json(getattr(summary, field)) for field in summary.__slots__
                          if field != "unit" or summary.unit is not None}
                    for key, summary in record.metrics.items()},
        "series": {
            key: {"step": series.step.tolist(), "time_ms": series.time_ms.tolist(),
                  "value": [_json(value) for value in series.value.tolist()],
                  "logged": series.logged}
            for key, series in read_series(folder).items()
        },
        "events": [event["kind"] for event in read_events(folder)],
    }  # fmt: skip


def _json(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


if __name__ == "__main__":
    for run_name in sys.argv[1:] or RUNS:
        run_folder = make(run_name, HERE)
        text = json.dumps(answers(run_folder), indent=1, ensure_ascii=False) + "\n"
        (HERE / run_name / "expected.json").write_text(text, encoding="utf-8")
