"""Values of what a page says, as they are expected; nonsense becomes something harmless."""

from __future__ import annotations

from typing import Any

__all__ = ["listed", "text", "whole"]


def listed(given: Any, most: int) -> list[Any]:
    """Return the first of a list; nothing of what is none."""
    return given[:most] if isinstance(given, list) else []


def text(given: Any) -> str:
    """Return a text; an empty one for what is none."""
    return given if isinstance(given, str) else ""


def whole(given: Any) -> int:
    """Return a whole number that every page can tell exactly; 0 for what is none, or negative."""
    return given if type(given) is int and 0 < given < 2**53 else 0
