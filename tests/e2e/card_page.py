"""A live card in a page of its own: both halves are real, what lies between them is handed over."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from runfolio.widgets.base import STATIC
from runfolio.widgets.live import LiveCard

# What a notebook gives a widget: a model, and an element to draw in.
_PAGE = """<!doctype html><body style="margin:0"><div id="here"></div><script>
window.said = [];
window.handlers = {};
window.state = {};
window.model = {
  get: (name) => window.state[name],
  on: (name, heard) => (window.handlers[name] ??= []).push(heard),
  off: () => {},
  send: (message) => window.said.push(message),
};
window.begin = async (text, state) => {
  window.state = state;
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  widget.initialize({ model });
  widget.render({ model, el: document.getElementById("here") });
};
window.tell = (card, messages) => {
  window.state.card = card;
  for (const heard of window.handlers["change:card"] ?? []) heard();
  for (const [message, buffers] of messages) {
    const views = buffers.map(
      (one) => new DataView(Uint8Array.from(atob(one), (c) => c.charCodeAt(0)).buffer));
    for (const heard of window.handlers["msg:custom"] ?? []) heard(message, views);
  }
};
</script>"""


class CardPage:
    """A page with the card of one run, whose turns the test takes itself."""

    bundle = "live.js"

    def __init__(self, opened: Any, card: Any, folder: Path) -> None:
        self.opened = opened
        self.page = opened.page
        self.dialogs: list[str] = []
        self.page.on("dialog", self._dismiss)
        self.page.on("console", self._console)
        self._messages: list[tuple[Any, list[str]]] = []
        self.card = card
        # As the widget's own: what it made to send its points with holds on to that.
        self.card.send = self.card._points._send = self._send
        path = folder / "card.html"
        path.write_text(_PAGE, encoding="utf-8")
        self.page.goto(path.as_uri())
        bundle = (STATIC / self.bundle).read_text(encoding="utf-8")
        state = {"_id": "here"} | self.state()
        self.page.evaluate("([text, state]) => begin(text, state)", [bundle, state])

    def state(self) -> dict[str, Any]:
        """Return what the page knows of the widget when it begins."""
        return {"specs": self.card.specs, "card": None}

    def turn(self, times: int = 2) -> None:
        """Let the kernel's half say what is new, and the page's half answer."""
        for _ in range(times):
            self.card._told_s = float("-inf")
            self.card.turn()
            self.page.evaluate(
                "([card, messages]) => tell(card, messages)",
                [getattr(self.card, "card", None), self._messages],
            )
            self._messages = []
            for message in self.page.evaluate("said.splice(0)"):
                self.card.take(message)
        self.page.wait_for_timeout(300)

    def find(self, selector: str) -> Any:
        """Return what a selector finds in the card."""
        return self.page.locator(selector)

    @property
    def trouble(self) -> list[str]:
        """Everything a page should not do: errors, dialogs, requests, scripts that ran."""
        ran = self.page.evaluate("window.__pwn === undefined ? [] : ['a script ran']")
        return [*self.opened.errors, *self.dialogs, *self.opened.asked, *ran]

    @classmethod
    def of(cls, opened: Any, run: Path, folder: Path, **options: Any) -> CardPage:
        """Open the card of a run."""
        return cls(opened, LiveCard(run, **options), folder)

    def _send(self, content: Any, buffers: Any = None) -> None:
        told = [base64.b64encode(one).decode() for one in buffers or ()]
        self._messages.append((content, told))

    def _dismiss(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.opened.errors.append(message.text)


class ChartPage(CardPage):
    """A page with a chart of one's own."""

    bundle = "chart.js"

    def state(self) -> dict[str, Any]:
        """Return what the page knows of the chart when it begins."""
        return {"chart": self.card.chart}
