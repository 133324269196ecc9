"""The callback of Transformers logs what a Trainer does; small models of random weights."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from sklearn.datasets import load_digits

import runfolio
from runfolio.errors import UsageError
from runfolio.format.artifact_versions import ArtifactVersions
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.model.run import Status
from runfolio.store.store import Store

pytestmark = pytest.mark.filterwarnings("ignore:.*pin_memory:UserWarning")


@pytest.fixture(autouse=True)
def transformers(store_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The package, the same numbers in each test."""
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    import transformers

    transformers.set_seed(0)
    return transformers


def callback(**more: Any) -> Any:
    from runfolio.integrations.transformers import RunfolioCallback

    return RunfolioCallback(**more)


def digits() -> tuple[list[Any], list[Any]]:
    """Digits as rows of 64 words, the first 320 and the next 80."""
    x, y = load_digits(return_X_y=True)
    rows = [
        {"input_ids": row, "labels": number}
        for row, number in zip(x.astype(int).tolist(), y.tolist(), strict=True)
    ]
    return rows[:320], rows[320:400]


def bert(transformers: Any) -> Any:
    config = transformers.BertConfig(
        vocab_size=17, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64, num_labels=10,
    )  # fmt: skip
    return transformers.BertForSequenceClassification(config)


def trainer(transformers: Any, one: Any, model: Any = None, **more: Any) -> Any:
    train, unseen = digits()
    quiet = {"report_to": "none", "disable_tqdm": True, "use_cpu": True, "save_strategy": "no"}
    more = {"num_train_epochs": 2, "logging_steps": 5, "eval_strategy": "epoch", **quiet, **more}
    arguments = transformers.TrainingArguments("out", per_device_train_batch_size=32, **more)
    return transformers.Trainer(
        model if model is not None else bert(transformers),
        arguments,
        train_dataset=train,
        eval_dataset=unseen,
        callbacks=one if isinstance(one, list) else [one],
    )


def test_a_training_is_in_the_open_run(transformers) -> None:
    with runfolio.init(config={"seed": "mine"}) as run:
        one = trainer(transformers, callback(), learning_rate=1e-3)
        one.train()
        assert run.status is Status.RUNNING
    record, series = read_record(run.path), read_series(run.path)
    assert series["train/loss"].step.tolist() == [5, 10, 15, 20]
    assert series["eval/loss"].step.tolist() == [10, 20]
    assert (record.config["learning_rate"], record.config["seed"]) == (1e-3, "mine")
    assert record.config["model"]["hidden_size"] == 16
    assert record.config_source["learning_rate"] == "transformers"
    assert record.summary["model/parameters"] == one.model.num_parameters()
    assert record.summary["total/runtime"] > 0
    assert "output_dir" not in record.config


def test_what_is_logged_is_what_the_trainer_logged(transformers) -> None:
    with runfolio.init() as run:
        one = trainer(transformers, callback())
        one.train()
        tested = one.predict(digits()[1]).metrics
    told = [row["loss"] for row in one.state.log_history if "loss" in row]
    series = read_series(run.path)
    assert series["train/loss"].value.tolist() == pytest.approx(told)
    assert series["test/loss"].value.tolist() == pytest.approx([tested["test_loss"]])


def test_a_run_of_its_own_takes_the_evaluation_and_ends_with_the_next_training(
    transformers, store_path: Path
) -> None:
    for name in ("a", "b"):
        one = trainer(transformers, callback(), num_train_epochs=1, run_name=name)
        one.train()
        one.evaluate()
    runfolio.finish()
    records = sorted(Store(store_path).records(), key=lambda record: record.name)
    assert [record.name for record in records] == ["a", "b"]
    assert [record.metrics["eval/loss"].n for record in records] == [2, 2]


def test_a_callback_that_trains_again_opens_another_run(transformers, store_path: Path) -> None:
    one = callback()
    for _ in range(2):
        trainer(transformers, one, num_train_epochs=1).train()
    runfolio.finish()
    records = Store(store_path).records()
    assert [record.metrics["eval/loss"].n for record in records] == [1, 1]


