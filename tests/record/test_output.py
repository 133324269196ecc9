"""``output.log``: bounded, whole lines, a progress bar as it stood last."""

from __future__ import annotations

import errno
import random
from pathlib import Path

import pytest

from runfolio.capture.secrets.redact import Redactor
from runfolio.errors import RunfolioWarning
from runfolio.format.disk import Disk
from runfolio.format.layout import PartName
from runfolio.record.output import KeptOutput, Lines
from runfolio.testing import Fault, FaultyFiles


def without_secrets(text: bytes) -> bytes:
    return Redactor({}).redact(text).text


def kept(folder: Path, *pieces: bytes, limit: int = 1 << 20) -> bytes:
    output = KeptOutput(folder, Disk(), limit)
    lines = Lines(output, without_secrets)
    for piece in pieces:
        lines.feed(piece)
    lines.finish()
    output.finish()
    log = folder / "output.log"
    assert [path.name for path in folder.glob("output*")] == (
        ["output.log"] if log.exists() else []
    )
    return log.read_bytes() if log.exists() else b""


def test_lines_come_whole_however_they_are_cut(tmp_path: Path) -> None:
    text = b"".join(b"line %d \xc3\xa9\r\n" % n for n in range(300)) + b"the end"
    cuts = sorted(random.Random(7).sample(range(len(text)), 60))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert kept(tmp_path, *pieces) == text.replace(b"\r\n", b"\n") + b"\n"


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (b"\r 1%\r 2%\r 3%\n", b" 3%\n"),
        (b"1%\r2%\r", b"2%\n"),
        (b"1%\r\r\n", b"1%\n"),
        (b"\r\n\r\n", b"\n\n"),
        (b"", b""),
        (b"\xff\xfe\n", b"\xff\xfe\n"),
    ],
)
def test_of_a_line_that_was_written_over_the_last_state_stays(
    tmp_path: Path, printed: bytes, shown: bytes
) -> None:
    one_by_one = [printed[n : n + 1] for n in range(len(printed))]
    assert kept(tmp_path, *one_by_one) == shown


def test_a_bar_that_never_ends_takes_no_memory(tmp_path: Path) -> None:
    output = KeptOutput(tmp_path, Disk())
    lines = Lines(output, without_secrets)
    for n in range(20_000):
        lines.feed(b"\r%d it" % n)
    assert len(lines._rest) < 100
    lines.finish()
    output.finish()
    assert (tmp_path / "output.log").read_bytes() == b"19999 it\n"


def frames(count: int) -> list[bytes]:
    """Two bars, each time written over by their next state."""
    up = b"\r\x1b[2K\x1b[1A\x1b[2K"
    return [(up if n else b"") + b"\x1b[31mone\x1b[0m %d\ntwo %d" % (n, n) for n in range(count)]


BARS = {
    "nested": (b"\rep 0\n\rit 0\x1b[A\rep 0\n\rit 9\x1b[A\rep 1\x1b[B\r    \x1b[A\n", b"ep 1\n    \n"),
    "a text between": (b"one\x1b[1A\r\x1b[2Ksaid\none 1\ntwo 1\x1b[1A\x1b[2K\rone 2\n", b"said\none 2\ntwo 1\n"),
    "erased below": (b"a\nb\nc\x1b[2F\x1b[JA\n", b"A\n"),
    "above all": (b"a\n\x1b[99A\rb\n", b"b\n"),
    "far below": (b"a\x1b[A\x1b[2Bb\n", b"a\n\nb\n"),
    "colours": (b"\x1b[31mred\x1b[0m\n\x1b[2Kx\n", b"\x1b[31mred\x1b[0m\n\x1b[2Kx\n"),
}  # fmt: skip


@pytest.mark.parametrize("bars", BARS)
def test_of_lines_that_are_written_over_from_below_the_last_state_stays(
    bars: str, tmp_path: Path
) -> None:
    printed, shown = BARS[bars]
    assert kept(tmp_path, printed) == shown


