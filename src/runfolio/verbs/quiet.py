"""What views are made with, imported without a trace in the user's program."""

from __future__ import annotations

import random
import sys

__all__ = ["import_rich"]


def import_rich() -> None:
    """Import rich before a view needs it.

    It draws from ``random`` as it is imported, and that may be in the middle of a training: what
    this draws must not depend on whether it is the first that is shown.
    """
    if "rich.style" not in sys.modules:
        before = random.getstate()
        import rich.style  # noqa: F401 - for what it does when it is imported

        random.setstate(before)
