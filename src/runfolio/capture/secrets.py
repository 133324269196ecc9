"""Names that stand for secrets, and the marks put in place of their values."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

__all__ = ["clean_remote", "is_secret_name", "mark", "redact_argv", "redact_urls"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# A name that holds one of these words holds a secret, whatever the other words are.
_SECRET: Final = _words(
    "password passwords passwd passphrase pswd pwd secret secrets credential credentials creds apikey "
    "apikeys authtoken accesstoken apitoken secretkey privatekey accesskey clientsecret authorization "
    "bearer cookie cookies dsn webhook auth"
)
_SECRET_PAIRS: Final = frozenset(
    {("connection", "string"), ("conn", "str"), ("conn", "string"), ("session", "id"),
     ("api", "key"), ("api", "keys"), ("access", "keys"), ("secret", "keys"), ("private", "keys"),
     ("user", "pass"), ("db", "pass"), ("smtp", "pass"), ("sudo", "pass"), ("root", "pass"),
     ("admin", "pass"), ("mysql", "pass")}
)  # fmt: skip

# What a name says *about* a secret is none: where it lies, how long it is, what it is called.
_ABOUT: Final = _words(
    "path paths file files filename dir folder name names env var len length size min max count num "
    "type column field policy url uri endpoint required enabled expiry ttl"
)

# `--no-auth` takes no value: what follows it is another argument.
_SWITCH: Final = _words("no not skip disable without is has")

# `token` is the text model's word far more often than the bank's.
_TOKEN_OF_TEXT: Final = _words(
    "pad eos bos unk mask cls sep special start end stop begin image vision audio text first last next "
    "prev new max min num n per count id ids type types len length size dim embedding emb embed level "
    "loss limit budget weight weights ratio prob dropout drop mixing position pos idx index list class "
    "register merging merge pruning rate throughput cost vocab sampler kind word sub time latency acc "
    "accuracy mixer shift label labels target"
)
_TOKENS_OF_ACCESS: Final = _words(
    "access auth api refresh session secret hf github gitlab personal bot bearer oauth"
)

# `…_key` opens something unless the word before it says that it is looked up by.
_KEY_OF_LOOKUP: Final = _words(
    "n num public primary foreign sort sorting partition group index label target feature features "
    "metric monitor column image img text audio video query value dict json cache config state input "
    "output data batch loss time date step rng prng random jax dropout init shuffle sample split sub "
    "parent lookup map field row record item name sequence attention search object registry checkpoint "
    "ckpt model class category meta caption answer question prompt response score reward action obs "
    "observation order join merge dataset tag id hot short shift left right message content main stop "
    "new old this each any best"
)

_MARK: Final = "[redacted:{}]"
_UNSAFE_IN_MARK: Final = re.compile(r"[^A-Za-z0-9_.-]+")

_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30}://)(?P<user>[^\s/@'\"<>?#]{1,400})@"
)
_QUERY: Final = re.compile(
    r"(?P<before>[?&](?P<name>[A-Za-z0-9_.%-]{1,80})=)(?P<value>[^&#\s'\"]+)"
)
_ASSIGNED: Final = re.compile(
    r"(?P<name>[+~]{0,2}-{0,2}[A-Za-z_][\w.@/-]{0,120})=(?P<value>.+)", re.DOTALL
)
_JSON_PAIR: Final = re.compile(
    r"\"(?P<name>[\w.-]{1,80})\"(?P<between>\s*:\s*)\"(?P<value>(?:[^\"\\]|\\.)*)\""
)
_HEADER: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9-]{1,60}):\s*(?P<value>\S.*)", re.DOTALL)
_SCP_LIKE: Final = re.compile(
    r"(?:[^@/\s:]+@)?(?P<host>[A-Za-z0-9._-]{2,}|\[[0-9A-Fa-f:]+\]):(?!:)(?P<path>[^\s?#]+)"
)
_SIGNED: Final = frozenset({"sig", "signature", "token", "key", "code", "jwt"})
_LOCAL_SCHEMES: Final = frozenset({"file"})


def is_secret_name(name: str) -> bool:
    """Return whether a variable, option or key of this name holds a secret.

    Words are read in ``snake_case``, ``kebab-case`` and ``camelCase``. ``api_key``, ``hf_token``,
    ``DB_PASSWORD`` and ``clientSecret`` are secret; ``max_tokens``, ``tokenizer``, ``n_keys``,
    ``pad_token``, ``label_key`` and ``password_file`` are not.
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or (len(words) > 1 and (words[-1] in _ABOUT or words[0] in _SWITCH)):
        return False
    if not _SECRET.isdisjoint(words) or words == ["pass"]:
        return True
    if any(pair in _SECRET_PAIRS for pair in itertools.pairwise(words)):
        return True
    rest = set(words)
    if "token" in rest:
        return _TOKEN_OF_TEXT.isdisjoint(rest - {"token"})
    if "tokens" in rest:
        return not _TOKENS_OF_ACCESS.isdisjoint(rest)
    return len(words) > 1 and words[-1] == "key" and words[-2] not in _KEY_OF_LOOKUP


def mark(name: str) -> str:
    """Return the visible mark that stands for a value left out: ``[redacted:api-key]``."""
    return _MARK.format(_UNSAFE_IN_MARK.sub("-", name).strip("-.")[:40] or "secret")


def redact_urls(text: str) -> str:
    """Return `text` with user names, passwords and signatures in addresses replaced by marks.

    The login of an ``ssh`` address without a password (``ssh://git@host``) is no secret and stays.
    """
    return _QUERY.sub(_redacted_query, _URL.sub(_redacted_user, text))


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


def clean_remote(address: str) -> str | None:
    """Return the address of a git remote without user, password, query and local path.

    Returns
    -------
    str or None
        ``https://host/path``, ``ssh://host/path`` or ``host:path``; for a folder of this machine
        its last name; ``None`` for anything that is no address of these forms.
    """
    address = address.strip()
    if (
        not address
        or not address.isprintable()
        or "::" in address.partition("/")[0].partition("[")[0]
    ):
        return None
    if "://" in address:
        return _clean_url(address)
    scp = _SCP_LIKE.fullmatch(address)
    if scp is not None:
        return f"{scp['host']}:{scp['path']}"
    return _last_name(address)


def _clean_url(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() in _LOCAL_SCHEMES or not host:
        return _last_name(parts.path)
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"


def _last_name(path: str) -> str | None:
    names = [name for name in re.split(r"[/\\]", path) if name not in ("", ".", "..", "~", ".git")]
    return names[-1] if names else None


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


def _redacted_user(match: re.Match[str]) -> str:
    bare_login = ":" not in match["user"]
    if bare_login and match["scheme"].lower().endswith("ssh://"):
        return match[0]
    return f"{match['scheme']}{mark('user-info')}@"


def _redacted_query(match: re.Match[str]) -> str:
    name = match["name"]
    words = {word.lower() for word in _WORDS.findall(name)}
    if is_secret_name(name) or not words.isdisjoint(_SIGNED):
        return f"{match['before']}{mark(name)}"
    return match[0]
