"""Widgets that take the place of static HTML, and whose pages ask for the parts that they show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runfolio.charts.curves import label_text
from runfolio.errors import QueryError, RunfolioError
from runfolio.widgets.answering import Answer, Answering
from runfolio.widgets.base import PageWidget
from runfolio.widgets.protocol import Up

__all__ = ["AskedWidget"]


class AskedWidget(PageWidget):
    """Answers what its pages ask, in threads of its own.

    Parameters
    ----------
    thread : str
        What the thread that answers is called.

    Attributes
    ----------
    over : bool
        Whether it was taken out of the page.
    """

    _latest: frozenset[str] = frozenset()
    """Verbs by which a page asks for something else than before: older questions are passed over."""

    def __init__(self, thread: str, **traits: Any) -> None:
        super().__init__(**traits)
        self.over = False
        self._answering = Answering(thread)
        self._verbs: Mapping[str, Callable[[Any, str], Answer]] = {}

    @property
    def mark(self) -> str:
        """What a page finds the place by that this widget takes."""
        return str(self._id)

    def end(self) -> None:
        """Take the widget out of the page."""
        self.over = True
        self.set_trait("_esm", "export default {}")
        self.close()

    def heard(self, message: Up) -> None:
        """Take in what a page asks for; a thread of the widget's own answers it."""
        verb, page, number = message.get("verb", ""), message.get("page", ""), message.get("id", 0)
        if message["kind"] != "ask" or verb not in self._verbs:
            return
        want = self._understood(message.get("what", {}))
        kind = (page, verb) if verb in self._latest else (page, verb, number)
        self._thread_of(verb).ask(kind, lambda: self._answer(verb, page, number, want))

    def _understood(self, what: Mapping[str, Any]) -> Any:
        """Return what is wanted, as the verbs take it."""
        raise NotImplementedError

    def _thread_of(self, verb: str) -> Answering:
        del verb
        return self._answering

    def _answer(self, verb: str, page: str, number: int, want: Any) -> None:
        told: dict[str, Any] = {"kind": "told", "verb": verb, "page": page, "id": number}
        try:
            found, buffers = self._verbs[verb](want, page)
        except QueryError as error:
            self._refuse(told, error.message, error.position)
        except (RunfolioError, OSError) as error:
            self._refuse(told, label_text(str(error), 400))
        except Exception as error:
            # A page must not wait for ever; the guard says what went wrong.
            self._refuse(told, f"This could not be answered: {label_text(str(error), 300)}")
            raise
        else:
            self.send(told | found, buffers)

    def _refuse(self, told: dict[str, Any], words: str, position: int | None = None) -> None:
        self.send(told | {"error": {"message": words, "position": position}}, [])
