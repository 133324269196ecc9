"""The longer way of ``log``: values that are no plain numbers, steps that were named."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runfolio.record.guard import warn_once
from runfolio.record.steps import Steps
from runfolio.record.values import Unsupported, flat_items, scalar

if TYPE_CHECKING:
    from runfolio.record.life import Life

__all__ = ["Rows"]


class Rows:
    """Brings what was logged into the form of a row."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._gate = life.writer.gate
        self.steps = Steps(self._gate, life.largest_step)
        self.starting_step = self.steps.next

    def add(
        self, data: Mapping[str, Any], step: float | None, *, commit: bool | None
    ) -> None:
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
        if self._life.disowned:
            self._in_a_child(len(data))
            return
        at = self._step(step, commit=commit)
        now = time.time_ns()
        values: dict[str, float | int] = {}
        for key, value in flat_items(data):
            if type(value) is float or type(value) is int:
                values[key] = value
                continue
            try:
                number = scalar(value)
            except Unsupported as error:
                self._not_a_number(key, value, at, error)
            else:
                if number is not None:
                    values[key] = number
        self._gate.append((at, now, values))
        if now >= self._gate.due:
            self._life.writer.attend(now)

    def _in_a_child(self, values: int) -> None:
        self._life.writer.refused += values
        warn_once(
            "forked",
            "log() in a forked child process is refused: the run belongs to the parent, and one "
            "file has one writer. Open a run of its own there, or log what the child returns.",
        )

    def _step(self, step: float | None, *, commit: bool | None) -> float:
        if step is None:
            return self.steps.open() if commit is False else self._gate.next_step()
        if self._life.stop_requested or self._life.ended:
            self._gate.next_step()  # raises
        if type(step) is not int:
            step = self._number(step)
        self.steps.explicit(step, commit=commit)
        return step

    def _number(self, step: object) -> float:
        try:
            number = scalar(step)
        except Unsupported:
            number = None
        if number is None or not math.isfinite(number):
            raise TypeError(
                f"step is {step!r}; expected a finite number, or none for the next whole one."
            )
        return number if isinstance(number, int) or number % 1 else int(number)

    def _not_a_number(
        self, key: str, value: object, step: float, error: Unsupported
    ) -> None:
        if isinstance(value, str):
            self._life.writer.event("text", key=key, step=step, value=value[:65536])
            return
        self._life.refuse_value(key, type(value).__name__)
        warn_once(
            f"value {key}",
            f"{key!r} cannot be logged: {error}. It is left out and counted; the rest of the row "
            "is kept.",
        )
