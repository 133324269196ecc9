"""``autolog``: trainings that log by themselves, switched and told in a notebook."""

from __future__ import annotations

from typing import Any, Final

from runfolio.errors import UsageError
from runfolio.integrations.autolog import switch
from runfolio.verbs.door import Door
from runfolio.verbs.view import Message, View

__all__ = ["autolog"]

_WORDS: Final = ("on", "off", "status")


def autolog(word: str = "status", *libraries: str, door: Door | None = None) -> View:
    """Switch on or off what logs by itself, or tell what does.

    Parameters
    ----------
    word : str
        ``on``, ``off`` or ``status``.
    *libraries : str
        As `runfolio.autolog` takes them.
    door : Door, optional
        Where the call comes from.

    Returns
    -------
    View

    Raises
    ------
    UsageError
        There is no such word or library, or nothing trains where the call comes from.
    MissingDependency
        A library that was named is not installed.
    """
    if door is not None and door.start is None:
        raise UsageError(
            "autolog is for the process that trains: %track autolog on in a notebook, "
            "runfolio.autolog() in a script."
        )
    if word not in _WORDS:
        meant = " ".join(("on", word, *libraries))
        is_library = word in switch.LIBRARIES
        more = f" Did you mean: autolog {meant}?" if is_library else ""
        raise UsageError(f'"{word}" is none of {", ".join(_WORDS)}.{more}')
    if word == "status":
        if libraries:
            raise UsageError("autolog status takes no library: it tells of all of them.")
        return _told(switch.Autolog())
    return _told(switch.autolog(*libraries, on=word == "on"))


def _told(state: switch.Autolog) -> Message:
    facts: dict[str, Any] = {"on": list(state.on), "loaded": list(state.loaded)}
    return Message(str(state), facts)
