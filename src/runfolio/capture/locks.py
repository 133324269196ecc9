"""What an environment can be built from again: pins, copies of lock files, conda's explicit list."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from runfolio import settings
from runfolio.capture.distributions import normalised
from runfolio.capture.editable import TRACKER
from runfolio.capture.reading import read_regular
from runfolio.capture.secrets.addresses import redact_urls
from runfolio.capture.secrets.argv import redact_argv
from runfolio.capture.secrets.names import mark
from runfolio.model.context import Distribution, Environment, NotCaptured

__all__ = ["lock_files", "not_pinned", "pins"]

_LOCKS: Final = (
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "Pipfile.lock",
    "pixi.lock",
    "conda-lock.yml",
    "environment.yml",
    "environment.yaml",
    "requirements.txt",
    "requirements.lock",
    "requirements-dev.txt",
    "constraints.txt",
)
_MAX_LOCK_BYTES: Final = 10 * 1024 * 1024
_CONDA: Final = "conda-explicit.txt"
_MAX_CONDA_RECORD: Final = 64 * 1024 * 1024
# The pins of the run itself are written under this name, so a project's own gets another one.
_RENAMED: Final[Mapping[str, str]] = {"requirements.lock": "project-requirements.lock"}

# What installers accept as a version: one line that they do not would cost the whole lock.
_PINNED_VERSION: Final = re.compile(
    r"v?(?:\d+!)?\d+(?:\.\d+)*(?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview)[-_.]?\d*)?"
    r"(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?",
    re.IGNORECASE | re.ASCII,
)
_LOCAL_BUILD: Final = "  # a build of its own index: give it as --extra-index-url"
_PINNED: Final = {"index": "", "conda": "  # conda", "unlisted": "  # installed without pip"}
_OPTION_VALUE: Final = re.compile(r"(?P<option>--?[A-Za-z-]+)(?P<between>[ =])(?P<value>\S+)")
_CONDA_FIELD: Final = re.compile(rb'^\s*"(url|md5)":\s*"([^"\\]+)"', re.MULTILINE)
# A private channel's address may hold the key to it.
_CHANNEL_KEY: Final = re.compile(r"/t/[^/\s]+/")
_KEY_IN_ADDRESS: Final = re.compile(r"""(://[^\s"']{0,500}?/t/)[^/\s"']{8,}(?=/)""")

_NOT_PINNED: Final[Mapping[str, str]] = {
    "archive": "it was installed from a file",
    "directory": "it was installed from a folder, which is not kept",
    "broken": "its metadata cannot be read",
}


def pins(env: Environment) -> str:
    """Return ``name==version`` lines that rebuild an environment with ``pip install --no-deps``.

    Distributions that no index has (editable, from a repository, a folder, a file) stand as
    comments. No address is in the text.

    Parameters
    ----------
    env : Environment
    """
    lines = [f"# Python {env.facts.get('python', 'unknown')}"]
    lines += map(_pin, sorted(env.distributions, key=lambda one: normalised(one.name)))
    return "\n".join(lines) + "\n"


def _pin(one: Distribution) -> str:
    if not _PINNED_VERSION.fullmatch(one.version):
        # It may be any text, an address as well.
        return f"# {one.name} ({one.kind}, of a version that is none)"
    pin = f"{one.name}=={one.version}"
    if one.kind not in _PINNED:
        return f"# {pin} ({one.kind})"
    remark = _PINNED[one.kind]
    return pin + (_LOCAL_BUILD if "+" in one.version and not remark else remark)


def not_pinned(env: Environment) -> list[NotCaptured]:
    """Return the distributions that nothing in the record can install again, and why."""
    found = ((one, _why_not(one)) for one in env.distributions if one.name != TRACKER)
    return [NotCaptured(f"{one.name} {one.version}", why) for one, why in found if why]


def _why_not(one: Distribution) -> str:
    if one.kind == "archive":
        return "" if "://" in (one.origin or "") else _NOT_PINNED["archive"]
    if one.kind == "vcs":
        return "" if "@" in (one.origin or "") else "its commit is not known"
    if one.kind == "editable":
        return _why_not_editable(one)
    if one.kind in _PINNED and not _PINNED_VERSION.fullmatch(one.version):
        return "its version is none that an index could have"
    return _NOT_PINNED.get(one.kind, "")


def _why_not_editable(one: Distribution) -> str:
    if one.in_project:
        return ""
    if one.git is None or not one.git.get("sha"):
        return "it is used from a folder outside of the project that is under no version control"
    if one.git.get("dirty"):
        return "it is used from a folder outside of the project, changed since its commit"
    return "" if one.git.get("remote") else "its repository, outside of the project, has no remote"


def lock_files(cwd: Path) -> dict[str, bytes]:
    """Return the lock and requirement files of the project, by the name to keep them under.

    Parameters
    ----------
    cwd : Path
        Where the program runs; its folder is looked at first, then the project's root.

    Returns
    -------
    dict of str to bytes
        Files of at most 10 MB. Passwords in addresses and in options are replaced by marks,
        everything else is as on disk. In a conda environment ``conda-explicit.txt`` is added,
        which ``conda create --file`` takes.
    """
    found: dict[str, bytes] = {}
    for folder in dict.fromkeys((cwd, settings.project_root(cwd) or cwd)):
        for name in _LOCKS:
            kept_as = _RENAMED.get(name, name)
            content = None if kept_as in found else read_regular(folder / name, _MAX_LOCK_BYTES)
            if content is not None:
                found[kept_as] = _without_secrets(content)
    conda = list(_conda_lines())
    if conda:
        found[_CONDA] = "".join(f"{line}\n" for line in conda).encode()
    return found


def _conda_lines() -> Iterator[str]:
    """Yield the lines of ``conda list --explicit --md5``, from conda's own records."""
    records: dict[str, str] = {}
    # A venv on top of a conda Python takes its interpreter and libraries from there.
    for prefix in (sys.base_prefix, sys.prefix):
        folder = os.path.join(prefix, "conda-meta")  # noqa: PTH118
        try:
            names = os.listdir(folder)  # noqa: PTH208
        except OSError:
            continue
        records |= {
            name.removesuffix(".json"): f"{folder}/{name}"
            for name in names
            if name.endswith(".json") and name.count("-") >= 2
        }
    if not records:
        return
    yield "@EXPLICIT"
    for name, path in sorted(records.items()):
        yield _conda_line(path) or f"# {'='.join(name.rsplit('-', 2))} (no address is known)"


def _conda_line(path: str) -> str | None:
    content = read_regular(path, _MAX_CONDA_RECORD) or b""
    fields: dict[bytes, bytes] = dict(_CONDA_FIELD.findall(content))
    url = fields.get(b"url", b"").decode("utf-8", "replace")
    if not url.startswith(("http://", "https://")):
        return None
    md5 = fields.get(b"md5", b"").decode("utf-8", "replace")
    clean = redact_urls(_CHANNEL_KEY.sub("/", url))
    return f"{clean}#{md5}" if md5.isalnum() else clean


def _without_secrets(content: bytes) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    text = _KEY_IN_ADDRESS.sub(rf"\1{mark('token')}", redact_urls(text))
    return _OPTION_VALUE.sub(_redacted_option, text).encode()


def _redacted_option(match: re.Match[str]) -> str:
    option, value = redact_argv([match["option"], match["value"]])
    return f"{option}{match['between']}{value}"
