"""What a run keeps of texts: without secrets, and with a count of them."""

from __future__ import annotations

import contextlib
import functools
import re
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.record.guard import warn_once

if TYPE_CHECKING:
    from runfolio.capture.secrets.redact import Found, Redactor

__all__ = ["Redaction", "redactor"]

# Texts that come again and again, at every writing of the manifest: they are searched once.
_REMEMBERED: Final = 1024
_SHORT: Final = 4096
_MARK: Final = re.compile(r"\[redacted:([^\]]{1,60})\]")
# Names of files and numbers of generators: nothing in them was written by a person.
_PLAIN_EVENTS: Final = frozenset({"rng", "refused", "define"})
# What is executed again, and what it is started with: where a mark stands there, somebody has to say
# what it stands for. Nobody needs what was printed, logged or said.
_REPEATED: Final = (
    "cell ", "config.", "the command line", "the data", "the environment", "the module ",
    "the notebook ", "the script ", "the uncommitted changes", "what init was given",
)  # fmt: skip
_LABELS: Final = {
    "name": "the name",
    "notes": "the notes",
    "tags": "the tags",
    "group": "the group",
    "job_type": "the job type",
    "project": "the project",
    "reason": "the reason of its end",
    "command": "the command line",
    "given": "what init was given",
}


@functools.cache
def redactor() -> Redactor:
    """Return the one that looks for secrets in this process: what it learns holds for all runs."""
    from runfolio.capture.secrets.redact import Redactor

    allowed = (settings.read("allow_secrets") or "").split(",")
    return Redactor(allow=[pattern.strip() for pattern in allowed if pattern.strip()])


class Redaction:
    """Takes the secrets out of what one run is about to write.

    Attributes
    ----------
    places : dict of str to int
        Place → how many secrets were found there.
    """

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], str] = {}
        self._has_marks = False

    @property
    def count(self) -> int:
        """How many secrets were taken out."""
        return sum(self.places.values())

    @property
    def to_supply(self) -> int:
        """How many of them somebody has to supply who repeats the run."""
        return sum(n for place, n in self.places.items() if place.startswith(_REPEATED))

    def text(self, text: str, place: str, *, name: str = "") -> str:
        """Return a text without its secrets.

        Parameters
        ----------
        text : str
        place : str
            Where it would stand, in words for people: ``the notes``.
        name : str
            What it is called; all of it is a secret if the name says so.
        """
        done = self._known.get((name, text))
        if done is None:
            done, found = redactor().redact_text(text, name=name)
            self._note(found, place)
            if len(text) <= _SHORT and len(self._known) < _REMEMBERED:
                self._known[name, text] = done
        return done

    def value(self, value: Any, place: str, *, name: str = "") -> Any:
        """Return a JSON value without the secrets in its texts, at any depth."""
        if isinstance(value, str):
            return self.text(value, place, name=name)
        if isinstance(value, Mapping):
            return {
                key: self.value(item, place, name=key if isinstance(key, str) else "")
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.value(item, place, name=name) for item in value]
        return value

    def config(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings as they may be written: by their names first."""
        return {key: self.value(value, f"config.{key}", name=key) for key, value in values.items()}

    def labels(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Return what people wrote into a manifest, as it may be written."""
        self._note_marked(manifest.get("command") or (), _LABELS["command"])
        return {
            key: self.value(manifest[key], _LABELS[key]) for key in _LABELS if manifest.get(key)
        }

    def _note_marked(self, argv: Sequence[str], place: str) -> None:
        """Take into account the secrets of a command line, which are marks already: by their names."""
        kinds = tuple(kind for argument in argv for kind in _MARK.findall(argument))
        if kinds and not self._has_marks:
            self._has_marks = True
            self._tell(kinds, place)

    def data(self, content: bytes, place: str) -> bytes:
        """Return the bytes of a text file without its secrets; its lines stay the same lines."""
        done = redactor().redact(content)
        self._note(done.found, place)
        if done.withheld:
            with self._lock:
                self.places[place] = self.places.get(place, 0) + 1
            warn_once(
                f"withheld {place}",
                f"{place} is not in the record: it could not be searched for secrets in time.",
            )
        return done.text

    def event(self, kind: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what an event says without secrets."""
        if kind in _PLAIN_EVENTS:
            return fields
        if kind == "config":
            return {**fields, "changes": self._changes(fields.get("changes"))}
        place = {"cell": f"cell {fields.get('order')}", "text": f"log({fields.get('key')!r})"}
        where = place.get(kind, f"an event of kind {kind}")
        return {key: self.value(value, where) for key, value in fields.items()}

    def _changes(self, changes: Any) -> Any:
        if not isinstance(changes, Mapping):
            return changes
        return {
            name: {
                key: self.value(
                    value, f"config.{name}", name=name if key in ("value", "was") else ""
                )
                for key, value in change.items()
            }
            for name, change in changes.items()
        }

    def patch(self, content: bytes) -> tuple[bytes, list[str]]:
        """Return a patch without secrets that still applies, and the files left out of it.

        Only lines that it adds are changed; a file whose other lines hold a secret is left out.
        """
        from runfolio.capture.secrets.patches import redact_patch

        done = redact_patch(redactor(), content)
        self._note(done.found, "the uncommitted changes")
        return done.patch, list(done.left_out)

    def notebook(self, content: bytes, place: str) -> bytes:
        """Return a notebook without the secrets in its cells."""
        from runfolio.format.codec import dumps, loads

        with contextlib.suppress(Exception):
            body = loads(content, place)
            cells = body["cells"]
            for cell in cells:
                source = cell["source"]
                joined = source if isinstance(source, str) else "".join(source)
                clean = self.text(joined, place)
                if clean != joined:
                    cell["source"] = clean if isinstance(source, str) else clean.splitlines(True)  # noqa: FBT003
            # Only then: a notebook is kept byte for byte where nothing is to be hidden.
            if self.places.get(place):
                content = dumps(body, indent=True) + b"\n"
        return self.data(content, place)

    def _note(self, found: tuple[Found, ...], place: str) -> None:
        if found:
            line = f", line {found[0].line}" if found[0].line > 1 else ""
            self._tell([one.kind for one in found], place, line)

    def _tell(self, found: Sequence[str], place: str, line: str = "") -> None:
        """Count secrets by their kinds, and say once where they stand."""
        with self._lock:
            self.places[place] = self.places.get(place, 0) + len(found)
        kinds = ", ".join(dict.fromkeys(found))
        again = ""
        if place.startswith(_REPEATED):
            again = " and replays only when the value is supplied"
        warn_once(
            f"secret {place}",
            f"What looks like a secret ({kinds}) stands in {place}{line}; the record has a mark in its "
            f"place{again}. If it is none, write "
            "`# runfolio: allow-secret` on its line, or set allow_secrets in [tool.runfolio].",
        )
