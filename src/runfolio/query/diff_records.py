"""What the parts of a difference read from a run directory, and what they could not read of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runfolio.errors import CorruptRecord
from runfolio.format.codec import loads
from runfolio.format.disk import read_small
from runfolio.model.run import RunRecord
from runfolio.store.reader import RunReader

__all__ = [
    "Document",
    "NotCompared",
    "Side",
    "both_lack",
    "document",
    "listed",
    "mapping",
    "no_file",
]


@dataclass(frozen=True, slots=True)
class NotCompared:
    """Something that is left out of a difference.

    Attributes
    ----------
    part : str
        ``config``, ``cells``, ``environment``, ``data``, ``seeds``, ``metrics`` or ``files``.
    why : str
    """

    part: str
    why: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs: its record is read once, for that of a crashed run is counted anew."""

    record: RunRecord
    reader: RunReader

    @classmethod
    def of(cls, reader: RunReader) -> Side:
        """Return a run as it stands now."""
        return cls(reader.record, reader)


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a run.

    Attributes
    ----------
    body : mapping
        Empty where it is not there, or could not be read.
    why : str
        Why it is empty.
    """

    body: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


def document(record: RunRecord, *place: str) -> Document:
    """Return a file of a run that holds a JSON object."""
    path = Path(record.path, *place)
    name = f"{path.name} of {record.short_id}"
    try:
        body = loads(read_small(path), path.name)
    except FileNotFoundError:
        return Document(why=no_file(record, path.name))
    except (CorruptRecord, OSError) as error:
        return Document(why=f"{name} cannot be read: {error}")
    return Document(body) if isinstance(body, Mapping) else Document(why=f"{name} is no object")


def no_file(record: RunRecord, name: str) -> str:
    """Return the sentence for a file that a run does not hold."""
    return f"{record.short_id} has no {name}"


def both_lack(a: RunRecord, b: RunRecord, name: str, why: list[str]) -> list[str]:
    """Return what was not compared, with one sentence for a file that neither run holds."""
    told = [no_file(a, name), no_file(b, name)]
    if not set(told) <= set(why):
        return why
    return [f"neither run has {name}", *(one for one in why if one not in told)]


def mapping(value: object) -> Mapping[str, Any]:
    """Return a value that should be a mapping; a stranger's file may hold anything there."""
    return value if isinstance(value, Mapping) else {}


def listed(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the mappings of a value that should be a list of them."""
    items: Iterable[Any] = value if isinstance(value, (list, tuple)) else ()
    return (item for item in items if isinstance(item, Mapping))
