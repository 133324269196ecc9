"""Lightning, which is installed under two names: the one that the program uses."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, Final

from runfolio._optional import require

__all__ = ["NAMES", "WRITING", "folder_of_asking", "is_first_rank", "loggers"]

NAMES: Final = ("lightning.pytorch", "pytorch_lightning")
"""What it is imported as."""

WRITING: Final = ("lightning", "pytorch_lightning", "lightning_fabric")
"""The packages whose code calls a SummaryWriter."""


def loggers() -> Any:
    """Return the module that loggers are derived from.

    Raises
    ------
    MissingDependency
        It is not installed, or too old.
    """
    is_older_name = NAMES[1] in sys.modules and NAMES[0] not in sys.modules
    return require(
        f"{NAMES[is_older_name]}.loggers.logger", feature="runfolio.integrations.lightning",
        install="runfolio[lightning]", at_least="2.3",
    )  # fmt: skip


def is_first_rank() -> bool:
    """Return whether this process is the one that logs."""
    ranks: Any = sys.modules["lightning_utilities.core.rank_zero"]  # of which Lightning itself asks
    return int(ranks.rank_zero_only.rank or 0) == 0


def folder_of_asking(code: FrameType) -> Any:
    """Return the folder of the Trainer whose ``log_dir`` asks; ``None`` for any other code.

    LightningCLI ends the program where a Trainer has no ``log_dir``; the Trainer asks its logger.
    """
    if code.f_code.co_name != "log_dir":
        return None
    return getattr(code.f_locals.get("self"), "default_root_dir", None)