def test_a_second_callback_of_a_trainer_says_nothing(transformers) -> None:
    with runfolio.init() as run:
        trainer(transformers, [callback(), callback()], num_train_epochs=1).train()
    assert len(read_series(run.path)["eval/loss"]) == 1


def test_checkpoints_are_versions_and_go_with_their_folders(transformers) -> None:
    with runfolio.init() as run:
        one = callback(log_model="checkpoint")
        trainer(
            transformers, one, num_train_epochs=3, save_strategy="epoch", save_total_limit=1
        ).train()
        kept = run.use_model(f"model-{run.id}:latest")
    versions = ArtifactVersions(run.path.parent, f"model-{run.id}")
    (number,) = set(versions.numbers()) - versions.standing().dropped.keys()
    assert versions.read(number).metadata["step"] == 30
    assert Path(kept, "model.safetensors").is_file()


def test_the_trained_model_is_kept_if_asked_for(transformers) -> None:
    with runfolio.init() as run:
        one = trainer(transformers, callback(log_model=True), num_train_epochs=1)
        one.train()
        kept = run.use_model(f"model-{run.id}:latest")
    again = transformers.BertForSequenceClassification.from_pretrained(kept)
    assert all(
        bool((a == b).all())
        for a, b in zip(again.parameters(), one.model.parameters(), strict=True)
    )


def test_a_training_that_resumes_goes_on_at_its_step(transformers) -> None:
    with runfolio.init() as run:
        trainer(transformers, callback(), num_train_epochs=1, save_strategy="epoch").train()
    with runfolio.init(id=run.id, resume="must"):
        trainer(transformers, callback()).train(resume_from_checkpoint="out/checkpoint-10")
    assert read_series(run.path)["train/loss"].step.tolist() == [5, 10, 15, 20]


def test_a_loss_that_turns_nan_is_logged_as_it_is(transformers) -> None:
    with runfolio.init() as run:
        more = {"learning_rate": 1e30, "max_grad_norm": 0.0, "logging_nan_inf_filter": False}
        trainer(transformers, callback(), **more).train()
    values = read_series(run.path)["train/loss"].value.tolist()
    assert len(values) == 4
    assert math.isnan(values[-1])


def test_the_best_checkpoint_has_its_alias(transformers) -> None:
    with runfolio.init() as run:
        one = trainer(
            transformers, callback(log_model="checkpoint"), save_strategy="epoch", save_total_limit=1,
            load_best_model_at_end=True, learning_rate=1e-3,
        )  # fmt: skip
        one.train()
        kept = run.use_model(f"model-{run.id}:best")
    best = Path(one.state.best_model_checkpoint, "model.safetensors")
    assert Path(kept, "model.safetensors").read_bytes() == best.read_bytes()


def test_each_trial_of_a_search_is_a_run_of_its_group(transformers, store_path: Path) -> None:
    pytest.importorskip("optuna")
    one = trainer(transformers, callback(), num_train_epochs=1, run_name="search")
    one.model_init = lambda: bert(transformers)
    one.hyperparameter_search(
        lambda trial: {"learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-3)},
        backend="optuna", n_trials=2, hp_name=lambda trial: f"trial {trial.number}",
    )  # fmt: skip
    runfolio.finish()
    records = sorted(Store(store_path).records(), key=lambda record: record.name)
    assert [(record.name, record.status) for record in records] == [
        ("trial 0", Status.FINISHED),
        ("trial 1", Status.FINISHED),
    ]
    assert {record.group for record in records} == {"search"}
    assert len({record.config["learning_rate"] for record in records}) == 2
    assert all(record.metrics["eval/loss"].n >= 1 for record in records)


def test_a_model_without_parameters_is_evaluated(transformers) -> None:
    import torch

    class Constant(torch.nn.Module):
        def forward(self, input_ids: Any, labels: Any) -> Any:
            return {"loss": torch.tensor(1.0), "logits": torch.zeros(len(labels), 10)}

    with runfolio.init() as run:
        one = trainer(transformers, callback(), Constant())
        one.evaluate()
    assert read_record(run.path).metrics["eval/loss"].last == 1.0


@pytest.mark.parametrize("words", [{"log_model": "all"}, {"run": "abc"}])
def test_what_cannot_be_meant_is_refused(words: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="expected"):
        callback(**words)
