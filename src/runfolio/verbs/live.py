"""The place in a notebook where a run shows itself: live while it goes on, as a picture for good after."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from runfolio import settings
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.model.run import RunRecord
    from runfolio.widgets.chart import LiveChart
    from runfolio.widgets.live import LiveCard
    from runfolio.widgets.protocol import Uses

__all__ = ["LiveOutput", "Place", "Stays", "can_live", "card_output", "freshened", "live_card"]

Stays = tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]
"""What is shown, its metadata, and what is shown below it."""

# A run that is over before a card could be read shows only how it ended.
_AFTER_S: Final = 0.7


def can_live() -> bool:
    """Return whether there is a page here that a widget could live in, and it is wanted."""
    if not settings.flag("live"):
        return False
    try:
        import comm
        from IPython import get_ipython

        del comm
    except ImportError:
        return False
    shell = get_ipython()
    return getattr(shell, "kernel", None) is not None


class Place:
    """One output of a cell, whose content is replaced, from whatever thread."""

    def __init__(self) -> None:
        self._id = ""
        self._parent: Any = None

    def take(self) -> None:
        """Take the place now, in the cell that is being executed; nothing is seen of it yet."""
        self._show({"text/plain": ""}, {})

    def remember(self) -> None:
        """Remember the cell that is being executed: the place is taken in it later, by a thread."""
        from IPython import get_ipython

        self._parent = get_ipython().get_parent()

    def put(self, bundle: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        """Show this in the place; one that was not taken is taken now."""
        if not self._id and self._parent is not None and not _is_main():
            self._publish(bundle, about)
        elif self._id:
            from IPython.display import update_display

            update: Callable[..., Any] = update_display
            update(dict(bundle), metadata=dict(about), raw=True, display_id=self._id)
        else:
            self._show(bundle, about)

    def _show(self, bundle: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        from IPython.display import display

        self._id = uuid4().hex
        show: Callable[..., Any] = display
        show(dict(bundle), metadata=dict(about), raw=True, display_id=self._id)

    def _publish(self, bundle: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        """Send it as an output of the remembered cell: `display` in a thread does not know which."""
        from IPython import get_ipython

        self._id = uuid4().hex
        shell = get_ipython()
        content = {
            "data": dict(bundle),
            "metadata": dict(about),
            "transient": {"display_id": self._id},
        }
        shell.kernel.session.send(
            shell.kernel.iopub_socket, "display_data", content, parent=self._parent,
            ident=shell.display_pub.topic,
        )  # fmt: skip


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _bundle_of(widget: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return what a front end shows of a widget."""
    made = widget._repr_mimebundle_()
    return made if isinstance(made, tuple) else (made, {})


class LiveOutput:
    """An output of a cell that holds a live widget, and what takes its place at the end.

    Parameters
    ----------
    made : callable
        Returns the widget, given what it calls once there is nothing more to show.
    stays : callable, optional
        Returns what takes its place then; without it, somebody calls `settle`.
    entry : callable, optional
        Returns the run's journal entry as it begins, which goes to the page with the card.
    """

    def __init__(
        self,
        made: Callable[[Callable[[], None]], LiveCard | LiveChart],
        stays: Callable[[], Stays] | None = None,
        entry: Callable[[], Mapping[str, Any] | None] = lambda: None,
    ) -> None:
        self._made = made
        self._stays = stays
        self._entry = entry
        self._lock = threading.Lock()
        self._widget: LiveCard | LiveChart | None = None
        self._is_settled = False
        self._card, self._below = Place(), Place()

    def begin(self) -> None:
        """Take a place in the output of the cell that is being executed; the widget follows."""
        self._card.take()
        self._below.take()
        self._start(0.0)

    def begin_late(self) -> None:
        """Take a place only if the cell runs on: one that is over by then shows how it ended."""
        self._card.remember()
        self._start(_AFTER_S)

    def _start(self, after_s: float) -> None:
        threading.Thread(
            target=self._appear, args=(after_s,), name="runfolio-card", daemon=True
        ).start()

    def settle(
        self, bundle: Mapping[str, Any], about: Mapping[str, Any], below: Mapping[str, Any]
    ) -> None:
        """Put what stays in the place of the widget; where none was taken, in the running cell.

        Parameters
        ----------
        bundle, below : mapping
            What is shown, and what is shown below it, by MIME type; ``below`` may be empty.
        about : mapping
            Metadata of the first.
        """
        with self._lock:
            self._is_settled = True
            widget, self._widget = self._widget, None
            self._card.put(bundle, about)
            if below:
                self._below.put(below, {})
        if widget is not None:
            widget.end()

    def tell_journal(self, entry: Mapping[str, Any]) -> bool:
        """Tell the page how a run ended; return whether it has given the run a journal cell."""
        with self._lock:
            journal = getattr(self._widget, "journal", None)
        if journal is None:
            return False
        journal.tell(entry, last=True)
        return bool(journal.placed)

    def _appear(self, after_s: float) -> None:
        began = time.monotonic()
        with guard("showing the live card"):
            import_module("runfolio.widgets.live")  # beside the cell, while there is time
            time.sleep(max(after_s - (time.monotonic() - began), 0))
            with self._lock:
                if self._is_settled:
                    return
                widget = self._widget = self._made(self._is_over)
                self._card.put(*_bundle_of(widget))
            widget.begin()
        with guard("showing the journal cell"):
            entry = self._entry()
            journal = getattr(widget, "journal", None)
            if entry is not None and journal is not None:
                journal.tell(entry, last=False)

    def _is_over(self) -> None:
        if self._stays is not None:
            # Others have their turns meanwhile: to draw takes its time.
            threading.Thread(target=self._stay, name="runfolio-card", daemon=True).start()

    def _stay(self) -> None:
        with guard("showing what stays"):
            if self._stays is not None:
                self.settle(*self._stays())


