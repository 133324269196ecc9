"""SQL over the selected runs: what it finds, and that nothing outside can be reached."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.store.conftest import lines

from runfolio.errors import QueryError, UsageError
from runfolio.format.codec import dumps, rfc3339
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest
from runfolio.query import sql
from runfolio.query.runs import Runs
from runfolio.query.sql import ask
from runfolio.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return two runs: settings of different types under one name, and odd keys and values."""
    odd = [{"loss": 2.0, "a'; b": 1.0}, {"loss": 1.0}]
    for n, (config, rows) in enumerate([({"lr": 1, "LR": 5}, odd), ({"lr": "auto"}, odd[:1])]):
        folder = tmp_path / "folio" / f"20261122T2130{n:02d}-{n:06x}"
        folder.mkdir(parents=True)
        document = {"format": 1, "id": folder.name, "name": f"r{n}", "status": "finished",
                    "created_at": rfc3339(1_795_383_000_000 + n), "config": config,
                    "metrics": {"loss": {"n": 2 - n, "last": 1.0 + n}, "a'; b": {"n": 1, "last": 1.0}}}  # fmt: skip
        write_manifest(folder, document, Disk())
        (folder / "metrics.jsonl").write_bytes(lines(*rows))
        event = {"time": 1_795_383_000_000, "kind": "saved", "path": "files/m.bin"}
        (folder / "events.jsonl").write_bytes(dumps(event) + b"\n")
    return Store(tmp_path / "folio")


def test_settings_and_points_are_joined_by_the_runs_id(store: Store) -> None:
    found = Runs(store).sql(
        'SELECT name, "config.lr" AS lr, min(value) AS low FROM runs JOIN metrics USING (run_id) '
        "WHERE key = 'loss' GROUP BY ALL ORDER BY name"
    )
    assert found.to_numpy().tolist() == [["r0", "1", 1.0], ["r1", "auto", 2.0]]


def test_the_tables_hold_the_selected_runs_alone(store: Store) -> None:
    chosen = Runs(store, "name:r1")
    for table in sql.TABLES:
        found = chosen.sql(f"SELECT DISTINCT run_id FROM {table}")
        assert found["run_id"].astype(str).tolist() == [chosen[0].id]


def test_an_odd_key_is_found_as_it_is(store: Store) -> None:
    statement = "SELECT value FROM metrics WHERE key = 'a''; b' LIMIT 1"
    assert Runs(store).sql(statement)["value"].tolist() == [1.0]


@pytest.mark.parametrize("as_", ["pandas", "polars", "arrow"])
def test_the_answer_comes_as_the_frame_that_was_asked_for(store: Store, as_: str) -> None:
    found = Runs(store).sql("SELECT count(*) AS n FROM artifacts", as_=as_)
    assert type(found).__module__.partition(".")[0] == as_.replace("arrow", "pyarrow")
    assert int(found["n"][0].as_py() if as_ == "arrow" else found["n"][0]) == 2


