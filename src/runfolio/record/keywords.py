"""What ``init`` can be told: its keywords, W&B's among them, and ``Settings``, which holds some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from runfolio.errors import UsageError, did_you_mean
from runfolio.record.guard import warn_once

__all__ = ["Settings", "understood"]

_KEYWORDS: Final = frozenset(
    {"project", "dir", "id", "name", "notes", "tags", "config", "config_exclude_keys",
     "config_include_keys", "allow_val_change", "group", "job_type", "mode", "reinit", "resume",
     "parent", "rerun_of", "quiet", "console", "system"}
)  # fmt: skip

# Keywords of W&B's init that have no meaning without its server, or in `init` alone.
_MEANINGLESS: Final = frozenset(
    {"anonymous", "force", "settings", "monitor_gym", "sync_tensorboard", "tensorboard", "entity",
     "save_code", "resume_from", "fork_from"}
)  # fmt: skip

# Those of them with which W&B records what others write: nothing of it is in the run here.
_MIRRORS: Final[Mapping[str, str]] = {
    "monitor_gym": "a recorder of gym",
}

# W&B's name of a setting → the keyword of init that means the same.
_SETTINGS: Final[Mapping[str, str]] = {
    "run_id": "id",
    "run_name": "name",
    "run_group": "group",
    "run_job_type": "job_type",
    "run_notes": "notes",
    "run_tags": "tags",
    "root_dir": "dir",
    "wandb_dir": "dir",
    "silent": "quiet",
}

# Those that say the opposite of a keyword.
_OPPOSITES: Final[Mapping[str, str]] = {"x_disable_stats": "system", "_disable_stats": "system"}


class Settings:
    """Settings for ``init(settings=…)``, by W&B's names or by those of ``init``.

    Parameters
    ----------
    **values
        ``project``, ``run_id``, ``run_name``, ``run_group``, ``run_job_type``, ``run_notes``,
        ``run_tags``, ``mode``, ``resume``, ``reinit``, ``root_dir``, ``silent``, ``console``,
        ``x_disable_stats``. All others are kept as attributes and have no effect: they steer a
        server or a process that is not there.

    Examples
    --------
    >>> Settings(run_name="first", start_method="thread").run_name
    'first'
    """

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"Settings({inside})"


def understood(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords of one ``init``, its settings among them; unknown ones warn once.

    Raises
    ------
    UsageError
        `settings` is neither `Settings` nor a mapping.
    """
    unknown = [key for key in given if key not in _KEYWORDS and key not in _MEANINGLESS]
    if unknown:
        told = [
            f"init() does not know the keyword {key!r}; it is ignored."
            f"{did_you_mean(key, _KEYWORDS)}"
            for key in unknown
        ]
        warn_once(f"init {unknown}", " ".join(told))
    for key, writer in _MIRRORS.items():
        if given.get(key):
            warn_once(
                f"init mirrors {writer}",
                f"init({key}=…): what {writer} writes is not recorded in the run; give it to log() too.",
            )
    found = _of_settings(given.get("settings"))
    return found | {key: value for key, value in given.items() if value is not None}


def _of_settings(settings: object) -> dict[str, Any]:
    if settings is None:
        return {}
    values = vars(settings) if isinstance(settings, Settings) else settings
    if not isinstance(values, Mapping):
        raise UsageError(
            f"init: settings is {type(settings).__name__}; expected runfolio.Settings(…) or a "
            "dictionary."
        )
    named = {_SETTINGS.get(str(name), str(name)): value for name, value in values.items()}
    named |= {keyword: False for name, keyword in _OPPOSITES.items() if named.get(name) is True}
    return {key: value for key, value in named.items() if key in _KEYWORDS and value is not None}
