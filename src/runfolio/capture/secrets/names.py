"""Names that stand for secrets, and the marks put in place of their values."""

from __future__ import annotations

import functools
import itertools
import re
from typing import Final

__all__ = [
    "is_password_name",
    "is_secret_name",
    "mark",
    "may_name_a_secret",
    "own_name",
    "words_of",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# A name that holds one of these words holds a secret, whatever the other words are.
_SECRET: Final = _words(
    "password passwords passwd passphrase passcode pswd psw psk pwd pw secret secrets credential credentials creds apikey "
    "apikeys authtoken accesstoken apitoken secretkey privatekey accesskey clientsecret authorization "
    "bearer cookie cookies dsn webhook auth sessionid sessid phpsessid jsessionid csrftoken"
)
_SECRET_PAIRS: Final = frozenset(
    {("connection", "string"), ("conn", "str"), ("conn", "string"), ("session", "id"),
     ("api", "key"), ("api", "keys"), ("access", "keys"), ("secret", "keys"), ("private", "keys"),
     ("key", "data"),
     ("totp", "seed"), ("otp", "seed"), ("mfa", "seed"), ("recovery", "code"), ("recovery", "codes"),
     ("backup", "codes"), ("seed", "phrase")}
)  # fmt: skip

# `…_pass` is a password unless the word before it says what passes, or how often.
_PASSES: Final = _words(
    "forward backward first second third last next prev previous one two three single multi multiple n num "
    "by per each final full full low high band all any can did does will must should may to not is "
    "test tests render shader compile compiler optimization opt graph model train training val data "
    "fwd bwd fw bw warmup mini bulk pre post initial partial slow fast boarding season lookup filter"
)

# PGPASSWORD, dbpasswd: written together.
_ENDS: Final = ("password", "passwd", "apikey")

# What people type, and can remember.
_TYPED: Final = _words("password passwords passwd passphrase passcode pwd pswd psw pw pass psk")

# What a name says *about* a secret is none: where it lies, how long it is, what it is called.
_ABOUT: Final = _words(
    "path paths file files filename dir folder name names env var len length size dim min max count num "
    "type column field policy url uri endpoint required enabled expiry ttl pattern patterns regex"
)

# `--no-auth` takes no value: what follows it is another argument.
_SWITCH: Final = _words("no not skip disable without is has")

# `token` is the text model's word far more often than the bank's.
_TOKEN_OF_TEXT: Final = _words(
    "pad eos bos unk mask cls sep special start end stop begin image vision audio text first last next "
    "prev new max min num n d per count id ids type types len length size dim embedding emb embed level "
    "loss limit budget weight weights ratio prob dropout drop mixing position pos idx index list class "
    "register merging merge pruning rate throughput cost vocab sampler kind word sub time latency acc "
    "accuracy mixer shift label labels target classification"
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
    "new old this each any best from to"
)

# Words that say little: what is called so is a secret only if it looks like one.
_SOMETIMES: Final = _words("token tokens tok pat salt appid sk session sid signature sig sso")

_MARK: Final = "[redacted:{}]"
_UNSAFE_IN_MARK: Final = re.compile(r"[^A-Za-z0-9_.-]+")


@functools.lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Return whether a variable, option or key of this name holds a secret.

    Words are read in ``snake_case``, ``kebab-case`` and ``camelCase``. ``api_key``, ``hf_token``,
    ``DB_PASSWORD`` and ``clientSecret`` are secret; ``max_tokens``, ``tokenizer``, ``n_keys``,
    ``pad_token``, ``label_key`` and ``password_file`` are not.
    """
    words = words_of(name)
    while len(words) > 1 and words[-1].isdigit():
        words.pop()  # `api_key_2` is one more of the same
    if not words or (len(words) > 1 and (words[-1] in _ABOUT or words[0] in _SWITCH)):
        return False
    if not _SECRET.isdisjoint(words) or words == ["pass"]:
        return True
    if any(word.endswith(_ENDS) for word in words):
        return True
    if words[-1] == "pass" and words[-2] not in _PASSES:
        return True
    if any(pair in _SECRET_PAIRS for pair in itertools.pairwise(words)):
        return True
    rest = set(words)
    if "token" in rest:
        return _TOKEN_OF_TEXT.isdisjoint(rest - {"token"})
    if "tokens" in rest:
        return not _TOKENS_OF_ACCESS.isdisjoint(rest)
    return len(words) > 1 and words[-1] == "key" and words[-2] not in _KEY_OF_LOOKUP


@functools.lru_cache(maxsize=4096)
def may_name_a_secret(name: str) -> bool:
    """Return whether a name that is none of a secret is one if its value looks like a key.

    ``LABEL_STUDIO_TOKEN`` is one of them, ``GH_PAT``, ``salt``.
    """
    words = words_of(name)
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    return bool(words) and words[-1] in _SOMETIMES


@functools.lru_cache(maxsize=4096)
def is_password_name(name: str) -> bool:
    """Return whether what is called so is typed by people, and may be words: no key that is drawn."""
    words = words_of(name)
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    return bool(words) and (
        words[-1] in _TYPED or words[-1].endswith(("password", "passwd", "pwd"))
    )


def mark(name: str) -> str:
    """Return the visible mark that stands for a value left out: ``[redacted:api-key]``."""
    return _MARK.format(_UNSAFE_IN_MARK.sub("-", name).strip("-.")[:40] or "secret")


def own_name(dotted: str) -> str:
    """Return the part of a dotted name that says what it is: ``fs.s3a.secret.key`` is a secret key."""
    *_, before, last = ["", *dotted.split(".")]
    return last if last != "key" or not before else f"{before}.{last}"


def words_of(name: str) -> list[str]:
    """Return the words of a name in ``snake_case``, ``kebab-case`` or ``camelCase``, in lower case."""
    return [word.lower() for word in _WORDS.findall(name)]
