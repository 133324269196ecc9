"""Seeds that were set on purpose: by ``runfolio.seed``, and what can be seen of others."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

from runfolio.capture.generators import UNREADABLE

__all__ = ["SEEDED", "known_seeds", "remember"]

SEEDED: Final = "runfolio.seed"
"""What the seed of ``runfolio.seed`` is called in a record."""

# Unseeded, torch draws 64 random bits or takes a number of its own: a number below this does not
# come by chance, and people's seeds are shared with numpy, which takes no larger ones.
_CHOSEN_BELOW: Final = 2**32

_given: dict[str, int] = {}


def remember(seed: int) -> None:
    """Note what ``runfolio.seed`` was given; runs that are opened later know it."""
    _given[SEEDED] = seed


def known_seeds() -> dict[str, Any]:
    """Return the seeds that this process is known to have set.

    Returns
    -------
    dict of str to int
        ``runfolio.seed``, ``PYTHONHASHSEED`` and ``torch`` where they were set; neither ``random``
        nor numpy tells its seed (see `seed_calls.seeds_in_source`).
    """
    known: dict[str, Any] = dict(_given)
    text = os.environ.get("PYTHONHASHSEED", "")
    if text.isascii() and text.isdigit():
        known["PYTHONHASHSEED"] = int(text)
    torch = sys.modules.get("torch")
    if torch is not None:
        try:
            seed = int(torch.initial_seed())
        except UNREADABLE:
            return known
        if 0 <= seed < _CHOSEN_BELOW:
            known["torch"] = seed
    return known
