"""What a run is called, and what people say of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runfolio.record.life import Life

__all__ = ["Labelled"]


class Labelled:
    """The names and words of one run.

    Parameters
    ----------
    life : Life
    """

    def __init__(self, life: Life) -> None:
        self.life = life

    @property
    def id(self) -> str:
        """The name of the run's folder."""
        return self.life.document.run_id

    @property
    def name(self) -> str:
        """What people call the run; need not be unique."""
        return str(self.life.label("name"))

    @name.setter
    def name(self, value: str) -> None:
        self.life.set_label("name", str(value))

    @property
    def notes(self) -> str:
        """Free text."""
        return str(self.life.label("notes") or "")

    @notes.setter
    def notes(self, value: str | None) -> None:
        self.life.set_label("notes", str(value or ""))

    @property
    def tags(self) -> tuple[str, ...]:
        """Labels; assign a sequence, or ``run.tags += ("x",)``."""
        return tuple(self.life.label("tags"))

    @tags.setter
    def tags(self, value: Sequence[str]) -> None:
        given = [value] if isinstance(value, str) else [str(tag) for tag in value]
        self.life.set_label("tags", list(dict.fromkeys(given)))

    @property
    def group(self) -> str | None:
        """The runs it belongs with."""
        group: str | None = self.life.label("group")
        return group

    @property
    def job_type(self) -> str | None:
        """What kind of run it is: train, eval and so on."""
        job_type: str | None = self.life.label("job_type")
        return job_type

    @property
    def project(self) -> str:
        """The project it belongs to."""
        return str(self.life.label("project"))

    @property
    def entity(self) -> str:
        """The user; there are no accounts."""
        return str(self.life.user or "")
