"""``wandb.tensorboard``: what a SummaryWriter writes goes into the run, by W&B's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runfolio.record import frameworks
from runfolio.record.session import current, session
from runfolio.record.wandb.absent import told

if TYPE_CHECKING:
    from runfolio.record.run import Run

__all__ = ["patch", "unpatch"]

_is_awaited = False


def patch(*_: Any, **__: Any) -> None:
    """Mirror into the open run, or into the next that is opened."""
    global _is_awaited
    if current() is not None:
        frameworks.of("tensorboard").mirror()
        return
    _is_awaited = True
    if _mirror_awaited not in session.opened:
        session.opened.append(_mirror_awaited)


def unpatch() -> None:
    """Mirror nothing any longer."""
    global _is_awaited
    _is_awaited = False
    frameworks.of("tensorboard").unmirror()


def _mirror_awaited(run: Run) -> None:
    global _is_awaited
    if _is_awaited:
        _is_awaited = False
        frameworks.of("tensorboard").mirror(run)


def __getattr__(name: str) -> Any:
    """Return what W&B's module of this name has beside: it says once that it does nothing."""
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    instead = (
        "nothing of it is recorded, and the program goes on; runfolio.init(sync_tensorboard=True) "
        "records what a SummaryWriter writes."
    )
    return told(f"tensorboard.{name}()", instead, once="tensorboard")
