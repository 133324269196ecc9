"""A data set that a run used: what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

__all__ = ["SHORT", "DataUse", "Shape"]

SHORT: Final = ("name", "uri", "found", "hash", "bytes", "rows", "columns", "files")
"""What of a data set stands in the manifest."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the head of a file, or an object in memory, tells of its content.

    Attributes
    ----------
    rows, columns : int or None
    schema : mapping of str to str
        Column → type; of arrays, tensors and tables in one file: name → type and shape.
    """

    rows: int | None = None
    columns: int | None = None
    schema: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataUse:
    """One data set.

    Attributes
    ----------
    name : str
        What people call it.
    uri : str or None
        Where it lies: a path from the project's folder, an address; ``None`` in memory.
    found : str
        ``declared`` or ``detected``.
    kind : str
        ``file``, ``folder``, ``files``, ``table``, ``array``, ``address`` or ``pointer``.
    evidence : tuple of str
        How it was detected: ``opened``, ``named``, ``child``, ``maybe``, ``earlier``.
    hash : str or None
        ``blake3:`` and 64 hexadecimal digits; of several files, of the list of their hashes.
    bytes, files : int or None
    rows, columns, schema
        See `Shape`.
    endings : mapping of str to int
        Of several files: ending → how many.
    members : tuple of mapping
        Of several files the first thousand: ``path``, ``hash``, ``bytes``.
    dvc : mapping
        What DVC's own files say of it: ``md5``, ``size``, ``nfiles``.
    why : str
        Why there is no hash, or what it leaves out.
    """

    name: str
    uri: str | None
    found: str = "declared"
    kind: str = "file"
    evidence: tuple[str, ...] = ()
    hash: str | None = None
    bytes: int | None = None
    files: int | None = None
    rows: int | None = None
    columns: int | None = None
    schema: Mapping[str, str] = field(default_factory=dict)
    endings: Mapping[str, int] = field(default_factory=dict)
    members: tuple[Mapping[str, Any], ...] = ()
    dvc: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return all that is known; what is not, is left out."""
        all_known = ((field.name, getattr(self, field.name)) for field in fields(self))
        known = {key: value for key, value in all_known if value not in (None, "", {}, ())}
        return {"name": self.name, "uri": self.uri, "found": self.found, "hash": self.hash} | known
