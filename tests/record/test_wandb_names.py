"""What scripts for Weights & Biases call beside runfolio's own names: it never ends a training."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import runfolio as wandb
from runfolio.errors import MissingDependency, RunfolioError, RunfolioWarning, UsageError
from runfolio.format.manifest import read_record
from runfolio.record.api import init, save
from runfolio.record.wandb.names import NAMES

Script = Callable[..., subprocess.CompletedProcess[str]]


def test_every_name_of_the_list_can_be_had_and_is_no_public_one() -> None:
    assert [name for name in NAMES if not hasattr(wandb, name)] == []
    assert NAMES & set(wandb.__all__) == set()


def test_a_name_that_nobody_knows_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'runfolio' has no attribute 'wathc'"):
        wandb.wathc  # noqa: B018


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda run: wandb.sklearn.plot_clusterer(1, 2), "nothing is drawn by it"),
        (lambda run: wandb.tensorboard.log("summary"), "SummaryWriter"),
        (lambda run: wandb.gym.monitor(), "recorder of gym"),
        (lambda run: wandb.xgboost.log_all(1), "logs nothing yet"),
        (lambda run: wandb.plot_table("lab/bars", wandb.Table(columns=["a"], data=[[1]]), {"a": "a"}), "lies on a server"),
    ],
)  # fmt: skip
def test_what_is_not_there_says_so_once_and_the_training_goes_on(call: Callable[..., object], told: str) -> None:  # fmt: skip
    run = init()
    with pytest.warns(RunfolioWarning, match=told):
        call(run)
    call(run)  # in silence: a warning is an error here
    run.log({"loss": 1})
    run.finish()
    assert read_record(run.path).counts["points"] == 1


def test_a_callback_that_logs_nothing_is_one_of_the_librarys_own_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("fastai/callback").mkdir(parents=True)
    Path("fastai/callback/core.py").write_text("class Callback:\n    kind = 'of the library'\n")
    monkeypatch.syspath_prepend(str(Path.cwd()))
    init()
    with pytest.warns(RunfolioWarning, match="the training goes on"):
        callback = wandb.fastai.WandbCallback(log_model=True)
    assert callback.kind == "of the library"
    for name in ("fastai", "fastai.callback", "fastai.callback.core"):
        sys.modules.pop(name, None)


def test_a_callback_of_a_library_that_is_missing_names_it() -> None:
    with pytest.raises(MissingDependency, match="pip install 'stable-baselines3'"):
        wandb.sb3.WandbCallback()


def test_what_means_something_to_a_server_only_is_done_in_silence() -> None:
    wandb.require("core")
    assert wandb.setup().settings.mode == "offline"
    run = init(project="digits")
    run.save()
    save()
    run.log_code(".", include_fn=lambda path: path.endswith(".py"))
    run.mark_preempting()
    wandb.unwatch()
    assert (run.sweep_id, run.sweep_url, run.get_url(), run.project_name()) == (None, None, None, "digits")  # fmt: skip
    run.join()
    assert wandb.run is None


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: wandb.Api().runs("lab/digits"), r"runfolio\.runs\(QUERY\) finds"),
        (lambda: wandb.apis.public.Api().registry("models"), "a collection is an artifact"),
        (lambda: wandb.Api().artifact("model:best"), "no artifact 'model'"),
        (lambda: wandb.sweep({"method": "grid"}), "sweeps are not there yet"),
        (lambda: wandb.agent("id", function=print, count=3), "sweeps are not there yet"),
        (lambda: wandb.use_artifact("model:latest"), "no artifact 'model'"),
        (lambda: wandb.run.use_model("model"), "no artifact 'model'"),  # type: ignore[union-attr]
        (lambda: wandb.link_artifact("model", "registry/model"), "expected an Artifact"),
        (lambda: wandb.restore("gone.pt"), "no such file"),
    ],
)
def test_what_a_program_needs_an_answer_of_raises_with_what_to_do(
    call: Callable[[], object], told: str
) -> None:
    init()
    with pytest.raises(UsageError, match=told):
        call()


def test_errors_of_wandb_can_be_caught_by_their_names() -> None:
    for error in (wandb.Error, wandb.errors.CommError, wandb.errors.Error, wandb.errors.UsageError):
        with pytest.raises(error):
            raise UsageError("so")
    assert issubclass(wandb.errors.CommError, RunfolioError)


def test_an_id_made_for_a_run_is_one_that_a_run_can_have() -> None:
    made = {wandb.util.generate_id() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch("[a-z0-9]{8}", one) for one in made)
    assert init(id=made.pop(), resume="allow").id not in made


def test_a_saved_file_is_opened_again_by_its_name_in_this_run_and_a_later_one() -> None:
    Path("settings.txt").write_text("lr = 1\n")
    first = init(id="first")
    first.save("settings.txt")
    with first.restore("settings.txt") as file:
        assert file.read() == "lr = 1\n"
    first.finish()
    with init().restore("settings.txt", run_path="lab/project/first") as file:
        assert file.name.endswith("settings.txt")


@pytest.mark.parametrize("name", ["../run.json", "/etc/passwd", "a/../../run.json"])
def test_no_file_outside_of_the_saved_ones_is_opened(name: str) -> None:
    with pytest.raises(UsageError, match="no such file"):
        init().restore(name)


def test_settings_assigned_in_place_of_the_config_are_recorded(script: Script, store: Path) -> None:
    script(
        """
        import runfolio as wandb
        wandb.config = {"early": 1}
        wandb.init(id="first")
        wandb.config = {"lr": 0.1, "net": {"depth": 2}}
        assert wandb.config["lr"] == 0.1
        wandb.finish()
        wandb.init(id="second")
        assert dict(wandb.config) == {}
        """,
        check=True,
    )
    expected = {"early": 1, "lr": 0.1, "net": {"depth": 2}}
    assert read_record(store / "first").config == expected
    assert read_record(store / "second").config == {}
