"""Named ways to look at the runs of a store: a small file beside the run directories.

``.views.json`` lies in the store, not in a folder of the user's: the columns and queries in it are
those of these runs, and whoever gets the store gets them too. Its name is hidden, so that no
reader takes it for a run; it may be deleted at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from runfolio.errors import CorruptRecord, UsageError
from runfolio.format.codec import dumps, loads
from runfolio.format.disk import Disk, read_small

__all__ = ["read_views", "remove_view", "save_view"]

NAME: Final = ".views.json"
MAX_BYTES: Final = 1024 * 1024
_MAX_VIEWS: Final = 200
_MAX_NAME: Final = 80


def read_views(store: Path) -> dict[str, Mapping[str, Any]]:
    """Return the views of a store by name, in the order in which they were saved first.

    What is no view in the file is passed over: a page has to show its table all the same.
    """
    try:
        return _views(store)
    except (CorruptRecord, OSError):
        return {}


def save_view(store: Path, name: str, view: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Keep a view under a name, in the place of one of that name; return all.

    Raises
    ------
    UsageError
        The name is empty or longer than 80 characters, or there are 200 views.
    CorruptRecord
        The file is there and is not what it should be: it is somebody's, and stays.
    OSError
        It cannot be written.
    """
    name = " ".join(name.split())
    if not name or len(name) > _MAX_NAME or not name.isprintable():
        raise UsageError(f"A view needs a name of 1 to {_MAX_NAME} printable characters.")
    views = _views(store)
    if name not in views and len(views) >= _MAX_VIEWS:
        raise UsageError(f"There are {_MAX_VIEWS} views already; remove one first.")
    return _written(store, views | {name: view})


def remove_view(store: Path, name: str) -> dict[str, Mapping[str, Any]]:
    """Forget a view, if there is one of this name; return the others.

    Raises
    ------
    CorruptRecord, OSError
        As `save_view`.
    """
    views = _views(store)
    return _written(store, {key: view for key, view in views.items() if key != name})


def _written(store: Path, views: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    data = dumps({"version": 1, "views": views}, indent=True) + b"\n"
    if len(data) > MAX_BYTES:
        raise UsageError("The views of this store are too large; remove some first.")
    Disk().replace(store / NAME, data)
    return dict(views)


def _views(store: Path) -> dict[str, Mapping[str, Any]]:
    try:
        data = read_small(store / NAME, MAX_BYTES)
    except FileNotFoundError:
        return {}
    found = loads(data, NAME)
    views = found.get("views") if isinstance(found, Mapping) else None
    if not isinstance(views, Mapping):
        raise CorruptRecord(f"{NAME} holds no views; move it away to begin anew.")
    some = list(views.items())[:_MAX_VIEWS]
    return {name[:_MAX_NAME]: view for name, view in some if isinstance(view, Mapping)}
