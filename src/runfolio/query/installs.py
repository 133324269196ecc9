"""What was installed and removed while a run went on, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

__all__ = ["install_lines"]

_MOST: Final = 4


def install_lines(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a line for each time that distributions were changed under a run.

    Parameters
    ----------
    events : iterable of mapping
        Those of the run, at least those of the kind ``environment``.
    """
    return [
        line for event in events if event.get("kind") == "environment" if (line := _line(event))
    ]


def _line(event: Mapping[str, Any]) -> str:
    changes = list(_changes(event))
    if not changes:
        return ""
    more = len(changes) - _MOST
    named = ", ".join(changes[:_MOST]) + (f" and {more} more" if more > 0 else "")
    cell = event.get("cell")
    return f"cell [{cell}]: {named}" if isinstance(cell, int) else f"while it ran: {named}"


def _changes(event: Mapping[str, Any]) -> Iterator[str]:
    loaded = event.get("loaded")
    in_memory = loaded if isinstance(loaded, list) else []
    for name, versions in _mapping(event, "changed"):
        if isinstance(versions, list) and len(versions) == 2:
            still = f" ({versions[0]} stays loaded)" if name in in_memory else ""
            yield f"{name} {versions[0]} → {versions[1]}{still}"
    for name, version in _mapping(event, "added"):
        yield f"{name} {version} installed"
    for name, version in _mapping(event, "removed"):
        still = " (stays loaded)" if name in in_memory else ""
        yield f"{name} {version} removed{still}"


def _mapping(event: Mapping[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    value = event.get(name)
    return value.items() if isinstance(value, Mapping) else ()
