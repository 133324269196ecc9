"""Programs of Hydra are runs: each job one, each multirun a group, with what was composed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hydra
import pytest

from runfolio.errors import MissingDependency
from runfolio.format.manifest import read_record
from runfolio.model.run import RunRecord, Status
from runfolio.store.store import Store

CONFIG = """
defaults: [model: small, db@source: mysql, _self_]
lr: 0.1
layers: [64, 32]
then: none
label: ${lr}-${hydra:job.name}
steps: ???
lost: ${nowhere.at.all}
optional: {a: 1, b: 2}
hydra:
  callbacks:
    runfolio:
      _target_: runfolio.integrations.hydra.RunfolioCallback
"""
GROUPS = {
    "model/small": "{_target_: builtins.dict, depth: 1}",
    "model/big": "{_target_: builtins.dict, depth: 9}",
    "db/mysql": "{driver: mysql, port: 3306}",
    "db/postgres": "{driver: postgres, port: 5432}",
    "experiment/wide": "# @package _global_\nlr: 0.7\nlayers: [512]",
}
PROGRAM = """
import logging, os, sys, time
import hydra, runfolio

@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(cfg):
    logging.getLogger(__name__).info("in %s", os.path.basename(os.getcwd()))
    print("printed at lr", cfg.lr)
    runfolio.log({"loss": cfg.lr})
    if cfg.then == "raise" or cfg.then == cfg.lr:
        raise ValueError("shapes differ")
    if cfg.then == "exit":
        sys.exit(3)
    if cfg.then == "wait":
        open("waits", "w").close()
        time.sleep(60)
    return cfg.lr * 2

if __name__ == "__main__":
    main()
"""

Program = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(store_path: Path, tmp_path: Path) -> Path:
    """A program of Hydra's with its configuration; the store is found from there."""
    folder = tmp_path / "program"
    for name, text in {"config": CONFIG, **GROUPS}.items():
        path = folder / "conf" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "train.py").write_text(PROGRAM)
    (folder / "pyproject.toml").touch()
    return folder


def environment(**more: str) -> dict[str, str]:
    found = {name: value for name, value in os.environ.items() if name != "RUNFOLIO_DIR"}
    return found | {"RUNFOLIO_STRICT": "0"} | more


