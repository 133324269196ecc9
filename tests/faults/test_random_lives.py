"""Random lives of runs, held against a dictionary after every step.

A property test makes up sequences of what one can do to a run. ``RUNFOLIO_FAULTS=full`` takes
2,000 steps; a failure prints the shortest sequence that still fails, and how to repeat it.
"""

from __future__ import annotations

import itertools
import math
import os
import random
import shutil
import struct
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, event, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.faults.oracle import FULL, Verdicts

from runfolio.format import lease
from runfolio.format.check import check_run
from runfolio.format.conversion import convert_run
from runfolio.format.disk import Disk
from runfolio.format.edits import write_edit
from runfolio.format.lines import LineWriter
from runfolio.format.manifest import read_record
from runfolio.format.series import read_points
from runfolio.record.session import Session
from runfolio.record.writer import Writer
from runfolio.store import trash
from runfolio.testing import FixedClock, FixedIds

WORDS = st.sampled_from(["good", "bad", "Größe", "a b", "x" * 40])
KEYS = st.sampled_from(["loss", "val/acc", "Größe"])
VALUES = st.one_of(
    st.floats(width=64), st.integers(-(2**53), 2**53), st.sampled_from([math.nan, -0.0, 5e-324])
)
STEPS = st.one_of(
    st.none(), st.integers(-5, 40), st.sampled_from([0.5, 1.25, 1e6]), st.floats(-1e9, 1e9)
)

Points = Counter[tuple[str, float | None, bytes]]


def bits(value: float) -> bytes:
    """Return the value as a reader gets it, a NaN like every other."""
    return b"nan" if math.isnan(value) else struct.pack("<d", value)


@dataclass
class Model:
    """What a run must hold: the dictionary beside it."""

    points: list[tuple[str, float | None, bytes]] = field(default_factory=list)
    written: int = 0
    tags: set[str] = field(default_factory=set)
    name: str = ""
    config: dict[str, object] = field(default_factory=dict)
    status: str = "crashed"
    in_trash: bool = False


