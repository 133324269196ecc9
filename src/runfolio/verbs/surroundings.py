"""What `doctor` looks at: the machine, the folder, the packages and the settings around it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from runfolio import settings
from runfolio.verbs.lookup import short_path
from runfolio.verbs.terminal import one_line

__all__ = [
    "WRITING",
    "Packages",
    "StoreFacts",
    "git",
    "gpus",
    "index",
    "metrics",
    "notebook",
    "packages",
    "project",
    "settings_in_force",
    "store",
    "version_of",
]

WRITING: Final = frozenset({"orjson", "blake3", "psutil", "platformdirs"})
"""Without these no run can be written."""

_FAULT: Final = 300
_MOST_NAMES: Final = 2000
_MOST_GROUPS: Final = 8

_TOLD: Final = ("altair", "pandas", "pyarrow", "ipython", "jupyterlab")


def version_of(name: str) -> str | None:
    """Return the version of an installed distribution, or ``None``."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class Packages:
    """What runfolio asks for, and what is there.

    Attributes
    ----------
    present : tuple of str
        Name and version of those that people ask about.
    lacking : mapping of str to str
        Name → what is wrong with it.
    install : tuple of str
        Requirements that would put it right, as pip takes them.
    """

    present: tuple[str, ...]
    lacking: Mapping[str, str]
    install: tuple[str, ...]


def packages() -> Packages:
    """Return how the installed packages compare with what runfolio asks for."""
    from packaging.requirements import Requirement

    try:
        asked = metadata.requires("runfolio") or []
    except metadata.PackageNotFoundError:
        asked = []
    lacking: dict[str, str] = {}
    install: list[str] = []
    for requirement in map(Requirement, asked):
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        version = version_of(requirement.name)
        if version is None:
            lacking[requirement.name] = "is missing"
        elif not requirement.specifier.contains(version, prereleases=True):
            lacking[requirement.name] = f"is {version}, expected {requirement.specifier}"
        else:
            continue
        install.append(f"{requirement.name}{requirement.specifier}")
    present = tuple(f"{name} {version}" for name in _TOLD if (version := version_of(name)))
    return Packages(present, lacking, tuple(install))


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """Where the runs lie, why there, and whether more can be written."""

    path: str
    reason: str
    runs: str
    unusable: str


def store() -> StoreFacts:
    """Return the facts of the store of this process; nothing is created."""
    path = settings.store_dir()
    return StoreFacts(short_path(path), _why(path), _count(path), _unusable(path))


def index() -> tuple[str, str]:
    """Return where the index of the store lies and how large it is, and why it cannot be used."""
    from runfolio.store.index import Index
    from runfolio.verbs.figures import size as in_bytes

    found = Index.of(settings.store_dir())
    if found.file is None:
        why = "off (RUNFOLIO_INDEX says so)"
        if settings.read("index") is None:
            why = "none (no home folder is known for it; RUNFOLIO_INDEX can name one)"
        words = f"{why}: large stores are read from their folders each time"
        return words, ""
    size = found.size_bytes()
    if size is None:
        words = f"none yet; one of a hundred runs gets it in {short_path(found.file.parent)}"
    else:
        words = f"{short_path(found.file)} · {in_bytes(size)} · it may be deleted at any time"
    return words, found.fault()


def _why(path: Path) -> str:
    for name in ("dir", "parent_dir"):
        for variable in settings.SETTINGS[name].variables:
            if os.environ.get(variable):
                return f"{variable} says so"
    if settings.read("dir") is not None:
        return "pyproject.toml says so"
    if (path / settings.MARKER).is_file() and path.parent != Path.cwd():
        return "the nearest folder upwards that has one"
    if path.parent == settings.project_root(Path.cwd()):
        return "the project's root"
    return "the current folder"


def _count(path: Path) -> str:
    if not path.is_dir():
        return "not made yet"
    n = sum(entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
            for entry in os.scandir(path))  # fmt: skip
    return "1 run" if n == 1 else f"{n} runs"


def _unusable(path: Path) -> str:
    """Return why nothing can be written there, or an empty string."""
    if path.exists() and not path.is_dir():
        return "it is no folder"
    if not path.is_dir():
        parent = next((p for p in path.parents if p.exists()), path.parent)
        writable = parent.is_dir() and os.access(parent, os.W_OK)
        return "" if writable else f"{short_path(parent)} cannot be written to"
    try:
        with tempfile.TemporaryFile(dir=path):
            return ""
    except OSError as error:
        return f"it cannot be written to: {error.strerror or error}"


