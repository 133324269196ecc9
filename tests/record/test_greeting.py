"""One line when a run begins, one or two when it has ended, nothing else."""

from __future__ import annotations

import pytest

from runfolio.record.api import init


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLIO_SILENT", "false")


def test_a_run_says_where_it_lies_and_what_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    run = init(name="first")
    run.log({"a": 1})
    run.finish()
    out, err = capsys.readouterr()
    begin, end = err.splitlines()
    assert out == ""
    assert begin == f"runfolio: ● first {run.id[-6:]} → {run.path}"
    assert end.startswith(f"runfolio: ✓ first {run.id[-6:]} · 1 point · ")


def test_what_was_captured_is_told_in_a_line_of_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "true")
    run = init()
    run.log({"a": 1})
    run.finish()
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("runfolio: whole code, environment, seeds, metrics · missing config, ")
    assert last.endswith(" · replayable: yes")


def test_a_name_cannot_speak_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    init(name="\x1b]52;c;aGk=\x07\x9b2J\u202e\nx").finish()
    err = capsys.readouterr().err
    assert all(c.isprintable() or c == "\n" for c in err)
    assert err.count("\n") == 2


def test_silence_is_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    init().finish(quiet=True)
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setenv("RUNFOLIO_SILENT", "true")
    init().finish()
    assert capsys.readouterr().err == ""


def test_a_name_of_a_million_characters_is_one_short_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    init(name="n" * 1_000_000).finish()
    assert max(map(len, capsys.readouterr().err.splitlines())) < 1000
