"""``run.config``: settings by attribute and by item, nested, with where each came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from runfolio.errors import ConfigFrozen
from runfolio.format.codec import MAX_DEPTH, flatten
from runfolio.record.values import clean, plain

__all__ = ["Config", "Nested"]


class Nested(dict[str, Any]):
    """One inner level of the config: an ordinary ``dict`` that can be read by attribute too."""

    __slots__ = ("_changed",)

    def __init__(self, values: Mapping[str, Any], changed: Callable[[], None]) -> None:
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
        self._changed()


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
    """

    def __init__(
        self, *, frozen: bool, changed: Callable[[dict[str, dict[str, Any]]], None]
    ) -> None:
        object.__setattr__(self, "_values", {})
        object.__setattr__(self, "_recorded", {})
        object.__setattr__(self, "_sources", {})
        object.__setattr__(self, "_frozen", frozen)
        object.__setattr__(self, "_tell", changed)

    _values: dict[str, Any]
    _recorded: dict[str, Any]
    _sources: dict[str, str]
    _frozen: bool
    _tell: Callable[[dict[str, dict[str, Any]]], None]

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        del self._values[key]
        self._recorded.pop(key, None)

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

    def update(  # type: ignore[override]
        self, values: Any = (), allow_val_change: bool | None = None, **more: Any
    ) -> None:
        """Take in settings.

        Parameters
        ----------
        values : mapping, namespace, data class or pairs
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
        """Return the settings as plain nested dictionaries, as they are recorded."""
        return {key: plain(value) for key, value in self._values.items()}

    def take(self, values: Mapping[str, Any], source: str) -> None:
        """Take in settings, changed or not, and note where they come from."""
        changes: dict[str, dict[str, Any]] = {}
        with_source = {name.partition(".")[0] for name in self._sources}
        for key, value in values.items():
            before = self._recorded.get(key)
            recorded = plain(value)
            self._values[key] = self._wrap(value, key)
            self._recorded[key] = recorded
            if before == recorded and type(before) is type(recorded) and key in with_source:
                continue
            for name, now in flatten({key: recorded}).items():
                was = flatten({key: before}).get(name) if before is not None else None
                if now != was or name not in self._sources:
                    self._sources[name] = source
                    changes[name] = {"value": now, "was": was, "source": source}
        if changes:
            self._tell(changes)

    def take_literals(self, values: Mapping[str, Any]) -> None:
        """Take literals of a tracked cell as settings; what was given on purpose stays."""
        self.take(
            {k: v for k, v in values.items() if self._sources.get(k, "cell") == "cell"}, "cell"
        )

    @property
    def recorded(self) -> dict[str, Any]:
        """The settings as JSON values."""
        return dict(self._recorded)

    @property
    def sources(self) -> dict[str, str]:
        """Dotted name → where its value came from."""
        return dict(self._sources)

    def _wrap(self, value: Any, key: str, level: int = 0) -> Any:
        if type(value) is dict and level < MAX_DEPTH:
            return Nested(
                {str(k): self._wrap(v, key, level + 1) for k, v in value.items()},
                lambda: self.take({key: self._values[key]}, "update"),
            )
        return value

    def _refuse_changes(self, given: Mapping[str, Any]) -> None:
        if not self._frozen:
            return
        for key, value in given.items():
            if key in self._recorded and plain(value) != self._recorded[key]:
                raise ConfigFrozen(
                    f"config.{key} is {self._recorded[key]!r} and was set to {plain(value)!r}. In a "
                    "script a setting stays as it is; use "
                    f"config.update({{{key!r}: …}}, allow_val_change=True) to change it."
                )


def plain_keys(values: Any) -> dict[str, Any]:
    """Return what somebody gave as settings as one dictionary with text keys.

    Raises
    ------
    TypeError
        It is neither a mapping, a namespace, a data class nor pairs.
    """
    if isinstance(values, Mapping):
        return {clean(str(key)): value for key, value in values.items()}
    if isinstance(values, (list, tuple)):
        return {clean(str(key)): value for key, value in values}
    recorded = plain(values)
    if isinstance(recorded, dict):
        return recorded
    raise TypeError(
        f"config is {type(values).__name__}; expected a dict, a namespace or a data class. "
        "Read a file first and pass what it holds."
    )
