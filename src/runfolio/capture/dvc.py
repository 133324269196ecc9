"""What DVC's own files say of data: the md5 it knows a file or folder by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from runfolio.capture.reading import read_regular

__all__ = ["POINTER", "dvc_facts", "pointed_at"]

POINTER: Final = ".dvc"
_MAX_BYTES: Final = 16 << 20
_KEYS: Final = ("md5", "size", "nfiles", "hash")
_LINE: Final = re.compile(r"(?P<indent> *)(?P<item>- )?(?P<key>[A-Za-z_0-9]+): ?(?P<value>.*)")


def pointed_at(pointer: Path) -> list[tuple[Path, Mapping[str, Any]]]:
    """Return the data that ``x.dvc`` or ``dvc.lock`` tells of, and what it says of each."""
    return [(pointer.parent / path, facts) for path, facts in _outs(pointer)]


def dvc_facts(path: Path) -> Mapping[str, Any]:
    """Return what DVC says of a file or folder: in ``x.dvc`` beside it, or in a ``dvc.lock`` above.

    Returns
    -------
    mapping
        ``md5``, ``size``, ``nfiles``; empty where DVC does not know it.
    """
    beside = path.with_name(path.name + POINTER)
    for pointer in (beside, *(folder / "dvc.lock" for folder in path.parents[:8])):
        for target, facts in pointed_at(pointer):
            if target == path:
                return facts
    return {}


def _outs(pointer: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield path and facts of each output; DVC writes these files itself, always in this form."""
    content = read_regular(pointer, _MAX_BYTES)
    inside: int | None = None
    found: dict[str, str] = {}
    for line in (content or b"").decode("utf-8", "replace").splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        indent = len(match["indent"])
        if match["key"] == "outs" and not match["value"]:
            inside = indent
        elif inside is not None and (indent < inside or (indent == inside and not match["item"])):
            inside = None
        elif inside is not None:
            if match["item"]:
                yield from _known(found)
                found = {}
            found[match["key"]] = match["value"].strip().strip("'\"")
        if inside is None:
            yield from _known(found)
            found = {}
    yield from _known(found)


def _known(found: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "path" in found:
        facts = {key: found[key] for key in _KEYS if found.get(key)}
        yield (
            found["path"],
            {k: int(v) if v.isdigit() and k != "md5" else v for k, v in facts.items()},
        )
