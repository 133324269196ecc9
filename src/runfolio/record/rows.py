"""The longer way of ``log``: values that are no plain numbers, steps that were named."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from runfolio.errors import UsageError
from runfolio.record.guard import warn_once
from runfolio.record.steps import Asked
from runfolio.record.values import Unsupported, flat_items, is_a, kind_name, reader, scalar

if TYPE_CHECKING:
    from runfolio.record.life import Life
    from runfolio.record.media.writer import Job

__all__ = ["NO_VALUES", "Rows"]

NO_VALUES: Final[Mapping[str, Any]] = MappingProxyType({})
"""What ``log()`` takes when nothing is said."""

_TEXT_LIMIT: Final = 65_536
_INT64: Final = 2**63


class Rows:
    """Brings what was logged into the form of a row."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._gate = life.writer.gate

    def add(self, data: Mapping[str, Any], step: float | None, *, commit: bool | None) -> None:
        """Take one row.

        Raises
        ------
        TypeError
            `data` is no mapping, or the step no number: misuse that no later call could mend.
        """
        if not isinstance(data, Mapping):
            raise TypeError(
                f"log() takes a dictionary of names and values, not {type(data).__name__}: "
                'runfolio.log({"loss": loss}).'
            )
        if step is not None and (type(step) is not int or not -_INT64 <= step < _INT64):
            step = self._number(step)
        now = self._gate.now()
        values: dict[str, float | int] = {}
        texts: dict[str, str] = {}
        media: list[Job] = []
        for key, value in flat_items(data):
            read = reader(value)
            if read is not None:
                values[key] = read(value)
            elif is_a(value, str):
                texts[key] = value[:_TEXT_LIMIT]
            else:
                self._convert(key, value, values, media)
        plain = commit is not False and not texts and not media
        asked = step if plain else Asked(step, commit is False, texts, media)
        self._gate.append((asked, now, values))
        if now >= self._gate.due:
            self._life.writer.attend(now)
        if media:
            self._life.media_writer().start()

    def _number(self, step: object) -> float:
        try:
            number = scalar(step)
        except Unsupported:
            number = None
        with contextlib.suppress(OverflowError):
            if number is not None and math.isfinite(number):
                if number % 1 or not -_INT64 <= number < _INT64:
                    return float(number)
                return int(number)
        raise TypeError(
            f"step is {_short(step)}; expected a finite number, or none for the next whole one."
        )

    def _convert(
        self, key: str, value: object, values: dict[str, float | int], media: list[Job]
    ) -> None:
        try:
            number = scalar(value)
        except Unsupported as error:
            self._take(key, value, media, str(error))
        else:
            if number is not None:
                values[key] = number

    def _take(self, key: str, value: object, media: list[Job], why: str) -> None:
        """Take what is no number: an image, a table, a figure; or refuse it."""
        from runfolio.record.media.recognise import media_of

        try:
            found = media_of(value)
            job = self._life.media_writer().take(key, found) if found else None
        except Exception as error:  # noqa: BLE001 - a stranger's object, a disk without room
            own = isinstance(error, (Unsupported, UsageError))
            found, why = [], str(error) if own else f"{type(error).__name__}: {error}"
        else:
            if job is not None:
                media.append(job)
        if not found:
            self._life.refuse_value(key, kind_name(value))
            warn_once(
                f"value {key}",
                f"{key!r} cannot be logged: {why}. It is left out and counted; the rest of the "
                "row is kept.",
            )


def _short(value: object) -> str:
    try:
        return repr(value)[:80]
    except Exception:  # noqa: BLE001 - its own repr may raise, or refuse too many digits
        return f"a {type(value).__qualname__}"
