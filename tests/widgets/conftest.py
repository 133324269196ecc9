"""A store of its own for each test, and cards whose messages are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.store.conftest import set_up_store

from runfolio.record import session as sessions
from runfolio.widgets.live import LiveCard


@pytest.fixture(autouse=True)
def folio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a store that does not exist yet; runs are recorded into it."""
    yield set_up_store(tmp_path, monkeypatch)
    sessions.reset_for_tests()


class Page:
    """What a page hears of a card, and what it says."""

    def __init__(self, card: LiveCard) -> None:
        self.card = card
        self.messages: list[tuple[dict[str, Any], list[bytes]]] = []
        card.send = card._points._send = self.hear

    def hear(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.messages.append((content, buffers or []))

    def says(self, **message: Any) -> None:
        self.card.take(message)

    def kinds(self) -> list[str]:
        return [content["kind"] for content, _ in self.messages]

    def points(self) -> dict[int, list[float]]:
        """Return series → values, in the order in which a page would take them."""
        found: dict[int, list[float]] = {}
        for content, buffers in self.messages:
            if content["kind"] != "points":
                continue
            values, at = np.frombuffer(buffers[2]), 0
            for part in content["parts"]:
                held = found.setdefault(part["s"], [])
                new = values[at : at + part["n"]].tolist()
                held.extend(new[max(len(held) - part["from"], 0) :])
                at += part["n"]
        return found


@pytest.fixture
def page_of() -> Iterator[Callable[..., Page]]:
    """Return a function that makes a card of a run, without a kernel, and its page."""
    cards: list[LiveCard] = []

    def make(path: Path, **options: Any) -> Page:
        cards.append(LiveCard(path, **options))
        return Page(cards[-1])

    yield make
    for card in cards:
        card.close()
