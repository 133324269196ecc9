"""Values known to be secret: from the environment, and from what was met by name."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from urllib.parse import quote, unquote

from runfolio.capture.secrets.allowed import is_placeholder, looks_drawn
from runfolio.capture.secrets.names import is_password_name, is_secret_name

__all__ = ["KnownValues"]

_SHORTEST: Final = 8
_MOST: Final = 500
_FORMS_OF_BASE64: Final = 3

# One for all: a forked child may not wait for that of a thread it does not have.
_adding = threading.Lock()


def _after_fork() -> None:
    global _adding
    _adding = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class KnownValues:
    """Secret values, in memory only, in every form in which text shows them.

    Parameters
    ----------
    environ : mapping of str to str
        Variables of a secret name; what they hold is known from the beginning.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._kinds: dict[bytes, str] = {}
        self._known: set[str] = set()
        for name, value in environ.items():
            if is_secret_name(name):
                self._add(name, value, drawn=_is_given(value))

    @property
    def count(self) -> int:
        """How many values are known."""
        return len(self._known)

    def learn(self, name: str, value: str) -> None:
        """Know a value that was found by its name; what looks like a word is not learned."""
        self._add(name, value, drawn=looks_drawn(value.encode("utf-8", "surrogatepass")))

    def learn_given(self, name: str, value: str) -> None:
        """Know a value that was given by its name on purpose; a password may be several words."""
        if is_password_name(name) and _is_given(value):
            self._add(name, value, drawn=True)
        else:
            self.learn(name, value)

    def _add(self, name: str, value: str, *, drawn: bool) -> None:
        with _adding:
            if (
                len(value) < _SHORTEST
                or not drawn
                or value in self._known
                or len(self._known) >= _MOST
            ):
                return
            self._known.add(value)
            kinds = dict(self._kinds)
            for form in _forms(value):
                kinds.setdefault(form, name)
            # Replaced as a whole: who searches goes through what was there.
            self._kinds = dict(sorted(kinds.items(), key=lambda item: -len(item[0])))

    def find(self, text: bytes, check: Callable[[], None]) -> Iterator[tuple[int, int, str]]:
        """Yield start, end and kind wherever one of them stands; `check` raises to end the search."""
        for form, kind in self._kinds.items():
            check()
            at = text.find(form)
            while at >= 0:
                yield at, at + len(form), kind
                at = text.find(form, at + len(form))


def _is_given(value: str) -> bool:
    """Return whether what somebody gave is more than a word, and no placeholder."""
    raw = value.encode("utf-8", "surrogatepass")
    return not value.isalpha() and not is_placeholder(raw)


def _forms(value: str) -> Iterator[bytes]:
    raw = value.encode("utf-8", "surrogatepass")
    yield raw
    texts = {
        quote(value, safe="", errors="replace"),
        quote(value, errors="replace"),
        unquote(value),
    }
    texts |= {json.dumps(value)[1:-1], json.dumps(json.dumps(value)[1:-1])[1:-1], repr(value)[1:-1]}
    yield from (text.encode("utf-8", "surrogatepass") for text in texts if len(text) >= _SHORTEST)
    for shift in range(_FORMS_OF_BASE64):
        # Text before it moves its letters; those at the ends depend on what stands beside it.
        whole = base64.b64encode(b"\0" * shift + raw)
        first, last = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        if last - first >= _SHORTEST:
            yield whole[first:last]
            yield whole[first:last].translate(bytes.maketrans(b"+/", b"-_"))
