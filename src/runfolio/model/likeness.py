"""Whether two names of metrics are likely to mean one thing: ``training_loss``, ``train/loss``."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["alike", "likeness"]

_LONGEST: Final = 200

# Words that people use for one another. A pair that means two things somewhere is left out: `eval`
# is no `val` where both are logged, `dev` is no `val` in speech.
_SAME: Final[Mapping[str, str]] = {
    "training": "train", "trn": "train", "validation": "val", "valid": "val", "validate": "val",
    "testing": "test", "accuracy": "acc", "losses": "loss", "error": "err", "errors": "err",
    "perplexity": "ppl", "gradient": "grad", "gradients": "grad", "grads": "grad",
    "learningrate": "lr", "epochs": "epoch", "steps": "step", "average": "mean", "avg": "mean",
    "temperature": "temp", "memory": "mem", "secs": "s", "seconds": "s", "sec": "s",
}  # fmt: skip
_SPLITS: Final = ("train", "val", "test")

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD: Final = re.compile(r"[^\W_]+")


@functools.lru_cache(maxsize=4096)
def likeness(name: str) -> tuple[str, ...]:
    """Return what names for one thing have in common; two that differ in it are two things.

    Case, separators and humps do not count, nor does where ``train``, ``val`` or ``test``
    stands; of words that mean the same, such as ``acc`` and ``accuracy``, one is taken.

    Examples
    --------
    >>> likeness("training_loss") == likeness("train/loss") == likeness("Loss/Train")
    True
    >>> likeness("loss_1") == likeness("loss_2")
    False
    """
    words = [word.lower() for word in _WORD.findall(_HUMP.sub(" ", name[:_LONGEST]))]
    text = " ".join(_SAME.get(word, word) for word in words)
    plain = text.replace("learning rate", "lr").split()
    splits = [word for word in plain if word in _SPLITS]
    # One split may stand before or behind; of several each belongs to what it stands beside.
    if len(splits) == 1:
        plain.remove(splits[0])
        plain.insert(0, splits[0])
    return tuple(plain) if plain and len(name) <= _LONGEST else (name,)


def alike(names: Iterable[str]) -> list[list[str]]:
    """Return the groups of two names and more that are likely to mean one thing."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in dict.fromkeys(names):
        groups.setdefault(likeness(name), []).append(name)
    return [group for group in groups.values() if len(group) > 1]
