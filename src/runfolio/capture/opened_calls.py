"""Files that libraries open outside of Python: their reading calls say which.

What these read passes CPython's own `open` by, and so the audit hook of `opened`.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from runfolio.capture.at_import import forget, when_imported
from runfolio.capture.opened import join_parent, note
from runfolio.capture.opened_workers import START, WORKERS, inviting

__all__ = ["listen_for_parent", "unwatch_calls", "watch_calls"]

_POLARS: Final = (
    *(f"{how}_{kind}" for kind in ("csv", "parquet", "ipc", "ndjson", "delta") for how in ("read", "scan")),
    "read_json", "read_avro", "read_excel", "sql",
)  # fmt: skip
_DUCKDB: Final = ("read_csv", "read_parquet", "read_json", "from_csv_auto", "from_parquet", "sql",
                  "query", "execute", "connect")  # fmt: skip

# Module → attributes, dotted where they are a class's.
CALLS: Final[Mapping[str, tuple[str, ...]]] = {
    "pandas": ("read_parquet", "read_feather", "read_orc"),
    "pyarrow": ("memory_map",),
    "pyarrow.parquet": ("read_table", "read_metadata", "read_schema", "ParquetFile.__init__",
                        "ParquetDataset.__init__"),
    "pyarrow.csv": ("read_csv", "open_csv"),
    "pyarrow.json": ("read_json", "open_json"),
    "pyarrow.orc": ("read_table", "ORCFile.__init__"),
    "pyarrow.feather": ("read_table", "read_feather"),
    "pyarrow.dataset": ("dataset",),
    "polars": _POLARS,
    "duckdb": (*_DUCKDB, *(f"DuckDBPyConnection.{name}" for name in _DUCKDB if name != "connect")),
    "h5py": ("File.__init__",),
    "cv2": ("imread", "imreadmulti"),
    "safetensors": ("safe_open",),
    "safetensors.numpy": ("load_file", "safe_open"),
    "safetensors.torch": ("load_file", "load_model", "safe_open"),
    "datasets": ("load_from_disk",),
}  # fmt: skip

# DuckDB reads the file of a name in double quotes, too.
_QUOTED: Final = re.compile(r"""'((?:[^']|'')+)'|"([^"\n]+)\"""")
_SQL: Final = ("sql", "query", "execute")
_PATHS: Final = re.compile(r"path|file|source|root|name|query|sql|database")
_MAX_SQL: Final = 1_000_000
_MAX_PATHS: Final = 1000

_replaced: list[tuple[Any, str, Any, Any]] = []
_waiting: list[Callable[[], None]] = []


def watch_calls() -> None:
    """Listen to the reading calls of libraries, also of those that are imported later."""
    if _waiting or _replaced:
        return
    for module, names in {**CALLS, WORKERS: (START,)}.items():
        then = functools.partial(_wrap_module, module, names)
        if when_imported(module, then):
            _waiting.append(then)
        else:
            then()


def listen_for_parent(asked: str | None = None) -> None:
    """Tell the process that started this one what is opened here; see `join_parent`."""
    join_parent(asked)
    watch_calls()


def unwatch_calls() -> None:
    """Put the libraries' own calls back."""
    for then in _waiting:
        forget(then)
    _waiting.clear()
    for holder, name, own, ours in reversed(_replaced):
        with contextlib.suppress(Exception):
            if vars(holder).get(name) is ours:
                setattr(holder, name, own)
    _replaced.clear()


def _wrap_module(module: str, names: tuple[str, ...]) -> None:
    with contextlib.suppress(Exception):
        holder = sys.modules[module]
        for name in names:
            with contextlib.suppress(Exception):
                _wrap(holder, name)


def _wrap(module: Any, dotted: str) -> None:
    holder, name = module, dotted
    if "." in dotted:
        owner, name = dotted.split(".")
        holder = getattr(module, owner)
    own = vars(holder)[name]
    if not callable(own):
        return
    ours = (
        inviting(own)
        if dotted == START
        else _listening(own, is_method=holder is not module, takes_values=name in _SQL)
    )
    setattr(holder, name, ours)
    _replaced.append((holder, name, own, ours))


def _listening(
    own: Callable[..., Any], *, is_method: bool, takes_values: bool
) -> Callable[..., Any]:
    """Return a function that notes the paths it is given, and calls the library's own."""

    @functools.wraps(own)
    def call(*args: Any, **kwargs: Any) -> Any:
        with contextlib.suppress(Exception):
            given = args[1:] if is_method else args
            note(_paths_in(given[0] if given else _by_name(kwargs)))
            if takes_values:
                values = (
                    given[1] if len(given) > 1 else kwargs.get("parameters", kwargs.get("params"))
                )
                values = list(values.values()) if isinstance(values, dict) else values
                note(path for path in _paths_in(values) if not os.path.isdir(path))  # noqa: PTH112
        return own(*args, **kwargs)

    return call


def _by_name(given: Mapping[str, Any]) -> Any:
    """Return what says what to read where all is given by name: the first, but for `engine=`."""
    named = (value for name, value in given.items() if _PATHS.search(name))
    return next(named, next(iter(given.values()), None))


def _paths_in(given: Any) -> Iterator[str]:
    """Yield the paths in a call's first argument: one, several, a pattern, or quoted in SQL."""
    if isinstance(given, (bytes, os.PathLike)):
        given = os.fsdecode(given)
    if isinstance(given, str):
        yield from _existing(given)
        quoted = _QUOTED.findall(given[:_MAX_SQL]) if len(given.split(None, 1)) > 1 else []
        for text, name in quoted[:_MAX_PATHS]:
            # A word of a query may well be a folder's name, too: `split = 'train'`.
            found = _existing(name or text.replace("''", "'"))
            yield from (path for path in found if not os.path.isdir(path))  # noqa: PTH112
    elif isinstance(given, (list, tuple)):
        for one in given[:_MAX_PATHS]:
            if isinstance(one, (str, bytes, os.PathLike)):
                yield from _existing(os.fsdecode(one))


def _existing(text: str) -> Iterator[str]:
    if "\n" in text or len(text) > 4096 or "://" in text:
        return
    text = os.path.expanduser(text)  # noqa: PTH111
    if os.path.exists(text):  # noqa: PTH110 - a call of the user's waits for it
        yield text
    elif any(sign in text for sign in "*?["):
        import glob

        yield from glob.glob(text, recursive=True)[:_MAX_PATHS]  # noqa: PTH207
