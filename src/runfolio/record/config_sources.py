"""Where the settings of a run come from, beside the calls that set one: ``init``, script, cells."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

from runfolio.record.config import Config, plain_keys
from runfolio.record.guard import guard
from runfolio.record.values import is_a

if TYPE_CHECKING:
    from runfolio.capture.found_settings import FoundSettings
    from runfolio.record.life import Life

__all__ = [
    "named_artifact",
    "note_cell",
    "note_script",
    "take_given",
    "take_resumed",
    "used_artifact",
]


def take_given(config: Config, given: Mapping[str, Any]) -> None:
    """Take in what ``init`` was given."""
    values = plain_keys(given["config"]) if given.get("config") is not None else {}
    include, exclude = (
        given.get("config_include_keys"),
        given.get("config_exclude_keys"),
    )
    if include is not None:
        values = {key: value for key, value in values.items() if key in include}
    values = {key: value for key, value in values.items() if key not in (exclude or ())}
    config.take(values, "argument")


def named_artifact(value: Any) -> Any:
    """Return the name of an artifact that is a setting; any other value as it is."""
    return value.name if _is_artifact(value) else value


def used_artifact(life: Life, value: Any) -> None:
    """Note that the run uses an artifact that is a setting."""
    if _is_artifact(value) and not value.is_draft():
        from runfolio.record.artifacts.using import use

        with guard("noting that the run uses an artifact of its config"):
            use(life, value, None, None)


def _is_artifact(value: Any) -> bool:
    module = sys.modules.get("runfolio.record.artifacts.artifact")
    return module is not None and is_a(value, module.Artifact)


def take_resumed(config: Config, before: Mapping[str, Any]) -> None:
    """Take over the settings of earlier segments; those that were only found are only noted."""
    from runfolio.capture.found_settings import FOUND
    from runfolio.format.codec import flatten

    sources: Mapping[str, str] = before.get("config_source") or {}
    for key, value in (before.get("config") or {}).items():
        of_parts = {sources.get(name) for name in (key, *flatten({key: value}))} - {None}
        # Literals, too: the cell that is executed now may have others.
        source = next(iter(of_parts), None) if of_parts <= FOUND else None
        if source is None:
            config.take({key: value}, "resumed")
        else:
            config.note({key: value}, source)


def note_script(config: Config, frame: FrameType) -> None:
    """Note what the script that opens a run has of settings; what it gave itself stays."""
    from runfolio.capture.found_settings import in_script

    _note(config, in_script(frame))


def note_cell(
    config: Config,
    source: str,
    bound: Iterable[str],
    read: Iterable[str],
    variables: Mapping[str, Any],
) -> None:
    """Note the settings that a cell made or used; see `found_settings.in_cell`."""
    from runfolio.capture.found_settings import in_cell

    _note(config, in_cell(source, bound, read, variables))


def _note(config: Config, found: Iterable[FoundSettings]) -> None:
    seen = set[str]()
    for one in found:
        # What lies nearer to the call comes first, and counts.
        config.note({k: v for k, v in one.values.items() if k not in seen}, one.source)
        seen |= one.values.keys()
