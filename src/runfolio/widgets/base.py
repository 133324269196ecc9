"""What all widgets have in common: their page's half, and how they are spoken to while a cell runs.

A page opens a comm of its own, where the front end lets it, and says on it which widget it means.
ipykernel answers such a comm in a subshell; messages of a widget's own comm may wait for the end
of the cell, from 7.4 on even those that have subshells.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import anywidget
import traitlets

from runfolio.record.guard import guard
from runfolio.widgets.protocol import TARGET, Up, understood

__all__ = ["STATIC", "PageWidget", "carried_by"]

STATIC: Final = Path(__file__).parent / "static"

_widgets: weakref.WeakValueDictionary[str, PageWidget] = weakref.WeakValueDictionary()

_carrier: ContextVar[Callable[[str], Any] | None] = ContextVar("carrier", default=None)


@contextlib.contextmanager
def carried_by(comm_of: Callable[[str], Any]) -> Iterator[None]:
    """Let the widgets that are made meanwhile speak over comms of one's own, without a kernel.

    Parameters
    ----------
    comm_of : callable
        Returns the comm of a widget, given its id.
    """
    before = _carrier.set(comm_of)
    try:
        yield
    finally:
        _carrier.reset(before)


class PageWidget(anywidget.AnyWidget):
    """A widget whose page speaks `runfolio.widgets.protocol`."""

    _id = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        _listen()
        ident = (
            uuid4().hex
        )  # an output names the widget that it shows by it: so the page finds its own
        comm_of = _carrier.get()
        if comm_of is not None:
            traits["comm"] = comm_of(ident)
        super().__init__(_id=ident, model_id=ident, **traits)
        _widgets[self._id] = self
        self.on_msg(lambda _, content, __: self.take(content))

    def __repr__(self) -> str:
        # What a front end without widgets shows.
        return "A run goes on; what it came to is shown here when it is over."

    def take(self, content: Any) -> None:
        """Take in what a page said; nonsense is passed over."""
        message = understood(content)
        if message is not None:
            with guard("answering the card"):
                self.heard(message)

    def heard(self, message: Up) -> None:
        """Do what a page asks for."""
        raise NotImplementedError


def _listen() -> None:
    """Have the kernel take the comms that pages open; once in a kernel."""
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    manager = getattr(kernel, "comm_manager", None)
    if manager is not None and TARGET not in manager.targets:
        manager.register_target(TARGET, _opened)


def _opened(comm: Any, _: Any) -> None:
    comm.on_msg(_said)


def _said(message: dict[str, Any]) -> None:
    data = message.get("content", {}).get("data")
    widget = _widgets.get(str(data.get("model"))) if isinstance(data, dict) else None
    if widget is not None:
        widget.take(data)
