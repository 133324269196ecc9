"""Reading a finished run costs no import of pandas."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden" / "finished"


def test_reading_and_converting_load_no_pandas(tmp_path: Path) -> None:
    (folder,) = [path for path in GOLDEN.iterdir() if path.is_dir()]
    source = f"""
import sys
from pathlib import Path
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
folder = Path({str(folder)!r})
assert len(read_series(folder, ["train/loss"])["train/loss"]) == 20
assert len(read_series(folder)) == 3
assert read_record(folder).problems == ()
loaded = [name for name in ("pandas", "altair", "duckdb", "IPython") if name in sys.modules]
assert loaded == [], loaded
"""
    subprocess.run([sys.executable, "-c", source], check=True)