@pytest.fixture
def program(folder: Path) -> Program:
    """Start the program, as its user would."""

    def start(*arguments: str, source: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        if source:
            (folder / "train.py").write_text(source)
        return subprocess.run(
            [sys.executable, "train.py", *arguments], cwd=folder, env=environment(**env),
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    return start


def runs_in(folder: Path) -> list[RunRecord]:
    """Return the runs of the store beside the program, the first one first."""
    found = Store(folder / "folio").records() if (folder / "folio").is_dir() else []
    return sorted(found, key=lambda record: record.created_at or 0)  # type: ignore[arg-type, return-value]


def manifest(record: RunRecord) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((record.path / "run.json").read_bytes())
    return body


def test_a_program_that_knows_nothing_of_it_is_a_run_with_all_that_was_composed(
    folder: Path, program: Program
) -> None:
    done = program("lr=0.5", "model=big")
    (record,) = runs_in(folder)
    assert (done.returncode, record.status, record.name) == (0, "finished", "lr=0.5,model=big")
    assert record.config == {
        "model": {"_target_": "builtins.dict", "depth": 9}, "lr": 0.5, "layers": [64, 32],
        "source": {"driver": "mysql", "port": 3306}, "then": "none", "label": "0.5-train",
        "steps": "???", "lost": "${nowhere.at.all}", "optional": {"a": 1, "b": 2},
        "hydra": {"choices": {"model": "big", "db@source": "mysql"}},
    }  # fmt: skip
    said = [name for name, source in record.config_source.items() if source == "override"]
    assert sorted(said) == ["hydra.choices.model", "lr"]
    assert record.config_source["model.depth"] == "hydra"
    assert record.metrics["loss"].last == 0.5
    assert (record.group, record.summary["return_value"]) == (None, 1.0)


def test_the_run_and_the_folder_of_the_job_lead_to_each_other(
    folder: Path, program: Program
) -> None:
    program("lr=0.5")
    (record,) = runs_in(folder)
    job = folder / str(record.summary["hydra/output_dir"])
    note = json.loads((job / ".hydra" / "runfolio.json").read_bytes())
    kept = record.path / "files"
    assert (job / ".hydra" / note["path"]).resolve() == record.path.resolve()
    assert note["run"] == record.id
    for name in ("config.yaml", "hydra.yaml", "overrides.yaml"):
        assert (kept / ".hydra" / name).read_text() == (job / ".hydra" / name).read_text()
    assert "in program" in (kept / "train.log").read_text()


@pytest.mark.parametrize(
    ("override", "column", "value", "name"),
    [
        ("layers=[1,2]", ("layers",), [1, 2], "layers"),
        ("+new.key=1", ("new", "key"), 1, "new.key"),
        ("++optional.a=7", ("optional", "a"), 7, "optional.a"),
        ("~optional.a", ("optional",), {"b": 2}, None),
        ("db@source=postgres", ("hydra", "choices", "db@source"), "postgres", None),
        ("+experiment=wide", ("hydra", "choices", "experiment"), "wide", None),
        ("+db@backup=postgres", ("backup", "port"), 5432, None),
        ("optional={a: 3}", ("optional",), {"a": 3, "b": 2}, "optional.a"),
        ("label='a=b, c'", ("label",), "a=b, c", "label"),
    ],
)
def test_every_kind_of_override_is_a_setting(
    override: str, column: tuple[str, ...], value: Any, name: str | None,
    folder: Path, program: Program,
) -> None:  # fmt: skip
    done = program(override)
    (record,) = runs_in(folder)
    found: Any = record.config
    for key in column:
        found = found[key]
    assert (done.returncode, found) == (0, value)
    said = {key for key, source in record.config_source.items() if source == "override"}
    assert name is None or name in said
    assert not said & {"lr", "model.depth"}


def test_a_structured_configuration_is_recorded_with_its_types(
    folder: Path, program: Program
) -> None:
    callback = "runfolio.integrations.hydra.RunfolioCallback"
    program("level=HIGH", "inner.rate=2", f"+hydra.callbacks.runfolio._target_={callback}", source="""
import dataclasses, enum, pathlib
import hydra
from hydra.core.config_store import ConfigStore

class Level(enum.Enum):
    LOW = 1
    HIGH = 2

@dataclasses.dataclass
class Inner:
    rate: float = 0.5
    path: pathlib.Path = pathlib.Path("data/x")

@dataclasses.dataclass
class Config:
    level: Level = Level.LOW
    inner: Inner = dataclasses.field(default_factory=Inner)
    levels: list[Level] = dataclasses.field(default_factory=lambda: [Level.LOW])
    broken: list[str] = dataclasses.field(default_factory=lambda: ["a", "${nowhere}"])

ConfigStore.instance().store("main", Config)

@hydra.main(version_base="1.3", config_path=None, config_name="main")
def main(cfg):
    pass

main()
""")  # fmt: skip
    (record,) = runs_in(folder)
    assert record.config == {
        "level": "HIGH", "inner": {"rate": 2.0, "path": "data/x"}, "levels": ["LOW"],
        "broken": ["a", "${nowhere}"],
    }  # fmt: skip


def test_an_init_in_the_task_joins_the_run_names_it_and_does_not_end_it(
    folder: Path, program: Program
) -> None:
    program("lr=0.5", source="""
import hydra, runfolio
from omegaconf import OmegaConf

@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(cfg):
    given = OmegaConf.masked_copy(cfg, ["lr", "model"])
    with runfolio.init(project="mine", config=given, tags=["t"], name="first") as run:
        run.log({"loss": run.config.lr})
    runfolio.log({"after": 1})
    raise ValueError("shapes differ")

main()
""")  # fmt: skip
    (record,) = runs_in(folder)
    assert (record.name, record.project, record.tags) == ("first", "mine", ("t",))
    assert set(record.metrics) == {"loss", "after"}
    assert record.status == "failed"
    assert record.config_source["lr"] == "argument"
    assert record.config_source["layers"] == "hydra"


def test_the_jobs_of_a_multirun_are_runs_of_one_group(folder: Path, program: Program) -> None:
    program("-m", "lr=0.1,0.2", "model=small,big")
    program("-m", "lr=0.3", f"hydra.sweep.dir={folder}/sweeps/second")
    records = runs_in(folder)
    assert [(r.config["lr"], r.config["model"]["depth"]) for r in records] == [
        (0.1, 1), (0.1, 9), (0.2, 1), (0.2, 9), (0.3, 1),
    ]  # fmt: skip
    first, *others = [record.group for record in records]
    assert [*others] == [first, first, first, "sweeps/second"]
    assert first is not None
    note = json.loads((folder / first / "runfolio.json").read_bytes())
    assert note["group"] == first
    assert (folder / first / note["path"]).resolve() == (folder / "folio").resolve()
    assert [r.summary["hydra/output_dir"] for r in records[:4]] == [
        f"{first}/{n}" for n in range(4)
    ]
    assert {r.summary["hydra/sweep_dir"] for r in records[:4]} == {first}


@pytest.mark.parametrize("chdir", ["true", "false"])
def test_the_recorded_command_repeats_one_job_of_a_multirun(
    chdir: str, folder: Path, program: Program
) -> None:
    program("--config-name", "config", "--multirun", "lr=0.1,0.2", "+new.key='a b'", "model=big",
            f"hydra.job.chdir={chdir}", "hydra.sweep.subdir=job${hydra.job.num}")  # fmt: skip
    _, second = runs_in(folder)
    assert second.command == (
        "python", "train.py", "--config-name", "config", "lr=0.2", "+new.key='a b'", "model=big",
        f"hydra.job.chdir={chdir}",
    )  # fmt: skip
    program(*second.command[2:])
    *_, again = runs_in(folder)
    assert (again.config, again.config_source) == (second.config, second.config_source)
    assert (again.group, again.name) == (None, second.name)
    here = "job1" if chdir == "true" else "program"
    assert f"in {here}" in (second.path / "files" / "train.log").read_text()


def test_a_multirun_that_the_configuration_asks_for_is_repeated_one_job_at_a_time(
    folder: Path, program: Program
) -> None:
    config = folder / "conf" / "config.yaml"
    config.write_text(f"{CONFIG}  mode: MULTIRUN\n  sweeper: {{params: {{lr: '0.1,0.2'}}}}\n")
    program()
    first, _ = runs_in(folder)
    program(*first.command[2:])
    *two, again = runs_in(folder)
    assert (len(two), again.config["lr"], again.group) == (2, 0.1, None)


def test_a_job_that_raises_is_a_failed_run_and_the_others_go_on(
    folder: Path, program: Program
) -> None:
    done = program("-m", "lr=0.1,0.2,0.3", "then=0.2", RUNFOLIO_CAPTURE="true")
    records = runs_in(folder)
    assert done.returncode == 1
    assert [record.status for record in records] == ["finished", "failed", "finished"]
    assert manifest(records[1])["reason"] == "ValueError: shapes differ"
    logs = [(record.path / "output.log").read_text() for record in records]
    assert 'raise ValueError("shapes differ")' in logs[1]
    assert [text.count("printed at lr") for text in logs] == [1, 1, 1]
    assert "Traceback" not in logs[0] + logs[2]


def test_a_task_that_leaves_by_exit_is_a_failed_run(folder: Path, program: Program) -> None:
    done = program("then=exit")
    (record,) = runs_in(folder)
    assert (done.returncode, record.status, manifest(record)["exit_code"]) == (3, "failed", 3)
    assert (record.path / "files" / "train.log").is_file()


def test_an_interrupt_ends_the_job_as_interrupted_and_the_multirun(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "train.py", "-m", "then=wait", "lr=1,2"], cwd=folder, env=environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        while not (folder / "waits").exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.wait(60)
    (record,) = runs_in(folder)
    assert (record.status, record.metrics["loss"].n) == ("interrupted", 1)


def test_a_job_that_was_left_and_one_after_it_in_the_same_process_are_two_runs(
    folder: Path, program: Program
) -> None:
    again = PROGRAM.replace("    main()\n", """
    for arguments in (["then=exit"], ["lr=0.2"]):
        sys.argv[1:] = arguments
        try:
            main()
        except SystemExit:
            runfolio.log({"loss": 9})
""")  # fmt: skip
    program(source=again)
    records = runs_in(folder)
    assert [record.status for record in records] == ["interrupted", "finished"]
    assert manifest(records[0])["reason"] == "the job ended without a word"


def test_worker_processes_write_runs_of_the_script_that_was_started(
    folder: Path, program: Program
) -> None:
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    done = program("-m", "lr=0.1,0.2,0.3", "then=0.2", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2",
                   RUNFOLIO_CAPTURE="true")  # fmt: skip
    records = sorted(runs_in(folder), key=lambda record: record.config["lr"])
    assert [record.status for record in records] == ["finished", "failed", "finished"], done.stderr
    assert len({record.group for record in records}) == 1
    assert records[0].group
    assert [record.command for record in records] == [
        ("python", "train.py", f"lr={lr}", "then=0.2") for lr in (0.1, 0.2, 0.3)
    ]
    for record in records:
        assert (record.path / "code" / "script" / "train.py").read_text() == PROGRAM
        assert set(record.config_source.values()) == {"hydra", "override"}
        assert "pipe" not in record.config


def test_secrets_in_overrides_and_settings_reach_neither_the_run_nor_its_name(
    folder: Path, program: Program
) -> None:
    secret, known = "hunter2" + "Correct8horse", "xyzzy" + "12345Qq"
    (folder / "conf" / "config.yaml").write_text(f"{CONFIG}db: {{password: {known}}}\n")
    done = program("-m", f"+api.password={secret}", "lr=1,2", RUNFOLIO_SILENT="false")
    first, _ = runs_in(folder)
    assert first.name == "+api.password=[redacted:password],lr=1"
    assert first.config["api"] == {"password": "[redacted:password]"}
    told = [path.read_bytes() for path in (folder / "folio").rglob("*") if path.is_file()]
    assert [text for text in told if secret.encode() in text or known.encode() in text] == []
    notes = [path.read_text() for path in folder.rglob("runfolio.json")]
    assert len(notes) == 3
    told_by_us = [line for line in done.stderr.splitlines() if line.startswith("runfolio:")]
    assert len(told_by_us) >= 4
    assert secret not in "".join(notes + told_by_us)
    assert (first.path / "files" / ".hydra" / "overrides.yaml").read_text() == (
        "- +api.password=[redacted:password]\n- lr=1\n"
    )


AROUND = PROGRAM.replace("    main()\n", """
    with runfolio.init(name="around") as run:
        main()
        run.log({"after": 1})
""")  # fmt: skip


def test_inside_an_open_run_a_job_logs_into_it(folder: Path, program: Program) -> None:
    program("lr=0.5", source=AROUND)
    (record,) = runs_in(folder)
    assert (record.name, set(record.metrics)) == ("around", {"loss", "after"})
    assert (record.config["lr"], record.config_source["lr"]) == (0.5, "override")
    assert (record.path / "files" / ".hydra" / "overrides.yaml").is_file()


def test_inside_an_open_run_the_jobs_of_a_multirun_are_its_children(
    folder: Path, program: Program
) -> None:
    program("-m", "lr=0.1,0.2", source=AROUND)
    around, *jobs = runs_in(folder)
    assert set(around.metrics) == {"after"}
    assert around.status == "finished"
    assert [(job.parent, job.config["lr"]) for job in jobs] == [(around.id, 0.1), (around.id, 0.2)]


@pytest.mark.parametrize(("arguments", "children"), [(["lr=1"], 0), (["-m", "lr=1,2"], 2)])
def test_under_runfolio_run_a_job_joins_that_run_and_a_multirun_has_its_own(
    arguments: list[str], children: int, folder: Path
) -> None:
    subprocess.run(
        [sys.executable, "-m", "runfolio", "run", "--", sys.executable, "train.py", *arguments],
        cwd=folder, env=environment(), check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    outer, *jobs = runs_in(folder)
    assert [job.parent for job in jobs] == [outer.id] * children
    logged = [list(record.metrics) for record in (outer, *jobs)]
    assert logged == ([[], ["loss"], ["loss"]] if children else [["loss"]])
    assert [record.status for record in (outer, *jobs)] == ["finished"] * (1 + children)


def test_two_callbacks_make_one_run(folder: Path, program: Program) -> None:
    config = folder / "conf" / "config.yaml"
    config.write_text(CONFIG.replace("    runfolio:", "    other: &it\n      _target_: runfolio.integrations.hydra.RunfolioCallback\n    runfolio:"))  # fmt: skip
    program("-m", "lr=1,2")
    assert [(r.status, r.metrics["loss"].n) for r in runs_in(folder)] == [("finished", 1)] * 2


def test_labels_are_those_of_the_callback_then_of_the_settings(
    folder: Path, program: Program
) -> None:
    config = folder / "conf" / "config.yaml"
    config.write_text(f"{CONFIG}      project: mine\n      tags: [a, b]\n      notes: said\n")
    program("-m", "lr=1", RUNFOLIO_NAME="named", RUNFOLIO_GROUP="grouped")
    config.write_text(f"{CONFIG}      name: ${{hydra.job.name}}\n      group: ours\n")
    program("-m", "lr=1", RUNFOLIO_NAME="named", RUNFOLIO_GROUP="grouped")
    first, second = runs_in(folder)
    assert (first.name, first.group, first.project) == ("named", "grouped", "mine")
    assert (first.tags, first.notes) == (("a", "b"), "said")
    assert (second.name, second.group) == ("train", "ours")


def test_a_rank_above_the_first_opens_no_run(folder: Path, program: Program) -> None:
    quiet = PROGRAM.replace('    runfolio.log({"loss": cfg.lr})\n', "")
    program("lr=1", source=quiet, RANK="1", WORLD_SIZE="2")
    assert runs_in(folder) == []
    program("lr=1", source=quiet, RANK="0", WORLD_SIZE="2")
    assert len(runs_in(folder)) == 1


def test_disabled_it_writes_nothing(folder: Path, program: Program) -> None:
    done = program("-m", "lr=1,2", RUNFOLIO_MODE="disabled")
    assert done.returncode == 0
    assert not (folder / "folio").exists()
    assert list(folder.rglob("runfolio.json")) == []


def test_without_a_folder_of_hydras_own_the_run_is_there_all_the_same(
    folder: Path, program: Program
) -> None:
    program("hydra.output_subdir=null", "hydra.run.dir=out", "hydra/job_logging=disabled")
    (record,) = runs_in(folder)
    assert record.summary["hydra/output_dir"] == "out"
    assert not (record.path / "files").exists()
    assert list((folder / "out").iterdir()) == []


def test_a_log_that_is_too_large_stays_where_it_is_and_says_so(
    folder: Path, program: Program
) -> None:
    long = PROGRAM.replace(
        "    print(", "    logging.getLogger('x').info('y' * 17_000_000)\n    print("
    )
    done = program("hydra.job_logging.root.handlers=[file]", source=long)
    (record,) = runs_in(folder)
    assert "train.log is no file of at most 16 MiB; it stays in" in done.stderr
    assert not (record.path / "files" / "train.log").exists()
    assert record.status is Status.FINISHED


def test_a_store_that_cannot_be_made_is_told_and_the_jobs_run(
    folder: Path, program: Program
) -> None:
    (folder / "folio").write_text("a file")
    done = program("lr=1", source=PROGRAM.replace('    runfolio.log({"loss": cfg.lr})\n', ""))
    assert done.returncode == 0
    assert "StoreUnusable: The store" in done.stderr
    assert "printed at lr 1" in done.stdout


def test_a_version_that_is_too_old_is_named_with_the_lowest_that_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hydra, "__version__", "1.2.0")
    monkeypatch.delitem(sys.modules, "runfolio.integrations.hydra", raising=False)
    with pytest.raises(MissingDependency, match=r"hydra 1\.3 or newer, and 1\.2\.0 is installed.*"
                       r"pip install --upgrade 'runfolio\[hydra\]'"):  # fmt: skip
        __import__("runfolio.integrations.hydra")


def test_a_job_of_the_store_reads_as_any_other_run(folder: Path, program: Program) -> None:
    program("lr=1")
    (record,) = runs_in(folder)
    assert read_record(record.path).problems == ()
