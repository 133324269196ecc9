"""The widgets of notebooks, made in this process for a page that has no kernel."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import MissingDependency, RunNotFound, UsageError
from runfolio.format.layout import check_run_id
from runfolio.record.guard import guard
from runfolio.server.carrier import HttpComm

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord
    from runfolio.server.carrier import Put
    from runfolio.server.stores import OpenStore
    from runfolio.widgets.base import PageWidget
    from runfolio.widgets.live import LiveCard

__all__ = ["KINDS", "MOST_RUNS", "View", "Wanted", "made"]

MOST_RUNS: Final = 50

# So long a card that is over has turns: media are looked for every other second only.
_AWAKE_S: Final = 4.0

_WRITES: Final = frozenset(("tags",))
_NEVER: Final = frozenset(("save view", "remove view"))
_SETTABLE: Final = frozenset(("selected", "query", "view"))


class Wanted:
    """Which view a page asks for.

    Parameters
    ----------
    kind : str
    runs : sequence of str
        Ids.
    query : str
    can_write : bool
        Whether its user may change runs.
    """

    def __init__(self, kind: str, runs: Sequence[str], query: str, *, can_write: bool) -> None:
        self.kind = kind
        self.runs = [check_run_id(run) for run in runs]
        self.query = query
        self.can_write = can_write


class View:
    """A widget that one page shows.

    Attributes
    ----------
    id : str
    store : OpenStore
    """

    def __init__(self, store: OpenStore, kind: str) -> None:
        self.id = ""
        self.store = store
        self.kind = kind
        self.over = False
        self._comm: HttpComm | None = None
        self._widget: PageWidget | None = None
        self._turns: _Turns | None = None

    def carry(self, ident: str) -> HttpComm:
        """Return the comm of the widget, by whose id the view is known from now on."""
        self.id = ident
        self._comm = HttpComm(ident)
        return self._comm

    def begin(self, put: Put) -> None:
        """Let the widget speak, and follow its run if it is a card."""
        from runfolio.widgets.live import LiveCard

        widget = self._widget
        if self._comm is None or widget is None:
            return
        self._comm.speak(put)
        if isinstance(widget, LiveCard):
            self._turns = _Turns(widget)
            self.store.feed.add(self._turns)

    def hold(self, widget: PageWidget) -> None:
        """Take in the widget."""
        self._widget = widget

    def state(self) -> dict[str, Any]:
        """Return what a page begins with."""
        if self._widget is None:
            return {}
        keys = [key for key in self._widget.keys if _is_ours(key)]
        found: dict[str, Any] = self._widget.get_state(keys)
        return found | {"_id": self.id}

    def needs_write(self, data: Mapping[str, Any]) -> bool:
        """Return whether what a page says changes a run."""
        content = data.get("content")
        if not isinstance(content, Mapping):
            return False
        return _word(content, "kind") == "do" or _word(content, "verb") in _WRITES | _NEVER

    def needs_drive(self, data: Mapping[str, Any]) -> bool:
        """Return whether files are written while it is heard; all else is done by other threads."""
        content = data.get("content")
        return isinstance(content, Mapping) and _word(content, "kind") == "do"

    def hear(self, data: Mapping[str, Any]) -> None:
        """Take in what the page says.

        Raises
        ------
        UsageError
            It is no message of a widget, or asks for what is done in notebooks only.
        """
        if self._comm is None or self.over:
            raise RunNotFound("There is no such view any more. Open it again.")
        content, state = data.get("content"), data.get("state")
        if data.get("method") == "custom" and isinstance(content, Mapping):
            if _word(content, "verb") in _NEVER:
                self._refuse(content)
                return
            self._comm.hear({"method": "custom", "content": content})
        elif data.get("method") == "update" and isinstance(state, Mapping):
            self._set({key: value for key, value in state.items() if key in _SETTABLE})
        else:
            raise UsageError('A message is {"method": "custom", "content"} or {"method": "update", "state"}.')  # fmt: skip
        if self._turns is not None:
            self._turns.wake()

    def wake(self) -> None:
        """Look again: what the view shows has changed."""
        if self._turns is not None:
            self._turns.wake()

    def _set(self, state: dict[str, Any]) -> None:
        from traitlets import TraitError

        if self._widget is None:
            return
        try:
            self._widget.set_state(state)
        except TraitError:
            raise UsageError("A part of the state is not of its type.") from None

    def _refuse(self, content: Mapping[str, Any]) -> None:
        if self._widget is None:
            return
        words = "Views are saved in a notebook: here notes, tags and names can be changed."
        self._widget.send(
            {
                "kind": "told", "verb": content.get("verb"), "page": content.get("page", ""),
                "id": content.get("id", 0), "error": {"message": words, "position": None},
            }
        )  # fmt: skip

    def end(self) -> None:
        """Let go of the widget."""
        self.over = True
        widget, self._widget = self._widget, None
        if self._turns is not None:
            self.store.feed.remove(self._turns)
        if self._comm is not None:
            self._comm.close()
        if widget is None:
            return
        layout = widget.layout
        with guard("closing a view"):
            end: Callable[[], None] = getattr(widget, "end")  # noqa: B009 - each kind has its own
            end()
        layout.close()  # a widget, too, which ipywidgets would keep for ever


class _Turns:
    """The turns of a card: one of a run that is over has none until there is a reason."""

    def __init__(self, card: LiveCard) -> None:
        self._card = card
        self._until_s = time.monotonic() + _AWAKE_S
        self.over = False

    def wake(self) -> None:
        """Give the card turns again."""
        self._until_s = time.monotonic() + _AWAKE_S
        self.over = False

    def turn(self) -> None:
        """Let the card tell its page what is new."""
        if self.over:
            return
        self._card.turn()
        self.over = self._card.over and time.monotonic() > self._until_s


def _word(content: Mapping[str, Any], name: str) -> str:
    said = content.get(name)
    return said if isinstance(said, str) else ""


def _is_ours(key: str) -> bool:
    return not key.startswith("_") and key not in ("layout", "tabbable", "tooltip")


def made(wanted: Wanted, store: OpenStore) -> View:
    """Make a view, which says nothing until it begins.

    Raises
    ------
    RunfolioError
        It cannot be made; the message says why.
    """
    store.check()
    _check_ipywidgets()
    from runfolio.widgets.base import carried_by

    view = View(store, wanted.kind)
    with carried_by(view.carry):
        view.hold(_MAKERS[wanted.kind](wanted, store))
    return view


def _check_ipywidgets() -> None:
    import ipywidgets

    if int(ipywidgets.__version__.partition(".")[0]) < 8:
        raise MissingDependency(
            "The panel needs ipywidgets 8 where Jupyter's server runs. "
            "Install it: pip install 'runfolio[ui]'"
        )


def _records(wanted: Wanted, store: OpenStore) -> list[RunRecord]:
    """Return the runs that are meant; those of a query are not more than can be told apart."""
    from runfolio.query.runs import Runs

    if wanted.runs:
        return [store.store.record(run) for run in wanted.runs[:MOST_RUNS]]
    return list(Runs(store.store, wanted.query).records[:MOST_RUNS])


def _card(wanted: Wanted, store: OpenStore) -> PageWidget:
    from runfolio.verbs.live import live_card

    if len(wanted.runs) != 1:
        raise UsageError("A card shows one run: give one id in runs.")
    record = store.store.record(wanted.runs[0])
    return live_card(record.path, can_change=wanted.can_write)


def _table(wanted: Wanted, store: OpenStore) -> PageWidget:
    from runfolio.query.runs import Runs
    from runfolio.verbs.edit import tag
    from runfolio.verbs.runs_widget import quoted
    from runfolio.widgets.runs_table import RunsTableWidget

    def change(run: str, changes: Sequence[str]) -> object:
        return tag(store.store.record(run), *map(quoted, changes))

    runs = Runs(store.store, wanted.query)
    return RunsTableWidget(runs, tag=change if wanted.can_write else None)


def _compare(wanted: Wanted, store: OpenStore) -> PageWidget:
    from runfolio.query.comparison import Comparison
    from runfolio.verbs.compare_widget import compare_widget

    records, every = _records(wanted, store), store.store.records()
    if len(records) < 2:
        raise UsageError(f"Select 2 to {MOST_RUNS} runs to compare.")
    return compare_widget(Comparison(store.store, records, every=every), every, wanted.query)


def _media(wanted: Wanted, store: OpenStore) -> PageWidget:
    from runfolio.verbs.media import MediaView

    def again() -> list[RunRecord]:
        return _records(wanted, store)

    return MediaView(again(), wanted.query, again=again).widget


_MAKERS: Final[Mapping[str, Callable[[Wanted, OpenStore], PageWidget]]] = {
    "card": _card, "table": _table, "runs": _table, "compare": _compare, "media": _media,
}  # fmt: skip

KINDS: Final = tuple(_MAKERS)