class Lives(RuleBasedStateMachine):
    """A store, at most one open run, and what each run must hold."""

    steps = 0
    beside: Path

    def __init__(self) -> None:
        super().__init__()
        self.store = Path(tempfile.mkdtemp(dir=self.beside))
        self.models: dict[str, Model] = {}
        self.open: str | None = None
        self.touched: str | None = None
        self.processes = itertools.count(1)
        self.clock = FixedClock(tick_ms=3)
        self.patches = ExitStack()
        quiet = {"RUNFOLIO_DIR": str(self.store), "RUNFOLIO_SILENT": "1", "RUNFOLIO_CAPTURE": "0",
                 "RUNFOLIO_STRICT": "1"}  # fmt: skip
        for patch in (
            mock.patch.dict(os.environ, quiet),
            mock.patch.dict(LineWriter.__init__.__kwdefaults__ or {}, roll_bytes=400),
            mock.patch.object(Writer, "start"),
            mock.patch.object(lease, "_identity", self.identity),
        ):
            self.patches.enter_context(patch)
        self.next_process()

    def next_process(self) -> None:
        """Let what follows be another process's doing, so that the one before is gone."""
        number = next(self.processes)
        self.who = {"host": "h", "boot_id": "b", "pid_namespace": "p", "user": "ann",
                    "pid": 2**30 + number, "pid_started_at": str(number)}  # fmt: skip

    def identity(self, pid: int) -> dict[str, object]:
        return self.who

    def teardown(self) -> None:
        if self.open is not None:
            self.kill()
        for name in self.models:
            self.look(name)
        self.patches.close()
        shutil.rmtree(self.store)

    @property
    def model(self) -> Model:
        assert self.open is not None
        return self.models[self.open]

    def folder(self, name: str) -> Path:
        return next(layer for layer in trash.layers(self.store) if (layer / name).is_dir()) / name \
            if self.models[name].in_trash else self.store / name  # fmt: skip

    def of(self, choice: int, *, in_trash: bool) -> str | None:
        """Return one of the closed runs that lie in the store or in the trash."""
        names = [name for name, model in self.models.items()
                 if model.in_trash is in_trash and name != self.open]  # fmt: skip
        return names[choice % len(names)] if names else None

    # What is done ------------------------------------------------------------------------------

    @precondition(lambda self: self.open is None)
    @rule(tags=st.sets(WORDS), lr=st.floats(allow_nan=False, allow_infinity=False))
    def start(self, tags: set[str], lr: float) -> None:
        self.next_process()
        name = f"run-{len(self.models)}"
        self.session = Session(Disk(), self.clock, FixedIds())
        self.run = self.session.open({"id": name, "tags": sorted(tags), "config": {"lr": lr}})
        self.models[name] = Model(tags=set(tags), name=name, config={"lr": lr})
        self.open = name

    @precondition(lambda self: self.open is None)
    @rule(choice=st.integers(0, 99))
    def resume(self, choice: int) -> None:
        name = self.of(choice, in_trash=False)
        if name is not None:
            self.next_process()
            self.session = Session(Disk(), self.clock, FixedIds())
            self.run = self.session.open({"id": name, "resume": "must"})
            self.open, self.models[name].status = name, "crashed"
            self.run.life.take_edits()

    @precondition(lambda self: self.open is not None)
    @rule(values=st.dictionaries(KEYS, VALUES, min_size=1), step=STEPS)
    def log(self, values: dict[str, float], step: float | None) -> None:
        self.run.log(values, step=step)
        self.model.points += [(key, step, bits(value)) for key, value in values.items()]

    @precondition(lambda self: self.open is not None)
    @rule(first=VALUES, second=VALUES)
    def log_in_two_halves(self, first: float, second: float) -> None:
        self.run.log({"loss": first}, commit=False)
        self.run.log({"val/acc": second})
        self.model.points += [("loss", None, bits(first)), ("val/acc", None, bits(second))]

    @precondition(lambda self: self.open is not None)
    @rule(count=st.integers(1, 60))
    def log_a_loop(self, count: int) -> None:
        for n in range(count):
            self.run.log({"loss": float(n)})
            self.model.points.append(("loss", None, bits(float(n))))

    @precondition(lambda self: self.open is not None)
    @rule()
    def write(self) -> None:
        self.run.life.writer.flush()
        self.model.written = len(self.model.points)

    @precondition(lambda self: self.open is not None)
    @rule()
    def sync_and_tick(self) -> None:
        self.write()
        self.run.life.writer._sync_beside()
        self.run.life.writer._tick()

    @precondition(lambda self: self.open is not None)
    @rule(summary=st.sampled_from(["min", "max", "mean", "last"]), key=KEYS)
    def define(self, summary: str, key: str) -> None:
        self.run.define_metric(key, summary=summary)

    @precondition(lambda self: self.open is not None)
    @rule(key=st.sampled_from(["depth", "a.b"]), value=st.one_of(WORDS, st.integers(0, 9)))
    def set_config(self, key: str, value: object) -> None:
        self.run.config.update({key: value}, allow_val_change=True)
        self.model.config[key] = value

    @precondition(lambda self: self.open is not None)
    @rule(tag=WORDS, name=WORDS)
    def say(self, tag: str, name: str) -> None:
        self.run.tags += (tag,)
        self.run.name = name
        self.model.tags.add(tag)
        self.model.name = name

    @rule(choice=st.integers(0, 99), op=st.sampled_from(["add", "remove"]), tag=WORDS)
    def tag_by_another(self, choice: int, op: str, tag: str) -> None:
        name = self.open or self.of(choice, in_trash=False)
        if name is not None:
            write_edit(self.folder(name), op, "tags", tag)
            (self.models[name].tags.add if op == "add" else self.models[name].tags.discard)(tag)
            self.taken_in(name)

    @rule(choice=st.integers(0, 99), word=WORDS)
    def rename_by_another(self, choice: int, word: str) -> None:
        name = self.open or self.of(choice, in_trash=False)
        if name is not None:
            write_edit(self.folder(name), "set", "name", word)
            self.models[name].name = word
            self.taken_in(name)

    def taken_in(self, name: str) -> None:
        """Let the program see the edit before it says something else itself."""
        self.touched = name
        if name == self.open:
            self.run.life.take_edits()

    @precondition(lambda self: self.open is not None)
    @rule()
    def kill(self) -> None:
        """End without a word: what was not written may be lost, from the end backwards."""
        name, model = self.open, self.model
        assert name is not None
        if len(model.points) > model.written:
            event("killed with points in memory")
        self.abandon()
        found = len(points_of(self.folder(name)))
        assert model.written <= found <= len(model.points)
        del model.points[found:]
        said = read_record(self.folder(name))
        model.tags, model.name = set(said.tags), said.name
        model.config = dict(said.config)

    def abandon(self) -> None:
        self.touched, self.open = self.open, None
        self.session.after_fork()
        self.session.run = None

    @precondition(lambda self: self.open is not None)
    @rule()
    def finish(self) -> None:
        self.model.status, self.touched = "finished", self.open
        self.run.finish()
        self.open = None

    @rule(choice=st.integers(0, 99))
    def convert(self, choice: int) -> None:
        self.touched = self.of(choice, in_trash=False)
        if self.touched is not None:
            convert_run(self.folder(self.touched), Disk())

    @rule(choice=st.integers(0, 99))
    def remove(self, choice: int) -> None:
        self.touched = self.of(choice, in_trash=False)
        if self.touched is not None:
            trash.put(self.store, self.touched)
            self.models[self.touched].in_trash = True

    @rule(choice=st.integers(0, 99))
    def restore(self, choice: int) -> None:
        self.touched = self.of(choice, in_trash=True)
        if self.touched is not None:
            trash.take_back(self.store, self.touched)
            self.models[self.touched].in_trash = False

    # What must hold ----------------------------------------------------------------------------

    @invariant()
    def the_run_that_was_touched_holds_what_it_must(self) -> None:
        type(self).steps += 1
        if self.touched is not None and self.touched != self.open:
            self.look(self.touched)
        self.touched = None

    def look(self, name: str) -> None:
        """Hold a run that nobody writes against its model."""
        folder, model = self.folder(name), self.models[name]
        found, wanted = points_of(folder), Counter(model.points)
        named = Counter({point: n for point, n in wanted.items() if point[1] is not None})
        assert not named - found, f"{named - found} missing"
        assert without_steps(found) == without_steps(wanted)
        record = read_record(folder)
        assert record.problems == ()
        assert (record.status, set(record.tags), record.name) == (
            model.status, model.tags, model.name)  # fmt: skip
        assert flat(record.config) == flat(model.config)
        assert record.counts.get("points", 0) == sum(wanted.values())
        assert sum(one.n for one in record.metrics.values()) == sum(wanted.values())
        assert [one for one in check_run(folder) if one.severity == "fault"] == []


