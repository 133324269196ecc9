"""Of the secrets planted in texts of every sort nearly all are found, and next to nothing else is."""

from __future__ import annotations

import random

import pytest
from tests.capture.code_and_logs import ORDINARY, left_by_people
from tests.capture.secret_corpus import (
    CONTEXTS,
    draw,
    hard_lines,
    is_left,
    ordinary_files,
    planted,
    rows,
)

from runfolio.capture.secrets.redact import Redactor


@pytest.mark.parametrize("context", CONTEXTS)
def test_nearly_all_planted_secrets_are_found(context: str) -> None:
    texts = list(planted(context))
    left = [text.form for text in texts if is_left(Redactor({}).redact_text(text.text)[0], text)]

    print(f"{context}: {1 - len(left) / len(texts):.1%} of {len(texts)} found; left: {left}")
    assert len(left) <= 0.05 * len(texts)


def test_nearly_all_secrets_that_people_leave_in_code_and_logs_are_found() -> None:
    texts = list(left_by_people(1))
    left = [
        (where, text.form)
        for where, text in texts
        if is_left(clean := Redactor({}).redact_text(text.text)[0], text)
        or any(secret in clean for secret in text.secrets)
    ]

    print(f"code and logs: {1 - len(left) / len(texts):.1%} of {len(texts)} found; left: {left}")
    assert len(left) <= 0.05 * len(texts)


def test_code_and_logs_that_only_look_as_if_stay() -> None:
    lines = [
        draw(form.replace("<PIPE>", "|"), random.Random(form))[0]
        for row in rows(ORDINARY)
        for form in row.split("|")
    ]

    assert [line for line in lines if Redactor({}).redact_text(line)[1]] == []


def test_lines_that_only_look_like_secrets_stay() -> None:
    lines = list(hard_lines(5))
    changed = [form for form, line in lines if Redactor({}).redact_text(line)[1]]

    print(f"{len(changed)} of {len(lines)} lines changed")
    assert changed == []


def test_ordinary_sources_give_next_to_no_false_alarm() -> None:
    texts = [path.read_bytes() for path in ordinary_files(200)]
    lines = sum(text.count(b"\n") for text in texts)
    alarms = sum(len(Redactor({}).redact(text).found) for text in texts)

    print(f"{alarms} alarms in {lines:,} lines")
    assert lines > 10_000
    assert alarms <= lines / 1000


def test_a_value_that_stands_before_its_name_does_is_found_there_too() -> None:
    (text, *_) = (one for one in planted("py") if one.name == "COHERE_API_KEY")
    (secret,) = text.secrets

    clean, _ = Redactor({}).redact_text(f"sent {secret}\n{text.text}")

    assert secret not in clean


def test_no_letter_of_several_bytes_is_cut() -> None:
    text = "password: 1" + "é" * 5000 + " \ud800 end"

    clean, _ = Redactor({}).redact_text(text)

    assert clean.endswith(" \ud800 end")


def test_a_key_block_that_reaches_over_a_part_of_a_long_text_is_found_whole() -> None:
    (block, *_) = (one for one in planted("file") if one.form == "key block")
    text = "x = 1\n" * ((1 << 20) // 6 - 60) + block.text

    clean, _ = Redactor({}).redact_text(text)

    assert all(secret not in clean for secret in block.secrets)


def test_a_line_of_fifty_megabytes_full_of_hints_is_withheld_not_passed() -> None:
    (text, *_) = (one.text for one in planted("yaml") if one.name == "api_key")
    line = text.replace("\n", " ").encode()

    done = Redactor({}).redact(line * (50_000_000 // len(line)), max_seconds=0.2)

    assert done.withheld
    assert len(done.text) < 200
