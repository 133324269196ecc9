"""A picture that takes too long costs the card its picture alone."""

from __future__ import annotations

import pytest
from tests.record.media.test_engine import ENDLESS

from runfolio.charts import export
from runfolio.errors import RunfolioWarning
from runfolio.record import guard
from runfolio.record.media.engine import Engine


def test_a_card_without_its_picture_keeps_its_other_forms(run_of, found, monkeypatch) -> None:
    class Slow(Engine):
        def drawn(self, spec: dict, *, scale: float) -> bytes:
            self.limit_s = 0.5
            return super().drawn(ENDLESS, scale=scale)

    slow = Slow()
    monkeypatch.setattr(export, "engine", slow)
    guard.reset()
    shown = [(run_of(), found({"loss": [3.0, 2.0, 1.0]}))]
    with pytest.warns(RunfolioWarning, match="drawing the picture of a card failed"):
        first = export.card_bundle(shown)
    slow.limit_s = 60
    second = export.card_bundle(shown)  # a second warning would be an error
    slow.close()
    assert set(first) == set(second) == {export.VEGA_MIME, "text/plain"}