def card_output(
    path: Path,
    fresh: Callable[[], None] | None = None,
    *,
    metrics: Sequence[str] = (),
    stays: Callable[[], Stays] | None = None,
    entry: Callable[[], Mapping[str, Any] | None] = lambda: None,
) -> LiveOutput:
    """Return an output that holds the live card of a run.

    Parameters
    ----------
    path : Path
        The run directory.
    fresh : callable, optional
        Has what is still in memory written down; for a run of this process.
    metrics : sequence of str
        Patterns of the metrics that are drawn; all without any.
    stays, entry : callable, optional
        See `LiveOutput`.
    """
    return LiveOutput(lambda ended: live_card(path, fresh, ended, metrics), stays, entry)


def live_card(
    path: Path,
    fresh: Callable[[], None] | None = None,
    ended: Callable[[], None] = lambda: None,
    metrics: Sequence[str] = (),
    *,
    can_change: bool = True,
) -> LiveCard:
    """Return the live card of a run, with its buttons where it can be changed; see `card_output`."""
    from runfolio.widgets.live import LiveCard

    actions = _actions(path) if can_change else {}
    return LiveCard(
        path,
        fresh=fresh,
        actions=actions,
        remarks=_remarks,
        uses=_uses,
        ended=ended,
        metrics=metrics,
    )


def freshened(path: Path | None) -> Callable[[], None] | None:
    """Return what has the open run of this process written down, if it is the one at a path."""
    from runfolio.record.session import current

    run = current()
    if run is None or run.disabled or path not in (None, run.path):
        return None
    return run.life.writer.flush


def _actions(path: Path) -> dict[str, Callable[[str], None]]:
    from runfolio.format.manifest import read_record
    from runfolio.verbs.edit import note, tag
    from runfolio.verbs.start import ask_to_stop

    return {
        "stop": lambda _: ask_to_stop(read_record(path)),
        "note": lambda text: _nothing(note(read_record(path), text)),
        "tag": lambda text: _nothing(tag(read_record(path), text)),
    }


def _remarks(record: RunRecord, events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with the record, why the notebook would not give the run again, and what was installed."""
    from runfolio.query.installs import install_lines
    from runfolio.query.run_faults import fault
    from runfolio.query.staleness import run_staleness
    from runfolio.verbs.notebook_file import notebook_file

    stale = run_staleness(record, events, notebook_file(record))
    wrong = fault(record)
    return [*([wrong] if wrong else []), *stale.lines, *install_lines(events)]


def _uses(record: RunRecord) -> list[Uses]:
    """Return which versions of artifacts a run used and made."""
    from runfolio.verbs.used_words import uses_told

    return uses_told(record)


def _nothing(_: object) -> None:
    """Take a view that nobody looks at."""
