"""A corpus of planted secrets that the rules were not written for: contexts, names and formats in thirds."""

from __future__ import annotations

import base64
import hashlib
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from urllib.parse import quote

from tests.capture.held_out_contexts import TEMPLATES
from tests.capture.held_out_formats import (
    ALONE,
    NAMED,
    NEEDS_A_NAME,
    PASSWORD_NAMES,
    PASSWORDS,
    SECRET_NAMES,
    drawn,
)
from tests.capture.held_out_last import NAMES, SHAPES, TYPED
from tests.capture.held_out_last import PASSWORD_NAMES as LAST_PASSWORD_NAMES
from tests.capture.held_out_last import TEMPLATES as LAST

__all__ = ["Case", "cases", "is_left"]

_LAST = 3


@dataclass(frozen=True)
class Case:
    """A text with one secret in it; `parts` are what must not be left of it."""

    context: str
    format: str
    text: str
    parts: tuple[str, ...]


_UNNAMED = ("py positional", "py in list", "url path", "url token user")
HOSTS = ("db.example.com", "api.acme.io", "10.0.4.17", "data.corp.internal", "example.org")
USERS = ("alice", "svc_report", "deploy", "admin", "bob")
ORDINARY = ("fast", "eu-west-1", "prod", "v2", "sales")


def third(word: str) -> int:
    """Return which third of the corpus a context, a name or a format belongs to: 0, 1 or 2."""
    return hashlib.sha256(word.encode()).digest()[0] % 3


def cases(part: int, *, seed: int = 1, draws: int = 12) -> Iterator[Case]:
    """Yield one part of the corpus: its contexts with its names and its formats only."""
    for line in (LAST if part == _LAST else TEMPLATES).strip().splitlines():
        about, text = line.split("|", 1)
        kinds, context = about.split(" ", 1)
        if part != _LAST and third(context) != part:
            continue
        r = Random(f"{seed} {context}")
        text = text.replace(r"\|", "|").replace(r"\n", "\n") if r"\r" not in text else text
        text = text.replace("␛", "\x1b")
        for _ in range(draws):
            yield _case(context, text, r.choice(kinds), part, r)
    if part != _LAST:
        yield from _keys(part, seed, draws)


def _case(context: str, text: str, kind: str, part: int, r: Random) -> Case:
    form, value, names = (_of_the_last if part == _LAST else _of_a_third)(context, kind, part, r)
    words = r.choice(names).split()
    snake, user = "_".join(words), r.choice(USERS)
    camel = words[0] + "".join(word.title() for word in words[1:])
    half = len(value) // 2
    both = base64.b64encode(f"{user}:{value}".encode()).decode()
    shown = {
        "n": snake, "N": snake.upper(), "c": camel, "C": camel[0].upper() + camel[1:], "k": "-".join(words), "w": " ".join(words),
        "v": value, "q": quote(value, safe=""), "b": both, "u": user, "h": r.choice(HOSTS), "x": r.choice(ORDINARY),
        "1": value[:half], "2": value[half:],
    }  # fmt: skip
    parts = (
        (both,)
        if "«b»" in text
        else (shown["q"],)
        if "«q»" in text
        else (value[:half], value[half:])
        if "«1»" in text
        else (value,)
    )
    for mark, word in shown.items():
        text = text.replace(f"«{mark}»", word).replace(f"«{mark}>", word)
    return Case(context, form, text, parts)


def _of_a_third(context: str, kind: str, part: int, r: Random) -> tuple[str, str, list[str]]:
    names = [n for n in (PASSWORD_NAMES if kind == "P" else SECRET_NAMES) if third(n) == part]
    forms = [n for n in {"A": ALONE, "N": NAMED, "P": PASSWORDS}[kind] if third(n) == part]
    if "bare" in context or context in _UNNAMED:
        forms = [n for n in forms if n not in NEEDS_A_NAME and "webhook" not in n and n != "teams"]
    form = r.choice(forms)
    return form, PASSWORDS[form](r) if kind == "P" else drawn(r, (ALONE | NAMED)[form]), names


def _of_the_last(_: str, kind: str, __: int, r: Random) -> tuple[str, str, list[str]]:
    shapes = {"A": SHAPES, "N": NAMED, "P": TYPED}[kind]
    form = r.choice(list(shapes))
    names = LAST_PASSWORD_NAMES if kind == "P" else NAMES
    return form, drawn(r, shapes[form].replace("~", "")), names


def is_left(case: Case, text: str) -> bool:
    """Return whether a piece of a secret, 30 % of it and at least 8 characters, is still there."""
    for part in case.parts:
        n = max(min(8, len(part)), -(-len(part) * 3 // 10))
        if any(part[at : at + n] in text for at in range(len(part) - n + 1)):
            return True
    return False


def _keys(part: int, seed: int, draws: int) -> Iterator[Case]:
    """Yield private keys as they are found in files, sources and settings."""
    r = Random(f"{seed} keys")
    shapes = {
        "pem file": "{pem}", "pem source": 'key = """{pem}"""', "pem json": '{{"private_key": "{one}"}}', "pem yaml": "key: |\n{in4}",
        "pem env": 'PRIVATE_KEY="{one}"', "pem log": "INFO loaded {one}", "pem diff": "{plus}", "pem concatenated": "key = (\n{lines}\n)",
        "pem bare one line": "{one}", "pem repr": "'{one}'", "pem quoted comment": "{hash}", "pem cut": "{cut}",
    }  # fmt: skip
    kinds = (
        "RSA PRIVATE KEY",
        "PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    )
    for name, shape in shapes.items():
        for kind in kinds[part::3] if third(name) == part else ():
            for _ in range(max(1, draws // 4)):
                body = textwrap.wrap(drawn(r, f"|b{r.choice((200, 800, 1600))}|"), 64)
                lines = [f"-----BEGIN {kind}-----", *body, f"-----END {kind}-----"]
                pem = "\n".join(lines)
                text = shape.format(
                    pem=pem, one="\\n".join(lines), in4=textwrap.indent(pem, "    "), plus=textwrap.indent(pem, "+"),
                    lines="\n".join(f'    "{line}\\n"' for line in lines), hash=textwrap.indent(pem, "# "), cut="\n".join(lines[:-1]),
                )  # fmt: skip
                yield Case(name, kind, text, tuple(body))
