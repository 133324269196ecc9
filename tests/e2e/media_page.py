"""A media browser in a page of its own: both halves are real, what lies between is handed over."""

from __future__ import annotations

import base64
import queue
import time
from pathlib import Path
from typing import Any

from runfolio.verbs.media import MediaView
from runfolio.widgets.base import STATIC

# What a notebook gives a widget: a model, and an element to draw in.
_PAGE = """<!doctype html><body style="margin:0;padding:12px"><div id="here"></div><script>
window.handlers = {};
window.model = {
  get: (name) => window.state[name],
  on: (name, heard) => (window.handlers[name] ??= []).push(heard),
  off: () => {},
  send: (message) => window.toKernel(message),
};
window.begin = async (text, state) => {
  window.state = state;
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  widget.initialize({ model });
  const show = (el) => widget.render({ model, el });
  window.again = () => void show(document.body.appendChild(document.createElement("div")));
  show(document.getElementById("here"));
};
window.tell = (message, buffers) => {
  const views = buffers.map(
    (one) => new DataView(Uint8Array.from(atob(one), (c) => c.charCodeAt(0)).buffer));
  for (const heard of window.handlers["msg:custom"] ?? []) heard(message, views);
};
</script>"""
_DARK = "document.body.dataset.jpThemeLight = 'false'; document.body.style.background = '#111'"


class MediaPage:
    """A page with a media browser, whose answers are handed over while the test waits."""

    def __init__(self, opened: Any, view: MediaView, folder: Path, *, dark: bool = False) -> None:
        self.opened = opened
        self.page = opened.page
        self.widget = view.widget
        self.answers: queue.Queue[tuple[dict[str, Any], list[bytes]]] = queue.Queue()
        self.sent_bytes = 0
        self.widget.send = lambda content, buffers=None: self.answers.put((content, buffers or []))
        self.page.on("console", self._console)
        self.page.expose_function("toKernel", self.widget.take)
        path = folder / "media.html"
        path.write_text(_PAGE, encoding="utf-8")
        self.page.goto(path.as_uri())
        if dark:
            self.page.evaluate(_DARK)
        bundle = (STATIC / "media_browser.js").read_text(encoding="utf-8")
        state = {"_id": "here", "start": self.widget.start}
        self.page.evaluate("([text, state]) => begin(text, state)", [bundle, state])
        end = time.monotonic() + 20
        while time.monotonic() < end and not self.hand_over():
            self.page.wait_for_timeout(5)
        self.settle()

    def settle(self, rest_s: float = 0.25, most_s: float = 20) -> None:
        """Hand answers over until none has come for a while."""
        end = time.monotonic() + most_s
        quiet = time.monotonic() + rest_s
        while time.monotonic() < min(end, quiet):
            if self.hand_over():
                quiet = time.monotonic() + rest_s
            self.page.wait_for_timeout(5)

    def hand_over(self) -> bool:
        """Hand over what the kernel's half has answered; return whether there was anything."""
        had = False
        while not self.answers.empty():
            content, buffers = self.answers.get()
            told = [base64.b64encode(one).decode() for one in buffers]
            self.sent_bytes += sum(map(len, buffers))
            self.page.evaluate("([message, buffers]) => tell(message, buffers)", [content, told])
            had = True
        return had

    def find(self, selector: str, **options: Any) -> Any:
        """Return what a selector finds in the browser."""
        return self.page.locator(selector, **options)

    def turn_to(self, kind: str) -> None:
        """Look at another kind."""
        self.find(f"[data-kind='{kind}']").click()
        self.settle()

    def texts(self, selector: str) -> list[str]:
        """Return what stands in each element that a selector finds."""
        return [text.strip() for text in self.find(selector).all_inner_texts()]

    @property
    def trouble(self) -> list[str]:
        """Everything a page should not do: errors, requests, scripts that ran."""
        ran = self.page.evaluate("window.__pwn === undefined ? [] : ['a script ran']")
        return [*self.opened.errors, *self.opened.asked, *ran]

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.opened.errors.append(message.text)
