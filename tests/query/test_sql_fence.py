"""What a statement may not name, what it may not make, and what every honest one still may."""

from __future__ import annotations

from pathlib import Path

import pytest

from runfolio.errors import UsageError
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest
from runfolio.query.runs import Runs
from runfolio.store.store import Store


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    folder = tmp_path / "folio" / "20261122T213000-000001"
    folder.mkdir(parents=True)
    config = {"a.b": 1, "a": {"B": 2}, "LR": 1, "lr": 2, 'q"x': 3, "é": 4, "": 5, "x;drop": 8}
    write_manifest(folder, {"format": 1, "id": folder.name, "name": "r", "config": config}, Disk())
    (tmp_path / "s.txt").write_text("SECRET")
    return Runs(Store(tmp_path / "folio"))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT content FROM read_text('{d}/' || 's.txt')", "FROM read_text(['{d}/s.txt'])",
        "SELECT (FROM read_text('{d}/s.txt') SELECT content)", 'SELECT * FROM "{d}/s.txt"', "FROM '{d}/*'",
        "SELECT 1 UNION SELECT content FROM read_text('{d}/s.txt')", "FROM 'file:{d}/s.txt'",
        "SELECT 1 WHERE EXISTS (FROM read_text('{d}/s.txt'))", "FROM 'hf://datasets/x/y.parquet'",
        "SELECT 1 ORDER BY (SELECT content FROM read_text('{d}/s.txt'))", "FROM 's3://b/x.parquet'",
        "SELECT * FROM runs, LATERAL (SELECT * FROM read_text('{d}/s.txt'))",
        "SELECT * FROM runs POSITIONAL JOIN read_text('{d}/s.txt')", "FROM runs ASOF JOIN glob('*') ON true",
        "SELECT list_transform([1], lambda x: (SELECT content FROM read_text('{d}/s.txt')))",
        "FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''{d}/s.txt'')'))",
        "FROM query_table('{d}/s.txt')", "FROM (PIVOT read_text('{d}/s.txt') ON filename USING count(*))",
        "SELECT current_setting('secret_directory')", "SELECT getvariable('x')", "SELECT write_log('x')",
        "FROM duckdb_settings()", "FROM duckdb_secrets()", "FROM pg_settings", "FROM duckdb_logs",
        "FROM sqlite_master", "FROM information_schema.tables", "FROM system.information_schema.schemata",
        "FROM pg_catalog.pg_tables", "FROM memory.main.runs", "FROM repeat_row(1, num_rows=100000000000)",
        "CREATE MACRO m(a) AS a + 1", "CREATE FUNCTION f(x) AS TABLE SELECT * FROM read_text(x)",
        "SET VARIABLE x = 1", "SET GLOBAL temp_directory = '{d}/tmp'", "PREPARE p AS SELECT 1", "USE memory",
        "PRAGMA import_database('{d}')", "COPY runs FROM '{d}/s.txt'", "INSERT INTO runs SELECT * FROM runs",
        "EXPLAIN ANALYZE SELECT 1", "DETACH memory", "VACUUM", "UPDATE runs SET name = 'x'",
    ],
)  # fmt: skip
def test_a_statement_reaches_our_tables_alone(runs: Runs, tmp_path: Path, statement: str) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(UsageError) as caught:
        runs.sql(statement.replace("{d}", str(tmp_path)))
    assert "SECRET" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT lpad('x', 2000000000, 'y')", "SELECT rpad('x', 1e10::INT, 'y')", "SELECT range(400000000)",
        "SELECT printf('%2000000000d', 1)", "SELECT format('{:>2000000000}', 'x')",
        "SELECT repeat('x', 500000000) FROM range(20)", "SELECT repeat(repeat('x', 60000), 60000)",
        "SELECT list_resize([1], 2 ** 31)", "SELECT repeat('x', 1 << 31)", "FROM unnest(range(10000000000))",
        "SELECT repeat(s, 100000) FROM (SELECT repeat('x', 30000) AS s)", "SELECT list_sum(range(1000000000000))",
    ],
)  # fmt: skip
def test_what_one_call_would_fill_the_memory_with_is_refused_unasked(
    runs: Runs, statement: str
) -> None:
    with pytest.raises(UsageError, match="in one step"):
        runs.sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM generate_series(1, 1000000000000)",
        "WITH RECURSIVE t(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM t) SELECT count(*) FROM t",
        "SELECT string_agg(repeat('x', 1000000), '') FROM range(100000)",
        "SELECT count(DISTINCT random()) FROM range(10000000000)",
        "SELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c", "SELECT sleep_ms(100000)",
    ],
)  # fmt: skip
def test_what_has_no_end_is_given_up(runs: Runs, statement: str) -> None:
    with pytest.raises(UsageError, match=r"given up|2 GiB|not exist"):
        runs.sql(statement, timeout_s=0.3)


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("SELECT sum(n) FROM range(1000000) t(n)", 499999500000),
        ("WITH Mine AS (SELECT name FROM runs) SELECT m.name FROM mine m, \"RUNS\" r", "r"),
        ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT max(n) FROM t", 5),
        ("SELECT x FROM (SELECT lpad('a', 5, '-') AS x)", "----a"),
        ("SELECT format('{:.3f} of {}', 1.0, 2026) || printf('%5d', 7) || repeat('█', 2)", "1.000 of 2026    7██"),
        ("SELECT list_sum(range(2020, 2030)) FROM main.runs", 20245),
        ("SELECT regexp_matches(repeat('a', 100000), '(a+)+$b')", False),
        ("SELECT count(*) FROM (DESCRIBE runs) WHERE column_name = 'run_id'", 1),
        ("FROM (PIVOT (SELECT name FROM runs) ON name IN ('r') USING count(*))", 1),
    ],
)  # fmt: skip
def test_honest_statements_are_answered(runs: Runs, statement: str, value: object) -> None:
    assert runs.sql(statement, as_="arrow").column(0).to_pylist() == [value]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (r'"config.a\.b"', 1), ('"config.a.B"', 2), ('"config.LR"', 1), ('"config.lr_1"', 2),
        ('"config.q""x"', 3), ('"config.é"', 4), ('"config."', 5), ('"config.x;drop"', 8),
    ],
)  # fmt: skip
def test_every_column_is_reached_by_its_quoted_name(runs: Runs, name: str, value: int) -> None:
    assert runs.sql(f"SELECT {name} AS x FROM runs")["x"].tolist() == [value]


def test_a_table_that_is_not_there_is_told_with_the_nearest(runs: Runs) -> None:
    with pytest.raises(UsageError, match=r'no table "metric"; .* Did you mean "metrics"'):
        runs.sql("SELECT * FROM metric")
