"""A directory that is broken stands among the good ones, and every door says why."""

from __future__ import annotations

import contextlib
import html
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from IPython.core.interactiveshell import InteractiveShell
from tests.shells import shell_here
from tests.store.conftest import Maker, folio, make_run
from tests.widgets.table_page import Table

import runfolio
from runfolio.cli.main import main
from runfolio.magics.load import load_ipython_extension, unload_ipython_extension

__all__ = ["folio", "make_run"]

GOLDEN: Final = Path(__file__).parents[1] / "golden"
REASONS: Final = {
    "edited": "run.json was edited by hand (its checksum does not match)",
    "newer": "written in format 999; this runfolio reads up to 1",
    "half": "run.json is not JSON: unexpected end of data",
    "nothing": "run.json is missing",
    "empty": "run.json is empty",
    "list": "run.json: expected an object, found list",
    "aside": "config.json is missing",
    "linked": "run.json is a link; a run holds files of its own",
    "edit": "edits/20261123T042559.123456Z-h-1-1.json is not JSON",
    "odd": "run.json: status '\\x1b[31m=1+1' is none of running",
    "a name": "not a run: its name cannot be a run's id",
    "=HYPERLINK(1)": "not a run: its name cannot be a run's id",
    "link": "not a run: a link, skipped",
}
RUNS: Final = [name for name in REASONS if name.isalpha() and name != "link"]


def _swap(folder: Path, before: bytes, after: bytes) -> None:
    manifest = folder / "run.json"
    manifest.write_bytes(manifest.read_bytes().replace(before, after))


