"""Facts and words to make entries of, and small stores of real run directories."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3
from hypothesis import strategies as st

from runfolio.format.codec import dumps, rfc3339
from runfolio.format.disk import Disk
from runfolio.format.manifest import write_manifest
from runfolio.logbook.entry import HEADINGS, Change, Data, Facts, Other, Result, Words
from runfolio.logbook.parse import PLACEHOLDER
from runfolio.model.run import Status


@pytest.fixture
def facts() -> Facts:
    """Return the facts of the run that the design's drawing shows."""
    return Facts(
        run_id="20261123T140200-7f3a9c",
        name="fast-lr",
        status=Status.FINISHED,
        project="digits",
        started=datetime(2026, 11, 23, 14, 2, tzinfo=UTC),
        took_s=7.7,
        sha="13e8c94aa0b1c2d3e4f5",
        branch="main",
        files_changed=2,
        previous=Other("20261123T135800-0c5e21", "wide"),
        changes=(Change("config", "lr", 1e-3, 1e-2), Change("config", "hidden", 128, 64)),
        results=(
            Result("val/acc", 0.974, 0.03, better=True),
            Result("train/loss", 0.0379),
        ),
        data=(Data("digits", "b3:91c2d0", changed=False),),
        counts={},
    )


def pieces() -> st.SearchStrategy[str]:
    """Text as people (and attackers) put it into a page, a line or a part of one at a time."""
    ours = [
        PLACEHOLDER,
        "<!-- runfolio:facts run=x v=1 id=00 -->",
        "<!-- /runfolio:facts -->",
        "<!-- /runfolio:facts id=00 -->",
        *(f"#### {heading}" for heading in HEADINGS),
        *(f"**{heading}**" for heading in HEADINGS),
        "# why ##",
        "```",
        "~~~",
        "---",
        "<script>alert(1)</script>",
        "`<b>`",
        "[x](javascript:alert(1))",
        "![x](https://example.org/x.png)",
        "\u2028",
        "\r",
        "\\",
    ]
    lines = st.one_of(st.sampled_from(ours), st.text(max_size=30))
    return st.lists(lines, max_size=8).map("\n".join)


words_strategy = st.builds(Words, pieces(), pieces(), pieces(), pieces())


Maker = Callable[..., Path]


@pytest.fixture
def store_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an empty store; the current folder is the one above it."""
    folder = tmp_path / "folio"
    folder.mkdir()
    monkeypatch.setenv("RUNFOLIO_DIR", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def make_run(store_folder: Path) -> Maker:
    """Return a function that writes a finished run, each a minute later than the one before."""
    count = itertools.count()

    def make(
        name: str = "run",
        *,
        cell: str | None = None,
        cell_id: str | None = None,
        cells: tuple[tuple[float, str], ...] = (),
        metrics: dict[str, float | str] | None = None,
        **fields: Any,
    ) -> Path:
        n = next(count)
        folder = store_folder / f"20261123T14{n:02d}00-{n:06x}"
        folder.mkdir()
        started = datetime(2026, 11, 23, 14, n, tzinfo=UTC)
        document = {
            "format": 1,
            "id": folder.name,
            "name": name,
            "project": "digits",
            "status": "finished",
            "created_at": rfc3339(int(started.timestamp() * 1000)),
            "duration_s": 7.7,
            "metrics": {key: {"n": 1, "last": value} for key, value in (metrics or {}).items()},
        }
        write_manifest(folder, document | fields, Disk())
        executed = [(0.0, cell)] if cell is not None else cells
        lines = [_cell_event(started, at_s, text, cell_id) for at_s, text in executed]
        (folder / "events.jsonl").write_bytes(b"".join(lines))
        return folder

    return make


def _cell_event(started: datetime, at_s: float, text: str, cell_id: str | None) -> bytes:
    at_ms = int((started.timestamp() + at_s) * 1000)
    event = {
        "kind": "cell",
        "order": at_ms % 1_000_000,
        "cell_id": cell_id,
        "hash": blake3(text.encode()).hexdigest(length=16),
        "source": text,
        "started_at": at_ms,
        "status": "ok",
    }
    return dumps(event) + b"\n"
