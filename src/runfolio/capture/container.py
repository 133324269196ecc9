"""The container that a process runs in, and its image where it can be known from inside."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

import orjson

from runfolio.capture.reading import read_regular
from runfolio.capture.secrets.addresses import redact_urls

__all__ = ["container"]

_SMALL: Final = 1 << 18
_SIGNS: Final = (
    ("/.dockerenv", "docker"),
    ("/run/.containerenv", "podman"),
    ("/.singularity.d", "apptainer"),
)
# What stands in the path of a process's control group, or in its table of mounts.
_IN_GROUPS: Final = (
    (re.compile(rb"/kubepods"), "kubernetes"),
    (re.compile(rb"/docker[-/]|/var/lib/docker/"), "docker"),
    (re.compile(rb"/libpod-|/containers/storage/overlay-containers/"), "podman"),
    (re.compile(rb"/cri-containerd-|/io\.containerd\."), "containerd"),
    (re.compile(rb"/lxc/|/lxc\.payload"), "lxc"),
)
# Where those who start a container tell it its image: JupyterHub, SageMaker, GitLab, Azure, others.
_IMAGE_VARIABLES: Final = (
    "JUPYTER_IMAGE_SPEC",
    "JUPYTER_IMAGE",
    "SAGEMAKER_INTERNAL_IMAGE_URI",
    "CI_JOB_IMAGE",
    "AZUREML_ENVIRONMENT_IMAGE",
    "CONTAINER_IMAGE",
    "DOCKER_IMAGE",
)
_FILE_VARIABLES: Final = ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER")
_IN_FILE: Final = re.compile(r'^(image|imageid)="([^"]*)"', re.MULTILINE)
_LABELS: Final = "/.singularity.d/labels.json"
_BUILT_FROM: Final = "org.label-schema.usage.singularity.deffile.from"
_DIGEST: Final = re.compile(r"(?:^|@)(sha256:)?([0-9a-f]{64})$")
_MAX_IMAGE: Final = 500


def container(environ: Mapping[str, str] = os.environ) -> dict[str, str] | None:
    """Return the container around this process; ``None`` where there is no sign of one.

    Returns
    -------
    dict or None
        ``kind`` (``docker``, ``podman``, ``apptainer``, ``kubernetes``, ``containerd``, ``lxc``),
        ``image`` and ``digest`` where they can be known: most engines do not tell them inside.
    """
    kind = _kind(environ)
    if kind is None:
        return None
    image, digest = _image(environ)
    found = {"kind": kind, "image": image, "digest": digest}
    return {name: value for name, value in found.items() if value}


def _kind(environ: Mapping[str, str]) -> str | None:
    if "KUBERNETES_SERVICE_HOST" in environ:
        return "kubernetes"
    for path, kind in _SIGNS:
        if os.path.lexists(path):
            return kind
    if any(name in environ for name in _FILE_VARIABLES):
        return "apptainer"
    mounts = (read_regular("/proc/self/mountinfo", _SMALL) or b"").splitlines()
    # A host lists the mounts of all its containers; only what is mounted as the root counts.
    own = [line for line in mounts if line.split(b" ", 5)[4:5] == [b"/"]]
    own.append(read_regular("/proc/self/cgroup", _SMALL) or b"")
    told = b"\n".join(own)
    return next((kind for sign, kind in _IN_GROUPS if sign.search(told)), None)


def _image(environ: Mapping[str, str]) -> tuple[str, str]:
    told = read_regular("/run/.containerenv", _SMALL)
    if told:
        said = dict(_IN_FILE.findall(told.decode("utf-8", "replace")))
        if said:
            return _clean(said.get("image", "")), _digest(said.get("imageid", ""))
    for name in _IMAGE_VARIABLES:
        if environ.get(name):
            return _clean(environ[name]), _digest(environ[name])
    for name in _FILE_VARIABLES:
        if environ.get(name):
            return PurePosixPath(environ[name]).name[:_MAX_IMAGE], ""
    built_from = _built_from()
    return built_from, _digest(built_from)


def _built_from() -> str:
    content = read_regular(_LABELS, _SMALL)
    try:
        labels = orjson.loads(content or b"null")
    except orjson.JSONDecodeError:
        return ""
    said = labels.get(_BUILT_FROM) if isinstance(labels, dict) else None
    return _clean(said) if isinstance(said, str) else ""


def _clean(image: str) -> str:
    return redact_urls(image.strip())[:_MAX_IMAGE]


def _digest(image: str) -> str:
    found = _DIGEST.search(image.strip())
    return f"sha256:{found[2]}" if found is not None else ""
