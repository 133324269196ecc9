"""What a version of a data set keeps of its tables when it is made: no secrets, and never an error."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from runfolio.errors import RunfolioWarning
from runfolio.record.data_profiles import with_profile
from runfolio.record.redaction import Redaction


def kept(path: Path, content: str, **more: object) -> dict[str, object]:
    """Return the metadata of a version with one CSV file."""
    path.write_text(content)
    return with_profile({"from": "a test"}, {"d.csv": path}, Redaction(), **more)  # type: ignore[arg-type]


def test_metadata_gains_what_is_known_of_the_tables(tmp_path: Path) -> None:
    found = kept(tmp_path / "d", "id,x\n1,a\n")

    assert found["from"] == "a test"
    assert found["data_profile"]["tables"][0]["rows"] == 1  # type: ignore[index]


def test_secrets_are_counted_and_not_kept(tmp_path: Path) -> None:
    redaction = Redaction()
    (tmp_path / "d").write_text("id,api_key\n1,abcd1234efgh5678\n")

    with pytest.warns(RunfolioWarning, match="api_key"):
        found = with_profile({}, {"d.csv": tmp_path / "d"}, redaction)

    assert "abcd1234efgh5678" not in repr(found)
    assert redaction.count > 0


def test_a_profile_of_the_users_own_stays(tmp_path: Path) -> None:
    path = tmp_path / "d"
    path.write_text("id\n1\n")

    assert with_profile({"data_profile": 1}, {"d.csv": path}, Redaction()) == {"data_profile": 1}


def test_files_without_a_table_add_nothing(tmp_path: Path) -> None:
    (tmp_path / "d").write_text("x")

    assert with_profile({}, {"d.png": tmp_path / "d"}, Redaction()) == {}


def test_a_writer_without_duckdb_makes_the_version_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)

    assert kept(tmp_path / "d", "id\n1\n") == {"from": "a test"}


def test_a_file_that_went_away_meanwhile_is_told_in_its_note(tmp_path: Path) -> None:
    found = with_profile({}, {"d.csv": tmp_path / "gone"}, Redaction())

    assert found["data_profile"]["tables"][0]["note"]