def project() -> tuple[str, str]:
    """Return the project of the next run, and where its name comes from."""
    name = one_line(settings.project_name())
    if settings.read("project"):
        return name, "a setting says so"
    return name, "the folder's name"


def metrics() -> tuple[str, str, str]:
    """Return what is said of the metrics' names: the finding, its state, and the advice."""
    from runfolio.format.metrics_toml import as_alias, read_metrics_toml
    from runfolio.model.likeness import alike
    from runfolio.store.recent import metric_names

    file = read_metrics_toml(settings.metrics_file())
    words = file.vocabulary
    runs = metric_names(settings.store_dir(), settings.project_name())
    there = (
        "no metrics.toml" if words.is_empty else f"{short_path(file.path)} names {len(words.names)}"
    )
    if file.faults:
        return (
            "\n".join([there, *(one_line(fault, _FAULT) for fault in file.faults)]),
            "fault",
            f"Mend {short_path(file.path)}.",
        )
    settled = {name for name in words.names if "*" not in name}
    groups = [
        names for group in alike([*settled, *(key for key, _ in runs.most_common(_MOST_NAMES))])
        if len(names := [key for key in group if words.name_of(key) == key]) > 1
        and not settled.issuperset(names)
    ]  # fmt: skip
    if not groups:
        return f"{there} · {len(runs)} in recent runs", "ok", ""
    lines = [
        " · ".join(
            f"{one_line(key, 40)} ({runs[key]} run{'s' * (runs[key] != 1)})" for key in group
        )
        for group in groups[:_MOST_GROUPS]
    ]
    best = groups[0]
    advice = f"Where they are one, say so in {short_path(file.path)}: " + one_line(
        as_alias(best[0], *best[1:]), 200
    )
    return "\n".join([f"{there} · names that may be one thing:", *lines]), "note", advice


def git() -> tuple[str, str, str]:
    """Return what is said of git: the finding, ``ok`` or ``note``, and the advice."""
    from runfolio.capture.git import quick, unavailable

    why = unavailable()
    if why is not None:
        return (
            why,
            "note",
            "Without git a run keeps its cells and script, but no commit.",
        )
    state = quick(Path.cwd())
    if state is None:
        advice = "git init makes one; then a run keeps commit and uncommitted changes."
        return "no repository here", "note", advice
    branch = one_line(state.branch or "no branch")
    commit = state.sha[:7] if state.sha else "no commit yet"
    return f"{short_path(Path(state.root))} · {branch} @ {commit}", "ok", ""


def gpus() -> list[str]:
    """Return the GPUs that NVML sees, each in a few words."""
    from runfolio.capture.hardware import facts

    return [_gpu(gpu) for gpu in facts().get("gpus") or []]


def _gpu(gpu: Mapping[str, Any]) -> str:
    words = one_line(gpu.get("name", "GPU"))
    memory = gpu.get("memory_bytes")
    return f"{words} {memory / 2**30:.0f} GiB" if isinstance(memory, int) else words


def notebook() -> tuple[str, str]:
    """Return where this is running, and the advice if something is missing there."""
    shell = sys.modules.get("IPython")
    if shell is None or shell.get_ipython() is None:
        return "none: this is a plain Python process", ""
    from runfolio.capture.notebook import identity

    place = identity(os.environ).get("front_end") or "IPython"
    version = version_of("jupyterlab") if place == "JupyterLab" else None
    words = one_line(f"{place} {version}" if version else place)
    loaded = "runfolio.magics.load" in sys.modules
    return words, "" if loaded else "Run %load_ext runfolio to have %%track."


def settings_in_force() -> list[str]:
    """Return the settings that are not at their defaults, each with where it comes from."""
    rows = []
    for row in settings.SETTINGS.values():
        variable = next((name for name in row.variables if os.environ.get(name)), None)
        value = settings.read(row.name)
        if variable is not None:
            rows.append(f"{row.name} = {one_line(value, 60)} ({variable})")
        elif value != row.default:
            rows.append(f"{row.name} = {one_line(value, 60)} (pyproject.toml)")
    return rows