def _break(folio: Path) -> None:
    _swap(folio / "edited", b'"lr": 0.5', b'"lr": 0.6')
    _swap(folio / "newer", b'"format": 1', b'"format": 999')
    content = (folio / "half/run.json").read_bytes()
    (folio / "half/run.json").write_bytes(content[: len(content) // 2])
    (folio / "nothing/run.json").unlink()
    (folio / "empty/run.json").write_bytes(b"")
    (folio / "list/run.json").write_bytes(b"[1]")
    (folio / "linked/run.json").unlink()
    (folio / "linked/run.json").symlink_to("/etc/passwd")
    (folio / "edit/edits").mkdir()
    (folio / "edit/edits/20261123T042559.123456Z-h-1-1.json").write_text('{"id":')
    for name in ("a name", "=HYPERLINK(1)"):
        (folio / name).mkdir()


@pytest.fixture
def broken(folio: Path, make_run: Maker, tmp_path: Path) -> Path:
    """A store of two good runs and one of each kind of broken directory."""
    for name in ("good", "fine", *RUNS):
        more = {"config": {"$file": "config.json"}} if name == "aside" else {}
        status = "\x1b[31m=1+1" if name == "odd" else "finished"
        make_run(name, run_id=name, status=status, metrics={"loss": {"n": 1, "last": 0.5}},
                 **{"config": {"lr": 0.5}} | more)  # fmt: skip
    _break(folio)
    shutil.copytree(GOLDEN / "media/20261122T213045-000001", tmp_path / "outside")
    (folio / "link").symlink_to(tmp_path / "outside")
    return folio


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    with shell_here() as shell:
        load_ipython_extension(shell)
        yield shell
        unload_ipython_extension(shell)


def printed(*words: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        main(words)
    return out.getvalue()


def in_a_cell(line: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        InteractiveShell.instance().run_cell(line)
    return out.getvalue()


def reported(target: str, *words: str) -> str:
    printed("report", "-o", target, *words)
    return Path(target).read_text(encoding="utf-8")


def as_read(text: str) -> str:
    """Return what a reader sees of HTML, Markdown or a text in columns: its words."""
    text = html.unescape(re.sub(r"<[^>]*>", " ", text))
    return " ".join(re.sub(r"\\(?=[^\w\s])|`", "", text).split())


def widget_rows() -> str:
    table = Table()
    facts = table.ask("facts", query="")[0]
    shown = {one["id"]: one["title"] for one in facts["columns"] if one["shown"]}
    cells = table.cells("note", "fault")
    table.widget.end()
    assert {"note": "why", "fault": "fault"}.items() <= shown.items()
    return json.dumps([cells["note"], cells["fault"]])


TABLES: Final[dict[str, Callable[[], str]]] = {
    "Python": lambda: str(runfolio.runs()),
    "static HTML": lambda: runfolio.runs().to_html(),
    "Markdown": lambda: runfolio.runs().to_markdown(),
    "a saved notebook": lambda: runfolio.runs()._repr_mimebundle_()[0]["text/html"],
    "the command line": lambda: printed("runs"),
    "a magic": lambda: in_a_cell("%track runs"),
    "a report in HTML": lambda: reported("r.html"),
    "a report in Markdown": lambda: reported("r.md"),
    "the widget": widget_rows,
}  # fmt: skip


@pytest.mark.parametrize("door", TABLES)
def test_every_table_says_why(
    broken: Path, shell: InteractiveShell, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del shell
    text = TABLES[door]()

    said = " ".join(json.loads(text)[0] + json.loads(text)[1]) if door == "the widget" else text
    for name, reason in REASONS.items():
        assert as_read(reason)[:60] in as_read(said), name
    assert "\x1b" not in text


def test_json_has_the_reason_and_all_that_is_wrong(broken: Path) -> None:
    said = {run["id"]: run for run in json.loads(printed("runs", "--json"))}

    assert said["good"]["fault"] is None
    for name, reason in REASONS.items():
        assert said[name]["fault"].startswith(reason), name
        assert said[name]["problems"][0].startswith(reason), name


def test_broken_and_sound_runs_can_be_asked_for(broken: Path) -> None:
    assert {run.id for run in runfolio.runs("fault:missing")} == {"good", "fine"}
    assert {run.id for run in runfolio.runs("not fault:missing")} == REASONS.keys()
    assert [run.id for run in runfolio.runs("fault:*format*")] == ["newer"]


SHOWN: Final[dict[str, Callable[[str], str]]] = {
    "show": lambda name: printed("show", name),
    "show --json": lambda name: json.loads(printed("show", "--json", name))[0]["fault"],
    "the card in a magic": lambda name: in_a_cell(f"%track show {name}"),
    "the drawn card": lambda name: json.dumps(
        runfolio.show(name)._repr_mimebundle_()[0]["application/vnd.vega.v5+json"]
    ),
    "compare": lambda name: printed("compare", "good", name),
    "compare --json": lambda name: " ".join(
        json.loads(printed("compare", "--json", "good", name))["remarks"]
    ),
    "compare in Markdown": lambda name: runfolio.compare("good", name).to_markdown(),
    "diff": lambda name: printed("diff", "good", name),
    "check": lambda name: printed("check", name),
    "the widget's panel": lambda name: " ".join(Table().ask("run", name=name)[0]["faults"]),
}  # fmt: skip


@pytest.mark.parametrize("door", SHOWN)
@pytest.mark.parametrize("name", RUNS)
def test_one_broken_run_is_shown_with_the_reason(
    broken: Path, shell: InteractiveShell, door: str, name: str
) -> None:
    del shell
    assert as_read(REASONS[name])[:55] in as_read(SHOWN[door](name))


def test_beside_the_others_in_a_comparison_the_reason_stands_in_the_table(broken: Path) -> None:
    assert "run.json is missing" in runfolio.compare("good", "nothing").to_html()


@pytest.mark.parametrize("verb", [
    "show {}", "check {}", "du {}", "upgrade {}", "tag {} x", "note {} x", "rename {} x", "rm {}",
    "stop {}", "journal show {}", "diff good {}", "compare good {}", "media {}",
])  # fmt: skip
@pytest.mark.parametrize("name", ["link", "a name"])
def test_no_verb_does_anything_to_what_is_no_run(
    broken: Path, tmp_path: Path, verb: str, name: str
) -> None:
    before = everything(tmp_path)

    said = printed(*(word.format(name) for word in verb.split()))

    assert "not followed" in said or "cannot be a run's id" in said or "No run is named" in said
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "verb", ["check", "du", "upgrade", "runs", "gc", "media -k images", "status"]
)
def test_nothing_of_what_a_link_leads_to_is_told_or_changed(
    broken: Path, tmp_path: Path, verb: str
) -> None:
    (tmp_path / "outside/events.jsonl").write_text('{"kind":"note","text":"private"}\n')
    before = everything(tmp_path / "outside")

    said = printed(*verb.split())

    assert everything(tmp_path / "outside") == before
    assert "events" not in said
    assert "media/" not in said


def test_a_report_tells_nothing_of_what_a_link_leads_to(broken: Path) -> None:
    text = reported("r.md", "id:link")

    assert "not a run: a link, skipped" in text
    assert "2026" not in text.partition("made")[2].partition("\n")[2]


def test_words_for_a_link_are_not_carried_out_of_the_store(broken: Path, tmp_path: Path) -> None:
    before = everything(tmp_path / "outside")
    journal = tmp_path / "J.md"
    printed("journal", "export", str(journal))
    page = (
        journal.read_text(encoding="utf-8")
        .replace("good", "link")
        .replace("**Result**", "**Mine**")
    )
    journal.write_text(page, encoding="utf-8")

    printed("journal", "pull", str(journal))
    printed("journal", "export", str(journal))

    assert "link" in page
    assert everything(tmp_path / "outside") == before


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
