"""``run.watch(model)`` logs a model's gradients and parameters as they are before each step."""

from __future__ import annotations

import gc
import itertools
import math
from pathlib import Path
from typing import Any

import pytest

import runfolio
from runfolio.errors import MissingDependency, NoActiveRun, RunfolioWarning, UsageError
from runfolio.format.events import read_events
from runfolio.format.manifest import read_record
from runfolio.format.series import read_series
from runfolio.integrations.looks import Looks
from runfolio.integrations.tensors import histogram
from runfolio.model.media import MediaItem, media_items


@pytest.fixture(autouse=True)
def torch(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The package, the same numbers in each test."""
    monkeypatch.setenv("RUNFOLIO_CAPTURE", "false")
    import torch

    torch.manual_seed(0)
    return torch


def network(torch: Any) -> Any:
    return torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))


def train(torch: Any, model: Any, optimizer: Any, steps: int = 3, run: Any = None) -> list[float]:
    """Train, and return the length of all gradients before each step."""
    data = torch.randn(32, 8)
    wanted = torch.randint(0, 3, (32,))
    lengths = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(data), wanted)
        loss.backward()
        grads = [one.grad for one in model.parameters() if one.grad is not None]
        lengths.append(math.hypot(*(float(grad.norm()) for grad in grads)))
        optimizer.step()
        if run is not None:
            run.log({"loss": loss})
    return lengths


def histograms(path: Path) -> list[MediaItem]:
    events = [event for event in read_events(path) if event["kind"] == "media"]
    return [item for event in events for item in media_items(event) if item.type == "histogram"]


def test_norms_and_histograms_belong_to_the_step_that_is_logged_next(torch) -> None:
    model = network(torch)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with runfolio.init() as run:
        run.watch(model, log="all", log_freq=2)
        lengths = train(torch, model, optimizer, 5, run)
        weight = float(model[0].weight.detach().norm())
    series = read_series(run.path)
    assert series["gradient_norm"].step.tolist() == [0, 2, 4]
    assert series["gradient_norm"].value.tolist() == pytest.approx(lengths[::2])
    assert series["loss"].step.tolist() == [0, 1, 2, 3, 4]
    metrics = read_record(run.path).metrics
    assert metrics["parameter_norm/0.weight"].last == pytest.approx(weight, rel=0.05)
    assert metrics["learning_rate"].last == 0.1
    items = histograms(run.path)
    assert len(items) == 3 * 4 * 2
    counts = next(item for item in items if item.key == "gradients/0.weight").extra["counts"]
    assert sum(counts) == 8 * 16


def test_the_learning_rates_of_a_scheduler_and_of_each_group_are_logged(torch) -> None:
    model = network(torch)
    groups = [{"params": model[0].parameters()}, {"params": model[2].parameters(), "lr": 1.0}]
    optimizer = torch.optim.SGD(groups, 0.1)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    with runfolio.init() as run:
        run.watch(model, log=None, log_freq=1)
        for _ in range(3):
            train(torch, model, optimizer, 1, run)
            scheduler.step()
    series = read_series(run.path)
    assert series["learning_rate"].value.tolist() == pytest.approx([0.1, 0.05, 0.025])
    assert series["learning_rate/1"].value.tolist() == pytest.approx([1.0, 0.5, 0.25])
    assert [key for key in series if "norm" in key] == []


def test_rows_that_the_training_never_closes_stay_apart(torch) -> None:
    model = network(torch)
    with runfolio.init() as run:
        run.watch(model, log_freq=1)
        train(torch, model, torch.optim.SGD(model.parameters(), 0.1), 4)
    assert len(read_series(run.path)["gradient_norm"]) == 4


def test_watching_twice_logs_once_and_unwatching_ends_it(torch) -> None:
    from torch.optim import optimizer as hooks

    model = network(torch)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    before = len(hooks._global_optimizer_pre_hooks)
    with runfolio.init() as run:
        run.watch(model, log_freq=1)
        runfolio.watch(model, log_freq=1)
        train(torch, model, optimizer, 2, run)
        run.unwatch(model)
        train(torch, model, optimizer, 2, run)
        assert len(hooks._global_optimizer_pre_hooks) == before
        run.watch(model, log=None, log_freq=1)
        train(torch, model, optimizer, 1, run)
    assert len(read_series(run.path)["gradient_norm"]) == 2
    assert len(hooks._global_optimizer_pre_hooks) == before


def test_a_model_is_let_go_of_when_the_training_lets_go_of_it(torch) -> None:
    model = network(torch)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with runfolio.init() as run:
        run.watch(model, log_freq=1)
        train(torch, model, optimizer, 1, run)
        gone = __import__("weakref").ref(model)
        del model
        gc.collect()
        assert gone() is None
        optimizer.step()


def test_two_models_keep_their_names_apart_and_steps_of_another_do_not_count(torch) -> None:
    one, other, third = (network(torch) for _ in range(3))
    with runfolio.init() as run:
        run.watch([one, other], log_freq=1)
        for model in (one, other, third):
            train(torch, model, torch.optim.SGD(model.parameters(), 0.1), 2, run)
    series = read_series(run.path)
    assert series["gradient_norm"].step.tolist() == [0, 1]
    assert series["gradient_norm/model1"].step.tolist() == [2, 3]
    assert "gradient_norm/model1.0.weight" in series


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_a_compiled_model_keeps_the_names_of_its_parameters(torch, backend: str) -> None:
    model = torch.compile(network(torch), backend=backend)
    with runfolio.init() as run:
        run.watch(model, log_freq=1)
        train(torch, model, torch.optim.SGD(model.parameters(), 0.1), 2, run)
    assert len(read_series(run.path)["gradient_norm/0.weight"]) == 2


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's compiler uses its own old parts
def test_a_step_that_is_compiled_itself_is_looked_at_too(torch) -> None:
    model = network(torch)
    optimizer = torch.optim.Adam(model.parameters())
    step = torch.compile(optimizer.step, backend="eager")
    with runfolio.init() as run:
        run.watch(model, log_freq=1)
        for _ in range(2):
            model(torch.ones(4, 8)).sum().backward()
            step()
            run.log({"loss": 1})
    assert len(read_series(run.path)["gradient_norm"]) == 2


def test_a_distributed_model_keeps_the_names_of_its_parameters(torch, tmp_path: Path) -> None:
    import torch.distributed as dist

    dist.init_process_group("gloo", f"file://{tmp_path}/meet", rank=0, world_size=1)
    try:
        model = torch.nn.parallel.DistributedDataParallel(network(torch))
        with runfolio.init() as run:
            run.watch(model, log_freq=1)
            lengths = train(torch, model, torch.optim.SGD(model.parameters(), 0.1), 2, run)
    finally:
        dist.destroy_process_group()
    series = read_series(run.path)
    assert series["gradient_norm"].value.tolist() == pytest.approx(lengths)
    assert "gradient_norm/2.bias" in series


def test_gradients_that_turn_nan_are_told_once_and_the_training_goes_on(torch) -> None:
    model = network(torch)
    optimizer = torch.optim.SGD(model.parameters(), math.inf)
    with runfolio.init() as run:
        run.watch(model, log="all", log_freq=1)
        train(torch, model, optimizer, 4, run)
    record = read_record(run.path)
    assert (record.metrics["gradient_norm"].n, record.metrics["loss"].n) == (4, 4)
    assert record.metrics["gradient_norm"].nonfinite == 3
    alerts = [event for event in read_events(run.path) if event["kind"] == "alert"]
    assert len(alerts) == 1
    assert "is not finite" in alerts[0]["title"]
    assert "0.weight and 3 more" in alerts[0]["text"]


def test_gradients_are_told_without_the_scale_of_mixed_precision(torch) -> None:
    model = network(torch)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    with runfolio.init() as run:
        run.watch(model, log_freq=1)
        scaler.scale(model(torch.ones(4, 8)).sum()).backward()
        length = math.hypot(*(float(one.grad.norm()) for one in model.parameters()))
        scaler.step(optimizer)
        scaler.update()
        run.log({"loss": 1})
    assert read_series(run.path)["gradient_norm"].value.tolist() == pytest.approx([length / 1024])


class Odd:
    """Parameters of all kinds that there are; made late, for torch is."""

    def __new__(cls, torch: Any) -> Any:
        model = torch.nn.Module()
        model.rare = torch.nn.Embedding(50, 4, sparse=True)
        model.short = torch.nn.Parameter(torch.full((4,), 300.0, dtype=torch.float16))
        model.wave = torch.nn.Parameter(torch.ones(4, dtype=torch.complex64))
        model.none = torch.nn.Parameter(torch.zeros(0))
        model.frozen = torch.nn.Parameter(torch.ones(3), requires_grad=False)
        model.counts = torch.nn.Parameter(torch.arange(5), requires_grad=False)
        model.late = torch.nn.LazyLinear(2)
        model.nowhere = torch.nn.Parameter(torch.ones(3, device="meta"))
        return model


def test_parameters_of_all_kinds_are_looked_at(torch) -> None:
    model = Odd(torch)
    optimizer = torch.optim.SGD([model.rare.weight, model.short, model.wave], 0.1)
    with runfolio.init() as run:
        run.watch(model, log="all", log_freq=1)
        loss = model.rare(torch.tensor([1, 1, 2])).sum() + (model.short.sum() * 300).float()
        (loss + model.wave.abs().sum()).backward()
        optimizer.step()
        run.log({"loss": loss})
    metrics = read_record(run.path).metrics
    lengths = {
        name: metrics[f"gradient_norm/{name}"].last for name in ("rare.weight", "short", "wave")
    }
    assert lengths == pytest.approx({"rare.weight": math.sqrt(20), "short": 600, "wave": 2})
    assert metrics["parameter_norm/counts"].last == pytest.approx(math.sqrt(30))
    assert {key for key in metrics if "late" in key or "none" in key or "nowhere" in key} == set()


def test_large_parameters_are_counted_by_evenly_spaced_values(torch) -> None:
    model = torch.nn.Linear(1000, 1000)
    with runfolio.init() as run:
        run.watch(model, log="parameters", log_freq=1)
        torch.optim.SGD(model.parameters(), 0.1).step()
    (weight,) = [item for item in histograms(run.path) if item.key == "parameters/weight"]
    assert 16_000 < sum(weight.extra["counts"]) <= 16_384
    assert weight.extra["bins"][0] < -0.03 < 0.03 < weight.extra["bins"][-1]


def test_the_edges_of_values_that_lie_close_together_still_rise(torch) -> None:
    for values in ([1.0, 1.0000001, 1.0000002], [5.0] * 3, [0.0], [-1e-30, 1e-30], [-3e38, 3e38]):
        edges = histogram(torch.tensor(values)).bins
        assert all(one < other for one, other in itertools.pairwise(edges))
    assert histogram(torch.tensor([math.nan, math.inf])) is None
    assert sum(histogram(torch.tensor([math.nan, 1.0, 2.0])).histogram) == 2


def test_a_model_without_parameters_is_told_and_one_that_never_learns_too(torch) -> None:
    with runfolio.init() as run:
        with pytest.warns(RunfolioWarning, match="ReLU has no parameters"):
            run.watch(torch.nn.ReLU())
        run.log({"loss": 1})
    run = runfolio.init()
    run.watch(network(torch))
    with pytest.warns(RunfolioWarning, match="no optimizer of torch.optim made a step"):
        run.finish()


@pytest.mark.parametrize(
    ("given", "more", "told"),
    [
        ("a model", {}, "torch.nn.Module, or several, not"),
        (None, {"log": "grads"}, "log is 'grads'; expected"),
        (None, {"log_freq": 0}, "log_freq is 0"),
        (None, {"log_freq": 1.5}, "log_freq is 1.5"),
    ],
)
def test_what_cannot_be_watched_is_refused_at_the_call(torch, given, more, told: str) -> None:
    with runfolio.init() as run, pytest.raises(UsageError, match=told):
        run.watch(given or network(torch), **more)


def test_without_a_run_or_with_an_old_torch_it_says_what_to_do(torch, monkeypatch) -> None:
    with pytest.raises(NoActiveRun, match=r"runfolio\.init"):
        runfolio.watch(network(torch))
    monkeypatch.setattr("torch.__version__", "1.13.1+cu117")
    with runfolio.init() as run, pytest.raises(MissingDependency, match=r"torch 2\.3 or newer"):
        run.watch(network(torch))


def test_nothing_is_watched_for_a_run_that_is_disabled(torch) -> None:
    from torch.optim import optimizer as hooks

    before = len(hooks._global_optimizer_pre_hooks)
    with runfolio.init(mode="disabled") as run:
        run.watch(network(torch))
        assert len(hooks._global_optimizer_pre_hooks) == before


def test_looks_become_rarer_as_steps_become_many(monkeypatch: pytest.MonkeyPatch) -> None:
    def seen(cost_s: float, every: int | None = None) -> list[int]:
        now = [0.0]
        monkeypatch.setattr("runfolio.integrations.looks.time.perf_counter", lambda: now[0])
        looks, found = Looks(every), []
        for step in range(20_000):
            now[0] += 0.01
            if looks.is_due():
                found.append(step)
                looks.took(cost_s)
        return found

    cheap, costly, asked = seen(0.001), seen(0.1), seen(9.0, every=500)
    assert cheap[:4] == [0, 100, 200, 300]
    assert 100 < len(cheap) < 140
    assert 1 < len(costly) <= 200 * 0.02 / 0.1 + 1
    assert asked == list(range(0, 20_000, 500))