def test_bars_stay_one_however_they_are_cut(tmp_path: Path) -> None:
    first, *others = frames(50)
    one_by_one = [bytes([byte]) for byte in b"".join([*others, b"\nend\n"])]
    found = kept(tmp_path, first, *one_by_one)
    # What stood there before anybody could know that it would be written over, stays as well.
    assert found == b"\x1b[31mone\x1b[0m 0\n\x1b[31mone\x1b[0m 49\ntwo 49\nend\n"


def test_bars_that_never_end_take_no_memory_and_are_seen_meanwhile(tmp_path: Path) -> None:
    lines = Lines(KeptOutput(tmp_path, Disk()), without_secrets)
    lines.feed(b"".join(frames(20_000)))
    assert lines.unfinished == b"\x1b[31mone\x1b[0m 19999\ntwo 19999"
    lines.feed(b"x" * 100_000)
    assert len(lines.unfinished) == 0


def test_head_and_tail_stay_and_the_gap_is_counted(tmp_path: Path) -> None:
    printed = [b"%06d\n" % n for n in range(10_000)]
    found = kept(tmp_path, *printed, limit=7000).splitlines(keepends=True)
    (at,) = [place for place, line in enumerate(found) if b"left out" in line]
    head, tail = found[:at], found[at + 1 :]
    gap = 10_000 - len(head) - len(tail)
    assert head == printed[: len(head)]
    assert tail == printed[-len(tail) :]
    assert found[at].decode() == f"… {7 * gap:,} bytes in {gap:,} lines are left out here …\n"
    assert 5000 < 7 * (len(head) + len(tail)) <= 7000


def test_what_fits_is_whole_without_a_gap(tmp_path: Path) -> None:
    printed = [b"%06d\n" % n for n in range(1000)]
    assert kept(tmp_path, *printed, limit=8000) == b"".join(printed)


def test_a_line_without_end_is_kept_in_pieces(tmp_path: Path) -> None:
    assert kept(tmp_path, *[b"x" * 1000] * 200) == b"x" * 200_000 + b"\n"


def test_a_secret_in_a_line_without_end_is_not_kept(tmp_path: Path) -> None:
    found = kept(tmp_path, b"https://ann:hunter2@host/x ", *[b"x" * 1000] * 200)
    assert b"hunter2" not in found
    assert b"@host/x" in found


def test_a_disk_that_refuses_is_told_of_once_and_counted(tmp_path: Path) -> None:
    files = FaultyFiles()
    output = KeptOutput(tmp_path, files)
    output.write(b"one\n")
    files.fail(Fault("write", errno.ENOSPC, name="output.log"))
    with pytest.warns(RunfolioWarning, match="the program goes on"):
        output.write(b"two\n")
    output.write(b"three\n")
    output.finish()
    assert (tmp_path / "output.log").read_text().splitlines()[:2] == ["one", "three"]
    assert "4 bytes in 1 lines are left out" in (tmp_path / "output.log").read_text()


def test_an_unfinished_line_gives_way_to_what_follows_in_whatever_part(tmp_path: Path) -> None:
    output = KeptOutput(tmp_path, Disk(), limit=80, name=PartName("output", 3, 2, ext="log"))
    log = tmp_path / "output.s2.rank3.log"

    output.show_rest(b"40%")
    output.show_rest(b"9%")
    assert log.read_bytes() == b"9%"
    for n in range(6):
        output.write(b"line %d of eighteen\n" % n)
        output.show_rest(b"half")
    output.finish()

    text = log.read_bytes()
    assert text.startswith(b"line 0 of eighteen\nline 1 of eighteen\n")
    assert text.endswith(b"line 5 of eighteen\n")
    assert b"half" not in text
    assert b"%" not in text
    assert list(tmp_path.glob("output*")) == [log]
