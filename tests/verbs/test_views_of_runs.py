"""``runs``, ``show``, ``status``, ``check``, ``doctor``, ``journal`` on real run directories."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from runfolio.errors import QueryError, RunNotFound, UsageError
from runfolio.model.run import Status
from runfolio.record.api import init
from runfolio.record.command import CommandRun
from runfolio.record.run import Run
from runfolio.verbs.check import check
from runfolio.verbs.doctor import DoctorView, Item, doctor
from runfolio.verbs.edit import rename
from runfolio.verbs.journal import export_journal, insert_journal, journal, pull_journal
from runfolio.verbs.run_command import RunCommandView
from runfolio.verbs.runs import runs
from runfolio.verbs.show import show
from runfolio.verbs.status import status
from runfolio.verbs.table import dispatch

MakeRun = Callable[..., Path]


def test_an_empty_store_says_how_to_begin(store_path: Path) -> None:
    answer = runs()

    assert str(answer).startswith("No runs yet in folio.")
    assert answer.exit_code == 1


@pytest.mark.parametrize("there", [True, False])
def test_a_store_without_runs_says_how_to_begin_to_python_and_to_a_reader_of_html(
    store_path: Path, there: bool
) -> None:
    if there:
        store_path.mkdir(exist_ok=True)
    answer = runs()
    for shown in (str(answer), answer.to_html(), answer.to_markdown()):
        assert "Start one" in shown
    assert list(json.loads(answer.to_json())) == []
    assert answer.frame().empty
    assert store_path.exists() is there


def test_broken_directories_are_listed_with_the_reason_and_the_others_shown(
    make_run: MakeRun, store_path: Path
) -> None:
    make_run("good")
    (store_path / "no-json").mkdir()
    (store_path / "no-json" / "run.json").write_bytes(b"{")
    (store_path / "a name").mkdir()
    answer = runs()
    told = {run["id"]: run["problems"] for run in json.loads(answer.to_json())}
    assert len(told) == len(answer.frame()) == 3
    assert [bool(told[name]) for name in ("no-json", "a name")] == [True, True]
    for name in ("good", "no-json", "a name"):
        assert name in str(answer)


def test_the_table_has_a_line_for_every_run(make_run: MakeRun) -> None:
    make_run("wide", config={"lr": 1e-3, "batch": 64})
    make_run("fast-lr", config={"lr": 1e-2, "batch": 64}, tags=["first"])

    head, newest, oldest, footer = str(runs()).splitlines()

    assert all(word in head for word in ("run", "id", "lr", "val/acc", "took", "started", "tags"))
    assert "✓  fast-lr" in newest
    assert "✓  wide" in oldest
    assert footer.strip() == "2 of 2 runs · 1 setting hidden, equal in all: batch"


def test_sampled_settings_leave_room_for_the_metrics(make_run: MakeRun) -> None:
    sampled = [10 ** -(1 + n / 7) for n in range(8)]
    for n, lr in enumerate(sampled):
        make_run(f"run{n}", config={"lr": lr, "decay": lr / 3, "momentum": 0.9 + n / 100})

    answer = runs("sort:-lr")

    lines = answer.text(100).plain.splitlines()
    assert all(word in lines[0] for word in ("lr", "decay", "momentum", "val/acc", "train/loss"))
    assert "0.0720" not in lines[2]
    assert "0.072 " in lines[2]
    assert "0.91 " in lines[2]
    assert max(map(len, lines)) <= 100
    assert f'title="{sampled[1]!r}"' in answer.to_html()
    assert [run.config["lr"] for run in answer] == sampled
    assert answer.frame()["config.lr"].tolist() == sampled
    assert repr(sampled[1]) in answer.to_json()
    assert len(runs(f"lr:{sampled[1]!r}")) == 1


def test_equal_settings_are_shown_when_asked(make_run: MakeRun) -> None:
    make_run("alpha", config={"batch": 64})
    make_run("beta", config={"batch": 64})

    assert "hidden" not in str(runs(every=True))
    assert "batch" in str(runs(every=True)).splitlines()[0]


def test_the_best_value_of_the_main_metric_is_strong(make_run: MakeRun) -> None:
    make_run("alpha", points=3)
    make_run("beta", points=30)

    strong = [cell for c in runs()._sheet().columns for cell in c.cells if cell.role == "strong"]

    assert [cell.exact for cell in strong] == [repr(29 / 30)]


def test_a_query_selects(make_run: MakeRun) -> None:
    make_run("alpha", tags=["x"])
    make_run("beta")

    answer = runs("tag:x")

    assert [record.name for record in answer] == ["alpha"]
    assert "1 of 2 runs" in str(answer)


def test_no_match_says_how_many_there_are(make_run: MakeRun) -> None:
    make_run("alpha")

    answer = runs("tag:nothing")

    assert (len(answer), answer.exit_code) == (0, 1)
    assert "holds 1" in str(answer)


def test_a_query_that_cannot_be_read_points_at_the_character(make_run: MakeRun) -> None:
    make_run("alpha")
    with pytest.raises(QueryError, match=r"\^"):
        runs("lr<")


def test_json_lists_every_run_with_its_settings(make_run: MakeRun) -> None:
    path = make_run("alpha", config={"model": {"depth": 3}})

    (found,) = json.loads(runs().to_json())

    assert (found["id"], found["config"]) == (path.name, {"model": {"depth": 3}})
    assert found["metrics"]["val/acc"]["n"] == 3


def test_a_notebook_gets_html_and_text(make_run: MakeRun) -> None:
    make_run("a<b>")

    bundle, _ = runs()._repr_mimebundle_()

    assert set(bundle) == {"text/plain", "text/html"}
    assert "a&lt;b&gt;" in bundle["text/html"]


def test_hostile_names_print_as_marks(make_run: MakeRun) -> None:
    make_run("\x1b]52;c;x\x07\u202e\x9b31m[bold]", tags=["\x1b[2J"], config={"\x1bk": "\rv"})

    answers = (runs(), show(), check(), status(), journal())

    assert all(c == "\n" or c.isprintable() or c == "\u2009" for a in answers for c in str(a))


def test_a_card_tells_figures_settings_and_folder(make_run: MakeRun) -> None:
    path = make_run("alpha", config={"lr": 1e-3}, notes="words", tags=["x"])

    shown = str(show("alpha"))

    for words in (
        "✓ alpha",
        "val/acc",
        "best 0.667 at 2",
        "3 points",
        "lr 1e-3",
        "words",
        path.name,
    ):
        assert words in shown


def test_a_live_run_is_shown_as_well(open_run: Run) -> None:
    assert "● alpha" in str(show(open_run))


def test_several_cards_stand_below_each_other(make_run: MakeRun) -> None:
    make_run("alpha")
    make_run("beta")

    assert [record["name"] for record in show("beta", "alpha").data()] == ["beta", "alpha"]


def test_show_without_runs_names_the_mistake(store_path: Path) -> None:
    with pytest.raises(RunNotFound):
        show()


def test_status_tells_the_open_run_in_five_lines(open_run: Run) -> None:
    lines = str(status()).splitlines()

    assert len(lines) == 5
    assert "● alpha" in lines[0]
    assert "config 1" in lines[1]
    assert "data (" in lines[2]
    assert lines[3].split() == [
        "replayable",
        "no,",
        "because",
        "only",
        "metrics",
        "and",
        "settings",
        "were",
        "recorded",
    ]
    assert open_run.path.name in lines[4]


def test_status_and_show_say_as_data_what_the_record_holds(open_run: Run) -> None:
    assert status().data()["open"]["replayable"].startswith("no: ")
    open_run.finish()

    (facts,) = show().data()
    assert facts["complete"]["metrics"] == "whole"
    assert "replay  no, because" in " ".join(str(show()).split(" ")).replace(
        "replay   ", "replay  "
    )


def test_status_wraps_at_words_in_a_narrow_terminal(open_run: Run) -> None:
    lines = status().text(60).plain.splitlines()

    assert max(map(len, lines)) <= 60
    told = " ".join(line.strip() for line in lines)
    assert "data (no data set was declared)" in told


def test_status_is_a_table_in_a_notebook(open_run: Run) -> None:
    rename(open_run, "a<b>")

    bundle, _ = status()._repr_mimebundle_()

    assert "a&lt;b&gt;" in bundle["text/html"]
    assert bundle["text/html"].count("<tr>") == 4


def test_status_tells_what_goes_on_elsewhere(elsewhere: Path) -> None:
    assert "● elsewhere" in str(status())
    assert status().data()["running"][0]["id"] == elsewhere.name


def test_status_without_a_run_tells_the_last(make_run: MakeRun) -> None:
    make_run("alpha")

    assert "No run is open" in str(status())
    assert "last  ✓ alpha" in str(status())


def test_of_many_settings_the_table_shows_those_most_runs_have(make_run: MakeRun) -> None:
    make_run("alpha", config={"lr": 1, **{f"only{i}": i for i in range(30)}})
    make_run("beta", config={"lr": 2})

    head, *_, footer = str(runs()).splitlines()

    assert head.split().index("lr") == 2
    assert head.count("only") == 11
    assert "19 more settings: only11, only12" in footer
    assert str(runs(every=True)).splitlines()[0].count("only") == 30


def test_a_card_of_points_that_cannot_be_read_tells_so(make_run: MakeRun) -> None:
    path = make_run("alpha", config={"lr": 1})
    (path / "metrics.parquet").write_bytes(b"PAR1xxxxPAR1")

    lines = str(show("alpha")).splitlines()

    assert any(line.startswith("  config  lr 1") for line in lines)
    assert any(line.startswith("  fault   metrics.parquet cannot be read") for line in lines)


def test_a_card_says_how_large_its_picture_is_shown(make_run: MakeRun) -> None:
    make_run("alpha")

    bundle, said = show()._repr_mimebundle_()

    picture = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    size = said["image/png"]
    assert picture.size == (2 * size["width"], 2 * size["height"])


def test_a_card_shows_what_the_program_put_into_the_summary(store_path: Path) -> None:
    run = init("digits", name="alpha")
    run.log({"val/acc": 0.5})
    run.summary["best_epoch"] = 7
    run.finish(quiet=True)

    assert "  summary best_epoch 7" in str(show())


def test_sound_runs_pass_the_check(make_run: MakeRun) -> None:
    make_run("alpha")

    assert (str(check()), check().exit_code) == ("✓ 1 run checked, no faults.", 0)


def test_a_damaged_run_fails_the_check_and_is_named(make_run: MakeRun) -> None:
    make_run("alpha")
    path = make_run("beta")
    (path / "run.json").write_bytes(b"{}")

    answer = check()

    assert answer.exit_code == 1
    assert "run.json" in str(answer)
    assert "2 runs checked, 1 with faults." in str(answer)


def test_the_journal_entry_is_markdown(make_run: MakeRun) -> None:
    make_run("alpha")

    bundle, _ = journal()._repr_mimebundle_()

    assert "text/markdown" in bundle
    assert "**" in bundle["text/markdown"]


def test_a_slip_in_a_journal_verb_names_the_nearest(make_run: MakeRun) -> None:
    make_run("alpha")
    with pytest.raises(UsageError, match='Did you mean "export"'):
        journal("exprot")
    assert 'Did you mean "export"' in str(dispatch(["journal", "exprot", "x.md"]))


def test_a_journal_is_exported_and_read_back(make_run: MakeRun, tmp_path: Path) -> None:
    make_run("alpha")

    answer = export_journal(tmp_path / "JOURNAL.md")

    assert str(answer) == "1 entry in JOURNAL.md."
    assert pull_journal(tmp_path / "JOURNAL.md").data() == {"taken": []}


def test_a_missing_notebook_is_a_mistake(store_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no file nothing\.ipynb"):
        insert_journal("nothing.ipynb")


def test_the_doctor_says_where_the_store_is_and_why(store_path: Path) -> None:
    answer = doctor()

    assert "folio (RUNFOLIO_DIR says so)" in str(answer)
    assert answer.exit_code == 0


def test_a_fault_is_told_with_its_advice() -> None:
    answer = DoctorView([Item("store", "x", "fault", "Do this."), Item("git", "y")])

    assert answer.exit_code == 1
    assert "✕ store" in str(answer)
    assert "Do this." in str(answer)
    assert "To be mended: store." in str(answer)


def test_a_column_that_no_run_has_is_a_mistake_of_the_call(make_run: MakeRun) -> None:
    make_run("alpha", config={"lr": 1})

    answer = dispatch(["runs", "--columns", "lrr"])

    assert answer.exit_code == 2
    assert 'Did you mean "lr"' in str(answer)


def test_a_run_without_a_name_is_not_told_by_its_id_twice(make_run: MakeRun) -> None:
    path = make_run(None)
    began, _, short = path.name.rpartition("-")

    for view in (runs(), show(), journal()):
        assert str(view).count(f"-{short}") == str(view).count(f"folio/{path.name}")
        assert began in str(view)


def test_a_program_without_a_name_is_not_told_by_its_id_twice(store_path: Path) -> None:
    name = "20261122T213045-7f3a9c"
    ended = CommandRun(name, name, store_path / name, Status.FINISHED, 0, None, 0.5)

    assert str(RunCommandView(ended)).startswith("✓ 20261122T213045 7f3a9c · finished · 0.5 s · ")


def test_how_a_run_ended_is_told_in_a_word_where_no_reason_is_known(store_path: Path) -> None:
    del store_path
    init("digits", name="cut").end(Status.INTERRUPTED)

    assert " · interrupted" in str(show()).splitlines()[1]


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        (
            "tag:two words",
            'Text with spaces goes into quotation marks, tag:"two words", and in a shell',
        ),
        ('"lr<1 tag:x"', "In quotation marks it is a piece of a name; without them it is a query."),
        ("nothing", "Without a query all are listed."),
        ("lr>5 nothing", "Without a query all are listed."),
    ],
)
def test_a_query_that_finds_nothing_is_shown_with_what_to_try(
    make_run: MakeRun, query: str, hint: str
) -> None:
    make_run("alpha", config={"lr": 1})

    said = str(runs(query))

    assert said.startswith(f"No run matches the query {query}; ")
    assert hint in said
