"""The names of all verbs, those of later versions included; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from runfolio.errors import did_you_mean

__all__ = ["RESERVED", "VERBS", "is_verb", "reserved_sentence", "unknown_sentence"]

VERBS: Final = (
    "start",
    "stop",
    "status",
    "run",
    "runs",
    "show",
    "diff",
    "compare",
    "media",
    "note",
    "tag",
    "rename",
    "rm",
    "restore",
    "journal",
    "report",
    "artifacts",
    "promote",
    "autolog",
    "check",
    "doctor",
    "gc",
    "du",
    "upgrade",
    "ui",
)
"""The verbs this version has, in the order in which help lists them."""

RESERVED: Final[Mapping[str, str]] = {
    "slice": "find the minimal cells behind a result",
    "reproduce": "run a run again from its record",
    "verify": "judge a repeated run against its record",
    "sweep": "run the same cell or command over settings",
    "cost": "add up GPU-hours, money and energy",
    "sync": "carry runs to and from a remote",
    "push": "carry runs to a remote",
    "pull": "fetch runs from a remote",
    "import": "take runs over from another tracker",
    "export": "hand runs to another tracker",
    "lake": "write runs into a table lake",
}
"""Verb of a later version → what it will do. No run can be started under these names by a magic."""


def is_verb(word: str) -> bool:
    """Return whether `word` is a verb of this or a later version."""
    return word in VERBS or word in RESERVED


def reserved_sentence(word: str) -> str:
    """Return the one sentence that a verb of a later version answers with."""
    return f'"{word}" ({RESERVED[word]}) is not part of this version of runfolio.'


def unknown_sentence(word: str, prog: str) -> str:
    """Return the one sentence for a word that is no verb, with the nearest one."""
    near = did_you_mean(word, VERBS) or did_you_mean(word, RESERVED)
    return f'No verb is called "{word}".{near} {prog} --help lists all.'
