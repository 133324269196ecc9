"""What Hydra tells of one job: its settings and where each came from, its folders, its command."""

from __future__ import annotations

import enum
import os
from pathlib import Path
from typing import Any, Final

from runfolio import settings
from runfolio.capture.config_objects import settings_of
from runfolio.capture.script import Started
from runfolio.capture.secrets.argv import redact_argv
from runfolio.format.codec import flatten
from runfolio.integrations.hydra_command import job_alone, subject_of
from runfolio.record.values import plain

__all__ = ["Job"]

_LONGEST_NAME: Final = 100


class Job:
    """One call of the task function.

    Parameters
    ----------
    config : DictConfig
        As Hydra hands it to a callback: the task's settings, and Hydra's own under ``hydra``.

    Attributes
    ----------
    cwd : Path
        Where the program was started, wherever the job runs.
    output_dir : Path
    in_sweep : bool
        Whether it is one of a multirun.
    overrides : list of str
        Those of the task, of a sweep with this job's values.
    """

    def __init__(self, config: Any) -> None:
        hydra = config.hydra
        self._config = config
        self.cwd = Path(hydra.runtime.cwd)
        self.output_dir = Path(hydra.runtime.get("output_dir") or self.cwd)
        self.subdir: str | None = hydra.output_subdir
        self.in_sweep = getattr(hydra.mode, "name", hydra.mode) == "MULTIRUN"
        self.overrides = [str(text) for text in hydra.overrides.task]

    @property
    def sweep_dir(self) -> Path:
        """The folder of the multirun."""
        return self.cwd / str(self._config.hydra.sweep.dir)

    @property
    def labels(self) -> dict[str, Any]:
        """What the run is called where no setting says it: ``name`` and ``group``."""
        said = {"name": self._name(), "group": self.group}
        return {label: text for label, text in said.items() if settings.read(label) is None}

    @property
    def group(self) -> str | None:
        """What the runs of a multirun have in common: its folder, as seen from the project."""
        return self._seen(self.sweep_dir) if self.in_sweep else None

    def _name(self) -> str | None:
        """Return the overrides without secrets, and without those that name no folder of Hydra's."""
        left_out = set(self._config.hydra.job.config.override_dirname.exclude_keys)
        shown = redact_argv(self.overrides)
        name = ",".join(text for text in shown if subject_of(text) not in left_out)
        return (name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…") or None

    @property
    def settings(self) -> dict[str, Any]:
        """What was composed, resolved where it can be; under ``hydra.choices`` the groups' options."""
        composed = settings_of(self._config) or {}
        choices = settings_of(self._config.hydra.runtime.choices) or {}
        # Hydra keeps this name for itself: no setting of the task is called so.
        composed["hydra"] = {
            "choices": {k: v for k, v in choices.items() if not str(k).startswith("hydra/")}
        }
        found: dict[str, Any] = plain(_as_written(composed))
        if not found["hydra"]["choices"]:
            del found["hydra"]
        return found

    @property
    def overridden(self) -> list[str]:
        """Dotted names of the settings that an override set, those of a group's choice among them."""
        choices = self._config.hydra.runtime.choices
        found: list[str] = []
        for override in self.overrides:
            name = subject_of(override)
            is_choice = name in choices
            found += flatten({"hydra": {"choices": {name: 0}}}) if is_choice else [name]
        return found

    def started(self, sweep: Started) -> Started:
        """Return the command line that repeats this job alone, without the others of its sweep."""
        hydra = [str(text) for text in self._config.hydra.overrides.hydra]
        return job_alone(sweep, self.overrides, hydra)

    @property
    def facts(self) -> dict[str, str]:
        """Where the job and its multirun lie, as seen from the project."""
        found = {"hydra/output_dir": self._seen(self.output_dir)}
        return found | ({"hydra/sweep_dir": self._seen(self.sweep_dir)} if self.in_sweep else {})

    def _seen(self, path: Path) -> str:
        root = settings.project_root(self.cwd) or self.cwd
        path = Path(os.path.abspath(path))  # noqa: PTH100 - links stay
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _as_written(value: Any) -> Any:
    """Return settings with members of an enumeration by name, as people write them here."""
    held = value if isinstance(value, dict) else settings_of(value)
    if held is not None:
        return {key: _as_written(item) for key, item in held.items()}
    if type(value).__name__ == "ListConfig":
        try:
            return [_as_written(item) for item in value]
        except Exception:  # noqa: BLE001 - an interpolation may fail in any way
            return [str(node) for node in value._iter_ex(resolve=False)]  # noqa: SLF001
    return value.name if isinstance(value, enum.Enum) else value
