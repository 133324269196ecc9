"""The words of a ``%track`` line: as a shell splits them, but a query stays as it is written.

A shell takes one layer of quotation marks away before a program sees its words. Nobody does so
for a magic, so a query must reach its reader untouched: quotation marks, backslashes and spaces
mean something there, and an error points at one of its characters.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["words_of"]

_QUOTATION: Final = re.compile(r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'")
_OPTION: Final = re.compile(r"""--?[^\s=]*(?:=(?:"[^"]*"|'[^']*'|\S)*)?""")
_VALUE: Final = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|\S)+)""")
_OPENS: Final = re.compile(r"(?:\A|[\s=!<>:(])[+-]?\Z")
_AWAITS: Final = re.compile(r"[=!<>:]\s*\Z")
"""What stands before a value of a query, be it behind spaces: ``lr > -1`` has no option."""


def words_of(line: str) -> list[str]:
    """Return the verb of a line and what follows it, a query as one word.

    Words that begin with ``-`` are options where the verb has such a one, or where they begin
    with ``--``; behind a ``--`` alone everything is the query.
    """
    from runfolio.verbs.table import GROUP

    verb, rest = (*line.split(maxsplit=1), "", "")[:2]
    command = GROUP.commands.get(verb)
    if command is None or not any(_is_query(param) for param in command.params):
        return _shell_words(line)
    takes_value = {name: not getattr(param, "is_flag", False) for param in command.params
                   if param.param_type_name == "option" for name in param.opts}  # fmt: skip
    options, query = _parted(rest, takes_value)
    if any(_is_names(param) for param in command.params) and not _asks(query):
        return [verb, *options, *(["--", *_shell_words(query)] if query else [])]
    return [verb, *options, *(["--", query] if query else [])]


def _is_query(param: Any) -> bool:
    return param.param_type_name == "argument" and (
        param.name == "query" or "QUERY" in (param.metavar or "")
    )


def _is_names(param: Any) -> bool:
    """Return whether runs may be named where a query may stand, as for ``compare``."""
    return param.param_type_name == "argument" and "RUN" in (param.metavar or "")


def _asks(text: str) -> bool:
    """Return whether something outside quotation marks makes a query of what may be names."""
    from runfolio.verbs.chosen import has_query_sign

    return any(map(has_query_sign, _QUOTATION.sub("x", text).split()))


def _parted(text: str, takes_value: Mapping[str, bool]) -> tuple[list[str], str]:
    """Return the options that stand in a text, and the text without them."""
    options: list[str] = []
    kept: list[str] = []
    at = since = 0
    while at < len(text):
        mark = text[at]
        if mark in "\"'" and _OPENS.search(text[:at]):
            closed = _QUOTATION.match(text, at)
            if closed is None:
                break
            at = closed.end()
        elif mark == "-" and (end := _option_end(text, at, takes_value)) is not None:
            kept.append(text[since:at])
            word = text[at:end].rstrip()
            at = since = end
            if word == "--":
                break
            options += _shell_words(word)
        else:
            at += 1
    return options, "".join([*kept, text[since:]]).strip()


def _option_end(text: str, at: int, takes_value: Mapping[str, bool]) -> int | None:
    """Return where an option with its value, and the space behind it, ends; ``None`` for none."""
    if (at and not text[at - 1].isspace()) or _AWAITS.search(text[:at]):
        return None
    match = _OPTION.match(text, at)
    word = match[0] if match is not None else ""
    name, given, _ = word.partition("=")
    is_long = name.startswith("--")
    if not is_long:
        name, given = name[:2], given or name[2:]
        if name not in takes_value:
            return None
    end = at + len(word)
    if takes_value.get(name) and not given and (value := _VALUE.match(text, end)) is not None:
        end = value.end()
    while end < len(text) and text[end].isspace():
        end += 1
    return end


def _shell_words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a lone apostrophe, as in: note @last it's better
        return text.split()
