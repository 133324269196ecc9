"""``check`` names what is wrong, where, and mends nothing."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from blake3 import blake3
from tests.format.conftest import flipped, row

from runfolio.errors import CorruptRecord
from runfolio.format.check import check_run
from runfolio.format.claim import claim
from runfolio.format.disk import Disk
from runfolio.format.edits import write_edit
from runfolio.format.events import read_events
from runfolio.format.finished import convert_part, unconverted
from runfolio.format.layout import PartName
from runfolio.format.lines import LineWriter
from runfolio.format.manifest import read_record
from runfolio.format.seal import write_seal
from runfolio.format.series import read_series

VALUES = [0.5, -1.25, 3.0, 1e-9]


@pytest.fixture
def run(write_run: Callable[..., Path], write_rows: Callable[..., Path], run_dir: Path) -> Path:
    write_rows(row(n, a=value) for n, value in enumerate(VALUES))
    events = LineWriter(run_dir, PartName("events"), Disk())
    events.append(b'{"time":1,"kind":"status","status":"finished"}\n')
    events.close()
    return write_run()


def faults(folder: Path) -> list[tuple[str, int | None]]:
    return [(found.file, found.offset) for found in check_run(folder) if found.severity == "fault"]


def test_a_sound_run_has_no_findings(run: Path) -> None:
    assert check_run(run) == []
    for part in unconverted(run, "metrics"):
        convert_part(part, Disk())
    write_seal(run, Disk())
    assert check_run(run) == []


def test_every_flipped_bit_of_the_log_is_named(run: Path) -> None:
    path = run / "metrics.jsonl"
    for offset in range(path.stat().st_size):
        with flipped(path, offset, bit=offset % 8):
            assert ("metrics.jsonl", 0) in faults(run), offset


def test_every_flipped_bit_of_the_table_is_named_or_harmless(run: Path) -> None:
    for part in unconverted(run, "metrics"):
        convert_part(part, Disk())
    write_seal(run, Disk())
    path = run / "metrics.parquet"
    for offset in range(0, path.stat().st_size, 7):
        with flipped(path, offset, bit=offset % 8):
            assert any(name == "metrics.parquet" for name, _ in faults(run)), offset


@pytest.mark.filterwarnings("ignore::runfolio.errors.RunfolioWarning")
def test_a_flipped_bit_in_a_page_never_reads_as_another_value(run: Path) -> None:
    import pyarrow.parquet as pq

    for part in unconverted(run, "metrics"):
        convert_part(part, Disk())
    path = run / "metrics.parquet"
    page = pq.ParquetFile(path).metadata.row_group(0).column(3)
    end = page.data_page_offset + page.total_compressed_size
    for offset in range(end - 24, end):
        with flipped(path, offset):
            try:
                found = read_series(run)
            except CorruptRecord:
                continue
            assert found == {}, offset


def test_a_damaged_event_is_named(run: Path) -> None:
    with flipped(run / "events.jsonl", 0, bit=2):
        assert faults(run) == [("events.jsonl", 0), ("events.jsonl", 0)]


def test_bytes_after_the_last_sum_are_unverified_which_is_no_fault(run: Path) -> None:
    with (run / "metrics.jsonl").open("ab") as file:
        file.write(row(9, a=1.0) + b'{"step":10')
    found = check_run(run)
    assert {finding.severity for finding in found} == {"note"}
    assert "unverified" in found[0].fault
    assert "no whole line" in found[1].fault


def test_a_log_shorter_than_was_synced_is_named(run: Path) -> None:
    path = run / "metrics.jsonl"
    path.write_bytes(path.read_bytes()[:-10])
    assert any("bytes were synced" in finding.fault for finding in check_run(run))


def test_a_row_that_is_none_is_named_with_its_offset(run: Path) -> None:
    path = run / "metrics.jsonl"
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b'{"a":1}\n' + row(9, a=1.0).replace(b"1.0", b'"x"'))
    assert faults(run) == [("metrics.jsonl", size), ("metrics.jsonl", size + 8)]


def test_a_missing_file_and_a_hand_edit_are_named(run: Path) -> None:
    (run / "seeds.json").write_text("{}")
    write_seal(run, Disk())
    (run / "seeds.json").unlink()
    manifest = run / "run.json"
    manifest.write_text(manifest.read_text().replace("first", "forged"))
    assert faults(run) == [("run.json", None), ("seeds.json", None)]


@pytest.mark.parametrize(
    "sums",
    [b"", b"rubbish\n", b'{"end":1e99,"crc32":"0"}\n', b'{"end":-5,"crc32":"0"}\n', b"[]\n", b"7\n",
     b'{"end":40,"crc32":7}\n', b'{"end":9,"crc32":"zz"}\n{"end":1,"crc32":"0"}\n'],
)  # fmt: skip
def test_damaged_sums_never_stop_the_check(run: Path, sums: bytes) -> None:
    (run / "metrics.sums").write_bytes(sums)
    assert all(math.isfinite(finding.offset or 0) for finding in check_run(run))
    assert len(read_series(run)["a"]) == len(VALUES)


def test_a_damaged_seal_is_a_finding(run: Path) -> None:
    (run / "seal.json").write_text("[]")
    assert faults(run) == [("seal.json", None)]


def named(folder: Path, severity: str = "fault") -> list[tuple[str, str]]:
    return [(f.file, f.fault) for f in check_run(folder) if f.severity == severity]


def test_a_part_that_is_missing_between_others_is_named(
    run: Path, write_rows: Callable[..., Path]
) -> None:
    write_rows([row(9, a=1.0)], part=4)
    assert named(run) == [
        (f"metrics.p{n}.jsonl", "is missing; a later part is there") for n in (2, 3)
    ]
    (run / "metrics.p2.sums").write_bytes(b"")  # a part that was begun and never got a byte
    assert [name for name, _ in named(run)] == ["metrics.p3.jsonl"]


@pytest.mark.parametrize(
    "line", [b'{"emd":1,"crc32":"0"}\n', b'{"end":1,"crc32":"xyz"}\n', b'{"end":1}\n', b"\x00\n",
             b'{"end":true,"crc32":"0"}\n', b'{"after":["a",1]}\n'],
)  # fmt: skip
def test_a_line_that_is_no_sum_is_named_with_its_offset(run: Path, line: bytes) -> None:
    path = run / "metrics.sums"
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + line)
    assert ("metrics.sums", size) in faults(run)


@pytest.mark.parametrize(
    ("key", "filename"), [("config", "config.json"), ("metrics", "summary.json")]
)
def test_what_lies_beside_the_manifest_is_checked_too(
    run: Path, write_run: Callable[..., Path], key: str, filename: str
) -> None:
    many = {f"m{n}": {"n": 1, "last": 2.5} for n in range(1001)}
    write_run(**{key: {"words": "x" * 300_000} if key == "config" else many})
    assert named(run) == []
    content = (run / filename).read_bytes()
    at = content.index(b"x" * 9 if key == "config" else b"2.5")
    with flipped(run / filename, at):
        assert [name for name, _ in named(run)] == [filename]
    (run / filename).write_text("[]")
    assert [name for name, _ in named(run)] == [filename]


@pytest.mark.parametrize("content", [b"yesterday\n", b"17953830451x3\n", b"9999999999999\n"])
def test_a_heartbeat_that_is_no_time_is_worth_knowing(run: Path, content: bytes) -> None:
    (run / "heartbeat").write_bytes(content)
    assert [name for name, _ in named(run, "note")] == ["heartbeat"]
    assert named(run) == []


def test_links_and_devices_are_named_and_never_opened(run: Path) -> None:
    (run / "files").mkdir()
    (run / "files" / "secret").symlink_to("/etc/passwd")
    (run / "files" / "folder").symlink_to(run.parent)
    os.mkfifo(run / "code")
    assert sorted(name for name, _ in named(run)) == ["code", "files/folder", "files/secret"]


def test_an_edit_that_was_changed_does_not_count_and_is_named(run: Path) -> None:
    edit = write_edit(run, "add", "tags", "good")
    path = run / "edits" / f"{edit.id}.json"
    assert read_record(run).tags == ("good",)
    with flipped(path, path.read_bytes().index(b"good")):
        assert read_record(run).tags == ()
        ((name, fault),) = named(run)
        assert (name, "not as it was written" in fault) == (f"edits/{edit.id}.json", True)


def test_a_table_beside_its_live_file_is_worth_knowing(run: Path) -> None:
    live = (run / "metrics.jsonl").read_bytes()
    for part in unconverted(run, "metrics"):
        convert_part(part, Disk())
    (run / "metrics.jsonl").write_bytes(live)
    assert "metrics.parquet" in [name for name, _ in named(run, "note")]


def test_a_claim_that_nobody_holds_is_worth_knowing(run: Path) -> None:
    held = claim(run, "convert.metrics.jsonl", Disk())
    assert held is not None
    assert named(run, "note") == []
    (run / "convert.events.jsonl.claim").write_text('{"time": 1}')
    assert [name for name, _ in named(run, "note")] == ["convert.events.jsonl.claim"]
    held.keep_fault("bytes 0 to 9 are not as they were written")
    assert "given up" in named(run, "note")[1][1]


MEDIUM = bytes(range(256))
DIGEST = blake3(MEDIUM).hexdigest(length=16)


@pytest.fixture
def with_media(run: Path) -> Path:
    """A run with an image whose mask and preview are files of their own."""
    images = run / "media" / "images"
    images.mkdir(parents=True)
    (images / f"{DIGEST}.png").write_bytes(MEDIUM)
    item = {"path": f"media/images/{DIGEST}.png", "bytes": 256,
            "masks": {"truth": {"path": f"media/images/{DIGEST}.png"}}}  # fmt: skip
    event = {"time": 1, "kind": "media", "key": "x", "step": 0, "type": "image", "items": [item]}
    writer = LineWriter(run, PartName("events", part=2), Disk())
    writer.append(orjson.dumps(event) + b"\n")
    writer.close()
    return run


def test_media_are_what_their_names_say(with_media: Path) -> None:
    path = with_media / "media" / "images" / f"{DIGEST}.png"
    assert check_run(with_media) == []
    with flipped(path, 100):
        assert named(with_media) == [
            (f"media/images/{DIGEST}.png", "its content is not that of its name")
        ]
    path.write_bytes(MEDIUM[:9])
    assert len(named(with_media)) == 2  # neither its hash nor its size is right
    path.unlink()
    assert named(with_media) == [
        (f"media/images/{DIGEST}.png", "an event tells of it, and it is missing")
    ]


def test_a_medium_that_no_event_knows_is_worth_knowing(with_media: Path) -> None:
    other = blake3(b"other").hexdigest(length=16)
    (with_media / "rank2" / "media" / "tables").mkdir(parents=True)
    (with_media / "rank2" / "media" / "tables" / f"{other}.parquet").write_bytes(b"other")
    assert named(with_media) == []
    assert [name for name, _ in named(with_media, "note")] == [
        f"rank2/media/tables/{other}.parquet"
    ]


def test_what_is_left_of_a_converted_file_is_checked(run: Path) -> None:
    (run / "metrics.tail").write_text('{"metrics": {}, "start": 0, "end": 9}')
    assert [name for name, _ in named(run)] == ["metrics.tail"]


def test_checking_changes_nothing(with_media: Path) -> None:
    before = {
        path: (path.stat().st_mtime_ns, path.stat().st_size) for path in with_media.rglob("*")
    }
    check_run(with_media)
    after = {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in with_media.rglob("*")}
    assert after == before


FULL = os.environ.get("RUNFOLIO_FAULTS") == "full"
GOLDEN = Path(__file__).parents[1] / "golden"


def read(folder: Path) -> str:
    record = read_record(folder)
    series = {key: (one.step.tolist(), one.time_ms.tolist(), str(one.value.tolist()))
              for key, one in read_series(folder).items()}  # fmt: skip
    return repr((record.metrics, record.config, record.tags, record.notes, record.status, series,
                 list(read_events(folder))))  # fmt: skip


@pytest.mark.filterwarnings("ignore::runfolio.errors.RunfolioWarning")
@pytest.mark.parametrize("name", ["finished", "media", "ranks", "converted"])
def test_a_flipped_bit_anywhere_is_named_or_changes_nothing(name: str, tmp_path: Path) -> None:
    (source,) = (path for path in (GOLDEN / name).iterdir() if path.is_dir())
    folder = shutil.copytree(source, tmp_path / source.name)
    whole, known = read(folder), set(check_run(folder))
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        # Nobody summed up the last lines of a killed rank yet, and a heartbeat is but a time.
        open_end = path.name in ("metrics.rank2.jsonl", "events.rank2.jsonl")
        if open_end or path.name.startswith("heartbeat"):
            continue
        for offset in range(0, path.stat().st_size, 7 if FULL else 131):
            with flipped(path, offset, bit=offset % 8):
                found = {one for one in check_run(folder) if one.severity == "fault"} - known
                assert found or read(folder) == whole, (path.name, offset)