def test_only_metrics_that_can_reach_the_answer_are_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    plain = sql.each_series
    monkeypatch.setattr(sql, "each_series", lambda s, r, k: (asked.append(k), plain(s, r, k))[1])
    for statement in (
        "SELECT * FROM metrics WHERE key = 'loss' AND value > 1",
        "SELECT * FROM runs JOIN metrics m USING (run_id) WHERE m.key IN ('loss', 'x')",
        "SELECT * FROM metrics WHERE key = 'loss' OR value > 1",
        "SELECT (SELECT count(*) FROM metrics) FROM metrics WHERE key = 'loss'",
        "SELECT * FROM runs",
    ):
        Runs(store).sql(statement)
    assert asked == [["loss"], ["loss", "x"], None, None]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{secret}')", "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM '{secret}'", "FROM '{secret}'", "SELECT * FROM glob('/*')",
        "SELECT * FROM query('SELECT * FROM ''{secret}''')", "SELECT getenv('HOME')",
        "SELECT * FROM 'https://example.invalid/a.csv'", "SELECT * FROM hidden",
        "COPY runs TO '{target}'", "COPY (SELECT 1) TO '{target}' (FORMAT parquet)",
        "EXPORT DATABASE '{target}'", "ATTACH '{target}'", "ATTACH ':memory:' AS other",
        "INSTALL httpfs", "LOAD httpfs", "PRAGMA database_list", "SET threads = 1",
        "SET enable_external_access = true", "RESET lock_configuration", "CALL checkpoint()",
        "CREATE TABLE t AS SELECT 1", "DROP VIEW runs", "DELETE FROM runs", "EXPLAIN SELECT 1",
        "SELECT 1; SELECT 2", "SELECT 1; COPY runs TO '{target}'", "", ";", "-- nothing",
        "SELECT * FROM arrow_scan(1, 2, 3)", "SELECT * FROM enable_logging()",
        "SELECT * FROM parquet_metadata('{secret}')", "SELECT * FROM sniff_csv('{secret}')",
        "WITH x AS (SELECT * FROM read_blob('{secret}')) SELECT * FROM x",
        "SELECT (SELECT content FROM read_text('{secret}'))", "SELECT * FROM which_secret('a', 's3')",
    ],
)  # fmt: skip
def test_nothing_outside_can_be_reached(store: Store, tmp_path: Path, statement: str) -> None:
    import pandas as pd

    hidden = pd.DataFrame({"a": [1]})
    secret, target = tmp_path / "secret.csv", tmp_path / "target"
    secret.write_text("a\n1\n")
    with pytest.raises(UsageError):
        Runs(store).sql(statement.format(secret=secret, target=target))
    assert len(hidden) == 1
    assert not target.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM range(10000000) a, range(10000000) b",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t",
    ],
)
def test_a_statement_that_never_ends_is_given_up(store: Store, statement: str) -> None:
    with pytest.raises(UsageError, match=r"longer than 0.5 s|memory"):
        Runs(store).sql(statement, timeout_s=0.5)


def test_what_is_no_sql_points_at_the_character(store: Store) -> None:
    with pytest.raises(QueryError) as caught:
        Runs(store).sql("SELECT 1 FORM runs x y")
    assert caught.value.position == "SELECT 1 FORM runs x y".index("runs")


def test_a_name_without_its_quotation_marks_is_explained(store: Store) -> None:
    with pytest.raises(UsageError, match=r'double quotation marks: "config\.lr"'):
        Runs(store).sql("SELECT config.lr FROM runs")


def test_an_empty_store_has_empty_tables(tmp_path: Path) -> None:
    for table in sql.TABLES:
        assert len(ask(Store(tmp_path / "none"), [], f"SELECT * FROM {table}")) == 0


def test_thousands_of_columns_are_answered(tmp_path: Path) -> None:
    folder = tmp_path / "folio" / "wide"
    folder.mkdir(parents=True)
    metrics = {f"m{n}": {"n": 1, "last": n} for n in range(4000)}
    write_manifest(folder, {"format": 1, "id": "wide", "metrics": metrics}, Disk())
    found = Runs(Store(tmp_path / "folio")).sql('SELECT "metrics.m3999" AS x FROM runs')
    assert found["x"].tolist() == [3999.0]


def test_values_that_are_not_finite_come_back(store: Store) -> None:
    folder = store.path / "odd"
    folder.mkdir()
    write_manifest(folder, {"format": 1, "id": "odd", "metrics": {"x": {"n": 2}}}, Disk())
    rows = [{"step": n, "time": 0, "values": {"x": None}, "nonfinite": {"x": name}}
            for n, name in enumerate(["NaN", "-Infinity"])]  # fmt: skip
    (folder / "metrics.jsonl").write_bytes(b"".join(dumps(row) + b"\n" for row in rows))
    found = Runs(store).sql("SELECT value FROM metrics WHERE key = 'x' ORDER BY step")
    assert math.isnan(found["value"][0])
    assert found["value"][1] == -math.inf
