"""What a run keeps of texts: without secrets, and with a count of them."""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from runfolio import settings
from runfolio.capture.secrets.names import own_name
from runfolio.record.guard import warn_once

if TYPE_CHECKING:
    from runfolio.capture.secrets.redact import Found, Redactor

__all__ = ["Redaction", "redactor"]

# Texts that come again and again, at every writing of the manifest: they are searched once.
_REMEMBERED: Final = 1024
_SHORT: Final = 4096
# So many keys and more are searched together, in texts of so many.
_FEW: Final = 64
_TOGETHER: Final = 2048
# Names of files and numbers of generators: nothing in them was written by a person.
_PLAIN_EVENTS: Final = frozenset({"rng", "refused"})
_PLAIN_OF_CELLS: Final = frozenset(
    {"bound", "cell_id", "changed", "deleted", "hash", "outputs", "read", "rebound", "run", "status",
     "text_hash", "unseen", "values"}
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
    "defined": "what define_metric was given",
}
_EVENTS: Final = {
    "alert": "an alert",
    "media": "a caption",
    "saved": "the name of a saved file",
    "status": _LABELS["reason"],
    "config": "config",
    "define": _LABELS["defined"],
    **_LABELS,
}
# What is executed again, and what it is started with: where a mark stands there, somebody has to say
# what it stands for. Nobody needs what was printed, logged or said.
_NEEDED: Final = (
    "cell ", "config", "the command line", "the data", "the environment", "the module ",
    "the notebook ", "the script ", "the uncommitted changes", "what init was given",
)  # fmt: skip
_ADVICE: Final = (
    " If it is none, write `# runfolio: allow-secret` on its line, or set allow_secrets in "
    "[tool.runfolio]."
)
_MARKED: Final = "[redacted:"
_NAMED: Final = 3


@functools.cache
def redactor() -> Redactor:
    """Return the one that looks for secrets in this process: what it learns holds for all runs."""
    from runfolio.capture.secrets.argv import secrets_of_argv
    from runfolio.capture.secrets.redact import Redactor

    allowed = (settings.read("allow_secrets") or "").split(",")
    made = Redactor(allow=[pattern.strip() for pattern in allowed if pattern.strip()])
    # What came with the command line is printed later by whatever name.
    for name, value in secrets_of_argv(sys.argv):
        made.known.learn_given(name, value)
    return made


