"""Secrets in text: what is found by form, by name, by value; what is none; what stays as it was."""

from __future__ import annotations

import base64
import json
import random
import string
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfolio.capture.secrets.patches import redact_patch
from runfolio.capture.secrets.redact import Redactor

ALNUM = string.ascii_letters + string.digits


def drawn(length: int, seed: int = 0, letters: str = ALNUM) -> str:
    """Return a value that looks like a key; put together here, so that none stands in the file."""
    draw = random.Random(seed)
    while True:
        value = "".join(draw.choice(letters) for _ in range(length))
        if any(c.isdigit() for c in value) and any(c.isalpha() for c in value):
            return value


SECRET = drawn(24)


@pytest.mark.parametrize(
    "text",
    [
        'api_key = "{}"', "password: {}", "export TOKEN={}", '{{"client_secret": "{}"}}',
        '"source": ["api_key = \\"{}\\"\\n"]', 'curl -H "Authorization: Bearer {}" https://x.y',
        'headers = {{"Authorization": "Bearer {}"}}', 'login("{}")', "train.py --token {}",
        "train.py --api-key={}", "postgres://bob:{}@db/x", "machine h login bob password {}",
        "https://x.y/z?sig={}&a=1", "os.environ['OPENAI_API_KEY'] = '{}'",
        'os.environ.setdefault("HF_TOKEN", "{}")', 'token: str = "{}"', "Cookie: session={}; a=b",
        'cookies = {{"session_id": "{}"}}', "curl -u bob:{} http://x", "PGPASSWORD={} psql",
        "+    secret_key = '{}',", "2026-01-01 INFO token={} ok", "aws_secret_access_key = {}",
        "<password>{}</password>", 'session.auth = ("bob", "{}")', 'login(relogin=True, key="{}")',
        'Endpoint=sb://x;SharedAccessKey={}AAAAAAAAAAAAAAAAAAAA=', 'secret = rb"{}"',
        "sshpass -p {} ssh host", 'connect("h", "bob", passwd="{}")',
    ],
)  # fmt: skip
def test_a_secret_is_found_by_what_stands_around_it(text: str) -> None:
    clean, found = Redactor({}).redact_text(text.format(SECRET))

    assert SECRET not in clean
    assert "[redacted:" in clean
    assert len(found) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens = 4096", 'tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased")',
        "token = tokens[0]", 'api_key = os.environ["API_KEY"]', 'key = "train/loss"',
        "password = getpass.getpass()", 'pad_token="[PAD]"', 'sort_key="accuracy2024"',
        "token = self.token", "api_key: your-api-key-here", 'secret = "<your secret>"',
        "PASSWORD=$DB_PASSWORD", "sha256: 3f2a9c8b7d6e5f4a3f2a9c8b7d6e5f4a", "password=password",
        "auth = HTTPBasicAuth(user, password)", 'author = "bob1234 smith"', "token=token1",
        'state_key = "layer1.weight2"', "git clone git@host:a/b.git", "https://user@host/x",
        'def f(token: str = "abc"):', 'print("password: ", p)', "the --password options do that",
        'credentials = "path/to/cred1.json"', 'primary_key="id_2024_abc"', "_key = _pep_440_key",
        'steps=[("pass", "passthrough")]', "redis://{user}:{password}@{host}", "sk-estimator-doc-link",
        "keyboard='qwerty123'", 'token_pattern = r"[0-9]{1,3}(?:st|nd)"',
    ],
)  # fmt: skip
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert Redactor({}).redact_text(text) == (text, ())


@pytest.mark.parametrize(
    ("start", "length", "letters", "kind"),
    [
        ("ghp" + "_", 36, ALNUM, "github-token"),
        ("hf" + "_", 34, ALNUM, "huggingface-token"),
        ("AKI" + "A", 16, string.ascii_uppercase + string.digits, "aws-access-key"),
        ("sk-" + "ant-", 40, ALNUM, "anthropic-key"),
        ("AIz" + "a", 35, ALNUM, "google-key"),
        ("glpa" + "t-", 20, ALNUM, "gitlab-token"),
        ("dap" + "i", 32, "0123456789abcdef", "databricks-token"),
    ],
)
def test_a_token_is_found_by_its_form_alone(
    start: str, length: int, letters: str, kind: str
) -> None:
    token = start + drawn(length, 1, letters)

    clean, found = Redactor({}).redact_text(f"it said {token} and went on")

    assert clean == f"it said [redacted:{kind}] and went on"
    assert [(one.kind, one.line) for one in found] == [(kind, 1)]


def test_a_key_block_keeps_its_lines() -> None:
    body = "\n".join(drawn(64, n) for n in range(4))
    label = "RSA PRIVATE" + " KEY"
    text = f"a\n-----BEGIN {label}-----\n{body}\n-----END {label}-----\nb\n"

    clean, _ = Redactor({}).redact_text(text)

    assert clean.count("\n") == text.count("\n")
    assert clean.splitlines()[2:6] == ["[redacted:private-key]"] * 4
    assert clean.endswith(f"-----END {label}-----\nb\n")


@pytest.mark.parametrize("form", ["raw", "json", "url", "base64", "in base64"])
def test_the_value_of_a_secret_variable_is_found_in_every_form(form: str) -> None:
    value = 'pa"ss/' + drawn(12)
    shown = {
        "raw": value,
        "json": json.dumps(value)[1:-1],
        "url": quote(value, safe=""),
        "base64": base64.b64encode(value.encode()).decode(),
        "in base64": base64.b64encode(b"bob:" + value.encode()).decode(),
    }[form]

    clean, _ = Redactor({"DB_PASSWORD": value}).redact_text(f"log line {shown} end")

    assert shown[4:-4] not in clean
    assert clean.startswith("log line ")


