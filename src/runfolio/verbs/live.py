"""The place in a notebook where a run shows itself: live while it goes on, as a picture for good after."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.record.guard import guard

if TYPE_CHECKING:
    from runfolio.widgets.live import LiveCard

__all__ = ["LiveOutput", "can_live"]

# A run that is over before a card could be read shows only how it ended.
_AFTER_S: Final = 0.7
_NOTHING: Final = {"text/plain": ""}


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


class LiveOutput:
    """An output of a cell that holds a run's live card, and what takes its place at the end.

    Parameters
    ----------
    path : Path
        The run directory.
    fresh : callable, optional
        Has what is still in memory written down; for a run of this process.
    """

    def __init__(self, path: Path, fresh: Callable[[], None] | None = None) -> None:
        self._path = path
        self._fresh = fresh
        self._lock = threading.Lock()
        self._card: LiveCard | None = None
        self._is_settled = self._alone = False
        self._handle: Any = None
        self._below: Any = None

    def begin(self, *, after_s: float = _AFTER_S, alone: bool = False) -> None:
        """Take the place in the output of the cell that is being executed; the card follows.

        Parameters
        ----------
        after_s : float
            Seconds until the card is shown: what loads it is loaded meanwhile, beside the cell.
        alone : bool
            Whether nobody else puts what stays in its place when the run is over.
        """
        self._alone = alone
        from IPython.display import display

        show: Callable[..., Any] = display
        self._handle = show(_NOTHING, raw=True, display_id=True)
        self._below = show(_NOTHING, raw=True, display_id=True)
        threading.Thread(
            target=self._appear, args=(after_s,), name="runfolio-card", daemon=True
        ).start()

    def settle(
        self, bundle: Mapping[str, Any], about: Mapping[str, Any], below: Mapping[str, Any]
    ) -> None:
        """Put what stays in the place of the card.

        Parameters
        ----------
        bundle, below : mapping
            What is shown, and what is shown below it, by MIME type; ``below`` may be empty.
        about : mapping
            Metadata of the first.
        """
        with self._lock:
            self._is_settled = True
            card, self._card = self._card, None
            if self._handle is not None:
                self._handle.update(dict(bundle), metadata=dict(about), raw=True)
            if self._below is not None and below:
                self._below.update(dict(below), raw=True)
        if card is not None:
            card.end()

    def _appear(self, after_s: float) -> None:
        began = time.monotonic()
        with guard("showing the live card"):
            from runfolio.widgets.live import LiveCard

            time.sleep(max(after_s - (time.monotonic() - began), 0))
            with self._lock:
                if self._is_settled:
                    return
                self._card = LiveCard(
                    self._path, fresh=self._fresh, actions=self._actions(),
                    ended=self._is_over,
                )  # fmt: skip
                self._handle.update(self._card)
            self._card.begin()

    def _is_over(self) -> None:
        if self._alone:
            # Other cards have their turns meanwhile.
            threading.Thread(target=self._stay, name="runfolio-card", daemon=True).start()

    def _stay(self) -> None:
        with guard("showing the card"):
            from runfolio.store.reader import RunReader
            from runfolio.verbs.show import ShowView, shown_run

            reader = RunReader(self._path)
            record = reader.record
            ShowView([shown_run(record, reader)], [record]).settle(self)

    def _actions(self) -> dict[str, Callable[[str], None]]:
        from runfolio.verbs.edit import note, tag
        from runfolio.verbs.lookup import find
        from runfolio.verbs.start import ask_to_stop

        run = self._path.name
        return {
            "stop": lambda _: ask_to_stop(find(run)),
            "note": lambda text: _nothing(note(run, text)),
            "tag": lambda text: _nothing(tag(run, text)),
        }


def _nothing(_: object) -> None:
    """Take a view that nobody looks at."""
