"""Every setting in one table, and where the store and the project are found.

A setting is taken from its ``RUNFOLIO_*`` variable, then from the ``WANDB_*`` variables that
ordinary scripts rely on, then from ``[tool.runfolio]`` in the nearest ``pyproject.toml``.
"""

from __future__ import annotations

import errno
import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runfolio.errors import StoreUnusable, UsageError

__all__ = ["SETTINGS", "Setting", "project_name", "project_root", "pyproject", "read", "store_dir"]

MARKER = ".runfolio"
STORE = "folio"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table.

    ``variables`` are tried in order, ``toml`` is the key in ``[tool.runfolio]``.
    """

    name: str
    variables: tuple[str, ...]
    default: str | None
    meaning: str
    toml: str | None = None


SETTINGS: Mapping[str, Setting] = {
    row.name: row
    for row in (
        Setting(
            "dir",
            ("RUNFOLIO_DIR",),
            None,
            "the store's folder itself; without it: the setting in pyproject.toml, the nearest "
            "folio/ upwards, the project root, the current folder",
            toml="dir",
        ),
        Setting("parent_dir", ("WANDB_DIR",), None, "the folder that holds folio/"),
        Setting(
            "mode",
            ("RUNFOLIO_MODE", "WANDB_MODE"),
            "on",
            "on, or disabled (nothing is written and log costs nothing); online, offline and "
            "shared mean on",
        ),
        Setting("disabled", ("WANDB_DISABLED",), None, "true means mode disabled"),
        Setting(
            "project",
            ("RUNFOLIO_PROJECT", "WANDB_PROJECT"),
            None,
            "project of new runs; without it the repository's or folder's name",
            toml="project",
        ),
        Setting("name", ("RUNFOLIO_NAME", "WANDB_NAME"), None, "name of the new run"),
        Setting("run_id", ("RUNFOLIO_RUN_ID", "WANDB_RUN_ID"), None, "id of the new run"),
        Setting("group", ("RUNFOLIO_GROUP", "WANDB_RUN_GROUP"), None, "group of the new run"),
        Setting("job_type", ("RUNFOLIO_JOB_TYPE", "WANDB_JOB_TYPE"), None, "job type"),
        Setting("tags", ("RUNFOLIO_TAGS", "WANDB_TAGS"), None, "tags, separated by commas"),
        Setting("notes", ("RUNFOLIO_NOTES", "WANDB_NOTES"), None, "notes of the new run"),
        Setting(
            "resume",
            ("RUNFOLIO_RESUME", "WANDB_RESUME"),
            None,
            "allow, must, never or auto: what to do when the id exists",
        ),
        Setting(
            "attach",
            ("RUNFOLIO_ATTACH",),
            None,
            "a run directory that init joins instead of making one; `runfolio run` sets it for its "
            "program",
        ),
        Setting(
            "silent",
            ("RUNFOLIO_SILENT", "WANDB_SILENT"),
            "false",
            "true: print nothing at start and end of a run",
        ),
        Setting(
            "strict",
            ("RUNFOLIO_STRICT",),
            "false",
            "true: an error inside tracking is raised instead of warned of once",
        ),
        Setting(
            "capture",
            ("RUNFOLIO_CAPTURE",),
            "true",
            "false: record no code, environment, seeds or output",
            toml="capture",
        ),
        Setting(
            "console",
            ("RUNFOLIO_CONSOLE", "WANDB_CONSOLE"),
            "wrap",
            "off: what the program prints is not kept in output.log",
            toml="console",
        ),
        Setting(
            "system",
            ("RUNFOLIO_SYSTEM",),
            "true",
            "false: no samples of processor, memory, disk, network and GPUs are taken",
            toml="system",
        ),
        Setting(
            "system_interval_s",
            (
                "RUNFOLIO_SYSTEM_INTERVAL_S",
                "WANDB_X_STATS_SAMPLING_INTERVAL",
                "WANDB__STATS_SAMPLING_INTERVAL",
            ),
            "2",
            "seconds between two samples of the machine",
            toml="system_interval_s",
        ),
        Setting(
            "disable_stats",
            ("WANDB_X_DISABLE_STATS", "WANDB__DISABLE_STATS"),
            None,
            "true means system false",
        ),
        Setting(
            "allow_secrets",
            ("RUNFOLIO_ALLOW_SECRETS",),
            None,
            "patterns, separated by commas, of values that look like secrets and are none: test-*",
            toml="allow_secrets",
        ),
        Setting(
            "detect_data",
            ("RUNFOLIO_DETECT_DATA",),
            "true",
            "false: files that the program opens are not listed as data; what use_data is given still is",
            toml="detect_data",
        ),
        Setting(
            "environment_variables",
            ("RUNFOLIO_ENVIRONMENT_VARIABLES",),
            None,
            "patterns, separated by commas, of environment variables to record beside those that "
            "change what is computed: MYLAB_*, STAGE",
            toml="environment_variables",
        ),
        Setting(
            "live",
            ("RUNFOLIO_LIVE",),
            "true",
            "false: a notebook shows a run when it is over, and no card while it goes on",
            toml="live",
        ),
        Setting(
            "journal_cells",
            ("RUNFOLIO_JOURNAL_CELLS",),
            "true",
            "false: no Markdown cell is put below the cell that made a run; its entry is an output",
            toml="journal_cells",
        ),
        Setting(
            "upkeep",
            ("RUNFOLIO_UPKEEP",),
            "true",
            "false: what killed runs of the store left is converted by gc alone, not in the background",
            toml="upkeep",
        ),
        Setting(
            "metrics",
            ("RUNFOLIO_METRICS",),
            "metrics.toml",
            "the file, at the project's root, that names its metrics: goals, units, aliases",
            toml="metrics",
        ),
        Setting(
            "index",
            ("RUNFOLIO_INDEX",),
            None,
            "the folder that keeps what was read of large stores, or off; by default in the user's cache "
            "folder",
        ),
        Setting(
            "journal",
            ("RUNFOLIO_JOURNAL",),
            None,
            "a Markdown file beside the code that is kept up to date at every finish",
            toml="journal",
        ),
    )
}

_MODES = {"online": "on", "offline": "on", "shared": "on", "dryrun": "on", "run": "on"}


def read(name: str, start: Path | None = None) -> str | None:
    """Return the value of a key of `SETTINGS`, or its default.

    Parameters
    ----------
    start : Path, optional
        The folder whose project is asked; the current one without it.
    """
    row = SETTINGS[name]
    for variable in row.variables:
        value = os.environ.get(variable)
        if value:
            return value
    if row.toml is not None:
        value = _table(start).get(row.toml)
        if value is not None:
            return ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return row.default


def flag(name: str) -> bool:
    """Return whether a yes/no setting is on."""
    return (read(name) or "false").strip().lower() in ("1", "true", "yes", "on")


def mode(given: str | None = None) -> str:
    """Return ``"on"`` or ``"disabled"``.

    Parameters
    ----------
    given : str, optional
        What the caller of ``init`` asked for; it goes before the environment.

    Raises
    ------
    UsageError
        The mode is none of ``on, disabled, online, offline, shared``.
    """
    value = given or ("disabled" if flag("disabled") else None) or read("mode") or "on"
    value = _MODES.get(value, value)
    if value not in ("on", "disabled"):
        raise UsageError(
            f"mode is {value!r}; expected on or disabled (online, offline and shared mean on)."
        )
    return value


def project_root(start: Path) -> Path | None:
    """Return the nearest folder upwards that is a git work tree or has a ``pyproject.toml``."""
    for folder in (start, *start.parents):
        if (folder / ".git").exists() or (folder / "pyproject.toml").is_file():
            return folder
    return None


def project_name(start: Path | None = None) -> str:
    """Return the project of a new run: the setting, else the repository's or folder's name."""
    start = start or Path.cwd()
    return read("project") or (project_root(start) or start).name or "runs"


def metrics_file(start: Path | None = None) -> Path:
    """Return where the project's ``metrics.toml`` lies, whether or not it is there."""
    start = start or Path.cwd()
    named = read("metrics", start) or "metrics.toml"
    return (project_root(start) or start) / Path(named).expanduser()


