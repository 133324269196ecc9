"""Objects that hold settings, known by their types: namespaces, data classes, models of libraries.

No library is imported for it, and of a class that the user wrote nothing is called: no property,
no serializer, no ``__getattr__``.
"""

from __future__ import annotations

import contextlib
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from runfolio.capture.objects import (
    MADE_IN_PYTHON,
    own_dict,
    own_flags,
    own_module,
    own_mro,
    own_name,
)
from runfolio.capture.secrets.names import mark

__all__ = ["NOT_GIVEN", "config_kind", "declared", "settings_of"]

NOT_GIVEN: Final = "???"
"""What stands in the place of a setting that has to be given and was not, as OmegaConf writes it."""

# Package and class → what such an object is called as the source of a setting.
_KINDS: Final[Mapping[tuple[str, str], str]] = {
    ("argparse", "Namespace"): "argparse",
    ("jsonargparse", "Namespace"): "argparse",
    ("pydantic", "BaseModel"): "pydantic",
    ("omegaconf", "DictConfig"): "omegaconf",
    ("ml_collections", "ConfigDict"): "ml_collections",
    ("addict", "Dict"): "mapping",
    ("box", "Box"): "mapping",
    ("easydict", "EasyDict"): "mapping",
    ("munch", "Munch"): "mapping",
}
_SECRET_TYPES: Final = frozenset({"Secret", "SecretStr", "SecretBytes"})


def config_kind(value: object) -> str | None:
    """Return what kind of settings an object holds, by its type alone.

    Returns
    -------
    str or None
        ``argparse``, ``dataclass``, ``pydantic``, ``attrs``, ``omegaconf``, ``ml_collections``,
        ``namespace`` (``SimpleNamespace``) or ``mapping`` (a library's dictionary with
        attributes); ``None`` for anything else, classes and plain dictionaries among them.
    """
    kind = type(value)
    if issubclass(kind, type):
        return None
    if kind is types.SimpleNamespace:
        return "namespace"
    if not own_flags(kind) & MADE_IN_PYTHON:
        return None  # numbers, texts, arrays: none of these is made in C, and most variables are
    for base in own_mro(kind)[:-1]:
        found = _KINDS.get((_package(base), own_name(base)))
        if found is not None:
            return found
    if declared(kind, "__attrs_attrs__") is not None:
        return "attrs"
    return "dataclass" if declared(kind, "__dataclass_fields__") is not None else None


def settings_of(value: Any) -> dict[Any, Any] | None:
    """Return the settings that an object of a known kind holds, its outermost level alone.

    Interpolations of OmegaConf are resolved; one that cannot be stays as it is written. What has
    to be given and was not is `NOT_GIVEN`.

    Returns
    -------
    dict or None
        In their order; ``None`` for an object of no known kind.
    """
    kind = config_kind(value)
    return dict(_READERS[kind](value)) if kind is not None else None


def _package(kind: type) -> str:
    return str(own_module(kind)).partition(".")[0]


def declared(kind: type, name: str) -> Any:
    """Return an attribute of a class, as it or a base of it declares it, asking nobody."""
    return next((own_dict(base)[name] for base in own_mro(kind) if name in own_dict(base)), None)


def _variables(value: Any) -> Iterator[tuple[str, Any]]:
    yield from object.__getattribute__(value, "__dict__").copy().items()


def _named(value: Any, names: Iterator[str]) -> Iterator[tuple[str, Any]]:
    for name in names:
        try:
            yield name, object.__getattribute__(value, name)
        except AttributeError:
            continue  # declared, and not set


def _of_attrs(value: Any) -> Iterator[tuple[str, Any]]:
    return _named(value, (field.name for field in declared(type(value), "__attrs_attrs__")))


def _of_dataclass(value: Any) -> Iterator[tuple[str, Any]]:
    return _named(value, iter(declared(type(value), "__dataclass_fields__")))


def _of_pydantic(value: Any) -> Iterator[tuple[str, Any]]:
    items = dict(_variables(value))
    with contextlib.suppress(AttributeError):  # version 1 keeps them with the rest
        items |= object.__getattribute__(value, "__pydantic_extra__") or {}
    for name, item in items.items():
        yield name, mark(name) if _hides(item) else item


def _hides(value: object) -> bool:
    """Return whether a value is a ``pydantic.SecretStr`` or the like."""
    return any(
        own_name(base) in _SECRET_TYPES and _package(base) == "pydantic"
        for base in own_mro(type(value))
    )


def _of_omegaconf(value: Any) -> Iterator[tuple[Any, Any]]:
    if not value.keys():
        return  # it may stand for None, too
    for key, written in list(value.items_ex(resolve=False)):
        try:
            yield key, value[key]
        except Exception:  # noqa: BLE001 - an interpolation may fail in any way, `???` does
            yield key, str(written)


def _of_mapping(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(value.keys()):
        try:
            yield key, value[key]
        except Exception:  # noqa: BLE001 - a placeholder of ml_collections raises when it is read
            yield key, NOT_GIVEN


_READERS: Final[Mapping[str, Callable[[Any], Iterator[tuple[Any, Any]]]]] = {
    "argparse": _variables,
    "namespace": _variables,
    "dataclass": _of_dataclass,
    "attrs": _of_attrs,
    "pydantic": _of_pydantic,
    "omegaconf": _of_omegaconf,
    "ml_collections": _of_mapping,
    "mapping": _of_mapping,
}
