"""Secrets in contexts whose writer had not seen the rules are found as well, nearly as often."""

from __future__ import annotations

from tests.capture.secrets_held_out import FORMATS, held_out

from runfolio.capture.secrets.redact import Redactor


def is_left(text: str, secret: str) -> bool:
    n = max(8, len(secret) * 3 // 10)
    return any(secret[at : at + n] in text for at in range(len(secret) - n + 1))


def test_secrets_in_contexts_that_no_rule_was_made_for_are_found() -> None:
    texts = [one for one in held_out(77) if one[0] not in FORMATS]
    left = [
        kind for kind, text, value in texts if is_left(Redactor({}).redact_text(text)[0], value)
    ]

    print(f"held out: {1 - len(left) / len(texts):.1%} of {len(texts)} found; left: {left}")
    # 94.9 to 95.6 % were measured: the rules are not made for what is left, so that it stays held out.
    assert len(left) <= 0.06 * len(texts)


def test_tokens_of_many_services_are_found_without_a_name() -> None:
    texts = [one for one in held_out(77) if one[0] in FORMATS]
    left = [
        kind for kind, text, value in texts if is_left(Redactor({}).redact_text(text)[0], value)
    ]

    print(f"tokens: {1 - len(left) / len(texts):.1%} of {len(texts)} found; left: {left}")
    assert len(left) <= 0.05 * len(texts)