def test_what_was_met_by_name_once_is_known_from_then_on() -> None:
    redactor = Redactor({})
    redactor.redact_text(f"api_key = '{SECRET}'")

    assert redactor.redact_text(f"sent {SECRET}")[0] == "sent [redacted:api_key]"


def test_a_line_may_say_that_it_holds_no_secret() -> None:
    text = f'api_key = "{SECRET}"  # runfolio: allow-secret'

    assert Redactor({}).redact_text(text)[0] == text
    assert Redactor({}, allow=[f"{SECRET[:5]}*"]).redact_text(f"token={SECRET}")[1] == ()


def test_settings_of_a_secret_name_are_marks_at_any_depth() -> None:
    found: list[object] = []
    clean = Redactor({}).redact_value({"db": {"password": "short"}, "lr": 0.1}, found)  # type: ignore[arg-type]

    assert clean == {"db": {"password": "[redacted:password]"}, "lr": 0.1}
    assert len(found) == 1


def test_what_takes_too_long_is_withheld_and_keeps_its_lines() -> None:
    text = b"token key secret=1\n" * 200_000

    done = Redactor({}).redact(text, max_seconds=0)

    assert done.withheld
    assert done.text.count(b"\n") == text.count(b"\n")
    assert len(done.text) < len(text) // 10


def test_a_text_that_is_withheld_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runfolio.capture.secrets.redact.MAX_SECONDS", 0)

    clean, found = Redactor({}).redact_text("token key secret=1 " * 10_000)

    assert clean.startswith("[withheld: ")
    assert [one.kind for one in found] == ["too long to search"]


PIECES = st.sampled_from(
    [
        "api_key = '",
        "'",
        "\n",
        "token=",
        SECRET,
        ' "password": "',
        '"',
        "https://a:",
        "@h/",
        "\\",
        "\0",
        "é",
    ]
)


@given(st.lists(PIECES | st.text(max_size=8), max_size=30))
def test_redacting_twice_is_redacting_once(pieces: list[str]) -> None:
    text = "".join(pieces)
    once, _ = Redactor({}).redact_text(text)

    assert Redactor({}).redact_text(once)[0] == once
    assert once.count("\n") == text.count("\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_looked_through(text: bytes) -> None:
    assert Redactor({"A_TOKEN": SECRET}).redact(text).text.count(b"\n") == text.count(b"\n")


def repository(folder: Path, before: str, after: str) -> bytes:
    def git(*words: str) -> bytes:
        done = subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        return done.stdout

    folder.mkdir()
    git("init", "-q")
    (folder / "train.py").write_text(before)
    (folder / "other.py").write_text("x = 1\n")
    git("add", ".")
    git("commit", "-qm", "first")
    (folder / "train.py").write_text(after)
    (folder / "other.py").write_text("x = 2\n")
    patch = git("diff", "--binary", "--full-index")
    git("checkout", "-q", ".")
    return patch


def test_a_patch_with_a_secret_in_an_added_line_still_applies(tmp_path: Path) -> None:
    patch = repository(tmp_path / "r", "a = 1\nb = 2\n", f"a = 1\ntoken = '{SECRET}'\nb = 2\n")

    done = redact_patch(Redactor({}), patch)

    subprocess.run(["git", "apply", "-"], input=done.patch, cwd=tmp_path / "r", check=True)
    assert (tmp_path / "r/train.py").read_text() == "a = 1\ntoken = '[redacted:token]'\nb = 2\n"
    assert (tmp_path / "r/other.py").read_text() == "x = 2\n"
    assert (len(done.found), done.left_out) == (1, ())


@pytest.mark.parametrize("after", ["b = 3\n", "token = '{}'\nb = 3\n"])
def test_a_file_whose_old_lines_hold_a_secret_is_left_out_of_the_patch(
    tmp_path: Path, after: str
) -> None:
    patch = repository(tmp_path / "r", f"token = '{SECRET}'\nb = 2\n", after.format(SECRET))

    done = redact_patch(Redactor({}), patch)

    assert SECRET.encode() not in done.patch
    assert done.left_out == ("train.py",)
    subprocess.run(["git", "apply", "-"], input=done.patch, cwd=tmp_path / "r", check=True)
    assert (tmp_path / "r/other.py").read_text() == "x = 2\n"


@pytest.mark.parametrize(
    ("name", "value", "known"),
    [
        ("password", "correct horse battery", True),
        ("password", "horsebattery", False),
        ("auth", "oauth-device-flow", False),  # what a mode is called, and no password
        ("password", "your password here", False),
    ],
)
def test_a_password_that_was_given_may_be_several_words(name: str, value: str, known: bool) -> None:
    redactor = Redactor({})
    redactor.known.learn_given(name, value)
    text = f"connected with {value}"
    assert (value not in redactor.redact_text(text)[0]) == known


def test_what_stands_in_for_a_token_is_none() -> None:
    for name in ("hub_token", "push_to_hub_token", "password"):
        text = f"<{name.upper()}>"
        assert Redactor({}).redact_text(text, name=name) == (text, ())
    assert Redactor({}).redact_text(f"<{SECRET}>", name="password")[1]
