"""Settings that nobody gave: objects that a tracked cell made or used; and whether it can be replayed."""

from __future__ import annotations

from collections.abc import Callable

from tests.magics.conftest import Notebook

OPTIONS = """
import argparse, dataclasses, types
@dataclasses.dataclass
class Options:
    depth: int = 3
    api_key: str = "k" * 12
options, result = Options(), types.SimpleNamespace(loss=0.1)
"""


def test_objects_that_a_tracked_cell_made_or_used_are_settings(notebook: Notebook) -> None:
    notebook.run(OPTIONS)
    notebook.run(
        "%%track it -c lr=1\nargs = argparse.ArgumentParser().parse_args([])\nargs.epochs = 5\n"
        "sizes = dict(small=options.depth, big=2**4)\nfinal = (lambda: result)()\nlr = 2"
    )
    run = notebook.last

    assert run.config == {
        "lr": 1, "args": {"epochs": 5}, "sizes": {"small": 3, "big": 16},
        "options": {"depth": 3, "api_key": "[redacted:api_key]"},
        "result": {"loss": 0.1},
    }  # fmt: skip
    assert run.config_source == {
        "lr": "argument", "args.epochs": "argparse", "sizes.small": "dict", "sizes.big": "dict",
        "options.depth": "dataclass", "options.api_key": "dataclass", "result.loss": "namespace",
    }  # fmt: skip


def test_settings_that_a_cell_makes_and_then_fills_are_its_own(notebook: Notebook) -> None:
    notebook.run(OPTIONS)
    notebook.run(
        "%%track it\nchosen = Options()\nchosen.depth = 5\nother = Options()\n"
        "if chosen.depth > 4:\n    other = Options(depth=9)\n"
        "rate = 0.1\nfor rate in (0.2, 0.3):\n    pass\nnarrow, wide = Options(1), {'a': 2}"
    )
    config = notebook.last.config

    assert {name: config[name]["depth"] for name in ("chosen", "other", "narrow")} == {
        "chosen": 5, "other": 9, "narrow": 1,
    }  # fmt: skip
    assert config["wide"] == {"a": 2}
    assert "rate" not in config


def test_what_was_found_is_not_given_to_the_cells_of_the_run(notebook: Notebook) -> None:
    notebook.run(OPTIONS + "%track start many")
    notebook.run("print(options.depth)")
    told = notebook.run("dict(runfolio.config)").outputs[0]["data"]["text/plain"]
    notebook.run("options = Options(depth=7)")
    notebook.run("%track stop")

    assert told == "{}"
    assert notebook.last.config["options"]["depth"] == 7


def test_a_notebook_that_is_tracked_from_its_first_cell_on_has_no_early_cells(
    new_notebook: Callable[..., Notebook],
) -> None:
    notebook = new_notebook(load=False)
    notebook.run("import os\nimport runfolio")
    notebook.run("os.environ['RUNFOLIO_CAPTURE'] = 'true'\n%load_ext runfolio")
    notebook.run("%%track it\nrunfolio.log({'a': 1})")
    assert "before tracking" not in notebook.last.complete["replayable"]


def test_a_cell_before_tracking_is_told(new_notebook: Callable[..., Notebook]) -> None:
    notebook = new_notebook(load=False)
    notebook.run("import os\nos.environ['RUNFOLIO_CAPTURE'] = 'true'")
    notebook.run("import runfolio\n%load_ext runfolio")
    notebook.run("%%track it\nrunfolio.log({'a': 1})")
    assert "1 cell ran before tracking" in notebook.last.complete["replayable"]


def test_literals_of_the_cells_of_a_run_are_settings_however_it_was_opened(
    notebook: Notebook,
) -> None:
    told = notebook.run(
        "lr, depth = 0.1, 3\nrun = runfolio.init(config={'depth': 5})\nprint(dict(run.config))"
    )
    notebook.run("batch = 32\nlr = 0.2\n1 / 0\nnever = 1")
    notebook.run("run.finish()")
    run = notebook.last

    assert run.config == {"depth": 5, "lr": 0.2, "batch": 32}
    assert run.config_source == {"depth": "argument", "lr": "cell", "batch": "cell"}
    assert "{'depth': 5}\n" in [output.get("text") for output in told.outputs]


def test_a_run_that_ends_within_its_cell_has_the_settings_of_the_cell_so_far(
    notebook: Notebook,
) -> None:
    notebook.run(OPTIONS)
    notebook.run(
        "lr = 0.1\nwith runfolio.init(config={'given': 1}) as run:\n    run.log({'a': options.depth})\n"
        "shown = dict(run.config)\nafter = 2"
    )
    run = notebook.last

    assert run.config == {
        "given": 1, "lr": 0.1, "options": {"depth": 3, "api_key": "[redacted:api_key]"},
    }  # fmt: skip
    assert run.config_source["lr"] == "cell"