class Redaction:
    """Takes the secrets out of what one run is about to write.

    Parameters
    ----------
    argv : sequence of str
        The command line of the run, which comes here without its secrets: its marks are counted.

    Attributes
    ----------
    places : dict of str to int
        Place → how many secrets were found there.
    """

    def __init__(self, argv: Sequence[str] = ()) -> None:
        self.places: dict[str, int] = {}
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], str] = {}
        self._count = 0
        self._has_advised = False
        self._count_marked(argv)

    @property
    def count(self) -> int:
        """How many secrets were taken out."""
        return sum(self.places.values())

    @property
    def to_supply(self) -> int:
        """How many of them somebody has to supply who repeats the run."""
        return sum(n for place, n in self.places.items() if _is_needed(place))

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
        self._forget_what_is_told_now()
        done = self._known.get((name, text))
        if done is None:
            done, found = redactor().redact_text(text, name=name)
            self._note(found, place)
            if len(text) <= _SHORT and len(self._known) < _REMEMBERED:
                self._known[name, text] = done
        return done

    def _forget_what_is_told_now(self) -> None:
        """Have texts that held no secret searched again, once further values are known."""
        count = redactor().known.count
        if count != self._count:
            self._count = count
            self._known = {key: done for key, done in self._known.items() if key[1] != done}

    def value(self, value: Any, place: str, *, name: str = "") -> Any:
        """Return a JSON value without the secrets in its texts, at any depth."""
        if isinstance(value, str):
            return self.text(value, place, name=name)
        if isinstance(value, Mapping):
            return {
                key: self.value(item, place, name=own_name(str(key)))
                for key, item in self.keys(value, place).items()
            }
        if isinstance(value, (list, tuple)):
            return [self.value(item, place, name=name) for item in value]
        return value

    def config(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings as they may be written: by their names first."""
        return {
            key: self._setting(value, f"config.{key}")
            for key, value in self.keys(values, "config").items()
        }

    def _setting(self, value: Any, place: str) -> Any:
        """Return a setting without secrets; its place is told as it is written in a program."""
        if isinstance(value, Mapping):
            return {
                key: self._setting(item, f"{place}.{key}")
                for key, item in self.keys(value, "config").items()
            }
        return self.value(value, place, name=own_name(place))

    def keys(self, values: Mapping[Any, Any], place: str) -> dict[Any, Any]:
        """Return the same values under keys without secrets."""
        if len(values) > _FEW and self._are_clean([key for key in values if isinstance(key, str)]):
            return dict(values)
        return {
            self.text(key, place) if isinstance(key, str) else key: value
            for key, value in values.items()
        }

    def _are_clean(self, texts: Sequence[str]) -> bool:
        """Return whether many short texts hold no secret, searched together: one by one is slow."""
        for begin in range(0, len(texts), _TOGETHER):
            together = "\n".join(texts[begin : begin + _TOGETHER])
            if redactor().redact_text(together) != (together, ()):
                return False
        return True

    def _count_marked(self, argv: Sequence[str]) -> None:
        marked = [argument for argument in argv if _MARKED in argument]
        if marked:
            self.places["the command line"] = len(marked)
            kinds = ", ".join(
                dict.fromkeys(one.partition(_MARKED)[2].partition("]")[0] for one in marked)
            )
            self._tell(
                "the command line",
                f"What looks like a secret ({kinds}) stands in the command line",
            )

    def labels(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Return what people wrote into a manifest, as it may be written."""
        return {
            key: self.value(manifest[key], _LABELS[key]) for key in _LABELS if manifest.get(key)
        }

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
        where = place.get(kind) or _EVENTS.get(kind, f"an event of kind {kind}")
        if kind == "cell":
            return self._cell(fields, where)
        return {key: self.value(value, where) for key, value in fields.items()}

    def _cell(self, fields: Mapping[str, Any], where: str) -> dict[str, Any]:
        """Return what is told of a cell; at every one of them only what a person wrote is searched."""
        told = {
            key: value if key in _PLAIN_OF_CELLS else self.value(value, where)
            for key, value in fields.items()
        }
        if "values" in told:
            told["values"] = {
                name: self.value(held, where) if "columns" in held else held
                for name, held in told["values"].items()
            }
        return told

    def _changes(self, changes: Any) -> Any:
        if not isinstance(changes, Mapping):
            return changes
        return {
            name: {
                key: self._setting(value, f"config.{name}")
                if key in ("value", "was")
                else self.value(value, f"config.{name}")
                for key, value in change.items()
            }
            for name, change in self.keys(changes, "config").items()
        }

    def patch(self, content: bytes) -> tuple[bytes, list[str]]:
        """Return a patch without secrets that still applies, and the files left out of it.

        Only lines that it adds are changed; a file whose other lines hold a secret is left out.
        """
        from runfolio.capture.secrets.patches import redact_patch

        done = redact_patch(redactor(), content)
        self._note(done.found, "the uncommitted changes", files=[*done.files, *done.left_out])
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

    def _note(self, found: tuple[Found, ...], place: str, *, files: Sequence[str] = ()) -> None:
        """Count what was found, and tell of it.

        Parameters
        ----------
        found : tuple of Found
        place : str
        files : sequence of str
            Those in which it stands, where the place is many: lines would not lead there.
        """
        if not found:
            return
        with self._lock:
            self.places[place] = self.places.get(place, 0) + len(found)
        kinds = ", ".join(dict.fromkeys(one.kind for one in found))
        where = f", line {found[0].line}" if found[0].line > 1 else ""
        if files:
            more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
            where = f" of {', '.join(files[:_NAMED])}{more}"
        self._tell(place, f"What looks like a secret ({kinds}) stands in {place}{where}")

    def _tell(self, place: str, found: str) -> None:
        replays = " and replays only when the value is supplied" if _is_needed(place) else ""
        advice = "" if self._has_advised else _ADVICE
        self._has_advised = True
        # Without the line of the program: there the value may stand.
        warn_once(
            f"secret {place}",
            f"{found}; the record has a mark in its place{replays}.{advice}",
            shows_source=False,
        )


def _is_needed(place: str) -> bool:
    """Return whether a program needs what stands there to run again."""
    return place.startswith(_NEEDED) or place.endswith(".ipynb")
