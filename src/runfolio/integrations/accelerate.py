"""Accelerate: a tracker of its own kind for ``Accelerator(log_with=RunfolioTracker())``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from runfolio._optional import require
from runfolio.integrations.target import Target
from runfolio.record.guard import guard
from runfolio.record.media.image import Image
from runfolio.record.media.table import Table

if TYPE_CHECKING:
    from runfolio.record.run import Run

    _Base = object
    _accelerate: Any
else:
    _accelerate = require(
        "accelerate", feature="runfolio.integrations.accelerate", install="runfolio[accelerate]",
        at_least="1.0",
    )  # fmt: skip
    _Base = _accelerate.tracking.GeneralTracker

__all__ = ["RunfolioTracker"]


class RunfolioTracker(_Base):
    """Logs what ``accelerator.log`` is given: ``Accelerator(log_with=RunfolioTracker())``.

    The configuration that ``init_trackers`` is given is recorded as settings. The main process
    logs. A run of its own ends with ``accelerator.end_training()``.

    Parameters
    ----------
    project : str, optional
        Of a run of its own.
    run : Run, optional
        Else the open one, or one of its own.
    **init
        For `runfolio.init`, where the run is its own: ``name``, ``tags``.

    Raises
    ------
    UsageError
        `run` is no run.
    """

    name: ClassVar[str] = "runfolio"
    requires_logging_directory: ClassVar[bool] = False
    main_process_only: ClassVar[bool] = True

    def __init__(self, project: str | None = None, *, run: Run | None = None, **init: Any) -> None:
        super().__init__()
        self._target = Target(run)
        self._init = {"project": project, **init}

    def start(self) -> None:
        """Join the run; the accelerator calls it when it knows which process it is."""
        if _is_main():
            self._target.join(**self._init)

    @property
    def tracker(self) -> Run | None:
        """The run; ``None`` in other processes than the main one."""
        return self._target.join(**self._init) if _is_main() else None

    def store_init_configuration(self, values: Mapping[str, Any]) -> None:
        """Record settings."""
        run = self.tracker
        if run is not None:
            with guard("recording the settings of Accelerate"):
                run.config.note(values, "accelerate")

    def log(self, values: Mapping[str, Any], step: int | None = None, **_: Any) -> None:
        """Log values at a step."""
        run = self.tracker
        if run is not None:
            with guard("logging values of Accelerate"):
                if not self._target.repeats(values, step):
                    run.log(values, step=step)

    def log_images(self, values: Mapping[str, Any], step: int | None = None, **more: Any) -> None:
        """Log lists of pictures; further words go to `runfolio.Image`."""
        run = self.tracker
        if run is not None:
            with guard("logging pictures of Accelerate"):
                rows = {key: [Image(one, **more) for one in many] for key, many in values.items()}
                run.log(rows, step=step)

    def log_table(
        self,
        table_name: str,
        columns: list[str] | None = None,
        data: list[list[Any]] | None = None,
        dataframe: Any = None,
        step: int | None = None,
        **_: Any,
    ) -> None:
        """Log a table, of columns and rows or of a frame."""
        run = self.tracker
        if run is not None:
            with guard("logging a table of Accelerate"):
                table = Table(columns=columns, data=data, dataframe=dataframe)
                run.log({table_name: table}, step=step)

    def finish(self) -> None:
        """End a run of its own."""
        self._target.leave()


def _is_main() -> bool:
    return bool(_accelerate.PartialState().is_main_process)
