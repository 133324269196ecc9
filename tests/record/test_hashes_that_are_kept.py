"""The table of hashes in the user's cache folder: a damaged one is made anew, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from runfolio.capture.data_hash import Hashed, file_hashes, stamp_of
from runfolio.record.file_hashes import FileHashes


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_table_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "hashes.sqlite").write_bytes(content)
    known = FileHashes(tmp_path / "cache")
    stamp = ("/data", 1, 2, 3, 4)
    known.put(stamp, "blake3:aa")
    known.close()

    assert FileHashes(tmp_path / "cache").get(stamp) == "blake3:aa"


def test_a_folder_that_cannot_be_used_costs_the_table_and_no_hash(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    (tmp_path / "data").write_bytes(b"x" * 1000)
    known = FileHashes(tmp_path / "cache")

    assert known.get(stamp_of(str(tmp_path / "data"))) is None
    (found,) = file_hashes([str(tmp_path / "data")], known)
    assert isinstance(found, Hashed)
    assert found.digest is not None
    known.close()
