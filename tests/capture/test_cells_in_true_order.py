"""Executions of cells, in the order in which they ran."""

from __future__ import annotations

import blake3
import pytest

from runfolio.capture.cell_text import source_hash
from runfolio.capture.cells import CellLog


@pytest.fixture
def log():
    seconds = iter([10.0, 12.5, 13.0, 14.0, 15.0])
    return CellLog(monotonic=lambda: next(seconds))


def test_an_execution_runs_until_it_ends(log):
    started = log.start("x = 1", 1, "c1", 1000)
    assert (started.status, started.duration_s, log.running) == ("running", None, started)
    ended = log.end("ok")
    assert (ended.status, ended.duration_s, ended.started_at_ms) == ("ok", 2.5, 1000)
    assert [*log.executions] == [ended]


def test_the_same_cell_twice_is_two_executions(log):
    for order in (1, 2):
        log.start("x = 1", order, "c1", 0)
        log.end("ok")
    first, second = log.executions
    assert first.hash == second.hash
    assert first.source is second.source
    assert (first.order, second.order) == (1, 2)


def test_an_execution_within_another_ends_first(log):
    log.start("outer", 1, None, 0)
    log.start("inner", 2, None, 0)
    assert log.end("ok").source == "inner"
    assert log.end("error").source == "outer"
    assert [cell.source for cell in log.executions] == ["outer", "inner"]


def test_an_end_without_a_start_is_passed_over():
    assert CellLog().end("ok") is None


def test_cells_before_tracking_are_marked(log):
    cell = log.before_tracking("import x", 1)
    assert (cell.status, cell.started_at_ms, cell.duration_s) == ("before-tracking", 0, None)


def test_the_hash_is_blake3_of_the_text():
    assert source_hash("π = 3") == blake3.blake3("π = 3".encode()).hexdigest()[:32]
    assert len(source_hash("\ud800")) == 32
