"""``run.config``: settings by attribute and by item, nested, with where each came from."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from typing import Any, Final

from runfolio.capture.config_objects import settings_of
from runfolio.capture.secrets.names import mark
from runfolio.errors import ConfigFrozen
from runfolio.format.codec import dumps, flatten
from runfolio.record.guard import warn_once
from runfolio.record.values import clean, key_text, kind_name, plain, plain_within

__all__ = ["Config", "Nested"]


LARGEST: Final = 8 * 1024 * 1024
"""The settings of a run take at most so much as JSON: readers stop at twice that."""

MANY: Final = 1000
"""With more settings than this only the outermost names are told where they came from."""


NO_SETTINGS: Final[Mapping[str, Any]] = {}


class Nested(dict[str, Any]):
    """One inner level of the config: an ordinary ``dict`` that can be read by attribute too.

    A copy, a checkpoint and a worker process get the values alone: what changes there is no
    setting of the run.
    """

    __slots__ = ("_changed",)

    def __init__(
        self, values: Mapping[str, Any] = NO_SETTINGS, changed: Callable[[], None] | None = None
    ) -> None:
        super().__init__(values)
        self._changed = changed

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"The config has no setting {name!r} here.") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_changed":
            super().__setattr__(name, value)
        else:
            self[name] = value

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        if self._changed is not None:
            self._changed()

    def __reduce__(self) -> Any:
        return Nested, (dict(self),)


class Config(MutableMapping[str, Any]):
    """The settings of one run.

    Values are kept as given for the program that reads them back and recorded as JSON
    (:func:`runfolio.record.values.plain`). In a script a setting, once made, is frozen:
    changing it to another value needs ``update(…, allow_val_change=True)``. In a notebook it
    may change; each change is an event.

    Parameters
    ----------
    frozen : bool
        Whether a changed value raises.
    changed : callable
        Told of each change: ``changed({dotted name: {"value", "was", "source"}})``.
    named : callable, optional
        Given a value; returns it, or what is recorded in its place.
    used : callable, optional
        Told of each value that is taken in.
    """

    def __init__(
        self,
        *,
        frozen: bool,
        changed: Callable[..., None],
        named: Callable[[Any], Any] = lambda value: value,
        used: Callable[[Any], None] = lambda _: None,
    ) -> None:
        object.__setattr__(self, "_values", {})
        object.__setattr__(self, "_recorded", {})
        object.__setattr__(self, "_sources", {})
        object.__setattr__(self, "_sizes", {})
        object.__setattr__(self, "_size", 0)
        object.__setattr__(self, "_frozen", frozen)
        object.__setattr__(self, "_tell", changed)
        object.__setattr__(self, "_named", named)
        object.__setattr__(self, "_used", used)

    _values: dict[str, Any]
    _recorded: dict[str, Any]
    _sources: dict[str, str]
    _sizes: dict[str, int]
    _size: int
    _frozen: bool
    _tell: Callable[..., None]
    _named: Callable[[Any], Any]
    _used: Callable[[Any], None]

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        del self._values[key]
        self._recorded.pop(key, None)
        self._note_size(key, 0)

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._values))

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(
                f"The config has no setting {name!r}; it has {', '.join(self._values) or 'none'}."
            ) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def __repr__(self) -> str:
        return f"Config({self._values!r})"

    def __reduce__(self) -> Any:
        return Nested, (dict(self._values),)

    def update(  # type: ignore[override]
        self, values: Any = (), allow_val_change: bool | None = None, **more: Any
    ) -> None:
        """Take in settings.

        Parameters
        ----------
        values : mapping, namespace, data class or pairs
            Objects of pydantic, attrs, OmegaConf and ml_collections, too.
        allow_val_change : bool, optional
            Whether a setting may change its value in a script.

        Raises
        ------
        ConfigFrozen
            A value changes and may not. Nothing is taken in.
        """
        given = plain_keys(values) | more
        if not allow_val_change:
            self._refuse_changes(given)
        self.take(given, "update")

    def setdefaults(self, values: Mapping[str, Any]) -> None:
        """Take in the settings that are not there yet."""
        self.take({k: v for k, v in values.items() if k not in self._values}, "default")

    def as_dict(self) -> dict[str, Any]:
        """Return the settings that were given as plain nested dictionaries, as they are recorded."""
        return {key: plain(self._named(value)) for key, value in self._values.items()}

    def take(self, values: Mapping[str, Any], source: str) -> None:
        """Take in settings, changed or not, and note where they come from."""
        for key, value in values.items():
            if key not in self._values and key in self._recorded:
                # So far it was only noted: now it is given, from elsewhere.
                for name in flatten({key: self._recorded.pop(key)}):
                    self._sources.pop(name, None)
            self._values[key] = self._wrap(value, key, {})
            self._used(value)
        self._record({key: self._named(value) for key, value in values.items()}, source)

    def note(self, values: Mapping[str, Any], source: str) -> None:
        """Record settings that were found, without giving them to the program.

        A program that asks for its settings gets those it made: more of them, from elsewhere,
        could change what it does. What was given stays.
        """
        self._record({k: v for k, v in values.items() if k not in self._values}, source, found=True)

    def attribute(self, names: Collection[str], source: str) -> None:
        """Say where settings that were noted came from, and all below them; what was given stays.

        Parameters
        ----------
        names : collection of str
            Dotted.
        source : str
        """
        noted = {k: v for k, v in self._recorded.items() if k not in self._values}
        changes = {
            name: {"value": value, "was": value, "source": source}
            for name, value in flatten(noted).items()
            if any(name == above or name.startswith(f"{above}.") for above in names)
        }
        self._sources.update(dict.fromkeys(changes, source))
        for some in _portions(changes):
            self._tell(some, found=True)

    def _record(self, values: Mapping[str, Any], source: str, *, found: bool = False) -> None:
        changes: dict[str, dict[str, Any]] = {}
        with_source = {name.partition(".")[0] for name in self._sources}
        for key, value in values.items():
            before = self._recorded.get(key)
            recorded = self._recorded[key] = self._fitting(key, value)
            if before == recorded and type(before) is type(recorded) and key in with_source:
                continue
            earlier = flatten({key: before}) if before is not None else {}
            for name, now in flatten({key: recorded}).items():
                was = earlier.get(name)
                if now != was or name not in self._sources:
                    self._sources[name] = source
                    changes[name] = {"value": now, "was": was, "source": source}
        for some in _portions(changes):
            self._tell(some, found=found)

    def take_literals(self, values: Mapping[str, Any]) -> None:
        """Take literals of a tracked cell as settings; what was given on purpose stays."""
        given = {_outermost(name) for name, source in self._sources.items() if source != "cell"}
        free = {key: value for key, value in values.items() if key not in given}
        marks = {key: value for key, value in free.items() if value == mark(key)}
        self.take({key: value for key, value in free.items() if key not in marks}, "cell")
        # The mark of a secret is no value that a program could do anything with.
        self.note(marks, "cell")

    @property
    def recorded(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return dict(self._recorded)

    @property
    def sources(self) -> dict[str, str]:
        """Dotted name → where its value came from; of very many the outermost names alone."""
        if len(self._sources) <= MANY:
            return dict(self._sources)
        return {_outermost(name): source for name, source in self._sources.items()}

    def _fitting(self, key: str, value: Any) -> Any:
        """Return a setting as it is recorded, or a text in its place where it is too large."""
        recorded, whole = plain_within(value)
        size = len(dumps(recorded))
        room = LARGEST - self._size + self._sizes.get(key, 0)
        if not whole or size > room:
            recorded = f"{kind_name(value)}, too large for a setting"
            warn_once(
                f"config {key}",
                f"config.{key} is too large to be recorded as a setting ({kind_name(value)}, of "
                f"{LARGEST >> 20} MiB for all settings). The program has it as it is; keep it with "
                "save() as a file if it belongs to the record.",
            )
            size = len(recorded)
        self._note_size(key, size)
        return recorded

    def _note_size(self, key: str, size: int) -> None:
        # Kept as a sum: a cell may hold thousands of literals.
        changed = self._size + size - self._sizes.get(key, 0)
        object.__setattr__(self, "_size", changed)
        self._sizes[key] = size

    def _wrap(self, value: Any, key: str, made: dict[int, Nested]) -> Any:
        """Return inner dictionaries readable by attribute; one that is shared stays shared."""
        if type(value) is not dict:
            return value
        nested = made.get(id(value))
        if nested is None:
            nested = Nested({}, lambda: self.take({key: self._values[key]}, "update"))
            made[id(value)] = nested
            for name, inner in value.items():
                dict.__setitem__(nested, key_text(name), self._wrap(inner, key, made))
        return nested

    def _refuse_changes(self, given: Mapping[str, Any]) -> None:
        if not self._frozen:
            return
        for key, value in given.items():
            now = plain(self._named(value))
            if key in self._values and now != self._recorded[key]:
                raise ConfigFrozen(
                    f"config.{key} is {self._recorded[key]!r} and was set to {now!r}. In a "
                    "script a setting stays as it is; use "
                    f"config.update({{{key!r}: …}}, allow_val_change=True) to change it."
                )


_OUTERMOST: Final = re.compile(r"(?:[^.\\]|\\.)*", re.DOTALL)


def _portions(changes: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield changes a thousand at a time: a line has a largest length."""
    items = iter(changes.items())
    while some := dict(itertools.islice(items, 1000)):
        yield some


def _outermost(name: str) -> str:
    """Return the part of a dotted name before its first dot that belongs to no key."""
    found = _OUTERMOST.match(name)
    return found[0] if found else name


def plain_keys(values: Any) -> dict[str, Any]:
    """Return what somebody gave as settings as one dictionary with text keys.

    Raises
    ------
    TypeError
        It is no object that holds settings, and no pairs.
    """
    if isinstance(values, Mapping):
        # One of OmegaConf raises at its first setting that was not given.
        held = settings_of(values)
        items = (values if held is None else held).items()
        return {clean(key_text(key)): value for key, value in items}
    if isinstance(values, (list, tuple)):
        return {clean(str(key)): value for key, value in values}
    recorded = plain(values)
    if isinstance(recorded, dict):
        return recorded
    raise TypeError(
        f"config is {type(values).__name__}; expected a dict, a namespace, a data class or an object "
        "of argparse, pydantic, attrs, OmegaConf or ml_collections. "
        "Read a file first and pass what it holds."
    )
