"""Command lines without their secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from runfolio.capture.secrets.addresses import redact_urls
from runfolio.capture.secrets.names import is_secret_name, mark

__all__ = ["redact_argv", "secrets_of_argv"]

_ASSIGNED: Final = re.compile(
    r"(?P<name>[+~]{0,2}-{0,2}[A-Za-z_][\w.@/-]{0,120})=(?P<value>.+)", re.DOTALL
)
_JSON_PAIR: Final = re.compile(
    r"\"(?P<name>[\w.-]{1,80})\"(?P<between>\s*:\s*)\"(?P<value>(?:[^\"\\]|\\.)*)\""
)
_HEADER: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9-]{1,60}):\s*(?P<value>\S.*)", re.DOTALL)


_MARK: Final = "[redacted:"


def redact_argv(argv: Iterable[str]) -> list[str]:
    """Return a command line with its secrets replaced by marks.

    Known by name are ``--password x``, ``--api-key=x``, ``TOKEN=x``, ``db.password=x`` (Hydra),
    ``{"api_key": "x"}`` and ``Authorization: x``; addresses lose their user info.
    """
    redacted: list[str] = []
    expected: str | None = None
    for argument in argv:
        if expected is not None and not _is_option(argument):
            redacted.append(mark(expected))
            expected = None
            continue
        expected = None
        if _is_option(argument) and "=" not in argument:
            name = argument.lstrip("-")
            expected = name if is_secret_name(name) else None
        redacted.append(_redacted_argument(argument))
    return redacted


def secrets_of_argv(argv: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield name and value of each secret that a command line holds under a name of its own."""
    for argument, shown in zip(argv, redact_argv(argv), strict=True):
        before, found, after = shown.partition(_MARK)
        kind, _, rest = after.partition("]")
        if found and argument.startswith(before) and not rest:
            yield kind, argument[len(before) :]


def _is_option(argument: str) -> bool:
    # A negative number is a value; so is the lone dash that stands for standard input.
    return argument.startswith("-") and (argument[1:2].isalpha() or argument[1:2] == "-")


def _redacted_argument(argument: str) -> str:
    assigned = _ASSIGNED.fullmatch(argument)
    if assigned is not None:
        name = _innermost(assigned["name"].lstrip("+~-"))
        if is_secret_name(name):
            return f"{assigned['name']}={mark(name)}"
    header = _HEADER.fullmatch(argument)
    if header is not None and is_secret_name(header["name"]):
        return f"{header['name']}: {mark(header['name'])}"
    return redact_urls(_JSON_PAIR.sub(_redacted_pair, argument))


def _innermost(name: str) -> str:
    parts: Sequence[str] = re.split(r"[./@]", name)
    return parts[-1] if is_secret_name(parts[-1]) or len(parts) == 1 else name


def _redacted_pair(match: re.Match[str]) -> str:
    if not is_secret_name(match["name"]):
        return match[0]
    return f'"{match["name"]}"{match["between"]}"{mark(match["name"])}"'
