"""Which names stand for secrets, and what stands in their place."""

from __future__ import annotations

import pytest

from runfolio.capture.secrets.addresses import clean_remote, redact_urls
from runfolio.capture.secrets.argv import redact_argv
from runfolio.capture.secrets.names import is_secret_name

SECRET = [
    "password",
    "db_password",
    "DB_PASSWORD",
    "passwd",
    "pwd",
    "user_pass",
    "passphrase",
    "api_key",
    "apiKey",
    "APIKey",
    "apikey",
    "API-KEY",
    "OPENAI_API_KEY",
    "WANDB_API_KEY",
    "openai_key",
    "stripe_key",
    "aws_secret_access_key",
    "access_key",
    "private_key",
    "encryption_key",
    "ssh_key",
    "hf_token",
    "HF_TOKEN",
    "token",
    "auth_token",
    "authToken",
    "access_tokens",
    "refresh_token",
    "secret",
    "client_secret",
    "clientSecret",
    "credentials",
    "my_credential",
    "Authorization",
    "X-Api-Key",
    "cookie",
    "connection_string",
    "conn_str",
    "sentry_dsn",
    "bearer",
    "sas_token",
    "slack_webhook",
]

HARMLESS = [
    "lr",
    "batch_size",
    "epochs",
    "name",
    "tokenizer",
    "token_pattern",
    "tfidfvectorizer__token_pattern",
    "token_classification",
    "tokenizer_name",
    "max_tokens",
    "d_token",
    "auth_dim",
    "num_tokens",
    "n_tokens",
    "tokens",
    "token_dim",
    "eos_token",
    "pad_token_id",
    "bos_token",
    "mask_token",
    "token_count",
    "tokens_per_step",
    "n_keys",
    "num_keys",
    "keys",
    "key",
    "key_dim",
    "label_key",
    "sort_key",
    "primary_key",
    "public_key",
    "target_key",
    "monkey",
    "keyboard",
    "keypoints",
    "turkey",
    "hockey",
    "password_file",
    "token_path",
    "api_key_name",
    "key_file",
    "token_url",
    "secret_name",
    "author",
    "authority",
    "passes",
    "n_pass",
    "forward_pass",
    "compass",
    "encoder",
    "tokenization",
    "secretary",
    "seed",
    "patience",
    "no_auth",
    "cache_key",
    "rng_key",
]


@pytest.mark.parametrize("name", SECRET)
def test_a_name_of_a_secret_is_known(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_name_is_left_alone(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize("name", ["", "_", "…", "1", "-" * 1000])
def test_odd_names_are_no_secrets(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--password", "x1", "--lr", "3"], ["--password", "[redacted:password]", "--lr", "3"]),
        (["--api-key=x1"], ["--api-key=[redacted:api-key]"]),
        (["--apiKey", "x1"], ["--apiKey", "[redacted:apiKey]"]),
        (["DB_PASSWORD=x1"], ["DB_PASSWORD=[redacted:DB_PASSWORD]"]),
        (["+db.password=x1"], ["+db.password=[redacted:password]"]),
        (["Authorization: Bearer x1"], ["Authorization: [redacted:Authorization]"]),
        (['{"api_key": "x1", "n": 3}'], ['{"api_key": "[redacted:api_key]", "n": 3}']),
        (["https://u:x1@host/p?a=1"], ["https://[redacted:user-info]@host/p?a=1"]),
        (["https://h/p?sig=x1&a=1"], ["https://h/p?sig=[redacted:sig]&a=1"]),
        (["--token", "--lr", "3"], ["--token", "--lr", "3"]),
        (["--no-auth", "train.py"], ["--no-auth", "train.py"]),
        (["--max-tokens", "5", "-3"], ["--max-tokens", "5", "-3"]),
        (["--password"], ["--password"]),
        (["--password", "-"], ["--password", "[redacted:password]"]),
    ],
)
def test_a_command_line_keeps_all_but_its_secrets(argv, expected):
    assert redact_argv(argv) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r.git"),
        ("https://user:tok@github.com/o/r.git", "https://github.com/o/r.git"),
        ("https://tok@host:8443/r?private_token=t#f", "https://host:8443/r"),
        ("git@github.com:o/r.git", "github.com:o/r.git"),
        ("ssh://git@host:22/o/r", "ssh://host:22/o/r"),
        ("ssh://git@[::1]:22/o/r", "ssh://[::1]:22/o/r"),
        ("/home/me/work/r.git", "r.git"),
        ("../r", "r"),
        ("file:///home/me/r", "r"),
        ("C:\\Users\\me\\r", "r"),
        ("ext::sh -c x", None),
        ("", None),
        ("https://ho\nst/x", None),
        ("https://[bad/x", None),
        ("/", None),
    ],
)
def test_a_remote_is_kept_without_user_query_and_folders(address, expected):
    assert clean_remote(address) == expected


def test_an_ssh_login_in_a_requirement_stays_usable():
    text = "pkg @ git+ssh://git@host/r\npkg2 @ git+https://tok3n@host/r\n"
    assert (
        redact_urls(text)
        == "pkg @ git+ssh://git@host/r\npkg2 @ git+https://[redacted:user-info]@host/r\n"
    )


def test_long_text_is_read_in_linear_time():
    text = "a=" * 200_000 + "://" * 100_000
    assert len(redact_argv([text])) == 1