def flat(config: object, before: str = "") -> dict[str, object]:
    """Return settings under dotted names."""
    if not isinstance(config, dict):
        return {before: config}
    return {
        name: value
        for key, inner in config.items()
        for name, value in flat(inner, f"{before}.{key}" if before else str(key)).items()
    }


def points_of(folder: Path) -> Points:
    """Return the points of a run as the model notes them."""
    return Counter(
        (key, float(step), bits(float(value)))
        for key, pieces in read_points(folder).items()
        for piece in pieces
        for step, value in zip(piece.step.tolist(), piece.value.tolist(), strict=True)
    )


def without_steps(points: Points) -> Counter[tuple[str, bytes]]:
    """Return the points by key and value."""
    found: Counter[tuple[str, bytes]] = Counter()
    for (key, _, value), n in points.items():
        found[key, value] += n
    return found


@pytest.mark.timeout(1200)
def test_whatever_is_done_to_runs_in_whatever_order_they_hold_what_they_must(
    store: Path, verdicts: Verdicts
) -> None:
    chosen = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(2**32))
    print(f"FAULTS_SEED={chosen} repeats it")
    Lives.steps, Lives.beside = 0, store / ".lives"
    Lives.beside.mkdir()
    lengths = settings(
        max_examples=50 if FULL else 4, stateful_step_count=40 if FULL else 25, deadline=None,
        database=None, print_blob=True, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(seed(chosen)(Lives), settings=lengths)
    verdicts.add("F53 random lives", fired=Lives.steps)
    assert Lives.steps >= (1_500 if FULL else 50)