def index_dir() -> Path | None:
    """Return the folder of the indexes, which need not exist; ``None`` where none are wanted."""
    named = read("index")
    if named is not None and named.strip().lower() in ("off", "none", "false", "no", "0"):
        return None
    try:
        if named is not None:
            return Path(named).expanduser().absolute()
        import platformdirs

        folder = Path(platformdirs.user_cache_dir("runfolio")) / "index"
    except RuntimeError:  # nobody knows where this user is at home
        return None
    return folder if folder.is_absolute() else None


def store_dir(parent: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of the store, which need not exist yet.

    Parameters
    ----------
    parent : path, optional
        The folder that holds ``folio/`` (``init(dir=…)``); it goes before everything else.

    Notes
    -----
    The answer is found once per process and current folder setting, so that ``%cd`` in a
    notebook does not split a session over two stores.
    """
    if parent is not None:
        return Path(parent).expanduser().absolute() / STORE
    return _store_dir(os.environ.get("RUNFOLIO_DIR"), os.environ.get("WANDB_DIR"))


def make_store(path: Path) -> Path:
    """Create the store's folder, its marker and its ``.gitignore`` where they are missing.

    Raises
    ------
    StoreUnusable
        The folder cannot be made, or something else stands in its place.
    """
    try:
        if not path.is_dir():
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in (
            (MARKER, "runfolio store, format 1\n"),
            (".gitignore", "*\n"),
        ):
            if not (path / name).exists():
                _mark(path / name, text)
    except OSError as error:
        raise unusable(path, error) from error
    return path


def _mark(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        # Left empty it would never be written again.
        path.unlink(missing_ok=True)
        # A run can wait in memory for room; the next one marks the store.
        if error.errno not in _NO_ROOM:
            raise


def unusable(path: Path, error: OSError) -> StoreUnusable:
    """Return the error that says why a store cannot be written, and what to do about it."""
    if path.exists() and not path.is_dir():
        why, remedy = "it is a file", "Move it away"
    else:
        why = error.strerror or str(error)
        remedy = "Free some space" if error.errno in _NO_ROOM else "Make the folder writable"
    return StoreUnusable(
        f"The store {path} cannot be used: {why}. {remedy}, or set RUNFOLIO_DIR to another one."
    )


def forget_store() -> None:
    """Look for the store anew at the next call; for test suites."""
    _store_dir.cache_clear()


@functools.cache
def _store_dir(own: str | None, parent: str | None) -> Path:
    start = Path.cwd()
    if own:
        return Path(own).expanduser().absolute()
    if parent:
        return Path(parent).expanduser().absolute() / STORE
    named = _table(start).get("dir")
    if named is not None:
        return (pyproject(start) or start).parent / str(named)
    for folder in (start, *start.parents):
        if (folder / STORE / MARKER).is_file():
            return folder / STORE
    return (project_root(start) or start) / STORE


def pyproject(start: Path) -> Path | None:
    """Return the nearest ``pyproject.toml`` upwards."""
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file():
            return folder / "pyproject.toml"
    return None


def _table(start: Path | None) -> Mapping[str, Any]:
    """Return ``[tool.runfolio]`` of the nearest pyproject.toml; empty where it cannot be read."""
    try:
        path = pyproject(start or Path.cwd())  # the current folder may be gone
        return {} if path is None else _read_table(path, path.stat().st_mtime_ns)
    except OSError:
        return {}


@functools.lru_cache(maxsize=16)
def _read_table(path: Path, mtime_ns: int) -> Mapping[str, Any]:
    import tomllib

    del mtime_ns  # part of the key only: an edited file is read again
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["runfolio"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return table if isinstance(table, dict) else {}
