"""Facts and words to make entries of, and small stores of real run directories."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from runfolio.logbook.entry import HEADINGS, Change, Data, Facts, Other, Result, Words
from runfolio.logbook.parse import PLACEHOLDER
from runfolio.model.run import RunRecord, Status


@pytest.fixture
def facts() -> Facts:
    """The facts of the run that the design's drawing shows."""
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


def record(path: Path, **fields: Any) -> RunRecord:
    """Return a record of a run that ended well, with the given fields."""
    given = {"id": path.name, "path": path, "name": "run", "status": Status.FINISHED} | fields
    return RunRecord(**given)
